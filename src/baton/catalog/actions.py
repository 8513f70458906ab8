"""The verbs of the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from baton.catalog import rules, store
from baton.catalog.errors import BarcodeTaken, ProductUnknown
from baton.catalog.events import ProductSaved, SkuSaved
from baton.catalog.model import Product, ProductDraft, Sku, SkuDraft
from baton.platform import ids as new
from baton.platform import journal
from baton.platform.db import Tx
from baton.values.ids import Id


def save_products(tx: Tx, drafts: Sequence[ProductDraft]) -> list[Product]:
    """The products as they are now, in the order of the drafts; what is new or differs is written.

    Raises CatalogInvalid.
    """
    if not drafts:
        return []
    rules.check_products(drafts)
    wanted = {
        d.code: Product(new.fresh(), d.code, d.title, d.brand, d.category, d.tags)
        for d in sorted(drafts, key=lambda d: d.code)
    }
    store.add_products(tx, list(wanted.values()))
    changed, facts = [], []
    for code, before in store.lock_products(tx, wanted).items():
        made = before.id == wanted[code].id
        after = wanted[code] = replace(wanted[code], id=before.id)
        names = rules.changed_fields(before, after)
        if names:
            changed.append(after)
        if made or names:
            facts.append(ProductSaved(before.id, code, made, names))
    if changed:
        store.change_products(tx, changed)
    journal.record(tx, facts)
    return [wanted[draft.code] for draft in drafts]


def save_skus(tx: Tx, drafts: Sequence[SkuDraft]) -> list[Sku]:
    """The SKUs as they are now, in the order of the drafts; what is new or differs is written.

    Raises CatalogInvalid, ProductUnknown, GtinInvalid, or BarcodeTaken.
    """
    if not drafts:
        return []
    rules.check_skus(drafts)
    gtins = rules.barcodes_of(drafts)
    products = _products_of(tx, drafts)
    wanted = {
        d.code: rules.sku_of(d, new.fresh(), products[d.product_code])
        for d in sorted(drafts, key=lambda d: d.code)
    }
    store.add_skus(tx, list(wanted.values()))
    found = store.lock_skus(tx, wanted)
    relabelled = _label(tx, {gtin: found[code].id for gtin, code in gtins.items()}, found)
    changed, facts = [], []
    for code, before in found.items():
        made = before.id == wanted[code].id
        after = wanted[code] = replace(wanted[code], id=before.id)
        names = rules.changed_fields(before, after)
        if names:
            changed.append(after)
        if before.id in relabelled and not made:
            names = (*names, "barcodes")
        if made or names:
            facts.append(SkuSaved(before.id, code, made, names))
    if changed:
        store.change_skus(tx, changed)
    journal.record(tx, facts)
    return [wanted[draft.code] for draft in drafts]


def _products_of(tx: Tx, drafts: Sequence[SkuDraft]) -> dict[str, Id]:
    found = store.products_by_code(tx, {draft.product_code for draft in drafts})
    for place, draft in enumerate(drafts):
        if draft.product_code not in found:
            raise ProductUnknown(
                f"There is no product {draft.product_code!r}: save it first.",
                field=f"skus.{place}.product_code",
            )
    return {code: product.id for code, product in found.items()}


def _label(tx: Tx, want: dict[str, Id], found: dict[str, Sku]) -> set[Id]:
    """Give the saved SKUs the barcodes they want, and no others; returns whose have changed."""
    saved = {sku.id for sku in found.values()}
    have = store.barcodes(tx, saved, want)
    gone, given = rules.barcode_changes(have, want, saved)
    if gone:
        store.remove_barcodes(tx, gone)
    if given and not store.add_barcodes(tx, given):
        raise BarcodeTaken("Somebody gave one of these barcodes to another SKU just now.")
    return {*gone.values(), *given.values()}


def products_by_code(tx: Tx, codes: Collection[str]) -> dict[str, Product]:
    """Those that exist, by code."""
    return store.products_by_code(tx, codes)


def products_by_id(tx: Tx, ids: Collection[Id]) -> dict[Id, Product]:
    """Those that exist, by id."""
    return store.products_by_id(tx, ids)


def page_of_products(tx: Tx, after: str = "", limit: int = 100) -> list[Product]:
    """Up to `limit` products whose code comes after `after`."""
    return store.page_of_products(tx, after, limit)


def skus_by_code(tx: Tx, codes: Collection[str]) -> dict[str, Sku]:
    """Those that exist, by code, in one query; inactive ones too."""
    return store.skus_by_code(tx, codes)


def skus_by_id(tx: Tx, ids: Collection[Id]) -> dict[Id, Sku]:
    """Those that exist, by id; inactive ones too."""
    return store.skus_by_id(tx, ids)


def skus_by_gtin(tx: Tx, gtins: Collection[str]) -> dict[str, Sku]:
    """The SKUs behind scanned barcodes, by the text that was asked for. Raises GtinInvalid."""
    digits = {text: rules.gtin14(text, "gtin") for text in gtins}
    found = store.skus_by_gtin(tx, digits.values())
    return {text: found[gtin] for text, gtin in digits.items() if gtin in found}


def skus_of_products(tx: Tx, product_ids: Collection[Id]) -> dict[Id, list[Sku]]:
    """The SKUs of each product, by code; products without any are absent."""
    found: dict[Id, list[Sku]] = {}
    for sku in store.skus_of_products(tx, product_ids):
        found.setdefault(sku.product_id, []).append(sku)
    return found


def page_of_skus(tx: Tx, after: str = "", limit: int = 100) -> list[Sku]:
    """Up to `limit` SKUs whose code comes after `after`."""
    return store.page_of_skus(tx, after, limit)


def barcodes_of(tx: Tx, sku_ids: Collection[Id]) -> dict[Id, tuple[str, ...]]:
    """The barcodes of each SKU as 14 digits; SKUs without any are absent."""
    return store.barcodes_of(tx, sku_ids)
