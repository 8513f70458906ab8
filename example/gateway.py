"""A fake payment gateway: a process of its own that moves no money, but remembers as if it did.

    python -m example.gateway --ledger gateway.jsonl --seed 7 --fault drop_answer=0.05,delay=0.1:1s

It prints its address as one JSON line, does each key's work once, and writes it to its ledger
before it answers. It can be told to answer late, twice or not at all after doing the work.
The language it speaks is described in src/baton/connectors/payments/fake/README.md.
"""

from __future__ import annotations

import argparse
import hmac
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from example.books import Asked, Books, KeyReused
from example.faults import Odds, Plan
from example.process import add_common_options, announce, on_end
from example.telling import Json, Telling

BODY_BYTES_MAX = 64 * 1024
_PATHS = {
    "/v1/authorisations": ("authorise", "method"),
    "/v1/captures": ("capture", "authorisation"),
    "/v1/voids": ("void", "authorisation"),
    "/v1/refunds": ("refund", "capture"),
}
_CARD_LIKE = re.compile(r"[0-9](?:[ -]?[0-9]){12,18}")


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: Json | list[Json]


class RequestInvalid(ValueError):
    """The body of a request can't be used."""


class Gateway:
    """What is done with a request, HTTP aside."""

    def __init__(
        self, books: Books, plan: Plan, callback: str, api_key: str, telling: Telling
    ) -> None:
        self.books, self.plan, self.telling = books, plan, telling
        self._callback, self._credentials = callback, f"Bearer {api_key}".encode()
        self._callers = ThreadPoolExecutor(max_workers=4)

    def knows(self, authorization: str) -> bool:
        return hmac.compare_digest(authorization.encode(), self._credentials)

    def do(self, operation: str, asked: Asked) -> Reply:
        try:
            entry = self.books.do(operation, asked, self.plan.declines)
        except KeyReused:
            return _error(422, "key_reused", "this key came with another request before")
        return Reply(402 if entry.outcome == "declined" else 200, entry.answer())

    def lookup(self, key: str) -> Reply:
        entry = self.books.found(key)
        if entry is None:
            return _error(404, "key_unknown", "no request with this key has come in", key=key)
        return Reply(200, entry.answer())

    def ledger(self) -> Reply:
        return Reply(200, {"entries": [asdict(entry) for entry in self.books.entries()]})

    def call_back(self, reply: Reply) -> None:
        """Tells the other side once more, twice over, some time after it was answered."""
        if self._callback and "outcome" in reply.body:
            for after_s in (0.05, 0.1):
                self._callers.submit(_post, self._callback, reply.body, after_s)

    def tell(self, answer: Json | None = None, dispute: Json | None = None) -> None:
        """Sends a signed webhook, if somebody is to be told."""
        url = self.telling.address
        if url:
            self._callers.submit(self.telling.send, url, answer, dispute)

    def close(self) -> None:
        self._callers.shutdown(cancel_futures=True)


def asked_in(raw: bytes, previous: str) -> Asked:
    """The request in a body; `previous` names the field beside the four that all have."""
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise RequestInvalid("the body is not JSON") from error
    names = {"key", "amount", "currency", "reference", previous}
    if not isinstance(body, dict) or set(body) != names:
        raise RequestInvalid(f"the fields must be {', '.join(sorted(names))}")
    amount = body.pop("amount")
    if type(amount) is not int or not 0 < amount < 10**15:
        raise RequestInvalid("amount must be a positive integer")
    for name, value in body.items():
        if not isinstance(value, str) or not value or len(value) > 500:
            raise RequestInvalid(f"{name} must be a text of 1 to 500 characters")
    if _CARD_LIKE.fullmatch(body.get("method", "")):
        raise RequestInvalid("card numbers are not taken here")
    return Asked(
        key=body["key"],
        amount=amount,
        currency=body["currency"],
        reference=body["reference"],
        method=body.get("method", ""),
        previous="" if previous == "method" else body[previous],
    )


def _error(status: int, error: str, message: str, **more: str) -> Reply:
    return Reply(status, {"error": error, "message": message, **more})


