"""The fake gateway's language, pure both ways. Every field is explained in README.md.

Reading is strict: an unknown field, another key, another amount or another operation than what
was asked for makes the answer `Unknown`. To take the answer to one question for the answer to
another is the one mistake that can't be mended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeAlias, assert_never
from urllib.parse import quote

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


# ------------------------------------------------------------------ ours → theirs


def written(request: GatewayRequest) -> Call:
    """The call that asks for this."""
    fields: dict[str, str | int] = {
        "key": request.idempotency_key,
        "amount": request.amount.minor,
        "currency": request.amount.currency,
        "reference": request.reference,
    }
    match request:
        case AuthoriseRequest(method=method):
            fields["method"] = method
        case CaptureRequest(authorisation=ref) | VoidRequest(authorisation=ref):
            fields["authorisation"] = ref
        case RefundRequest(capture=ref):
            fields["capture"] = ref
        case never:
            assert_never(never)
    return Call(f"/v1/{_COLLECTION[type(request)]}", msgspec.json.encode(fields))


def written_lookup(idempotency_key: str) -> Call:
    """The call that asks what became of this key."""
    return Call(f"/v1/operations?key={quote(idempotency_key, safe='')}", None)


_COLLECTION: Mapping[type[GatewayRequest], str] = {
    AuthoriseRequest: "authorisations",
    CaptureRequest: "captures",
    VoidRequest: "voids",
    RefundRequest: "refunds",
}
_OPERATION: Mapping[type[GatewayRequest], str] = {
    AuthoriseRequest: "authorise",
    CaptureRequest: "capture",
    VoidRequest: "void",
    RefundRequest: "refund",
}

# ------------------------------------------------------------------ theirs → ours

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
_Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]


class _Done(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="outcome", tag="succeeded"
):
    key: _Text
    operation: _Text
    ref: _Text
    amount: Annotated[int, msgspec.Meta(gt=0)]
    currency: _Currency
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None


class _Refused(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="outcome", tag="declined"
):
    key: _Text
    operation: _Text
    code: _Text
    message: str


class _Error(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    error: _Text
    message: str
    key: str = ""


_Told: TypeAlias = _Done | _Refused
_TOLD = msgspec.json.Decoder(_Told)
_ERROR = msgspec.json.Decoder(_Error)

_DECLINES: Mapping[str, DeclineCode] = {
    "do_not_honour": DeclineCode.DO_NOT_HONOUR,
    "insufficient_funds": DeclineCode.INSUFFICIENT_FUNDS,
    "token_unknown": DeclineCode.METHOD_INVALID,
    "card_expired": DeclineCode.METHOD_EXPIRED,
    "suspected_fraud": DeclineCode.SUSPECTED_FRAUD,
    "authorisation_expired": DeclineCode.AUTHORISATION_EXPIRED,
    "authorisation_voided": DeclineCode.AUTHORISATION_VOIDED,
    "amount_too_high": DeclineCode.AMOUNT_TOO_HIGH,
    "currency_mismatch": DeclineCode.CURRENCY_MISMATCH,
    "nothing_left": DeclineCode.NOTHING_LEFT,
    "ref_unknown": DeclineCode.PREVIOUS_UNKNOWN,
}


def read(request: GatewayRequest, answer: Answer) -> Outcome:
    """What the answer says about this request; Unknown unless it says it beyond doubt."""
    match answer.status:
        case 200 | 402:
            told = _told(answer.body)
            if isinstance(told, Unknown):
                return told
            if (answer.status == 200) != isinstance(told, _Done):
                return Unknown(f"the answer contradicts its HTTP status {answer.status}")
            return _mismatch(request, told) or _outcome(told)
        case 400:
            return _refusal(answer, "request_invalid", DeclineCode.REQUEST_INVALID)
        case 422:
            return _refusal(answer, "key_reused", DeclineCode.KEY_REUSED)
        case status:
            return Unknown(f"the gateway answered with HTTP status {status}")


def read_lookup(idempotency_key: str, answer: Answer) -> LookedUp:
    """What the answer says about this key."""
    if answer.status == 404:
        return _never(idempotency_key, answer)
    if answer.status != 200:
        return Unknown(f"the gateway answered with HTTP status {answer.status}")
    told = _told(answer.body)
    if isinstance(told, Unknown):
        return told
    if told.key != idempotency_key:
        return Unknown("the answer is about another key")
    return _outcome(told)


def read_callback(body: bytes) -> str | Unknown:
    """The key that a callback is about.

    Nothing else in it is believed: whoever knows the address can send one. Look the key up.
    """
    told = _told(body)
    return told if isinstance(told, Unknown) else told.key


def read_told(body: bytes) -> tuple[str, Succeeded | Declined] | Unknown:
    """Key and outcome of an answer that came in a signed webhook."""
    told = _told(body)
    return told if isinstance(told, Unknown) else (told.key, _outcome(told))


def _told(body: bytes) -> _Told | Unknown:
    try:
        told: _Told = _TOLD.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Unknown("the answer can't be read")
    return told


def _outcome(told: _Told) -> Succeeded | Declined:
    if isinstance(told, _Done):
        return Succeeded(told.ref, Money(told.amount, told.currency), told.expires_at)
    code = _DECLINES.get(told.code, DeclineCode.OTHER)
    message = told.message if code is not DeclineCode.OTHER else f"{told.code}: {told.message}"
    return Declined(code, message)


def _mismatch(request: GatewayRequest, told: _Told) -> Unknown | None:
    """Unknown if this can't be the answer to that request. A void answers with its own amount."""
    if told.key != request.idempotency_key:
        return Unknown("the answer is about another key")
    if told.operation != _OPERATION[type(request)]:
        return Unknown("the answer is about another operation")
    if isinstance(told, _Refused):
        return None
    if told.currency != request.amount.currency:
        return Unknown("the answer is in another currency")
    if told.amount != request.amount.minor and not isinstance(request, VoidRequest):
        return Unknown("the answer is about another amount")
    return None


def _refusal(answer: Answer, error: str, code: DeclineCode) -> Declined | Unknown:
    """Declined if the body names this very error, so that a proxy's page is no decline."""
    try:
        told = _ERROR.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Unknown("the answer can't be read")
    if told.error != error:
        return Unknown(f"the gateway answered with HTTP status {answer.status}")
    return Declined(code, told.message)


def _never(idempotency_key: str, answer: Answer) -> NeverReceived | Unknown:
    try:
        told = _ERROR.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Unknown("the answer can't be read")
    if (told.error, told.key) != ("key_unknown", idempotency_key):
        return Unknown("the gateway answered with HTTP status 404")
    return NeverReceived()
