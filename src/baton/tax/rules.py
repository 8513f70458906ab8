"""What is decided about rates and certificates, from values to values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from baton.tax import vat_ids
from baton.tax.errors import ExemptionInvalid, RateInvalid, RegistrationInvalid, VatIdInvalid
from baton.tax.model import (
    ChargeRule,
    Code,
    Determined,
    Exemption,
    Place,
    Rate,
    Registration,
)

_FREE = frozenset({Code.ZERO, Code.EXEMPT, Code.OUTSIDE, Code.EXPORT})


@dataclass(frozen=True, slots=True)
class Tables:
    """The merchant's rates and charge rules as one order needs them.

    `kept` is whether the merchant keeps any rates at all, of these countries or of others.
    """

    rates: tuple[Rate, ...]
    charges: tuple[ChargeRule, ...] = ()
    kept: bool = True

    def at(self, place: Place, category: str, day: date) -> tuple[Rate, ...]:
        """The rates that are taken there on that day, one for each component; empty: none known."""
        found: dict[str, Rate] = {}
        for rate in self.rates:
            applies = rate.country == place.country and rate.region in ("", place.region)
            if applies and rate.category == category and rate.valid_from <= day:
                known = found.get(rate.component)
                if known is None or _goes_before(rate, known):
                    found[rate.component] = rate
        valid = [r for r in found.values() if r.valid_to is None or day <= r.valid_to]
        return tuple(sorted(valid, key=lambda rate: rate.component))

    def category_of(self, kind: str, country: str) -> str:
        """The category by which a country taxes a kind of charge; empty: as the goods."""
        return next(
            (r.category for r in self.charges if (r.country, r.kind) == (country, kind)), ""
        )

    def of(self, country: str, day: date) -> list[Rate]:
        """All rates of a country on a day, whatever they are for, the highest first."""
        mine = [rate for rate in self.rates if rate.country == country]
        found = {
            rate.key: rate
            for category in {rate.category for rate in mine}
            for region in {rate.region for rate in mine}
            for rate in self.at(Place(country, region), category, day)
        }
        return sorted(found.values(), key=lambda rate: (-rate.percent, rate.key))


def _goes_before(rate: Rate, other: Rate) -> bool:
    return (rate.region != "", rate.valid_from) > (other.region != "", other.valid_from)


def check_rate(rate: Rate, field: str) -> Rate:
    """The rate, where it can be kept. Raises RateInvalid."""
    if not 0 <= rate.percent <= 100:
        raise RateInvalid("A rate is 0 to 100 percent.", field=f"{field}.percent")
    if rate.percent and rate.code in _FREE:
        raise RateInvalid(
            f"Category {rate.code} takes nothing: its percentage is 0.", field=f"{field}.code"
        )
    if not rate.percent and rate.code is Code.STANDARD:
        raise RateInvalid("A rate of 0 is of category Z, E, O or G.", field=f"{field}.code")
    if rate.code in (Code.REVERSE_CHARGE, Code.INTRA_COMMUNITY):
        raise RateInvalid(
            f"{rate.code} follows from buyer and seller: it is no rate.", field=f"{field}.code"
        )
    if rate.valid_to is not None and rate.valid_to < rate.valid_from:
        raise RateInvalid("A rate ends after it begins.", field=f"{field}.valid_to")
    return rate


def check_registration(registration: Registration) -> Registration:
    """The registration, where it can be kept.

    Raises RegistrationInvalid, also where the number begins with letters of a country whose
    numbers have another form.
    """
    if registration.valid_to is not None and registration.valid_to < registration.valid_from:
        raise RegistrationInvalid("A registration ends after it begins.", field="valid_to")
    number = registration.number
    if vat_ids.looks_like_one(number):
        try:
            vat_ids.normalised(number)
        except VatIdInvalid as error:
            raise RegistrationInvalid(error.message, field="number") from error
    return registration


def check_exemption(exemption: Exemption) -> Exemption:
    """The exemption, where it can be kept. Raises ExemptionInvalid."""
    if exemption.valid_to is not None and exemption.valid_to < exemption.valid_from:
        raise ExemptionInvalid("An exemption ends after it begins.", field="valid_to")
    return exemption


def totals(parts: Iterable[Determined]) -> Mapping[tuple[str, str, Decimal], tuple[int, int]]:
    """Basis and tax by jurisdiction, category and rate: the table at the foot of an invoice."""
    found: dict[tuple[str, str, Decimal], tuple[int, int]] = {}
    for part in parts:
        key = (part.jurisdiction, part.category, part.rate)
        basis, tax = found.get(key, (0, 0))
        found[key] = (basis + part.basis_minor, tax + part.tax_minor)
    return found
