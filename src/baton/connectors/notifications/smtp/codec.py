"""Messages as mail, and a mail server's replies as outcomes. Pure both ways.

The same message gives the same bytes, down to the boundary between its parts.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from enum import StrEnum

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from baton.notifications.port import Message, Refusal, Unknown

HEADER_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom mail comes from, and where answers go if that is somewhere else."""

    address: str
    name: str = ""
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready for the wire: envelope and content."""

    sender: str
    recipient: str
    content: bytes
    needs_utf8: bool
    """The recipient's address has letters beyond ASCII before the @ (RFC 6531)."""


def written(message: Message, sender: Sender) -> Letter | Refusal:
    """The message as multipart mail; a Refusal where there is no such address."""
    try:
        to = checked_address(message.to)
    except EmailNotValidError as error:
        return Refusal("recipient_invalid", str(error))
    needs_utf8 = to.ascii_email is None
    recipient = to.ascii_email or to.normalized
    mail = EmailMessage(policy=SMTPUTF8 if needs_utf8 else SMTP)
    mail["Message-ID"] = _line(message.message_id)
    mail["Date"] = format_datetime(message.written_at.astimezone(UTC))
    mail["From"] = _mailbox(sender.address, sender.name)
    mail["To"] = _mailbox(recipient, message.to_name)
    if sender.reply_to:
        mail["Reply-To"] = _mailbox(sender.reply_to, "")
    mail["Subject"] = _line(message.subject)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office notes back, please
    mail.set_content(_text(message.text), cte="quoted-printable")
    if message.html:
        mail.add_alternative(_text(message.html), subtype="html", cte="quoted-printable")
        mail.set_boundary("=_" + hashlib.sha256(message.message_id.encode()).hexdigest()[:32])
    for attached in message.attachments:
        kind, _, subtype = attached.media_type.partition("/")
        mail.add_attachment(
            attached.content, kind, subtype or "octet-stream", filename=_line(attached.name)
        )
    if message.attachments:
        outer = hashlib.sha256(f"{message.message_id} all".encode()).hexdigest()[:32]
        mail.set_boundary(f"=_{outer}")
    return Letter(sender.address, recipient, mail.as_bytes(), needs_utf8)


def checked_address(address: str) -> ValidatedEmail:
    """Raises EmailNotValidError; whether anybody reads mail there is not looked up."""
    return validate_email(
        address, check_deliverability=False, globally_deliverable=False, test_environment=True
    )


def _mailbox(address: str, name: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(_line(name), local, domain)


def _line(text: str) -> str:
    """One printable line of at most HEADER_LENGTH_MAX characters, so that no text can add a
    header or make a line longer than mail servers take (998, RFC 5322 section 2.1.1).
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= HEADER_LENGTH_MAX else line[: HEADER_LENGTH_MAX - 1] + "…"


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


class Stage(StrEnum):
    """The step of the exchange that a reply belongs to. *Source:* RFC 5321, section 3.3."""

    MAIL = "MAIL FROM"
    RCPT = "RCPT TO"
    DATA = "DATA"


_REFUSALS = {Stage.RCPT: "recipient_refused", Stage.DATA: "message_refused"}


def read(stage: Stage, code: int, text: bytes) -> Refusal | Unknown | None:
    """What a reply means; None for "go on".

    A permanent no (5yz) about the recipient or the message is final. One about the sender is
    no fault of this message: it is kept, and goes out once the set-up is mended. *Source:* RFC
    5321, section 4.2.1 for the first digit.
    """
    said = f"{stage}: {code} {text.decode('utf-8', 'replace')}"
    if 200 <= code <= 299:
        return None
    if 500 <= code <= 599 and stage in _REFUSALS:
        return Refusal(_REFUSALS[stage], said)
    return Unknown(said)
