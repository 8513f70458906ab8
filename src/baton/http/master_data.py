"""From where and through which channel things are sold: saved by code, as often as you like."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Response
from pydantic import BeforeValidator, Field, WithJsonSchema

from baton import access, channels, locations, routing, shipping
from baton.access.model import LegalEntityDraft, Permission, TaxId
from baton.channels.model import Acceptance, CaptureAt, ChannelDraft, ChannelKind
from baton.http.call import Asked, Call
from baton.http.order_shapes import ChannelId, LocationId
from baton.http.orders import AddressIn, address_of
from baton.http.wire import Code, In, Limit, Minor, Out, Page, Prefixed, Text
from baton.locations.model import (
    Ability,
    AreaDraft,
    Closure,
    LocationDraft,
    LocationKind,
    Point,
)
from baton.platform.db import Tx
from baton.shipping.model import RateCard, Zone
from baton.values import Id
from baton.values.errors import Invalid
from baton.values.ids import NIL

router = APIRouter(prefix="/v1", tags=["master data"])

# a wall clock's time: JSON Schema's own "time" is one with a zone
ClockTime = Annotated[
    time, WithJsonSchema({"type": "string", "pattern": r"^\d{2}:\d{2}(:\d{2})?$"})
]
EntityId = Annotated[Id, Prefixed("lge")]
AreaId = Annotated[Id, Prefixed("are")]
After = Annotated[str, Query(max_length=300, description="The `next` of the page before.")]
Most = Annotated[Limit, Query()]
T = TypeVar("T", bound=Out)


class UnknownCode(Invalid):
    """A code names nothing that is there; `field` says which."""

    code = "code_unknown"


class Saved(Out):
    """The codes that were saved."""

    codes: list[str]


class EntityIn(In):
    code: Code
    name: Text
    country: str = Field(pattern="^[A-Z]{2}$")
    base_currency: str = Field(pattern="^[A-Z]{3}$")
    invoice_series: str = Field(default="", max_length=40)
    tax_ids: dict[str, str] = Field(default_factory=dict, description="Number by country.")


class EntityOut(Out):
    id: EntityId
    code: str
    name: str
    country: str
    base_currency: str
    invoice_series: str


class AreaIn(In):
    code: Code
    name: Text


class AreaOut(Out):
    id: AreaId
    code: str
    name: str


class LocationIn(In):
    """A place with stock, in one area for good."""

    code: Code
    name: Text
    kind: LocationKind
    area: Code
    legal_entity: Code
    address: AddressIn
    time_zone: str = Field(max_length=60)
    lat: float | None = Field(default=None, ge=-90, le=90)
    lon: float | None = Field(default=None, ge=-180, le=180)
    weekdays: list[int] = Field(default=[1, 2, 3, 4, 5], min_length=1, max_length=7)
    cut_off: ClockTime = time(14)
    processing_days: int = Field(default=0, ge=0, le=60)
    capacity_per_day: int | None = Field(default=None, ge=0, le=10_000_000)
    can: list[Ability] = Field(default_factory=lambda: list(Ability))
    pick_cost: Minor = 0
    pack_cost: Minor = 0
    active: bool = True
    closed_on: list[date] = Field(default_factory=list, max_length=400)


class LocationOut(Out):
    id: LocationId
    code: str
    name: str
    kind: str
    area_id: AreaId
    time_zone: str
    weekdays: list[int]
    cut_off: ClockTime
    processing_days: int
    capacity_per_day: int | None
    can: Annotated[list[str], BeforeValidator(sorted)]
    active: bool


class ChannelIn(In):
    """Where orders come from; `areas` in the order they are sold from."""

    code: Code
    name: Text
    kind: ChannelKind
    acceptance: Acceptance
    legal_entity: Code
    currency: str = Field(pattern="^[A-Z]{3}$")
    areas: list[Code] = Field(default_factory=list, max_length=100)
    prices_include_tax: bool = True
    capture_at: CaptureAt = CaptureAt.SHIP
    payment_provider: str = Field(default="", max_length=40)
    active: bool = True


class ChannelOut(Out):
    id: ChannelId
    code: str
    name: str
    kind: str
    acceptance: str
    currency: str
    prices_include_tax: bool
    capture_at: str
    payment_provider: str
    active: bool


class ZoneIn(In):
    up_to_km: int | None = Field(default=None, ge=1, le=50_000)
    transit_min_days: int = Field(ge=0, le=100)
    transit_max_days: int = Field(ge=0, le=100)


class RateCardIn(In):
    """What a carrier's service costs: `prices[zone][bracket]` in minor units."""

    carrier: Code
    service: Code
    name: Text
    currency: str = Field(pattern="^[A-Z]{3}$")
    zones: list[ZoneIn] = Field(min_length=1, max_length=50)
    brackets_g: list[int] = Field(min_length=1, max_length=200)
    prices: list[list[Minor]] = Field(min_length=1, max_length=50)
    active: bool = True


