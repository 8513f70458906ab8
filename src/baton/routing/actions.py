"""What is done with decisions, inside the caller's transaction."""

from __future__ import annotations

from datetime import timedelta

from baton.platform import journal
from baton.platform.db import Tx
from baton.routing import store
from baton.routing.events import LocationExcluded
from baton.values import Id


def exclude(tx: Tx, order_id: Id, location_id: Id, cause: str, hours: int) -> None:
    """The order is not sent to this location again for some hours."""
    until = tx.now + timedelta(hours=hours)
    store.exclude(tx, order_id, location_id, cause, until)
    journal.record(tx, [LocationExcluded(order_id, location_id, cause, until)])
