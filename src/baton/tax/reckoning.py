"""The tax of one order, line by line and charge by charge.

Where a thing is taxed is `places.ground`, at which rates the tables say, and what that comes to
`amounts`. Where the channel has said the tax, its figures stand and are explained: by the rate
that they fit. What they don't fit is said, never changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from baton.tax import amounts, places
from baton.tax.model import (
    STANDARD,
    VAT,
    Code,
    Determination,
    Determined,
    Item,
    ItemKind,
    Rate,
    Reason,
    Source,
    State,
    Supply,
)
from baton.tax.rules import Tables
from baton.values.ids import Id

_NOTHING = Decimal(0)
# A difference between totals is no supply, and a gift voucher that pays is money.
NOT_TAXED = frozenset({"adjustment", "gift_voucher"})


@dataclass(frozen=True, slots=True)
class _Taken:
    """One component of what is taken of a part."""

    component: str
    jurisdiction: str
    percent: Decimal
    code: Code
    exemption: str


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of an item that is taxed in one way: `amount` of it."""

    amount: int
    jurisdiction: str
    reason: Reason
    category: str
    taken: tuple[_Taken, ...]

    @property
    def way(self) -> tuple[object, ...]:
        return (self.jurisdiction, self.reason, self.taken)

    @property
    def percent(self) -> Decimal:
        return sum((each.percent for each in self.taken), _NOTHING)

    @property
    def is_taxed(self) -> bool:
        return any(each.code is not Code.OUTSIDE for each in self.taken)


def determined(order_id: Id, supply: Supply, tables: Tables) -> Determination:
    """The tax of all lines and charges of an order, and a sentence for each difference."""
    parts: list[Determined] = []
    said: list[str] = []
    goods: list[_Part] = []
    for item in sorted(supply.items, key=lambda item: (not item.line_no, item.line_no)):
        if item.line_no:
            pieces = [_line_part(item, supply, tables)]
            goods += pieces
        else:
            pieces = _charge_parts(item, goods, supply, tables)
        made, difference = _settled(order_id, item, pieces, supply, tables)
        parts += made
        said += [difference] if difference else []
    given = any(item.given is not None for item in supply.items)
    state = State.DIFFERS if said else State.FITS
    return Determination(
        order_id=order_id,
        version=1,
        source=Source.CHANNEL if given else Source.TABLES,
        service="",
        state=state if tables.kept else State.UNCHECKED,
        tax_minor=sum(part.tax_minor for part in parts),
        expected_minor=sum(part.expected_minor for part in parts),
        note=" ".join(said),
        fingerprint=b"",
        parts=tuple(parts),
    )


# ── what the tables say ────────────────────────────────────────────────────────────────────


def _line_part(item: Item, supply: Supply, tables: Tables) -> _Part:
    found = places.ground(item, supply)
    at = places.jurisdiction_of(found.at)
    if found.code is not None:
        none = _Taken(VAT, at, _NOTHING, found.code, found.exemption)
        return _Part(item.amount, at, found.reason, item.category, (none,))
    rates = tables.at(found.at, item.category, supply.day)
    if not rates:
        reason = Reason.NO_RATE if tables.kept else Reason.NO_TABLES
        none = _Taken(VAT, at, _NOTHING, Code.ZERO, "")
        return _Part(item.amount, at, reason, item.category, (none,))
    taken = tuple(
        _Taken(r.component, r.jurisdiction, r.percent, r.code, r.exemption) for r in rates
    )
    return _Part(item.amount, at, found.reason, item.category, taken)


def _charge_parts(
    item: Item, goods: Sequence[_Part], supply: Supply, tables: Tables
) -> list[_Part]:
    """A charge in the shares of the goods, unless the place names a category for it.

    What is ancillary is taxed as the principal supply is. *Source:* CJEU C-349/96 Card Protection
    Plan, paragraph 30. Splitting by the goods' amounts is German practice, cited from no text here.
    """
    if item.kind in NOT_TAXED:
        at = supply.seller.place.country
        none = _Taken(VAT, at, _NOTHING, Code.OUTSIDE, places.NOT_SUBJECT)
        return [_Part(item.amount, at, Reason.OUTSIDE_SCOPE, item.kind, (none,))]
    as_line = replace(item, kind=ItemKind.GOODS, category=item.category or STANDARD)
    country = places.ground(as_line, supply).at.country
    own = item.category or tables.category_of(item.kind, country)
    weights = [part for part in goods if part.amount and part.is_taxed]
    if own or not weights:
        return [_line_part(replace(as_line, category=own or STANDARD), supply, tables)]
    ways: dict[tuple[object, ...], _Part] = {}
    for part in weights:
        known = ways.get(part.way)
        ways[part.way] = replace(part, amount=part.amount + (known.amount if known else 0))
    shares = amounts.spread(item.amount, [part.amount for part in ways.values()])
    return [replace(part, amount=s) for part, s in zip(ways.values(), shares, strict=True)]


# ── what the channel says ──────────────────────────────────────────────────────────────────


