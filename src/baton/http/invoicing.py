"""Invoices and credit memos over HTTP: read, fetched as paper or XML, credited, set up."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from baton import access, channels, customers, invoicing
from baton.access.model import LegalEntity, Permission, Principal
from baton.connectors import e_invoices
from baton.customers.errors import CustomerNotFound
from baton.flows import billing, credit
from baton.http import invoice_shapes as shapes
from baton.http.call import Asked, Call
from baton.http.master_data import After, Most, UnknownCode, entity_of
from baton.http.orders import NothingToDo, OrderRef, address_of, found
from baton.http.wire import CursorInvalid, In, Limit, Page, cursor, place
from baton.invoicing.model import (
    Document,
    Intent,
    Issuer,
    Kind,
    Line,
    Policy,
    Rule,
    Series,
    Wanted,
)
from baton.platform import ids
from baton.platform.db import Tx
from baton.values import Address, Id
from baton.values.errors import Invalid
from baton.values.ids import NIL

router = APIRouter(prefix="/v1", tags=["invoices"])

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_PDF: dict[int | str, dict[str, Any]] = {
    200: {"description": "A PDF", "content": {"application/pdf": {}}}
}
_XML: dict[int | str, dict[str, Any]] = {
    200: {"description": "An XML document", "content": {"application/xml": {}}}
}


class Filters(In):
    """What the list shows; a period is of the days of issue, both included."""

    number: str | None = Field(default=None, max_length=80, description="The whole number.")
    order: str | None = Field(default=None, max_length=80, description="Id or number of an order.")
    customer: shapes.CustomerId | None = None
    kind: Kind | None = None
    legal_entity: str | None = Field(default=None, max_length=80)
    series: str | None = Field(
        default=None, max_length=40, description="A pattern; it needs `legal_entity`."
    )
    since: date | None = None
    until: date | None = None
    after: str | None = Field(default=None, max_length=300)
    limit: Limit = 50


class SeriesNeedsEntity(Invalid):
    """A series is of one legal entity: name both."""

    code = "series_needs_entity"


# ── documents ──────────────────────────────────────────────────────────────────────────────


@router.get("/invoices")
def list_invoices(call: Asked, filters: Annotated[Filters, Query()]) -> Page[shapes.InvoiceRowOut]:
    """Invoices and credit memos, newest first."""

    def work(tx: Tx) -> Page[shapes.InvoiceRowOut]:
        wanted = _wanted(tx, filters)
        rows = invoicing.listed(tx, wanted) if wanted is not None else []
        last = rows[-1] if len(rows) == filters.limit else None
        return Page(
            data=[_row(document) for document in rows],
            next=cursor(last.issued_at, last.id) if last else None,
        )

    return call.read(Permission.INVOICING_READ, work, everywhere=True)


@router.get("/invoices/{invoice_id}")
def show_invoice(call: Asked, invoice_id: shapes.DocumentId) -> shapes.InvoiceOut:
    """One invoice or credit memo with all that its paper says."""
    document = _document(call, invoice_id)
    return _whole(document, call.app.papers.missing(document))


@router.get("/invoices/{invoice_id}/pdf", response_class=Response, responses=_PDF)
def invoice_pdf(call: Asked, invoice_id: shapes.DocumentId) -> Response:
    """The paper, as PDF/A-3; the electronic invoice (Factur-X) lies in it if it is complete."""
    document = _document(call, invoice_id)
    return _file(document, call.app.papers.pdf(document), "pdf")


@router.get("/invoices/{invoice_id}/xml", response_class=Response, responses=_XML)
def invoice_xml(call: Asked, invoice_id: shapes.DocumentId) -> Response:
    """The electronic invoice by EN 16931, as Cross Industry Invoice."""
    document = _document(call, invoice_id)
    return _file(document, call.app.papers.xml(document), "xml")


@router.get("/invoices/{invoice_id}/ubl", response_class=Response, responses=_XML)
def invoice_ubl(call: Asked, invoice_id: shapes.DocumentId) -> Response:
    """The electronic invoice by EN 16931, as UBL 2.1."""
    document = _document(call, invoice_id)
    return _file(document, call.app.papers.ubl(document), "xml")


@router.post("/orders/{order}/credit-memos", response_model=shapes.WaitingOut, status_code=201)
def credit_order(call: Asked, order: OrderRef, body: shapes.CreditIn) -> Response:
    """Credit units, charges or an amount of what was billed; it moves no money.

    A job issues the credit memo, once the order's invoices are issued.
    """
    if not (body.lines or body.charges or body.amount):
        raise NothingToDo("Give lines, charges or an amount.", field="lines")

    def work(tx: Tx, principal: Principal) -> shapes.WaitingOut:
        id = found(tx, order, principal.location_ids)
        access.require_everywhere(principal)
        units: dict[int, int] = {}
        for each in body.lines:
            units[each.line] = units.get(each.line, 0) + each.quantity
        made = credit.credit(
            tx,
            id,
            ids.fresh(),
            lines=units,
            amounts={x.line: x.amount for x in body.lines if x.amount is not None},
            charges={x.charge: x.amount for x in body.charges},
            amount=body.amount,
            fee=body.fee,
            reason=body.reason,
        )
        return _waiting(tx, [made])[0]

    return call.write(Permission.INVOICING_WRITE, work, status=201)


# ── what waits ─────────────────────────────────────────────────────────────────────────────


@router.get("/invoicing/waiting")
def list_waiting(call: Asked, after: After = "", limit: Most = 50) -> Page[shapes.WaitingOut]:
    """What is to be billed or credited and has no document yet, oldest first, and why."""
    at, id = place(after) if after else (_LONG_AGO, NIL)

    def work(tx: Tx) -> Page[shapes.WaitingOut]:
        rows = invoicing.waiting(tx, at, id, limit)
        last = rows[-1] if len(rows) == limit else None
        return Page(
            data=_waiting(tx, rows), next=cursor(last.occurred_at, last.id) if last else None
        )

    return call.read(Permission.INVOICING_READ, work, everywhere=True)


@router.post("/invoicing/collective-runs", response_model=shapes.RunOut)
def run_collective(call: Asked, body: shapes.RunIn) -> Response:
    """Bill now what waits for the end of its month: an invoice for each customer and month."""

    def work(tx: Tx, _principal: Principal) -> shapes.RunOut:
        entity = entity_of(tx, body.legal_entity)
        return shapes.RunOut(shipments=billing.collect(tx, entity, body.until))

    return call.write(Permission.INVOICING_WRITE, work, everywhere=True)


@router.post("/invoicing/checks", response_model=shapes.CheckOut)
def check_invoice(call: Asked, body: shapes.CheckIn) -> Response:
    """Read somebody's electronic invoice, recompute its totals, and say what does not add up."""

    def work(_tx: Tx, _principal: Principal) -> shapes.CheckOut:
        read = e_invoices.read(body.xml.encode())
        told = {
            name: f"{amount:f}" if amount is not None else None
            for name in ("net", "tax", "gross", "due")
            for amount in [getattr(read.totals, name)]
        }
        return shapes.CheckOut(
            kind=Kind.CREDIT_MEMO if read.credits else Kind.INVOICE,
            number=read.number,
            issued_on=read.issued_on,
            currency=read.currency,
            seller=read.seller.name,
            buyer=read.buyer.name,
            lines=len(read.items),
            faults=list(e_invoices.faults(read)),
            **told,
        )

    return call.write(Permission.INVOICING_WRITE, work)


