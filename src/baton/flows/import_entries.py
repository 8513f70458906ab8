"""Importing: orders, returns and write-offs as a file tells them, each once.

As history, orders enter as what they became: shipped facts that move no stock here. Live, they
go the way of every order. A return is linked to the order lines that it takes back: the newest
earlier order of the same customer with units of that SKU that have not come back yet, and after
that the one before it. What finds no order is kept all the same, unlinked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from baton import catalog, channels, customers, inventory, locations, orders, returns, shipping
from baton.catalog.model import ProductDraft, SkuDraft, SkuKind
from baton.channels.model import Channel
from baton.customers.model import Seed
from baton.flows.cancel import cancel
from baton.flows.channel_returns import take_back_reported
from baton.flows.recall import recallable
from baton.flows.take_orders import Taken, take_orders
from baton.inventory.model import Document, DocumentKind, DocumentLine
from baton.locations.model import Location
from baton.orders.errors import OrderInvalid
from baton.orders.events import OrderReturned
from baton.orders.model import LineKind, Mode, Order, OrderDraft
from baton.platform import ids
from baton.platform.db import Tx
from baton.returns.model import Mode as ReturnMode
from baton.returns.model import ReturnDraft, ReturnKind, ReturnLine
from baton.shipping.model import Draft as ShipmentDraft
from baton.shipping.model import Method
from baton.values import Id
from baton.values.errors import BatonError
from baton.values.money import between


@dataclass(frozen=True, slots=True)
class ReturnLineGiven:
    """Units of a SKU, or of a charge, that go back, and the money for them in minor units."""

    sku: str
    title: str
    quantity: int
    amount: int
    charge: str | None = None


@dataclass(frozen=True, slots=True)
class ReturnGiven:
    """A credit note: what of earlier orders came back or was called off."""

    kind: ReturnKind
    channel: str
    external_id: str
    occurred_at: datetime
    currency: str
    lines: tuple[ReturnLineGiven, ...]
    order: str = ""
    channel_customer_id: str = ""
    email: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class WriteOffGiven:
    """Stock that left the books without a buyer."""

    channel: str
    reference: str
    occurred_at: datetime
    reason: str
    lines: tuple[tuple[str, str, int], ...]  # SKU, title, units
    location: str = ""


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of one entry: new, known before, or refused; `linked` lines found their order."""

    reference: str
    new: bool
    linked: int = 0
    refusal: BatonError | None = None


Given = OrderDraft | ReturnGiven | WriteOffGiven


def import_entries(
    tx: Tx, entries: Sequence[Given], *, mode: Mode, create_skus: bool
) -> list[Landed]:
    """One answer an entry, in their order; a refused entry leaves nothing behind."""
    if create_skus:
        _create_skus(tx, entries)
    landed: dict[int, Landed] = {}
    drafts = [(n, e) for n, e in enumerate(entries) if isinstance(e, OrderDraft)]
    taken = take_orders(tx, [replace(draft, mode=mode) for _, draft in drafts])
    for (place, draft), each in zip(drafts, taken, strict=True):
        landed[place] = Landed(draft.external_id, each.new, 0, each.refusal)
    if mode is Mode.HISTORY:
        _ship_history(tx, taken)
    for place, entry in enumerate(entries):
        try:
            with tx.savepoint():
                match entry:
                    case ReturnGiven():
                        landed[place] = _take_back(tx, entry, mode)
                    case WriteOffGiven():
                        landed[place] = _write_off(tx, entry, mode)
                    case OrderDraft():
                        pass
        except BatonError as error:
            landed[place] = Landed(_reference(entry), False, 0, error)
    return [landed[place] for place in range(len(entries))]


def _reference(entry: Given) -> str:
    return entry.reference if isinstance(entry, WriteOffGiven) else entry.external_id


# ── the catalogue ──────────────────────────────────────────────────────────────────────────


def _create_skus(tx: Tx, entries: Sequence[Given]) -> None:
    """SKUs that a file names and the catalogue lacks, with title and price as first seen."""
    seen: dict[str, tuple[str, int, str, str]] = {}
    for entry in entries:
        match entry:
            case OrderDraft():
                for line in entry.lines:
                    said = (line.title or line.sku, line.unit_price, entry.currency, line.kind)
                    seen.setdefault(line.sku, said)
            case WriteOffGiven():
                for code, title, _ in entry.lines:
                    seen.setdefault(code, (title or code, 0, "", LineKind.GOODS))
            case ReturnGiven():
                pass
    known = catalog.skus_by_code(tx, sorted(seen)) if seen else {}
    new = sorted(set(seen) - set(known))
    if not new:
        return
    currency = _currency(tx, entries)
    catalog.save_products(tx, [ProductDraft(code, seen[code][0]) for code in new])
    catalog.save_skus(
        tx,
        [
            SkuDraft(code, code, title, sold_in or currency, price, kind=SkuKind(kind))
            for code in new
            for title, price, sold_in, kind in [seen[code]]
        ],
    )


