"""The example company, made from a seed: what it sells, where its goods lie, who works there.

"Nordlicht Outdoor" is a mid-sized brand: some 2,000 SKUs, two warehouses, six stores, a 3PL and
a supplier in two areas, and five channels that accept orders in different ways.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from example.client import Client

Body = dict[str, Any]

CITIES = (
    ("Berlin", "DE", "10115", 52.53, 13.38),
    ("Hamburg", "DE", "20095", 53.55, 10.00),
    ("München", "DE", "80331", 48.14, 11.57),
    ("Köln", "DE", "50667", 50.94, 6.96),
    ("Leipzig", "DE", "04109", 51.34, 12.37),
    ("Stuttgart", "DE", "70173", 48.78, 9.18),
    ("Bremen", "DE", "28195", 53.08, 8.81),
    ("Wien", "AT", "1010", 48.21, 16.37),
    ("Graz", "AT", "8010", 47.07, 15.44),
    ("Amsterdam", "NL", "1011 AB", 52.37, 4.90),
    ("Utrecht", "NL", "3511 AB", 52.09, 5.12),
    ("Bruxelles", "BE", "1000", 50.85, 4.35),
    ("Gent", "BE", "9000", 51.05, 3.72),
    ("Paris", "FR", "75002", 48.87, 2.34),
    ("Lyon", "FR", "69002", 45.75, 4.83),
    ("København", "DK", "1050", 55.68, 12.58),
    ("Aarhus", "DK", "8000", 56.16, 10.21),
)
STORE_CODES = {
    "Berlin": "S-BER",
    "Hamburg": "S-HAM",
    "München": "S-MUC",
    "Köln": "S-CGN",
    "Wien": "S-VIE",
    "Amsterdam": "S-AMS",
}
STREETS = ("Hauptstraße", "Lindenweg", "Am Markt", "Gartenstraße", "Bergstraße", "Hafenweg")

THINGS = (
    ("Jacket", 14900, 620, 3),
    ("Fleece", 7900, 380, 3),
    ("Trousers", 9900, 450, 3),
    ("Shirt", 4900, 210, 3),
    ("Beanie", 2400, 90, 1),
    ("Gloves", 3400, 110, 2),
    ("Socks", 1600, 70, 2),
    ("Boots", 17900, 1350, 3),
    ("Backpack", 12900, 1100, 1),
    ("Tent", 34900, 2400, 1),
    ("Sleeping Bag", 19900, 1250, 1),
    ("Bottle", 1900, 180, 1),
    ("Headlamp", 4400, 95, 1),
    ("Stove", 6900, 340, 1),
)
RANGES = ("Fjord", "Kaldur", "Skog", "Nordkap", "Lyngen", "Tundra", "Sval", "Birk", "Havn")
COLOURS = ("Moss", "Slate", "Rust", "Ice", "Night", "Sand")
SIZES = {1: ("One Size",), 2: ("S", "L"), 3: ("XS", "S", "M", "L", "XL")}


@dataclass(frozen=True, slots=True)
class Thing:
    """A SKU of the example company."""

    code: str
    product: str
    title: str
    price: int
    weight_g: int
    barcode: str


@dataclass(frozen=True, slots=True)
class Company:
    """All that is set up before the first order comes in."""

    seed: int
    things: Sequence[Thing]
    scarce: Sequence[Thing]  # never in stock when the demo opens
    apart: tuple[Sequence[Thing], Sequence[Thing]]  # in Leipzig alone, in Hamburg alone
    locations: Sequence[Body] = field(repr=False)
    channels: Sequence[Body] = field(repr=False)
    rate_cards: Sequence[Body] = field(repr=False)
    users: Sequence[Body] = field(repr=False)

    @property
    def all(self) -> list[Thing]:
        """Everything in the catalogue."""
        return [*self.things, *self.apart[0], *self.apart[1], *self.scarce]

    def lying_at(self, place: str) -> list[Thing]:
        """What a location holds when the demo opens."""
        alone = {"LEI": self.apart[0], "HAM": self.apart[1]}
        return [*self.things, *alone.get(place, ())]


def company(seed: int, password: str) -> Company:
    """The same company for the same seed."""
    dice = random.Random(seed)
    things = list(_things(dice))
    return Company(
        seed,
        things[:-60],
        things[-20:],
        (things[-60:-40], things[-40:-20]),
        tuple(_locations()),
        tuple(_channels()),
        tuple(_rate_cards()),
        tuple(_users(password)),
    )


def set_up(client: Client, made: Company, *, units: int) -> None:
    """Create the company through the API, and receive its opening stock."""
    client.post(
        "/v1/legal-entities",
        {
            "code": "nordlicht",
            "name": "Nordlicht Outdoor",
            "country": "DE",
            "base_currency": "EUR",
            "invoice_series": "NL",
            "tax_ids": {"DE": "DE136695976"},
        },
    )
    client.post("/v1/areas", {"code": "online", "name": "Online"})
    client.post("/v1/areas", {"code": "stores", "name": "Stores"})
    for body in made.locations:
        client.post("/v1/locations", body)
    for body in made.channels:
        client.post("/v1/channels", body)
    for body in made.rate_cards:
        client.post("/v1/rate-cards", body)
    for body in made.users:
        client.post("/v1/users", body)
    client.call("PUT", "/v1/routing-strategies", {"max_parcels": 3, "late_cost": 900})
    _invoicing(client)
    _catalogue(client, made)
    _tax(client)
    _rates_of_exchange(client)
    for place, share in (
        ("HAM", 1.0),
        ("LEI", 0.8),
        ("3PL", 0.3),
        *((code, 0.15) for code in STORE_CODES.values()),
    ):
        _opening_stock(client, made, place, max(3, round(units * share)))


def _rates_of_exchange(client: Client) -> None:
    """What a euro was worth on each of the days before: it wanders a little."""
    today, dice = datetime.now(UTC).date(), random.Random("rates")
    rows = [
        {
            "day": (today - timedelta(days=ago)).isoformat(),
            "currency": currency,
            "rate": f"{rate * dice.uniform(0.99, 1.01):.4f}",
        }
        for currency, rate in (("SEK", 11.1), ("CHF", 0.94))
        for ago in range(45)
    ]
    client.post("/v1/currencies/imports", {"source": "the example's bank", "rows": rows})


def _tax(client: Client) -> None:
    """The standard rates of the countries it delivers to; it is in the one-stop shop."""
    standard = {"DE": "19", "AT": "20", "NL": "21", "BE": "21", "FR": "20", "DK": "25"}
    rates = [
        {"country": country, "valid_from": "2024-01-01", "percent": percent, "source": "demo"}
        for country, percent in standard.items()
    ]
    client.call("PUT", "/v1/tax/rates", {"rates": rates})
    client.call(
        "PUT",
        "/v1/tax/registrations",
        {
            "legal_entity": "nordlicht",
            "country": "DE",
            "scheme": "oss",
            "number": "DE136695976",
            "valid_from": "2024-01-01",
        },
    )


def _things(dice: random.Random) -> Iterator[Thing]:
    number = 0
    for kind, price, weight, sizes in THINGS:
        for line in RANGES:
            for colour in COLOURS:
                product = f"{line[:3]}-{kind[:3]}-{colour[:3]}".upper().replace(" ", "")
                for size in SIZES[sizes]:
                    number += 1
                    short = size.replace(" ", "")[:2].upper()
                    yield Thing(
                        f"{product}-{short}",
                        product,
                        f"{line} {kind}, {colour}" + (f", {size}" if sizes > 1 else ""),
                        price + 100 * dice.randrange(-5, 25),
                        weight + dice.randrange(0, 60),
                        _gtin(number),
                    )


def _gtin(number: int) -> str:
    """A GTIN-13 in the range for use inside a company (prefix 20–29), with its check digit."""
    digits = f"20{number:010d}"
    total = sum(int(d) * (3 if place % 2 else 1) for place, d in enumerate(digits))
    return digits + str(-total % 10)


def _catalogue(client: Client, made: Company) -> None:
    things = made.all
    products = list(dict.fromkeys((t.product, t.title.rsplit(",", 1)[0]) for t in things))
    titles = dict(products)
    for chunk in _chunks(list(titles.items()), 500):
        client.post(
            "/v1/products",
            {
                "products": [
                    {"code": code, "title": title, "brand": "Nordlicht"} for code, title in chunk
                ]
            },
        )
    for some in _chunks(things, 500):
        client.post(
            "/v1/skus",
            {
                "skus": [
                    {
                        "code": t.code,
                        "product": t.product,
                        "title": t.title,
                        "currency": "EUR",
                        "price": t.price,
                        "cost": t.price * 2 // 5,
                        "weight_g": t.weight_g,
                        "barcodes": [t.barcode],
                        "origin_country": "PT",
                        "hs_code": "6201.40",
                    }
                    for t in some
                ]
            },
        )


def _invoicing(client: Client) -> None:
    """Invoices NL-2026-000001 and on; wholesale is billed by the month, the marketplace bills."""
    address = {
        "name": "Nordlicht Outdoor",
        "lines": ["Hafenweg 12"],
        "city": "Hamburg",
        "postal_code": "20457",
        "country": "DE",
    }
    issuer = {
        "legal_entity": "nordlicht",
        "address": address,
        "registration": "HRB 98765, Amtsgericht Hamburg",
        "email": "billing@example.com",
        "iban": "DE02120300000000202051",
        "bic": "BYLADEM1001",
        "time_zone": "Europe/Berlin",
    }
    client.call("PUT", "/v1/invoicing/issuers", issuer)
    for channel, policy in (("market", "none"), ("wholesale", "month")):
        client.call("PUT", "/v1/invoicing/policies", {"channel": channel, "policy": policy})


def _opening_stock(client: Client, made: Company, place: str, units: int) -> None:
    dice = random.Random(f"{made.seed}/{place}")
    for number, chunk in enumerate(_chunks(made.lying_at(place), 1000)):
        client.post(
            "/v1/stock/receipts",
            {
                "location": place,
                "reason": "opening stock",
                "reference": f"opening-{place}-{number}",
                "lines": [
                    {
                        "sku": t.code,
                        "quantity": dice.randint(max(1, units // 2), units),
                        "unit_cost": t.price * 2 // 5,
                    }
                    for t in chunk
                ],
            },
        )


def _chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _locations() -> Iterator[Body]:
    city = {name: (country, postal, lat, lon) for name, country, postal, lat, lon in CITIES}
    for code, name, kind, where, cut_off in (
        ("HAM", "Warehouse Hamburg", "warehouse", "Hamburg", "15:00"),
        ("LEI", "Warehouse Leipzig", "warehouse", "Leipzig", "14:00"),
        ("3PL", "Benelux Fulfilment", "3pl", "Utrecht", "13:00"),
        ("SUP", "Fabrica Norte", "supplier", "Lyon", "12:00"),
    ):
        yield _location(code, name, kind, "online", where, city[where], cut_off, [1, 2, 3, 4, 5])
    for where, code in STORE_CODES.items():
        name = f"Store {where}"
        yield _location(
            code, name, "store", "stores", where, city[where], "17:00", [1, 2, 3, 4, 5, 6]
        )


def _location(
    code: str,
    name: str,
    kind: str,
    area: str,
    where: str,
    at: tuple[str, str, float, float],
    cut_off: str,
    weekdays: list[int],
) -> Body:
    country, postal, lat, lon = at
    zone = {"NL": "Europe/Amsterdam", "AT": "Europe/Vienna", "FR": "Europe/Paris"}
    return {
        "code": code,
        "name": name,
        "kind": kind,
        "area": area,
        "legal_entity": "nordlicht",
        "address": {
            "name": f"Nordlicht {name}",
            "lines": ["Hafenweg 12"],
            "city": where,
            "postal_code": postal,
            "country": country,
        },
        "time_zone": zone.get(country, "Europe/Berlin"),
        "lat": lat,
        "lon": lon,
        "weekdays": weekdays,
        "cut_off": cut_off,
        "pick_cost": 35 if kind == "warehouse" else 60,
        "pack_cost": 90 if kind == "warehouse" else 150,
        "capacity_per_day": 600 if kind == "warehouse" else 60,
    }


def _channels() -> Iterator[Body]:
    for code, name, kind, acceptance, capture_at, areas in (
        ("shop", "Web shop", "shop", "backorder", "ship", ["online", "stores"]),
        ("app", "Members' app", "shop", "refuse", "ship", ["online"]),
        ("shop-se", "Web shop Sweden", "shop", "backorder", "ship", ["online", "stores"]),
        ("shop-ch", "Web shop Switzerland", "shop", "backorder", "ship", ["online", "stores"]),
        ("market", "Marketplace", "marketplace", "must_accept", "external", ["online"]),
        ("phone", "Phone orders", "phone", "partial", "ship", ["online", "stores"]),
        ("wholesale", "Wholesale", "edi", "backorder", "external", ["online"]),
    ):
        yield {
            "code": code,
            "name": name,
            "kind": kind,
            "acceptance": acceptance,
            "legal_entity": "nordlicht",
            "currency": {"shop-se": "SEK", "shop-ch": "CHF"}.get(code, "EUR"),
            "areas": areas,
            "capture_at": capture_at,
            "payment_provider": "fake" if capture_at == "ship" else "",
        }


def _rate_cards() -> Iterator[Body]:
    zones = [
        {"up_to_km": 250, "transit_min_days": 1, "transit_max_days": 2},
        {"up_to_km": 700, "transit_min_days": 2, "transit_max_days": 3},
        {"up_to_km": None, "transit_min_days": 3, "transit_max_days": 5},
    ]
    express = [{**z, "transit_min_days": 1, "transit_max_days": 1 + n} for n, z in enumerate(zones)]
    brackets = [500, 1000, 2000, 5000, 10000, 31500]
    standard = [[370, 410, 460, 590, 790, 1390], [420, 470, 540, 690, 960, 1690]]
    standard.append([690, 790, 940, 1290, 1790, 2990])
    for service, name, days, factor in (
        ("standard", "Standard", zones, 10),
        ("express", "Express", express, 23),
    ):
        yield {
            "carrier": "flat_rate",
            "service": service,
            "name": name,
            "currency": "EUR",
            "zones": days,
            "brackets_g": brackets,
            "prices": [[price * factor // 10 for price in row] for row in standard],
        }


def _users(password: str) -> Iterator[Body]:
    for name, email, roles in (
        ("Frida Lindqvist", "frida@nordlicht.example", ["admin"]),
        ("Omar Haddad", "omar@nordlicht.example", ["operations"]),
        ("Wanda Kowalska", "wanda@nordlicht.example", ["warehouse"]),
        ("Carla Neri", "carla@nordlicht.example", ["care"]),
    ):
        yield {"name": name, "email": email, "roles": roles, "password": password}
