"""What facts tell the books: each becomes occurrences, with all that its entries need.

A reader looks at the fact and at what never changes any more (an order's head, its tax, a stock
document, its movements), so that a fact tells the same today and in a year. The table at the end
is the ONE place that says which facts are booked. Explained in docs/algorithms/accounting.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from baton.accounting.errors import FactUnfit
from baton.accounting.model import Occurrence
from baton.flows.told import goods, money, sales
from baton.flows.told.world import World, look_up
from baton.platform.journal import Entry
from baton.values.ids import Id

__all__ = ["READERS", "FactUnfit", "World", "amounts", "currencies", "happened", "look_up"]


def happened(world: World, entry: Entry) -> list[Occurrence]:
    """What a fact tells the books; nothing where it changes none. Raises FactUnfit."""
    try:
        return list(READERS[entry.fact](world, entry))
    except (LookupError, TypeError, ValueError) as error:
        raise FactUnfit(
            f"{entry.fact} does not say what its entry needs ({error!r}): book it by hand."
        ) from error


Reader = Callable[[World, Entry], Iterable[Occurrence]]

READERS: Mapping[str, Reader] = {
    "orders.appeased": money.appeased,
    "orders.shipped": sales.shipped,
    "payments.taken": money.taken,
    "payments.captured": money.captured,
    "payments.refunded": money.refunded,
    "payments.dispute_lost": money.dispute_lost,
    "payments.dispute_opened": money.disputed,
    "payments.dispute_won": money.dispute_won,
    "payments.payout_booked": money.paid_out,
    "payments.receivable_paid": money.debt_ended,
    "returns.received": sales.received_back,
    "returns.settled": sales.settled,
    "stored_value.moved": money.value_moved,
    "inventory.recorded": goods.recorded,
    "inventory.transfer_received": goods.arrived,
}


def currencies(world: World) -> dict[Id, str]:
    """The base currencies of all legal entities that these facts speak of."""
    return {id: entity.base_currency for id, entity in world.entities.items()}


def amounts(entry: Entry) -> Any:
    """What a fact says of money and units, for who looks at a parked one."""
    return {k: v for k, v in entry.data.items() if k.endswith(("_minor", "currency", "units"))}
