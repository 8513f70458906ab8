"""Shipments to be billed, and what issues them: in this process, or in one that can be killed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from baton import invoicing
from baton.invoicing.model import Document, Intent, Issuer, Kind, Paper, Policy, Wanted
from baton.platform import ids
from baton.platform.db import Caller, Database, Tx
from baton.values import Id
from papers import SELLER, document, line

ENTITY = Id(int=1)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def set_up(tx: Tx, pattern: str = "INV-{year}-{no:06d}", memos: str = "CN-{no}") -> None:
    assert SELLER.address is not None
    invoicing.save_issuer(tx, Issuer(ENTITY, SELLER.address), pattern, memos)


def intent(no: int, *, kind: Kind = Kind.INVOICE, subject: Id | None = None) -> Intent:
    """What is to be billed for the no-th shipment of an order of its own."""
    lines = (line(1, 1, 840, 160, order_id=ids.fresh()),)
    return Intent(
        id=ids.fresh(),
        kind=kind,
        subject_id=subject or ids.fresh(),
        order_id=lines[0].order_id,
        legal_entity_id=ENTITY,
        customer_id=None,
        currency="EUR",
        policy=Policy.SHIPMENT,
        group_key=f"test:{no}:{ids.secret()}",
        net=840,
        tax=160,
        reason="",
        occurred_at=LONG_AGO + timedelta(minutes=no),
        created_at=LONG_AGO,
        ready=True,
        document_id=None,
        lines=lines,
    )


def issue(tx: Tx, limit: int) -> list[Document]:
    """Number up to so many of what is ready, as the job does."""
    ready = invoicing.lock_ready(tx, ENTITY, Kind.INVOICE, limit)
    (issuer,) = invoicing.issuers(tx, [ENTITY]).values()
    (series,) = [
        s for s in invoicing.series_of(tx, [ENTITY]) if s.in_use and s.kind is Kind.INVOICE
    ]
    return invoicing.issue(tx, series, issuer, [paper(each) for each in ready])


def paper(each: Intent) -> Paper:
    content = document(each.lines).content
    return Paper(ids.fresh(), each.kind, ENTITY, None, "EUR", 0, 0, content, (each,))


def issued(db: Database, caller: Caller) -> list[Document]:
    with db.transaction(caller) as tx:
        return invoicing.listed(tx, Wanted(limit=100_000))


def dense(numbers: Sequence[int]) -> bool:
    return sorted(numbers) == list(range(1, len(numbers) + 1))


def main(dsn: str, tenant: str) -> None:
    """Issue in small batches until nothing is left, or somebody kills this."""
    db = Database(dsn, size=1)
    db.open()
    caller = Caller(int(tenant), "test")
    sys.stdout.write("open\n")
    sys.stdout.flush()
    while db.execute(caller, lambda tx: issue(tx, 3)):
        pass
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
