"""What tax services are asked: intents with their keys, and what came of them.

The caller holds the locks of the orders. No verb calls a service: flows do, between transactions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import msgspec

from baton.platform import ids, journal, work
from baton.platform.db import Tx, columns
from baton.tax.events import ServiceAnswered, ServiceAsked
from baton.tax.model import CALL, CallKind, CallState, ServiceCall
from baton.tax.store import ANY_SERVICE, CALL_BY_ID, CALLS_BY_ORDERS, INSERT_CALLS, SETTLE_CALL
from baton.values.ids import Id

_FIELDS = tuple(one.name for one in fields(ServiceCall))


def intend(
    tx: Tx, kind: CallKind, order_id: Id, subject_id: Id, service: str,
    request: Mapping[str, Any], version: int = 0,
) -> ServiceCall | None:  # fmt: skip
    """Keep what a service is to be asked, and have it asked; None where it is kept already."""
    call = ServiceCall(
        ids.fresh(), kind, order_id, subject_id, version, service, CallState.REQUESTED, request,
        "", "", tx.now,
    )  # fmt: skip
    values = columns([call], *_FIELDS) | {"request": [msgspec.json.encode(request).decode()]}
    if not tx.all(INSERT_CALLS, **values):
        return None
    key = str(call.id)
    work.put(tx, [work.Job(CALL, {"call_id": key}, lane=f"{CALL}:{order_id}", once_key=key)])
    journal.record(tx, [ServiceAsked(order_id, call.id, kind.value, service)])
    return call


def call_of(tx: Tx, id: Id) -> ServiceCall | None:
    """What was asked under this key."""
    return next((_call(row) for row in tx.all(CALL_BY_ID, id=id)), None)


def calls_of(tx: Tx, order_ids: Collection[Id]) -> list[ServiceCall]:
    """All that was asked about these orders, oldest first."""
    return [_call(row) for row in tx.all(CALLS_BY_ORDERS, order_ids=sorted(set(order_ids)))]


def settle(tx: Tx, call: ServiceCall, state: CallState, ref: str, error: str = "") -> ServiceCall:
    """Book what the service answered, once; the first answer stands."""
    done = replace(call, state=state, ref=ref, error=error[:500], settled_at=tx.now)
    if tx.count(SETTLE_CALL, id=call.id, state=state, ref=ref, error=done.error, settled_at=tx.now):
        fact = ServiceAnswered(
            call.order_id, call.id, call.kind.value, call.service, state.value, done.error
        )
        journal.record(tx, [fact])
    return done


def any_service(tx: Tx) -> bool:
    """Whether any channel of the merchant has a tax service."""
    return tx.one(ANY_SERVICE) is not None


def to_void(calls: Sequence[ServiceCall]) -> list[ServiceCall]:
    """Of an order's calls: the sales that were filed, and not taken back."""
    void = {call.subject_id for call in calls if call.kind is CallKind.VOID}
    return [
        call
        for call in calls
        if call.kind is CallKind.COMMIT
        and call.state is CallState.SUCCEEDED
        and call.subject_id not in void
    ]


def _call(row: tuple[Any, ...]) -> ServiceCall:
    kept = dict(zip(_FIELDS, row, strict=True))
    kept["kind"], kept["state"] = CallKind(kept["kind"]), CallState(kept["state"])
    return ServiceCall(**kept)
