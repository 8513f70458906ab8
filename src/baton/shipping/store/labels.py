"""SQL of labels: one for each package, and its document."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from baton.platform.db import Statements, Tx, columns, listed
from baton.shipping.model import Label, LabelState
from baton.values import Id

sql = Statements("shipping")

_LABEL = (
    "l.package_id, l.shipment_id, l.label_key, l.state, l.tracking_no, l.cost_minor, l.error,"
    " l.requested_at, l.settled_at"
)

LABELS_OF = sql(
    "labels_of",
    f"""
    select {_LABEL} from shipping.labels l
    where l.tenant_id = %(tenant)s and l.shipment_id = any(%(ids)s)
    order by l.shipment_id, l.package_id
    """,
)
LABELS_OF_PACKAGES = sql(
    "labels_of_packages",
    f"""
    select {_LABEL} from shipping.labels l
    where l.tenant_id = %(tenant)s and l.package_id = any(%(ids)s) order by l.package_id
    """,
)
# a number that a carrier uses again belongs to its newest label
LABELS_BY_TRACKING = sql(
    "labels_by_tracking",
    f"""
    select {_LABEL} from (
        select distinct on (l.tracking_no) {_LABEL} from shipping.labels l
        where l.tenant_id = %(tenant)s and l.tracking_no = any(%(tracking_nos)s)
          and l.tracking_no <> ''
        order by l.tracking_no, l.requested_at desc, l.package_id desc
    ) l
    join shipping.shipments s on s.tenant_id = %(tenant)s and s.id = l.shipment_id
    where %(at)s::uuid[] is null or s.location_id = any(%(at)s::uuid[])
    order by l.tracking_no
    """,
)
REQUESTED_LABELS = sql(
    "requested_labels",
    f"""
    select {_LABEL} from shipping.labels l
    where l.tenant_id = %(tenant)s and l.state = 'requested' and l.requested_at < %(before)s
    order by l.requested_at, l.package_id limit %(limit)s
    """,
)
UNWANTED_LABELS = sql(
    "unwanted_labels",
    f"""
    select {_LABEL}
    from shipping.shipments s
    join shipping.labels l on l.tenant_id = %(tenant)s and l.shipment_id = s.id
    where s.tenant_id = %(tenant)s and s.status = 'voided' and l.state = 'bought'
    order by s.created_at, l.package_id limit %(limit)s
    """,
)
DOCUMENT = sql(
    "document",
    """
    select l.document from shipping.labels l
    join shipping.shipments s on s.tenant_id = %(tenant)s and s.id = l.shipment_id
    where l.tenant_id = %(tenant)s and l.package_id = %(package_id)s
      and (%(at)s::uuid[] is null or s.location_id = any(%(at)s::uuid[]))
    """,
)
INSERT_LABELS = sql(
    "insert_labels",
    """
    insert into shipping.labels (tenant_id, package_id, shipment_id, label_key, state,
        requested_at)
    select %(tenant)s, n.package_id, n.shipment_id, n.label_key, 'requested', n.requested_at
    from unnest(%(package_id)s::uuid[], %(shipment_id)s::uuid[], %(key)s::text[],
                %(requested_at)s::timestamptz[])
         as n (package_id, shipment_id, label_key, requested_at)
    """,
)
UPDATE_LABELS = sql(
    "update_labels",
    """
    update shipping.labels l set
        shipment_id = c.shipment_id, label_key = c.label_key, state = c.state,
        tracking_no = c.tracking_no, cost_minor = c.cost_minor, error = c.error,
        requested_at = c.requested_at, settled_at = c.settled_at,
        document = case when c.state = 'requested' then null else l.document end
    from unnest(%(package_id)s::uuid[], %(shipment_id)s::uuid[], %(key)s::text[],
                %(state)s::text[], %(tracking_no)s::text[], %(cost_minor)s::bigint[],
                %(error)s::text[], %(requested_at)s::timestamptz[],
                %(settled_at)s::timestamptz[])
         as c (package_id, shipment_id, label_key, state, tracking_no, cost_minor, error,
               requested_at, settled_at)
    where l.tenant_id = %(tenant)s and l.package_id = c.package_id
    """,
)
KEEP_DOCUMENT = sql(
    "keep_document",
    """
    update shipping.labels set document = %(document)s
    where tenant_id = %(tenant)s and package_id = %(package_id)s
    """,
)


def labels_of(tx: Tx, shipment_ids: Sequence[Id]) -> list[Label]:
    """The labels of these shipments, by shipment and package."""
    return [_label(row) for row in tx.all(LABELS_OF, ids=list(shipment_ids))]


def labels_of_packages(tx: Tx, package_ids: Sequence[Id]) -> list[Label]:
    """The labels of these packages; one that none was asked for is left out."""
    return [_label(row) for row in tx.all(LABELS_OF_PACKAGES, ids=list(package_ids))]


def labels_by_tracking(
    tx: Tx, tracking_nos: Sequence[str], at: Collection[Id] | None = None
) -> list[Label]:
    """The label that each tracking number belongs to; unknown numbers are left out.

    So are labels of what left other locations than these; None: any will do.
    """
    found = tx.all(LABELS_BY_TRACKING, tracking_nos=sorted(set(tracking_nos)), at=listed(at))
    return [_label(row) for row in found]


def requested_labels(tx: Tx, before: datetime, limit: int) -> list[Label]:
    """Labels asked for before then whose outcome nobody knows, oldest first."""
    return [_label(row) for row in tx.all(REQUESTED_LABELS, before=before, limit=limit)]


def unwanted_labels(tx: Tx, limit: int) -> list[Label]:
    """Labels bought for voided shipments and not given back yet, oldest first."""
    return [_label(row) for row in tx.all(UNWANTED_LABELS, limit=limit)]


def document(tx: Tx, package_id: Id, at: Collection[Id] | None = None) -> bytes | None:
    """The label of a package that leaves one of these locations, as PDF, once it was bought."""
    row = tx.one(DOCUMENT, package_id=package_id, at=listed(at))
    return bytes(row[0]) if row and row[0] is not None else None


def insert_labels(tx: Tx, new: Sequence[Label]) -> None:
    """Write that these labels were asked for."""
    if new:
        tx.run(INSERT_LABELS, **columns(new, "package_id", "shipment_id", "key", "requested_at"))


def update_labels(tx: Tx, changed: Sequence[Label]) -> None:
    """Write all of a label that can change, but its document."""
    if changed:
        tx.run(UPDATE_LABELS, **columns(changed, *(one.name for one in fields(Label))))


def keep_document(tx: Tx, package_id: Id, pdf: bytes) -> None:
    """Keep the bought label's PDF."""
    tx.run(KEEP_DOCUMENT, package_id=package_id, document=pdf)


def _label(row: tuple[Any, ...]) -> Label:
    package_id, shipment_id, key, state, *rest = row
    return Label(package_id, shipment_id, key, LabelState(state), *rest)
