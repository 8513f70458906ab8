"""What comes back: asked for, decided, taken in, looked at, settled; and what channels reported.

Owns       returns that are worked on (RMAs), the policies that decide over them, unexpected goods
           in quarantine, claims against carriers; beside them the reports of channels, which are
           records and are never refused (docs/decisions, "Two families of returns").
Tables     returns.rmas · rma_lines · claims (the guard of units) · receipts · receipt_lines ·
           gradings · photos · settlements · settlement_lines · settlement_charges · labels ·
           policies · policy_in_force · parcels · parcel_lines · carrier_claims; reports in
           returns.returns · lines
Verbs      open_return · decide · approve · refuse · answer · cancel · expire · send · receive ·
           add_line · grade · dispose · want_label · own_label · label_settled · scanned · due ·
           preview · book · save_policy · activate_policy · try_policy · arrive · match ·
           dispose_parcel · claim_from_carrier · settle_carrier_claim · record · count_recorded
Reads      load · page_of_rmas · rmas_of_orders · receipts · gradings · labels · photos ·
           settlements · parcels · carrier_claims; returns_by_id · returns_of_orders
Facts      see `events`; those of a return belong to its order's timeline
Invariants claimed ≤ shipped − lost, for each order line, and each of its units is settled once;
           the database refuses both. Received + kept + missing ≤ units; graded ≤ received;
           disposed ≤ graded. A settlement is the sum of its lines, charges, fee and bonus, less
           what was never paid. Goods leave quarantine once. A report exists once for a channel
           and external id.

The caller holds the lock of the order. Explained in docs/algorithms/returns.md.
"""

from baton.returns.actions.goods import (
    IN_QUARANTINE,
    add_line,
    add_photos,
    dispose,
    grade,
    grading_of,
    label_settled,
    own_label,
    receive,
    ungraded,
    want_label,
)
from baton.returns.actions.money import book, due, preview
from baton.returns.actions.parcels import (
    arrive,
    carrier_claim,
    claim_from_carrier,
    dispose_parcel,
    match,
    parcel,
    scanned_before,
    settle_carrier_claim,
)
from baton.returns.actions.policies import (
    Changed,
    Trial,
    activate_policy,
    all_policies,
    in_force,
    policy,
    save_policy,
    try_policy,
)
from baton.returns.actions.records import record, returns_of_orders
from baton.returns.actions.requests import (
    answer,
    approve,
    await_for,
    cancel,
    claim,
    decide,
    expire,
    line_of,
    locked,
    open_return,
    refuse,
    send,
    wants,
)
from baton.returns.rules import default_content, legal_actions
from baton.returns.store.checks import verify
from baton.returns.store.goods import (
    gradings,
    hanging_labels,
    known_receipts,
    label_pdf,
    labels,
    labels_by_tracking,
    photo,
    photos,
    receipts,
    scanned,
)
from baton.returns.store.money import settlements
from baton.returns.store.parcels import claims as carrier_claims
from baton.returns.store.parcels import queue as parcels
from baton.returns.store.policies import terms_of
from baton.returns.store.records import page_of_returns, returns_by_id
from baton.returns.store.rmas import (
    claims,
    count_recorded,
    due_rmas,
    load,
    page_of_rmas,
    refunded_to,
    rma_by_number,
    rmas_of_orders,
)

__all__ = [
    "IN_QUARANTINE",
    "Changed",
    "Trial",
    "activate_policy",
    "add_line",
    "add_photos",
    "all_policies",
    "answer",
    "approve",
    "arrive",
    "await_for",
    "book",
    "cancel",
    "carrier_claim",
    "carrier_claims",
    "claim",
    "claim_from_carrier",
    "claims",
    "count_recorded",
    "decide",
    "default_content",
    "dispose",
    "dispose_parcel",
    "due",
    "due_rmas",
    "expire",
    "grade",
    "grading_of",
    "gradings",
    "hanging_labels",
    "in_force",
    "known_receipts",
    "label_pdf",
    "label_settled",
    "labels",
    "labels_by_tracking",
    "legal_actions",
    "line_of",
    "load",
    "locked",
    "match",
    "open_return",
    "own_label",
    "page_of_returns",
    "page_of_rmas",
    "parcel",
    "parcels",
    "photo",
    "photos",
    "policy",
    "preview",
    "receipts",
    "receive",
    "record",
    "refunded_to",
    "refuse",
    "returns_by_id",
    "returns_of_orders",
    "rma_by_number",
    "rmas_of_orders",
    "save_policy",
    "scanned",
    "scanned_before",
    "send",
    "settle_carrier_claim",
    "settlements",
    "terms_of",
    "try_policy",
    "ungraded",
    "verify",
    "want_label",
    "wants",
]
