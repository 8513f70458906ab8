"""What Stripe says by itself: webhooks, payout files, its list. Pure.

*Source:* docs.stripe.com/webhooks, /api/events/types, /reports/payout-reconciliation, 2026-11.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from baton.connectors.payments.stripe import codec
from baton.connectors.signatures import judged
from baton.payments.errors import PayoutUnreadable
from baton.payments.news import (
    Disputed,
    DisputeState,
    Heard,
    LineKind,
    Look,
    Movement,
    News,
    PayoutFile,
    PayoutLine,
    Settled,
    Verdict,
)
from baton.payments.port import Declined, Succeeded
from baton.values.money import minor_units

# Stripe's words for how far a dispute is.
_STATES = {
    "won": DisputeState.WON,
    "warning_closed": DisputeState.WON,
    "lost": DisputeState.LOST,
}
_KINDS = {
    "charge": LineKind.CAPTURE,
    "payment": LineKind.CAPTURE,
    "refund": LineKind.REFUND,
    "payment_refund": LineKind.REFUND,
    "dispute": LineKind.DISPUTE,
    "dispute_reversal": LineKind.DISPUTE,
    "fee": LineKind.FEE,
    "stripe_fee": LineKind.FEE,
    "network_cost": LineKind.FEE,
}
# The columns of the itemised payout reconciliation report that Baton reads.
_COLUMNS = (
    "automatic_payout_id",
    "automatic_payout_effective_at",
    "reporting_category",
    "currency",
    "gross",
    "fee",
    "source_id",
)


class _Fee(msgspec.Struct, frozen=True):
    fee: int = 0


class _Evidence(msgspec.Struct, frozen=True):
    due_by: int | None = None


class _Dispute(msgspec.Struct, frozen=True, tag_field="object", tag="dispute"):
    id: str
    amount: int
    currency: str
    status: str
    charge: str | None = None
    payment_intent: str | None = None
    reason: str = ""
    balance_transactions: list[_Fee] = []
    evidence_details: _Evidence | None = None


class _Data(msgspec.Struct, frozen=True):
    object: msgspec.Raw


class _Event(msgspec.Struct, frozen=True, tag_field="object", tag="event"):
    id: str
    type: str
    data: _Data


def read(
    headers: Mapping[str, str], body: bytes, secret: str, now: datetime, *, replay: bool
) -> Heard:
    """A webhook, judged by its `Stripe-Signature`."""
    header = next((v for k, v in headers.items() if k.lower() == "stripe-signature"), "")
    verdict, note = judged(header, secret, body, now, replay=replay)
    if verdict is not Verdict.GENUINE:
        return Heard(verdict, note=note)
    try:
        event = msgspec.json.decode(body, type=_Event)
        news = tuple(_news(event))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Heard(Verdict.UNREADABLE, note="it can't be read")
    return Heard(Verdict.GENUINE, event.id, news)


def _news(event: _Event) -> Iterator[News]:
    raw = bytes(event.data.object)
    kind = event.type
    if kind.startswith("payment_intent."):
        yield from _of_intent(msgspec.json.decode(raw, type=codec.Intent))
    elif kind.startswith(("refund.", "charge.refund.")):
        yield from _of_refund(msgspec.json.decode(raw, type=codec.Refund))
    elif kind.startswith("charge.dispute."):
        yield _of_dispute(msgspec.json.decode(raw, type=_Dispute))


def _of_intent(intent: codec.Intent) -> Iterator[News]:
    """An event tells the object as it was when it was written: what only grows is believed, the
    rest is looked up."""
    if key := intent.metadata.get("baton_key"):
        outcome = codec.authorised(intent)
        final = isinstance(outcome, Succeeded) and intent.status == "requires_capture"
        yield Settled(key, outcome) if final else Look(key)  # type: ignore[arg-type]
    if key := intent.metadata.get("baton_capture"):
        yield Look(key)


def _of_refund(refund: codec.Refund) -> Iterator[News]:
    key = (refund.metadata or {}).get("baton_key")
    outcome = codec.refund_outcome(refund)
    if key and isinstance(outcome, Succeeded | Declined):
        yield Settled(key, outcome)
    elif key:
        yield Look(key)


def _of_dispute(told: _Dispute) -> Disputed:
    due = told.evidence_details.due_by if told.evidence_details else None
    return Disputed(
        told.id,
        tuple(ref for ref in (told.charge, told.payment_intent) if ref),
        _STATES.get(told.status, DisputeState.OPEN),
        told.amount,
        sum(each.fee for each in told.balance_transactions if each.fee > 0),
        told.currency.upper(),
        told.reason,
        datetime.fromtimestamp(due, UTC) if due else None,
    )


def read_payouts(text: str) -> Sequence[PayoutFile]:
    """The payouts in an itemised payout reconciliation report. Raises PayoutUnreadable."""
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise PayoutUnreadable(f"These columns are missing: {', '.join(missing)}.", field="content")
    files: dict[str, PayoutFile] = {}
    for number, row in enumerate(rows, 2):
        try:
            _add(files, row)
        except (TypeError, ValueError, InvalidOperation) as error:
            said = f"Line {number} can't be read: {error}"
            raise PayoutUnreadable(said, field="content") from None
    return list(files.values())


def _add(files: dict[str, PayoutFile], row: Mapping[str, Any]) -> None:
    ref, currency = row["automatic_payout_id"], row["currency"].upper()
    if not ref or len(currency) != 3:
        raise ValueError("it is of no payout")
    kind = _KINDS.get(row["reporting_category"], LineKind.OTHER)
    amount, fee = _minor(row["gross"], currency), _minor(row["fee"], currency)
    line = PayoutLine(kind, row["source_id"] or "", amount, fee, row["reporting_category"])
    paid_at = datetime.fromisoformat(row["automatic_payout_effective_at"]).replace(tzinfo=UTC)
    known = files.get(ref)
    if known is not None and known.currency != currency:
        raise ValueError("the payout has two currencies")
    before = known.lines if known is not None else ()
    files[ref] = PayoutFile(ref, currency, paid_at, (*before, line))


def _minor(text: str, currency: str) -> int:
    """Reports have amounts with a point, the API has none."""
    found = Decimal(text or "0").scaleb(minor_units(currency))
    if not found.is_finite() or found != found.to_integral_value():
        raise ValueError(f"{text!r} is no amount in {currency}")
    return int(found)


def movement(intent: codec.Intent) -> Movement | None:
    """What a PaymentIntent took, if it did."""
    if intent.status != "succeeded" or not intent.amount_received:
        return None
    key = intent.metadata.get("baton_capture", "")
    reference = intent.metadata.get("baton_reference") or intent.description or ""
    currency = intent.currency.upper()
    return Movement("capture", key, intent.charge, reference, intent.amount_received, currency)
