"""What is booked for each kind of occurrence, on which account, on which day, at what rate."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from baton.access.model import LegalEntity
from baton.accounting.errors import (
    ChartInvalid,
    EntryInvalid,
    FactUnfit,
    MappingMissing,
    PeriodOpen,
    RateMissing,
)
from baton.accounting.model import (
    BOOKED,
    Account,
    AccountKind,
    Chart,
    Credit,
    Goods,
    Held,
    Item,
    Key,
    Ledger,
    Leg,
    Mapping,
    Method,
    Money,
    Occurrence,
    Origin,
    PostingLine,
    Pot,
    Sale,
    TaxPart,
    UnitCost,
)
from baton.accounting.rules import periods
from baton.accounting.rules.books import Books, book
from baton.accounting.rules.chart import SHIPPED, account_of, check
from baton.accounting.rules.exchange import converted, move
from baton.flows.told import READERS, World, happened
from baton.platform.journal import Entry
from baton.values.ids import NIL, Id

MAIN, OTHER, ORDER, CHANNEL, SKU = (Id(int=n) for n in range(1, 6))
DAY = date(2026, 3, 2)


def origin(currency: str = "EUR", rate: str | None = None, **more: object) -> Origin:
    made = Origin(
        source_id=Id(int=9),
        rule="r",
        fact="f",
        subject_id=ORDER,
        legal_entity_id=MAIN,
        day=DAY,
        currency=currency,
        base_currency="EUR",
        rate=Decimal(rate) if rate else None,
        order_id=ORDER,
        channel_id=CHANNEL,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def books(method: Method = Method.AVERAGE, chart: Chart = SHIPPED) -> Books:
    ledgers = {id: Ledger(id, "EUR", method, None, 1, 1) for id in (MAIN, OTHER)}
    return Books(chart, ledgers)


def booked(state: Books, *happened: Occurrence) -> tuple[Books, dict[str, tuple[int, int]]]:
    """The books afterwards, and by key what was booked: amount and base."""
    after, postings = book(state, happened)
    sums: dict[str, tuple[int, int]] = {}
    for posting in postings:
        assert not sum(line.amount for line in posting.lines)
        assert not sum(line.base for line in posting.lines)
        for line in posting.lines:
            amount, base = sums.get(line.key, (0, 0))
            sums[line.key] = amount + line.amount, base + line.base
    return after, sums


def amounts(found: dict[str, tuple[int, int]]) -> dict[str, int]:
    return {key: amount for key, (amount, _) in found.items() if amount}


SALE = Sale(
    origin(),
    (
        Item(Key.REVENUE, 2269, 252, (TaxPart(("DE/S/19", "DE"), 431),)),
        Item(Key.REVENUE_SHIPPING, 420, 0, (TaxPart(("DE/S/19", "DE"), 80),), "shipping"),
    ),
)


def test_every_fact_that_is_booked_has_a_reader() -> None:
    assert set(READERS) == BOOKED


def test_every_key_has_an_account_as_shipped() -> None:
    assert {m.key for m in SHIPPED.mappings} == set(Key)
    assert len(SHIPPED.mappings) == len(Key)


# ── what buyers owe ────────────────────────────────────────────────────────────────────────


def test_a_sale_makes_a_receivable() -> None:
    after, found = booked(books(), SALE)
    assert amounts(found) == {
        "receivable": 3200,
        "revenue.goods": -2521,
        "discount": 252,
        "revenue.shipping": -420,
        "tax": -511,
    }
    assert (after.orders[ORDER].billed, after.orders[ORDER].received) == (3200, 0)


def test_money_before_a_sale_is_a_deposit_and_pays_it() -> None:
    paid = Money(origin(), Key.CLEARING_GATEWAY, "fake", 5000)
    after, found = booked(books(), paid)
    assert amounts(found) == {"clearing.gateway": 5000, "deposit": -5000}
    after, found = booked(after, SALE)
    assert found["deposit"] == (3200, 3200)
    assert "receivable" not in found
    after, found = booked(after, replace(paid, amount=-1800))
    assert amounts(found) == {"clearing.gateway": -1800, "deposit": 1800}
    assert after.orders[ORDER].pot == Pot()


def test_a_deposit_that_is_too_small_leaves_a_receivable() -> None:
    after, _ = booked(books(), Money(origin(), Key.CLEARING_GATEWAY, "fake", 1000))
    after, found = booked(after, SALE)
    assert (found["deposit"], found["receivable"]) == ((1000, 1000), (2200, 2200))
    after, found = booked(after, Money(origin(), Key.CLEARING_CHANNEL, "m", 2500))
    assert amounts(found) == {"clearing.channel": 2500, "receivable": -2200, "deposit": -300}


def test_a_return_gives_tax_back_and_is_refunded() -> None:
    after, _ = booked(books(), SALE, Money(origin(), Key.CLEARING_GATEWAY, "fake", 3200))
    credit = Credit(
        origin(), (Item(Key.RETURNS, 1000, 0, (TaxPart((), 190),)), Item(Key.RETURN_FEE, -200))
    )
    after, found = booked(after, credit)
    assert amounts(found) == {"returns": 1000, "tax": 190, "returns.fee": -200, "deposit": -990}
    after, found = booked(after, Money(origin(), Key.STORE_CREDIT, "store_credit", -990))
    assert amounts(found) == {"store_credit.liability": -990, "deposit": 990}
    assert after.orders[ORDER].pot == Pot()


def test_what_is_written_off_is_owed_no_more() -> None:
    after, _ = booked(books(), SALE)
    after, found = booked(after, Credit(origin(), (Item(Key.BAD_DEBT, 3200),)))
    assert amounts(found) == {"bad_debt": 3200, "receivable": -3200}


def test_a_payout_empties_the_clearing_account() -> None:
    after, _ = booked(books(), Money(origin(), Key.CLEARING_GATEWAY, "fake", 3200))
    legs = (Leg(Key.BANK, 3100), Leg(Key.PAYMENT_FEE, 95), Leg(Key.PAYOUT_DIFFERENCE, 5))
    payout = Held(origin(order_id=None), Key.CLEARING_GATEWAY, "fake", -3200, legs)
    after, found = booked(after, payout)
    assert amounts(found) == {
        "clearing.gateway": -3200,
        "bank": 3100,
        "fee.payment": 95,
        "payout.difference": 5,
    }
    assert after.pots[MAIN, Key.CLEARING_GATEWAY, "fake", "EUR"] == Pot()


def test_nothing_is_booked_for_nothing() -> None:
    assert book(books(), [Money(origin(), Key.CLEARING_GATEWAY, "fake", 0)])[1] == []
    assert book(books(), [Sale(origin(), (Item(Key.REVENUE, 0),))])[1] == []


# ── other currencies ───────────────────────────────────────────────────────────────────────


def test_rounding_in_base_has_its_own_account() -> None:
    one = Item(Key.REVENUE, 101, 0, (TaxPart((), 33),))
    _, found = booked(books(), Sale(origin("USD", "0.5"), (one, Item(Key.REVENUE_CHARGE, 33))))
    assert found["receivable"] == (167, 84)
    assert found["revenue.goods"] == (-101, -50)
    assert (found["tax"], found["revenue.charge"]) == ((-33, -16), (-33, -16))
    assert found["rounding"] == (0, -2)


@pytest.mark.parametrize(("rate", "gain"), [("0.95", 500), ("0.85", -500), ("0.90", 0)])
def test_money_at_another_rate_is_a_gain_or_a_loss(rate: str, gain: int) -> None:
    after, _ = booked(books(), Sale(origin("USD", "0.9"), (Item(Key.REVENUE, 10000),)))
    after, found = booked(after, Money(origin("USD", rate), Key.CLEARING_GATEWAY, "fake", 10000))
    assert found["receivable"] == (-10000, -9000), "at the worth that it was booked at"
    assert found["clearing.gateway"] == (10000, 9000 + gain)
    key = "exchange.gain" if gain > 0 else "exchange.loss"
    assert found.get(key, (0, 0)) == (0, -gain)
    assert after.orders[ORDER].pot == Pot()


def test_without_a_rate_nothing_is_booked() -> None:
    state = books()
    with pytest.raises(RateMissing):
        book(state, [Sale(origin("USD"), (Item(Key.REVENUE, 100),))])
    assert state.orders == {}


@pytest.mark.parametrize(
    ("minor", "currency", "base", "rate", "expected"),
    [
        (12345, "EUR", "EUR", "1", 12345),
        (1500, "JPY", "EUR", "0.006", 900),
        (1000, "EUR", "JPY", "160.5", 1605),
        (1500, "KWD", "EUR", "3", 450),
        (1, "USD", "EUR", "0.5", 0),
        (3, "USD", "EUR", "0.5", 2),
    ],
)
def test_amounts_are_converted_by_their_digits(
    minor: int, currency: str, base: str, rate: str, expected: int
) -> None:
    assert converted(minor, currency, base, Decimal(rate)) == expected
    assert converted(-minor, currency, base, Decimal(rate)) == -expected


def test_a_pot_turns_over_zero() -> None:
    moved = move(Pot(100, 90), -150, "USD", "EUR", Decimal(1))
    assert (moved.relieved, moved.added) == (Pot(-100, -90), Pot(-50, -50))
    assert (moved.pot, moved.gain) == (Pot(-50, -50), 10)


# ── goods ──────────────────────────────────────────────────────────────────────────────────


def goods(units: int, key: Key, cost: int | None = None, **more: object) -> Goods:
    made = Goods(origin(), SKU, units, key, UnitCost(cost, 1) if cost is not None else None)
    return replace(made, **more)  # type: ignore[arg-type]


def test_average_and_first_in_first_out() -> None:
    for method, cost in ((Method.AVERAGE, 3 * 150), (Method.FIFO, 2 * 100 + 200)):
        after, found = booked(books(method), goods(2, Key.GOODS_RECEIVED, 100))
        assert amounts(found) == {"stock": 200, "stock.received": -200}
        after, _ = booked(after, goods(2, Key.GOODS_RECEIVED, 200))
        after, found = booked(after, goods(-3, Key.COST))
        assert amounts(found) == {"stock": -cost, "cost_of_goods_sold": cost}
        assert after.pools[MAIN, SKU].value == 600 - cost


def test_another_method_keeps_the_value() -> None:
    after, _ = booked(
        books(Method.FIFO), goods(2, Key.GOODS_RECEIVED, 100), goods(2, Key.GOODS_RECEIVED, 200)
    )
    after = replace_method(after, Method.AVERAGE)
    after, found = booked(after, goods(-1, Key.COST))
    assert found["stock"] == (-150, -150)
    assert [layer.units for layer in after.pools[MAIN, SKU].layers] == [3]


def replace_method(state: Books, method: Method) -> Books:
    ledgers = {id: replace(ledger, method=method) for id, ledger in state.ledgers.items()}
    return Books(state.chart, ledgers, state.orders, state.pots, state.pools, state.left)


def test_units_come_back_at_the_cost_that_they_left_with() -> None:
    after, _ = booked(books(), goods(3, Key.GOODS_RECEIVED, 100))
    after, _ = booked(after, goods(-2, Key.COST, order_line=1))
    after, _ = booked(after, goods(5, Key.GOODS_RECEIVED, 900))
    after, found = booked(after, goods(1, Key.COST, order_line=1))
    assert amounts(found) == {"stock": 100, "cost_of_goods_sold": -100}
    left = after.left[ORDER, 1]
    assert (left.units, left.value) == (1, 100)


def test_what_left_before_it_came_is_trued_up() -> None:
    after, found = booked(books(), goods(-3, Key.COST, standard=UnitCost(50, 1)))
    assert amounts(found) == {"stock": -150, "cost_of_goods_sold": 150}
    after, found = booked(after, goods(5, Key.GOODS_RECEIVED, 70))
    assert amounts(found) == {
        "stock": 350 - 60,
        "stock.received": -350,
        "cost_of_goods_sold": 60,
    }
    pool = after.pools[MAIN, SKU]
    assert (pool.units, pool.value) == (2, 140)


def test_a_cost_that_nobody_knows_is_nothing_and_noted() -> None:
    _, postings = book(books(), [goods(-3, Key.COST)])
    assert postings[0].origin.note == "the cost is not known"
    assert [line.units for line in postings[0].lines if line.units] == [-3]


def test_found_units_are_worth_what_the_others_are() -> None:
    after, _ = booked(books(), goods(3, Key.GOODS_RECEIVED, 100))
    _, found = booked(after, goods(2, Key.STOCK_COUNTED))
    assert amounts(found) == {"stock": 200, "stock.counted": -200}


def test_another_companys_stock_is_due_between_the_two() -> None:
    after, _ = booked(books(), goods(3, Key.GOODS_RECEIVED, 100))
    _, postings = book(after, [goods(-2, Key.COST, seller_id=OTHER)])
    own, other = postings
    assert [(x.key, x.amount) for x in own.lines if x.amount] == [("stock", -200), ("partner", 200)]
    assert other.origin.legal_entity_id == OTHER
    assert [(x.key, x.amount) for x in other.lines] == [
        ("cost_of_goods_sold", 200),
        ("partner", -200),
    ]


# ── chart ──────────────────────────────────────────────────────────────────────────────────


def test_the_narrowest_mapping_wins() -> None:
    accounts = tuple(Account(n, n, AccountKind.LIABILITY) for n in "123456")
    chart = check(
        accounts,
        [
            Mapping(Key.TAX, "1"),
            Mapping(Key.TAX, "2", legal_entity_id=MAIN),
            Mapping(Key.TAX, "3", channel_id=CHANNEL),
            Mapping(Key.TAX, "4", code="DE"),
            Mapping(Key.TAX, "5", code="DE/S/19"),
            Mapping(Key.TAX, "6", legal_entity_id=OTHER),
        ],
    )
    codes = ("DE/S/19", "DE")
    assert account_of(chart, Key.TAX, NIL, NIL) == "1"
    assert account_of(chart, Key.TAX, MAIN, NIL) == "2"
    assert account_of(chart, Key.TAX, MAIN, CHANNEL) == "3"
    assert account_of(chart, Key.TAX, MAIN, CHANNEL, ("DE/S/7", "DE")) == "4"
    assert account_of(chart, Key.TAX, MAIN, CHANNEL, codes) == "5"
    assert account_of(chart, Key.TAX, OTHER, NIL) == "6"
    assert account_of(chart, Key.BANK, MAIN, NIL) is None


def test_a_chart_that_contradicts_itself_is_refused() -> None:
    one = Account("1", "One", AccountKind.ASSET)
    for accounts, mappings in (
        ([one, one], []),
        ([one], [Mapping(Key.BANK, "2")]),
        ([one], [Mapping(Key.BANK, "1"), Mapping(Key.BANK, "1")]),
    ):
        with pytest.raises(ChartInvalid):
            check(accounts, mappings)


def test_without_a_mapping_nothing_changes() -> None:
    state = books(chart=Chart(SHIPPED.accounts, SHIPPED.mappings[1:]))
    with pytest.raises(MappingMissing):
        book(state, [Held(origin(), Key.CLEARING_GATEWAY, "x", -1, (Leg(Key.BANK, 1),))])
    assert state.pots == {}


# ── periods ────────────────────────────────────────────────────────────────────────────────


def test_a_closed_day_gives_way_to_the_first_open_one() -> None:
    ledger = Ledger(MAIN, "EUR", Method.FIFO, DAY, 1, 1)
    later = DAY + timedelta(days=1)
    assert periods.booked_on(ledger, DAY) == later
    assert periods.booked_on(ledger, DAY - timedelta(days=400)) == later
    assert periods.booked_on(ledger, later) == later
    assert periods.booked_on(replace(ledger, closed_through=None), DAY) == DAY


def test_only_days_that_are_over_are_closed_and_only_forward() -> None:
    open_books = Ledger(MAIN, "EUR", Method.FIFO, None, 1, 1)
    closed = replace(open_books, closed_through=DAY)
    periods.check_close(open_books, DAY, DAY + timedelta(days=1))
    periods.check_reopen(closed, None)
    for wrong in (
        lambda: periods.check_close(open_books, DAY, DAY),
        lambda: periods.check_close(closed, DAY, DAY + timedelta(days=9)),
        lambda: periods.check_reopen(open_books, None),
        lambda: periods.check_reopen(closed, DAY),
    ):
        with pytest.raises(PeriodOpen):
            wrong()


@pytest.mark.parametrize(
    "lines",
    [
        [("1000", 5)],
        [("1000", 5), ("3000", -4)],
        [("1000", 5), ("77", -5)],
        [("1000", 0), ("3000", 0)],
    ],
)
def test_entries_by_hand_balance_on_known_accounts(lines: list[tuple[str, int]]) -> None:
    made = [PostingLine(number, "manual", amount, amount) for number, amount in lines]
    with pytest.raises(EntryInvalid):
        periods.check_lines(made, {account.number for account in SHIPPED.accounts})


# ── what facts of providers tell ───────────────────────────────────────────────────────────


def _world() -> World:
    entity = LegalEntity(MAIN, "main", "Test GmbH", "DE", "EUR", "", ())
    return World(entities={MAIN: entity})


def _told(fact: str, **data: object) -> Entry:
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    return Entry(Id(int=77), "payout", Id(int=78), 1, fact, dict(data), "work", "", at, 1)


def test_a_payout_comes_to_the_bank_less_fees_and_what_nobody_knows() -> None:
    after, _ = booked(books(), Money(origin(), Key.CLEARING_GATEWAY, "stripe", 3000))
    fact = _told(
        "payments.payout_booked",
        provider="stripe",
        payout_ref="po_1",
        gross_minor=3200,
        fee_minor=90,
        net_minor=3110,
        currency="EUR",
        unmatched=[[2, "adjustment", "adj_1", 200]],
    )
    after, found = booked(after, *happened(_world(), fact))
    assert amounts(found) == {
        "clearing.gateway": -3000,
        "bank": 3110,
        "fee.payment": 90,
        "payout.difference": -200,
    }
    assert after.pots[MAIN, Key.CLEARING_GATEWAY, "stripe", "EUR"] == Pot()


def test_a_dispute_is_open_then_lost_or_won() -> None:
    provider = "stripe"
    legs = (Leg(Key.DISPUTED, 1000, codes=(provider,)),)
    opened = Held(origin(order_id=None), Key.CLEARING_GATEWAY, provider, -1000, legs)
    after, found = booked(books(), opened)
    assert amounts(found) == {"clearing.gateway": -1000, "dispute.open": 1000}
    lost = (Leg(Key.DISPUTE_LOSS, 1000), Leg(Key.DISPUTED, -1000))
    _, found = booked(after, Held(origin(order_id=None), Key.CLEARING_GATEWAY, provider, 0, lost))
    assert amounts(found) == {"dispute.lost": 1000, "dispute.open": -1000}


def test_a_fact_that_lacks_something_is_for_a_person() -> None:
    with pytest.raises(FactUnfit):
        happened(_world(), _told("payments.payout_booked", provider="stripe"))


# ── goodwill, and debts that are given up ──────────────────────────────────────────────────


def test_what_the_buyer_had_not_to_get_is_an_appeasement() -> None:
    after, _ = booked(books(), Money(origin(), Key.CLEARING_GATEWAY, "fake", 4000), SALE)
    gift = Money(origin(), Key.CLEARING_GATEWAY, "fake", -1000, goodwill=True)
    after, found = booked(after, gift)
    assert amounts(found) == {"appeasement": 200, "clearing.gateway": -1000, "deposit": 800}
    account = after.orders[ORDER]
    assert (account.billed, account.received, account.pot) == (3000, 3000, Pot())


def test_no_more_is_given_up_than_is_owed() -> None:
    after, _ = booked(books(), SALE, Credit(origin(), (Item(Key.RETURNS, 3000),)))
    loss = Credit(origin(), (Item(Key.BAD_DEBT, 3200),), if_owed=True)
    after, found = booked(after, loss)
    assert amounts(found) == {"bad_debt": 200, "receivable": -200}
    assert book(after, [loss])[1] == []
