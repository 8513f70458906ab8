"""All the SQL of the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from baton.catalog.model import Product, Sku, SkuKind
from baton.platform.db import Statements, Tx, checked, columns
from baton.values.check import Check
from baton.values.ids import Id

sql = Statements("catalog")

# ---------------------------------------------------------------- products

_PRODUCT = "id, code, title, brand, category, tags"
# tags travel as one text each, for `unnest` would flatten lists; no tag holds a control character
ADD_PRODUCTS = sql(
    "add_products",
    """
    insert into catalog.products (tenant_id, id, code, title, brand, category, tags, created_at)
    select %(tenant)s, n.id, n.code, n.title, n.brand, n.category,
           string_to_array(n.tags, chr(31)), %(now)s
    from unnest(%(id)s::uuid[], %(code)s::text[], %(title)s::text[], %(brand)s::text[],
                %(category)s::text[], %(tags)s::text[])
         as n (id, code, title, brand, category, tags)
    on conflict (tenant_id, code) do nothing
    """,
)
CHANGE_PRODUCTS = sql(
    "change_products",
    """
    update catalog.products p
    set title = n.title, brand = n.brand, category = n.category,
        tags = string_to_array(n.tags, chr(31))
    from unnest(%(id)s::uuid[], %(title)s::text[], %(brand)s::text[], %(category)s::text[],
                %(tags)s::text[]) as n (id, title, brand, category, tags)
    where p.tenant_id = %(tenant)s and p.id = n.id
    """,
)
LOCK_PRODUCTS = sql(
    "lock_products",
    f"""
    select {_PRODUCT} from catalog.products
    where tenant_id = %(tenant)s and code = any(%(codes)s) order by code for update
    """,
)
PRODUCTS_BY_CODE = sql(
    "products_by_code",
    f"""
    select {_PRODUCT} from catalog.products
    where tenant_id = %(tenant)s and code = any(%(codes)s)
    """,
)
PRODUCTS_BY_ID = sql(
    "products_by_id",
    f"""
    select {_PRODUCT} from catalog.products
    where tenant_id = %(tenant)s and id = any(%(ids)s)
    """,
)
PRODUCT_PAGE = sql(
    "product_page",
    f"""
    select {_PRODUCT} from catalog.products
    where tenant_id = %(tenant)s and code > %(after)s order by code limit %(limit)s
    """,
)


def _products(rows: Iterable[tuple[Any, ...]]) -> list[Product]:
    return [
        Product(id, code, title, brand, category, tuple(tags))
        for id, code, title, brand, category, tags in rows
    ]


def add_products(tx: Tx, products: Sequence[Product]) -> None:
    """Write those whose code is new; the others stay as they are."""
    tx.run(
        ADD_PRODUCTS,
        **columns(products, "id", "code", "title", "brand", "category"),
        tags=_tags(products),
        now=tx.now,
    )


def change_products(tx: Tx, products: Sequence[Product]) -> None:
    tx.run(
        CHANGE_PRODUCTS,
        **columns(products, "id", "title", "brand", "category"),
        tags=_tags(products),
    )


def _tags(products: Sequence[Product]) -> list[str]:
    return ["\x1f".join(product.tags) for product in products]


def lock_products(tx: Tx, codes: Collection[str]) -> dict[str, Product]:
    return {p.code: p for p in _products(tx.all(LOCK_PRODUCTS, codes=list(codes)))}


def products_by_code(tx: Tx, codes: Collection[str]) -> dict[str, Product]:
    """Those that exist, by code."""
    return {p.code: p for p in _products(tx.all(PRODUCTS_BY_CODE, codes=list(codes)))}


def products_by_id(tx: Tx, ids: Collection[Id]) -> dict[Id, Product]:
    """Those that exist, by id."""
    return {p.id: p for p in _products(tx.all(PRODUCTS_BY_ID, ids=sorted(set(ids))))}


def page_of_products(tx: Tx, after: str = "", limit: int = 100) -> list[Product]:
    """Up to `limit` products whose code comes after `after`."""
    return _products(tx.all(PRODUCT_PAGE, after=after, limit=limit))


# ---------------------------------------------------------------- SKUs

_SKU_FIELDS = tuple(one.name for one in fields(Sku))
_SKU = ", ".join(_SKU_FIELDS)
_NEW_SKUS = """unnest(
        %(id)s::uuid[], %(code)s::text[], %(product_id)s::uuid[], %(title)s::text[],
        %(kind)s::text[], %(weight_g)s::int[], %(length_mm)s::int[], %(width_mm)s::int[],
        %(height_mm)s::int[], %(hs_code)s::text[], %(origin_country)s::text[],
        %(currency)s::text[], %(price_minor)s::bigint[], %(cost_minor)s::bigint[],
        %(active)s::bool[], %(ship_alone)s::bool[])"""
ADD_SKUS = sql(
    "add_skus",
    f"""
    insert into catalog.skus (tenant_id, created_at, {_SKU})
    select %(tenant)s, %(now)s, n.* from {_NEW_SKUS} as n ({_SKU})
    on conflict (tenant_id, code) do nothing
    """,
)
CHANGE_SKUS = sql(
    "change_skus",
    f"""
    update catalog.skus s
    set product_id = n.product_id, title = n.title, kind = n.kind, weight_g = n.weight_g,
        length_mm = n.length_mm, width_mm = n.width_mm, height_mm = n.height_mm,
        hs_code = n.hs_code, origin_country = n.origin_country, currency = n.currency,
        price_minor = n.price_minor, cost_minor = n.cost_minor, active = n.active,
        ship_alone = n.ship_alone
    from {_NEW_SKUS} as n ({_SKU})
    where s.tenant_id = %(tenant)s and s.id = n.id
    """,
)
LOCK_SKUS = sql(
    "lock_skus",
    f"""
    select {_SKU} from catalog.skus
    where tenant_id = %(tenant)s and code = any(%(codes)s) order by code for update
    """,
)
SKUS_BY_CODE = sql(
    "skus_by_code",
    f"select {_SKU} from catalog.skus where tenant_id = %(tenant)s and code = any(%(codes)s)",
)
SKUS_BY_ID = sql(
    "skus_by_id",
    f"select {_SKU} from catalog.skus where tenant_id = %(tenant)s and id = any(%(ids)s)",
)
SKUS_BY_GTIN = sql(
    "skus_by_gtin",
    f"""
    select b.gtin, {", ".join(f"s.{name}" for name in _SKU_FIELDS)}
    from catalog.barcodes b
    join catalog.skus s on s.tenant_id = %(tenant)s and s.id = b.sku_id
    where b.tenant_id = %(tenant)s and b.gtin = any(%(gtins)s)
    """,
)
SKU_PAGE = sql(
    "sku_page",
    f"""
    select {_SKU} from catalog.skus
    where tenant_id = %(tenant)s and code > %(after)s order by code limit %(limit)s
    """,
)


def _skus(rows: Iterable[tuple[Any, ...]]) -> list[Sku]:
    return [
        Sku(id, code, product, title, SkuKind(kind), *rest)
        for id, code, product, title, kind, *rest in rows
    ]


def add_skus(tx: Tx, skus: Sequence[Sku]) -> None:
    """Write those whose code is new; the others stay as they are."""
    tx.run(ADD_SKUS, **columns(skus, *_SKU_FIELDS), now=tx.now)


def change_skus(tx: Tx, skus: Sequence[Sku]) -> None:
    tx.run(CHANGE_SKUS, **columns(skus, *_SKU_FIELDS))


def lock_skus(tx: Tx, codes: Collection[str]) -> dict[str, Sku]:
    return {s.code: s for s in _skus(tx.all(LOCK_SKUS, codes=list(codes)))}


def skus_by_code(tx: Tx, codes: Collection[str]) -> dict[str, Sku]:
    """Those that exist, by code, in one query; inactive ones too."""
    return {s.code: s for s in _skus(tx.all(SKUS_BY_CODE, codes=list(codes)))}


def skus_by_id(tx: Tx, ids: Collection[Id]) -> dict[Id, Sku]:
    """Those that exist, by id; inactive ones too."""
    return {s.id: s for s in _skus(tx.all(SKUS_BY_ID, ids=list(ids)))}


def skus_by_gtin14(tx: Tx, gtins: Collection[str]) -> dict[str, Sku]:
    """The SKUs behind barcodes of 14 digits."""
    rows = tx.all(SKUS_BY_GTIN, gtins=list(gtins))
    return dict(zip((row[0] for row in rows), _skus(row[1:] for row in rows), strict=True))


def page_of_skus(tx: Tx, after: str = "", limit: int = 100) -> list[Sku]:
    """Up to `limit` SKUs whose code comes after `after`."""
    return _skus(tx.all(SKU_PAGE, after=after, limit=limit))


# ---------------------------------------------------------------- barcodes

BARCODES = sql(
    "barcodes",
    """
    select gtin, sku_id from catalog.barcodes
    where tenant_id = %(tenant)s and sku_id = any(%(sku_ids)s)
    union
    select gtin, sku_id from catalog.barcodes
    where tenant_id = %(tenant)s and gtin = any(%(gtins)s)
    """,
)
REMOVE_BARCODES = sql(
    "remove_barcodes",
    "delete from catalog.barcodes where tenant_id = %(tenant)s and gtin = any(%(gtins)s)",
)
ADD_BARCODES = sql(
    "add_barcodes",
    """
    insert into catalog.barcodes (tenant_id, gtin, sku_id)
    select %(tenant)s, n.gtin, n.sku_id
    from unnest(%(gtins)s::text[], %(sku_ids)s::uuid[]) as n (gtin, sku_id)
    on conflict (tenant_id, gtin) do nothing
    """,
)
BARCODES_OF = sql(
    "barcodes_of",
    """
    select sku_id, array_agg(gtin order by gtin) from catalog.barcodes
    where tenant_id = %(tenant)s and sku_id = any(%(sku_ids)s) group by sku_id
    """,
)


def barcodes(tx: Tx, sku_ids: Collection[Id], gtins: Collection[str]) -> dict[str, Id]:
    """The barcodes of these SKUs, and whose these barcodes are."""
    return dict(tx.all(BARCODES, sku_ids=list(sku_ids), gtins=list(gtins)))


def remove_barcodes(tx: Tx, gtins: Collection[str]) -> None:
    tx.run(REMOVE_BARCODES, gtins=list(gtins))


def add_barcodes(tx: Tx, given: Mapping[str, Id]) -> bool:
    """Whether all of them were still free."""
    gtins = sorted(given)
    added = tx.count(ADD_BARCODES, gtins=gtins, sku_ids=[given[gtin] for gtin in gtins])
    return added == len(given)


def barcodes_of(tx: Tx, sku_ids: Collection[Id]) -> dict[Id, tuple[str, ...]]:
    """The barcodes of each SKU as 14 digits; SKUs without any are absent."""
    return {row[0]: tuple(row[1]) for row in tx.all(BARCODES_OF, sku_ids=list(sku_ids))}


# ---------------------------------------------------------------- what must hold

CHECK_SKUS = sql(
    "check_skus",
    """
    select count(*), (array_agg(s.code) filter (where p.id is null))[1:20]
    from catalog.skus s
    left join catalog.products p on p.tenant_id = %(tenant)s and p.id = s.product_id
    where s.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)
CHECK_BARCODES = sql(
    "check_barcodes",
    """
    select count(*),
           (array_agg(b.gtin) filter (where s.id is null or b.gtin !~ '^[0-9]{14}$'))[1:20]
    from catalog.barcodes b
    left join catalog.skus s on s.tenant_id = %(tenant)s and s.id = b.sku_id
    where b.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)


def verify(tx: Tx) -> list[Check]:
    """SKUs have their product; barcodes have their SKU and are 14 digits long."""
    return [
        checked(tx, "catalog: a SKU belongs to a product", CHECK_SKUS, "SKU {}"),
        checked(tx, "catalog: a barcode names a SKU", CHECK_BARCODES, "barcode {}"),
    ]
