"""Orders by phone: a draft is priced, shown with its stock and dates, and placed like any other.

What a draft would become is found out by taking the order and undoing it. Placing goes through
the very same flow that channels use, under the draft's number: placed twice, it is one order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from baton import catalog, channels, inventory, orders
from baton.channels.model import Channel
from baton.flows.quote_tax import QuoteCharge, QuoteLine, Wanted, quote
from baton.flows.route_orders import route_orders
from baton.flows.take_orders import take_order
from baton.inventory.model import Basket, Demand
from baton.orders import drafting
from baton.orders.drafting import Draft, DraftState, Offered, Wish
from baton.orders.errors import OrderInvalid, TotalsMismatch
from baton.orders.events import DraftEnded, DraftOpened, DraftPlaced
from baton.orders.model import LineKind, Order, OrderDraft, TenderDraft
from baton.platform import ids, journal
from baton.platform.db import Tx
from baton.values import Id
from baton.values.errors import Refused

KEPT = timedelta(days=14)  # how long a draft waits for its buyer


@dataclass(frozen=True, slots=True)
class Quoted:
    """A wish with all its prices and taxes, and the order that it would be.

    `order` is None where it can't be taken now; `refusal` says why.
    """

    wish: Wish
    titles: Mapping[str, str]
    currency: str
    tax_included: bool
    total: int
    order: Order | None
    refusal: str


def start(tx: Tx, wish: Wish) -> Draft:
    """Write a wish down. Raises OrderInvalid or UnknownSku where it can't be priced."""
    channel = _channel(tx, wish.channel)
    made = _order_draft(tx, wish, channel, "", ())[1]
    draft = Draft(
        ids.fresh(),
        f"D-{ids.order_number()}",
        DraftState.OPEN,
        channel.id,
        wish,
        channel.currency,
        made.total,
        None,
        tx.caller.actor,
        1,
        tx.now,
        tx.now,
        tx.now + KEPT,
    )
    orders.insert_draft(tx, draft)
    journal.record(tx, [DraftOpened(draft.id, draft.number, draft.currency, draft.total_minor)])
    return draft


def change(tx: Tx, draft_id: Id, wish: Wish, version: int | None) -> Draft:
    """Write something else down. Stock that is held is held for the new lines.

    Raises DraftNotFound, DraftClosed, VersionChanged, OrderInvalid, UnknownSku.
    """
    draft = orders.locked_draft(tx, draft_id, version)
    channel = _channel(tx, wish.channel)
    made = _order_draft(tx, wish, channel, draft.number, ())[1]
    after = replace(
        draft,
        channel_id=channel.id,
        wish=wish,
        currency=channel.currency,
        total_minor=made.total,
        updated_at=tx.now,
        expires_at=tx.now + KEPT,
    )
    saved = orders.save_draft(tx, after)
    if saved.held_until is not None and saved.held_until > tx.now:
        _reserve(tx, saved, channel, saved.held_until)
    return saved


def quoted(tx: Tx, draft: Draft) -> Quoted:
    """What the draft would be if it were placed now; nothing is done."""
    channel = _channel(tx, draft.wish.channel)
    wish, made = _order_draft(tx, draft.wish, channel, draft.number, ())
    order, refusal = None, ""
    try:
        with tx.rehearsal():
            made = replace(made, external_id=f"{draft.number}-preview")
            inventory.free_all(tx, [draft.id])
            taken = take_order(tx, made)
            assert taken.order_id is not None
            route_orders(tx, [taken.order_id], "preview")
            order = orders.read(tx, [taken.order_id])[taken.order_id]
    except (Refused, OrderInvalid) as error:
        refusal = error.message
    titles = {line.sku: line.title for line in made.lines}
    return Quoted(
        wish, titles, channel.currency, channel.prices_include_tax, made.total, order, refusal
    )


def hold_stock(tx: Tx, draft_id: Id, minutes: int) -> Draft:
    """Keep the draft's units for so long; what is not there is not held. Raises DraftClosed."""
    draft = orders.locked_draft(tx, draft_id)
    until = tx.now + timedelta(minutes=minutes)
    _reserve(tx, draft, _channel(tx, draft.wish.channel), until)
    return orders.save_draft(tx, replace(draft, held_until=until, updated_at=tx.now))


