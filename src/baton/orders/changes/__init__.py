"""Changes of an order that was taken: typed actions, decided as a whole before anything is written.

`plan` reads a list of actions against an order and says what would become of it; `recalls` which
units a location has to give back first; `edited` makes the order with it. One set of rules for
edits, cancellations, substitutions, and all that is added to `KINDS` and to the readings.
"""

from baton.orders.changes.planned import LineEdit, Plan, Recalls, edited, recalls, retotalled
from baton.orders.changes.readings import plan
from baton.orders.changes.wanted import (
    KINDS,
    Action,
    AddCharge,
    AddLine,
    CancelUnits,
    ChangeAddress,
    ChangeMethod,
    ChangePrice,
    Known,
    Reship,
    SetQuantity,
    Substitute,
    WaiveCharge,
    from_json,
    places_of,
    priced,
    skus_of,
    to_json,
)

__all__ = [
    "KINDS",
    "Action",
    "AddCharge",
    "AddLine",
    "CancelUnits",
    "ChangeAddress",
    "ChangeMethod",
    "ChangePrice",
    "Known",
    "LineEdit",
    "Plan",
    "Recalls",
    "Reship",
    "SetQuantity",
    "Substitute",
    "WaiveCharge",
    "edited",
    "from_json",
    "places_of",
    "plan",
    "priced",
    "recalls",
    "retotalled",
    "skus_of",
    "to_json",
]