# ── settings ───────────────────────────────────────────────────────────────────────────────


@router.put("/invoicing/issuers", response_model=shapes.IssuerOut)
def save_issuer(call: Asked, body: shapes.IssuerIn) -> Response:
    """Set what a legal entity's paper says and how it is numbered; what waited is issued."""

    def work(tx: Tx, _principal: Principal) -> shapes.IssuerOut:
        entity = access.legal_entities_by_id(tx, [entity_of(tx, body.legal_entity)])
        (one,) = entity.values()
        invoices, memos = _patterns(body, one)
        issuer = Issuer(
            legal_entity_id=one.id,
            address=address_of(body.address),
            email=body.email,
            phone=body.phone,
            registration=body.registration,
            iban=body.iban,
            bic=body.bic,
            payment_days=body.payment_days,
            time_zone=body.time_zone,
            footer=body.footer,
        )
        invoicing.save_issuer(tx, issuer, invoices, memos)
        return _issuer(one, issuer, invoicing.series_of(tx, [one.id]))

    return call.write(Permission.INVOICING_WRITE, work, everywhere=True)


@router.get("/invoicing/issuers")
def list_issuers(call: Asked, after: After = "", limit: Most = 50) -> Page[shapes.IssuerOut]:
    """Legal entities by code, with what their invoices say and their series."""

    def work(tx: Tx) -> Page[shapes.IssuerOut]:
        entities = access.page_of_legal_entities(tx, after, limit)
        known = invoicing.issuers(tx, [each.id for each in entities]) if entities else {}
        series: dict[Id, list[Series]] = {}
        for one in invoicing.series_of(tx, [each.id for each in entities]) if entities else ():
            series.setdefault(one.legal_entity_id, []).append(one)
        return Page(
            data=[_issuer(each, known.get(each.id), series.get(each.id, [])) for each in entities],
            next=entities[-1].code if len(entities) == limit else None,
        )

    return call.read(Permission.INVOICING_READ, work, everywhere=True)


