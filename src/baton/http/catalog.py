"""What is sold and to whom, over HTTP: products, SKUs, customers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from baton import catalog, channels
from baton.access.model import Permission
from baton.catalog.model import ProductDraft, SkuDraft, SkuKind
from baton.customers.errors import CustomerNotFound
from baton.http import order_shapes as shapes
from baton.http import order_views as views
from baton.http.call import Asked, Places
from baton.http.master_data import After, Most, Saved, by_code
from baton.http.order_shapes import CustomerId
from baton.http.wire import Code, In, Minor, Out, Page, Prefixed, Text
from baton.platform.db import Tx
from baton.values import Dimensions, Id
from baton.views.customer_page import customer_page

router = APIRouter(prefix="/v1", tags=["master data"])

MOST = 1000
SkuId = Annotated[Id, Prefixed("sku")]


class ProductIn(In):
    code: Code
    title: Text
    brand: str = Field(default="", max_length=200)
    category: str = Field(default="", max_length=200)
    tags: list[str] = Field(default_factory=list, max_length=50)


class SkuIn(In):
    """A SKU; `barcodes` are GTINs, and all that it has from now on."""

    code: Code
    product: Code
    title: Text
    currency: str = Field(pattern="^[A-Z]{3}$")
    price: Minor
    cost: Minor = 0
    kind: SkuKind = SkuKind.GOODS
    weight_g: int = Field(default=0, ge=0, le=10_000_000)
    length_mm: int = Field(default=0, ge=0, le=100_000)
    width_mm: int = Field(default=0, ge=0, le=100_000)
    height_mm: int = Field(default=0, ge=0, le=100_000)
    hs_code: str = Field(default="", max_length=20)
    origin_country: str = Field(default="", max_length=2)
    barcodes: list[str] = Field(default_factory=list, max_length=20)
    active: bool = True
    ship_alone: bool = False


class ProductsIn(In):
    products: list[ProductIn] = Field(min_length=1, max_length=MOST)


class SkusIn(In):
    skus: list[SkuIn] = Field(min_length=1, max_length=MOST)


class SkuOut(Out):
    id: SkuId
    code: str
    title: str
    kind: str
    weight_g: int
    currency: str
    price_minor: int
    cost_minor: int
    active: bool


class CustomerOut(Out):
    id: CustomerId
    name: str
    email: str
    phone: str
    language: str


class ValueOut(Out):
    """What a customer's orders of one currency come to, in minor units."""

    currency: str
    orders: int
    ordered: int
    captured: int
    refunded: int
    appeased: int
    owed: int
    credit: int


class CustomerPageOut(CustomerOut):
    """A customer with what care asks for first. Whoever works for some locations is shown the
    customer alone."""

    standing: str | None
    orders: list[shapes.OrderRowOut]
    values: list[ValueOut]
    returns: int
    messages: int
    exceptions: int


@router.post("/products", response_model=Saved)
def save_products(call: Asked, body: ProductsIn) -> Response:
    """Create or change products by code."""
    drafts = [
        ProductDraft(p.code, p.title, p.brand, p.category, tuple(p.tags)) for p in body.products
    ]

    def work(tx: Tx, _principal: object) -> Saved:
        return Saved(codes=[product.code for product in catalog.save_products(tx, drafts)])

    return call.write(Permission.CATALOG_WRITE, work)


@router.post("/skus", response_model=Saved)
def save_skus(call: Asked, body: SkusIn) -> Response:
    """Create or change SKUs by code."""
    drafts = [_sku(each) for each in body.skus]

    def work(tx: Tx, _principal: object) -> Saved:
        return Saved(codes=[sku.code for sku in catalog.save_skus(tx, drafts)])

    return call.write(Permission.CATALOG_WRITE, work)


@router.get("/skus")
def list_skus(call: Asked, after: After = "", limit: Most = 50) -> Page[SkuOut]:
    """SKUs by code."""
    return by_code(call, Permission.CATALOG_READ, catalog.page_of_skus, SkuOut, after, limit)


@router.get("/customers/{customer_id}")
def show_customer(call: Asked, customer_id: CustomerId) -> CustomerPageOut:
    """One customer: their orders, what they are worth, returns, messages, credit, standing."""

    def work(tx: Tx, at: Places) -> CustomerPageOut:
        page = customer_page(tx, customer_id)
        if page is None:
            raise CustomerNotFound("There is no such customer.")
        whole = at is None
        ids = sorted({row.channel_id for row in page.orders})
        named = channels.channels_by_id(tx, ids) if ids and whole else {}
        places = {id: views.place("chn", channel) for id, channel in named.items()}
        known = CustomerOut.model_validate(page.customer).model_dump()
        return CustomerPageOut(
            **known,
            standing=page.standing if whole else None,
            orders=[views.row(row, places) for row in page.orders] if whole else [],
            values=[ValueOut.model_validate(value) for value in page.values] if whole else [],
            returns=page.returns if whole else 0,
            messages=page.messages if whole else 0,
            exceptions=page.open_exceptions if whole else 0,
        )

    return call.read_at(Permission.CUSTOMERS_READ, work)


def _sku(given: SkuIn) -> SkuDraft:
    return SkuDraft(
        code=given.code,
        product_code=given.product,
        title=given.title,
        currency=given.currency,
        price_minor=given.price,
        cost_minor=given.cost,
        kind=given.kind,
        weight_g=given.weight_g,
        size=Dimensions(given.length_mm, given.width_mm, given.height_mm),
        hs_code=given.hs_code,
        origin_country=given.origin_country,
        barcodes=tuple(given.barcodes),
        active=given.active,
        ship_alone=given.ship_alone,
    )
