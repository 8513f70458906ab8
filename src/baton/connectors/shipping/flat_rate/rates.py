"""What a parcel costs: weight brackets × distance zones, as on a rate card. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from baton.shipping.port import Rate, RateRequest, Rates, Refusal
from baton.values.errors import Invalid
from baton.values.money import Money


class RateCardInvalid(Invalid):
    """A rate card leaves a weight or a distance without a price, or gives it two."""

    code = "flat_rate_card_invalid"


@dataclass(frozen=True, slots=True)
class Zone:
    """Everything up to and including `up_to_km` that no earlier zone covers; None: all the rest."""

    name: str
    up_to_km: int | None


@dataclass(frozen=True, slots=True)
class Bracket:
    """Parcels up to and including `up_to_g`: one price in minor units per zone."""

    up_to_g: int
    prices_minor: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """One product of the carrier. `days` holds (fewest, most) days in transit per zone."""

    code: str
    name: str
    days: tuple[tuple[int, int], ...]
    brackets: tuple[Bracket, ...]


@dataclass(frozen=True, slots=True)
class RateCard:
    """Every weight up to the last bracket has exactly one price in every zone."""

    currency: str
    zones: tuple[Zone, ...]
    services: tuple[Service, ...]

    def __post_init__(self) -> None:
        limits = [zone.up_to_km for zone in self.zones]
        if not limits or limits[-1] is not None or None in limits[:-1]:
            raise RateCardInvalid("the last zone, and it alone, has no up_to_km", field="zones")
        if not _rising([km for km in limits if km is not None]):
            raise RateCardInvalid("zones must rise in up_to_km", field="zones")
        if not self.services or len({s.code for s in self.services}) < len(self.services):
            raise RateCardInvalid("services need codes of their own", field="services")
        for service in self.services:
            _check(service, len(self.zones))

    def zone(self, distance_km: int | None) -> int:
        """The index of the zone; the farthest where the distance is not known."""
        if distance_km is None:
            return len(self.zones) - 1
        return next(
            index
            for index, zone in enumerate(self.zones)
            if zone.up_to_km is None or distance_km <= zone.up_to_km
        )

    def service(self, code: str) -> Service | None:
        return next((service for service in self.services if service.code == code), None)

    def rate(self, service: Service, weight_g: int, distance_km: int | None) -> Rate | None:
        """The price of this service, None if the parcel is too heavy for it."""
        zone = self.zone(distance_km)
        for bracket in service.brackets:
            if weight_g <= bracket.up_to_g:
                price = Money(bracket.prices_minor[zone], self.currency)
                return Rate(service.code, service.name, price, *service.days[zone])
        return None


def rates(card: RateCard, request: RateRequest) -> Rates:
    """Every service that takes the parcel, cheapest first, then fastest, then by code."""
    found = [
        rate
        for service in card.services
        if (rate := card.rate(service, request.parcel.weight_g, request.distance_km)) is not None
    ]
    if not found:
        return too_heavy(request.parcel.weight_g)
    return tuple(sorted(found, key=lambda rate: (rate.price.minor, rate.days_max, rate.service)))


def too_heavy(weight_g: int) -> Refusal:
    return Refusal("parcel_too_heavy", f"no service takes a parcel of {weight_g} g")


def _check(service: Service, zones: int) -> None:
    field = f"services.{service.code}"
    if not service.brackets or not _rising([b.up_to_g for b in service.brackets]):
        raise RateCardInvalid("brackets must rise in up_to_g", field=field)
    if any(len(bracket.prices_minor) != zones for bracket in service.brackets):
        raise RateCardInvalid(f"each bracket needs {zones} prices, one per zone", field=field)
    if any(price < 0 for bracket in service.brackets for price in bracket.prices_minor):
        raise RateCardInvalid("prices can't be negative", field=field)
    if len(service.days) != zones or any(not 0 <= low <= high for low, high in service.days):
        raise RateCardInvalid(f"{zones} pairs of days are needed, one per zone", field=field)


def _rising(numbers: list[int]) -> bool:
    return all(number > 0 for number in numbers) and all(a < b for a, b in pairwise(numbers))
