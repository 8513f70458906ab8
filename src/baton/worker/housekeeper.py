"""What has to be looked after from time to time, for every merchant."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from baton import access, inventory, notifications, payments, stored_value
from baton.app import App
from baton.flows import (
    ask_return,
    buy_labels,
    collect_money,
    hear,
    pay,
    phone_orders,
    return_labels,
)
from baton.platform import idempotency, log
from baton.platform.db import Caller, Tx

logger = log.get("housekeeper")

HANGING = timedelta(minutes=2)  # longer than a call to the outside and its lease take

Chore = Callable[[Tx], object]

CHORES: dict[str, Chore] = {
    "look for gateways' answers": lambda tx: collect_money.look_for_answers(tx, tx.now - HANGING),
    "look for labels": lambda tx: buy_labels.look_again(tx, HANGING),
    "look for labels of returns": lambda tx: return_labels.look_again(tx, HANGING),
    "forget idempotency keys": idempotency.prune,
    "forget who asked for links": notifications.forget_askings,
    "forget sessions": access.prune_sessions,
    "free expired reservations": inventory.expire,
    "let drafts lapse": phone_orders.expire,
    "end returns whose time is over": ask_return.expire_due,
    "let gift cards lapse": stored_value.expire,
    "renew authorisations": pay.renew,
    "compare with providers": hear.compare_daily,
    "forget refused webhooks": payments.forget,
}


class Housekeeper:
    """Does every chore for every merchant, each in a transaction of its own, until told to stop.

    Chores are safe to repeat and to run in several processes at once.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._stop = threading.Event()

    def stop(self) -> None:
        """Finish the chore at hand, then return from `run`."""
        self._stop.set()

    def run(self, pause_s: float = 30.0) -> None:
        """A round now, and one after every pause."""
        while not self._stop.is_set():
            try:
                self.round()
            except Exception as error:  # noqa: BLE001  the loop outlives whatever goes wrong
                logger.error("round failed", error=repr(error))
            self._stop.wait(pause_s)

    def round(self) -> int:
        """Every chore once for every merchant; returns how many failed."""
        with self._app.db.transaction(Caller(0, "housekeeper")) as tx:
            tenants = [tenant.id for tenant in access.all_tenants(tx)]
        failed = 0
        for tenant in tenants:
            for name, chore in CHORES.items():
                if self._stop.is_set():
                    return failed
                failed += not self._done(tenant, name, chore)
        return failed

    def _done(self, tenant: int, name: str, chore: Chore) -> bool:
        try:
            self._app.execute(Caller(tenant, "housekeeper"), chore)
        except Exception as error:  # noqa: BLE001  one chore must not keep the others from being done
            logger.error("chore failed", chore=name, tenant=tenant, error=repr(error))
            return False
        return True
