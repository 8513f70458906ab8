"""SQL of rate cards."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from baton.platform import ids
from baton.platform.db import Statements, Tx, columns
from baton.shipping.model import RateCard, Zone
from baton.values import Id

sql = Statements("shipping")

RATE_CARDS = sql(
    "rate_cards",
    """
    select carrier, service, name, currency, zones, brackets_g, prices, active
    from shipping.rate_cards where tenant_id = %(tenant)s order by carrier, service
    """,
    scans="a tenant has a handful of rate cards, and routing weighs them all",
)
SAVE_RATE_CARDS = sql(
    "save_rate_cards",
    """
    insert into shipping.rate_cards as r
        (tenant_id, id, carrier, service, name, currency, zones, brackets_g, prices, active)
    select %(tenant)s, n.id, n.carrier, n.service, n.name, n.currency, n.zones,
           n.brackets_g::int[], n.prices, n.active
    from unnest(%(id)s::uuid[], %(carrier)s::text[], %(service)s::text[], %(name)s::text[],
                %(currency)s::text[], %(zones)s::jsonb[], %(brackets_g)s::text[],
                %(prices)s::jsonb[], %(active)s::boolean[])
         as n (id, carrier, service, name, currency, zones, brackets_g, prices, active)
    order by n.carrier, n.service
    on conflict (tenant_id, carrier, service) do update set
        name = excluded.name, currency = excluded.currency, zones = excluded.zones,
        brackets_g = excluded.brackets_g, prices = excluded.prices, active = excluded.active
    returning r.carrier, r.service, r.id
    """,
)


def rate_cards(tx: Tx) -> list[RateCard]:
    """All rate cards, also those not in use, by carrier and service."""
    return [
        RateCard(
            carrier,
            service,
            name,
            currency,
            tuple(Zone(**zone) for zone in zones),
            tuple(brackets),
            tuple(tuple(row) for row in prices),
            active,
        )
        for carrier, service, name, currency, zones, brackets, prices, active in tx.all(RATE_CARDS)
    ]


def save_rate_cards(tx: Tx, cards: Sequence[RateCard]) -> dict[tuple[str, str], Id]:
    """Write cards, each over the one of its carrier and service; returns their ids."""
    saved = tx.all(
        SAVE_RATE_CARDS,
        id=[ids.fresh() for _ in cards],
        **columns(cards, "carrier", "service", "name", "currency", "active"),
        zones=[msgspec.json.encode(card.zones).decode() for card in cards],
        brackets_g=[f"{{{','.join(map(str, card.brackets_g))}}}" for card in cards],
        prices=[msgspec.json.encode(card.prices).decode() for card in cards],
    )
    return {(carrier, service): id for carrier, service, id in saved}
