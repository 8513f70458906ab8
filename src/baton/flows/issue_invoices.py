"""Documents are made of what is ready: by a job, a batch of one legal entity at a time.

All that the paper says is read and frozen first. The numbers are taken last, in the transaction
that writes the documents: no gap, no double, and the counter is held for a moment only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from baton import access, invoicing, orders, payments, shipping
from baton.access.model import LegalEntity, TaxId
from baton.flows.determine_tax import VAT_ID
from baton.invoicing.model import (
    Content,
    Corrected,
    Delivery,
    Document,
    Intent,
    InvoicedIn,
    Issuer,
    Kind,
    Line,
    OrderNamed,
    Paper,
    Party,
    Series,
)
from baton.invoicing.rules import sums
from baton.orders.model import Order
from baton.payments.model import Effect, EffectKind, EffectState
from baton.platform import ids
from baton.platform.db import Tx
from baton.shipping.model import Shipment
from baton.tax import vat_ids
from baton.values import Address, Id

BATCH = 200  # intents; a document with more of them is made whole


@dataclass(frozen=True, slots=True)
class _World:
    """What papers are drawn up from."""

    entity: LegalEntity
    issuer: Issuer
    today: date
    orders: Mapping[Id, Order]
    shipments: Mapping[Id, Shipment]
    effects: Sequence[Effect]
    corrected: Mapping[Id, tuple[Corrected, ...]]


def issue(tx: Tx, legal_entity_id: Id) -> list[Document]:
    """Number what is ready, invoices first, the oldest first; more of it is left to another job.

    A legal entity that is not set up, or has no series, issues nothing: it all waits.
    """
    issuer = invoicing.issuers(tx, [legal_entity_id]).get(legal_entity_id)
    series = {s.kind: s for s in invoicing.series_of(tx, [legal_entity_id]) if s.in_use}
    if issuer is None:
        return []
    made = []
    for kind in Kind:
        if kind in series:
            made += _issue(tx, issuer, series[kind])
    return made


def _issue(tx: Tx, issuer: Issuer, series: Series) -> list[Document]:
    entity_id = issuer.legal_entity_id
    ready = invoicing.lock_ready(tx, entity_id, series.kind, BATCH)
    if not ready:
        return []
    world = _look_up(tx, issuer, ready)
    groups: dict[str, list[Intent]] = {}
    for intent in ready:
        groups.setdefault(intent.group_key, []).append(intent)
    papers = [_paper(world, series.kind, group) for group in groups.values()]
    if len(ready) >= BATCH:
        invoicing.ask_issue(tx, [entity_id])
    return invoicing.issue(tx, series, issuer, papers)


# ── reading ────────────────────────────────────────────────────────────────────────────────


def _look_up(tx: Tx, issuer: Issuer, ready: Sequence[Intent]) -> _World:
    order_ids = sorted({intent.order_id for intent in ready})
    subjects = [intent.subject_id for intent in ready if intent.kind is Kind.INVOICE]
    entity = access.legal_entities_by_id(tx, [issuer.legal_entity_id])[issuer.legal_entity_id]
    return _World(
        entity,
        issuer,
        tx.now.astimezone(ZoneInfo(issuer.time_zone)).date(),
        orders.read(tx, order_ids),
        {each.id: each for each in shipping.by_ids(tx, subjects)} if subjects else {},
        payments.effects_by_orders(tx, order_ids) if subjects else [],
        {} if subjects else _corrected(tx, ready),
    )


def _corrected(tx: Tx, memos: Sequence[Intent]) -> dict[Id, tuple[Corrected, ...]]:
    """The invoices that each credit memo corrects: those that billed its units or charges."""
    invoiced = invoicing.invoiced_in(tx, {memo.order_id for memo in memos})
    wanted: dict[Id, set[Id]] = {}
    for memo in memos:
        wanted[memo.id] = {
            each.document_id
            for each in invoiced
            for line in memo.lines
            if (each.order_id, each.part) == (line.order_id, line.part)
            and (not line.units or _overlap(each, line))
        }
    known = invoicing.found(tx, {id for found in wanted.values() for id in found})
    return {
        memo: tuple(
            Corrected(d.id, d.number, d.issued_on)
            for d in sorted((known[id] for id in found), key=lambda d: (d.issued_at, d.no))
        )
        for memo, found in wanted.items()
    }


def _overlap(each: InvoicedIn, line: Line) -> bool:
    first, last = line.first_unit, line.first_unit + line.units
    return each.first_unit < last and first < each.first_unit + each.units


# ── drawing up ─────────────────────────────────────────────────────────────────────────────


def _paper(world: _World, kind: Kind, group: Sequence[Intent]) -> Paper:
    billed = [world.orders[id] for id in dict.fromkeys(intent.order_id for intent in group)]
    newest = billed[-1].header
    paid, collecting = _money(world, group) if kind is Kind.INVOICE else (0, 0)
    return Paper(
        id=ids.fresh(),
        kind=kind,
        legal_entity_id=world.entity.id,
        customer_id=newest.customer_id,
        currency=newest.currency,
        paid=paid,
        collecting=collecting,
        content=_content(world, billed, group),
        intents=tuple(group),
    )


def _content(world: _World, billed: Sequence[Order], group: Sequence[Intent]) -> Content:
    issuer, newest = world.issuer, billed[-1]
    zone = ZoneInfo(issuer.time_zone)
    sent = [world.shipments[i.subject_id] for i in group if i.subject_id in world.shipments]
    corrects = {c.document_id: c for intent in group for c in world.corrected.get(intent.id, ())}
    return Content(
        language=newest.header.language,
        prices_include_tax=newest.header.prices_include_tax,
        seller=_seller(world.entity, issuer),
        buyer=_buyer(newest, sent),
        deliver_to=_deliver_to(newest, sent),
        orders=tuple(
            OrderNamed(
                o.id,
                o.number,
                o.header.external_id,
                o.header.placed_at.astimezone(zone).date(),
            )
            for o in billed
        ),
        deliveries=tuple(
            Delivery(s.id, s.number, (s.shipped_at or s.created_at).astimezone(zone).date())
            for s in sent
        ),
        corrects=tuple(corrects.values()),
        taxes=sums.taxes(line for intent in group for line in intent.lines),
        due_on=world.today + timedelta(days=issuer.payment_days),
        iban=issuer.iban,
        bic=issuer.bic,
        reason="; ".join(dict.fromkeys(intent.reason for intent in group if intent.reason)),
        footer=issuer.footer,
    )


def _seller(entity: LegalEntity, issuer: Issuer) -> Party:
    own = [tax_id for tax_id in entity.tax_ids if tax_id.country == entity.country]
    first = next(iter([*own, *entity.tax_ids]), None)
    vat_id, tax_number = _tax_ids(first)
    return Party(
        name=entity.name,
        address=issuer.address,
        vat_id=vat_id,
        tax_number=tax_number,
        registration=issuer.registration,
        email=issuer.email,
        phone=issuer.phone,
    )


def _tax_ids(given: TaxId | None) -> tuple[str, str]:
    """A VAT id, which begins with its country (EL for Greece), or else a local tax number."""
    if given is None:
        return "", ""
    number = "".join(given.number.split())
    if number[:2].isalpha():
        return number.upper(), ""
    return ("", number) if "/" in number else (f"{given.country}{number}", "")


def _buyer(order: Order, sent: Sequence[Shipment]) -> Party:
    header = order.header
    address = header.billing or _deliver_to(order, sent)
    name = (address.company or address.name) if address else ""
    return Party(
        name=name or header.buyer_name,
        address=address,
        vat_id=_vat_id(header.attributes.get(VAT_ID, "")),
        email=header.email,
    )


def _vat_id(given: str) -> str:
    """The buyer's VAT id, if it is one by its form."""
    return vat_ids.normalised(given) if vat_ids.is_valid(given) else ""


def _deliver_to(order: Order, sent: Sequence[Shipment]) -> Address | None:
    """Where the newest shipment went, or what the order gives first."""
    groups = {s.group_no for s in sent if s.order_id == order.id}
    wanted = [group for group in order.groups if group.group_no in groups] or list(order.groups)
    return next((group.address for group in wanted if group.address is not None), None)


def _money(world: _World, group: Sequence[Intent]) -> tuple[int, int]:
    """What has come for these shipments, and what gateways are being asked for."""
    subjects = {intent.subject_id for intent in group}
    subjects |= {  # money that is taken at release is taken for the work
        work
        for intent in group
        if intent.subject_id in world.shipments
        and (work := world.shipments[intent.subject_id].fulfillment_order_id) is not None
    }
    captures = [
        effect
        for effect in world.effects
        if effect.kind is EffectKind.CAPTURE and effect.subject_id in subjects
    ]
    came = sum(e.amount for e in captures if e.state is EffectState.SUCCEEDED)
    asked = sum(e.amount for e in captures if e.state is EffectState.REQUESTED)
    most = sum(intent.total for intent in group)
    paid = min(came, max(most, 0))
    return paid, min(asked, max(most - paid, 0))
