"""SQL of tracking events: what carriers said, each thing once."""

from __future__ import annotations

from collections.abc import Sequence

from baton.platform.db import Statements, Tx, columns
from baton.shipping.model import Seen
from baton.shipping.port import TrackingCode, TrackingEvent
from baton.values import Id

sql = Statements("shipping")

TRACKING_OF = sql(
    "tracking_of",
    """
    select shipment_id, event_key, tracking_no, code, occurred_at, place, text, recorded_at
    from shipping.tracking_events
    where tenant_id = %(tenant)s and shipment_id = any(%(ids)s)
    order by occurred_at, shipment_id, event_key
    """,
)
INSERT_TRACKING = sql(
    "insert_tracking",
    """
    insert into shipping.tracking_events (tenant_id, shipment_id, event_key, tracking_no, code,
        text, place, occurred_at, recorded_at)
    select %(tenant)s, n.shipment_id, n.event_key, n.tracking_no, n.code, n.text, n.place,
           n.occurred_at, %(now)s
    from unnest(%(shipment_id)s::uuid[], %(event_id)s::text[], %(tracking_no)s::text[],
                %(code)s::text[], %(detail)s::text[], %(place)s::text[],
                %(occurred_at)s::timestamptz[])
         as n (shipment_id, event_key, tracking_no, code, text, place, occurred_at)
    """,
)


def tracking_of(tx: Tx, shipment_ids: Sequence[Id]) -> list[Seen]:
    """What the carriers said of these shipments, in the order in which it happened."""
    return [
        Seen(
            shipment_id,
            TrackingEvent(key, tracking_no, TrackingCode(code), occurred_at, place, text),
            recorded_at,
        )
        for shipment_id, key, tracking_no, code, occurred_at, place, text, recorded_at in tx.all(
            TRACKING_OF, ids=list(shipment_ids)
        )
    ]


def insert_tracking(tx: Tx, new: Sequence[tuple[Id, TrackingEvent]]) -> None:
    """Keep events of shipments."""
    if not new:
        return
    names = ("event_id", "tracking_no", "code", "detail", "place", "occurred_at")
    tx.run(
        INSERT_TRACKING,
        shipment_id=[id for id, _ in new],
        **columns([event for _, event in new], *names),
        now=tx.now,
    )
