"""What routing tells the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from baton.values.fact import Fact
from baton.values.ids import Id


@dataclass(frozen=True, slots=True)
class LocationExcluded(Fact):
    """An order is not sent to this location again before `until`, for a cause."""

    fact = "routing.location_excluded"
    subject = "order"

    location_id: Id
    cause: str
    until: datetime
