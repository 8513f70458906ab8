"""What is done to fulfillment orders, inside the caller's transaction.

The caller holds the locks of the orders concerned: all facts here are told of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from baton.fulfillment import recall, rules, store
from baton.fulfillment.errors import FulfillmentOrderNotFound
from baton.fulfillment.model import (
    Draft,
    FulfillmentOrder,
    Package,
    PackageDraft,
    Packed,
    Pick,
    Picked,
    Recalled,
    RecallRequest,
    Sent,
    WrongCode,
)
from baton.fulfillment.steps import Told
from baton.platform import ids, journal
from baton.platform.db import Tx
from baton.values import Id
from baton.values.fact import Fact


def plan(tx: Tx, drafts: Sequence[Draft]) -> list[FulfillmentOrder]:
    """New work at the locations chosen; numbered on within each order."""
    if not drafts:
        return []
    places = store.counts(tx, [draft.order_id for draft in drafts])
    new: list[FulfillmentOrder] = []
    facts: list[Fact] = []
    for draft in drafts:
        places[draft.order_id] = place = places.get(draft.order_id, 0) + 1
        fo, told = rules.planned(draft, ids.fresh(), place, tx.now)
        new.append(fo)
        facts.extend(told)
    store.insert(tx, new)
    journal.record(tx, facts)
    return new


def release(tx: Tx, fo_ids: Sequence[Id]) -> list[FulfillmentOrder]:
    """Planned work goes to its locations."""
    return _each(tx, fo_ids, lambda fo: rules.released(fo, tx.now))


def accept(tx: Tx, fo_ids: Sequence[Id]) -> list[FulfillmentOrder]:
    """The locations take released work on."""
    return _each(tx, fo_ids, rules.accepted)


def reject(tx: Tx, fo_id: Id, reason: str) -> FulfillmentOrder:
    """The location won't do it, and has picked nothing: all its units are free."""
    return _each(tx, [fo_id], lambda fo: rules.rejected(fo, reason, tx.now))[0]


def cancel_planned(tx: Tx, fo_ids: Sequence[Id]) -> list[FulfillmentOrder]:
    """Work that no location knows of is given up."""
    return _each(tx, fo_ids, lambda fo: rules.withdrawn(fo, tx.now))


def pick(tx: Tx, fo_id: Id, picks: Sequence[Pick]) -> Picked:
    """Units are off the shelf, or missing; accepts released work by the way."""
    fo = _locked(tx, [fo_id])[0]
    outcome, facts = rules.picked(fo, picks, tx.now)
    return replace(outcome, fo=_save(tx, [fo], [outcome.fo], facts)[0])


def pack(tx: Tx, fo_id: Id, drafts: Sequence[PackageDraft]) -> Packed:
    """Picked units are in packages. A pick-up that is ready by this needs a code: `give_code`."""
    fo = _locked(tx, [fo_id])[0]
    made = [ids.fresh() for _ in drafts]
    after, facts = rules.packed(fo, drafts, made, tx.now)
    before = len(store.packages_of(tx, [fo_id]))
    new = tuple(
        Package(id, fo_id, before + n, draft.weight_g, draft.dims, tx.now, None, False, draft.lines)
        for n, (id, draft) in enumerate(zip(made, drafts, strict=True), start=1)
    )
    store.insert_packages(tx, new)
    return Packed(_save(tx, [fo], [after], facts)[0], new)


def shipped(tx: Tx, fo_id: Id, shipment_id: Id, package_ids: Collection[Id] | None = None) -> Sent:
    """Packages left in a shipment: those named, or all that wait."""
    fo = _locked(tx, [fo_id])[0]
    leaving = rules.waiting(fo, store.packages_of(tx, [fo_id]), package_ids)
    outcome, facts = rules.shipped(fo, leaving, shipment_id, tx.now)
    store.ship_packages(tx, [package.id for package in leaving], shipment_id)
    return replace(outcome, fo=_save(tx, [fo], [outcome.fo], facts)[0])


