"""Drafts: orders that are taken down by phone or mail, and placed once the buyer agrees.

A draft is not an order: it holds no money, and stock only if somebody asks for it, for a time. It
is priced anew whenever it is looked at, until it is placed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from baton.orders.errors import DraftClosed, OrderInvalid, UnknownSku
from baton.orders.model import (
    ChargeDraft,
    ChargeKind,
    GroupDraft,
    LineDraft,
    LineKind,
    OrderDraft,
    TenderDraft,
)
from baton.values import Id

DRAFT_PREFIX = "drf"


class DraftState(StrEnum):
    """A draft is open until it is placed, discarded, or past its time."""

    OPEN = "open"
    PLACED = "placed"
    DISCARDED = "discarded"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class WantedLine:
    """Units of a SKU. Without a price it is the catalogue's; another needs a reason. Without a
    tax it is determined; given, it is over the line. All in minor units."""

    sku: str
    quantity: int
    unit_price: int | None = None
    price_reason: str = ""
    discount: int = 0
    tax: int | None = None
    group: int = 1


@dataclass(frozen=True, slots=True)
class WantedCharge:
    """A charge; its tax is determined unless it is given."""

    kind: ChargeKind
    amount: int
    tax: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to order: all that is written down."""

    channel: str
    lines: tuple[WantedLine, ...] = ()
    charges: tuple[WantedCharge, ...] = ()
    groups: tuple[GroupDraft, ...] = (GroupDraft(),)
    buyer_name: str = ""
    email: str = ""
    phone: str = ""
    language: str = "en"
    note: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it is kept; `held_until` is how long its stock is kept for it."""

    id: Id
    number: str
    state: DraftState
    channel_id: Id
    wish: Wish
    currency: str
    total_minor: int
    order_id: Id | None
    author: str
    version: int
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """What the catalogue says of a SKU: its price in the draft's currency, if it has one."""

    title: str
    kind: LineKind
    price: int | None


def open_(draft: Draft) -> None:
    """Nothing, where the draft can still be changed. Raises DraftClosed."""
    if draft.state is not DraftState.OPEN:
        raise DraftClosed(f"The draft {draft.number} is {draft.state.value}.", field="draft")


def priced(wish: Wish, offered: Mapping[str, Offered]) -> Wish:
    """The wish with a price for each line.

    Raises UnknownSku, or OrderInvalid where a price is missing, or differs from the catalogue's
    without a reason.
    """
    lines = []
    for place, line in enumerate(wish.lines):
        where = f"lines.{place}"
        known = offered.get(line.sku)
        if known is None:
            raise UnknownSku(
                f"The catalogue has no SKU {line.sku[:80]!r}; create it first.",
                field=f"{where}.sku",
            )
        price = line.unit_price if line.unit_price is not None else known.price
        if price is None:
            said = f"The catalogue has no price for {line.sku[:80]!r} in this currency: give one."
            raise OrderInvalid(said, field=f"{where}.unit_price")
        if line.unit_price not in (None, known.price) and not line.price_reason:
            raise OrderInvalid(
                "Say why the price is not the catalogue's.", field=f"{where}.price_reason"
            )
        if line.discount > price * line.quantity:
            raise OrderInvalid("The discount is more than the line.", field=f"{where}.discount")
        lines.append(replace(line, unit_price=price))
    return replace(wish, lines=tuple(lines))


def taxed(wish: Wish, lines: Sequence[int], charges: Sequence[int]) -> Wish:
    """The wish with the determined tax wherever none was given."""
    return replace(
        wish,
        lines=tuple(
            replace(line, tax=tax if line.tax is None else line.tax)
            for line, tax in zip(wish.lines, lines, strict=True)
        ),
        charges=tuple(
            replace(charge, tax=tax if charge.tax is None else charge.tax)
            for charge, tax in zip(wish.charges, charges, strict=True)
        ),
    )


def total(wish: Wish, *, tax_included: bool) -> int:
    """Minor units that a priced and taxed wish costs."""
    goods = sum((x.unit_price or 0) * x.quantity - x.discount for x in wish.lines)
    extra = sum(charge.amount for charge in wish.charges)
    return goods + extra + (0 if tax_included else tax_of(wish))


def tax_of(wish: Wish) -> int:
    """Minor units of tax in a taxed wish."""
    lines = sum(line.tax or 0 for line in wish.lines)
    return lines + sum(charge.tax or 0 for charge in wish.charges)


def order_draft(
    wish: Wish,
    number: str,
    now: datetime,
    currency: str,
    offered: Mapping[str, Offered],
    tenders: Sequence[TenderDraft],
    *,
    tax_included: bool,
) -> OrderDraft:
    """A priced and taxed wish as the order that any channel would hand in."""
    overridden = {
        f"price of {line.sku}": line.price_reason for line in wish.lines if line.price_reason
    }
    return OrderDraft(
        channel=wish.channel,
        external_id=number,
        placed_at=now,
        currency=currency,
        total=total(wish, tax_included=tax_included),
        lines=tuple(
            LineDraft(
                line.sku,
                line.quantity,
                line.unit_price or 0,
                line.discount,
                line.tax or 0,
                offered[line.sku].title,
                line.group,
                offered[line.sku].kind,
            )
            for line in wish.lines
        ),
        groups=wish.groups,
        charges=tuple(ChargeDraft(c.kind, c.amount, c.tax or 0, c.title) for c in wish.charges),
        tenders=tuple(tenders),
        buyer_name=wish.buyer_name,
        email=wish.email,
        phone=wish.phone,
        language=wish.language,
        note=wish.note,
        attributes=overridden,
    )
