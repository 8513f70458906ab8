"""Tax over HTTP: the tables, who is registered and exempt, quotes, and why an order's tax is so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from baton import access, catalog, channels, customers, orders, tax
from baton.access.model import LegalEntity, Permission, Principal
from baton.customers.errors import CustomerNotFound
from baton.flows import jobs
from baton.flows.ask_tax import quoted, void
from baton.flows.determine_tax import ask
from baton.flows.quote_tax import QuoteCharge, QuoteLine, Wanted, quote
from baton.http import tax_shapes as shapes
from baton.http.call import Asked, Places
from baton.http.master_data import After, Most, Saved, UnknownCode
from baton.http.order_shapes import CustomerId
from baton.http.orders import OrderRef, found
from baton.http.wire import Code as CodeText
from baton.http.wire import CursorInvalid, Done, Page
from baton.platform.db import Tx
from baton.tax import rules, vat_ids
from baton.tax.errors import NotDetermined, VatIdInvalid
from baton.tax.model import (
    EVERYWHERE,
    ChargeRule,
    Code,
    Determined,
    Exemption,
    Rate,
    Registration,
    SkuCategory,
    Terms,
)
from baton.values import Address, Id
from baton.values.ids import NIL, parsed, shown

router = APIRouter(prefix="/v1", tags=["tax"])

_FIRST = ("", "", "", "", date.min)
Entity = Annotated[CodeText, Query(description="A legal entity's code.")]


# ── rates ──────────────────────────────────────────────────────────────────────────────────


@router.get("/tax/rates")
def list_rates(call: Asked, after: After = "", limit: Most = 50) -> Page[shapes.RateOut]:
    """The own rates by place, category, component and first day."""

    def work(tx: Tx) -> Page[shapes.RateOut]:
        rates = tax.rates_after(tx, _key(after), limit)
        last = rates[-1] if len(rates) == limit else None
        return Page(
            data=[shapes.RateOut.model_validate(rate) for rate in rates],
            next="|".join(map(str, last.key)) if last else None,
        )

    return call.read(Permission.TAX_READ, work, everywhere=True)


@router.put("/tax/rates", response_model=shapes.RatesSavedOut)
def save_rates(call: Asked, body: shapes.RatesIn) -> Response:
    """Enter or change rates, known by place, category, component and first day."""

    def work(tx: Tx, _principal: object) -> shapes.RatesSavedOut:
        return shapes.RatesSavedOut(saved=len(tax.save_rates(tx, _rates(body))))

    return call.write(Permission.TAX_WRITE, work, everywhere=True)


@router.post("/tax/rates/preview")
def preview_rates(call: Asked, body: shapes.RatesIn) -> Page[shapes.RatePreviewOut]:
    """What saving a list of rates would do, rate by rate; nothing changes."""

    def work(tx: Tx) -> Page[shapes.RatePreviewOut]:
        seen = tax.preview_rates(tx, _rates(body))
        return Page(
            data=[
                shapes.RatePreviewOut(place=n, becomes=each.becomes, problem=each.problem)
                for n, each in enumerate(seen)
            ]
        )

    return call.read(Permission.TAX_WRITE, work, everywhere=True)


@router.get("/tax/charge-rules")
def list_charge_rules(
    call: Asked, country: Annotated[shapes.Country, Query()]
) -> Page[shapes.ChargeRuleOut]:
    """How a country taxes charges, where it was said; all others share the goods' rates."""

    def work(tx: Tx) -> Page[shapes.ChargeRuleOut]:
        rules_of = tax.charge_rules(tx, [country])
        return Page(data=[shapes.ChargeRuleOut.model_validate(rule) for rule in rules_of])

    return call.read(Permission.TAX_READ, work, everywhere=True)