def give_code(tx: Tx, fo_id: Id, code_hash: bytes) -> FulfillmentOrder:
    """The customer's code at the counter is new (`rules.pickup_hash` of it); the old is void."""
    return _each(tx, [fo_id], lambda fo: rules.code_given(fo, code_hash))[0]


def hand_over(tx: Tx, fo_id: Id, code: str) -> Sent | WrongCode:
    """The customer takes it all, or the code was wrong.

    A wrong code is an answer, not an error, so that its count is committed.
    """
    fo = _locked(tx, [fo_id])[0]
    outcome, facts = rules.handed_over(fo, code, tx.now)
    return replace(outcome, fo=_save(tx, [fo], [outcome.fo], facts)[0])


def request_recall(tx: Tx, requests: Sequence[RecallRequest]) -> list[Recalled]:
    """Units are asked back; where the location has not begun they are free at once."""
    asked = {request.fo_id: request for request in requests}
    assert len(asked) == len(requests), "one request for one fulfillment order"
    return _recall(tx, list(asked), lambda fo: recall.recalled(fo, asked[fo.id], tx.now))


def answer_recall(tx: Tx, fo_id: Id, accepted: bool, reason: str) -> Recalled:
    """The location gives the asked units back, or goes on with them."""

    def decide(fo: FulfillmentOrder) -> tuple[Recalled, Told]:
        return recall.answer(fo, store.packages_of(tx, [fo_id]), accepted, reason, tx.now)

    return _recall(tx, [fo_id], decide)[0]


def time_out_recalls(tx: Tx, fo_ids: Sequence[Id]) -> list[Recalled]:
    """Recalls whose time is over end without units; those answered meanwhile are passed over."""
    due = [fo for fo in store.lock(tx, fo_ids) if recall.due(fo, tx.now)]
    return _recall(tx, [fo.id for fo in due], recall.timed_out)


# ------------------------------------------------------------------ shared


def _locked(tx: Tx, fo_ids: Sequence[Id]) -> list[FulfillmentOrder]:
    found = store.lock(tx, fo_ids)
    if len(found) < len(set(fo_ids)):
        unknown = sorted(set(fo_ids) - {fo.id for fo in found})
        raise FulfillmentOrderNotFound("No fulfillment order has this id.", ids=unknown)
    return found


def _each(
    tx: Tx,
    fo_ids: Sequence[Id],
    decide: Callable[[FulfillmentOrder], tuple[FulfillmentOrder, Told]],
) -> list[FulfillmentOrder]:
    before = _locked(tx, fo_ids)
    steps = [decide(fo) for fo in before]
    return _save(tx, before, [fo for fo, _ in steps], [f for _, told in steps for f in told])


def _recall(
    tx: Tx, fo_ids: Sequence[Id], decide: Callable[[FulfillmentOrder], tuple[Recalled, Told]]
) -> list[Recalled]:
    before = _locked(tx, fo_ids)
    steps = [decide(fo) for fo in before]
    facts = [fact for _, told in steps for fact in told]
    saved = _save(tx, before, [outcome.fo for outcome, _ in steps], facts)
    return [replace(outcome, fo=fo) for (outcome, _), fo in zip(steps, saved, strict=True)]


def _save(
    tx: Tx,
    before: Sequence[FulfillmentOrder],
    after: Sequence[FulfillmentOrder],
    facts: Sequence[Fact],
) -> list[FulfillmentOrder]:
    """Write what changed, tell the journal, and return the orders under their new version."""
    saved = [replace(fo, version=fo.version + 1) for fo in after]
    if not saved:
        return []
    store.update(tx, saved)
    store.update_lines(
        tx,
        [
            (new.id, line)
            for old, new in zip(before, saved, strict=True)
            for was, line in zip(old.lines, new.lines, strict=True)
            if line != was
        ],
    )
    journal.record(tx, facts)
    return saved
