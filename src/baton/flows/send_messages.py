"""Hand messages to the mail server or to a sender of texts, and book what is answered.

Mail can't be sent exactly once: when the answer is lost, nobody can ask the server about the
one message. Baton sends it again, the same words under the same Message-ID, because a second
copy that mail programs fold into the first is better than a shipment nobody hears of. A text is
looked up before it is sent again. The repeats are the worker's: they back off, and in the end the
job is parked where a person sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import time

from baton import notifications
from baton.notifications.errors import Unanswered
from baton.notifications.model import Medium, Message, MessageState, QuietHours
from baton.notifications.port import (
    Attachment,
    Mailer,
    NeverReceived,
    Outcome,
    TextSender,
    Unknown,
)
from baton.notifications.rules import due
from baton.platform import work
from baton.platform.db import Caller, Database, Tx
from baton.platform.work import Handler, Job
from baton.values.ids import Id

# Jobs leased at once: sent one after another, they must fit into one lease.
_LIMIT = 5
_AT_ANY_TIME = QuietHours(time(0), time(0), "UTC")


def at_any_time(_tx: Tx, _message: Message) -> QuietHours:
    """No quiet hours."""
    return _AT_ANY_TIME


def nothing_attached(_caller: Caller, _message: Message) -> tuple[Attachment, ...]:
    """Messages go without documents."""
    return ()


@dataclass(frozen=True, slots=True)
class SendMessages:
    """The handler of message jobs.

    `domain` is the right side of every Message-ID; `lock_orders` takes the locks that facts
    about orders need; `quiet` says when a text must wait; `attached` makes the documents that go
    with a message, in transactions of its own.
    """

    db: Database
    mailer: Mailer
    lock_orders: Callable[[Tx, Sequence[Id]], object]
    domain: str
    texts: TextSender | None = None
    quiet: Callable[[Tx, Message], QuietHours] = at_any_time
    attached: Callable[[Caller, Message], tuple[Attachment, ...]] = nothing_attached

    def handlers(self) -> dict[str, Handler]:
        """For the worker: one handler a kind of job."""
        return {notifications.SEND: Handler(outside=self.send, limit=_LIMIT)}

    def send(self, caller: Caller, job: Job) -> None:
        """Send one message and settle it; where it has its end already, just end the job.

        Raises Unanswered, and Lapsed where somebody else has the job by now.
        """
        message = self.db.execute(caller, lambda tx: self._waiting(tx, job))
        if message is None:
            return
        outcome = self._handed_over(caller, message, repeated=_repeated(job))
        if isinstance(outcome, Unknown):
            raise Unanswered(outcome.reason)

        def book(tx: Tx) -> None:
            self.lock_orders(tx, [message.order_id])
            notifications.settle(tx, message.id, outcome)
            work.finish(tx, [job])

        self.db.execute(caller, book)

    def _handed_over(self, caller: Caller, message: Message, *, repeated: bool) -> Outcome:
        if message.medium is Medium.MAIL:
            documents = self.attached(caller, message) if message.attachment else ()
            return self.mailer.send(notifications.outgoing(message, self.domain, documents))
        if self.texts is None:
            return Unknown("no sender of texts is set up: BATON_CONNECTORS")
        text = notifications.outgoing_text(message)
        if repeated:
            known = self.texts.lookup(text)
            if not isinstance(known, NeverReceived):
                return known
        return self.texts.send(text)

    def _waiting(self, tx: Tx, job: Job) -> Message | None:
        """The message to be sent; None where there is nothing to do now."""
        message = notifications.found(tx, Id(job.payload["message_id"]))
        if message.state is not MessageState.REQUESTED:
            work.finish(tx, [job])
            return None
        if message.medium is Medium.SMS:
            when = due(tx.now, self.quiet(tx, message))
            if when > tx.now:
                work.finish(tx, [job])
                payload = {"message_id": str(message.id), "repeated": _repeated(job)}
                later = Job(job.kind, payload, run_at=when, once_key=str(message.id))
                work.put(tx, [later])
                return None
        return message


def _repeated(job: Job) -> bool:
    """Whether the message may have been handed over before."""
    return job.attempts > 0 or job.fence > 1 or bool(job.payload.get("repeated"))
