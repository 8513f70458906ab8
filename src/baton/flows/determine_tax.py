"""The tax of orders: determined once behind `orders.taken`, and anew when the order changes.

Capture is told of none of this. The channel's figures stand and are explained; where an order
whose prices include tax came without any, what they hold is reckoned and written to it. Where
the two differ, a person sees it; nothing is changed silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b

import msgspec

from baton import access, locations, orders, tax
from baton.access.model import LegalEntity
from baton.flows import jobs
from baton.locations.model import Location
from baton.orders.model import Charge, Group, Line, LineKind, Method, Mode, Order
from baton.platform.db import Tx
from baton.tax import vat_ids
from baton.tax.errors import VatIdInvalid
from baton.tax.model import (
    EVERYWHERE,
    STANDARD,
    Buyer,
    CallKind,
    Determination,
    Determined,
    Exemption,
    Given,
    Item,
    ItemKind,
    Place,
    Registration,
    Scheme,
    Seller,
    Source,
    State,
    Supply,
    Terms,
)
from baton.tax.port import QuoteRequest, ServiceLine
from baton.tax.reckoning import determined
from baton.tax.rules import Tables
from baton.values import Address, Id

DIFFERS = "tax_differs"
"""The kind of the exception for an order whose tax is not what was expected."""

VAT_ID = "vat_id"
"""The attribute of an order in which a channel hands on the buyer's VAT id."""

_LONG_AGO = date(1970, 1, 1)
_KINDS = {
    LineKind.GOODS: ItemKind.GOODS,
    LineKind.SERVICE: ItemKind.SERVICE,
    LineKind.GIFT_CARD: ItemKind.VOUCHER,
}


@dataclass(frozen=True, slots=True)
class _World:
    """What orders are read against, fetched once for the batch."""

    entities: Mapping[Id, LegalEntity]
    registrations: Sequence[Registration]
    exemptions: Sequence[Exemption]
    terms: Mapping[tuple[Id, Id], Terms]
    categories: Mapping[Id, str]
    places: Mapping[Id, Location]


def ask(tx: Tx, order_ids: Iterable[Id], why: str) -> None:
    """Have the tax of these orders determined by a worker."""
    jobs.for_orders(tx, jobs.DETERMINE_TAX, order_ids, why)


def determine(tx: Tx, order_ids: Sequence[Id], *, again: bool = False) -> list[Determination]:
    """Determine the tax of live orders; those that are as they were then are left alone.

    `again`: even so, because rates or categories were mended, unless something has shipped. What
    was determined anew is returned. Twice, or at once with itself, does it once.
    """
    found = {id: o for id, o in orders.lock(tx, order_ids).items() if o.header.mode is Mode.LIVE}
    if not found:
        return []
    world = _look_up(tx, list(found.values()))
    before = tax.determinations(tx, list(found))
    asked = [
        _Asked(order, before.get(id), *supply_of(order, before.get(id), world))
        for id, order in found.items()
    ]
    wanted = [each for each in asked if each.differs or (again and each.may_be_mended)]
    tables = _tables(tx, [each.supply for each in wanted])
    written = tax.record(tx, [_reckoned(each, tables) for each in wanted], again=again)
    supplies = {each.order.id: each.supply for each in wanted}
    for each in written:
        order = found[each.order_id]
        _settle(tx, order, each)
        _ask_service(tx, order, supplies[order.id], each, terms_of(world.terms, order).service)
    return written


@dataclass(frozen=True, slots=True)
class _Asked:
    """An order, what was determined of it before, and what it is to be determined from now."""

    order: Order
    before: Determination | None
    supply: Supply
    mistake: str

    @property
    def differs(self) -> bool:
        return self.before is None or self.before.fingerprint != fingerprint(self.supply)

    @property
    def may_be_mended(self) -> bool:
        """Papers may name the tax of what has shipped: it stays as it is."""
        return not any(line.shipped for line in self.order.lines)


def _tables(tx: Tx, supplies: Sequence[Supply]) -> Tables:
    """All that these supplies may need of the tables, read once."""
    if not supplies:
        return Tables(())
    wanted = {country for supply in supplies for country in countries_of(supply)}
    return tax.tables(tx, wanted, max(supply.day for supply in supplies))


def _reckoned(asked: _Asked, tables: Tables) -> Determination:
    made = _as_the_order_says(determined(asked.order.id, asked.supply, tables), asked.order)
    if asked.mistake and made.state is not State.UNCHECKED:
        made = replace(made, state=State.DIFFERS, note=f"{asked.mistake} {made.note}".strip())
    return replace(made, fingerprint=fingerprint(asked.supply))


