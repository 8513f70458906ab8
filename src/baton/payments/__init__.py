"""Money between buyer and merchant: reserved, captured for shipments, let go, given back.

Owns       how each order is paid (a payment per tender), all that was ever asked of a gateway
           (an effect each, its id being the idempotency key), and what is owed because money
           that was due did not come.
Tables     payments.payments · payments.effects · payments.receivables · payments.doors ·
           payments.inbox · payments.disputes · payments.payouts · payments.payout_lines
Verbs      take · ensure_captured (ensure_all_captured for many) · void_rest · void ·
           ensure_refunded · open_receivable · collect state what is wanted, and have a job put:
           `payments.call`, or `payments.settle_own` where the merchant holds the money himself;
           settle books what the gateway answered; unsettled calls a person;
           settle_receivable ends a debt by hand;
           open_door · keep · hear_again are about webhooks, dispute and book_payout about what
           they and payout files say.
Reads      by_orders · effects_by_orders · open_effects · found · payment_of · receivables ·
           payment_status · check (would `take` accept this tender?) · verify
Facts      payments.taken · authorise_requested, authorised, declined · capture_requested,
           captured, capture_declined, drawn · void_requested, voided, void_declined ·
           refund_requested, refunded, refund_declined · unsettled · receivable_opened,
           receivable_paid · dispute_opened, dispute_won, dispute_lost (and payout_booked, about
           the payout);
           all of them about the order.
Invariants A payment's amounts and state are those that its effects make (`rules.summed`, the
           only way to write them). captured + capturing + voided ≤ authorised; refunded +
           refunding ≤ captured; the database checks both. One effect of a kind per payment and
           subject, declined ones aside (of refunds: per capture and round); at most one of them
           succeeds. A declined capture for a
           shipment is owed.

The caller holds the orders' locks. No verb calls a gateway: flows/collect_money.py does, between
two transactions. Explained in docs/algorithms/money.md and docs/algorithms/outside-effects.md.
"""

from baton.payments.actions import (
    collect,
    disputed,
    ensure_all_captured,
    ensure_captured,
    ensure_refunded,
    found,
    open_receivable,
    payment_of,
    receivables,
    settle,
    settle_receivable,
    take,
    unsettled,
    verify,
    void,
    void_rest,
)
from baton.payments.claims import GivenBack, give_back, given_back, left
from baton.payments.model import (
    CALL,
    COMPARE,
    EXTERNAL,
    GIFT_CARD,
    HEAR,
    OWN,
    RECONCILE,
    SETTLE_OWN,
    STORE_CREDIT,
)
from baton.payments.rules import check, covered, must_wait, payment_status, request
from baton.payments.store import (
    by_orders,
    effects_by_id,
    effects_by_orders,
    expiring,
    open_effects,
)
from baton.payments.store.told import disputes, disputes_by_orders, handled, payouts, webhooks
from baton.payments.told import (
    book_payout,
    captured_as,
    check_door,
    dispute,
    forget,
    found_dispute,
    hear_again,
    keep,
    open_door,
    payout,
    webhook,
)

__all__ = [
    "CALL",
    "COMPARE",
    "EXTERNAL",
    "GIFT_CARD",
    "HEAR",
    "OWN",
    "RECONCILE",
    "SETTLE_OWN",
    "STORE_CREDIT",
    "GivenBack",
    "book_payout",
    "by_orders",
    "captured_as",
    "check",
    "check_door",
    "collect",
    "covered",
    "dispute",
    "disputed",
    "disputes",
    "disputes_by_orders",
    "effects_by_id",
    "effects_by_orders",
    "ensure_all_captured",
    "ensure_captured",
    "ensure_refunded",
    "expiring",
    "forget",
    "found",
    "found_dispute",
    "give_back",
    "given_back",
    "handled",
    "hear_again",
    "keep",
    "left",
    "must_wait",
    "open_door",
    "open_effects",
    "open_receivable",
    "payment_of",
    "payment_status",
    "payout",
    "payouts",
    "receivables",
    "request",
    "settle",
    "settle_receivable",
    "take",
    "unsettled",
    "verify",
    "void",
    "void_rest",
    "webhook",
    "webhooks",
]
