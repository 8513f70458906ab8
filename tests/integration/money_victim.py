"""A process that asks a gateway for one thing and dies at a given point, by SIGKILL.

python money_victim.py DSN TENANT ADDRESS ORDER SUBJECT capture|refund POINT
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from outside_world import lock_orders, order_number

from baton import payments
from baton.connectors.payments.fake import FakeGateway, FakeSettings
from baton.flows.collect_money import CollectMoney
from baton.payments.port import GatewayRequest, Outcome
from baton.platform import work
from baton.platform.db import Caller, Database, Tx
from baton.platform.work import Job
from baton.values.ids import Id
from baton.values.money import Money

POINTS = ("after_intend", "after_call", "before_commit")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Dying(FakeGateway):
    """Dies when the gateway has answered, before anybody knows."""

    def _ask(self, request: GatewayRequest) -> Outcome:
        outcome = super()._ask(request)
        if POINT == "after_call":
            die()
        return outcome


def intend(tx: Tx) -> None:
    lock_orders(tx, [ORDER])
    if KIND == "capture":
        payments.ensure_captured(tx, ORDER, SUBJECT, Money(4_000, "EUR"))
    else:
        payments.ensure_refunded(tx, ORDER, SUBJECT, Money(4_000, "EUR"))


def main() -> None:
    db = Database(DSN, size=2)
    db.open()
    caller = Caller(TENANT, "victim")
    db.execute(caller, intend)
    if POINT == "after_intend":
        die()
    finish = work.finish

    def finish_and_die(tx: Tx, jobs: Sequence[Job]) -> None:
        finish(tx, jobs)
        tx.connection.execute("select 1").fetchone()  # the server has done it, and not committed
        die()

    if POINT == "before_commit":
        work.finish = finish_and_die  # type: ignore[assignment]
    gateway: Any = Dying(FakeSettings(address=ADDRESS))
    flow = CollectMoney(db, {"fake": gateway}, lock_orders, order_number)
    with db.transaction(caller) as tx:
        [job] = work.claim(tx, payments.CALL, 1, timedelta(0))
    flow.call(caller, job)


if __name__ == "__main__":
    DSN, ADDRESS, KIND, POINT = sys.argv[1], sys.argv[3], sys.argv[6], sys.argv[7]
    TENANT, ORDER, SUBJECT = int(sys.argv[2]), Id(sys.argv[4]), Id(sys.argv[5])
    main()
