"""The verbs of the catalogue."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from baton.catalog import rules, store
from baton.catalog.errors import BarcodeTaken, ProductUnknown
from baton.catalog.events import ProductSaved, SkuSaved
from baton.catalog.model import Product, ProductDraft, Sku, SkuDraft
from baton.platform import ids as new
from baton.platform import journal
from baton.platform.db import Tx
from baton.values.ids import Id
from baton.values.saved import saved


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
    found = saved(wanted, store.lock_products(tx, wanted))
    if changed := [one.row for one in found.values() if one.changed]:
        store.change_products(tx, changed)
    told = [one for one in found.values() if one.differs]
    journal.record(
        tx, [ProductSaved(one.row.id, one.row.code, one.new, one.changed) for one in told]
    )
    return [found[draft.code].row for draft in drafts]


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
    found = saved(wanted, store.lock_skus(tx, wanted))
    relabelled = _label(
        tx,
        {gtin: found[code].row.id for gtin, code in gtins.items()},
        {one.row.id for one in found.values()},
    )
    changed, facts = [], []
    for code, one in found.items():
        if one.changed:
            changed.append(one.row)
        others = ("barcodes",) if one.row.id in relabelled and not one.new else ()
        if one.differs or others:
            facts.append(SkuSaved(one.row.id, code, one.new, (*one.changed, *others)))
    if changed:
        store.change_skus(tx, changed)
    journal.record(tx, facts)
    return [found[draft.code].row for draft in drafts]


def _products_of(tx: Tx, drafts: Sequence[SkuDraft]) -> dict[str, Id]:
    found = store.products_by_code(tx, {draft.product_code for draft in drafts})
    for place, draft in enumerate(drafts):
        if draft.product_code not in found:
            raise ProductUnknown(
                f"There is no product {draft.product_code!r}: save it first.",
                field=f"skus.{place}.product_code",
            )
    return {code: product.id for code, product in found.items()}


def _label(tx: Tx, want: dict[str, Id], sku_ids: set[Id]) -> set[Id]:
    """Give these SKUs the barcodes they want, and no others; returns whose have changed."""
    have = store.barcodes(tx, sku_ids, want)
    gone, given = rules.barcode_changes(have, want, sku_ids)
    if gone:
        store.remove_barcodes(tx, gone)
    if given and not store.add_barcodes(tx, given):
        raise BarcodeTaken("Somebody gave one of these barcodes to another SKU just now.")
    return {*gone.values(), *given.values()}


def skus_by_gtin(tx: Tx, gtins: Collection[str]) -> dict[str, Sku]:
    """The SKUs behind scanned barcodes, by the text that was asked for. Raises GtinInvalid."""
    digits = {text: rules.gtin14(text, "gtin") for text in gtins}
    found = store.skus_by_gtin14(tx, digits.values())
    return {text: found[gtin] for text, gtin in digits.items() if gtin in found}
