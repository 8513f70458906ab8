"""The kinds of jobs that flows hand to the work queue, and how they are put there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from baton.platform import work
from baton.platform.db import Tx
from baton.values import Id

ROUTE = "orders.route"
RELEASE = "orders.release"
FILL_BACKORDERS = "orders.fill_backorders"
WORK_SHORTAGES = "inventory.work_shortages"
TIME_OUT_RECALL = "fulfillment.time_out_recall"
BUY_LABELS = "shipping.buy_labels"
GIVE_BACK_LABEL = "shipping.give_back_label"
BUY_RETURN_LABEL = "returns.buy_label"
DETERMINE_TAX = "tax.determine"
COMMIT_TAX = "tax.commit"
FILL_RATES = "currencies.fill"
REACTION = "reaction"

BY_HAND = "asked by hand"
"""Why a job is there that a person asked for."""


def for_orders(tx: Tx, kind: str, order_ids: Iterable[Id], why: str) -> None:
    """One job for each order, one after another with the order's others."""
    work.put(
        tx,
        [
            work.Job(kind, {"order": str(id), "why": why}, lane=f"{kind}:{id}")
            for id in dict.fromkeys(order_ids)
        ],
    )


def at(tx: Tx, kind: str, subject_id: Id, when: datetime) -> None:
    """A job for later: a timer."""
    work.put(tx, [work.Job(kind, {"subject": str(subject_id)}, run_at=when)])


def orders_of(jobs: Iterable[work.Job]) -> dict[Id, str]:
    """The orders that jobs name, each with the reason given last."""
    return {Id(job.payload["order"]): str(job.payload["why"]) for job in jobs}
