"""What stock is worth: layers that come in, go out oldest first, and never lose a cent.

Under FIFO each receipt is a layer of its own; under moving average all are one. Units that left
before they came are one negative layer, valued at the best cost known; when they come, the
difference to what they really cost is found.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from baton.accounting.model import Layer, Left, Method, Pool, UnitCost
from baton.values.money import share


@dataclass(frozen=True, slots=True)
class CameIn:
    """The pool afterwards; `trued_up` is what units that had left before cost more than booked."""

    pool: Pool
    trued_up: int


@dataclass(frozen=True, slots=True)
class WentOut:
    """The pool afterwards and what the units cost; of `guessed` units the cost is not known yet."""

    pool: Pool
    cost: int
    guessed: int


def come_in(pool: Pool, units: int, value: int, method: Method, *, known: bool = True) -> CameIn:
    """`units` worth `value` came in. `known`: it is what they cost, and so a guide for others."""
    assert units > 0
    layers, trued_up = list(pool.layers), 0
    left_units, left_value = units, value
    if layers and layers[0].units < 0:
        short = layers.pop(0)
        covered = min(units, -short.units)
        real = share(value, units, covered)
        booked = share(-short.value, -short.units, covered)
        trued_up = real - booked
        if covered < -short.units:
            layers.append(replace(short, units=short.units + covered, value=short.value + booked))
        left_units, left_value = units - covered, value - real
    next_no = pool.next_no
    if left_units:
        if method is Method.AVERAGE and layers:
            first = layers[0]
            layers = [
                Layer(
                    first.no,
                    sum(layer.units for layer in layers) + left_units,
                    sum(layer.value for layer in layers) + left_value,
                )
            ]
        else:
            layers.append(Layer(next_no, left_units, left_value))
            next_no += 1
    last = UnitCost(value, units) if known else pool.last
    return CameIn(Pool(tuple(layers), next_no, last), trued_up)


def go_out(pool: Pool, units: int, method: Method, standard: UnitCost | None) -> WentOut:
    """`units` left: at the cost of the oldest, or of all alike. What is not there is guessed."""
    assert units > 0
    layers = _merged(pool.layers) if method is Method.AVERAGE else list(pool.layers)
    cost, wanted = 0, units
    while wanted and layers and layers[0].units > 0:
        first = layers[0]
        taken = min(wanted, first.units)
        value = share(first.value, first.units, taken)
        cost, wanted = cost + value, wanted - taken
        if taken == first.units:
            layers.pop(0)
        else:
            layers[0] = replace(first, units=first.units - taken, value=first.value - value)
    next_no = pool.next_no
    if wanted:
        guess = at_cost(pool.last or standard, wanted)
        cost += guess
        if layers:
            short = layers[0]
            layers = [replace(short, units=short.units - wanted, value=short.value - guess)]
        else:
            layers = [Layer(next_no, -wanted, -guess)]
            next_no += 1
    return WentOut(Pool(tuple(layers), next_no, pool.last), cost, wanted)


def worth(pool: Pool, units: int, standard: UnitCost | None) -> int:
    """What `units` more are worth by the cost of what lies there, or by the best cost known."""
    if pool.units > 0:
        return at_cost(UnitCost(pool.value, pool.units), units)
    return at_cost(pool.last or standard, units)


def at_cost(cost: UnitCost | None, units: int) -> int:
    """What `units` cost; 0 where nobody knows. Half to even, like all of Baton's money."""
    if cost is None or not cost.units:
        return 0
    quotient, rest = divmod(cost.value * units, cost.units)
    if 2 * rest > cost.units or (2 * rest == cost.units and quotient % 2):
        quotient += 1
    return quotient


def come_back(left: Left, units: int) -> tuple[Left, int]:
    """Units of an order line that came back, at the cost that they left with."""
    known = min(units, left.units)
    value = share(left.value, left.units, known)
    return Left(left.units - known, left.value - value), value


def _merged(layers: tuple[Layer, ...]) -> list[Layer]:
    """All layers as one: what moving average means. A negative one is alone in any case."""
    if len(layers) < 2:
        return list(layers)
    first = layers[0]
    return [
        Layer(first.no, sum(layer.units for layer in layers), sum(layer.value for layer in layers))
    ]