@router.put("/invoicing/policies", response_model=shapes.PolicyOut)
def save_policy(call: Asked, body: shapes.PolicyIn) -> Response:
    """Set when shipments are billed from now on."""

    def work(tx: Tx, _principal: Principal) -> shapes.PolicyOut:
        channel = _channel(tx, body.channel) if body.channel else NIL
        if body.customer_id and not customers.customers_by_id(tx, [body.customer_id]):
            raise CustomerNotFound("There is no such customer.", field="customer_id")
        rule = Rule(channel, body.customer_id or NIL, body.policy)
        return _policy(invoicing.save_policy(tx, rule))

    return call.write(Permission.INVOICING_WRITE, work, everywhere=True)


@router.get("/invoicing/policies")
def list_policies(call: Asked, after: After = "", limit: Most = 50) -> Page[shapes.PolicyOut]:
    """When shipments are billed; where nothing is said, each shipment at once."""
    last_seen = _keys(after) if after else None

    def work(tx: Tx) -> Page[shapes.PolicyOut]:
        rules = invoicing.page_of_policies(tx, last_seen, limit)
        last = rules[-1] if len(rules) == limit else None
        return Page(
            data=[_policy(rule) for rule in rules],
            next=f"{last.channel_id.hex}{last.customer_id.hex}" if last else None,
        )

    return call.read(Permission.INVOICING_READ, work, everywhere=True)


# ── parts of the above ─────────────────────────────────────────────────────────────────────


def _document(call: Call, invoice_id: Id) -> Document:
    return call.read(
        Permission.INVOICING_READ,
        lambda tx: invoicing.document(tx, invoice_id),
        everywhere=True,
    )


def _file(document: Document, content: bytes, ending: str) -> Response:
    name = "".join(c if c.isalnum() or c in "-_." else "-" for c in document.number)
    return Response(
        content,
        media_type=f"application/{ending}",
        headers={"Content-Disposition": f'inline; filename="{name}.{ending}"'},
    )


def _wanted(tx: Tx, filters: Filters) -> Wanted | None:
    """What the filters ask for; None where they name something that is not there."""
    if filters.series is not None and filters.legal_entity is None:
        raise SeriesNeedsEntity("Name the legal entity of the series.", field="legal_entity")
    series = None
    if filters.legal_entity is not None:
        entity = entity_of(tx, filters.legal_entity)
        own = [s for s in invoicing.series_of(tx, [entity]) if s.pattern == filters.series]
        if filters.series is not None and not own:
            return None
        series = own[0].id if own else None
    return Wanted(
        number=filters.number,
        order_id=found(tx, filters.order, None) if filters.order else None,
        customer_id=filters.customer,
        legal_entity_id=entity if filters.legal_entity is not None else None,
        series_id=series,
        kind=filters.kind,
        since=filters.since,
        until=filters.until,
        before=place(filters.after) if filters.after else None,
        limit=filters.limit,
    )


def _row_fields(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "kind": document.kind,
        "number": document.number,
        "issued_on": document.issued_on,
        "issued_at": document.issued_at,
        "currency": document.currency,
        "net": document.net,
        "tax": document.tax,
        "total": document.total,
        "paid": document.paid,
        "due": document.due,
        "buyer": document.content.buyer.name,
        "orders": [order.number for order in document.content.orders],
    }


def _row(document: Document) -> shapes.InvoiceRowOut:
    return shapes.InvoiceRowOut(**_row_fields(document))


