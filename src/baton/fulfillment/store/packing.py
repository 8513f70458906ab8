"""SQL of packages and their contents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from baton.fulfillment.model import LineUnits, Package
from baton.platform.db import Statements, Tx, columns
from baton.values import Dimensions, Id

sql = Statements("fulfillment")

INSERT_PACKAGES = sql(
    "insert_packages",
    """
    insert into fulfillment.packages (tenant_id, id, fulfillment_order_id, package_no, weight_g,
        length_mm, width_mm, height_mm, packed_at)
    select %(tenant)s, n.id, n.fulfillment_order_id, n.package_no, n.weight_g, n.length_mm,
           n.width_mm, n.height_mm, n.packed_at
    from unnest(%(id)s::uuid[], %(fulfillment_order_id)s::uuid[], %(package_no)s::int[],
                %(weight_g)s::int[], %(length_mm)s::int[], %(width_mm)s::int[],
                %(height_mm)s::int[], %(packed_at)s::timestamptz[])
         as n (id, fulfillment_order_id, package_no, weight_g, length_mm, width_mm, height_mm,
               packed_at)
    """,
)
INSERT_PACKAGE_LINES = sql(
    "insert_package_lines",
    """
    insert into fulfillment.package_lines (tenant_id, package_id, order_line, quantity)
    select %(tenant)s, n.package_id, n.order_line, n.quantity
    from unnest(%(id)s::uuid[], %(order_line)s::int[], %(quantity)s::int[])
         as n (package_id, order_line, quantity)
    """,
)
SHIP_PACKAGES = sql(
    "ship_packages",
    """
    update fulfillment.packages set shipment_id = %(shipment_id)s
    where tenant_id = %(tenant)s and id = any(%(ids)s)
    """,
)
# A package that was not sent when its work ended was unpacked: its units were recalled. What a
# customer took at the counter has no shipment here, but its work ended as done.
_VOIDED = """
    p.shipment_id is null
    and (o.status = 'cancelled' or o.status = 'done' and o.method = 'ship') as voided
"""
_PACKAGE = f"""
    p.id, p.fulfillment_order_id, p.package_no, p.weight_g, p.length_mm, p.width_mm, p.height_mm,
    p.packed_at, p.shipment_id, {_VOIDED}
"""
PACKAGES_OF = sql(
    "packages_of",
    f"""
    select {_PACKAGE}
    from fulfillment.packages p
    join fulfillment.orders o on o.tenant_id = %(tenant)s and o.id = p.fulfillment_order_id
    where p.tenant_id = %(tenant)s and p.fulfillment_order_id = any(%(ids)s)
    order by p.fulfillment_order_id, p.package_no
    """,
)
PACKAGES = sql(
    "packages",
    f"""
    select {_PACKAGE}
    from fulfillment.packages p
    join fulfillment.orders o on o.tenant_id = %(tenant)s and o.id = p.fulfillment_order_id
    where p.tenant_id = %(tenant)s and p.id = any(%(ids)s)
    order by p.fulfillment_order_id, p.package_no
    """,
)
PACKAGE_LINES = sql(
    "package_lines",
    """
    select package_id, order_line, quantity from fulfillment.package_lines
    where tenant_id = %(tenant)s and package_id = any(%(ids)s) order by package_id, order_line
    """,
)


def packages_of(tx: Tx, ids: Sequence[Id]) -> list[Package]:
    """The packages of these fulfillment orders, voided ones among them, by their number."""
    return _with_contents(tx, tx.all(PACKAGES_OF, ids=list(ids)))


def packages(tx: Tx, package_ids: Sequence[Id]) -> list[Package]:
    """The packages with these ids; unknown ids are left out."""
    return _with_contents(tx, tx.all(PACKAGES, ids=list(package_ids)))


def _with_contents(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> list[Package]:
    if not rows:
        return []
    contents: dict[Id, list[LineUnits]] = {row[0]: [] for row in rows}
    for owner, order_line, quantity in tx.all(PACKAGE_LINES, ids=list(contents)):
        contents[owner].append(LineUnits(order_line, quantity))
    return [_package(row, tuple(contents[row[0]])) for row in rows]


def _package(row: tuple[Any, ...], lines: tuple[LineUnits, ...]) -> Package:
    id, fo_id, package_no, weight_g, length, width, height, packed_at, shipment_id, voided = row
    dims = Dimensions(length, width, height) if length else None
    return Package(id, fo_id, package_no, weight_g, dims, packed_at, shipment_id, voided, lines)


def insert_packages(tx: Tx, new: Sequence[Package]) -> None:
    """Write new packages with their contents."""
    dims = [p.dims or Dimensions(0, 0, 0) for p in new]
    tx.run(
        INSERT_PACKAGES,
        **columns(new, "id", "fulfillment_order_id", "package_no", "weight_g", "packed_at"),
        **columns(dims, "length_mm", "width_mm", "height_mm"),
    )
    tx.run(
        INSERT_PACKAGE_LINES,
        id=[p.id for p in new for _ in p.lines],
        **columns([line for p in new for line in p.lines], "order_line", "quantity"),
    )


def ship_packages(tx: Tx, package_ids: Iterable[Id], shipment_id: Id) -> None:
    """These packages left in this shipment."""
    tx.run(SHIP_PACKAGES, ids=list(package_ids), shipment_id=shipment_id)