def _as_the_order_says(made: Determination, order: Order) -> Determination:
    """Prices without tax can't be given some afterwards: the buyer was told a total."""
    if made.source is Source.CHANNEL or order.header.prices_include_tax or not made.tax_minor:
        return made
    told = (
        f"The order came without tax on prices that hold none; {made.tax_minor} was expected."
        " Nothing was added to what the buyer was told."
    )
    parts = tuple(replace(part, tax_minor=0) for part in made.parts)
    return replace(made, parts=parts, tax_minor=0, state=State.DIFFERS, note=told)


def _settle(tx: Tx, order: Order, made: Determination) -> None:
    """The order holds what was reckoned for it; a difference is put before a person."""
    if order.header.prices_include_tax:
        order = orders.tell_tax(
            tx, order, by_number(made.parts, "line_no"), by_number(made.parts, "charge_no")
        )
    if made.state is not State.DIFFERS:
        orders.resolve_kind(tx, order, DIFFERS, "The tax fits by now.")
        return
    orders.open_exception(
        tx,
        order,
        DIFFERS,
        order.number,
        made.note[:2000],
        "Compare it with the channel's own page: mend the rates, the SKU's category or the"
        " registrations and determine it anew, or accept the channel's figures.",
    )


def _ask_service(tx: Tx, order: Order, supply: Supply, made: Determination, service: str) -> None:
    """Where nobody has said the tax, the channel's service is asked beside the tables."""
    if not service or made.source is Source.CHANNEL or not order.header.prices_include_tax:
        return
    request = request_of(order.number, order.header.currency, supply)
    asked = {"ask": msgspec.to_builtins(request), "mark": made.fingerprint.hex()}
    tax.intend(tx, CallKind.QUOTE, order.id, order.id, service, asked, made.version)


def request_of(reference: str, currency: str, supply: Supply) -> QuoteRequest:
    """What a tax service is asked about a sale."""
    return QuoteRequest(
        reference=reference,
        day=supply.day,
        currency=currency,
        tax_included=supply.tax_included,
        seller=supply.seller.place,
        vat_id=supply.buyer.vat_id,
        lines=tuple(
            ServiceLine(
                f"line {item.line_no}" if item.line_no else f"charge {item.charge_no}",
                item.kind,
                item.category,
                item.quantity,
                item.amount,
                item.to or supply.seller.place,
            )
            for item in supply.items
        ),
    )


def by_number(parts: Iterable[Determined], name: str) -> dict[int, int]:
    """Tax by the number of the line or charge: `name` says which."""
    sums: dict[int, int] = {}
    for part in parts:
        if number := getattr(part, name):
            sums[number] = sums.get(number, 0) + part.tax_minor
    return sums


# ── what an order's tax is determined from ─────────────────────────────────────────────────


def supply_of(order: Order, before: Determination | None, world: _World) -> tuple[Supply, str]:
    """What the tax of an order is determined from, and what is wrong with the buyer's VAT id."""
    header = order.header
    entity = world.entities[header.legal_entity_id]
    vat_id, mistake = _vat_id(header.attributes.get(VAT_ID, ""))
    day = header.placed_at.date()
    said = _Said.of(order, before, world)
    items = [_line_item(line, order, world, said.of_line(line)) for line in order.lines]
    first = order.groups[0] if order.groups else None
    items += [
        Item(
            line_no=0,
            charge_no=charge.charge_no,
            kind=charge.kind.value,
            category="",
            amount=charge.amount,
            quantity=1,
            given=said.of_charge(charge),
            to=_destination(first, order, world),
            picked_up=first is not None and first.method is Method.PICKUP,
        )
        for charge in order.charges
    ]
    supply = Supply(
        day=day,
        tax_included=header.prices_include_tax,
        seller=seller_of(entity, world.registrations, day),
        buyer=Buyer(
            vat_id,
            tuple(e for e in world.exemptions if e.customer_id == header.customer_id),
        ),
        items=tuple(items),
    )
    return supply, mistake


def seller_of(entity: LegalEntity, known: Iterable[Registration], day: date) -> Seller:
    """The seller with the registrations that hold on a day; tax ids of the entity are such too."""
    table = [
        r
        for r in known
        if r.legal_entity_id == entity.id
        and r.valid_from <= day
        and (r.valid_to is None or day <= r.valid_to)
    ]
    ids = [
        Registration(entity.id, t.country, "", Scheme.LOCAL, t.number, _LONG_AGO, None)
        for t in entity.tax_ids
    ]
    return Seller(Place(entity.country), (*table, *ids))


