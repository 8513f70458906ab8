"""What is booked for what happened: one occurrence at a time, in their order.

`Books` is what entries lean on, as it was read under locks; `book` returns the postings and
leaves in it what is to be written. An occurrence that can't be booked raises, and leaves the
books as they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import assert_never

from baton.accounting.errors import RateMissing
from baton.accounting.model import (
    Chart,
    Credit,
    Goods,
    Held,
    Item,
    Key,
    Ledger,
    Left,
    Leg,
    Money,
    Occurrence,
    OrderAccount,
    Origin,
    Pool,
    Posting,
    Pot,
    Sale,
)
from baton.accounting.rules import goods, stock
from baton.accounting.rules.chart import mapped
from baton.accounting.rules.exchange import converted, move
from baton.values.ids import Id

PotKey = tuple[Id, Key, str, str]  # legal entity, key, code, currency
PoolKey = tuple[Id, Id]  # legal entity, SKU
LeftKey = tuple[Id, int]  # order, line


@dataclass(slots=True)
class Books:
    """What entries lean on, by key; what is not there has not begun."""

    chart: Chart
    ledgers: Mapping[Id, Ledger]
    orders: dict[Id, OrderAccount] = field(default_factory=dict)
    pots: dict[PotKey, Pot] = field(default_factory=dict)
    pools: dict[PoolKey, Pool] = field(default_factory=dict)
    left: dict[LeftKey, Left] = field(default_factory=dict)

    def copy(self) -> Books:
        """The same, to be changed without changing this one."""
        return Books(
            self.chart,
            self.ledgers,
            dict(self.orders),
            dict(self.pots),
            dict(self.pools),
            dict(self.left),
        )


def book(books: Books, happened: Sequence[Occurrence]) -> tuple[Books, list[Posting]]:
    """The books after all that one fact tells, and its postings.

    Raises MappingMissing or RateMissing; the books given are never changed.
    """
    after = books.copy()
    made: list[Posting] = []
    for one in happened:
        made += _postings(after, one)
    return after, _merged(made)


def _merged(postings: Sequence[Posting]) -> list[Posting]:
    """One posting for all lines of a fact that say the same in the same books."""
    by_rule: dict[tuple[str, Id, str], Posting] = {}
    for one in postings:
        place = one.origin.rule, one.origin.legal_entity_id, one.origin.currency
        if before := by_rule.get(place):
            origin = before.origin if before.origin.note else one.origin
            one = Posting(origin, (*before.lines, *one.lines))
        by_rule[place] = one
    return list(by_rule.values())


def _postings(books: Books, one: Occurrence) -> list[Posting]:
    match one:
        case Sale():
            return _only(books, one.origin, _sale(books, one))
        case Credit():
            return _only(books, one.origin, _credit(books, one))
        case Money():
            return _only(books, one.origin, _money(books, one))
        case Held():
            return _only(books, one.origin, _held(books, one))
        case Goods():
            return _goods(books, one)
        case never:
            assert_never(never)


@dataclass(frozen=True, slots=True)
class _Draft:
    """Legs, and what was gained because pots settled at another rate than they came at."""

    legs: Sequence[Leg]
    gain: int


def _only(books: Books, origin: Origin, draft: _Draft) -> list[Posting]:
    posting = posted(books.chart, origin, draft.legs, draft.gain)
    return [posting] if posting else []


def posted(chart: Chart, origin: Origin, legs: Sequence[Leg], gain: int = 0) -> Posting | None:
    """The balanced posting of these legs; None where they amount to nothing.

    What pots gained or lost by the rate goes to exchange gains or losses; what rounding leaves
    over goes to its own account. Raises MappingMissing or RateMissing.
    """
    rate = rate_of(origin)
    whole = [
        leg
        if leg.base is not None
        else replace(leg, base=converted(leg.amount, origin.currency, origin.base_currency, rate))
        for leg in legs
        if leg.amount or leg.base or leg.units
    ]
    if not whole:
        return None
    assert not sum(leg.amount for leg in whole), f"{origin.rule} does not balance: {whole}"
    if gain:
        key = Key.EXCHANGE_GAIN if gain > 0 else Key.EXCHANGE_LOSS
        whole.append(Leg(key, 0, -gain))
    if rest := sum(leg.base or 0 for leg in whole):
        whole.append(Leg(Key.ROUNDING, 0, -rest))
    if not any(leg.amount or leg.base or leg.units for leg in whole):
        return None
    return Posting(origin, tuple(mapped(chart, origin, leg) for leg in whole))


def rate_of(origin: Origin) -> Decimal:
    """Base currency for one unit of the currency. Raises RateMissing."""
    if origin.currency == origin.base_currency:
        return Decimal(1)
    if origin.rate is None:
        raise RateMissing(
            f"No rate from {origin.currency} to {origin.base_currency} is known for "
            f"{origin.day.isoformat()}.",
            key=f"{origin.currency}/{origin.base_currency}",
        )
    return origin.rate


# ── what buyers owe ────────────────────────────────────────────────────────────────────────


def _sale(books: Books, sale: Sale) -> _Draft:
    """Revenue, discount and tax against what the buyer owes: deposits first, else a receivable."""
    legs: list[Leg] = []
    for item in sale.items:
        codes = (item.code,) if item.code else ()
        legs.append(Leg(item.key, -item.net - item.discount, codes=codes))
        legs.append(Leg(Key.DISCOUNT, item.discount, codes=codes))
        legs += [Leg(Key.TAX, -part.minor, codes=part.codes) for part in item.taxes]
    due = sum(map(_total, sale.items))
    owed = _order_legs(books, sale.origin, due, billed=due, received=0)
    return _Draft([*owed.legs, *_summed(legs)], owed.gain)


def _credit(books: Books, credit: Credit) -> _Draft:
    """What the buyer owes no more: against returns, goodwill or a loss, and the tax with it."""
    legs: list[Leg] = []
    if credit.if_owed:
        credit = replace(credit, items=_at_most(credit.items, _owed(books, credit.origin)))
    for item in credit.items:
        codes = (item.code,) if item.code else ()
        legs.append(Leg(item.key, item.net, codes=codes))
        legs += [Leg(Key.TAX, part.minor, codes=part.codes) for part in item.taxes]
    total = sum(map(_total, credit.items))
    owed = _order_legs(books, credit.origin, -total, billed=-total, received=0)
    return _Draft([*_summed(legs), *owed.legs], owed.gain)


def _money(books: Books, money: Money) -> _Draft:
    """Money into a pot of ours from the buyer, or out of it to the buyer."""
    given: Sequence[Leg] = ()
    if money.goodwill and (gift := -money.amount - max(-_owed(books, money.origin), 0)) > 0:
        credit = Credit(money.origin, (Item(Key.APPEASEMENT, gift),))
        given = _credit(books, credit).legs
    held = _pot_legs(books, money.origin, money.key, money.code, money.amount)
    owed = _order_legs(books, money.origin, -money.amount, billed=0, received=money.amount)
    return _Draft([*given, *held.legs, *owed.legs], held.gain + owed.gain)


def _owed(books: Books, origin: Origin) -> int:
    """What the buyer owes for the order by now; below zero, what they have to get."""
    account = books.orders.get(origin.order_id) if origin.order_id else None
    return account.pot.amount if account else 0


def _at_most(items: Sequence[Item], limit: int) -> tuple[Item, ...]:
    """One item after another, as far as the limit goes; such items have no tax."""
    made, left = [], max(limit, 0)
    for item in items:
        part = min(item.net, left)
        made.append(replace(item, net=part))
        left -= part
    return tuple(made)


def _held(books: Books, held: Held) -> _Draft:
    """A pot of ours against other accounts."""
    pot = _pot_legs(books, held.origin, held.key, held.code, held.amount)
    return _Draft([*pot.legs, *held.others], pot.gain)


def _total(item: Item) -> int:
    return item.net + sum(part.minor for part in item.taxes)


def _order_legs(books: Books, origin: Origin, amount: int, *, billed: int, received: int) -> _Draft:
    assert origin.order_id is not None
    account = books.orders.get(origin.order_id) or OrderAccount(
        origin.order_id, origin.legal_entity_id, origin.currency
    )
    moved = move(account.pot, amount, origin.currency, origin.base_currency, rate_of(origin))
    books.orders[origin.order_id] = replace(
        account,
        billed=account.billed + billed,
        received=account.received + received,
        pot=moved.pot,
    )
    was_owed = account.pot.amount > 0
    sides = (
        (moved.relieved, Key.RECEIVABLE if was_owed else Key.DEPOSIT),
        (moved.added, Key.RECEIVABLE if moved.added.amount > 0 else Key.DEPOSIT),
    )
    legs = [Leg(key, part.amount, part.base) for part, key in sides if part.amount]
    return _Draft(legs, moved.gain)


def _pot_legs(books: Books, origin: Origin, key: Key, code: str, amount: int) -> _Draft:
    place = origin.legal_entity_id, key, code, origin.currency
    pot = books.pots.get(place, Pot())
    moved = move(pot, amount, origin.currency, origin.base_currency, rate_of(origin))
    books.pots[place] = moved.pot
    base = moved.relieved.base + moved.added.base
    return _Draft([Leg(key, amount, base, (code,))], moved.gain)


def _summed(legs: Sequence[Leg]) -> list[Leg]:
    """One leg for each key and code: an order of a hundred lines is an entry of few."""
    sums: dict[tuple[Key, tuple[str, ...]], int] = {}
    for leg in legs:
        where = leg.key, leg.codes
        sums[where] = sums.get(where, 0) + leg.amount
    return [Leg(key, amount, codes=codes) for (key, codes), amount in sums.items() if amount]


# ── goods ──────────────────────────────────────────────────────────────────────────────────


def _goods(books: Books, one: Goods) -> list[Posting]:
    """What came or left against its other side; between two entities, in the books of both."""
    origin = one.origin
    method = books.ledgers[origin.legal_entity_id].method
    place = origin.legal_entity_id, one.sku_id
    line = (
        None
        if one.order_line is None or origin.order_id is None
        else (origin.order_id, one.order_line)
    )
    change = goods.change(
        one, books.pools.get(place, Pool()), books.left.get(line, Left()) if line else None, method
    )
    books.pools[place] = change.pool
    if line is not None and change.left is not None:
        books.left[line] = change.left
    if change.guessed and not change.value:
        origin = replace(origin, note=_noted(origin.note, "the cost is not known"))
    partner = one.to_entity_id or one.seller_id
    if partner in (None, origin.legal_entity_id):
        return _only(books, origin, _Draft(goods.legs(one, change, one.key), 0))
    own = _Draft(goods.legs(one, change, Key.PARTNER, str(partner)), 0)
    return _only(books, origin, own) + _partner(books, one, partner, change.value)


def _partner(books: Books, one: Goods, partner: Id, value: int) -> list[Posting]:
    """The other side of goods that one legal entity sold or got out of another's stock."""
    owner, currency = one.origin.legal_entity_id, one.origin.base_currency
    base = books.ledgers[partner].base_currency
    origin = replace(
        one.origin,
        rule=f"{one.origin.rule}.partner",
        legal_entity_id=partner,
        currency=currency,
        base_currency=base,
    )
    if one.to_entity_id is None:
        legs = [Leg(one.key, -value), Leg(Key.PARTNER, value, codes=(str(owner),))]
        return _only(books, origin, _Draft(legs, 0))
    worth = converted(-value, currency, base, rate_of(origin))
    place = partner, one.sku_id
    came = stock.come_in(
        books.pools.get(place, Pool()), -one.units, worth, books.ledgers[partner].method
    )
    books.pools[place] = came.pool
    legs = [
        Leg(Key.STOCK, -value, worth, sku_id=one.sku_id, units=-one.units),
        Leg(Key.PARTNER, value, -worth, codes=(str(owner),)),
        Leg(Key.STOCK, 0, -came.trued_up, sku_id=one.sku_id),
        Leg(Key.COST, 0, came.trued_up),
    ]
    return _only(books, origin, _Draft(legs, 0))


def _noted(note: str, more: str) -> str:
    return f"{note}; {more}" if note else more
