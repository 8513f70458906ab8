"""Where a supply is taxed, by whom, and why: the place-of-supply rules.

*Source:* Council Directive 2006/112/EC as amended (articles are named below). Outside the EU: the
seller collects where they are registered, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from baton.tax import vat_ids
from baton.tax.model import (
    Buyer,
    Code,
    Exemption,
    Item,
    ItemKind,
    Place,
    Reason,
    Registration,
    Scheme,
    Seller,
    Supply,
    jurisdiction,
)

# XI: Northern Ireland, for goods. Source: Protocol on Ireland/Northern Ireland, article 8; GR is
# EL in VAT ids alone.
_MEMBERS = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI"
EU = frozenset(_MEMBERS.split())

# Parts of member states where the directive does not apply, by the beginning of postal codes.
# Source: articles 5 to 7; the postal codes were entered from memory and compared with no list.
_OUTSIDE: dict[str, tuple[str, ...]] = {
    "DE": ("27498", "78266"),  # Helgoland, Büsingen
    "ES": ("35", "38", "51", "52"),  # Canary Islands, Ceuta, Melilla
    "FI": ("22",),  # Åland
    "FR": ("971", "972", "973", "974", "976"),  # overseas departments
    "GR": ("63086",),  # Mount Athos
    "IT": ("23041", "23030"),  # Livigno
}
# Countries of their own in ISO 3166 that belong to a member state's VAT territory. Article 7.
_INSIDE = {"MC": "FR", "IM": "GB"}
_NORTHERN_IRELAND = "BT"

NOT_SUBJECT = "VATEX-EU-O"
_EXEMPTIONS = {
    Reason.INTRA_COMMUNITY: "VATEX-EU-IC",
    Reason.REVERSE_CHARGE: "VATEX-EU-AE",
    Reason.EXPORT: "VATEX-EU-G",
    Reason.VOUCHER: NOT_SUBJECT,
    Reason.OUTSIDE_SCOPE: NOT_SUBJECT,
    Reason.NOT_REGISTERED: NOT_SUBJECT,
}


@dataclass(frozen=True, slots=True)
class Ground:
    """Whose rates are asked (`at`), or that none are (`code`), and why."""

    at: Place
    reason: Reason
    code: Code | None = None
    """None: the tables say."""
    exemption: str = ""


def tax_place(place: Place, *, goods: bool = True) -> Place:
    """The place as tax law sees it: Monaco is France, goods in Belfast are in the EU."""
    country = _INSIDE.get(place.country, place.country)
    if goods and country == "GB" and place.postal_code.upper().startswith(_NORTHERN_IRELAND):
        country = "XI"
    return replace(place, country=country)


def jurisdiction_of(place: Place) -> str:
    """How the place is called where it takes tax: goods that arrive in the US are in a state."""
    return jurisdiction(place.country, place.region if place.country not in EU else "")


def in_eu(place: Place) -> bool:
    """Whether the directive applies there."""
    if place.country not in EU:
        return False
    digits = place.postal_code.replace(" ", "")
    return not digits.startswith(_OUTSIDE.get(place.country, ("\0",)))


def ground(item: Item, supply: Supply) -> Ground:
    """Where one line or charge is taxed, and why."""
    if item.kind == ItemKind.VOUCHER:  # article 30b(2): a multi-purpose voucher
        return _none(supply.seller.place, Reason.VOUCHER, Code.OUTSIDE)
    seller = supply.seller
    goods = item.kind != ItemKind.SERVICE
    if item.to is None:
        return Ground(seller.place, Reason.NO_DESTINATION)
    home, to = tax_place(seller.place, goods=goods), tax_place(item.to, goods=goods)
    if seller.place.country == "GB" and to.country == "XI":
        to = replace(to, country="GB")  # between British sellers and Belfast nothing has changed
    exempt = _certificate(supply.buyer, to, supply.day)
    if exempt is not None:
        return Ground(to, Reason.CUSTOMER_EXEMPT, Code.EXEMPT, exempt.reason)
    if item.picked_up:
        return Ground(to, Reason.PICKED_UP)
    if home.country == to.country and in_eu(home) == in_eu(to):
        return _at_home(seller, to)
    if in_eu(home) and in_eu(to):
        return _within_eu(seller, supply.buyer, home, to, goods=goods)
    return _abroad(seller, supply.buyer, home, to, goods=goods)


def _at_home(seller: Seller, to: Place) -> Ground:
    """One country. Where its registrations name regions, only those regions are collected for."""
    regions = {r.region for r in seller.registrations if r.country == to.country and r.region}
    if regions and to.region not in regions:
        return _none(to, Reason.NOT_REGISTERED, Code.OUTSIDE)
    return Ground(to, Reason.DOMESTIC)


def _within_eu(seller: Seller, buyer: Buyer, home: Place, to: Place, *, goods: bool) -> Ground:
    business = _is_business(buyer.vat_id, home.country)
    if business and goods:  # article 138: an intra-Community supply
        return _none(to, Reason.INTRA_COMMUNITY, Code.INTRA_COMMUNITY)
    if business:  # articles 44 and 196: the buyer owes the tax
        return _none(to, Reason.REVERSE_CHARGE, Code.REVERSE_CHARGE)
    if not goods:  # article 45
        return Ground(home, Reason.SERVICE)
    if _registered(seller.registrations, to, Scheme.LOCAL):  # article 33(a)
        return Ground(to, Reason.REGISTERED)
    if any(r.scheme is Scheme.OSS for r in seller.registrations):  # articles 33(a) and 369a
        return Ground(to, Reason.OSS)
    return Ground(home, Reason.ORIGIN)  # article 59c: below the threshold of 10,000 EUR


def _abroad(seller: Seller, buyer: Buyer, home: Place, to: Place, *, goods: bool) -> Ground:
    if _registered(seller.registrations, to, Scheme.LOCAL):
        return Ground(to, Reason.REGISTERED)
    if goods:  # article 146
        return _none(to, Reason.EXPORT, Code.EXPORT)
    if buyer.vat_id:  # article 44
        return _none(to, Reason.OUTSIDE_SCOPE, Code.OUTSIDE)
    return Ground(home, Reason.SERVICE)


def _none(at: Place, reason: Reason, code: Code) -> Ground:
    return Ground(at, reason, code, _EXEMPTIONS[reason])


def _is_business(vat_id: str, home: str) -> bool:
    """Whether this is a VAT id of a member state other than the seller's."""
    found = vat_ids.country_of(vat_id)
    return found is not None and found in EU and found != home


def _registered(registrations: Sequence[Registration], to: Place, scheme: Scheme) -> bool:
    return any(
        r.scheme is scheme and r.country == to.country and r.region in ("", to.region)
        for r in registrations
    )


def _certificate(buyer: Buyer, to: Place, day: date) -> Exemption | None:
    return next(
        (
            e
            for e in buyer.exemptions
            if e.country == to.country
            and e.region in ("", to.region)
            and e.valid_from <= day
            and (e.valid_to is None or day <= e.valid_to)
        ),
        None,
    )
