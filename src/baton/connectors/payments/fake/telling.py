"""What the fake gateway says by itself: webhooks, payout files, its list. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from baton.connectors.payments.fake import codec
from baton.connectors.signatures import judged
from baton.payments.errors import PayoutUnreadable
from baton.payments.news import (
    Disputed,
    DisputeState,
    Heard,
    LineKind,
    Movement,
    PayoutFile,
    PayoutLine,
    Settled,
    Verdict,
)
from baton.payments.port import Unknown

_COLUMNS = ("payout_ref", "currency", "paid_at", "kind", "ref", "amount", "fee")
_Currency = Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]


class _Dispute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    dispute: str
    ref: str
    state: DisputeState
    amount: Annotated[int, msgspec.Meta(gt=0)]
    fee: Annotated[int, msgspec.Meta(ge=0)]
    currency: _Currency
    reason: str
    respond_by: datetime | None


class _Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    answer: dict[str, object] | None = None
    dispute: _Dispute | None = None


class _Moved(msgspec.Struct, frozen=True):
    operation: str
    key: str
    ref: str
    reference: str
    amount: int
    currency: _Currency


def read(
    headers: Mapping[str, str], body: bytes, secret: str, now: datetime, *, replay: bool
) -> Heard:
    """A webhook, judged by its signature."""
    header = next((v for k, v in headers.items() if k.lower() == "fake-signature"), "")
    verdict, note = judged(header, secret, body, now, replay=replay)
    if verdict is not Verdict.GENUINE:
        return Heard(verdict, note=note)
    try:
        told = msgspec.json.decode(body, type=_Told)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return Heard(Verdict.UNREADABLE, note="it can't be read")
    if told.dispute is not None:
        one = told.dispute
        news = Disputed(
            one.dispute,
            (one.ref,),
            one.state,
            one.amount,
            one.fee,
            one.currency,
            one.reason,
            one.respond_by,
        )
        return Heard(Verdict.GENUINE, told.id, (news,))
    if told.answer is None:
        return Heard(Verdict.GENUINE, told.id)
    answer = codec.read_told(msgspec.json.encode(told.answer))
    if isinstance(answer, Unknown):
        return Heard(Verdict.UNREADABLE, note=answer.reason)
    key, outcome = answer
    return Heard(Verdict.GENUINE, told.id, (Settled(key, outcome),))


def read_payouts(text: str) -> Sequence[PayoutFile]:
    """The payouts in a file: one row a line, amounts in minor units. Raises PayoutUnreadable."""
    rows = csv.DictReader(io.StringIO(text))
    if tuple(rows.fieldnames or ()) != _COLUMNS:
        raise PayoutUnreadable(f"The columns must be {', '.join(_COLUMNS)}.", field="content")
    files: dict[str, PayoutFile] = {}
    for number, row in enumerate(rows, 2):
        try:
            line = PayoutLine(
                LineKind(row["kind"]), row["ref"], int(row["amount"]), int(row["fee"])
            )
            paid_at = datetime.fromisoformat(row["paid_at"])
            known = files.get(row["payout_ref"])
            if known is not None and known.currency != row["currency"]:
                raise ValueError("two currencies")
            before = known.lines if known is not None else ()
            files[row["payout_ref"]] = PayoutFile(
                row["payout_ref"], row["currency"], paid_at, (*before, line)
            )
        except (TypeError, ValueError) as error:
            raise PayoutUnreadable(
                f"Line {number} can't be read: {error}", field="content"
            ) from None
    return list(files.values())


def read_movements(body: bytes) -> list[Movement] | None:
    """What the gateway did, from its list; None where that can't be read."""
    try:
        told = msgspec.json.decode(body, type=list[_Moved])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return [Movement(m.operation, m.key, m.ref, m.reference, m.amount, m.currency) for m in told]
