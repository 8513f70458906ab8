"""Stripe's language, pure both ways: forms go out, JSON comes back. Explained in README.md.

Fields that Baton has no use for are passed over, for Stripe adds new ones; those that it uses must
have the right type and fit the question, or the answer is `Unknown`.
*Source:* docs.stripe.com/api, version 2024-06-20 and later: PaymentIntents, Refunds, Errors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, assert_never
from urllib.parse import quote, urlencode

import msgspec

from baton.connectors.answers import Answer
from baton.payments.port import (
    AuthoriseRequest,
    CaptureRequest,
    DeclineCode,
    Declined,
    GatewayRequest,
    LookedUp,
    NeverReceived,
    Outcome,
    RefundRequest,
    Succeeded,
    Unknown,
    VoidRequest,
)
from baton.values.money import Money


@dataclass(frozen=True, slots=True)
class Call:
    """An HTTP request, but for the address and the credentials. No body means GET."""

    path: str
    body: bytes | None
    idempotency_key: str = ""


# ── ours → theirs ──────────────────────────────────────────────────────────────────────────


def mark(idempotency_key: str) -> str:
    """The name under which a request leaves its trace in metadata: at most 40 characters."""
    return f"baton_{hashlib.sha256(idempotency_key.encode()).hexdigest()[:32]}"


def header_key(idempotency_key: str) -> str:
    """The Idempotency-Key that is sent: headers are ASCII, our keys may be anything."""
    return idempotency_key if idempotency_key.isascii() else mark(idempotency_key)


def written(request: GatewayRequest) -> Call:
    """The call that asks for this."""
    amount, currency = request.amount.minor, request.amount.currency.lower()
    trace = f"metadata[{mark(request.idempotency_key)}]"
    match request:
        case AuthoriseRequest():
            path = "/v1/payment_intents"
            form = {
                "amount": amount,
                "currency": currency,
                "payment_method": request.method,
                "payment_method_types[]": "card",
                "capture_method": "manual",
                "confirm": "true",
                "description": request.reference,
                "metadata[baton_key]": request.idempotency_key,
                "metadata[baton_reference]": request.reference,
                "expand[]": "latest_charge",
            }
        case CaptureRequest():
            path = f"/v1/payment_intents/{quote(request.authorisation, safe='')}/capture"
            form = {
                "amount_to_capture": amount,
                trace: f"capture {amount} {currency}",
                "metadata[baton_capture]": request.idempotency_key,
            }
        case VoidRequest():
            path = f"/v1/payment_intents/{quote(request.authorisation, safe='')}/cancel"
            form = {"expand[]": "latest_charge"}
        case RefundRequest():
            path = "/v1/refunds"
            form = {
                "charge": request.capture,
                "amount": amount,
                "metadata[baton_key]": request.idempotency_key,
                "metadata[baton_reference]": request.reference,
            }
        case never:
            assert_never(never)
    return Call(path, urlencode(form).encode(), header_key(request.idempotency_key))


def found_intent(idempotency_key: str) -> Call:
    """The call that finds the PaymentIntent that a request made."""
    query = f"metadata['baton_key']:'{_quoted(idempotency_key)}'"
    return Call(f"/v1/payment_intents/search?query={quote(query)}&limit=2", None)


def found_capture(idempotency_key: str) -> Call:
    """The call that finds the PaymentIntent that a request captured."""
    query = f"metadata['baton_capture']:'{_quoted(idempotency_key)}'"
    return Call(f"/v1/payment_intents/search?query={quote(query)}&limit=2", None)


def one_intent(ref: str) -> Call:
    """The call that reads one PaymentIntent."""
    return Call(f"/v1/payment_intents/{quote(ref, safe='')}", None)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


# ── theirs → ours ──────────────────────────────────────────────────────────────────────────

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
_Amount = Annotated[int, msgspec.Meta(ge=0)]
_Currency = Annotated[str, msgspec.Meta(pattern="^[a-z]{3}$")]


class _Card(msgspec.Struct, frozen=True):
    capture_before: int | None = None


class _Details(msgspec.Struct, frozen=True):
    card: _Card | None = None


class Charge(msgspec.Struct, frozen=True):
    """A charge, as far as Baton reads it."""

    id: _Name
    payment_method_details: _Details | None = None


class _Redirect(msgspec.Struct, frozen=True):
    url: str | None = None


class _Action(msgspec.Struct, frozen=True):
    redirect_to_url: _Redirect | None = None


class _Failure(msgspec.Struct, frozen=True):
    type: str = ""
    code: str | None = None
    decline_code: str | None = None
    message: str | None = None


class Intent(msgspec.Struct, frozen=True, tag_field="object", tag="payment_intent"):
    """A PaymentIntent, as far as Baton reads it."""

    id: _Name
    amount: _Amount
    amount_capturable: _Amount
    amount_received: _Amount
    currency: _Currency
    status: str
    metadata: dict[str, str]
    latest_charge: Charge | str | None = None
    next_action: _Action | None = None
    last_payment_error: _Failure | None = None
    description: str | None = None

    @property
    def charge(self) -> str:
        """The name of the charge, which is the name of what was captured."""
        last = self.latest_charge
        return last.id if isinstance(last, Charge) else last or ""


class Refund(msgspec.Struct, frozen=True, tag_field="object", tag="refund"):
    """A refund, as far as Baton reads it."""

    id: _Name
    amount: _Amount
    currency: _Currency
    status: str
    charge: str | None = None
    metadata: dict[str, str] | None = None
    failure_reason: str | None = None


class _Error(msgspec.Struct, frozen=True, kw_only=True):
    type: _Name
    code: str | None = None
    decline_code: str | None = None
    message: str = ""
    param: str | None = None
    payment_intent: Intent | None = None


class _Errors(msgspec.Struct, frozen=True):
    error: _Error


class Intents(msgspec.Struct, frozen=True, tag_field="object", tag="search_result"):
    """What a search found."""

    data: list[Intent]
    has_more: bool = False


class Refunds(msgspec.Struct, frozen=True, tag_field="object", tag="list"):
    """A page of refunds."""

    data: list[Refund]
    has_more: bool


_INTENT = msgspec.json.Decoder(Intent)
_REFUND = msgspec.json.Decoder(Refund)
_ERRORS = msgspec.json.Decoder(_Errors)
_INTENTS = msgspec.json.Decoder(Intents)
_REFUNDS = msgspec.json.Decoder(Refunds)

_CODES: Mapping[str, DeclineCode] = {
    "insufficient_funds": DeclineCode.INSUFFICIENT_FUNDS,
    "expired_card": DeclineCode.METHOD_EXPIRED,
    "fraudulent": DeclineCode.SUSPECTED_FRAUD,
    "lost_card": DeclineCode.SUSPECTED_FRAUD,
    "stolen_card": DeclineCode.SUSPECTED_FRAUD,
    "merchant_blacklist": DeclineCode.SUSPECTED_FRAUD,
    "do_not_honor": DeclineCode.DO_NOT_HONOUR,
    "generic_decline": DeclineCode.DO_NOT_HONOUR,
    "card_declined": DeclineCode.DO_NOT_HONOUR,
    "incorrect_number": DeclineCode.METHOD_INVALID,
    "invalid_account": DeclineCode.METHOD_INVALID,
    "payment_method_unactivated": DeclineCode.METHOD_INVALID,
    "resource_missing": DeclineCode.PREVIOUS_UNKNOWN,
    "amount_too_large": DeclineCode.AMOUNT_TOO_HIGH,
    "charge_already_refunded": DeclineCode.AMOUNT_TOO_HIGH,
    "charge_expired_for_capture": DeclineCode.AUTHORISATION_EXPIRED,
    "payment_intent_authentication_failure": DeclineCode.DO_NOT_HONOUR,
    "payment_intent_unexpected_state": DeclineCode.NOTHING_LEFT,
}


def read(request: GatewayRequest, answer: Answer) -> Outcome:
    """What the answer says about this request; Unknown unless it says it beyond doubt."""
    if answer.status == 200:
        if isinstance(request, RefundRequest):
            return _refunded(request, answer)
        return _intended(request, answer)
    if answer.status in (400, 402, 404):
        return _refused(request, answer)
    return Unknown(f"Stripe answered with HTTP status {answer.status}")


def unfit(request: CaptureRequest, answer: Answer) -> Declined | Unknown | None:
    """Why a capture must not be asked for, by the payment as it was read; None where it may."""
    if answer.status != 200:
        refused = read(request, answer)
        return refused if isinstance(refused, Declined | Unknown) else None
    intent = read_intent(answer)
    if isinstance(intent, Unknown):
        return intent
    if _iso(intent) != request.amount.currency:
        return Declined(
            DeclineCode.CURRENCY_MISMATCH, f"the payment is in {intent.currency.upper()}"
        )
    return None


def _intended(request: AuthoriseRequest | CaptureRequest | VoidRequest, answer: Answer) -> Outcome:
    try:
        intent = _INTENT.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Unknown("the answer can't be read")
    return intent_outcome(request, intent)


def intent_outcome(
    request: AuthoriseRequest | CaptureRequest | VoidRequest, intent: Intent
) -> Outcome:
    """What a PaymentIntent says about a request that made or changed it."""
    if intent.currency.upper() != request.amount.currency:
        return Unknown("the answer is in another currency")
    if isinstance(request, AuthoriseRequest):
        if intent.metadata.get("baton_key") != request.idempotency_key:
            return Unknown("the answer is about another key")
        if intent.amount != request.amount.minor:
            return Unknown("the answer is about another amount")
        return authorised(intent)
    if intent.id != request.authorisation:
        return Unknown("the answer is about another payment")
    if isinstance(request, CaptureRequest):
        done = intent.status == "succeeded" and intent.amount_received == request.amount.minor
        if not done or not intent.charge:
            return Unknown(f"the payment is {intent.status} with {intent.amount_received}")
        return Succeeded(intent.charge, request.amount)
    if intent.status != "canceled":
        return Unknown(f"the payment is {intent.status}")
    return Succeeded(intent.id, Money(intent.amount - intent.amount_received, _iso(intent)))


def authorised(intent: Intent) -> Outcome:
    """What a PaymentIntent says about its authorisation."""
    match intent.status:
        case "requires_capture":
            held = Money(intent.amount_capturable, _iso(intent))
            if intent.amount_capturable != intent.amount:
                return Unknown("another amount is reserved")
            return Succeeded(intent.id, held, _expires(intent))
        case "succeeded":
            return Succeeded(intent.id, Money(intent.amount, _iso(intent)), None)
        case "requires_action":
            action = intent.next_action and intent.next_action.redirect_to_url
            return Unknown("the buyer has to confirm it", (action and action.url) or "")
        case "requires_payment_method":
            said = intent.last_payment_error or _Failure(message="it was declined")
            return Declined(_code(said.decline_code, said.code), said.message or "declined")
        case other:
            return Unknown(f"the payment is {other}")


def _refunded(request: RefundRequest, answer: Answer) -> Outcome:
    try:
        refund = _REFUND.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Unknown("the answer can't be read")
    if (refund.metadata or {}).get("baton_key") != request.idempotency_key:
        return Unknown("the answer is about another key")
    if Money(refund.amount, refund.currency.upper()) != request.amount:
        return Unknown("the answer is about another amount")
    return refund_outcome(refund)


def refund_outcome(refund: Refund) -> Outcome:
    """What became of a refund. One that is pending is on its way, and can still fail."""
    match refund.status:
        case "succeeded":
            return Succeeded(refund.id, Money(refund.amount, refund.currency.upper()))
        case "failed" | "canceled":
            return Declined(DeclineCode.OTHER, refund.failure_reason or refund.status)
        case other:
            return Unknown(f"the refund is {other}")


def _refused(request: GatewayRequest, answer: Answer) -> Declined | Unknown:
    """Declined if Stripe itself says no in words that are known: a proxy's page is no decline."""
    try:
        error = _ERRORS.decode(answer.body).error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Unknown("the answer can't be read")
    match answer.status, error.type:
        case 402, "card_error":
            return Declined(_code(error.decline_code, error.code), error.message)
        case 400, "idempotency_error":
            return Declined(DeclineCode.KEY_REUSED, error.message)
        case ((400 | 404), "invalid_request_error"):
            return Declined(_invalid(request, error), error.message)
    return Unknown(f"Stripe answered with HTTP status {answer.status}: {error.type}"[:200])


