"""HTTP to the fake gateway, and nothing else: one try, a time limit, a size limit.

Each call has a connection of its own. On a kept one, an answer that is sent twice is read as
the answer to the next question, and every answer after it goes to the wrong question.

Repeating is not done here: it belongs to the work that carries the intent, which knows how
often and when.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

import httpx2
from pydantic import AnyHttpUrl, Field, SecretStr

from baton.connectors.answers import Answer, NoAnswer, ask
from baton.connectors.payments.fake import codec, telling
from baton.connectors.record import ConnectorSettings
from baton.payments.news import Heard, Movement, PayoutFile
from baton.payments.port import (
    AuthoriseRequest,
    CaptureRequest,
    GatewayRequest,
    LookedUp,
    Outcome,
    RefundRequest,
    Unknown,
    VoidRequest,
)

ANSWER_BYTES_MAX = 64 * 1024
LIST_BYTES_MAX = 16 * 1024 * 1024


class FakeSettings(ConnectorSettings):
    """Where the fake gateway listens, and how long to wait for it."""

    address: AnyHttpUrl = Field(description="The address that the process printed.")
    api_key: SecretStr = Field(
        default=SecretStr("sk_fake"), description="The --api-key that the process was given."
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr("whsec_fake"),
        description="The --webhook-secret that the process was given.",
    )
    timeout_s: float = Field(
        default=10, gt=0, le=60, description="Seconds after which an answer counts as missing."
    )


class FakeGateway:
    """The `Gateway` of the fake. Shared by all threads."""

    def __init__(
        self, settings: FakeSettings, *, transport: httpx2.BaseTransport | None = None
    ) -> None:
        self._timeout_s = settings.timeout_s
        self._webhook_secret = settings.webhook_secret
        self._http = httpx2.Client(
            base_url=str(settings.address),
            headers={
                "Authorization": f"Bearer {settings.api_key.get_secret_value()}",
                "Accept-Encoding": "identity",  # so that the size limit is that of the answer
            },
            timeout=settings.timeout_s,
            limits=httpx2.Limits(max_connections=64, max_keepalive_connections=0),
            trust_env=False,  # never through a proxy: it is on this machine
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # trusts nobody: it speaks plain HTTP
            transport=transport,
        )

    def authorise(self, request: AuthoriseRequest) -> Outcome:
        return self._ask(request)

    def capture(self, request: CaptureRequest) -> Outcome:
        return self._ask(request)

    def void(self, request: VoidRequest) -> Outcome:
        return self._ask(request)

    def refund(self, request: RefundRequest) -> Outcome:
        return self._ask(request)

    def heard(
        self, headers: Mapping[str, str], body: bytes, now: datetime, *, replay: bool = False
    ) -> Heard:
        """Judge a webhook by its signature over the raw body."""
        secret = self._webhook_secret.get_secret_value()
        return telling.read(headers, body, secret, now, replay=replay)

    def payouts(self, text: str) -> Sequence[PayoutFile]:
        """The payouts in a file. Raises PayoutUnreadable."""
        return telling.read_payouts(text)

    def movements(self, since: datetime) -> Sequence[Movement] | None:
        """Captures and refunds since then; None where it did not answer."""
        answer = self._send(
            codec.Call(f"/v1/movements?since={quote(since.isoformat())}", None), LIST_BYTES_MAX
        )
        if isinstance(answer, Unknown) or answer.status != 200:
            return None
        return telling.read_movements(answer.body)

    def lookup(self, idempotency_key: str) -> LookedUp:
        answer = self._send(codec.written_lookup(idempotency_key))
        if isinstance(answer, Unknown):
            return answer
        return codec.read_lookup(idempotency_key, answer)

    def close(self) -> None:
        self._http.close()

    def _ask(self, request: GatewayRequest) -> Outcome:
        answer = self._send(codec.written(request))
        return answer if isinstance(answer, Unknown) else codec.read(request, answer)

    def _send(self, call: codec.Call, most: int = ANSWER_BYTES_MAX) -> Answer | Unknown:
        headers = {"Content-Type": "application/json"} if call.body is not None else {}
        answer = ask(
            self._http, call.path, call.body, headers, timeout_s=self._timeout_s, most=most
        )
        return Unknown(answer.reason) if isinstance(answer, NoAnswer) else answer