@router.put("/tax/charge-rules", response_model=Done)
def save_charge_rules(call: Asked, body: shapes.ChargeRulesIn) -> Response:
    """Say how countries tax kinds of charges."""

    def work(tx: Tx, _principal: object) -> Done:
        given = [ChargeRule(r.country, r.kind, r.category) for r in body.charge_rules]
        tax.save_charge_rules(tx, given)
        return Done()

    return call.write(Permission.TAX_WRITE, work, everywhere=True)


@router.get("/tax/sku-categories")
def list_sku_categories(
    call: Asked, after: After = "", limit: Most = 50
) -> Page[shapes.SkuCategoryOut]:
    """SKUs with a tax category of their own; all others are standard."""

    def work(tx: Tx) -> Page[shapes.SkuCategoryOut]:
        since = parsed("sku", after, field="after") if after else NIL
        page = tax.page_of_sku_categories(tx, since, limit)
        skus = catalog.skus_by_id(tx, [each.sku_id for each in page])
        last = page[-1] if len(page) == limit else None
        return Page(
            data=[
                shapes.SkuCategoryOut(sku=skus[each.sku_id].code, category=each.category)
                for each in page
            ],
            next=shown("sku", last.sku_id) if last else None,
        )

    return call.read(Permission.TAX_READ, work, everywhere=True)


@router.put("/tax/sku-categories", response_model=Saved)
def save_sku_categories(call: Asked, body: shapes.SkuCategoriesIn) -> Response:
    """Put SKUs into tax categories; tax that was determined before stays as it is."""

    def work(tx: Tx, _principal: object) -> Saved:
        skus = catalog.skus_by_code(tx, sorted({each.sku for each in body.skus}))
        for place, each in enumerate(body.skus):
            if each.sku not in skus:
                raise UnknownCode(f"There is no SKU {each.sku!r}.", field=f"skus.{place}.sku")
        tax.save_sku_categories(tx, [SkuCategory(skus[x.sku].id, x.category) for x in body.skus])
        return Saved(codes=[each.sku for each in body.skus])

    return call.write(Permission.TAX_WRITE, work, everywhere=True)


# ── who is registered, exempt, asked ───────────────────────────────────────────────────────


@router.get("/tax/registrations")
def list_registrations(call: Asked, legal_entity: Entity) -> Page[shapes.RegistrationOut]:
    """Where a legal entity is or was registered, beside its own tax ids."""

    def work(tx: Tx) -> Page[shapes.RegistrationOut]:
        entity = _entity(tx, legal_entity)
        return Page(
            data=[
                shapes.RegistrationOut(
                    legal_entity=entity.code,
                    country=r.country,
                    region=r.region,
                    scheme=r.scheme,
                    number=r.number,
                    valid_from=r.valid_from,
                    valid_to=r.valid_to,
                )
                for r in tax.registrations(tx, [entity.id])
            ]
        )

    return call.read(Permission.TAX_READ, work, everywhere=True)


@router.put("/tax/registrations", response_model=Done)
def save_registration(call: Asked, body: shapes.RegistrationIn) -> Response:
    """Enter or change a registration, known by entity, place, scheme and first day."""

    def work(tx: Tx, _principal: object) -> Done:
        entity = _entity(tx, body.legal_entity)
        tax.save_registration(
            tx,
            Registration(
                entity.id, body.country, body.region, body.scheme, body.number, body.valid_from,
                body.valid_to,
            ),
        )  # fmt: skip
        return Done()

    return call.write(Permission.TAX_WRITE, work, everywhere=True)


@router.get("/tax/exemptions")
def list_exemptions(
    call: Asked, customer_id: Annotated[CustomerId, Query()]
) -> Page[shapes.ExemptionOut]:
    """The certificates that a customer has or had."""

    def work(tx: Tx) -> Page[shapes.ExemptionOut]:
        kept = tax.exemptions(tx, [customer_id])
        return Page(data=[shapes.ExemptionOut.model_validate(each) for each in kept])

    return call.read(Permission.TAX_READ, work, everywhere=True)


