"""What goods that come or leave are worth, and the lines that say so."""

from __future__ import annotations

from dataclasses import dataclass

from baton.accounting.model import Goods, Key, Left, Leg, Method, Pool
from baton.accounting.rules import stock


@dataclass(frozen=True, slots=True)
class Change:
    """Stock after an occurrence, and what it gained by it: `value`, negative where units left.

    `trued_up` is what units that had left before cost more than was booked for them.
    """

    pool: Pool
    left: Left | None
    value: int
    trued_up: int
    guessed: bool


def change(goods: Goods, pool: Pool, left: Left | None, method: Method) -> Change:
    """What comes or leaves, valued; `left` is of the order line that it belongs to, if any."""
    if goods.units < 0:
        out = stock.go_out(pool, -goods.units, method, goods.standard)
        if left is not None:
            left = Left(left.units - goods.units, left.value + out.cost)
        return Change(out.pool, left, -out.cost, 0, out.guessed > 0)
    value, guessed = 0, False
    units = goods.units
    if goods.cost is not None:
        value = stock.at_cost(goods.cost, units)
    else:
        if left is not None:
            known = min(units, left.units)
            left, value = stock.come_back(left, units)
            units -= known
        if units:
            value += stock.worth(pool, units, goods.standard)
            guessed = pool.units <= 0
    own = goods.cost is not None and goods.cost.value > 0
    came = stock.come_in(pool, goods.units, value, method, known=own)
    return Change(came.pool, left, value, came.trued_up, guessed)


def legs(goods: Goods, change: Change, other: Key, code: str = "") -> list[Leg]:
    """Stock against the other side; what came to light about the past goes to its cost."""
    codes = (code,) if code else ()
    return [
        Leg(Key.STOCK, change.value, sku_id=goods.sku_id, units=goods.units),
        Leg(other, -change.value, codes=codes, sku_id=goods.sku_id),
        Leg(Key.STOCK, -change.trued_up, sku_id=goods.sku_id),
        Leg(Key.COST, change.trued_up, sku_id=goods.sku_id),
    ]
