"""Routing: every reserved unit gets a location, and its delivery group a date.

The decision is `routing.rules.plan`: the cheapest parcels over stock, distance and rate cards,
with the reason why every other location lost. What is allocated is guarded again by the stock
rows; what somebody else took in between is routed in the next round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import msgspec

from baton import fulfillment, inventory, locations, orders, routing, shipping
from baton.flows import jobs
from baton.flows.release import services
from baton.fulfillment.model import Draft, DraftLine, Method, Status
from baton.inventory.model import NOWHERE, Level, Reservation, Wanted
from baton.locations.model import Ability, Location
from baton.orders import rules as order_rules
from baton.orders.events import OrderRouted
from baton.orders.model import Bucket, Group, Mode, Order, Transition
from baton.orders.model import Method as GroupMethod
from baton.orders.states import Action
from baton.platform.db import Tx
from baton.promising.model import Calendar, Dispatch, Promise, Transit
from baton.promising.rules import promise, ship_day, transit_days_left
from baton.routing.model import (
    Candidate,
    Decision,
    Demand,
    DemandLine,
    Destination,
    PlannedParcel,
    Point,
    RateCard,
    Service,
    Zone,
)
from baton.routing.rules import plan, to_json
from baton.shipping.model import RateCard as Card
from baton.values import Id

HORIZON = timedelta(days=400)  # closures that a promise may have to step over

_Stock = tuple[Id, Id]  # a SKU in an area


@dataclass(frozen=True, slots=True)
class _World:
    """What a batch of orders is routed against, read once."""

    places: Mapping[Id, Location]
    closures: Mapping[Id, frozenset[date]]
    cards: Sequence[Card]
    levels: Mapping[_Stock, Sequence[Level]]  # by SKU and area
    buffers: frozenset[_Stock]  # where units that are kept from sale may be used
    strategies: Mapping[Id, routing.Strategy]
    exclusions: Mapping[Id, Mapping[Id, str]]
    now: datetime


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Reserved units of one order line in one area: what the router sees as a line."""

    line_no: int
    area_id: Id
    sku_id: Id
    quantity: int

    @property
    def id(self) -> Id:
        return Id(int=self.line_no ^ self.area_id.int)

    @property
    def stock(self) -> _Stock:
        return self.sku_id, self.area_id

    @property
    def sku_key(self) -> Id:
        """The SKU in that area: stock of another area can't serve it."""
        return Id(int=self.sku_id.int ^ self.area_id.int)


def route_orders(tx: Tx, order_ids: Sequence[Id], trigger: str) -> None:
    """Choose locations for all reserved units of these orders; what is blocked is left."""
    found = orders.lock(tx, order_ids)
    live = {
        id: order
        for id, order in found.items()
        if order.header.mode is Mode.LIVE and not order.blocked(Transition.ROUTE)
    }
    held: dict[Id, list[Reservation]] = {}
    for reservation in inventory.reservations(tx, list(live)):
        held.setdefault(reservation.owner_id, []).append(reservation)
    waiting = [r for rs in held.values() for r in rs if r.location_id == NOWHERE]
    world = _look_up(tx, list(live.values()), waiting)
    for order in live.values():
        _route(tx, order, held.get(order.id, []), world, trigger)
    without_goods = [order.id for order in live.values() if services(order)]
    jobs.for_orders(tx, jobs.RELEASE, without_goods, "nothing to be sent")


def _look_up(
    tx: Tx,
    found: Sequence[Order],
    waiting: Sequence[Reservation],
    buffers: frozenset[_Stock] = frozenset(),
) -> _World:
    levels = _levels(tx, waiting, buffers)
    pickups = {g.location_id for order in found for g in order.groups if g.location_id}
    ids = {level.location_id for rows in levels.values() for level in rows} | pickups
    places = locations.locations_by_id(tx, sorted(ids)) if ids else {}
    today = tx.now.date() - timedelta(days=1)
    return _World(
        places,
        locations.closed_days(tx, sorted(ids), today, today + HORIZON) if ids else {},
        shipping.rate_cards(tx),
        levels,
        buffers,
        routing.strategies(tx),
        routing.exclusions(tx, [order.id for order in found]),
        tx.now,
    )


