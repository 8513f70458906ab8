"""A small model of order management: what must be true, said without looking at how it is done.

It knows what was ordered, what came in, what went out and what was paid; the rest it reads off
the API's answers, and says where they contradict each other or what it knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

BUCKETS = (
    "parked",
    "open",
    "backordered",
    "reserved",
    "allocated",
    "released",
    "shipped",
    "cancelled",
)
PRICE = 1000

# From where to where an order may go between two looks at it, whatever happened in between:
# shipped goods never come back, and what was cancelled or delivered is at its end.
NEVER = {
    ("cancelled", each) for each in ("reserved", "allocated", "released", "shipped", "delivered")
} | {
    (late, early)
    for late in ("partly_shipped", "shipped", "delivered")
    for early in ("parked", "open", "backordered", "reserved", "allocated", "released", "cancelled")
}


@dataclass
class KnownLine:
    sku: str
    ordered: int
    shipped: int = 0
    cancelled: int = 0
    delivered: int = 0
    price: int = PRICE


@dataclass
class KnownOrder:
    """What the model remembers of an order."""

    number: str
    id: str
    channel: str
    pickup: bool
    lines: dict[int, KnownLine]
    status: str = "open"
    charges: int = 0
    waiting: int = 0

    @property
    def total(self) -> int:
        return self.charges + sum(line.price * line.ordered for line in self.lines.values())

    @property
    def shipped_value(self) -> int:
        """What is due: shipped units at their price, and all charges with the first of them."""
        goods = sum(line.price * line.shipped for line in self.lines.values())
        return goods + (self.charges if any(x.shipped for x in self.lines.values()) else 0)

    def changed(self, order: Mapping[str, Any]) -> None:
        """A change was made: units, prices and charges are those that it left behind."""
        for line in order["lines"]:
            known = self.lines.setdefault(line["line_no"], KnownLine(line["sku"], line["ordered"]))
            assert line["ordered"] >= known.ordered, "ordered never falls"
            assert line["discount"] == line["tax"] == 0
            known.ordered, known.price = line["ordered"], line["unit_price"]
        self.charges = sum(charge["amount"] for charge in order["charges"])
        self.waiting = len(order["pending_changes"])


@dataclass
class Model:
    """Units that exist by SKU, wherever they are, and every order that was accepted."""

    units: dict[str, int] = field(default_factory=dict)
    orders: dict[str, KnownOrder] = field(default_factory=dict)

    def moved(self, sku: str, units: int) -> None:
        self.units[sku] = self.units.get(sku, 0) + units

    def seen(self, order: Mapping[str, Any]) -> None:
        """Look at an order: it must fit what is known of it, and is remembered as it is now."""
        known = self.orders[order["number"]]
        said = f"{order['number']}: "
        if len(order["pending_changes"]) != known.waiting:
            known.changed(order)
        for line in order["lines"]:
            was, buckets = known.lines[line["line_no"]], line["buckets"]
            assert tuple(buckets) == BUCKETS
            assert all(units >= 0 for units in buckets.values()), said + str(buckets)
            assert sum(buckets.values()) == line["ordered"] == was.ordered, said + str(line)
            assert buckets["shipped"] >= was.shipped, said + "shipped units came back"
            assert buckets["cancelled"] >= was.cancelled, said + "cancelled units came back"
            assert line["delivered"] >= was.delivered, said + "delivered units went back"
            assert line["delivered"] + line["lost"] <= buckets["shipped"], said + str(line)
            self.moved(line["sku"], was.shipped - buckets["shipped"])
            was.shipped, was.cancelled = buckets["shipped"], buckets["cancelled"]
            was.delivered = line["delivered"]
        assert (known.status, order["status"]) not in NEVER, said + f"was {known.status}"
        assert order["status"] == status(order["lines"]), said + order["status"]
        open_holds = any(hold["resolved_at"] is None for hold in order["holds"])
        assert (order["health"] == "blocked") is open_holds, said + order["health"]
        known.status = order["status"]
        self._money(order, known)
        self._work(order)

    def _money(self, order: Mapping[str, Any], known: KnownOrder) -> None:
        totals = order["totals"]
        assert totals["total"] == known.total
        if known.channel == "must_accept":  # paid to the marketplace, never to us
            return
        assert totals["captured"] <= known.shipped_value, totals
        for payment in order["payments"]:
            assert payment["captured"] + payment["capturing"] <= payment["authorised"], payment

    @staticmethod
    def _work(order: Mapping[str, Any]) -> None:
        """Released units of a line are those that locations have, each unit at one place."""
        at_locations: dict[int, int] = {}
        for work in order["fulfillment_orders"]:
            for line in work["lines"]:
                out = line["to_pick"] + line["picked"] + line["packed"]
                gone = line["shipped"] + line["short"] + line["cancelled"]
                assert out + gone == line["quantity"], line
                assert line["cancel_requested"] <= out, line
                if work["status"] not in ("planned", "rejected", "cancelled"):
                    number = line["line_no"]
                    at_locations[number] = at_locations.get(number, 0) + out
        for line in order["lines"]:
            assert line["buckets"]["released"] == at_locations.get(line["line_no"], 0), line

    def promised(self, orders: Iterable[Mapping[str, Any]]) -> dict[str, int]:
        """Units that these orders still have a promise on, by SKU."""
        units: dict[str, int] = {}
        for order in orders:
            for line in order["lines"]:
                held = sum(line["buckets"][b] for b in ("reserved", "allocated", "released"))
                units[line["sku"]] = units.get(line["sku"], 0) + held
        return units


def status(lines: Iterable[Mapping[str, Any]]) -> str:
    """How far an order is, from its buckets alone."""
    units = {bucket: sum(line["buckets"][bucket] for line in lines) for bucket in BUCKETS}
    arrived = sum(line["delivered"] + line["lost"] for line in lines)
    left = sum(units[b] for b in BUCKETS if b not in ("shipped", "cancelled"))
    if not left and not units["shipped"]:
        return "cancelled"
    if not left:
        return "delivered" if arrived == units["shipped"] else "shipped"
    if units["shipped"]:
        return "partly_shipped"
    if units["released"]:
        return "released"
    first = ("parked", "open", "backordered", "reserved", "allocated")
    return next(bucket for bucket in first if units[bucket])
