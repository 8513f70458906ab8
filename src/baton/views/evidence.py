"""What a merchant has to show a bank about a disputed payment, gathered from all modules."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from baton import invoicing, notifications, orders, payments, shipping
from baton.payments.model import Dispute
from baton.platform import journal
from baton.platform.db import Tx
from baton.values import Id


@dataclass(frozen=True, slots=True)
class Evidence:
    """A dispute with its order, addresses, tracked parcels, papers, messages and timeline."""

    dispute: Dispute
    order: dict[str, Any]
    deliveries: list[dict[str, Any]]
    invoices: list[dict[str, Any]]
    payments: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    timeline: list[dict[str, Any]]


def evidence(tx: Tx, dispute_id: Id) -> Evidence:
    """Everything at hand that speaks for the merchant. Raises DisputeNotFound."""
    dispute = payments.found_dispute(tx, dispute_id)
    order = orders.read(tx, [dispute.order_id])[dispute.order_id]
    header = order.header
    effects = payments.effects_by_orders(tx, [order.id])
    return Evidence(
        dispute,
        {
            "number": header.number,
            "external_id": header.external_id,
            "placed_at": header.placed_at,
            "buyer": {"name": header.buyer_name, "email": header.email, "phone": header.phone},
            "billing": _plain(header.billing),
            "total": header.total_minor,
            "currency": header.currency,
            "lines": [
                {
                    "sku": line.sku_code,
                    "title": line.title,
                    "ordered": line.ordered,
                    "shipped": line.shipped,
                    "delivered": line.delivered,
                    "total": line.total,
                }
                for line in order.lines
            ],
            "addresses": [_plain(group.address) for group in order.groups if group.address],
        },
        _deliveries(tx, order.id),
        [
            {
                "kind": document.kind.value,
                "number": document.number,
                "issued_on": document.issued_on,
                "total": document.total,
                "currency": document.currency,
            }
            for document in invoicing.of_orders(tx, [order.id])[order.id]
        ],
        [
            {
                "kind": effect.kind.value,
                "state": effect.state.value,
                "amount": effect.amount,
                "reference": effect.answer_ref,
                "at": effect.settled_at,
            }
            for effect in effects
            if effect.payment_id == dispute.payment_id
        ],
        [
            {
                "kind": m.kind.value,
                "to": m.recipient,
                "subject": m.composed.subject,
                "text": m.composed.text,
                "sent_at": m.sent_at,
            }
            for m in notifications.by_orders(tx, [order.id])
        ],
        [
            {"at": entry.at, "fact": entry.fact, "actor": entry.actor}
            for entry in journal.timeline(tx, [order.id])
        ],
    )


def packed(found: Evidence) -> bytes:
    """The evidence as a zip: a page to read, and each part as JSON."""
    made = io.BytesIO()
    parts = {
        "order": found.order,
        "deliveries": found.deliveries,
        "invoices": found.invoices,
        "payments": found.payments,
        "messages": found.messages,
        "timeline": found.timeline,
    }
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "summary.txt", _summary(found))
        for name, part in parts.items():
            text = json.dumps(part, default=_text, ensure_ascii=False, indent=2)
            _add(archive, f"{name}.json", text)
    return made.getvalue()


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text.encode())


def _summary(found: Evidence) -> str:
    dispute, order = found.dispute, found.order
    lines = [
        f"Dispute {dispute.provider_ref} over {dispute.amount} {dispute.currency} (minor units)",
        f"Reason: {dispute.reason}",
        f"Order {order['number']}, placed {order['placed_at']:%Y-%m-%d %H:%M} UTC",
        f"Buyer: {order['buyer']['name']} <{order['buyer']['email']}>",
    ]
    for delivery in found.deliveries:
        lines.append(
            f"Parcel {delivery['carrier']} {delivery['tracking_no']}: {delivery['status']}"
        )
        for seen in delivery["events"]:
            lines.append(f"  {seen['at']:%Y-%m-%d %H:%M} {seen['text']} {seen['place']}")
    return "\n".join(lines) + "\n"


def _deliveries(tx: Tx, order_id: Id) -> list[dict[str, Any]]:
    sent = shipping.of_orders(tx, [order_id])
    seen = shipping.tracking_of(tx, [s.id for s in sent]) if sent else []
    labels = shipping.labels_of(tx, [s.id for s in sent]) if sent else []
    return [
        {
            "number": shipment.number,
            "carrier": shipment.carrier,
            "status": shipment.status.value,
            "tracking_no": ", ".join(x.tracking_no for x in labels if x.shipment_id == shipment.id),
            "events": [
                {
                    "at": each.event.occurred_at,
                    "text": f"{each.event.code.value} {each.event.detail}".strip(),
                    "place": each.event.place,
                }
                for each in seen
                if each.shipment_id == shipment.id
            ],
        }
        for shipment in sent
    ]


def _plain(address: Any) -> dict[str, Any] | None:
    if address is None:
        return None
    return {name: getattr(address, name) for name in address.__dataclass_fields__}


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