def countries_of(supply: Supply) -> list[str]:
    """All countries whose rates may be asked for."""
    from_places = [item.to for item in supply.items if item.to is not None]
    found = {p.country for p in (*from_places, supply.seller.place)}
    return sorted(found | {"FR", "GB", "XI"} if found & {"MC", "IM", "GB", "XI"} else found)


def fingerprint(supply: Supply) -> bytes:
    """16 bytes that differ where the order does; rates and categories are not the order's own."""
    told = [supply.day, supply.tax_included, supply.buyer.vat_id]
    items = [
        (i.line_no, i.charge_no, i.kind, i.amount, i.quantity, i.given, i.to, i.picked_up)
        for i in supply.items
    ]
    return blake2b(msgspec.json.encode([told, items]), digest_size=16).digest()


def _line_item(line: Line, order: Order, world: _World, given: int | None) -> Item:
    group = order.group(line.group_no)
    included = order.header.prices_include_tax
    known = world.categories.get(line.sku_id, STANDARD) if line.sku_id else STANDARD
    return Item(
        line_no=line.line_no,
        charge_no=0,
        kind=_KINDS[line.kind].value,
        category=known,
        amount=line.total if included else line.total - line.tax,
        quantity=line.ordered,
        given=given,
        to=_destination(group, order, world),
        picked_up=group.method is Method.PICKUP,
    )


def _destination(group: Group | None, order: Order, world: _World) -> Place | None:
    address = group.address if group else None
    if group is not None and group.location_id is not None:
        store = world.places.get(group.location_id)
        address = store.address if store else address
    return place_of(address) or place_of(order.header.billing)


def place_of(address: Address | None) -> Place | None:
    """The place that an address names; None where it has no country."""
    if address is None or not address.country:
        return None
    region = address.region.strip().upper().removeprefix(f"{address.country}-")
    return Place(address.country, region if len(region) <= 3 else "", address.postal_code)


def _vat_id(text: str) -> tuple[str, str]:
    if not text.strip():
        return "", ""
    try:
        return vat_ids.normalised(text), ""
    except VatIdInvalid as error:
        return "", f"{error.message} The buyer was taken for a consumer."


@dataclass(frozen=True, slots=True)
class _Said:
    """Which taxes of an order somebody has said. What was reckoned here before is not its own.

    A line or charge that came later into prices that hold tax was told it if it is not 0.
    """

    whole: bool
    known: frozenset[tuple[int, int]] | None
    """Numbers of the lines and charges that were there before; None: it is new as a whole."""

    @classmethod
    def of(cls, order: Order, before: Determination | None, world: _World) -> _Said:
        included = order.header.prices_include_tax
        if before is not None:
            known = frozenset((part.line_no, part.charge_no) for part in before.parts)
            return cls(before.source is Source.CHANNEL, known if included else None)
        taxes = [line.tax for line in order.lines] + [charge.tax for charge in order.charges]
        return cls(any(taxes) or terms_of(world.terms, order).given is Given.ALWAYS, None)

    def of_line(self, line: Line) -> int | None:
        return line.tax if self._told(line.tax, (line.line_no, 0)) else None

    def of_charge(self, charge: Charge) -> int | None:
        return charge.tax if self._told(charge.tax, (0, charge.charge_no)) else None

    def _told(self, tax: int, number: tuple[int, int]) -> bool:
        later = self.known is not None and number not in self.known
        return bool(tax) if later else self.whole


def terms_of(terms: Mapping[tuple[Id, Id], Terms], order: Order) -> Terms:
    """The channel's terms, else its legal entity's, else what holds without any."""
    entity, channel = order.header.legal_entity_id, order.header.channel_id
    usual = Terms(entity, EVERYWHERE, Given.WHEN_PRESENT, "")
    return terms.get((entity, channel), terms.get((entity, EVERYWHERE), usual))


def _look_up(tx: Tx, found: Sequence[Order]) -> _World:
    entity_ids = sorted({o.header.legal_entity_id for o in found})
    customers = sorted({o.header.customer_id for o in found if o.header.customer_id is not None})
    skus = sorted({line.sku_id for o in found for line in o.lines if line.sku_id is not None})
    stores = sorted({g.location_id for o in found for g in o.groups if g.location_id is not None})
    return _World(
        access.legal_entities_by_id(tx, entity_ids),
        tax.registrations(tx, entity_ids),
        tax.exemptions(tx, customers) if customers else [],
        {(t.legal_entity_id, t.channel_id): t for t in tax.terms(tx, entity_ids)},
        tax.sku_categories(tx, skus) if skus else {},
        locations.locations_by_id(tx, stores) if stores else {},
    )