def _levels(
    tx: Tx, waiting: Sequence[Reservation], buffers: frozenset[_Stock]
) -> dict[_Stock, list[Level]]:
    if not waiting:
        return {}
    skus, areas = {r.sku_id for r in waiting}, {r.area_id for r in waiting}
    levels: dict[_Stock, list[Level]] = {}
    for level in inventory.candidates(tx, sorted(skus), sorted(areas), held_back_too=bool(buffers)):
        stock = level.sku_id, level.area_id
        if level.free or stock in buffers:
            levels.setdefault(stock, []).append(level)
    return levels


def _route(tx: Tx, order: Order, held: Sequence[Reservation], world: _World, trigger: str) -> Order:
    drafts: list[Draft] = []
    plans: list[routing.Plan] = []
    groups: dict[int, Group] = {}
    moved: dict[int, int] = {}
    for group in order.groups:
        if group.method is GroupMethod.PICKUP:
            drafts += _pickup(tx, order, group)
            groups[group.group_no] = _pickup_promise(group, world)
            continue
        chunks = _chunks(order, group, held)
        if not chunks:
            continue
        decision, used = _decide_or_use_buffers(tx, order, group, chunks, held, world)
        plans.append(_kept(order, group, decision, trigger, tx.now))
        made = _allocate(tx, order, group, decision, chunks, used)
        drafts += made
        for draft in made:
            for line in draft.lines:
                moved[line.order_line] = moved.get(line.order_line, 0) + line.quantity
        if made:
            groups[group.group_no] = _promised(group, decision, used)
        order = _open_units(tx, order, group, decision)
    return _booked(tx, order, drafts, plans, groups, moved)


def _booked(
    tx: Tx,
    order: Order,
    drafts: Sequence[Draft],
    plans: Sequence[routing.Plan],
    groups: Mapping[int, Group],
    moved: Mapping[int, int],
) -> Order:
    kept = routing.keep(tx, plans) if plans else []
    if not drafts:
        return order
    fulfillment.plan(tx, drafts)
    after = order_rules.move(order, Action.ALLOCATE, Bucket.RESERVED, Bucket.ALLOCATED, moved)
    after = replace(after, groups=tuple(groups.get(g.group_no, g) for g in after.groups))
    fact = OrderRouted(
        order.id,
        "",
        "",
        tuple(moved.items()),
        kept[-1].plan_no if kept else 0,
        sum(each.cost_minor for each in kept),
        tuple(dict.fromkeys(draft.location_id for draft in drafts)),
    )
    order = orders.save(tx, [order], [after], [fact])[0]
    return orders.resolve_kind(tx, order, "no_plan", "A plan was found.")


# ── deciding ───────────────────────────────────────────────────────────────────────────────


def _chunks(order: Order, group: Group, held: Sequence[Reservation]) -> list[_Chunk]:
    in_group = {line.line_no for line in order.lines if line.group_no == group.group_no}
    return [
        _Chunk(r.owner_line, r.area_id, r.sku_id, r.quantity)
        for r in sorted(held, key=lambda r: (r.owner_line, r.area_id))
        if r.location_id == NOWHERE and r.owner_line in in_group
    ]


def _decide_or_use_buffers(
    tx: Tx,
    order: Order,
    group: Group,
    chunks: Sequence[_Chunk],
    held: Sequence[Reservation],
    world: _World,
) -> tuple[Decision, _World]:
    """The plan, and the world it leans on.

    Units were promised before a buffer was raised, or before a loss ate into it: for what finds
    no place otherwise, stock that is kept from sale is used, of these SKUs alone.
    """
    decision = _decide(order, group, chunks, world)
    lacking = {units.line_id for units in decision.open_units}
    buffers = frozenset(chunk.stock for chunk in chunks if chunk.id in lacking)
    if not buffers:
        return decision, world
    waiting = [r for r in held if r.location_id == NOWHERE]
    deeper = _look_up(tx, [order], waiting, buffers)
    better = _decide(order, group, chunks, deeper)
    if _open(better) < _open(decision):
        return better, deeper
    return decision, world


