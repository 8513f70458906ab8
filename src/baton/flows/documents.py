"""Paper for a package: what its packing slip says."""

from __future__ import annotations

from collections.abc import Collection

from baton import fulfillment, locations, orders, shipping
from baton.platform.db import Tx
from baton.shipping.port import PackingSlip, SlipLine
from baton.values import Id


def packing_slip(tx: Tx, package_id: Id, at: Collection[Id] | None = None) -> PackingSlip | None:
    """What lies on top of the goods of a package; None where none is at (None: any) location."""
    found = fulfillment.packages(tx, [package_id])
    works = fulfillment.by_ids(tx, [package.fulfillment_order_id for package in found], at)
    if not works:
        return None
    package, work = found[0], works[0]
    order = orders.read(tx, [work.order_id])[work.order_id]
    place = locations.locations_by_id(tx, [work.location_id])[work.location_id]
    labels = {label.package_id: label for label in shipping.labels_of_packages(tx, [package_id])}
    all_packages = fulfillment.packages_of(tx, [work.id])
    group = order.group(work.group_no)
    return PackingSlip(
        order_number=order.number,
        ship_from=place.address,
        ship_to=group.address or place.address,
        lines=tuple(
            SlipLine(order.line(n).sku_code, order.line(n).title, quantity)
            for n, quantity in package.lines
        ),
        ships_on=tx.now.date(),
        tracking_no=labels[package_id].tracking_no if package_id in labels else "",
        package=package.package_no,
        packages=max(len(all_packages), package.package_no),
    )
