"""A sender of texts that sends nothing: it speaks Twilio's Messages API and keeps a ledger.

    python -m example.textsink --ledger texts.jsonl

It prints its address as one JSON line. Each text is one line of the ledger, on disk before the
sender hears that it was taken. Numbers that end in 0000 are refused as no number, and those that
end in 9999 as unsubscribed.
"""

from __future__ import annotations

import argparse
import base64
import hmac
import json
import os
import threading
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from example.faults import Odds, Plan
from example.process import add_common_options, announce, on_end

ACCOUNT = "AC" + "0" * 32


class Ledger:
    """All texts that were taken, in the order of their coming."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab")
        self._lock = threading.Lock()
        self.texts: list[dict[str, Any]] = []

    def take(self, to: str, sender: str, body: str) -> dict[str, Any]:
        with self._lock:
            text = {
                "sid": f"SM{len(self.texts) + 1:032x}",
                "to": to,
                "from": sender,
                "body": body,
                "status": "queued",
                "error_code": None,
                "date_created": format_datetime(datetime.now(UTC)),
            }
            self.texts.append(text)
            self._file.write(json.dumps(text).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            return text


class Handler(BaseHTTPRequestHandler):
    """One request; what all share hangs on the server."""

    server: Sink

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", "0"))
        form = {k: v[0] for k, v in parse_qs(self.rfile.read(length).decode()).items()}
        if not self._known():
            return self._answer(401, {"code": 20003, "message": "Authenticate", "status": 401})
        to, body = form.get("To", ""), form.get("Body", "")
        sender = form.get("From") or form.get("MessagingServiceSid", "")
        if refused := _refused(to, body):
            return self._answer(400, refused)
        fate = self.server.plan.fate(f"{to} {body}")
        if fate.error == "before":
            return self._answer(500, {"message": "something broke"})
        text = self.server.ledger.take(to, sender, body)
        time.sleep(fate.delay_s)
        if fate.drop_answer:
            self.close_connection = True
            self.connection.close()
            return None
        if fate.error:
            return self._answer(500, {"message": "something broke"})
        return self._answer(201, text)

    def do_GET(self) -> None:
        if not self._known():
            return self._answer(401, {"code": 20003, "message": "Authenticate", "status": 401})
        asked = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        found = [t for t in reversed(self.server.ledger.texts) if t["to"] == asked.get("To")]
        size = int(asked.get("PageSize", "50"))
        more = f"{self.path}&Page=1" if len(found) > size else None
        return self._answer(200, {"messages": found[:size], "next_page_uri": more})

    def _known(self) -> bool:
        given = self.headers.get("authorization", "").removeprefix("Basic ")
        wanted = base64.b64encode(f"{ACCOUNT}:{self.server.token}".encode()).decode()
        right = hmac.compare_digest(given, wanted)
        return right and urlsplit(self.path).path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing is said about requests: the ledger says it."""


class Sink(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, ledger: Ledger, plan: Plan, token: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.ledger, self.plan, self.token = ledger, plan, token


def _refused(to: str, body: str) -> dict[str, Any] | None:
    code, message = 0, ""
    if not to.startswith("+") or not to[1:].isdigit() or to.endswith("0000"):
        code, message = 21211, f"Invalid 'To' Phone Number: {to}"
    elif to.endswith("9999"):
        code, message = 21610, "Attempt to send to unsubscribed recipient"
    elif not body:
        code, message = 21619, "A text message body or media urls must be specified."
    elif len(body) > 1600:
        code, message = 21617, "The concatenated message body exceeds the 1600 character limit"
    return {"code": code, "message": message, "status": 400} if code else None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m example.textsink", description=__doc__)
    add_common_options(parser)
    parser.add_argument("--ledger", type=Path, required=True, help="JSON lines, appended to")
    parser.add_argument("--seed", type=int, default=0, help="of the faults")
    parser.add_argument(
        "--fault", type=Odds.parse, default=Odds(), help="drop_answer, delay and error are heeded"
    )
    parser.add_argument("--token", default="token_fake", help="that senders must give")
    options = parser.parse_args()
    sink = Sink(
        options.port, Ledger(options.ledger), Plan(options.fault, options.seed), options.token
    )
    on_end(sink.shutdown, while_stdin_open=options.while_stdin_open)
    port = sink.server_address[1]
    announce(
        address=f"http://127.0.0.1:{port}",
        port=port,
        account=ACCOUNT,
        ledger=str(options.ledger),
    )
    sink.serve_forever()


if __name__ == "__main__":
    main()
