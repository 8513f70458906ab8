"""What each action does to a fulfillment order: values in, the new order and its facts out.

Every function first asks `states.check`, so that an action out of turn is refused before
anything is decided.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from baton.fulfillment import events as told
from baton.fulfillment.errors import (
    PackageNotFound,
    PickupCodeMissing,
    PickupLocked,
    QuantityInvalid,
)
from baton.fulfillment.model import (
    Draft,
    FulfillmentLine,
    FulfillmentOrder,
    Missing,
    Package,
    PackageDraft,
    Pick,
    Picked,
    Recall,
    Sent,
    Status,
    WrongCode,
    units,
)
from baton.fulfillment.states import Action, check
from baton.fulfillment.steps import (
    Told,
    answered,
    arrival,
    at_most,
    changed,
    given_up,
    gone,
    head,
    line_units,
    settle,
    too_late,
)
from baton.values.fact import Fact
from baton.values.ids import Id

PICKUP_TRIES = 5  # wrong codes a customer may show before a new one must be made


# ------------------------------------------------------------------ before the location begins


def planned(draft: Draft, id: Id, place: int, now: datetime) -> tuple[FulfillmentOrder, Told]:
    """New work, the order's number `place`."""
    lines = tuple(
        FulfillmentLine(
            line.order_line, line.sku_id, line.sku_code, line.title, line.quantity, line.quantity
        )
        for line in sorted(draft.lines, key=lambda line: line.order_line)
    )
    fo = FulfillmentOrder(
        id=id,
        number=f"{draft.order_number}-F{place}",
        order_id=draft.order_id,
        group_no=draft.group_no,
        location_id=draft.location_id,
        method=draft.method,
        status=Status.PLANNED,
        ship_on=draft.ship_on,
        created_at=now,
        lines=lines,
    )
    fact = told.FulfillmentPlanned(
        *head(fo),
        fo.number,
        fo.group_no,
        fo.location_id,
        fo.method.value,
        fo.ship_on,
        line_units(fo, lambda line: line.quantity),
    )
    return fo, (fact,)


def released(fo: FulfillmentOrder, now: datetime) -> tuple[FulfillmentOrder, Told]:
    """The work is sent to its location."""
    check(fo, Action.RELEASE)
    fo = replace(fo, status=Status.RELEASED, released_at=now)
    open_units = line_units(fo, lambda line: line.open)
    return fo, (told.FulfillmentReleased(*head(fo), fo.location_id, open_units),)


def accepted(fo: FulfillmentOrder) -> tuple[FulfillmentOrder, Told]:
    """The location takes the work on."""
    check(fo, Action.ACCEPT)
    fo = replace(fo, status=Status.ACCEPTED)
    return fo, (told.FulfillmentAccepted(*head(fo)),)


def rejected(fo: FulfillmentOrder, reason: str, now: datetime) -> tuple[FulfillmentOrder, Told]:
    """The location won't do it: every unit that it still had is free."""
    check(fo, Action.REJECT)
    freed = line_units(fo, lambda line: line.open)
    fo = replace(given_up(fo), status=Status.REJECTED, reject_reason=reason, done_at=now)
    return fo, (told.FulfillmentRejected(*head(fo), fo.location_id, reason, freed),)


def withdrawn(fo: FulfillmentOrder, now: datetime) -> tuple[FulfillmentOrder, Told]:
    """Work that was only planned is given up."""
    check(fo, Action.CANCEL)
    fo = replace(given_up(fo), status=Status.CANCELLED, done_at=now)
    return fo, (told.FulfillmentCancelled(*head(fo)),)


# ------------------------------------------------------------------ picking and packing


def picked(fo: FulfillmentOrder, picks: Sequence[Pick], now: datetime) -> tuple[Picked, Told]:
    """Units come off the shelf; those that are not there leave the work.

    Missing units that had been asked back satisfy the recall: the customer's cancellation comes
    before the search for units elsewhere. Raises TooMany where more are named than are to pick.
    """
    check(fo, Action.PICK)
    by_line = _by_line(picks)
    begun = fo if fo.status is not Status.RELEASED else replace(fo, status=Status.ACCEPTED)
    missing: list[Missing] = []

    def pick(line: FulfillmentLine) -> FulfillmentLine:
        taken, short = by_line[line.order_line].picked, by_line[line.order_line].short
        at_most(fo, line, taken + short, line.to_pick, "to be picked")
        recalled = min(short, line.cancel_requested)
        if short:
            missing.append(Missing(line.order_line, line.sku_id, short, recalled))
        return replace(
            line,
            to_pick=line.to_pick - taken - short,
            picked=line.picked + taken,
            short=line.short + short,
            cancel_requested=line.cancel_requested - recalled,
        )

    after = changed(begun, by_line, pick, now)
    recalled = units((m.order_line, m.recalled) for m in missing)
    after = settle(after, Recall.ACCEPTED) if recalled else after
    facts: list[Fact] = [told.FulfillmentAccepted(*head(begun))] if begun is not fo else []
    if taken := units((p.order_line, p.picked) for p in picks):
        facts.append(told.FulfillmentPicked(*head(after), taken))
    if short := units((m.order_line, m.quantity) for m in missing):
        facts.append(told.FulfillmentShortPicked(*head(after), after.location_id, short))
    if recalled:
        facts.append(answered(after, Recall.ACCEPTED, "not there", recalled))
    return Picked(after, tuple(missing)), (*facts, *arrival(begun, after))


