"""A mail server that delivers nothing: it keeps every message in a file.

    python -m example.mailsink --box mail.jsonl

It prints its address as one JSON line. Each message is one line of the file, on disk before the
sender hears that it was taken; with its Message-ID, so that one that came twice can be told.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import ssl
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from example.faults import Odds, Plan
from example.process import add_common_options, announce, on_end


@dataclass(frozen=True, slots=True)
class Kept:
    """One line of the box: what came in, once per time that it came in."""

    no: int
    at: str
    message_id: str
    sender: str
    recipients: list[str]
    subject: str
    date: str
    text: str
    html: str
    size: int


class Box:
    """The file, and the faults. Everything runs in one thread."""

    def __init__(self, path: Path, plan: Plan) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._plan = plan
        self._no = sum(1 for _ in path.open("rb")) if path.exists() else 0
        self._file = path.open("ab")

    async def handle_DATA(  # noqa: N802 (aiosmtpd calls it by this name)
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.original_content or b""
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        fate = self._plan.fate(str(mail["Message-ID"]))
        if fate.error == "before":
            return "451 4.3.0 something broke"
        self._keep(mail, envelope, len(content))
        await asyncio.sleep(fate.delay_s)
        if fate.drop_answer and server.transport is not None:
            server.transport.close()
        return "451 4.3.0 something broke" if fate.error else f"250 2.0.0 kept as {self._no}"

    def _keep(self, mail: EmailMessage, envelope: Envelope, size: int) -> None:
        self._no += 1
        parts = dict(_parts(mail))
        kept = Kept(
            no=self._no,
            at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            message_id=str(mail["Message-ID"] or ""),
            sender=envelope.mail_from or "",
            recipients=list(envelope.rcpt_tos),
            subject=str(mail["Subject"] or ""),
            date=str(mail["Date"] or ""),
            text=parts.get("plain", ""),
            html=parts.get("html", ""),
            size=size,
        )
        self._file.write(json.dumps(asdict(kept)).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def _parts(mail: EmailMessage) -> Iterator[tuple[str, str]]:
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            yield part.get_content_subtype(), part.get_content()


async def serve(options: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    box = Box(options.box, Plan(options.fault, options.seed))
    tls = None
    if options.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.certificate)
    user, _, password = options.login.partition(":")

    def knows(*asked: object) -> AuthResult:
        given = asked[-1]
        right = LoginPassword(user.encode(), password.encode())
        return AuthResult(success=given == right, handled=False)

    def session() -> SMTP:
        return SMTP(
            box,
            hostname="mailsink.localdomain",
            enable_SMTPUTF8=True,
            tls_context=tls,
            authenticator=knows,
            auth_required=bool(user),
            auth_require_tls=tls is not None,
            loop=loop,
        )

    server = await loop.create_server(session, "127.0.0.1", options.port)
    ended = asyncio.Event()
    on_end(lambda: loop.call_soon_threadsafe(ended.set), while_stdin_open=options.while_stdin_open)
    port = server.sockets[0].getsockname()[1]
    announce(host="127.0.0.1", port=port, address=f"smtp://127.0.0.1:{port}", box=str(options.box))
    await ended.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m example.mailsink", description=__doc__)
    add_common_options(parser)
    parser.add_argument("--box", type=Path, required=True, help="JSON lines, appended to")
    parser.add_argument("--seed", type=int, default=0, help="of the faults")
    parser.add_argument(
        "--fault", type=Odds.parse, default=Odds(), help="drop_answer, delay and error are heeded"
    )
    parser.add_argument("--login", default="", help="user:password that senders must give")
    parser.add_argument("--certificate", type=Path, help="PEM with key: offers STARTTLS")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
