"""Hand messages to the mail server, and book what it answers.

Mail can't be sent exactly once: when the answer is lost, nobody can ask the server about the
one message. Baton sends it again, the same words under the same Message-ID, because a second
copy that mail programs fold into the first is better than a shipment nobody hears of. The
repeats are the worker's: they back off, and in the end the job is parked where a person sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from baton import notifications
from baton.notifications.errors import Unanswered
from baton.notifications.model import Message, MessageState
from baton.notifications.port import Mailer, Unknown
from baton.platform import work
from baton.platform.db import Caller, Database, Tx
from baton.platform.work import Handler, Job
from baton.values.ids import Id

# Jobs leased at once: sent one after another, they must fit into one lease.
_LIMIT = 5


@dataclass(frozen=True, slots=True)
class SendMessages:
    """The handler of message jobs.

    `domain` is the right side of every Message-ID; `lock_orders` takes the locks that facts
    about orders need.
    """

    db: Database
    mailer: Mailer
    lock_orders: Callable[[Tx, Sequence[Id]], object]
    domain: str

    def handlers(self) -> dict[str, Handler]:
        """For the worker: one handler a kind of job."""
        return {notifications.SEND: Handler(outside=self.send, limit=_LIMIT)}

    def send(self, caller: Caller, job: Job) -> None:
        """Send one message and settle it; where it has its end already, just end the job.

        Raises Unanswered, and Lapsed where somebody else has the job by now.
        """
        message = self.db.execute(caller, lambda tx: _waiting(tx, job))
        if message is None:
            return
        outcome = self.mailer.send(notifications.outgoing(message, self.domain))
        if isinstance(outcome, Unknown):
            raise Unanswered(outcome.reason)

        def book(tx: Tx) -> None:
            self.lock_orders(tx, [message.order_id])
            notifications.settle(tx, message.id, outcome)
            work.finish(tx, [job])

        self.db.execute(caller, book)


def _waiting(tx: Tx, job: Job) -> Message | None:
    message = notifications.found(tx, Id(job.payload["message_id"]))
    if message.state is MessageState.REQUESTED:
        return message
    work.finish(tx, [job])
    return None
