"""What channels reported, recorded."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from baton.platform import ids as new
from baton.platform import journal
from baton.platform.db import Tx
from baton.returns import rules
from baton.returns.model.records import Recorded, Return, ReturnDraft
from baton.returns.store import records as store
from baton.values.ids import Id


def record(tx: Tx, drafts: Sequence[ReturnDraft]) -> list[Recorded]:
    """The id of each return, in the order of the drafts; one that is known is not written again.

    Known again by channel and external id, also within the batch: the first one counts. A return
    is a fact: whether its orders have so many units to give back is not asked here. Raises
    ReturnInvalid.
    """
    if not drafts:
        return []
    rules.check_returns(drafts, tx.now)
    firsts: dict[store.Key, ReturnDraft] = {}
    for draft in drafts:
        firsts.setdefault((draft.channel_id, draft.external_id), draft)
    wanted = {new.fresh(): firsts[key] for key in sorted(firsts)}
    added = store.add(tx, wanted)
    written = {id: draft for id, draft in wanted.items() if id in added}
    if written:
        store.add_lines(tx, written)
    found = {(draft.channel_id, draft.external_id): id for id, draft in written.items()}
    if len(found) < len(firsts):
        found |= store.known(tx, firsts.keys() - found.keys())
    journal.record(tx, [rules.recorded(draft, id) for id, draft in written.items()])
    return _answers(drafts, found, added)


def _answers(
    drafts: Sequence[ReturnDraft], found: dict[store.Key, Id], added: set[Id]
) -> list[Recorded]:
    untold, answers = set(added), []
    for draft in drafts:
        id = found[draft.channel_id, draft.external_id]
        answers.append(Recorded(id, id in untold))
        untold.discard(id)
    return answers


def returns_of_orders(tx: Tx, order_ids: Collection[Id]) -> dict[Id, list[Return]]:
    """The returns that reverse something of each order, whole; orders without any are absent."""
    pairs = store.of_orders(tx, order_ids)
    if not pairs:
        return {}
    found = store.returns_by_id(tx, {return_id for _, return_id in pairs})
    returns: dict[Id, list[Return]] = {}
    for order_id, return_id in pairs:
        returns.setdefault(order_id, []).append(found[return_id])
    return returns