def _currency(tx: Tx, entries: Sequence[Given]) -> str:
    found = channels.channels_by_code(tx, sorted({entry.channel for entry in entries}))
    return next((channel.currency for channel in found.values()), "EUR")


# ── history ────────────────────────────────────────────────────────────────────────────────


def _ship_history(tx: Tx, taken: Sequence[Taken]) -> None:
    """Orders of the past left when they were placed, as far as anybody knows."""
    shipments = []
    for each in taken:
        if each.new and each.order is not None:
            units = {x.line_no: x.shipped for x in each.order.lines if x.shipped}
            if units:
                placed_at = each.order.header.placed_at
                shipments.append(_past_shipment(each.order, units, placed_at))
    shipping.open_shipments(tx, shipments)


def _past_shipment(order: Order, units: Mapping[int, int], at: datetime) -> ShipmentDraft:
    return ShipmentDraft(
        order_id=order.id,
        order_number=order.number,
        group_no=order.groups[0].group_no,
        method=Method.HISTORY,
        currency=order.header.currency,
        lines=tuple(units.items()),
        occurred_at=at,
    )


# ── returns ────────────────────────────────────────────────────────────────────────────────


def _take_back(tx: Tx, given: ReturnGiven, mode: Mode) -> Landed:
    """Keep a return; its lines are linked to what they take back as far as that is found."""
    channel = _channel(tx, given.channel)
    customer_id = customers.match(tx, [Seed(channel.id, given.channel_customer_id, given.email)])[0]
    locked = orders.lock(tx, _earlier_orders(tx, given, channel, customer_id))
    newest = sorted(locked.values(), key=lambda o: (o.header.placed_at, o.id), reverse=True)
    skus = catalog.skus_by_code(tx, sorted({line.sku for line in given.lines}))
    lines: list[ReturnLine] = []
    live = mode is Mode.LIVE
    asked = {order.id: _asked_back(tx, order) for order in newest} if live else {}
    taken: dict[Id, dict[int, int]] = {}
    linked = 0
    for line in given.lines:
        sku = skus.get(line.sku)
        parts, left = _linked(line, newest, taken, asked, live=live)
        linked += bool(parts)
        lines += _return_lines(line, parts, left, sku.id if sku else None)
    draft = ReturnDraft(
        channel_id=channel.id,
        external_id=given.external_id,
        kind=given.kind,
        mode=ReturnMode(mode.value),
        currency=given.currency,
        occurred_at=given.occurred_at,
        country=given.country,
        customer=given.channel_customer_id or given.email,
        lines=tuple(replace(line, line_no=n) for n, line in enumerate(lines, 1)),
    )
    recorded = returns.record(tx, [draft])[0]
    if not recorded.new:
        return Landed(given.external_id, False)
    if live:
        _call_off(tx, locked, taken, asked, given.external_id)
        taken = _worked_on(tx, taken, draft)
        locked = orders.lock(tx, list(taken))
    _book_returned(tx, locked, taken, recorded.id)
    return Landed(given.external_id, True, linked)


def _earlier_orders(
    tx: Tx, given: ReturnGiven, channel: Channel, customer_id: Id | None
) -> list[Id]:
    if given.order:
        found = orders.by_external(tx, [(channel.id, given.order)])
        return list(found.values())
    if customer_id is None:
        return []
    codes = sorted({line.sku for line in given.lines if line.charge is None})
    return orders.with_skus(tx, customer_id, codes, given.occurred_at)


def _asked_back(tx: Tx, order: Order) -> dict[int, int]:
    """Units by line that a location has and can't be asked for again."""
    if not any(line.released for line in order.lines):
        return {}
    able = recallable(tx, order.id)
    return {x.line_no: x.released - able.get(x.line_no, 0) for x in order.lines if x.released}


def _linked(
    line: ReturnLineGiven,
    newest: Sequence[Order],
    taken: dict[Id, dict[int, int]],
    asked: Mapping[Id, Mapping[int, int]],
    *,
    live: bool,
) -> tuple[list[tuple[Order, int, int]], int]:
    """(order, line, units) that a return line takes back, and the units that found none."""
    parts, left = [], line.quantity
    if line.charge is not None:
        return [], left
    for order in newest:
        for each in order.lines:
            gone = taken.setdefault(order.id, {})
            gone_already = each.cancelled + asked.get(order.id, {}).get(each.line_no, 0)
            there = each.ordered - gone_already if live else each.shipped
            free = there - each.returned - gone.get(each.line_no, 0)
            if each.sku_code == line.sku and free > 0 and left:
                units = min(left, free)
                gone[each.line_no] = gone.get(each.line_no, 0) + units
                parts.append((order, each.line_no, units))
                left -= units
    return parts, left


def _return_lines(
    line: ReturnLineGiven, parts: Sequence[tuple[Order, int, int]], left: int, sku_id: Id | None
) -> list[ReturnLine]:
    """A line for each order line that is taken back, and one for the rest; money by shares."""
    made, done = [], 0
    for order, line_no, units in parts:
        amount = between(line.amount, line.quantity, done, done + units)
        made.append(_return_line(line, units, amount, sku_id, order.id, line_no))
        done += units
    if left:
        amount = between(line.amount, line.quantity, done, done + left)
        made.append(_return_line(line, left, amount, sku_id, None, None))
    return made


