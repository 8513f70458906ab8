"""SQL of tracking events: what carriers said, each thing once."""

from __future__ import annotations

from collections.abc import Sequence

from baton.platform.db import Statements, Tx
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
    from unnest(%(shipment_ids)s::uuid[], %(event_keys)s::text[], %(tracking_nos)s::text[],
                %(codes)s::text[], %(texts)s::text[], %(places)s::text[],
                %(occurred_ats)s::timestamptz[])
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
    tx.run(
        INSERT_TRACKING,
        now=tx.now,
        shipment_ids=[id for id, _ in new],
        event_keys=[event.event_id for _, event in new],
        tracking_nos=[event.tracking_no for _, event in new],
        codes=[event.code.value for _, event in new],
        texts=[event.detail for _, event in new],
        places=[event.place for _, event in new],
        occurred_ats=[event.occurred_at for _, event in new],
    )