@router.put("/tax/exemptions", response_model=shapes.ExemptionOut)
def save_exemption(call: Asked, body: shapes.ExemptionIn) -> Response:
    """Enter or change a customer's certificate, known by customer, place and first day."""

    def work(tx: Tx, _principal: object) -> shapes.ExemptionOut:
        if body.customer_id not in customers.customers_by_id(tx, [body.customer_id]):
            raise CustomerNotFound("There is no such customer.", field="customer_id")
        wanted = Exemption(
            NIL, body.customer_id, body.country, body.region, body.certificate, body.reason,
            body.valid_from, body.valid_to,
        )  # fmt: skip
        return shapes.ExemptionOut.model_validate(tax.save_exemption(tx, wanted))

    return call.write(Permission.TAX_WRITE, work, everywhere=True)


@router.get("/tax/terms")
def list_terms(call: Asked, legal_entity: Entity) -> Page[shapes.TermsOut]:
    """Whether a legal entity's channels tell the tax, and which service is asked."""

    def work(tx: Tx) -> Page[shapes.TermsOut]:
        entity = _entity(tx, legal_entity)
        terms = tax.terms(tx, [entity.id])
        named = channels.channels_by_id(tx, [t.channel_id for t in terms])
        return Page(
            data=[
                shapes.TermsOut(
                    legal_entity=entity.code,
                    channel=named[t.channel_id].code if t.channel_id in named else None,
                    given=t.given,
                    service=t.service,
                )
                for t in terms
            ]
        )

    return call.read(Permission.TAX_READ, work, everywhere=True)


@router.put("/tax/terms", response_model=Done)
def save_terms(call: Asked, body: shapes.TermsIn) -> Response:
    """Say whether channels tell the tax of their orders, and which service is asked."""

    def work(tx: Tx, _principal: object) -> Done:
        entity, channel_id = _entity(tx, body.legal_entity), EVERYWHERE
        if body.channel is not None:
            channel = channels.channels_by_code(tx, [body.channel]).get(body.channel)
            if channel is None or channel.legal_entity_id != entity.id:
                raise UnknownCode(
                    f"{entity.code} has no channel {body.channel!r}.", field="channel"
                )
            channel_id = channel.id
        tax.save_terms(tx, Terms(entity.id, channel_id, body.given, body.service))
        return Done()

    return call.write(Permission.TAX_WRITE, work, everywhere=True)


@router.get("/tax/vat-ids")
def check_vat_id(call: Asked, vat_id: Annotated[str, Query(max_length=40)]) -> shapes.VatIdOut:
    """Whether a text has the form and check digit of a VAT id; no register is asked."""

    def work(_tx: Tx) -> shapes.VatIdOut:
        try:
            number, problem = vat_ids.normalised(vat_id), ""
        except VatIdInvalid as error:
            number, problem = vat_id, error.message
        return shapes.VatIdOut(
            vat_id=number, valid=not problem, country=vat_ids.country_of(number), problem=problem
        )

    return call.read(Permission.TAX_READ, work, everywhere=True)


# ── quotes and orders ──────────────────────────────────────────────────────────────────────


@router.post("/taxes/quote")
def quote_tax(call: Asked, body: shapes.QuoteIn) -> shapes.QuoteOut:
    """What the tax of a sale would be, line by line, before there is an order."""

    read = call.read(Permission.ORDERS_WRITE, lambda tx: quote(tx, _wanted(body)))
    said = quoted(read, call.app.tax_services)  # no transaction is open
    return shapes.QuoteOut(
        day=said.day,
        prices_include_tax=said.tax_included,
        net=said.net_minor,
        tax=said.made.tax_minor,
        total=said.total_minor,
        source=said.made.source,
        service=said.made.service,
        state=said.made.state,
        note=said.made.note,
        parts=[shapes.part(each) for each in said.made.parts],
        totals=_totals(said.made.parts),
    )