def _return_line(
    line: ReturnLineGiven,
    units: int,
    amount: int,
    sku_id: Id | None,
    order_id: Id | None,
    order_line: int | None,
) -> ReturnLine:
    return ReturnLine(
        line_no=0,
        sku_code=line.sku,
        title=line.title,
        quantity=units,
        amount=amount,
        sku_id=sku_id,
        order_id=order_id,
        order_line=order_line,
    )


def _call_off(
    tx: Tx,
    locked: dict[Id, Order],
    taken: dict[Id, dict[int, int]],
    asked: Mapping[Id, Mapping[int, int]],
    reference: str,
) -> None:
    """Units that have not left are cancelled; `taken` keeps those that have to come back."""
    for order_id, units in taken.items():
        order = locked[order_id]
        waiting = {}
        for line_no, count in units.items():
            line = order.line(line_no)
            waits = line.ordered - line.cancelled - line.shipped
            unsent = min(count, waits - asked[order_id].get(line_no, 0))
            if unsent:
                waiting[line_no] = unsent
                units[line_no] = count - unsent
        if waiting:
            locked[order_id] = cancel(tx, order_id, waiting, f"called off: {reference}")


def _worked_on(
    tx: Tx, taken: Mapping[Id, Mapping[int, int]], draft: ReturnDraft
) -> dict[Id, dict[int, int]]:
    """Live, units that were shipped go the way of every return; what is left is only counted."""
    left: dict[Id, dict[int, int]] = {}
    for order_id, units in taken.items():
        reported = {
            number: (count, _told(draft, order_id, number, count))
            for number, count in units.items()
            if count
        }
        if reported:
            left[order_id] = take_back_reported(tx, order_id, reported, draft.external_id)[1]
    return left


def _told(draft: ReturnDraft, order_id: Id, number: int, units: int) -> int:
    """What the channel gave back for so many units of an order line; the first ones come back."""
    own = [x for x in draft.lines if x.order_id == order_id and x.order_line == number]
    total, of = sum(line.amount for line in own), sum(line.quantity for line in own)
    return between(total, of, 0, min(units, of))


def _book_returned(
    tx: Tx, locked: Mapping[Id, Order], taken: Mapping[Id, Mapping[int, int]], return_id: Id
) -> None:
    before, after, facts = [], [], []
    for order_id, units in taken.items():
        if not units:
            continue
        order = changed = locked[order_id]
        back = {n: u for n, u in units.items() if u}
        if not back:
            continue
        for line_no, count in back.items():
            line = changed.line(line_no)
            changed = changed.with_line(replace(line, returned=line.returned + count))
        before.append(order)
        after.append(changed)
        facts.append(OrderReturned(order_id, "", "", tuple(back.items()), return_id))
    orders.save(tx, before, after, facts)
    returns.count_recorded(tx, [(f.subject_id, n, u) for f in facts for n, u in f.units])


# ── write-offs ─────────────────────────────────────────────────────────────────────────────


def _write_off(tx: Tx, given: WriteOffGiven, mode: Mode) -> Landed:
    """Stock that was written off: a document, which moves stock only when it is live."""
    channel = _channel(tx, given.channel)
    place = _place(tx, given, channel)
    skus = catalog.skus_by_code(tx, sorted({code for code, _, _ in given.lines}))
    missing = [code for code, _, _ in given.lines if code not in skus]
    if missing:
        raise OrderInvalid(f"The catalogue has no SKU {missing[0]!r}.", field="lines.0.sku")
    document = Document(
        id=ids.fresh(),
        kind=DocumentKind.WRITE_OFF,
        location_id=place.id,
        area_id=place.area_id,
        reason=given.reason,
        reference=given.reference,
        occurred_at=given.occurred_at,
        lines=tuple(
            DocumentLine(number, skus[code].id, units)
            for number, (code, _, units) in enumerate(given.lines, 1)
        ),
        history=mode is Mode.HISTORY,
    )
    return Landed(given.reference, inventory.record(tx, [document])[0] == document.id)


def _place(tx: Tx, given: WriteOffGiven, channel: Channel) -> Location:
    """The location named, or the first of the channel's areas."""
    if given.location:
        named = locations.locations_by_code(tx, [given.location]).get(given.location)
        if named is None:
            raise OrderInvalid(f"There is no location {given.location!r}.", field="location")
        return named
    by_area = locations.locations_of_areas(tx, channel.area_ids)
    places = [place for area in channel.area_ids for place in by_area.get(area, ())]
    if not places:
        raise OrderInvalid("The channel sells from no location: name one.", field="location")
    return min(places, key=lambda place: place.code)


def _channel(tx: Tx, code: str) -> Channel:
    channel = channels.channels_by_code(tx, [code]).get(code)
    if channel is None:
        raise OrderInvalid(f"There is no channel {code[:60]!r}.", field="channel")
    return channel