def _whole(document: Document, lacks: tuple[str, ...]) -> shapes.InvoiceOut:
    content = document.content
    return shapes.InvoiceOut(
        **_row_fields(document),
        legal_entity_id=document.legal_entity_id,
        customer_id=document.customer_id,
        language=content.language,
        prices_include_tax=content.prices_include_tax,
        collecting=document.collecting,
        due_on=content.due_on,
        reason=content.reason,
        seller=shapes.PartyOut.model_validate(content.seller),
        billed_to=shapes.PartyOut.model_validate(content.buyer),
        deliver_to=_address(content.deliver_to),
        billed_orders=[shapes.NamedOut.model_validate(each) for each in content.orders],
        deliveries=[shapes.DeliveryOut.model_validate(each) for each in content.deliveries],
        corrects=[shapes.CorrectedOut.model_validate(each) for each in content.corrects],
        lines=[_line(line) for line in document.lines],
        taxes=[shapes.TaxOut.model_validate(each) for each in content.taxes],
        e_invoice_lacks=list(lacks),
    )


def _line(line: Line) -> shapes.LineOut:
    return shapes.LineOut(
        order_id=line.order_id,
        line=line.part.line_no or None,
        charge=line.part.charge_no or None,
        sku=line.sku,
        title=line.title,
        first_unit=line.first_unit,
        units=line.units,
        unit_price=line.unit_price,
        discount=line.discount,
        net=line.net,
        tax=line.tax,
        total=line.total,
        category=line.taxed.category,
        rate=line.taxed.rate,
    )


def _address(address: Address | None) -> shapes.AddressOut | None:
    return shapes.AddressOut.model_validate(address) if address is not None else None


def _waiting(tx: Tx, rows: list[Intent]) -> list[shapes.WaitingOut]:
    entities = {intent.legal_entity_id for intent in rows}
    numbered = (
        {(s.legal_entity_id, s.kind) for s in invoicing.series_of(tx, entities) if s.in_use}
        if rows
        else set()
    )
    return [
        shapes.WaitingOut(
            id=intent.id,
            kind=intent.kind,
            order_id=intent.order_id,
            legal_entity_id=intent.legal_entity_id,
            policy=intent.policy,
            currency=intent.currency,
            net=intent.net,
            tax=intent.tax,
            total=intent.total,
            reason=intent.reason,
            occurred_at=intent.occurred_at,
            waits_for=_waits_for(intent, (intent.legal_entity_id, intent.kind) in numbered),
        )
        for intent in rows
    ]


def _waits_for(intent: Intent, numbered: bool) -> str:
    if not intent.ready:
        return "end of the month" if intent.policy is Policy.MONTH else "rest of the order"
    if not numbered:
        return "a series of the legal entity"
    memo = intent.kind is Kind.CREDIT_MEMO
    return "invoices of the order, or the next batch" if memo else "the next batch"


def _patterns(body: shapes.IssuerIn, entity: LegalEntity) -> tuple[str, str]:
    """The patterns wanted, or those that the legal entity's own series makes."""
    own = entity.invoice_series.strip()
    invoices = body.invoice_pattern or f"{own or 'INV'}-{{year}}-{{no:06d}}"
    memos = body.credit_memo_pattern or f"{own + '-CN' if own else 'CN'}-{{year}}-{{no:06d}}"
    return invoices, memos


def _issuer(entity: LegalEntity, issuer: Issuer | None, series: list[Series]) -> shapes.IssuerOut:
    said = issuer or Issuer(entity.id, Address("", (), "", entity.country))
    return shapes.IssuerOut(
        legal_entity=entity.code,
        name=entity.name,
        address=_address(issuer.address) if issuer else None,
        email=said.email,
        phone=said.phone,
        registration=said.registration,
        iban=said.iban,
        bic=said.bic,
        payment_days=said.payment_days,
        time_zone=said.time_zone,
        footer=said.footer,
        series=[shapes.SeriesOut.model_validate(each) for each in series],
    )


def _channel(tx: Tx, code: str) -> Id:
    known = channels.channels_by_code(tx, [code]).get(code)
    if known is None:
        raise UnknownCode(f"There is no channel {code!r}.", field="channel")
    return known.id


def _policy(rule: Rule) -> shapes.PolicyOut:
    return shapes.PolicyOut(
        policy=rule.policy,
        channel_id=rule.channel_id if rule.channel_id != NIL else None,
        customer_id=rule.customer_id if rule.customer_id != NIL else None,
    )


def _keys(after: str) -> tuple[Id, Id]:
    """The place in the list of policies."""
    try:
        return Id(hex=after[:32]), Id(hex=after[32:])
    except ValueError as error:
        raise CursorInvalid("Use the `next` of the page before.", field="after") from error
