"""What a draft amounts to before stock is asked: lines, charges, totals, and what is wrong.

An interactive channel hears of the first problem and mends it. A channel that must accept has
sold already: nothing is refused, and each problem becomes a hold or a parked line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec

from baton.orders.errors import OrderDiffers, OrderInvalid, TotalsMismatch, UnknownSku
from baton.orders.model import (
    Charge,
    ChargeKind,
    Header,
    HoldKind,
    Line,
    LineDraft,
    LineKind,
    Method,
    Mode,
    OrderDraft,
)
from baton.values import Id, Money
from baton.values.errors import Invalid

MAX_UNITS = 10_000_000
MAX_LINES = 10_000
MAX_MINOR = 10**14
_FUTURE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class KnownSku:
    """What the catalogue knows of a SKU that an order needs."""

    id: Id
    title: str
    kind: LineKind
    weight_g: int
    ship_alone: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """The channel's terms that a draft is read under."""

    must_accept: bool
    currency: str
    prices_include_tax: bool
    currencies: frozenset[str]
    pickup_places: Mapping[str, Id]
    now: datetime


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a draft: the error that an interactive caller gets, and the hold
    that stands in for it where the order must be accepted. No hold: a parked line says it."""

    error: Invalid
    hold: HoldKind | None


@dataclass(frozen=True, slots=True)
class Assembled:
    """A draft made into lines and charges, with its sums in minor units."""

    lines: tuple[Line, ...]
    charges: tuple[Charge, ...]
    goods_minor: int
    charges_minor: int
    tax_minor: int
    total_minor: int
    problems: tuple[Problem, ...]


def fingerprint(draft: OrderDraft) -> bytes:
    """16 bytes that differ where two drafts do.

    Not counted is what a repeated request may get anew: the tokens of a payment, the rate of the
    day, and whether the order is live or of the past.
    """
    told = replace(draft, tenders=(), base_rate=None, mode=Mode.LIVE)
    return blake2b(msgspec.json.encode(told, order="sorted"), digest_size=16).digest()


def difference(draft: OrderDraft, kept: Header) -> OrderDiffers | None:
    """What to answer a draft whose external id is that of an order: None if it is that order."""
    if fingerprint(draft) == kept.fingerprint:
        return None
    told = {
        "total": (kept.total_minor, draft.total),
        "currency": (kept.currency, draft.currency),
        "placed_at": (kept.placed_at, draft.placed_at),
    }
    field = next((name for name, (was, is_) in told.items() if was != is_), "external_id")
    return OrderDiffers(
        f"Order {draft.external_id[:120]!r} of this channel was taken before as {kept.number}, "
        "with other contents. Edit that order, or use another external id.",
        field=field,
        number=kept.number,
    )


def assemble(draft: OrderDraft, skus: Mapping[str, KnownSku], terms: Terms) -> Assembled:
    """The lines, charges and sums of a draft, and every problem found in it.

    Raises OrderInvalid where a draft can't be kept at all (nothing in it, a quantity of nothing).
    """
    _check_shape(draft, must_accept=terms.must_accept)
    lines = tuple(_line(number, line, skus, terms) for number, line in enumerate(draft.lines, 1))
    charges = [
        Charge(number, charge.kind, charge.title or charge.kind.value, charge.amount, charge.tax)
        for number, charge in enumerate(draft.charges, 1)
    ]
    problems = _problems(draft, skus, terms)
    goods = sum(line.total for line in lines)
    extra = sum(c.amount + (0 if terms.prices_include_tax else c.tax) for c in charges)
    if draft.total != goods + extra:
        problems.append(_mismatch(draft, goods, extra))
        difference = draft.total - goods - extra
        charges.append(
            Charge(len(charges) + 1, ChargeKind.ADJUSTMENT, "Channel's total", difference, 0)
        )
        extra += difference
    tax = sum(line.tax for line in draft.lines) + sum(charge.tax for charge in draft.charges)
    return Assembled(lines, tuple(charges), goods, extra, tax, draft.total, tuple(problems))


def _line(number: int, draft: LineDraft, skus: Mapping[str, KnownSku], terms: Terms) -> Line:
    known = skus.get(draft.sku)
    kind = known.kind if known else draft.kind
    untaxed = draft.unit_price * draft.quantity - draft.discount
    return Line(
        line_no=number,
        group_no=draft.group,
        kind=kind,
        sku_id=known.id if known else None,
        sku_code=draft.sku,
        title=draft.title or (known.title if known else draft.sku),
        unit_weight_g=known.weight_g if known else 0,
        ship_alone=known.ship_alone if known else False,
        unit_price=draft.unit_price,
        discount=draft.discount,
        tax=draft.tax,
        total=untaxed if terms.prices_include_tax else untaxed + draft.tax,
        ordered=draft.quantity,
        parked=0 if known else draft.quantity,
        open=draft.quantity if known else 0,
    )


def _check_shape(draft: OrderDraft, *, must_accept: bool) -> None:
    charges_alone = draft.charges and (must_accept or draft.mode is Mode.HISTORY)
    if not draft.lines and not charges_alone:
        raise OrderInvalid("An order has at least one line.", field="lines")
    if len(draft.lines) > MAX_LINES:
        raise OrderInvalid(f"An order has at most {MAX_LINES} lines.", field="lines")
    if not draft.external_id.strip():
        raise OrderInvalid("Give the channel's own id of the order.", field="external_id")
    groups = [group.number for group in draft.groups]
    if not groups or len(set(groups)) != len(groups):
        raise OrderInvalid("Each delivery group has a number of its own.", field="groups")
    for place, line in enumerate(draft.lines):
        where = f"lines.{place}"
        if not 1 <= line.quantity <= MAX_UNITS:
            raise OrderInvalid(f"Order 1 to {MAX_UNITS} units.", field=f"{where}.quantity")
        if line.group not in groups:
            raise OrderInvalid(f"There is no group {line.group}.", field=f"{where}.group")
        if not line.sku.strip():
            raise OrderInvalid("Name the SKU.", field=f"{where}.sku")
        for name, amount in (
            ("unit_price", line.unit_price),
            ("discount", line.discount),
            ("tax", line.tax),
        ):
            if not 0 <= amount <= MAX_MINOR:
                raise OrderInvalid("Amounts are minor units from 0 on.", field=f"{where}.{name}")
        if line.discount > line.unit_price * line.quantity:
            raise OrderInvalid("The discount is more than the line.", field=f"{where}.discount")
    for place, charge in enumerate(draft.charges):
        if abs(charge.amount) > MAX_MINOR or abs(charge.tax) > MAX_MINOR:
            raise OrderInvalid("This amount is beyond all reason.", field=f"charges.{place}.amount")
    if abs(draft.total) > MAX_MINOR:
        raise OrderInvalid("This amount is beyond all reason.", field="total")


def _problems(draft: OrderDraft, skus: Mapping[str, KnownSku], terms: Terms) -> list[Problem]:
    found: list[Problem] = []
    for place, line in enumerate(draft.lines):
        if line.sku not in skus:
            found.append(
                Problem(
                    UnknownSku(
                        f"The catalogue has no SKU {line.sku[:80]!r}; create it first.",
                        field=f"lines.{place}.sku",
                    ),
                    None,
                )
            )
    if draft.currency not in terms.currencies:
        found.append(
            _problem(f"{draft.currency[:3]!r} is no currency.", "currency", HoldKind.CURRENCY)
        )
    if draft.placed_at > terms.now + _FUTURE:
        found.append(_problem("The order was placed in the future.", "placed_at", HoldKind.MANUAL))
    found.extend(_group_problems(draft, terms))
    found.extend(_tender_problems(draft))
    return found


def _group_problems(draft: OrderDraft, terms: Terms) -> Sequence[Problem]:
    found = []
    goods = {line.group for line in draft.lines if line.kind is LineKind.GOODS}
    for place, group in enumerate(draft.groups):
        where = f"groups.{place}"
        if group.method is Method.PICKUP and group.location not in terms.pickup_places:
            said = f"{group.location[:40]!r} is no location that hands over pick-ups."
            found.append(_problem(said, f"{where}.location", HoldKind.ADDRESS))
        if group.method is Method.SHIP and group.address is None and group.number in goods:
            said = "What is to be shipped needs an address."
            found.append(_problem(said, f"{where}.address", HoldKind.ADDRESS))
    return found


def _tender_problems(draft: OrderDraft) -> Sequence[Problem]:
    paid = sum(tender.amount for tender in draft.tenders)
    found = []
    for place, tender in enumerate(draft.tenders):
        if not 0 <= tender.amount <= MAX_MINOR:
            said = "Amounts are minor units from 0 on."
            found.append(_problem(said, f"tenders.{place}.amount", HoldKind.PAYMENT))
    if draft.tenders and paid != draft.total:
        said = f"The tenders sum to {paid}, the order to {draft.total}."
        found.append(_problem(said, "tenders", HoldKind.PAYMENT))
    return found


def _mismatch(draft: OrderDraft, goods: int, extra: int) -> Problem:
    said = (
        f"Lines and charges sum to {Money(goods + extra, draft.currency)}, "
        f"the total says {Money(draft.total, draft.currency)}."
    )
    error = TotalsMismatch(said, field="total", expected=goods + extra, given=draft.total)
    return Problem(error, HoldKind.TOTALS)


def _problem(said: str, where: str, hold: HoldKind) -> Problem:
    return Problem(OrderInvalid(said, field=where), hold)
