"""Orders in another currency get their rate to the base currency, where the channel gave none.

The rate is that of the day the order was placed. It is given once: books that were kept in it
don't change when a rate is corrected.
"""

from __future__ import annotations

from collections.abc import Sequence

from baton import currencies, orders
from baton.flows import jobs
from baton.orders.model import Mode, Order
from baton.platform import work
from baton.platform.db import Tx
from baton.values import Id
from baton.values.ids import NIL

UNKNOWN = "rate_unknown"
"""The kind of the exception for a live order whose rate nobody has published."""

_BATCH = 500


def fill(tx: Tx, order_ids: Sequence[Id]) -> int:
    """Give rates to those of the orders that have none; how many there were.

    A live order without one is put before a person, if the merchant keeps rates at all.
    """
    waiting = orders.unrated(tx, order_ids)
    if not waiting:
        return 0
    found = [o for o in orders.lock(tx, waiting).values() if o.header.base_rate is None]
    wanted = [(o.header.placed_at.date(), o.header.currency, o.header.base_currency) for o in found]
    rates = currencies.rates(tx, wanted)
    known = {o.id: r.value for o, r in zip(found, rates, strict=True) if r is not None}
    for order in orders.set_base_rates(tx, found, known):
        orders.resolve_kind(tx, order, UNKNOWN, "The rate is known by now.")
    missing = [o for o in found if o.id not in known and o.header.mode is Mode.LIVE]
    if missing and currencies.are_kept(tx):
        for order in missing:
            _tell(tx, order)
    return len(known)


def fill_all(tx: Tx, after: Id) -> Id | None:
    """As `fill`, for the next orders without a rate after this one; None once there are no more."""
    found = orders.without_rate(tx, after, _BATCH)
    if found:
        fill(tx, found)
    return found[-1] if len(found) == _BATCH else None


def ask_for(tx: Tx, order_ids: Sequence[Id]) -> None:
    """Have these orders looked at by a worker."""
    payload = {"orders": [str(id) for id in order_ids]}
    work.put(tx, [work.Job(jobs.FILL_RATES, payload, lane="currencies")])


def ask(tx: Tx, after: Id = NIL) -> None:
    """Have all orders without a rate looked at by a worker."""
    work.put(tx, [work.Job(jobs.FILL_RATES, {"after": str(after)}, lane="currencies")])


def _tell(tx: Tx, order: Order) -> None:
    header = order.header
    orders.open_exception(
        tx,
        order,
        UNKNOWN,
        order.number,
        f"No rate from {header.currency} to {header.base_currency} was published around"
        f" {header.placed_at.date()}.",
        "Import the rates of that day: the order then gets its own.",
    )