def _invalid(request: GatewayRequest, error: _Error) -> DeclineCode:
    code = error.code or ""
    intent = error.payment_intent
    if code == "payment_intent_unexpected_state" and isinstance(request, CaptureRequest):
        canceled = intent is not None and intent.status == "canceled"
        return DeclineCode.AUTHORISATION_VOIDED if canceled else DeclineCode.NOTHING_LEFT
    if not code and isinstance(request, RefundRequest) and error.param == "amount":
        return DeclineCode.AMOUNT_TOO_HIGH
    if code == "resource_missing" and isinstance(request, AuthoriseRequest):
        return DeclineCode.METHOD_INVALID
    return _CODES.get(code, DeclineCode.REQUEST_INVALID)


def _code(*codes: str | None) -> DeclineCode:
    return next((_CODES[code] for code in codes if code and code in _CODES), DeclineCode.OTHER)


def _iso(intent: Intent) -> str:
    return intent.currency.upper()


def _expires(intent: Intent) -> datetime | None:
    last = intent.latest_charge
    details = last.payment_method_details if isinstance(last, Charge) else None
    before = details.card.capture_before if details and details.card else None
    return datetime.fromtimestamp(before, UTC) if before else None


# ── looking up ─────────────────────────────────────────────────────────────────────────────


