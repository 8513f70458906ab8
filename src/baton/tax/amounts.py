"""The arithmetic of tax: out of an amount, on top of one, spread over parts, and of some units.

Every amount is rounded once, half to even; what is spread sums to what it came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from baton.tax.model import Determined
from baton.values.money import between, rounded


def taxes(amount: int, percents: Sequence[Decimal], *, included: bool) -> list[int]:
    """The tax of each percentage: within `amount` where it is included, else on top of it.

    Within an amount the sum is rounded once and then spread, so that the amount without tax is
    one figure; on top of it, each percentage is reckoned and rounded for itself.
    """
    if not included:
        return [rounded(amount * percent / 100) for percent in percents]
    whole = sum(percents, Decimal(0))
    return spread(rounded(amount * whole / (100 + whole)), percents)


def spread(total: int, weights: Sequence[Decimal] | Sequence[int]) -> list[int]:
    """`total` in parts as the weights are, none more than a minor unit off, summing to it.

    Weights of one sign; where they sum to 0 the first part has it all.
    """
    whole = sum(Decimal(weight) for weight in weights)
    if not weights:
        return []
    if not whole:
        return [total] + [0] * (len(weights) - 1)
    upto, parts, before = Decimal(0), [], 0
    for weight in weights:
        upto += Decimal(weight)
        mark = rounded(total * upto / whole)
        parts.append(mark - before)
        before = mark
    return parts


def agrees(given: int, amount: int, units: int, percent: Decimal, *, included: bool) -> bool:
    """Whether `given` is the tax of `amount` at this percentage, however it was rounded.

    A channel rounds a line (to either side), or each of its units and multiplies. Nothing else
    passes: a difference of more than that is a difference.
    """
    part = percent / (100 + percent) if included else percent / 100
    exact = amount * part
    if abs(exact - given) <= 1:
        return True
    each = exact / units
    lower, upper = (int(each.to_integral_value(way)) for way in (ROUND_FLOOR, ROUND_CEILING))
    return given in (lower * units, upper * units)


def of_units(
    parts: Sequence[Determined], total: int, of: int, first: int, last: int
) -> tuple[Determined, ...]:
    """The tax of units `first`+1 … `last` of a line of `of` units that costs `total`, by component.

    `parts` are the line's. Shipments, cancellations and returns that between them cover the line
    in any order sum to its parts to the minor unit; the amount without tax is the share of the
    price less the taxes' shares, so that each invoice adds up in itself.
    """
    taxed = [between(part.tax_minor, of, first, last) for part in parts]
    basis = between(total, of, first, last) - sum(taxed)
    return tuple(
        replace(
            part,
            basis_minor=basis,
            tax_minor=tax,
            expected_minor=between(part.expected_minor, of, first, last),
        )
        for part, tax in zip(parts, taxed, strict=True)
    )


def reversed_parts(parts: Sequence[Determined]) -> tuple[Determined, ...]:
    """The same with the other sign: what a credit memo takes back."""
    return tuple(
        replace(
            part,
            basis_minor=-part.basis_minor,
            tax_minor=-part.tax_minor,
            expected_minor=-part.expected_minor,
        )
        for part in parts
    )
