"""Capture: an order is in, with every unit accounted for, or it is not in at all.

A batch of drafts becomes orders in one transaction. What is there already is answered again,
never doubled. Stock is reserved in the areas that the channel sells from, first come first
served; where it is not enough, the channel's acceptance mode decides. Routing, mails and calls
to gateways happen behind the journal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from babel import Locale

from baton import (
    access,
    catalog,
    channels,
    customers,
    inventory,
    locations,
    orders,
    payments,
    stored_value,
)
from baton.channels.model import Acceptance, CaptureAt, Channel, ChannelKind
from baton.customers.model import Seed
from baton.flows.own_value import token_of
from baton.inventory.model import Basket, Demand, Outcome
from baton.locations.model import Ability, Location
from baton.locations.rules import coordinates
from baton.orders.errors import OrderInvalid, OutOfStock
from baton.orders.intake import Assembled, KnownSku, Terms, assemble, difference, fingerprint
from baton.orders.model import (
    Bucket,
    Group,
    GroupDraft,
    Header,
    Hold,
    HoldKind,
    LineKind,
    Method,
    Mode,
    Order,
    OrderDraft,
    TenderDraft,
)
from baton.orders.rules import BLOCKS
from baton.payments.model import EXTERNAL, GIFT_CARD, OWN, STORE_CREDIT, Tender
from baton.platform import ids
from baton.platform.db import Tx
from baton.values import Id
from baton.values.errors import BatonError

CURRENCIES = frozenset(Locale("en").currencies)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a draft: a new order, one that was there already, or a refusal."""

    order_id: Id | None
    number: str
    new: bool
    refusal: BatonError | None = None
    order: Order | None = None  # as it was placed, where it is new


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A draft on its way to being an order."""

    place: int
    draft: OrderDraft
    channel: Channel
    order: Order
    holds_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _World:
    """What drafts are read against, fetched once for the batch."""

    channels: Mapping[str, Channel]
    skus: Mapping[str, KnownSku]
    places: Mapping[str, Location]
    currencies: Mapping[Id, str]  # base currency by legal entity


def take_orders(tx: Tx, drafts: Sequence[OrderDraft]) -> list[Taken]:
    """One answer a draft, in their order; a refused draft leaves nothing behind.

    Raises UniqueViolation where another transaction took the same external id at the same
    moment: run it again, and the order is known.
    """
    world = _look_up(tx, drafts)
    answers = _known(tx, drafts, world)
    candidates = []
    seen: dict[tuple[str, str], int] = {}
    for place, draft in enumerate(drafts):
        key = (draft.channel, draft.external_id)
        if place not in answers and key not in seen:
            seen[key] = place
            try:
                candidates.append(_assembled(tx, place, draft, world))
            except BatonError as error:
                answers[place] = Taken(None, "", False, error)
    candidates = _with_customers(tx, candidates)
    accepted = _reserved(tx, candidates, answers)
    placed = orders.place(tx, [candidate.order for candidate in accepted])
    for candidate, order in zip(accepted, placed, strict=True):
        answers[candidate.place] = Taken(order.id, order.number, True, order=order)
    payments.take(tx, _with_accounts(tx, accepted))
    _open_exceptions(tx, accepted, placed)
    for place, draft in enumerate(drafts):
        if place not in answers:  # the same order twice in one batch
            first = answers[seen[(draft.channel, draft.external_id)]]
            answers[place] = _twice_in_a_batch(draft, first)
    return [answers[place] for place in range(len(drafts))]


def _twice_in_a_batch(draft: OrderDraft, first: Taken) -> Taken:
    again = replace(first, new=False)
    differs = difference(draft, first.order.header) if first.order else None
    return replace(again, refusal=differs) if differs else again


def take_order(tx: Tx, draft: OrderDraft) -> Taken:
    """One order through the same code. Raises what refuses it."""
    taken = take_orders(tx, [draft])[0]
    if taken.refusal is not None:
        raise taken.refusal
    return taken


# ── reading ────────────────────────────────────────────────────────────────────────────────


def _look_up(tx: Tx, drafts: Sequence[OrderDraft]) -> _World:
    by_code = channels.channels_by_code(tx, sorted({draft.channel for draft in drafts}))
    wanted = sorted({line.sku for draft in drafts for line in draft.lines})
    places = sorted({g.location for draft in drafts for g in draft.groups if g.location})
    entities = access.legal_entities_by_id(tx, [c.legal_entity_id for c in by_code.values()])
    return _World(
        by_code,
        {
            code: KnownSku(sku.id, sku.title, LineKind(sku.kind), sku.weight_g, sku.ship_alone)
            for code, sku in catalog.skus_by_code(tx, wanted).items()
        },
        locations.locations_by_code(tx, places) if places else {},
        {id: entity.base_currency for id, entity in entities.items()},
    )


def _known(tx: Tx, drafts: Sequence[OrderDraft], world: _World) -> dict[int, Taken]:
    """The answers to drafts that are orders already, by their place."""
    keys = {
        (world.channels[d.channel].id, d.external_id): (d.channel, d.external_id)
        for d in drafts
        if d.channel in world.channels
    }
    found = orders.by_external(tx, list(keys)) if keys else {}
    kept = orders.read(tx, list(found.values())) if found else {}
    ids_of = {keys[key]: order_id for key, order_id in found.items()}
    return {
        place: _sent_again(tx, draft, kept[ids_of[key]], world.channels[draft.channel])
        for place, draft in enumerate(drafts)
        if (key := (draft.channel, draft.external_id)) in ids_of
    }


def _sent_again(tx: Tx, draft: OrderDraft, order: Order, channel: Channel) -> Taken:
    """The order that is there. Where its contents are others now, an interactive caller or a
    file is refused; a channel that has sold it so is not, and a person compares the two."""
    differs = difference(draft, order.header)
    taken = Taken(order.id, order.number, False)
    if differs is None:
        return taken
    sold = channel.acceptance is Acceptance.MUST_ACCEPT and channel.kind is not ChannelKind.IMPORT
    if not sold or draft.mode is Mode.HISTORY:
        return replace(taken, refusal=differs)
    told = (
        f"The channel sent the order again with other contents: a total of {draft.total}"
        f" {draft.currency} in minor units, {len(draft.lines)} lines."
    )
    orders.open_exception(
        tx, orders.locked(tx, order.id), "changed_by_channel", order.number, told,
        "Compare it with the channel's own page, then edit or cancel here.",
    )  # fmt: skip
    return taken


# ── deciding ───────────────────────────────────────────────────────────────────────────────


def _assembled(tx: Tx, place: int, draft: OrderDraft, world: _World) -> _Candidate:
    channel = world.channels.get(draft.channel)
    if channel is None or not channel.active:
        raise OrderInvalid(f"There is no active channel {draft.channel[:60]!r}.", field="channel")
    must_accept = channel.acceptance is Acceptance.MUST_ACCEPT
    terms = Terms(
        must_accept,
        channel.currency,
        channel.prices_include_tax,
        CURRENCIES,
        {code: loc.id for code, loc in world.places.items() if _hands_over(loc)},
        tx.now,
    )
    made = assemble(draft, world.skus, terms)
    if made.problems and not must_accept:
        raise made.problems[0].error
    problems = [(p.hold, p.error.message) for p in made.problems if p.hold]
    problems += _address_problems(draft, channel)
    if draft.mode is Mode.HISTORY:
        problems = []  # there is nothing left to stop
    order = _order(tx, draft, channel, made, world, problems)
    for tender in _tenders(order, draft, channel):
        payments.check(tender)
    return _Candidate(place, draft, channel, order, tuple(p.error.message for p in made.problems))


def _address_problems(draft: OrderDraft, channel: Channel) -> list[tuple[HoldKind, str]]:
    """Addresses that can't be delivered to. A file that names only a country has its addresses
    elsewhere: that is no mistake to be mended here."""
    found = []
    for group in draft.groups:
        given = group.address is not None and (group.address.lines or group.address.city)
        if channel.kind is ChannelKind.IMPORT and not given:
            continue
        if group.method is Method.SHIP and group.address is not None and draft.mode is Mode.LIVE:
            problems = customers.check_address(group.address)
            if problems:
                said = "; ".join(f"{p.field}: {p.message}" for p in problems)
                found.append((HoldKind.ADDRESS, said))
    return found


def _order(
    tx: Tx,
    draft: OrderDraft,
    channel: Channel,
    made: Assembled,
    world: _World,
    problems: Sequence[tuple[HoldKind, str]],
) -> Order:
    base = world.currencies[channel.legal_entity_id]
    header = Header(
        id=ids.fresh(),
        number=ids.order_number(),
        channel_id=channel.id,
        legal_entity_id=channel.legal_entity_id,
        external_id=draft.external_id,
        mode=draft.mode,
        customer_id=None,
        buyer_name=draft.buyer_name,
        email=customers.normalised_email(draft.email) or draft.email.strip().lower(),
        phone=draft.phone,
        billing=draft.billing,
        language=draft.language,
        currency=draft.currency,
        base_currency=base,
        base_rate=draft.base_rate if draft.currency != base else draft.base_rate or 1,  # type: ignore[arg-type]
        prices_include_tax=channel.prices_include_tax,
        goods_minor=made.goods_minor,
        charges_minor=made.charges_minor,
        tax_minor=made.tax_minor,
        total_minor=made.total_minor,
        note=draft.note,
        attributes=draft.attributes,
        placed_at=draft.placed_at,
        taken_at=tx.now,
        tracking_secret=ids.secret(),
        fingerprint=fingerprint(draft),
    )
    holds = tuple(
        Hold(ids.fresh(), kind.value, said, BLOCKS[kind], tx.caller.actor, tx.now)
        for kind, said in problems
    )
    groups = tuple(_group(group, draft, world) for group in draft.groups)
    return Order(header, made.lines, groups, made.charges, holds)


def _hands_over(place: Location) -> bool:
    return place.active and Ability.PICKUP in place.can


def _group(group: GroupDraft, draft: OrderDraft, world: _World) -> Group:
    place = world.places.get(group.location)
    country = group.address.country if group.address else ""
    point = coordinates(country, group.lat, group.lon)
    return Group(
        group_no=group.number,
        method=group.method,
        location_id=place.id if place and group.method is Method.PICKUP else None,
        recipient=(group.address.name if group.address else "") or draft.buyer_name,
        address=group.address,
        lat=point.lat if point else None,
        lon=point.lon if point else None,
        service=group.service,
        needed_by=group.needed_by,
    )


def _with_customers(tx: Tx, candidates: Sequence[_Candidate]) -> list[_Candidate]:
    seeds = [
        Seed(
            c.channel.id,
            c.draft.channel_customer_id,
            c.draft.email,
            c.draft.buyer_name,
            c.draft.phone,
            c.draft.language,
        )
        for c in candidates
    ]
    found = customers.match(tx, seeds) if seeds else []
    return [
        replace(c, order=replace(c.order, header=replace(c.order.header, customer_id=customer_id)))
        for c, customer_id in zip(candidates, found, strict=True)
    ]


# ── stock ──────────────────────────────────────────────────────────────────────────────────


def _reserved(
    tx: Tx, candidates: Sequence[_Candidate], answers: dict[int, Taken]
) -> list[_Candidate]:
    """The candidates that are accepted, their units moved to where they stand now."""
    outcomes = inventory.reserve(tx, [_basket(candidate) for candidate in candidates])
    accepted = []
    for candidate, outcome in zip(candidates, outcomes, strict=True):
        if candidate.draft.mode is Mode.HISTORY:
            accepted.append(replace(candidate, order=_as_shipped(candidate.order)))
        elif refusal := _refusal(candidate, outcome):
            answers[candidate.place] = Taken(None, "", False, refusal)
        else:
            accepted.append(replace(candidate, order=_placed_units(candidate, outcome)))
    return accepted


def _as_shipped(order: Order) -> Order:
    """An order of the past has left, as far as anybody knows."""
    units = {line.line_no: line.open for line in order.lines if line.open}
    return order.moved(Bucket.OPEN, Bucket.SHIPPED, units)


def _basket(candidate: _Candidate) -> Basket:
    order, channel = candidate.order, candidate.channel
    live = candidate.draft.mode is Mode.LIVE
    demands = tuple(
        Demand(
            line.line_no,
            line.sku_id,
            line.open,
            channel.area_ids,
            order.group(line.group_no).location_id,
        )
        for line in order.lines
        if live and line.open and line.sku_id is not None and line.kind is LineKind.GOODS
    )
    return Basket("order", order.id, channel.acceptance is Acceptance.REFUSE, demands)


def _refusal(candidate: _Candidate, outcome: Outcome) -> OutOfStock | None:
    mode, missing = candidate.channel.acceptance, outcome.missing
    if not missing or mode in (Acceptance.BACKORDER, Acceptance.MUST_ACCEPT):
        return None
    if mode is Acceptance.PARTIAL and outcome.taken:
        return None
    line_no = min(missing)
    sku = candidate.order.line(line_no).sku_code
    return OutOfStock(
        f"{missing[line_no]} units of {sku} are not there.",
        field=f"lines.{line_no - 1}.quantity",
        missing={candidate.order.line(n).sku_code: units for n, units in missing.items()},
    )


def _placed_units(candidate: _Candidate, outcome: Outcome) -> Order:
    order = candidate.order
    at_location: dict[int, int] = {}
    in_area: dict[int, int] = {}
    for taken in outcome.taken:
        target = in_area if taken.location_id == inventory.NOWHERE else at_location
        target[taken.line] = target.get(taken.line, 0) + taken.quantity
    order = order.moved(Bucket.OPEN, Bucket.RESERVED, in_area)
    order = order.moved(Bucket.OPEN, Bucket.ALLOCATED, at_location)
    partial = candidate.channel.acceptance is Acceptance.PARTIAL
    rest = Bucket.CANCELLED if partial else Bucket.BACKORDERED
    return order.moved(Bucket.OPEN, rest, dict(outcome.missing))


# ── money and exceptions ───────────────────────────────────────────────────────────────────


def _tenders(order: Order, draft: OrderDraft, channel: Channel) -> list[Tender]:
    outside = channel.capture_at is CaptureAt.EXTERNAL or draft.mode is Mode.HISTORY
    if outside:
        paid = max(order.header.total_minor, 0)
        return [
            Tender(
                order_id=order.id,
                order_number=order.number,
                rank=1,
                provider=EXTERNAL,
                method="channel",
                token="",
                amount=paid,
                currency=order.header.currency,
                capture_at=CaptureAt.EXTERNAL.value,
            )
        ]
    return [
        Tender(
            order.id,
            order.number,
            rank,
            _provider(tender, channel),
            tender.method,
            tender.token,
            tender.amount,
            order.header.currency,
            channel.capture_at.value,
            tender.authorised_ref or None,
        )
        for rank, tender in enumerate(draft.tenders, 1)
    ]


def _provider(tender: TenderDraft, channel: Channel) -> str:
    if tender.provider:
        return tender.provider
    return tender.method if tender.method in OWN else channel.payment_provider


def _with_accounts(tx: Tx, accepted: Sequence[_Candidate]) -> list[Tender]:
    """The orders' tenders; those of gift cards and store credit name the account, never a code.

    Without an account there is nothing to ask, and the tender is declined.
    """
    found = [(c, tender) for c in accepted for tender in _tenders(c.order, c.draft, c.channel)]
    own = [(c, tender) for c, tender in found if tender.provider in OWN]
    if not own:
        return [tender for _, tender in found]
    codes = [tender.token for _, tender in own if tender.provider == GIFT_CARD]
    cards = stored_value.by_codes(tx, codes)
    owners = [c.order.header.customer_id for c, tender in own if tender.provider == STORE_CREDIT]
    credit = {
        (account.customer_id, account.currency): account
        for account in stored_value.by_customer(tx, [id for id in owners if id is not None])
    }

    def named(candidate: _Candidate, tender: Tender) -> Tender:
        if tender.provider not in OWN:
            return tender
        owner = (candidate.order.header.customer_id, tender.currency)
        card = tender.provider == GIFT_CARD
        account = cards.get(tender.token) if card else credit.get(owner)
        token = token_of(account.id) if account is not None else ""
        return replace(tender, token=token, authorised_ref=None)

    return [named(candidate, tender) for candidate, tender in found]


def _open_exceptions(tx: Tx, accepted: Sequence[_Candidate], placed: Sequence[Order]) -> None:
    """What a channel sold and we don't have, or don't know, needs a person."""
    for candidate, order in zip(accepted, placed, strict=True):
        sold = sum(line.backordered for line in order.lines)
        if sold and candidate.channel.acceptance is Acceptance.MUST_ACCEPT:
            order = orders.open_exception(
                tx, order, "sold_by_channel", order.number,
                f"The channel has sold {sold} units that are not in stock.",
                "Wait for stock, substitute, or cancel the line and tell the channel.",
            )  # fmt: skip
        unknown = sorted({line.sku_code for line in order.lines if line.parked})
        if unknown:
            order = orders.open_exception(
                tx, order, "unknown_sku", order.number,
                f"The catalogue does not have {', '.join(unknown[:5])}.",
                "Create the SKU, then unpark the line.",
            )  # fmt: skip
        unpaid = candidate.channel.capture_at is not CaptureAt.EXTERNAL
        if unpaid and order.header.total_minor > 0 and not candidate.draft.tenders:
            orders.hold(tx, order, HoldKind.PAYMENT, "The order came without a payment.")
