"""Asking units back from a location: at once where nothing was begun, else request and answer.

Explained in docs/algorithms/recall.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from baton.fulfillment import events as told
from baton.fulfillment.errors import UnitsPacked
from baton.fulfillment.model import (
    FulfillmentLine,
    FulfillmentOrder,
    Package,
    Recall,
    Recalled,
    RecallRequest,
    Status,
    units,
)
from baton.fulfillment.states import Action, check
from baton.fulfillment.steps import (
    Told,
    answered,
    arrival,
    at_most,
    changed,
    head,
    line_units,
)


def recalled(fo: FulfillmentOrder, request: RecallRequest, now: datetime) -> tuple[Recalled, Told]:
    """Units are asked back. A location that has not begun gives them back at once.

    A second request adds to one that is still open. Raises TooMany where more units are named
    than are left to ask for.
    """
    check(fo, Action.RECALL)
    wanted = (
        dict(request.lines)
        if request.lines is not None
        else {line.order_line: line.recallable for line in fo.lines if line.recallable}
    )

    def ask(line: FulfillmentLine) -> FulfillmentLine:
        quantity = wanted[line.order_line]
        at_most(fo, line, quantity, line.recallable, "left to be recalled")
        return replace(line, cancel_requested=line.cancel_requested + quantity)

    asked = replace(
        changed(fo, wanted, ask, now),
        recall=Recall.REQUESTED,
        recall_reason=request.reason,
        recall_by=_earlier(fo, request.by),
    )
    fact = told.RecallRequested(*head(asked), request.reason, request.by, units(wanted.items()))
    if fo.status in (Status.PLANNED, Status.RELEASED):
        outcome, facts = _given_back(asked, (), "not begun", now)
        return outcome, (fact, *facts)
    return Recalled(asked, Recall.REQUESTED, units(wanted.items()), ()), (fact,)


def answer(
    fo: FulfillmentOrder, packages: Sequence[Package], accepted: bool, reason: str, now: datetime
) -> tuple[Recalled, Told]:
    """The location says yes, and the asked units are free, or no, and it goes on with them.

    Raises UnitsPacked where units would have to come out of packages while others stay in work.
    """
    check(fo, Action.ANSWER_RECALL)
    if accepted:
        return _given_back(fo, packages, reason, now)
    return _kept(fo, Recall.REJECTED, reason)


def timed_out(fo: FulfillmentOrder) -> tuple[Recalled, Told]:
    """Nobody answered in time: the location goes on with the units."""
    check(fo, Action.ANSWER_RECALL)
    return _kept(fo, Recall.TIMED_OUT, "no answer in time")


def due(fo: FulfillmentOrder, now: datetime) -> bool:
    """True where the time for an answer is over."""
    return fo.recall is Recall.REQUESTED and fo.recall_by is not None and fo.recall_by <= now


def _earlier(fo: FulfillmentOrder, by: datetime) -> datetime:
    if fo.recall is not Recall.REQUESTED or fo.recall_by is None:
        return by
    return min(fo.recall_by, by)


def _given_back(
    fo: FulfillmentOrder, packages: Sequence[Package], reason: str, now: datetime
) -> tuple[Recalled, Told]:
    asked = line_units(fo, lambda line: line.cancel_requested)
    after = changed(fo, dict(asked), _give_back, now)
    if _packed(after) < _packed(fo) and after.open:
        raise UnitsPacked(
            f"Units of {fo.number} are in packages: only all that is left can be given back.",
            packed=_packed(fo),
        )
    after = replace(after, recall=Recall.ACCEPTED)
    voided = tuple(
        p.id
        for p in packages
        if _packed(after) < _packed(fo) and p.shipment_id is None and not p.voided
    )
    facts = (answered(after, Recall.ACCEPTED, reason, asked, voided), *arrival(fo, after))
    return Recalled(after, Recall.ACCEPTED, asked, asked, voided), facts


def _give_back(line: FulfillmentLine) -> FulfillmentLine:
    """Units not yet picked are given back first, those in packages last."""
    left = line.cancel_requested
    to_pick = max(0, line.to_pick - left)
    left -= line.to_pick - to_pick
    picked = max(0, line.picked - left)
    left -= line.picked - picked
    return replace(
        line,
        to_pick=to_pick,
        picked=picked,
        packed=line.packed - left,
        cancelled=line.cancelled + line.cancel_requested,
        cancel_requested=0,
    )


def _kept(fo: FulfillmentOrder, why: Recall, reason: str) -> tuple[Recalled, Told]:
    asked = line_units(fo, lambda line: line.cancel_requested)
    lines = tuple(replace(line, cancel_requested=0) for line in fo.lines)
    after = replace(fo, lines=lines, recall=why)
    return Recalled(after, why, asked, ()), (answered(after, why, reason, asked),)


def _packed(fo: FulfillmentOrder) -> int:
    return sum(line.packed for line in fo.lines)
