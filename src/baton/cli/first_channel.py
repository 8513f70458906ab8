"""The least that an import needs around it, for a first trial: a channel and what it stands on."""

from __future__ import annotations

import re

from babel.core import get_global
from babel.numbers import get_territory_currencies

from baton.cli.client import Client
from baton.cli.problem import Problem
from baton.connectors.files import Map

_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


def make_channel(client: Client, code: str, map: Map, currency: str, country: str | None) -> None:
    """A channel of this code that accepts everything, with its own company, area and location.

    What is there already by these codes stays as it is. Raises Problem where no country is known.
    """
    zone = map.dates.timezone.key
    land = country or get_global("zone_territories").get(zone)
    if not land or land == "001":
        raise Problem(
            f"Which country is {code!r} in? The map's time zone {zone} is in none.",
            field="--country",
        )
    money = currency or next(iter(get_territory_currencies(land)), "")
    short = _UNFIT.sub("-", code).strip("-._")[:50] or "import"
    _make(
        client,
        "/v1/legal-entities",
        {"code": short, "name": code, "country": land, "base_currency": money},
    )
    _make(client, "/v1/areas", {"code": short, "name": code})
    _make(
        client,
        "/v1/locations",
        {
            "code": short,
            "name": code,
            "kind": "warehouse",
            "area": short,
            "legal_entity": short,
            "address": {"name": code, "lines": ["—"], "city": "—", "country": land},
            "time_zone": zone,
        },
    )
    _make(
        client,
        "/v1/channels",
        {
            "code": code,
            "name": code,
            "kind": "import",
            "acceptance": "must_accept",
            "capture_at": "external",
            "legal_entity": short,
            "currency": money,
            "areas": [short],
            "prices_include_tax": map.tax_included,
        },
    )


def _make(client: Client, path: str, body: dict[str, object]) -> None:
    known = {each["code"] for each in client.pages(path)}
    if body["code"] not in known:
        client.post(path, body)
