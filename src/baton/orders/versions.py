"""What a change made of an order: the parts that it touched, as they were and as they became.

With these, every earlier version of an order is found again by going back from what it is now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from baton.orders import rules
from baton.orders.model import Change, Charge, Group, Line, Order

Summary = dict[str, Any]

_PARTS = ("lines", "charges", "groups")


def summary(order: Order) -> Summary:
    """What a change may touch, by number: of lines what is wanted and what it costs."""
    return {
        "total": order.header.total_minor,
        "payable": rules.worth(order),
        "tax": order.header.tax_minor,
        "lines": {str(line.line_no): _line(line) for line in order.lines},
        "charges": {str(charge.charge_no): _charge(charge) for charge in order.charges},
        "groups": {str(group.group_no): _group(group) for group in order.groups},
    }


def difference(before: Order, after: Order) -> tuple[Summary, Summary]:
    """The touched parts as they were and as they are; what is new was nothing before."""
    was, now = summary(before), summary(after)
    old: Summary = {name: was[name] for name in ("total", "payable", "tax")}
    new: Summary = {name: now[name] for name in ("total", "payable", "tax")}
    for part in _PARTS:
        touched = [n for n, value in now[part].items() if was[part].get(n) != value]
        if touched:
            old[part] = {n: was[part].get(n) for n in touched}
            new[part] = {n: now[part][n] for n in touched}
    return old, new


def at_version(order: Order, changes: Iterable[Change], version: int) -> Summary:
    """The order as it was after its change `version`; 0: as it was taken."""
    found = summary(order)
    applied = [c for c in changes if c.version is not None and c.version > version]
    for change in sorted(applied, key=lambda c: c.version or 0, reverse=True):
        _undo(found, change.before or {})
    return found


def _undo(found: Summary, before: Mapping[str, Any]) -> None:
    for name, value in before.items():
        if name not in _PARTS:
            found[name] = value
            continue
        for number, was in value.items():
            if was is None:
                del found[name][number]
            else:
                found[name][number] = was


def _line(line: Line) -> dict[str, Any]:
    return {
        "sku": line.sku_code,
        "title": line.title,
        "group": line.group_no,
        "quantity": line.ordered - line.cancelled,
        "unit_price": line.unit_price,
        "discount": line.discount,
        "tax": line.tax,
        "total": line.total,
        "replaces": line.replaces_line,
    }


def _charge(charge: Charge) -> dict[str, Any]:
    return {
        "kind": charge.kind.value,
        "title": charge.title,
        "amount": charge.amount,
        "tax": charge.tax,
        "waives": charge.waives,
    }


def _group(group: Group) -> dict[str, Any]:
    place = group.location_id
    return {
        "method": group.method.value,
        "service": group.service,
        "location_id": str(place) if place else None,
        "address": asdict(group.address) if group.address else None,
    }