@router.get("/orders/{order}/tax")
def order_tax(call: Asked, order: OrderRef) -> shapes.OrderTaxOut:
    """The tax of each line and charge of an order, at which rate, and why."""

    def work(tx: Tx, at: Places) -> shapes.OrderTaxOut:
        return _order_tax(tx, found(tx, order, at))

    return call.read_at(Permission.TAX_READ, work)


@router.post("/orders/{order}/tax/determine", response_model=Done)
def determine_again(call: Asked, order: OrderRef) -> Response:
    """Have the tax of an order determined anew, once rates or categories were mended.

    What has shipped keeps its tax.
    """

    def work(tx: Tx, principal: Principal) -> Done:
        ask(tx, [found(tx, order, principal.location_ids)], jobs.BY_HAND)
        return Done()

    return call.write(Permission.TAX_WRITE, work)


@router.post("/orders/{order}/tax/void", response_model=Done)
def void_filed(call: Asked, order: OrderRef) -> Response:
    """Have all sales that were filed for an order with its tax service taken back."""

    def work(tx: Tx, principal: Principal) -> Done:
        void(tx, found(tx, order, principal.location_ids))
        return Done()

    return call.write(Permission.TAX_WRITE, work)


def _order_tax(tx: Tx, id: Id) -> shapes.OrderTaxOut:
    made = tax.determinations(tx, [id]).get(id)
    if made is None:
        raise NotDetermined("The tax of this order has not been determined yet: try again soon.")
    header = orders.read(tx, [id])[id].header
    return shapes.OrderTaxOut(
        order=header.number,
        currency=header.currency,
        version=made.version,
        source=made.source,
        service=made.service,
        state=made.state,
        tax=made.tax_minor,
        expected=made.expected_minor,
        note=made.note,
        parts=[shapes.part(each) for each in made.parts],
        totals=_totals(made.parts),
        calls=[shapes.TaxCallOut.model_validate(each) for each in tax.calls_of(tx, [id])],
    )


def _totals(parts: Sequence[Determined]) -> list[shapes.TaxTotalOut]:
    return [
        shapes.TaxTotalOut(
            jurisdiction=jurisdiction, category=category, rate=rate, basis=basis, tax=amount
        )
        for (jurisdiction, category, rate), (basis, amount) in rules.totals(parts).items()
    ]


def _wanted(body: shapes.QuoteIn) -> Wanted:
    to = body.destination
    return Wanted(
        channel=body.channel,
        lines=[QuoteLine(line.sku, line.quantity, line.amount) for line in body.lines],
        charges=[QuoteCharge(charge.kind, charge.amount) for charge in body.charges],
        destination=Address("", (), "", to.country, to.postal_code, to.region),
        vat_id=body.vat_id,
        customer_id=body.customer_id,
        day=body.day,
        tax_included=body.prices_include_tax,
    )


def _rates(body: shapes.RatesIn) -> list[Rate]:
    return [
        Rate(
            country=r.country,
            region=r.region,
            category=r.category,
            component=r.component,
            valid_from=r.valid_from,
            valid_to=r.valid_to,
            percent=r.percent,
            code=r.code or (Code.STANDARD if r.percent else Code.ZERO),
            exemption=r.exemption,
            source=r.source,
        )
        for r in body.rates
    ]


def _key(after: str) -> tuple[str, str, str, str, date]:
    if not after:
        return _FIRST
    try:
        country, region, category, component, day = after.split("|")
        return (country, region, category, component, date.fromisoformat(day))
    except ValueError as error:
        raise CursorInvalid("Use the `next` of the page before.", field="after") from error


def _entity(tx: Tx, code: str) -> LegalEntity:
    known = access.legal_entities_by_code(tx, [code]).get(code)
    if known is None:
        raise UnknownCode(f"There is no legal entity {code!r}.", field="legal_entity")
    return known