def _settled(
    order_id: Id, item: Item, pieces: Sequence[_Part], supply: Supply, tables: Tables
) -> tuple[list[Determined], str]:
    """The item's tax as the buyer pays it, and in which way that is not what was expected."""
    included = supply.tax_included
    expected = [
        amounts.taxes(p.amount, [t.percent for t in p.taken], included=included) for p in pieces
    ]
    whole = sum(map(sum, expected))
    unknown = pieces[0].reason in (Reason.NO_RATE, Reason.NO_TABLES)
    if item.given is None or (not unknown and _fits(item, pieces, whole, included=included)):
        paid = _laid(whole if item.given is None else item.given, expected)
        made = [
            each
            for part, want, have in zip(pieces, expected, paid, strict=True)
            for each in _made(order_id, item, part, want, have, supply, shared=len(pieces) > 1)
        ]
        return made, _no_rate(item, pieces[0])
    one = _explained(order_id, item, pieces[0], whole, supply, tables)
    return [one], _no_rate(item, pieces[0]) or _difference(item, pieces[0], one)


def _fits(item: Item, pieces: Sequence[_Part], expected: int, *, included: bool) -> bool:
    given = item.given or 0
    if len(pieces) > 1:  # each piece may have been rounded for itself
        return abs(given - expected) <= len(pieces)
    percent = pieces[0].percent
    if not percent:
        return given == 0
    return amounts.agrees(given, item.amount, item.quantity, percent, included=included)


def _laid(given: int, expected: Sequence[Sequence[int]]) -> list[list[int]]:
    """The tax that is paid, laid on the pieces as expected; the rounding on the largest."""
    laid = [list(each) for each in expected]
    row, column = max(
        ((row, column) for row, each in enumerate(laid) for column in range(len(each))),
        key=lambda at: abs(laid[at[0]][at[1]]),
    )
    laid[row][column] += given - sum(map(sum, laid))
    return laid


def _made(
    order_id: Id,
    item: Item,
    part: _Part,
    expected: Sequence[int],
    paid: Sequence[int],
    supply: Supply,
    *,
    shared: bool,
) -> Iterator[Determined]:
    basis = part.amount - (sum(paid) if supply.tax_included else 0)
    for taken, want, tax in zip(part.taken, expected, paid, strict=True):
        way = f":{taken.jurisdiction}:{taken.code}{plain(taken.percent)}" if shared else ""
        yield Determined(
            order_id=order_id,
            line_no=item.line_no,
            charge_no=item.charge_no,
            component=f"{taken.component}{way}",
            jurisdiction=taken.jurisdiction,
            category=taken.code.value,
            rate=taken.percent,
            basis_minor=basis,
            tax_minor=tax,
            reason=part.reason.value,
            goods_category=part.category,
            exemption=taken.exemption,
            expected_minor=want,
        )


def _explained(
    order_id: Id, item: Item, part: _Part, expected: int, supply: Supply, tables: Tables
) -> Determined:
    """The channel's tax that is not what the tables say: by the rate that it does fit."""
    given = item.given or 0
    basis = item.amount - (given if supply.tax_included else 0)
    rate = _fitting(item, supply, tables)
    reason = part.reason
    if rate is None and reason is not Reason.NO_TABLES:
        reason = Reason.UNEXPLAINED
    return Determined(
        order_id=order_id,
        line_no=item.line_no,
        charge_no=item.charge_no,
        component=rate.component if rate else VAT,
        jurisdiction=rate.jurisdiction if rate else part.jurisdiction,
        category=(rate.code if rate else Code.STANDARD if given else Code.ZERO).value,
        rate=rate.percent if rate else _implied(given, basis),
        basis_minor=basis,
        tax_minor=given,
        reason=reason.value,
        goods_category=rate.category if rate else part.category,
        exemption=rate.exemption if rate else "",
        expected_minor=expected if tables.kept else given,
    )


def _fitting(item: Item, supply: Supply, tables: Tables) -> Rate | None:
    """The rate of the tables that the channel's tax fits: the destination's, then the seller's."""
    known = [places.tax_place(place).country for place in (item.to, supply.seller.place) if place]
    given, included = item.given or 0, supply.tax_included
    for country in dict.fromkeys(known):
        for rate in tables.of(country, supply.day):
            free = not given and not rate.percent
            taxed = given and rate.percent
            if free or (
                taxed
                and amounts.agrees(
                    given, item.amount, item.quantity, rate.percent, included=included
                )
            ):
                return rate
    return None


def _implied(tax: int, basis: int) -> Decimal:
    """The percentage that a tax and its basis make, to two places; 0 where there is no basis."""
    return (Decimal(tax) * 100 / basis).quantize(Decimal("0.01")) if basis else _NOTHING


# ── what is said of it ─────────────────────────────────────────────────────────────────────


def _no_rate(item: Item, part: _Part) -> str:
    if part.reason is not Reason.NO_RATE:
        return ""
    return f"{_named(item)}: the tables have no rate of {part.jurisdiction} for {part.category}."


def _difference(item: Item, part: _Part, one: Determined) -> str:
    if part.reason is Reason.NO_TABLES:
        return ""
    fits = f"which is {one.jurisdiction} {plain(one.rate)} % ({one.goods_category})"
    if one.reason == Reason.UNEXPLAINED:
        fits = f"which fits no rate (it makes {plain(one.rate)} %)"
    return (
        f"{_named(item)}: the channel's tax is {one.tax_minor}, {fits}; {one.expected_minor} was "
        f"expected: {part.jurisdiction} {plain(part.percent)} % ({part.reason})."
    )


def _named(item: Item) -> str:
    return f"Line {item.line_no}" if item.line_no else f"Charge {item.charge_no} ({item.kind})"


def plain(percent: Decimal) -> str:
    """`19`, `5.5`: without zeros that say nothing."""
    return f"{percent.normalize():f}"
