"""Appeasements: money given back out of goodwill, within limits that the merchant sets by role."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from baton.orders.errors import LineNotFound, OrderInvalid
from baton.orders.model import Order
from baton.values import Id
from baton.values.money import rounded, share

APPEASEMENT_PREFIX = "apz"
PERIOD = timedelta(days=30)  # over which a customer's appeasements are summed


class AppeasementState(StrEnum):
    """Who asks beyond their limit waits for somebody with a higher one."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"


class Target(StrEnum):
    """Where the money goes."""

    ORIGINAL = "original"
    STORE_CREDIT = "store_credit"


@dataclass(frozen=True, slots=True)
class Appeasement:
    """Money given back out of goodwill, or to be; `amount_minor` is of the order's currency."""

    id: Id
    order_id: Id
    customer_id: Id | None
    amount_minor: int
    currency: str
    target: Target
    reason: str
    note: str
    lines: tuple[int, ...]
    state: AppeasementState
    author: str
    asked_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """What a role may give on its own in one currency: for an order, and to a customer within
    thirty days. Minor units."""

    role: str
    currency: str
    per_order: int
    per_customer: int


@dataclass(frozen=True, slots=True)
class Given:
    """What an order and its customer were given already, or may still be, in minor units."""

    on_order: int
    to_customer: int


def amount_of(order: Order, percent: Decimal, line_nos: Sequence[int]) -> int:
    """So many percent of what these lines (none: all) cost by now, rounded once.

    Raises LineNotFound or OrderInvalid.
    """
    known = {line.line_no: line for line in order.lines}
    for place, number in enumerate(line_nos):
        if number not in known:
            raise LineNotFound(f"There is no line {number}.", field=f"lines.{place}")
    chosen = [known[n] for n in dict.fromkeys(line_nos)] or list(order.lines)
    worth = sum(share(x.total, x.ordered, x.ordered - x.cancelled) for x in chosen)
    amount = rounded(percent * worth / 100)
    if amount <= 0:
        raise OrderInvalid("That comes to nothing.", field="percent")
    return amount


def within(
    limits: Iterable[Limit],
    roles: Collection[str],
    currency: str,
    amount: int,
    given: Given,
    *,
    approves: bool,
) -> bool:
    """Whether somebody with these roles may give `amount` on their own.

    One role that allows it is enough. A role without a limit may give nothing on its own; whoever
    `approves` others' may then give anything.
    """
    own = [limit for limit in limits if limit.role in roles and limit.currency == currency]
    if not own:
        return approves
    return any(
        given.on_order + amount <= limit.per_order
        and given.to_customer + amount <= limit.per_customer
        for limit in own
    )
