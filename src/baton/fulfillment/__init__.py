"""Fulfillment: the work at one location for one delivery group, from plan to package to hand-over.

Owns       how far each unit is at its location (to pick, picked, packed, shipped, short,
           cancelled), what is in which package, and the recall of units that a location has.
Tables     fulfillment.orders · .lines · .packages · .package_lines
Verbs      plan · release · accept · reject · cancel_planned · pick · pack · shipped · give_code ·
           hand_over · request_recall · answer_recall · time_out_recalls. The caller holds the
           locks of the orders; each verb locks its fulfillment orders in the order of their ids.
Reads      by_ids · by_number · of_orders · queue · sent_to · due_recalls · packages · packages_of
Facts      events.py; each says which status and recall it left behind
Invariants quantity = to_pick + picked + packed + shipped + short + cancelled for each line; the
           status is a function of these (states.status_of) once the location has begun; packages
           hold what is packed and what was shipped; a recall is open exactly while units are
           asked back. `verify` looks at all of them.

Files, in reading order: model · states (the table of transitions) · rules · recall (see
docs/algorithms/recall.md) · steps (what both share) · actions · store.
"""

from baton.fulfillment.actions import (
    accept,
    answer_recall,
    cancel_planned,
    give_code,
    hand_over,
    pack,
    pick,
    plan,
    reject,
    release,
    request_recall,
    shipped,
    time_out_recalls,
)
from baton.fulfillment.rules import pickup_hash
from baton.fulfillment.states import SENT, legal_actions, recallable
from baton.fulfillment.store import (
    by_ids,
    by_number,
    due_recalls,
    of_orders,
    packages,
    packages_of,
    queue,
    sent_to,
    verify,
)

__all__ = [
    "SENT",
    "accept",
    "answer_recall",
    "by_ids",
    "by_number",
    "cancel_planned",
    "due_recalls",
    "give_code",
    "hand_over",
    "legal_actions",
    "of_orders",
    "pack",
    "packages",
    "packages_of",
    "pick",
    "pickup_hash",
    "plan",
    "queue",
    "recallable",
    "reject",
    "release",
    "request_recall",
    "sent_to",
    "shipped",
    "time_out_recalls",
    "verify",
]
