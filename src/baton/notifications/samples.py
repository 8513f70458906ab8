"""Made-up messages: to preview a template with, and to try it out before it is saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from baton.notifications.model import (
    Extra,
    Item,
    MessageFacts,
    MessageKind,
    Pickup,
    TrackedParcel,
)
from baton.values.address import Address
from baton.values.money import Money

_PAGE = "https://shop.example/t/sample"
_ALL = MessageFacts(
    shop="Example Shop",
    order_number="K3V9T-0QX4M",
    name="Ada Lovelace",
    items=(
        Item("Wool blanket, moss green", 1, Money(8900, "EUR")),
        Item("Mug", 2, Money(3200, "EUR")),
    ),
    extras=(Extra("Shipping", Money(490, "EUR")),),
    total=Money(12_590, "EUR"),
    address=Address("Ada Lovelace", ("12 Garden Street",), "Hamburg", "DE", "20357"),
    promised_from=date(2026, 3, 9),
    promised_by=date(2026, 3, 11),
    promised_was=date(2026, 3, 6),
    parcels=(TrackedParcel("Parcel Fox", "PF 0012 3456", _PAGE),),
    delivered_on=date(2026, 3, 10),
    pickup=Pickup("Harbour store", ("5 Harbour Road", "Hamburg"), "048213", date(2026, 3, 14)),
    reason="not in stock any more",
    note="Which of the two mugs is broken?",
    changed="address",
    amount=Money(8900, "EUR"),
    balance=Money(10_400, "EUR"),
    refund=Money(3200, "EUR"),
    partly=True,
    credit=False,
    attached=True,
    document_no="2026-000123",
    code="GIFT-7Q2M-K9XD",
    until=date(2026, 4, 1),
    order_url=_PAGE,
    action_url=f"{_PAGE}/more",
    rate_url=f"{_PAGE}/rate",
    contact="help@shop.example",
)


def sample(kind: MessageKind) -> MessageFacts:
    """A made-up message of this kind that knows all that there may be to know."""
    return _ALL if kind is not MessageKind.ORDER_CONFIRMED else replace(_ALL, partly=False)


def bare(kind: MessageKind) -> MessageFacts:
    """A made-up message of this kind that knows the least."""
    plain = MessageFacts("Shop", "N1", "", (Item("Mug", 1),))
    needed = {
        MessageKind.ORDER_CONFIRMED: {"total": _ALL.total},
        MessageKind.SHIPPED: {"parcels": _ALL.parcels},
        MessageKind.OUT_FOR_DELIVERY: {"parcels": _ALL.parcels, "items": ()},
        MessageKind.PICKUP_READY: {"pickup": Pickup("Store", (), "000000")},
        MessageKind.DELAYED: {"promised_by": _ALL.promised_by, "items": ()},
        MessageKind.ORDER_CHANGED: {"changed": "order", "items": ()},
        MessageKind.REFUND_MADE: {"amount": _ALL.amount, "items": ()},
        MessageKind.RETURN_LABEL: {"action_url": _PAGE},
        MessageKind.EXCHANGE_SHIPPED: {"parcels": _ALL.parcels},
        MessageKind.INVOICE_ISSUED: {"document_no": "1", "items": ()},
        MessageKind.GIFT_CARD: {"amount": _ALL.amount, "code": "G", "items": ()},
        MessageKind.STORE_CREDIT: {"amount": _ALL.amount, "items": ()},
        MessageKind.CSAT_DELIVERY: {"rate_url": _PAGE},
        MessageKind.CSAT_RETURN: {"rate_url": _PAGE},
        MessageKind.ORDER_LINK: {"order_url": _PAGE, "items": ()},
    }
    return replace(plain, **needed.get(kind, {}))  # type: ignore[arg-type]
