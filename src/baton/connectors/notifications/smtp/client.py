"""One message, one connection: connect, log in, hand over, hang up.

No retry here: an Unknown goes back to the work that asked, which sends the same message with
the same Message-ID later.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path

from email_validator import EmailNotValidError
from pydantic import Field, SecretStr, field_validator

from baton.connectors.notifications.smtp.codec import (
    Letter,
    Sender,
    Stage,
    checked_address,
    read,
    written,
)
from baton.connectors.record import ConnectorSettings
from baton.notifications.port import Message, Outcome, Refusal, Sent, Unknown


class Security(StrEnum):
    """How the way to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class SmtpSettings(ConnectorSettings):
    """The mail server, how to log in, and whom mail comes from."""

    host: str = Field(min_length=1, description="The mail server's name or address.")
    port: int = Field(default=587, ge=1, le=65535, description="587, 465 for tls, 25 for none.")
    security: Security = Field(
        default=Security.STARTTLS,
        description="starttls (never falls back to clear text), tls from the first byte, none.",
    )
    ca_file: Path | None = Field(
        default=None, description="PEM file of a private authority, instead of the system's."
    )
    username: str = Field(default="", description="Empty: no log-in.")
    password: SecretStr = Field(default=SecretStr(""), description="For the log-in.")
    from_address: str = Field(min_length=3, description="Whom mail comes from.")
    from_name: str = Field(default="", description="The name shown beside from_address.")
    reply_to: str = Field(default="", description="Where answers go, if not to from_address.")
    timeout_s: float = Field(
        default=10, gt=0, le=120, description="Seconds to wait for each of the server's replies."
    )

    @field_validator("from_address", "reply_to")
    @classmethod
    def _usable(cls, address: str) -> str:
        try:
            checked = checked_address(address) if address else None
        except EmailNotValidError as error:
            raise ValueError(str(error)) from error
        if checked is not None and checked.ascii_email is None:
            raise ValueError("letters beyond ASCII before the @ are not understood everywhere")
        return checked.ascii_email or "" if checked is not None else ""

    @property
    def sender(self) -> Sender:
        return Sender(self.from_address, self.from_name, self.reply_to)


class SmtpMailer:
    """The `Mailer` of a mail server. It holds no connection between messages."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings

    def send(self, message: Message) -> Outcome:
        letter = written(message, self._settings.sender)
        if isinstance(letter, Refusal):
            return letter
        try:
            with self._connected() as smtp:
                return _handed_over(smtp, letter)
        except smtplib.SMTPResponseException as error:
            # a log-in may be answered with what was sent: only the code is repeated
            return Unknown(f"the mail server said no: {type(error).__name__} {error.smtp_code}")
        except (OSError, smtplib.SMTPException) as error:
            return Unknown(f"no answer from the mail server: {type(error).__name__}")

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A session, encrypted and logged in as the settings say. Hanging up can't fail."""
        settings = self._settings
        hello = settings.from_address.rpartition("@")[2]
        smtp: smtplib.SMTP
        if settings.security is Security.TLS:
            smtp = smtplib.SMTP_SSL(
                settings.host, settings.port, hello, timeout=settings.timeout_s, context=self._tls()
            )
        else:
            smtp = smtplib.SMTP(settings.host, settings.port, hello, timeout=settings.timeout_s)
        try:
            smtp.ehlo_or_helo_if_needed()
            if settings.security is Security.STARTTLS:
                smtp.starttls(context=self._tls())
                smtp.ehlo_or_helo_if_needed()
            if settings.username:
                smtp.login(settings.username, settings.password.get_secret_value())
            yield smtp
            with suppress(OSError, smtplib.SMTPException):
                smtp.quit()
        finally:
            smtp.close()

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._settings.ca_file)


def _handed_over(smtp: smtplib.SMTP, letter: Letter) -> Outcome:
    if letter.needs_utf8 and not smtp.has_extn("smtputf8"):
        return Refusal("address_unsupported", "the mail server takes ASCII addresses only")
    options = ["SMTPUTF8", "BODY=8BITMIME"] if letter.needs_utf8 else []
    for stage in (Stage.MAIL, Stage.RCPT, Stage.DATA):
        match stage:
            case Stage.MAIL:
                code, text = smtp.mail(letter.sender, options)
            case Stage.RCPT:
                code, text = smtp.rcpt(letter.recipient)
            case Stage.DATA:
                code, text = smtp.data(letter.content)
        told = read(stage, code, text)
        if told is not None:
            return told
    return Sent(text.decode("utf-8", "replace"))
