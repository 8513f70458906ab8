"""What is done with messages, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence

from baton.notifications import rules, store
from baton.notifications.errors import MessageNotFound
from baton.notifications.events import MessageRefused, MessageSent
from baton.notifications.model import SEND, Draft, Message, MessageState
from baton.notifications.port import Outcome, Refusal
from baton.platform import ids, journal, work
from baton.platform.db import Tx
from baton.values.ids import Id


def put(tx: Tx, drafts: Sequence[Draft]) -> list[Message]:
    """Have messages sent: one for each kind and fact, however often that fact is told.

    Returns those that are new. Raises RecipientInvalid before anything is written.
    """
    for draft in drafts:
        rules.check(draft)
    messages = [rules.opened(draft, ids.fresh(), tx.now) for draft in drafts]
    new = store.insert(tx, messages) if messages else set()
    kept = [message for message in messages if message.id in new]
    work.put(
        tx,
        [
            work.Job(SEND, {"message_id": str(message.id)}, once_key=str(message.id))
            for message in kept
        ],
    )
    return kept


def settle(tx: Tx, message_id: Id, outcome: Outcome) -> Message:
    """Book the mail server's answer; settling again changes nothing, nor does Unknown.

    The caller holds the lock of the order. Raises MessageNotFound.
    """
    before = _found(store.read(tx, message_id, lock=True), message_id)
    after = rules.settled(before, outcome, tx.now)
    if after is before:
        return before
    store.settle(tx, after)
    about = (after.order_id, after.id, after.kind.value, after.fact_key)
    if after.state is MessageState.REFUSED:
        assert isinstance(outcome, Refusal)
        journal.record(tx, [MessageRefused(*about, outcome.code)])
    else:
        journal.record(tx, [MessageSent(*about)])
    return after


def found(tx: Tx, message_id: Id) -> Message:
    """One message as it stands. Raises MessageNotFound."""
    return _found(store.read(tx, message_id), message_id)


def _found(message: Message | None, id: Id) -> Message:
    if message is None:
        raise MessageNotFound(f"There is no message {id}.")
    return message