class StrategyIn(In):
    """What the router is to do for a channel, or without one for all others."""

    channel: Code | None = None
    max_parcels: int = Field(default=4, ge=1, le=12)
    exclusion_hours: int = Field(default=24, ge=0, le=10_000)
    late_cost: Minor = 500


@router.post("/legal-entities", response_model=EntityOut)
def save_legal_entity(call: Asked, body: EntityIn) -> Response:
    """Create or change a legal entity by code."""
    tax_ids = tuple(TaxId(country, number) for country, number in body.tax_ids.items())
    draft = LegalEntityDraft(
        body.code, body.name, body.country, body.base_currency, body.invoice_series, tax_ids
    )

    def work(tx: Tx, _principal: object) -> EntityOut:
        return EntityOut.model_validate(access.save_legal_entities(tx, [draft])[0])

    return call.write(Permission.ACCESS_WRITE, work)


@router.get("/legal-entities")
def list_legal_entities(call: Asked, after: After = "", limit: Most = 50) -> Page[EntityOut]:
    """Legal entities by code."""
    return by_code(
        call, Permission.ACCESS_READ, access.page_of_legal_entities, EntityOut, after, limit
    )


@router.post("/areas", response_model=AreaOut)
def save_area(call: Asked, body: AreaIn) -> Response:
    """Create or rename an area."""

    def work(tx: Tx, _principal: object) -> AreaOut:
        draft = AreaDraft(body.code, body.name)
        return AreaOut.model_validate(locations.save_areas(tx, [draft])[0])

    return call.write(Permission.LOCATIONS_WRITE, work)


@router.get("/areas")
def list_areas(call: Asked, after: After = "", limit: Most = 50) -> Page[AreaOut]:
    """Areas by code."""
    return by_code(call, Permission.LOCATIONS_READ, locations.page_of_areas, AreaOut, after, limit)


@router.post("/locations", response_model=LocationOut)
def save_location(call: Asked, body: LocationIn) -> Response:
    """Create or change a location by code."""

    def work(tx: Tx, _principal: object) -> LocationOut:
        draft = _location(body, entity_of(tx, body.legal_entity))
        saved = locations.save_locations(tx, [draft])[0]
        if body.closed_on:
            locations.close(tx, [Closure(saved.id, day) for day in body.closed_on])
        return LocationOut.model_validate(saved)

    return call.write(Permission.LOCATIONS_WRITE, work)


@router.get("/locations")
def list_locations(call: Asked, after: After = "", limit: Most = 50) -> Page[LocationOut]:
    """Locations by code."""
    return by_code(
        call, Permission.LOCATIONS_READ, locations.page_of_locations, LocationOut, after, limit
    )


