"""The port to a payment gateway: what Baton asks of it, and what it can hear back.

The same request with the same `idempotency_key` may be sent any number of times: a gateway
does the work once and repeats its answer. An answer that is missing, late or not understood
is `Unknown`, never a guess; `lookup` asks afterwards what became of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

from baton.values import card_numbers
from baton.values.errors import Invalid
from baton.values.money import Money


class CardNumberRefused(Invalid):
    """A payment method holds what looks like a card number; only tokens are taken."""

    code = "card_number_refused"


class RequestInvalid(Invalid):
    """A request to a gateway lacks its key, its method or a positive amount."""

    code = "payment_request_invalid"


@dataclass(frozen=True, slots=True)
class AuthoriseRequest:
    """Reserve `amount` on the buyer's `method`, a token made by the gateway's own form.

    `reference` is the order number, as the gateway's statements are to show it.
    """

    idempotency_key: str
    amount: Money
    reference: str
    method: str

    def __post_init__(self) -> None:
        _check(self.idempotency_key, self.amount)
        if holds_card_number(self.method):
            raise CardNumberRefused(
                "the payment method looks like a card number: send the gateway's token instead",
                field="method",
            )
        if not self.method:
            raise RequestInvalid("a payment method is needed", field="method")


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """Take `amount` of what was authorised; `authorisation` is the gateway's reference of it."""

    idempotency_key: str
    amount: Money
    reference: str
    authorisation: str

    def __post_init__(self) -> None:
        _check(self.idempotency_key, self.amount)
        _check_previous(self.authorisation, "authorisation")


@dataclass(frozen=True, slots=True)
class VoidRequest:
    """Let go of whatever is still uncaptured; nothing more can be captured afterwards.

    `amount` is what Baton believes to be left. The gateway's own figure comes back in
    `Succeeded.amount`.
    """

    idempotency_key: str
    amount: Money
    reference: str
    authorisation: str

    def __post_init__(self) -> None:
        _check(self.idempotency_key, self.amount)
        _check_previous(self.authorisation, "authorisation")


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Give back `amount` of one capture; `capture` is the gateway's reference of it."""

    idempotency_key: str
    amount: Money
    reference: str
    capture: str

    def __post_init__(self) -> None:
        _check(self.idempotency_key, self.amount)
        _check_previous(self.capture, "capture")


GatewayRequest: TypeAlias = AuthoriseRequest | CaptureRequest | VoidRequest | RefundRequest


class DeclineCode(StrEnum):
    """Why a gateway said no, in Baton's words. In every case nothing was moved."""

    DO_NOT_HONOUR = "do_not_honour"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    METHOD_INVALID = "method_invalid"
    METHOD_EXPIRED = "method_expired"
    SUSPECTED_FRAUD = "suspected_fraud"
    AUTHORISATION_EXPIRED = "authorisation_expired"
    AUTHORISATION_VOIDED = "authorisation_voided"
    AMOUNT_TOO_HIGH = "amount_too_high"
    CURRENCY_MISMATCH = "currency_mismatch"
    NOTHING_LEFT = "nothing_left"
    PREVIOUS_UNKNOWN = "previous_unknown"
    KEY_REUSED = "key_reused"
    REQUEST_INVALID = "request_invalid"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Succeeded:
    """It was done, once. `expires_at` is when an authorisation lapses, if it is known."""

    provider_ref: str
    amount: Money
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """It was not done and won't be under this key; `message` is the gateway's own sentence."""

    code: DeclineCode
    message: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say yet whether it was done: ask again with `lookup`, or repeat the call.

    `action_url` is set where the buyer has to confirm it there first.
    """

    reason: str
    action_url: str = ""


@dataclass(frozen=True, slots=True)
class NeverReceived:
    """The gateway has never seen this key: the same request may be sent (again)."""


Outcome: TypeAlias = Succeeded | Declined | Unknown
LookedUp: TypeAlias = Succeeded | Declined | Unknown | NeverReceived


@dataclass(frozen=True, slots=True)
class GatewayCapabilities:
    """What a gateway can do beyond authorise, capture in full and refund."""

    partial_capture: bool
    """Less than the authorised amount may be captured."""
    several_captures: bool
    """One authorisation may be captured in several steps."""
    void_after_capture: bool
    """What is left after a partial capture may be voided."""
    partial_refund: bool
    """Less than the captured amount may be refunded, several times."""
    authorisation_days: int | None
    """Days until an authorisation lapses; None where the gateway does not say."""


class Gateway(Protocol):
    """A payment gateway. Every method may be repeated with the same key, and never raises for
    what the other side or the network does: that is an outcome. Safe to share among threads.
    """

    def authorise(self, request: AuthoriseRequest) -> Outcome: ...

    def capture(self, request: CaptureRequest) -> Outcome: ...

    def void(self, request: VoidRequest) -> Outcome: ...

    def refund(self, request: RefundRequest) -> Outcome: ...

    def lookup(self, idempotency_key: str) -> LookedUp:
        """What became of the request with this key, whatever its kind."""
        ...

    def close(self) -> None:
        """Give back connections; the gateway is not used afterwards."""
        ...


def holds_card_number(text: str) -> bool:
    """Whether a run of 13 to 19 digits in `text` passes the Luhn test, as no token does.

    Digits inside a longer word ("tok_4111…") are no card number but part of a token.
    """
    return card_numbers.looks_like_one(text)


def _check(idempotency_key: str, amount: Money) -> None:
    if not 1 <= len(idempotency_key) <= 200 or not idempotency_key.isprintable():
        raise RequestInvalid(
            "an idempotency key of 1 to 200 printable characters is needed",
            field="idempotency_key",
        )
    if amount.minor <= 0:
        raise RequestInvalid(f"{amount} is not a positive amount", field="amount")


def _check_previous(reference: str, field: str) -> None:
    if not reference:
        raise RequestInvalid(f"the gateway's reference of the {field} is needed", field=field)
