"""At which rate an order's lines and charges are taxed, as documents state it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from baton import tax
from baton.invoicing.model import Part, Taxed
from baton.orders import rules
from baton.orders.model import Charge, Order
from baton.platform.db import Tx
from baton.tax.model import Determined
from baton.values import Id

_HUNDREDTH = Decimal("0.01")
NOT_TAXED = Taxed("Z", Decimal(0))


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line or charge that is taxed at one rate."""

    taxed: Taxed
    total: int
    tax: int


def rates(tx: Tx, found: Mapping[Id, Order]) -> dict[Id, dict[Part, Piece]]:
    """How each line and charge is taxed: as it was determined, else as the order's amounts say.

    A charge that shares the rates of several goods has a piece for each. The amounts are the
    order's own, whatever was determined.
    """
    known = tax.of_orders(tx, list(found))
    return {id: pieces(order, known.get(id, ())) for id, order in found.items()}


def pieces(order: Order, parts: Iterable[Determined]) -> dict[Part, Piece]:
    """The same for one order."""
    by_item: dict[tuple[int, int], list[Determined]] = {}
    for part in parts:
        by_item.setdefault((part.line_no, part.charge_no), []).append(part)
    made = {}
    for line in order.lines:
        own = by_item.get((line.line_no, 0), [])
        made[Part(line.line_no, 0)] = _one(own, line.total, line.tax)
    included = order.header.prices_include_tax
    for charge in order.charges:
        total = rules.charge_total(charge, tax_included=included)
        own = by_item.get((0, charge.charge_no), [])
        made |= _charge(charge, own, total)
    return made


def _charge(charge: Charge, own: Sequence[Determined], total: int) -> dict[Part, Piece]:
    """By the category of goods whose rate it shares; whole where that is not its money."""
    shared: dict[str, list[Determined]] = {}
    for part in own:
        shared.setdefault(part.goods_category, []).append(part)
    found = [
        Piece(_stated(parts), parts[0].basis_minor + taken, taken)
        for _, parts in sorted(shared.items())
        for taken in [sum(part.tax_minor for part in parts)]
    ]
    if (sum(x.total for x in found), sum(x.tax for x in found)) != (total, charge.tax):
        found = [_one(own if len(shared) == 1 else (), total, charge.tax)]
    return {Part(0, charge.charge_no, no): each for no, each in enumerate(found)}


def _one(own: Sequence[Determined], total: int, taken: int) -> Piece:
    determined = sum(part.tax_minor for part in own) if own else None
    stated = _stated(own) if determined == taken else effective(total - taken, taken)
    return Piece(stated, total, taken)


def _stated(parts: Sequence[Determined]) -> Taxed:
    """The components' rates together: a state's and its district's are one rate on paper."""
    first = next((part for part in parts if part.rate), parts[0])
    rate = sum((part.rate for part in parts), Decimal(0))
    return Taxed(first.category, rate, first.exemption)


def effective(net: int, taken: int) -> Taxed:
    """The rate that the amounts themselves make, to a hundredth of a percent.

    It is stated as it is and never bent to a rate that exists: 1.60 on 8.40 is 19.05 %.
    """
    if not taken or not net or (taken < 0) is not (net < 0):
        return NOT_TAXED
    return Taxed("S", (Decimal(taken * 100) / net).quantize(_HUNDREDTH))