def place(
    tx: Tx,
    draft_id: Id,
    tenders: Sequence[TenderDraft] = (),
    *,
    version: int | None = None,
    expected: int | None = None,
) -> Id:
    """The id of the order that the draft is now; placed again, of the same one.

    `expected` is the total that the buyer agreed to. A tender over 0 pays all of it. Raises
    TotalsMismatch, DraftClosed, and what refuses any order.
    """
    draft = orders.lock_draft(tx, draft_id)
    if draft.order_id is not None:
        return draft.order_id
    draft = orders.locked_draft(tx, draft_id, version)
    channel = _channel(tx, draft.wish.channel)
    wish, made = _order_draft(tx, draft.wish, channel, draft.number, tenders)
    if expected is not None and expected != made.total:
        raise TotalsMismatch(
            f"The draft costs {made.total} by now, not {expected}: tell the buyer.",
            field="total",
            expected=expected,
            given=made.total,
        )
    inventory.free_all(tx, [draft.id])
    taken = take_order(tx, made)
    assert taken.order_id is not None
    placed = replace(
        draft,
        state=DraftState.PLACED,
        wish=wish,
        total_minor=made.total,
        order_id=taken.order_id,
        updated_at=tx.now,
        held_until=None,
    )
    orders.save_draft(tx, placed)
    journal.record(tx, [DraftPlaced(draft.id, draft.number, taken.order_id)])
    return taken.order_id


def discard(tx: Tx, draft_id: Id) -> Draft:
    """Nobody wants it any more. Raises DraftClosed."""
    return _end(tx, orders.locked_draft(tx, draft_id), DraftState.DISCARDED)


def expire(tx: Tx, limit: int = 200) -> int:
    """End drafts whose time is over; returns how many."""
    due = orders.due_drafts(tx, limit)
    for draft in orders.lock_drafts(tx, due) if due else ():
        _end(tx, draft, DraftState.EXPIRED)
    return len(due)


def _end(tx: Tx, draft: Draft, state: DraftState) -> Draft:
    inventory.free_all(tx, [draft.id])
    journal.record(tx, [DraftEnded(draft.id, draft.number, state.value)])
    return orders.save_draft(tx, replace(draft, state=state, updated_at=tx.now, held_until=None))


# ── prices and stock ───────────────────────────────────────────────────────────────────────


def _order_draft(
    tx: Tx, wish: Wish, channel: Channel, number: str, tenders: Sequence[TenderDraft]
) -> tuple[Wish, OrderDraft]:
    """The wish priced and taxed, and the order that it is; tenders of 0 pay all of it."""
    if not wish.lines:
        raise OrderInvalid("A draft has at least one line.", field="lines")
    offered = _offered(tx, wish, channel)
    full = _taxed(tx, drafting.priced(wish, offered), channel)
    whole = drafting.total(full, tax_included=channel.prices_include_tax)
    paid = [t if t.amount else replace(t, amount=whole) for t in tenders]
    made = drafting.order_draft(
        full,
        number or "D-NEW",
        tx.now,
        channel.currency,
        offered,
        paid,
        tax_included=channel.prices_include_tax,
    )
    return full, made


def _taxed(tx: Tx, wish: Wish, channel: Channel) -> Wish:
    """Determined taxes wherever none is given; lines of one group are taxed together."""
    lines, charges = [0] * len(wish.lines), [0] * len(wish.charges)
    for group in wish.groups:
        places = [n for n, line in enumerate(wish.lines) if line.group == group.number]
        first = group is wish.groups[0]
        if not places:
            continue
        wanted = Wanted(
            channel.code,
            [_quote_line(wish, n) for n in places],
            [QuoteCharge(c.kind.value, c.amount) for c in wish.charges] if first else (),
            group.address,
        )
        for part in quote(tx, wanted).made.parts:
            if part.line_no:
                lines[places[part.line_no - 1]] += part.tax_minor
            else:
                charges[part.charge_no - 1] += part.tax_minor
    return drafting.taxed(wish, lines, charges)


def _quote_line(wish: Wish, place: int) -> QuoteLine:
    line = wish.lines[place]
    return QuoteLine(
        line.sku, line.quantity, (line.unit_price or 0) * line.quantity - line.discount
    )


def _offered(tx: Tx, wish: Wish, channel: Channel) -> dict[str, Offered]:
    skus = catalog.skus_by_code(tx, sorted({line.sku for line in wish.lines}))
    return {
        code: Offered(
            sku.title,
            LineKind(sku.kind),
            sku.price_minor if sku.currency == channel.currency else None,
        )
        for code, sku in skus.items()
    }


def _channel(tx: Tx, code: str) -> Channel:
    channel = channels.channels_by_code(tx, [code]).get(code)
    if channel is None or not channel.active:
        raise OrderInvalid(f"There is no active channel {code[:60]!r}.", field="channel")
    return channel


def _reserve(tx: Tx, draft: Draft, channel: Channel, until: datetime) -> None:
    """Hold what is there, in place of what was held before."""
    inventory.free_all(tx, [draft.id])
    skus = catalog.skus_by_code(tx, sorted({line.sku for line in draft.wish.lines}))
    demands = tuple(
        Demand(number, skus[line.sku].id, line.quantity, channel.area_ids)
        for number, line in enumerate(draft.wish.lines, 1)
        if line.sku in skus and skus[line.sku].kind.value == LineKind.GOODS.value
    )
    inventory.reserve(tx, [Basket("cart", draft.id, False, demands, until)])
