"""Money between buyer and merchant: reserved, captured for shipments, let go, given back.

Owns       how each order is paid (a payment per tender), all that was ever asked of a gateway
           (an effect each, its id being the idempotency key), and what is owed because money
           that was due did not come.
Tables     payments.payments · payments.effects · payments.receivables
Verbs      take · ensure_captured (ensure_all_captured for many) · void_rest · refund ·
           open_receivable state what is wanted, and have a job `payments.call` put;
           settle books what the gateway answered; unsettled calls a person.
Reads      by_orders · effects_by_orders · open_effects · found · payment_of · receivables ·
           payment_status · check (would `take` accept this tender?) · verify
Facts      payments.taken · authorise_requested, authorised, declined · capture_requested,
           captured, capture_declined, drawn · void_requested, voided, void_declined ·
           refund_requested, refunded, refund_declined · unsettled · receivable_opened;
           all of them about the order.
Invariants A payment's amounts and state are those that its effects make (`rules.summed`, the
           only way to write them). captured + capturing + voided ≤ authorised; refunded +
           refunding ≤ captured; the database checks both. One effect of a kind per payment and
           subject, declined ones aside; at most one of them succeeds. A declined capture for a
           shipment is owed.

The caller holds the orders' locks. No verb calls a gateway: flows/collect_money.py does, between
two transactions. Explained in docs/algorithms/money.md and docs/algorithms/outside-effects.md.
"""

from baton.payments.actions import (
    ensure_all_captured,
    ensure_captured,
    found,
    open_receivable,
    payment_of,
    receivables,
    refund,
    settle,
    take,
    unsettled,
    verify,
    void_rest,
)
from baton.payments.model import CALL, RECONCILE
from baton.payments.rules import check, must_wait, payment_status, request
from baton.payments.store import by_orders, effects_by_orders, open_effects

__all__ = [
    "CALL",
    "RECONCILE",
    "by_orders",
    "check",
    "effects_by_orders",
    "ensure_all_captured",
    "ensure_captured",
    "found",
    "must_wait",
    "open_effects",
    "open_receivable",
    "payment_of",
    "payment_status",
    "receivables",
    "refund",
    "request",
    "settle",
    "take",
    "unsettled",
    "verify",
    "void_rest",
]
