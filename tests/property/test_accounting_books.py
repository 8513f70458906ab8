"""Whatever happens, in whatever order: no cent is lost, and the books come to rest at zero.

BATON_BOOK_EXAMPLES sets how many histories are told: 1,000 by itself, 100,000 for a night.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baton.accounting.model import (
    Credit,
    Goods,
    Item,
    Key,
    Ledger,
    Method,
    Money,
    Origin,
    Pool,
    Posting,
    Sale,
    TaxPart,
    UnitCost,
)
from baton.accounting.rules import stock
from baton.accounting.rules.books import Books, book
from baton.accounting.rules.chart import SHIPPED
from baton.orders.model import Charge, ChargeKind, Header, Line, LineKind, Mode, Order
from baton.orders.rules import due_for_shipping, sold_by_shipping
from baton.values.ids import Id

EXAMPLES = int(os.environ.get("BATON_BOOK_EXAMPLES", "1000"))
MAIN, ORDER, SKU = (Id(int=n) for n in range(1, 4))
many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="BATON_BOOK_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)


def origin(rate: Decimal | None, currency: str = "EUR") -> Origin:
    return Origin(
        source_id=Id(int=9),
        rule="r",
        fact="f",
        subject_id=ORDER,
        legal_entity_id=MAIN,
        day=date(2026, 3, 2),
        currency=currency,
        base_currency="EUR",
        rate=rate,
        order_id=ORDER,
    )


def balanced(postings: Sequence[Posting], sums: dict[str, list[int]]) -> None:
    """Each posting balances in both currencies; what it says is added to `sums` by key."""
    for posting in postings:
        assert sum(line.amount for line in posting.lines) == 0
        assert sum(line.base for line in posting.lines) == 0
        for line in posting.lines:
            own = sums.setdefault(line.key, [0, 0, 0])
            own[0] += line.amount
            own[1] += line.base
            own[2] += line.units


# ── stock ──────────────────────────────────────────────────────────────────────────────────

moves = st.lists(
    st.one_of(
        st.tuples(st.just("receive"), st.integers(1, 9), st.none() | st.integers(0, 997)),
        st.tuples(st.just("ship"), st.integers(1, 9), st.integers(1, 3)),
        st.tuples(st.just("back"), st.integers(1, 9), st.integers(1, 3)),
        st.tuples(st.just("count"), st.integers(-5, 5).filter(bool), st.none()),
        st.tuples(st.just("method"), st.integers(0, 1), st.none()),
    ),
    max_size=30,
)


@many
@given(moves, st.none() | st.integers(1, 500))
def test_no_history_of_goods_loses_a_cent(
    history: list[tuple[str, int, int | None]], standard: int | None
) -> None:
    """Value is the sum of its layers, and of all that was ever booked on the account."""
    state = Books(SHIPPED, {MAIN: Ledger(MAIN, "EUR", Method.AVERAGE, None, 1, 1)})
    guide = UnitCost(standard, 1) if standard else None
    sums: dict[str, list[int]] = {}
    units = 0
    for what, count, detail in history:
        goods = Goods(origin(None), SKU, count, Key.STOCK_COUNTED, standard=guide)
        match what:
            case "receive":
                cost = UnitCost(detail, 1) if detail is not None else None
                goods = replace(goods, key=Key.GOODS_RECEIVED, cost=cost)
            case "ship":
                goods = replace(goods, units=-count, key=Key.COST, order_line=detail)
            case "back":
                goods = replace(goods, key=Key.COST, order_line=detail)
            case "method":
                method = list(Method)[count]
                ledgers = {MAIN: replace(state.ledgers[MAIN], method=method)}
                state = Books(SHIPPED, ledgers, pools=state.pools, left=state.left)
                continue
        state, postings = book(state, [goods])
        balanced(postings, sums)
        units += goods.units
        pool = state.pools[MAIN, SKU]
        assert pool.units == units == sums["stock"][2]
        assert pool.value == sums["stock"][0]
        assert all(layer.units for layer in pool.layers)
        assert len({layer.units > 0 for layer in pool.layers}) <= 1, "over and under at once"
        if units == 0:
            assert pool.value == 0, "nothing is there, and it is worth nothing"
        for left in state.left.values():
            assert left.units >= 0
            assert left.units or not left.value


@many
@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 997)), min_size=1, max_size=8),
    st.sampled_from(list(Method)),
    st.randoms(use_true_random=False),
)
def test_what_came_in_goes_out_to_the_cent(
    receipts: list[tuple[int, int]], method: Method, chance: object
) -> None:
    """In parts of any size, all costs sum to what was paid."""
    pool = Pool()
    for units, cost in receipts:
        pool = stock.come_in(pool, units, units * cost, method).pool
    cost = 0
    while pool.units:
        part = chance.randint(1, pool.units)  # type: ignore[attr-defined]
        out = stock.go_out(pool, part, method, None)
        assert out.guessed == 0
        pool, cost = out.pool, cost + out.cost
    assert cost == sum(units * price for units, price in receipts)
    assert pool.layers == ()


# ── an order ───────────────────────────────────────────────────────────────────────────────


def _order(line: Line, charge: Charge, included: bool) -> Order:
    header = Header.__new__(Header)
    object.__setattr__(header, "prices_include_tax", included)
    object.__setattr__(header, "mode", Mode.LIVE)
    return Order(header, (line,), (), (charge,))


@many
@given(st.data())
def test_any_story_of_an_order_comes_to_rest(data: st.DataObject) -> None:
    """Parts are shipped, paid before or after, cancelled, returned and refunded, in any order and
    at any rate: in the end the buyer owes nothing, and what is left is what they kept."""
    included = data.draw(st.booleans())
    ordered = data.draw(st.integers(1, 7))
    price = data.draw(st.integers(0, 1999))
    discount = data.draw(st.integers(0, price * ordered))
    untaxed = price * ordered - discount
    tax = data.draw(st.integers(0, untaxed))
    line = Line(
        1,
        1,
        LineKind.GOODS,
        SKU,
        "S",
        "S",
        0,
        False,
        price,
        discount,
        tax,
        untaxed if included else untaxed + tax,
        ordered,
        released=ordered,
    )
    fee = data.draw(st.integers(0, 999))
    fee_tax = data.draw(st.integers(0, fee))
    order = _order(line, Charge(1, ChargeKind.SHIPPING, "s", fee, fee_tax), included)
    foreign = data.draw(st.booleans())
    rates = st.decimals("0.2", "3", places=4) if foreign else st.none()
    currency = "USD" if foreign else "EUR"
    own_rate = data.draw(rates)
    state = Books(SHIPPED, {MAIN: Ledger(MAIN, "EUR", Method.AVERAGE, None, 1, 1)})
    sums: dict[str, list[int]] = {}
    billed = paid = 0
    kept: list[tuple[int, int]] = []
    left = ordered
    for step in data.draw(st.lists(st.sampled_from(("ship", "cancel", "pay", "return")))):
        if step == "pay":
            amount = data.draw(st.integers(1, 5000))
            paid += amount
            one = Money(origin(data.draw(rates), currency), Key.CLEARING_GATEWAY, "g", amount)
            state, postings = book(state, [one])
        elif step == "return" and kept:
            net, taxed = kept.pop()
            item = Item(Key.RETURNS, net, 0, (TaxPart((), taxed),))
            billed -= net + taxed
            state, postings = book(state, [Credit(origin(own_rate, currency), (item,))])
        elif step == "ship" and left:
            units = data.draw(st.integers(1, left))
            left -= units
            sold, charged = sold_by_shipping(order, {1: units})
            due = due_for_shipping(order, {1: units})
            now = order.line(1)
            order = order.with_line(
                replace(now, shipped=now.shipped + units, released=now.released - units)
            )
            items = [Item(Key.REVENUE, n, d, (TaxPart((), t),)) for _, _, n, d, t in sold]
            items += [Item(Key.REVENUE_SHIPPING, n, 0, (TaxPart((), t),)) for _, n, t in charged]
            assert sum(i.net + i.taxes[0].minor for i in items) == due
            kept += [(n, t) for _, _, n, _, t in sold] + [(n, t) for _, n, t in charged]
            billed += due
            state, postings = book(state, [Sale(origin(own_rate, currency), tuple(items))])
        elif step == "cancel" and left:
            left -= data.draw(st.integers(1, left))
            continue
        else:
            continue
        balanced(postings, sums)
        account = state.orders[ORDER]
        assert (account.billed, account.received) == (billed, paid)
        owed = [sums.get(key, [0, 0, 0]) for key in ("receivable", "deposit")]
        assert owed[0][0] == max(billed - paid, 0)
        assert owed[1][0] == min(billed - paid, 0)
        assert owed[0][1] + owed[1][1] == account.pot.base
    last = Money(origin(data.draw(rates), currency), Key.CLEARING_GATEWAY, "g", billed - paid)
    state, postings = book(state, [last])
    balanced(postings, sums)
    for key in ("receivable", "deposit"):
        assert sums.get(key, [0, 0, 0])[:2] == [0, 0], "to the cent, in both currencies"
    amount = {key: own[0] for key, own in sums.items()}
    assert amount.get("clearing.gateway", 0) == billed
    results = ("revenue.goods", "revenue.shipping", "discount", "returns")
    assert -sum(amount.get(key, 0) for key in results) == sum(net for net, _ in kept)
    assert -amount.get("tax", 0) == sum(taxed for _, taxed in kept)
    if not foreign:
        assert not {"exchange.gain", "exchange.loss", "rounding"} & set(sums)
