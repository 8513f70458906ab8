"""What is done to orders, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from baton.orders import drafting, rules, store
from baton.orders.drafting import Draft
from baton.orders.errors import (
    DraftNotFound,
    ExceptionNotOpen,
    HoldNotOpen,
    LineNotFound,
    OrderNotFound,
    VersionChanged,
)
from baton.orders.events import (
    ExceptionOpened,
    ExceptionResolved,
    HoldResolved,
    OrderHeld,
    OrderTaken,
)
from baton.orders.model import Change, ChangeState, Exception_, Hold, Line, Order, Transition
from baton.platform import ids, journal
from baton.platform.db import Tx
from baton.values import Id
from baton.values.fact import Fact


def lock(tx: Tx, order_ids: Sequence[Id]) -> dict[Id, Order]:
    """The orders with these ids, locked until the transaction ends."""
    return store.load(tx, order_ids, lock=True)


def read(tx: Tx, order_ids: Sequence[Id]) -> dict[Id, Order]:
    """The orders with these ids, as they are now."""
    return store.load(tx, order_ids, lock=False)


def locked(tx: Tx, order_id: Id, version: int | None = None) -> Order:
    """One locked order. Raises OrderNotFound, or VersionChanged where it is not `version`."""
    order = lock(tx, [order_id]).get(order_id)
    if order is None:
        raise OrderNotFound("No order has this id.")
    if version is not None and order.header.version != version:
        raise VersionChanged(
            f"The order is at version {order.header.version}, not {version}: look again.",
            field="version",
        )
    return order


def line_of(order: Order, line_no: int, field: str = "lines") -> Line:
    """A line of the order. Raises LineNotFound."""
    try:
        return order.line(line_no)
    except LookupError as error:
        raise LineNotFound(str(error), field=field) from error


def place(tx: Tx, orders: Sequence[Order]) -> list[Order]:
    """Write new orders, each with its status, and say that they were taken."""
    derived = [_derived(order) for order in orders]
    if not derived:
        return []
    store.insert(tx, derived)
    journal.record(tx, [_taken(order) for order in derived])
    return derived


def save(
    tx: Tx, before: Iterable[Order], after: Iterable[Order], facts: Iterable[Fact] = ()
) -> list[Order]:
    """Write what changed and derive each status anew: the only way to change an order.

    Lines and charges after those that there were are new. `facts` are written with the status
    and health that their order now has; an order without a fact of its own must be among none of
    them.
    """
    pairs = [(old, _derived(new)) for old, new in zip(before, after, strict=True)]
    changed = [new for _, new in pairs]
    if not changed:
        return []
    store.update_lines(
        tx,
        [
            (new.id, line)
            for old, new in pairs
            for was, line in zip(old.lines, new.lines, strict=False)
            if was != line
        ],
    )
    _write_new(tx, pairs)
    store.update_groups(
        tx,
        [
            (new.id, group)
            for old, new in pairs
            for was, group in zip(old.groups, new.groups, strict=True)
            if was != group
        ],
    )
    store.update_headers(tx, changed)
    states = {new.id: new.header for new in changed}
    journal.record(
        tx,
        [
            replace(
                fact,
                status=states[fact.subject_id].status.value,  # type: ignore[call-arg]
                health=states[fact.subject_id].health.value,
            )
            for fact in facts
        ],
    )
    return changed


def count(tx: Tx, before: Iterable[Order], after: Iterable[Order]) -> None:
    """Write counters of lines and charges (invoiced, credited) that no status follows from.

    The order's version stays: nobody who edits it has to look again. The caller holds its lock.
    """
    pairs = list(zip(before, after, strict=True))
    store.update_lines(
        tx,
        [
            (new.id, line)
            for old, new in pairs
            for was, line in zip(old.lines, new.lines, strict=True)
            if was != line
        ],
    )
    store.update_credited(
        tx,
        [
            (new.id, charge)
            for old, new in pairs
            for was, charge in zip(old.charges, new.charges, strict=True)
            if was != charge
        ],
    )


def _write_new(tx: Tx, pairs: Sequence[tuple[Order, Order]]) -> None:
    """Lines and charges that an order did not have before."""
    lines = [(new.id, line) for old, new in pairs for line in new.lines[len(old.lines) :]]
    charges = [(new.id, each) for old, new in pairs for each in new.charges[len(old.charges) :]]
    if lines:
        store.insert_lines(tx, lines)
    if charges:
        store.insert_charges(tx, charges)


def hold(
    tx: Tx,
    order: Order,
    kind: str,
    reason: str,
    *,
    blocks: Sequence[Transition] | None = None,
    line_no: int | None = None,
) -> Order:
    """Place a hold: the named transitions stop until it is resolved."""
    blocked = tuple(blocks) if blocks is not None else rules.BLOCKS.get(kind, (Transition.RELEASE,))
    new = Hold(
        ids.fresh(),
        kind,
        reason,
        blocked,
        tx.caller.actor,
        tx.now,
        level="order" if line_no is None else "line",
        line_no=line_no,
    )
    store.insert_holds(tx, [(order.id, new)])
    fact = OrderHeld(order.id, "", "", new.id, kind, tuple(b.value for b in blocked))
    return save(tx, [order], [replace(order, holds=(*order.holds, new))], [fact])[0]


def resolve_hold(tx: Tx, order: Order, hold_id: Id, resolution: str) -> Order:
    """End a hold. Raises HoldNotOpen where it is not there or was resolved before."""
    held = next((h for h in order.holds if h.id == hold_id and h.resolved_at is None), None)
    if held is None:
        raise HoldNotOpen("This hold is not open.", field="hold")
    store.resolve_hold(tx, order.id, hold_id, tx.caller.actor, resolution)
    ended = replace(held, resolved_at=tx.now, resolved_by=tx.caller.actor, resolution=resolution)
    holds = tuple(ended if h.id == hold_id else h for h in order.holds)
    fact = HoldResolved(order.id, "", "", hold_id, held.kind)
    return save(tx, [order], [replace(order, holds=holds)], [fact])[0]


def open_change(
    tx: Tx,
    order: Order,
    kind: str,
    actions: Sequence[Mapping[str, Any]],
    reason: str,
    waits: Mapping[str, Mapping[str, int]],
) -> Change:
    """Keep what is wanted of an order, and the units by fulfillment order that it waits for."""
    id = ids.fresh()
    number = store.insert_change(tx, order.id, id, kind, actions, waits, reason)
    return Change(
        order.id, number, id, kind, ChangeState.PENDING, None, tuple(actions), {}, {}, reason,
        tx.caller.actor, tx.now, waits,
    )  # fmt: skip


def keep_change(tx: Tx, change: Change) -> Change:
    """Write how far a change is; an applied one gets its version."""
    settled = None if change.state is ChangeState.PENDING else tx.now
    return replace(change, version=store.update_change(tx, change, settled), settled_at=settled)


def lock_draft(tx: Tx, draft_id: Id) -> Draft:
    """One locked draft. Raises DraftNotFound."""
    found = store.lock_drafts(tx, [draft_id])
    if not found:
        raise DraftNotFound("No draft has this id.")
    return found[0]


def locked_draft(tx: Tx, draft_id: Id, version: int | None = None) -> Draft:
    """One locked draft that is open. Raises DraftNotFound, DraftClosed or VersionChanged."""
    draft = lock_draft(tx, draft_id)
    drafting.open_(draft)
    if version is not None and draft.version != version:
        raise VersionChanged(
            f"The draft is at version {draft.version}, not {version}: look again.", field="version"
        )
    return draft


def save_draft(tx: Tx, draft: Draft) -> Draft:
    """Write a locked draft; its version goes up by one."""
    store.update_draft(tx, draft)
    return replace(draft, version=draft.version + 1)


def open_exception(
    tx: Tx, order: Order, kind: str, subject: str, cause: str, suggestion: str
) -> Order:
    """Put something about an order before a person; one open row for one kind and subject."""
    new = Exception_(ids.fresh(), order.id, kind, subject, cause, suggestion)
    if not store.insert_exceptions(tx, [new]):
        return order
    fact = ExceptionOpened(order.id, "", "", new.id, kind)
    return save(tx, [order], [replace(order, exceptions=order.exceptions + 1)], [fact])[0]


def resolve_exceptions(tx: Tx, order: Order, exception_ids: Sequence[Id], resolution: str) -> Order:
    """Settle exceptions of an order; those settled already are passed over."""
    ended = store.resolve_exceptions(tx, exception_ids, tx.caller.actor, resolution)
    if not ended:
        return order
    facts = [ExceptionResolved(order.id, "", "", e.id, e.kind) for e in ended]
    left = replace(order, exceptions=order.exceptions - len(ended))
    return save(tx, [order], [left], facts)[0]


def resolve_kind(
    tx: Tx, order: Order, kind: str, resolution: str, subject: str | None = None
) -> Order:
    """Settle all open exceptions of one kind that an order has (of one subject, if given)."""
    open_ids = [
        e.id
        for e in store.exceptions(tx, [order.id])
        if e.kind == kind and e.resolved_at is None and subject in (None, e.subject)
    ]
    return resolve_exceptions(tx, order, open_ids, resolution) if open_ids else order


def exception_order(tx: Tx, exception_id: Id) -> Id:
    """The order that an open exception is about. Raises ExceptionNotOpen."""
    found = store.exceptions_by_id(tx, [exception_id]).get(exception_id)
    if found is None or found.resolved_at is not None or found.order_id is None:
        raise ExceptionNotOpen("This exception is not open.", field="exception")
    return found.order_id


def _derived(order: Order) -> Order:
    status = rules.status(order.lines)
    health = rules.health(order.holds, order.exceptions)
    return replace(order, header=replace(order.header, status=status, health=health))


def _taken(order: Order) -> OrderTaken:
    header = order.header
    return OrderTaken(
        order.id,
        header.status.value,
        header.health.value,
        header.number,
        header.channel_id,
        header.mode.value,
        header.currency,
        header.total_minor,
        len(order.lines),
    )