def _open(decision: Decision) -> int:
    return sum(units.quantity for units in decision.open_units)


def _decide(order: Order, group: Group, chunks: Sequence[_Chunk], world: _World) -> Decision:
    strategy = world.strategies.get(order.header.channel_id, world.strategies[NOWHERE])
    demand = Demand(
        lines=tuple(
            DemandLine(
                chunk.id,
                chunk.sku_key,
                chunk.quantity,
                order.line(chunk.line_no).unit_weight_g,
                order.line(chunk.line_no).ship_alone,
            )
            for chunk in chunks
        ),
        destination=Destination(
            group.address.country if group.address else "",
            group.address.postal_code if group.address else "",
            Point(group.lat, group.lon)
            if group.lat is not None and group.lon is not None
            else None,
        ),
        needed_by=group.needed_by,
        max_parcels=strategy.max_parcels,
    )
    card = rate_card(world.cards, group.service, order.header.currency, strategy.late_cost_minor)
    excluded = world.exclusions.get(order.id, {})
    return plan(demand, _candidates(chunks, group, world), card, exclusions=excluded)


def _candidates(chunks: Sequence[_Chunk], group: Group, world: _World) -> list[Candidate]:
    available: dict[Id, dict[Id, int]] = {}
    for chunk in chunks:
        for level in world.levels.get(chunk.stock, ()):
            units = level.spare if chunk.stock in world.buffers else level.free
            available.setdefault(level.location_id, {})[chunk.sku_key] = units
    return [
        _candidate(world.places[id], units, group, world) for id, units in sorted(available.items())
    ]


def _candidate(
    place: Location, available: Mapping[Id, int], group: Group, world: _World
) -> Candidate:
    days = None
    if group.needed_by is not None:
        leaves = ship_day(world.now, dispatch(place, world.closures)).ship_on
        days = transit_days_left(leaves, group.needed_by, Calendar())
    return Candidate(
        location_id=place.id,
        code=place.code,
        name=place.name,
        kind=place.kind.value,
        available=available,
        point=Point(place.point.lat, place.point.lon) if place.point else None,
        pick_cost=place.pick_cost_minor,
        pack_cost=place.pack_cost_minor,
        can_ship=place.active and Ability.SHIP in place.can,
        days_left=days,
    )


def rate_card(cards: Sequence[Card], service: str, currency: str, late_minor: int) -> RateCard:
    """What the router pays: the wanted service's card, or all of them where none has its name.

    With no card at all freight costs nothing, and distance alone does not decide.
    """
    usable = [card for card in cards if card.active and card.currency == currency] or [
        card for card in cards if card.active
    ]
    wanted = [card for card in usable if card.service == service] or usable
    services = tuple(
        Service(
            card.service,
            card.name,
            tuple(card.brackets_g),
            tuple(
                Zone(zone.up_to_km, zone.transit_min_days, zone.transit_max_days, tuple(prices))
                for zone, prices in zip(card.zones, card.prices, strict=True)
            ),
        )
        for card in wanted
    )
    free = Service(service, service, (1_000_000,), (Zone(None, 1, 5, (0,)),))
    return RateCard(currency, services or (free,), late_fee=late_minor)


# ── booking ────────────────────────────────────────────────────────────────────────────────


def _kept(
    order: Order, group: Group, decision: Decision, trigger: str, now: datetime
) -> routing.Plan:
    return routing.Plan(
        order.id,
        0,
        group.group_no,
        trigger,
        decision.currency,
        decision.cost,
        decision.exact,
        to_json(decision),
        now,
    )


def _allocate(
    tx: Tx,
    order: Order,
    group: Group,
    decision: Decision,
    chunks: Sequence[_Chunk],
    world: _World,
) -> list[Draft]:
    """Take the planned units at their locations; a draft of work for each location."""
    by_id = {chunk.id: chunk for chunk in chunks}
    wanted = [
        Wanted(
            "order",
            order.id,
            by_id[units.line_id].line_no,
            by_id[units.line_id].sku_id,
            by_id[units.line_id].area_id,
            parcel.location_id,
            units.quantity,
            held_back_too=by_id[units.line_id].stock in world.buffers,
        )
        for parcel in decision.parcels
        for units in parcel.lines
    ]
    got = inventory.allocate(tx, wanted) if wanted else []
    if any(have < want.quantity for have, want in zip(got, wanted, strict=True)):
        jobs.for_orders(tx, jobs.ROUTE, [order.id], "stock was taken meanwhile")
    lines: dict[Id, dict[int, int]] = {}
    for want, have in zip(wanted, got, strict=True):
        at_place = lines.setdefault(want.location_id, {})
        at_place[want.line] = at_place.get(want.line, 0) + have
    return [
        _draft(order, group, id, units, Method.SHIP, world)
        for id, units in lines.items()
        if any(units.values())
    ]