def read_intent(answer: Answer) -> Intent | Unknown:
    """One PaymentIntent."""
    if answer.status != 200:
        return Unknown(f"Stripe answered with HTTP status {answer.status}")
    try:
        return _INTENT.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Unknown("the answer can't be read")


def read_intents(answer: Answer) -> list[Intent] | Unknown:
    """The PaymentIntents that a search found."""
    if answer.status != 200:
        return Unknown(f"Stripe answered with HTTP status {answer.status}")
    try:
        return _INTENTS.decode(answer.body).data
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Unknown("the answer can't be read")


def read_refunds(answer: Answer) -> Refunds | Unknown:
    """A page of refunds."""
    if answer.status != 200:
        return Unknown(f"Stripe answered with HTTP status {answer.status}")
    try:
        return _REFUNDS.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Unknown("the answer can't be read")


def looked_up(made: list[Intent], captured: list[Intent], refunds: list[Refund]) -> LookedUp:
    """What the traces of one key say."""
    if len(made) > 1 or len(captured) > 1 or len(refunds) > 1:
        return Unknown("the key left more than one trace: look in Stripe's dashboard")
    if made:
        return authorised(made[0])
    if captured:
        intent = captured[0]
        if intent.status == "succeeded" and intent.charge:
            return Succeeded(intent.charge, Money(intent.amount_received, _iso(intent)))
        return Unknown(f"the payment is {intent.status}")
    return refund_outcome(refunds[0]) if refunds else NeverReceived()
