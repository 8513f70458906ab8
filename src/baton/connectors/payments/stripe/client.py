"""HTTP to Stripe, and nothing else: one try, a time limit, a size limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import httpx2
from pydantic import AnyHttpUrl, Field, SecretStr

from baton.connectors.answers import Answer, NoAnswer, ask
from baton.connectors.payments.stripe import codec, telling
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

ANSWER_BYTES_MAX = 256 * 1024
LIST_BYTES_MAX = 16 * 1024 * 1024
PAGES_MAX = 20
_VERSION = "2024-06-20"


class StripeSettings(ConnectorSettings):
    """An account at Stripe."""

    api_key: SecretStr = Field(description="A restricted or secret key: `rk_…` or `sk_…`.")
    webhook_secret: SecretStr = Field(
        default=SecretStr(""), description="The signing secret of the webhook: `whsec_…`."
    )
    address: AnyHttpUrl = Field(
        default=AnyHttpUrl("https://api.stripe.com"), description="Where the API is."
    )
    timeout_s: float = Field(
        default=20, gt=0, le=60, description="Seconds after which an answer counts as missing."
    )


class StripeGateway:
    """The `Gateway` of Stripe. Shared by all threads."""

    def __init__(
        self, settings: StripeSettings, *, transport: httpx2.BaseTransport | None = None
    ) -> None:
        self._timeout_s = settings.timeout_s
        self._webhook_secret = settings.webhook_secret
        self._http = httpx2.Client(
            base_url=str(settings.address),
            headers={
                "Authorization": f"Bearer {settings.api_key.get_secret_value()}",
                "Stripe-Version": _VERSION,
                "Accept-Encoding": "identity",  # so that the size limit is that of the answer
            },
            timeout=settings.timeout_s,
            limits=httpx2.Limits(max_connections=64, max_keepalive_connections=0),
            transport=transport,
        )

    def authorise(self, request: AuthoriseRequest) -> Outcome:
        return self._ask(request)

    def capture(self, request: CaptureRequest) -> Outcome:
        """Capture; the payment is read first, for Stripe takes the amount of a capture in the
        payment's currency, whichever was meant."""
        answer = self._send(codec.one_intent(request.authorisation))
        if isinstance(answer, Unknown):
            return answer
        return codec.unfit(request, answer) or self._ask(request)

    def void(self, request: VoidRequest) -> Outcome:
        return self._ask(request)

    def refund(self, request: RefundRequest) -> Outcome:
        return self._ask(request)

    def lookup(self, idempotency_key: str) -> LookedUp:
        """What became of the request with this key: by the traces that it left in metadata.

        A decline leaves none but in the stored answer, and neither does a void: those are asked
        again under the same key.
        """
        made = self._search(codec.found_intent(idempotency_key))
        if isinstance(made, Unknown):
            return made
        captured = self._search(codec.found_capture(idempotency_key))
        if isinstance(captured, Unknown):
            return captured
        refunds = [] if made or captured else self._refunds(idempotency_key)
        if isinstance(refunds, Unknown):
            return refunds
        return codec.looked_up(made, captured, refunds)

    def heard(
        self, headers: Mapping[str, str], body: bytes, now: datetime, *, replay: bool = False
    ) -> Heard:
        """Judge a webhook by its signature over the raw body."""
        secret = self._webhook_secret.get_secret_value()
        return telling.read(headers, body, secret, now, replay=replay)

    def payouts(self, text: str) -> Sequence[PayoutFile]:
        """The payouts in an itemised payout reconciliation report. Raises PayoutUnreadable."""
        return telling.read_payouts(text)

    def movements(self, since: datetime) -> Sequence[Movement] | None:
        """Captures since then, from Stripe's own search; None where it did not answer."""
        query = f"created>{int(since.timestamp())}"
        call = codec.Call(f"/v1/payment_intents/search?limit=100&query={query}", None)
        answer = self._send(call, LIST_BYTES_MAX)
        found = answer if isinstance(answer, Unknown) else codec.read_intents(answer)
        if isinstance(found, Unknown):
            return None
        return [made for intent in found if (made := telling.movement(intent)) is not None]

    def close(self) -> None:
        self._http.close()

    def _ask(self, request: GatewayRequest) -> Outcome:
        answer = self._send(codec.written(request))
        return answer if isinstance(answer, Unknown) else codec.read(request, answer)

    def _search(self, call: codec.Call) -> list[codec.Intent] | Unknown:
        answer = self._send(call)
        return answer if isinstance(answer, Unknown) else codec.read_intents(answer)

    def _refunds(self, idempotency_key: str) -> list[codec.Refund] | Unknown:
        """Refunds can't be searched, only listed, the newest first."""
        after = ""
        for _ in range(PAGES_MAX):
            answer = self._send(codec.Call(f"/v1/refunds?limit=100{after}", None), LIST_BYTES_MAX)
            page = answer if isinstance(answer, Unknown) else codec.read_refunds(answer)
            if isinstance(page, Unknown):
                return page
            own = [r for r in page.data if (r.metadata or {}).get("baton_key") == idempotency_key]
            if own or not page.has_more or not page.data:
                return own
            after = f"&starting_after={page.data[-1].id}"
        return Unknown(f"it is none of the last {PAGES_MAX * 100} refunds")

    def _send(self, call: codec.Call, most: int = ANSWER_BYTES_MAX) -> Answer | Unknown:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if call.body else {}
        if call.idempotency_key:
            headers["Idempotency-Key"] = call.idempotency_key
        answer = ask(
            self._http, call.path, call.body, headers, timeout_s=self._timeout_s, most=most
        )
        return Unknown(answer.reason) if isinstance(answer, NoAnswer) else answer