def _post(url: str, body: Json, after_s: float) -> None:
    time.sleep(after_s)
    request = urllib.request.Request(  # noqa: S310 (the address comes from the command line)
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    try:
        urllib.request.urlopen(request, timeout=2).close()  # noqa: S310
    except (urllib.error.URLError, OSError):
        return  # whoever does not listen is not told again: a callback promises nothing


class Handler(BaseHTTPRequestHandler):
    """One connection, kept open between requests."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30

    def __init__(self, gateway: Gateway, *rest: object) -> None:
        self.gateway = gateway
        super().__init__(*rest)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        match url.path:
            case "/healthz":
                self._send(Reply(200, {"status": "ok"}))
            case "/ledger":
                self._send(self.gateway.ledger())
            case "/v1/movements":
                since = parse_qs(url.query).get("since", [""])[0]
                self._answer("movements", lambda: Reply(200, self.gateway.books.moved(since)))
            case "/v1/operations":
                key = parse_qs(url.query).get("key", [""])[0]
                self._answer(f"lookup {key}", lambda: self.gateway.lookup(key))
            case _:
                self._send(_error(404, "path_unknown", "there is nothing here"))

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > BODY_BYTES_MAX:
            self.close_connection = True
            return self._send(_error(400, "request_invalid", "a body of up to 64 KiB is needed"))
        raw = self.rfile.read(int(length))
        if self.path in ("/test/disputes", "/test/payouts", "/test/captures", "/test/webhooks"):
            return self._send(self._happen(self.path, raw))
        if self.path not in _PATHS:
            return self._send(_error(404, "path_unknown", "there is nothing here"))
        operation, previous = _PATHS[self.path]
        try:
            asked = asked_in(raw, previous)
        except RequestInvalid as error:
            return self._send(_error(400, "request_invalid", str(error)))
        return self._answer(asked["key"], lambda: self.gateway.do(operation, asked))

    def _answer(self, key: str, work: Callable[[], Reply]) -> None:
        """Does the work and tells what came of it, unless the plan has something worse."""
        if not self.gateway.knows(self.headers.get("Authorization", "")):
            return self._send(_error(401, "api_key_unknown", "the API key is missing or wrong"))
        fate = self.gateway.plan.fate(key)
        if fate.error == "before":
            return self._send(_error(500, "broken", "something broke"))
        reply = work()
        if "outcome" in reply.body:
            self.gateway.tell(answer=reply.body)
        if fate.delay_s:
            time.sleep(fate.delay_s)
        if fate.twice:
            self.gateway.call_back(reply)
        if fate.drop_answer:
            self.close_connection = True
            return None
        if fate.error == "after":
            return self._send(_error(500, "broken", "something broke"))
        return self._send(reply, times=2 if fate.twice else 1)

    def _happen(self, path: str, raw: bytes) -> Reply:
        """Something happens at the gateway that nobody asked for."""
        gateway = self.gateway
        try:
            asked = json.loads(raw or b"{}")
            match path:
                case "/test/disputes":
                    dispute = gateway.telling.dispute(gateway.books, **asked)
                    gateway.tell(dispute=dispute)
                    return Reply(200, dispute)
                case "/test/payouts":
                    return Reply(200, {"csv": gateway.telling.payout(gateway.books, **asked)})
                case "/test/webhooks":
                    gateway.telling.address = asked["address"]
                    return Reply(200, {})
                case _:
                    return Reply(200, gateway.books.unasked(**asked))
        except (ValueError, TypeError, KeyError) as error:
            return _error(400, "request_invalid", str(error))

    def _send(self, reply: Reply, *, times: int = 1) -> None:
        body = json.dumps(reply.body).encode()
        head = (
            f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            self.wfile.write((head.encode() + body) * times)
        except OSError:
            self.close_connection = True  # whoever asked has hung up: the work stands

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the ledger is the log."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m example.gateway", description=__doc__)
    add_common_options(parser)
    parser.add_argument("--ledger", type=Path, required=True, help="JSON lines, appended to")
    parser.add_argument("--seed", type=int, default=0, help="of the faults")
    parser.add_argument("--fault", type=Odds.parse, default=Odds(), help="name=probability,…")
    parser.add_argument("--callback", default="", help="an address told of answers given twice")
    parser.add_argument(
        "--webhooks", default="", help="an address told of all that is done, signed"
    )
    parser.add_argument("--webhook-secret", default="whsec_fake")
    parser.add_argument("--api-key", default="sk_fake")
    parser.add_argument(
        "--authorisation-days", type=int, default=7, help="0: they never lapse and don't say"
    )
    options = parser.parse_args()
    books = Books(options.ledger, authorisation_days=options.authorisation_days)
    telling = Telling(options.ledger, options.webhooks, options.webhook_secret)
    plan = Plan(options.fault, options.seed)
    gateway = Gateway(books, plan, options.callback, options.api_key, telling)
    with Server(("127.0.0.1", options.port), partial(Handler, gateway)) as server:
        on_end(server.shutdown, while_stdin_open=options.while_stdin_open)
        address = f"http://127.0.0.1:{server.server_address[1]}"
        announce(address=address, ledger=str(options.ledger))
        server.serve_forever(poll_interval=0.05)
    gateway.close()


if __name__ == "__main__":
    main()