@router.post("/channels", response_model=ChannelOut)
def save_channel(call: Asked, body: ChannelIn) -> Response:
    """Create or change a channel by code."""

    def work(tx: Tx, _principal: object) -> ChannelOut:
        areas = locations.areas_by_code(tx, body.areas)
        missing = [code for code in body.areas if code not in areas]
        if missing:
            raise UnknownCode(f"There is no area {missing[0]!r}.", field="areas")
        draft = ChannelDraft(
            code=body.code,
            name=body.name,
            kind=body.kind,
            acceptance=body.acceptance,
            legal_entity_id=entity_of(tx, body.legal_entity),
            currency=body.currency,
            area_ids=tuple(areas[code].id for code in body.areas),
            prices_include_tax=body.prices_include_tax,
            capture_at=body.capture_at,
            payment_provider=body.payment_provider,
            active=body.active,
        )
        return ChannelOut.model_validate(channels.save_channels(tx, [draft])[0])

    return call.write(Permission.CHANNELS_WRITE, work)


@router.get("/channels")
def list_channels(call: Asked, after: After = "", limit: Most = 50) -> Page[ChannelOut]:
    """Channels by code."""
    return by_code(
        call, Permission.CHANNELS_READ, channels.page_of_channels, ChannelOut, after, limit
    )


@router.post("/rate-cards", response_model=Saved)
def save_rate_card(call: Asked, body: RateCardIn) -> Response:
    """Create or change what a carrier's service costs."""
    zones = tuple(Zone(z.up_to_km, z.transit_min_days, z.transit_max_days) for z in body.zones)

    def work(tx: Tx, _principal: object) -> Saved:
        card = RateCard(
            body.carrier,
            body.service,
            body.name,
            body.currency,
            zones,
            tuple(body.brackets_g),
            tuple(tuple(row) for row in body.prices),
            body.active,
        )
        shipping.save_rate_cards(tx, [card])
        return Saved(codes=[f"{card.carrier}/{card.service}"])

    return call.write(Permission.ROUTING_WRITE, work)


@router.put("/routing-strategies", response_model=Saved)
def save_strategy(call: Asked, body: StrategyIn) -> Response:
    """Say how the router is to decide, for a channel or for all others."""

    def work(tx: Tx, _principal: object) -> Saved:
        channel_id = NIL
        if body.channel is not None:
            channel = channels.channels_by_code(tx, [body.channel]).get(body.channel)
            if channel is None:
                raise UnknownCode(f"There is no channel {body.channel!r}.", field="channel")
            channel_id = channel.id
        routing.save_strategy(
            tx,
            routing.Strategy(channel_id, body.max_parcels, body.exclusion_hours, body.late_cost),
        )
        return Saved(codes=[body.channel or "*"])

    return call.write(Permission.ROUTING_WRITE, work)


def by_code(
    call: Call,
    permission: Permission,
    page_of: Callable[[Tx, str, int], list[Any]],
    out: type[T],
    after: str,
    limit: int,
) -> Page[T]:
    """Up to `limit` rows whose code comes after `after`; where they fill the page, more follow."""
    found = call.read(permission, lambda tx: page_of(tx, after, limit))
    last = found[-1].code if len(found) == limit else None
    return Page(data=[out.model_validate(row) for row in found], next=last)


def _location(given: LocationIn, entity_id: Id) -> LocationDraft:
    located = given.lat is not None and given.lon is not None
    return LocationDraft(
        code=given.code,
        name=given.name,
        kind=given.kind,
        area_code=given.area,
        legal_entity_id=entity_id,
        address=address_of(given.address),
        time_zone=given.time_zone,
        point=Point(given.lat, given.lon) if located else None,  # type: ignore[arg-type]
        weekdays=tuple(given.weekdays),
        cut_off=given.cut_off,
        processing_days=given.processing_days,
        capacity_per_day=given.capacity_per_day,
        can=frozenset(given.can),
        pick_cost_minor=given.pick_cost,
        pack_cost_minor=given.pack_cost,
        active=given.active,
    )


def entity_of(tx: Tx, code: str) -> Id:
    """The legal entity of this code. Raises UnknownCode."""
    found = access.legal_entities_by_code(tx, [code]).get(code)
    if found is None:
        raise UnknownCode(f"There is no legal entity {code!r}.", field="legal_entity")
    return found.id
