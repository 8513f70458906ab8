"""Returns that a channel took back and paid for: they go the way of every other return at once.

Units and money are as the channel reported them. The goods are taken in where they left, graded as
new and restocked, since nobody here has seen them; the money went back elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from baton import locations, orders, returns, shipping
from baton.flows import take_back
from baton.flows.ask_return import ask_return, comes_to, sold
from baton.platform.db import Tx
from baton.returns.model import Asked, Cause, Disposition, Grade, Reason, Rma
from baton.values import Id
from baton.values.money import between


def take_back_reported(
    tx: Tx, order_id: Id, reported: Mapping[int, tuple[int, int]], reference: str
) -> tuple[Rma | None, dict[int, int]]:
    """Book units that a channel took back: by order line, (units, minor units for them).

    What is not here to come back (not shipped, or on another return) is left over, by line.
    """
    order = orders.locked(tx, order_id)
    claims = returns.claims(tx, order_id)
    free = {
        each.order_line: each.gone
        - (claims[each.order_line].claimed if each.order_line in claims else each.returned)
        for each in sold(tx, order)
    }
    here = {n: min(units, max(free.get(n, 0), 0)) for n, (units, _) in reported.items()}
    left = {n: units - here[n] for n, (units, _) in reported.items() if units > here[n]}
    asked = [
        Asked(n, units, Reason.OTHER, told_minor=between(reported[n][1], reported[n][0], 0, units))
        for n, units in here.items()
        if units
    ]
    place_id = comes_to(tx, shipping.of_orders(tx, [order_id]), set(here))
    if not asked or place_id is None:
        return None, {n: units for n, (units, _) in reported.items()}
    place = locations.locations_by_id(tx, [place_id])[place_id]
    rma = ask_return(tx, order_id, asked, cause=Cause.CHANNEL, location_id=place_id, note=reference)
    units = {line.line_no: line.requested for line in rma.lines}
    rma = take_back.receive(tx, rma.id, place.code, units, reference)
    for line_no, count in units.items():
        rma, _ = take_back.grade(
            tx, rma.id, line_no, place.code, count, Grade.A, disposition=Disposition.RESTOCK
        )
    return rma, left
