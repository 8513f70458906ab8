"""Gift cards and store credit: what may be spent, what an entry does, what lapses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from baton.stored_value import rules
from baton.stored_value.errors import (
    AmountUnfit,
    BalanceTooLow,
    CodeUnfit,
    StatusUnfit,
    TooManyMisses,
)
from baton.stored_value.model import (
    Account,
    CardDraft,
    Cause,
    Entry,
    Hold,
    Kind,
    Move,
    No,
    Status,
)
from baton.stored_value.states import MOVES, Step
from baton.values.money import Money

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ID = UUID(int=1)
CARD = Account(
    ID, Kind.GIFT_CARD, "EUR", None, "WXYZ", Status.ACTIVE, 5_000, 1_000, 1, None, None, NOW
)


@pytest.mark.parametrize(
    ("code", "plain"),
    [("abcd-efgh 1234", "ABCDEFGH1234"), (" K3V9T0QX4M2P ", "K3V9T0QX4M2P")],
)
def test_a_code_is_compared_without_filling(code: str, plain: str) -> None:
    assert rules.check_code(code) == plain


@pytest.mark.parametrize(
    "code", ["", "SHORT-CODE1", "4111 1111 1111 1111", "9" * 12, "ÄBCDEFGHIJKL", "A" * 41]
)
def test_a_code_that_can_be_guessed_or_is_a_card_number_is_refused(code: str) -> None:
    with pytest.raises(CodeUnfit):
        rules.check_code(code)


def test_a_code_is_shown_in_fours() -> None:
    assert rules.shown("K3V9T0QX4M2P77AB") == "K3V9-T0QX-4M2P-77AB"


@pytest.mark.parametrize(
    ("changes", "amount", "currency", "no"),
    [
        ({}, 4_000, "EUR", None),
        ({}, 4_001, "EUR", No.TOO_LITTLE),
        ({}, 1, "USD", No.OTHER_CURRENCY),
        ({"status": Status.FROZEN}, 1, "EUR", No.NOT_ACTIVE),
        ({"status": Status.INACTIVE}, 1, "EUR", No.NOT_ACTIVE),
        ({"status": Status.EXPIRED}, 1, "EUR", No.EXPIRED),
        ({"expires_at": NOW}, 1, "EUR", No.EXPIRED),
        ({"expires_at": NOW + timedelta(seconds=1)}, 1, "EUR", None),
    ],
)
def test_who_may_spend(
    changes: dict[str, object], amount: int, currency: str, no: No | None
) -> None:
    account = replace(CARD, **changes)  # type: ignore[arg-type]
    assert rules.spends(account, amount, currency, NOW) is no


def test_money_comes_back_to_a_frozen_card_and_not_to_an_expired_one() -> None:
    assert rules.takes(replace(CARD, status=Status.FROZEN), "EUR", NOW) is None
    assert rules.takes(replace(CARD, status=Status.EXPIRED), "EUR", NOW) is No.EXPIRED
    assert rules.takes(CARD, "USD", NOW) is No.OTHER_CURRENCY
    assert rules.takes(None, "EUR", NOW) is No.UNKNOWN
    assert rules.spends(None, 1, "EUR", NOW) is No.UNKNOWN


def test_an_entry_tells_the_balance_after_it() -> None:
    after, entry = rules.moved(CARD, Move(ID, -4_000, Cause.CORRECTED, reason="x"), NOW)
    assert (after.balance, after.held, after.entries) == (1_000, 1_000, 2)
    assert (entry.seq, entry.amount, entry.balance) == (2, -4_000, 1_000)


def test_what_is_held_can_not_be_taken() -> None:
    with pytest.raises(BalanceTooLow) as error:
        rules.moved(CARD, Move(ID, -4_001, Cause.CORRECTED), NOW)
    assert error.value.parameters == {"free": 4_000}
    with pytest.raises(AmountUnfit):
        rules.moved(CARD, Move(ID, 0, Cause.CORRECTED), NOW)


def test_held_money_is_spent_up_to_the_hold() -> None:
    held = Hold(ID, ID, ID, 1_000, NOW)
    after, left, entry = rules.redeemed(CARD, held, Move(ID, -600, Cause.REDEEMED), NOW)
    assert (after.balance, after.held, left.amount, entry.amount) == (4_400, 400, 400, -600)
    with pytest.raises(BalanceTooLow):
        rules.redeemed(after, left, Move(ID, -401, Cause.REDEEMED), NOW)


def test_what_lapses_is_what_nobody_holds() -> None:
    ended, entry = rules.lapse(CARD, NOW)
    assert entry is not None
    assert (ended.status, ended.balance, entry.amount) == (Status.EXPIRED, 1_000, -4_000)
    assert rules.lapse(replace(CARD, held=5_000), NOW)[1] is None


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("status", list(Status))
def test_a_step_goes_from_where_the_table_says(step: Step, status: Status) -> None:
    starts = {before for before, _ in MOVES[step]}
    account = replace(CARD, status=status)
    if status in starts:
        assert (status, rules.stepped(account, step).status) in MOVES[step]
    else:
        with pytest.raises(StatusUnfit):
            rules.stepped(account, step)


def test_guesses_are_counted_by_the_hour() -> None:
    assert rules.misses(0, None, NOW) == (1, NOW)
    assert rules.misses(19, NOW, NOW) == (20, NOW)
    with pytest.raises(TooManyMisses) as error:
        rules.misses(20, NOW, NOW + timedelta(minutes=59))
    assert error.value.parameters == {"retry_after_s": 61}
    later = NOW + timedelta(hours=1)
    assert rules.misses(20, NOW, later) == (1, later)


def test_a_card_is_worth_something() -> None:
    with pytest.raises(AmountUnfit):
        rules.check_card(CardDraft(Money(0, "EUR")))


def entry(seq: int, amount: int, balance: int) -> Entry:
    return Entry(ID, seq, amount, balance, Cause.CORRECTED, None, None, "", NOW)


@pytest.mark.parametrize(
    ("account", "entries", "held", "promise"),
    [
        (CARD, [entry(1, 4_999, 4_999)], 1_000, "sum"),
        (CARD, [entry(1, 5_000, 4_000)], 1_000, "chain"),
        (CARD, [entry(2, 5_000, 5_000)], 1_000, "chain"),
        (replace(CARD, entries=2), [entry(1, 5_000, 5_000)], 1_000, "chain"),
        (CARD, [entry(1, 5_000, 5_000)], 999, "held"),
    ],
)
def test_each_fault_is_found(
    account: Account, entries: list[Entry], held: int, promise: str
) -> None:
    found = list(rules.faults(account, entries, [Hold(ID, ID, ID, held, NOW)]))
    assert [name for name, _ in found] == [promise]
    sound = list(rules.faults(CARD, [entry(1, 5_000, 5_000)], [Hold(ID, ID, ID, 1_000, NOW)]))
    assert sound == []
