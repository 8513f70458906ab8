"""HTTP to Twilio, and nothing else: one try, a time limit, a size limit, a connection a call.

Repeating is not done here: it belongs to the work that carries the message, which looks the text
up before it sends it again.
"""

from __future__ import annotations

import httpx2
from pydantic import AnyHttpUrl, Field, SecretStr

from baton.connectors.answers import Answer, NoAnswer, ask
from baton.connectors.record import ConnectorSettings
from baton.connectors.sms.twilio import codec
from baton.notifications.port import LookedUp, Outcome, TextMessage, Unknown

ANSWER_BYTES_MAX = 1024 * 1024


class TwilioSettings(ConnectorSettings):
    """The account, how to log in, and whom texts come from."""

    account_sid: str = Field(pattern="^AC[0-9a-f]{32}$", description="The account, AC….")
    auth_token: SecretStr = Field(description="Its token, or the secret of an API key.")
    user: str = Field(default="", description="SID of an API key (SK…); else the account.")
    sender: str = Field(
        min_length=3, max_length=40, description="A number, a name, or a messaging service (MG…)."
    )
    address: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://api.twilio.com"), description="Where the API is."
    )
    timeout_s: float = Field(
        default=10, gt=0, le=60, description="Seconds after which an answer counts as missing."
    )


class TwilioTexts:
    """The `TextSender` of Twilio. Shared by all threads."""

    def __init__(
        self, settings: TwilioSettings, *, transport: httpx2.BaseTransport | None = None
    ) -> None:
        self._account, self._sender = settings.account_sid, settings.sender
        self._timeout_s = settings.timeout_s
        self._http = httpx2.Client(
            base_url=str(settings.address),
            auth=(settings.user or settings.account_sid, settings.auth_token.get_secret_value()),
            headers={"Accept-Encoding": "identity"},
            timeout=settings.timeout_s,
            limits=httpx2.Limits(max_connections=16, max_keepalive_connections=0),
            follow_redirects=False,
            transport=transport,
        )

    def send(self, text: TextMessage) -> Outcome:
        answer = self._ask(codec.written(text, self._account, self._sender))
        return answer if isinstance(answer, Unknown) else codec.read(text, answer)

    def lookup(self, text: TextMessage) -> LookedUp:
        answer = self._ask(codec.written_lookup(text, self._account))
        return answer if isinstance(answer, Unknown) else codec.read_lookup(text, answer)

    def close(self) -> None:
        self._http.close()

    def _ask(self, call: codec.Call) -> Answer | Unknown:
        form = (
            {"Content-Type": "application/x-www-form-urlencoded"} if call.body is not None else {}
        )
        answer = ask(
            self._http, call.path, call.body, form,
            timeout_s=self._timeout_s, most=ANSWER_BYTES_MAX,
        )  # fmt: skip
        return Unknown(answer.reason) if isinstance(answer, NoAnswer) else answer
