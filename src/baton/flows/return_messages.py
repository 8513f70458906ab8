"""Telling the customer what becomes of a return that they asked for.

Refused and lost parcels, goods that nobody announced, and what channels took back were not asked
for by the buyer: of those they hear when their goods are there, and of their money.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from baton import orders, returns
from baton.flows import messages
from baton.flows.messages import Links, Telling
from baton.notifications.model import Asked, MessageKind
from baton.orders.model import Order
from baton.platform.db import Tx
from baton.returns.model import Cause, Rma
from baton.values import Id
from baton.values.ids import shown

Fact = tuple[Id, str, Mapping[int, int]]
"""A return, the fact that is told, and units by order line."""
_HEARD = {Cause.REQUEST, Cause.UNANNOUNCED}


def approved(tx: Tx, links: Links, facts: Sequence[Fact]) -> None:
    """Units may come back. Who keeps all of them has nothing to send."""
    sent = [fact for fact in facts if any(fact[2].values())]
    _tell(tx, links, MessageKind.RETURN_APPROVED, sent, lambda _order, rma: _until(rma))


def refused(tx: Tx, links: Links, facts: Sequence[Fact], why: Mapping[Id, str]) -> None:
    """Units may not come back; `why` by return is what a person said."""
    _tell(
        tx,
        links,
        MessageKind.RETURN_REFUSED,
        facts,
        lambda _order, rma: {"reason": why.get(rma.id, "")},
    )


def asked(tx: Tx, links: Links, facts: Sequence[Fact]) -> None:
    """The customer has to say more, or to choose."""
    _tell(
        tx,
        links,
        MessageKind.RETURN_QUESTION,
        facts,
        lambda _order, rma: {"note": rma.question if " " in rma.question else ""},
    )


def labelled(tx: Tx, links: Links, facts: Sequence[Fact]) -> None:
    """There is a label for the way back; it opens on the return's page."""

    def more(order: Order, rma: Rma) -> dict[str, object]:
        url = f"{links.tracking(tx.tenant, order)}/{page_of(rma.id)}/label.pdf"
        return {"action_url": url} | _until(rma)

    _tell(tx, links, MessageKind.RETURN_LABEL, facts, more)


def received(tx: Tx, links: Links, facts: Sequence[Fact]) -> None:
    """Units came in."""
    _tell(tx, links, MessageKind.RETURN_RECEIVED, facts, lambda _order, _rma: {})


def closed(tx: Tx, links: Links, return_ids: Sequence[Id]) -> None:
    """Nothing is left to do: how satisfied is the customer, where the shop wants to know?"""
    found = returns.load(tx, return_ids)
    mine = [rma for rma in found.values() if rma.cause is Cause.REQUEST]
    locked = orders.lock(tx, sorted({rma.order_id for rma in mine}))
    messages.ask(tx, links, Asked.RETURN, [(locked[rma.order_id], rma.id) for rma in mine])


def page_of(return_id: Id) -> str:
    """The part of a customer's pages that shows a return."""
    return f"return/{shown('ret', return_id)}"


def _tell(
    tx: Tx,
    links: Links,
    kind: MessageKind,
    facts: Sequence[Fact],
    more: Callable[[Order, Rma], Mapping[str, object]],
) -> None:
    found = returns.load(tx, [return_id for return_id, _, _ in facts])
    heard = [(found[id], fact, units) for id, fact, units in facts if found[id].cause in _HEARD]
    locked = orders.lock(tx, sorted({rma.order_id for rma, _, _ in heard}))
    told = []
    for rma, fact, units in heard:
        order = locked[rma.order_id]
        known = {"document_no": rma.number} | dict(more(order, rma))
        told.append(Telling(order, kind, fact, units, known, page=page_of(rma.id)))
    messages.tell(tx, links, told)


def _until(rma: Rma) -> dict[str, object]:
    return {"until": rma.expires_at.date() if rma.expires_at is not None else None}