def packed(
    fo: FulfillmentOrder, drafts: Sequence[PackageDraft], ids: Sequence[Id], now: datetime
) -> tuple[FulfillmentOrder, Told]:
    """Picked units go into packages. Raises TooMany where more are packed than were picked."""
    check(fo, Action.PACK)
    contents: dict[int, int] = {}
    for draft in drafts:
        for order_line, quantity in draft.lines:
            contents[order_line] = contents.get(order_line, 0) + quantity
    if not contents:
        raise QuantityInvalid("At least one package is needed.", field="packages")

    def pack(line: FulfillmentLine) -> FulfillmentLine:
        quantity = contents[line.order_line]
        at_most(fo, line, quantity, line.picked, "picked and not packed")
        return replace(line, picked=line.picked - quantity, packed=line.packed + quantity)

    after = changed(fo, contents, pack, now)
    fact = told.FulfillmentPacked(*head(after), tuple(ids), units(contents.items()))
    return after, (fact, *arrival(fo, after))


# ------------------------------------------------------------------ leaving the location


def waiting(
    fo: FulfillmentOrder, packages: Sequence[Package], only: Collection[Id] | None
) -> list[Package]:
    """The packages that leave now: all that wait, or those named. Raises PackageNotFound."""
    check(fo, Action.SHIP)
    free = [p for p in packages if p.shipment_id is None and not p.voided]
    if only is None:
        return free
    chosen = [p for p in free if p.id in only]
    if len(chosen) < len(set(only)) or not chosen:
        raise PackageNotFound(f"{fo.number} has no such package that waits.", field="packages")
    return chosen


def shipped(
    fo: FulfillmentOrder, packages: Sequence[Package], shipment_id: Id, now: datetime
) -> tuple[Sent, Told]:
    """Packages leave.

    A recall loses against the shipment: what is not there any more can't be given back. It stays
    open for units that are still there.
    """
    check(fo, Action.SHIP)
    contents: dict[int, int] = {}
    for package in packages:
        for order_line, quantity in package.lines:
            contents[order_line] = contents.get(order_line, 0) + quantity
    after, late = gone(fo, contents, now)
    sent = units(contents.items())
    fact = told.FulfillmentShipped(*head(after), shipment_id, tuple(p.id for p in packages), sent)
    return Sent(after, sent, late), (fact, *too_late(after, late, "shipped"))


def handed_over(fo: FulfillmentOrder, code: str, now: datetime) -> tuple[Sent | WrongCode, Told]:
    """The customer takes everything with the right code; a wrong one is counted.

    Raises PickupLocked after five wrong codes, PickupCodeMissing where none was made.
    """
    check(fo, Action.HAND_OVER)
    if fo.pickup_hash is None:
        raise PickupCodeMissing(f"{fo.number} has no code yet: give the customer one.")
    if fo.pickup_tries >= PICKUP_TRIES:
        raise PickupLocked(
            f"{PICKUP_TRIES} wrong codes were tried for {fo.number}: give the customer a new one.",
            field="code",
        )
    if not hmac.compare_digest(fo.pickup_hash, pickup_hash(fo.order_id, code)):
        after = replace(fo, pickup_tries=fo.pickup_tries + 1)
        wrong = told.PickupCodeWrong(*head(after), after.pickup_tries)
        return WrongCode(after, PICKUP_TRIES - after.pickup_tries), (wrong,)
    contents = {line.order_line: line.packed for line in fo.lines if line.packed}
    after, late = gone(fo, contents, now)
    taken = units(contents.items())
    fact = told.FulfillmentHandedOver(*head(after), taken)
    return Sent(after, taken, late), (fact, *too_late(after, late, "handed over"))


def code_given(fo: FulfillmentOrder, code_hash: bytes) -> tuple[FulfillmentOrder, Told]:
    """The customer's code at the counter is this one from now on; tries start again."""
    check(fo, Action.GIVE_CODE)
    fo = replace(fo, pickup_hash=code_hash, pickup_tries=0)
    return fo, (told.PickupCodeGiven(*head(fo)),)


def pickup_hash(order_id: Id, code: str) -> bytes:
    """What is kept of a pick-up code: SHA-256 of the order's id and the code."""
    return hashlib.sha256(order_id.bytes + code.encode("utf-8", "replace")).digest()


def _by_line(picks: Sequence[Pick]) -> dict[int, Pick]:
    by_line = {pick.order_line: pick for pick in picks}
    if len(by_line) < len(picks) or not picks:
        raise QuantityInvalid("Each line is named once, and at least one.", field="lines")
    return by_line
