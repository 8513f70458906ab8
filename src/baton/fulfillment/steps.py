"""What every decision about a fulfillment order shares: units move, the status follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from baton.fulfillment import events as told
from baton.fulfillment.errors import TooMany
from baton.fulfillment.model import (
    FulfillmentLine,
    FulfillmentOrder,
    LineUnits,
    Recall,
    Status,
    units,
)
from baton.fulfillment.states import ENDS, status_of
from baton.values.fact import Fact
from baton.values.ids import Id

Told = tuple[Fact, ...]


def head(fo: FulfillmentOrder) -> tuple[Id, Id, str, str]:
    """The subject and the fields that every fact of fulfillment begins with."""
    return fo.order_id, fo.id, fo.status.value, fo.recall.value


def line_units(fo: FulfillmentOrder, of: Callable[[FulfillmentLine], int]) -> tuple[LineUnits, ...]:
    """Units of each line, without lines that have none."""
    return units((line.order_line, of(line)) for line in fo.lines)


def given_up(fo: FulfillmentOrder) -> FulfillmentOrder:
    """All units to pick are cancelled; only for work that was not begun."""
    lines = tuple(
        replace(line, to_pick=0, cancelled=line.cancelled + line.to_pick) for line in fo.lines
    )
    return replace(fo, lines=lines)


def at_most(
    fo: FulfillmentOrder, line: FulfillmentLine, wanted: int, there: int, what: str
) -> None:
    """Nothing, where so many are there. Raises TooMany."""
    if wanted > there:
        raise TooMany(
            f"{fo.number}, line {line.order_line}: {wanted} units, but only {there} are {what}.",
            field="lines",
            order_line=line.order_line,
            wanted=wanted,
            there=there,
        )


def changed(
    fo: FulfillmentOrder,
    named: Iterable[int],
    change: Callable[[FulfillmentLine], FulfillmentLine],
    now: datetime,
) -> FulfillmentOrder:
    """The order with the named lines changed, and the status that follows."""
    wanted = {order_line: fo.line(order_line) for order_line in named}
    lines = tuple(change(line) if line.order_line in wanted else line for line in fo.lines)
    status = status_of(fo.method, fo.status, lines)
    ended = status in ENDS and fo.status not in ENDS
    return replace(fo, lines=lines, status=status, done_at=now if ended else fo.done_at)


def settle(fo: FulfillmentOrder, answer: Recall) -> FulfillmentOrder:
    """The recall has its answer once no asked unit is left open."""
    left = any(line.cancel_requested for line in fo.lines)
    return fo if left else replace(fo, recall=answer)


def answered(
    fo: FulfillmentOrder,
    answer: Recall,
    reason: str,
    about: tuple[LineUnits, ...],
    voided: tuple[Id, ...] = (),
) -> told.RecallAnswered:
    """The fact that a recall ended for these units."""
    return told.RecallAnswered(*head(fo), answer.value, reason, about, voided)


def gone(
    fo: FulfillmentOrder, contents: Mapping[int, int], now: datetime
) -> tuple[FulfillmentOrder, tuple[LineUnits, ...]]:
    """Packed units leave; returns also those whose recall came too late."""

    def send(line: FulfillmentLine) -> FulfillmentLine:
        quantity = contents[line.order_line]
        return replace(
            line,
            packed=line.packed - quantity,
            shipped=line.shipped + quantity,
            cancel_requested=min(line.cancel_requested, line.open - quantity),
        )

    after = changed(fo, contents, send, now)
    late = units(
        (line.order_line, line.cancel_requested - left.cancel_requested)
        for line, left in zip(fo.lines, after.lines, strict=True)
    )
    return (settle(after, Recall.REJECTED) if late else after), late


def too_late(fo: FulfillmentOrder, late: tuple[LineUnits, ...], reason: str) -> Told:
    """The fact that these units left before they could be given back, if there are any."""
    return (answered(fo, Recall.REJECTED, reason, late),) if late else ()


def arrival(before: FulfillmentOrder, after: FulfillmentOrder) -> Told:
    """What is told besides where a step ends in a status that others wait for."""
    if after.status is before.status:
        return ()
    if after.status is Status.READY:
        return (told.FulfillmentReady(*head(after), after.location_id),)
    if after.status is Status.CANCELLED:
        return (told.FulfillmentCancelled(*head(after)),)
    return ()
