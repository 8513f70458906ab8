"""How a return moves: as the table says and no other way; how far it is follows its units."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from baton.returns.errors import ReturnActionIllegal
from baton.returns.model import Cause, GoesTo, RefundAt, Rma, RmaLine, State, Terms
from baton.returns.rules import due_units, legal_actions, moved, progress
from baton.returns.states import ENDS, MOVES, Action
from baton.values.ids import new_id

NOW = datetime(2026, 3, 27, 12, tzinfo=UTC)
ID = new_id(1, 1)


def line(**units: Any) -> RmaLine:
    kept: dict[str, Any] = {"requested": 4, "units": 4} | units
    return RmaLine(
        1, 1, ID, "S", "S", kept.pop("requested"), kept.pop("units"), "other", "", "",
        GoesTo.ORIGINAL, "", "approve", {}, **kept,
    )  # fmt: skip


def rma(status: State = State.APPROVED, *lines: RmaLine) -> Rma:
    return Rma(
        ID, "N", ID, "O", ID, None, "EUR", Cause.REQUEST, status, None, 0, Terms(), (), "", "",
        NOW, None, "", None, None, 1, lines or (line(),),
    )  # fmt: skip


@pytest.mark.parametrize(("action", "pair"), list(product(Action, product(State, State))))
def test_only_drawn_ways_are_open(action: Action, pair: tuple[State, State]) -> None:
    source, target = pair
    if pair in MOVES[action]:
        assert moved(rma(source), action, target).status is target
    else:
        with pytest.raises(ReturnActionIllegal) as caught:
            moved(rma(source), action, target)
        assert caught.value.parameters["status"] == source.value


def test_nothing_leaves_an_end() -> None:
    assert not [pair for moves in MOVES.values() for pair in moves if pair[0] in ENDS]


@pytest.mark.parametrize(
    ("units", "state"),
    [
        ({}, State.APPROVED),
        ({"received": 1}, State.RECEIVED),
        ({"received": 4}, State.RECEIVED),
        ({"received": 4, "graded": 3}, State.RECEIVED),
        ({"received": 4, "graded": 4}, State.GRADED),
        ({"received": 3, "missing": 1, "graded": 3}, State.GRADED),
        ({"received": 4, "graded": 4, "settled": 4}, State.SETTLED),
        ({"received": 4, "graded": 4, "settled": 4, "disposed": 4}, State.CLOSED),
        ({"received": 4, "graded": 4, "disposed": 4}, State.GRADED),
        ({"kept": 4}, State.APPROVED),
        ({"kept": 4, "settled": 4}, State.CLOSED),
        ({"missing": 4}, State.APPROVED),
    ],
)
def test_how_far_it_is(units: dict[str, int], state: State) -> None:
    assert progress(rma(State.APPROVED, line(**units))) is state


@pytest.mark.parametrize(
    ("units", "due"),
    [
        ({}, {"now": 4, "scan": 0, "receipt": 0, "grade": 0}),
        ({"received": 3, "graded": 1}, {"now": 4, "scan": 3, "receipt": 3, "grade": 1}),
        ({"received": 3, "settled": 2}, {"now": 2, "scan": 1, "receipt": 1, "grade": 0}),
        ({"kept": 1}, {"now": 4, "scan": 1, "receipt": 1, "grade": 1}),
        ({"missing": 4, "settled": 4}, {"now": 0, "scan": 0, "receipt": 0, "grade": 0}),
    ],
)
def test_when_money_is_due(units: dict[str, int], due: dict[str, int]) -> None:
    for moment, expected in due.items():
        assert due_units(line(**units), RefundAt(moment), scanned=False) == expected, moment
    assert due_units(line(), RefundAt.SCAN, scanned=True) == 4


def test_legal_actions_are_those_that_make_sense() -> None:
    assert legal_actions(rma(State.REQUESTED)) == [Action.APPROVE, Action.CANCEL, Action.REFUSE]
    assert Action.RECEIVE in legal_actions(rma(State.APPROVED))
    came = rma(State.RECEIVED, line(received=4))
    assert legal_actions(came) == [Action.GRADE, Action.SETTLE]
    assert legal_actions(replace(came, status=State.CLOSED)) == []
    assert legal_actions(rma(State.REFUSED)) == [Action.APPROVE]