def _draft(
    order: Order,
    group: Group,
    location_id: Id,
    units: Mapping[int, int],
    method: Method,
    world: _World | None,
) -> Draft:
    made = []
    for line_no, quantity in sorted(units.items()):
        line = order.line(line_no)
        assert line.sku_id is not None
        if quantity:
            made.append(DraftLine(line_no, line.sku_id, line.sku_code, line.title, quantity))
    leaves = None
    if world is not None:
        leaves = ship_day(world.now, dispatch(world.places[location_id], world.closures)).ship_on
    return Draft(order.id, order.number, group.group_no, location_id, method, tuple(made), leaves)


def _pickup(tx: Tx, order: Order, group: Group) -> list[Draft]:
    """Work for units of a pick-up that have their place since capture, and no work yet."""
    if group.location_id is None:
        return []
    begun: dict[int, int] = {}
    for work in fulfillment.of_orders(tx, [order.id]):
        if work.status is Status.PLANNED:
            for each in work.lines:
                begun[each.order_line] = begun.get(each.order_line, 0) + each.open
    units = {
        line.line_no: line.allocated - begun.get(line.line_no, 0)
        for line in order.lines
        if line.group_no == group.group_no and line.allocated > begun.get(line.line_no, 0)
    }
    if not units:
        return []
    return [_draft(order, group, group.location_id, units, Method.PICKUP, None)]


def _open_units(tx: Tx, order: Order, group: Group, decision: Decision) -> Order:
    """Units that no plan carries stay reserved, and a person is told why."""
    if not decision.open_units:
        return order
    reasons = sorted({units.reason.value for units in decision.open_units})
    count = _open(decision)
    return orders.open_exception(
        tx,
        order,
        "no_plan",
        f"{order.number}/{group.group_no}",
        f"No location was found for {count} units: {', '.join(reasons)}.",
        "Allow more parcels, lift an exclusion, move stock, or cancel.",
    )


# ── promising ──────────────────────────────────────────────────────────────────────────────


def dispatch(place: Location, closures: Mapping[Id, frozenset[date]]) -> Dispatch:
    """How a location gets orders out of the door, as promising reads it."""
    calendar = Calendar(frozenset(place.weekdays), closures.get(place.id, frozenset()))
    return Dispatch(place.time_zone, calendar, place.cut_off, place.processing_days)


def _promised(group: Group, decision: Decision, world: _World) -> Group:
    """The group with the window of its slowest parcel."""
    promises = [_parcel_promise(parcel, world) for parcel in decision.parcels]
    last = max(promises, key=lambda p: (p.deliver_by, p.deliver_from))
    return replace(
        group,
        ship_on=max(p.ship_on for p in promises),
        promised_from=last.deliver_from,
        promised_by=last.deliver_by,
        promise={"parcels": [msgspec.to_builtins(p) for p in promises]},
    )


def _parcel_promise(parcel: PlannedParcel, world: _World) -> Promise:
    place = world.places[parcel.location_id]
    transit = Transit(parcel.quote.min_days, parcel.quote.max_days)
    return promise(world.now, dispatch(place, world.closures), transit)


def _pickup_promise(group: Group, world: _World) -> Group:
    if group.location_id is None or group.promised_by is not None:
        return group
    day = ship_day(world.now, dispatch(world.places[group.location_id], world.closures))
    return replace(
        group,
        ship_on=day.ship_on,
        promised_from=day.ship_on,
        promised_by=day.ship_on,
        promise={"pickup": msgspec.to_builtins(day)},
    )
