"""Products, SKUs and barcodes on a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg
import pytest

from baton import catalog
from baton.catalog.errors import BarcodeTaken, GtinInvalid, ProductUnknown
from baton.catalog.model import ProductDraft, Sku, SkuDraft, SkuKind
from baton.platform import journal
from baton.platform.db import Caller, Database, Tx
from baton.values.parcel import Dimensions

PRODUCT = ProductDraft("shirt", "A shirt", "Baton", "Clothes", ("summer", "new, and blue"))
M = SkuDraft(
    "shirt-m",
    "shirt",
    "A shirt, M",
    "EUR",
    19_90,
    cost_minor=7_10,
    weight_g=180,
    size=Dimensions(300, 200, 20),
    hs_code="6109.10",
    origin_country="PT",
    barcodes=("4006381333931",),
)
L = replace(M, code="shirt-l", title="A shirt, L", barcodes=("96385074",))


def save(tx: Tx, *drafts: SkuDraft) -> list[Sku]:
    catalog.save_products(tx, [PRODUCT])
    return catalog.save_skus(tx, drafts)


def test_a_sku_is_kept_as_it_was_sent(db: Database, caller: Caller) -> None:
    card = SkuDraft("card", "shirt", "Voucher", "EUR", 50_00, kind=SkuKind.GIFT_CARD)
    with db.transaction(caller) as tx:
        save(tx, M, card)
    with db.transaction(caller) as tx:
        found = catalog.skus_by_code(tx, ["shirt-m", "card", "Shirt-M", "unknown"])
        (product,) = catalog.products_by_code(tx, ["shirt"]).values()
        barcodes = catalog.barcodes_of(tx, [sku.id for sku in found.values()])
    sku = found["shirt-m"]
    assert set(found) == {"shirt-m", "card"}
    assert found["card"].kind is SkuKind.GIFT_CARD
    assert sku == Sku(
        sku.id,
        "shirt-m",
        product.id,
        "A shirt, M",
        SkuKind.GOODS,
        180,
        300,
        200,
        20,
        "610910",
        "PT",
        "EUR",
        19_90,
        7_10,
        True,
        False,
    )
    assert product.tags == ("summer", "new, and blue")
    assert barcodes == {sku.id: ("04006381333931",)}


def test_saving_again_writes_only_what_differs(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        large, medium = save(tx, L, M)
        assert save(tx, M, L) == [medium, large]
        dearer = replace(M, price_minor=21_90, barcodes=("4006381333931", "036000291452"))
        assert save(tx, dearer, L) == [replace(medium, price_minor=21_90), large]
        assert save(tx) == []
        renamed = replace(PRODUCT, title="The shirt", tags=())
        (product,) = catalog.save_products(tx, [renamed])
        entries = journal.timeline(tx, [medium.id])
        of_large, of_product = (journal.timeline(tx, [x.id]) for x in (large, product))
    assert [(e.data["new"], e.data["changed"]) for e in entries] == [
        (True, []),
        (False, ["price_minor", "barcodes"]),
    ]
    assert len(of_large) == 1
    assert of_product[-1].data["changed"] == ["title", "tags"]


def test_a_scan_finds_the_sku_in_every_spelling(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        medium, _ = save(tx, M, L)
        found = catalog.skus_by_gtin(tx, ["4006381333931", "04006381333931", "10614141000415"])
        assert found == {"4006381333931": medium, "04006381333931": medium}
        with pytest.raises(GtinInvalid):
            catalog.skus_by_gtin(tx, ["4006381333932"])


def test_a_barcode_moves_within_a_batch_and_is_not_taken_from_another(
    db: Database, caller: Caller
) -> None:
    with db.transaction(caller) as tx:
        medium, large = save(tx, M, L)
        save(tx, replace(M, barcodes=L.barcodes), replace(L, barcodes=M.barcodes))
        assert catalog.barcodes_of(tx, [medium.id, large.id]) == {
            medium.id: ("00000096385074",),
            large.id: ("04006381333931",),
        }
        save(tx, replace(M, barcodes=()))
        assert catalog.barcodes_of(tx, [medium.id]) == {}
    with pytest.raises(BarcodeTaken), db.transaction(caller) as tx:
        save(tx, M)


def test_a_sku_needs_its_product(db: Database, caller: Caller) -> None:
    with pytest.raises(ProductUnknown) as unknown, db.transaction(caller) as tx:
        save(tx, M, replace(L, product_code="trousers"))
    assert unknown.value.field == "skus.1.product_code"


def test_lists_go_on_after_a_code(db: Database, caller: Caller) -> None:
    codes = [f"s{n:02}" for n in range(7)]
    with db.transaction(caller) as tx:
        save(tx, *(replace(M, code=code, barcodes=()) for code in reversed(codes)))
        seen: list[str] = []
        while page := catalog.page_of_skus(tx, seen[-1] if seen else "", 3):
            seen += [sku.code for sku in page]
        assert seen == codes
        (product,) = catalog.page_of_products(tx)
        assert catalog.page_of_products(tx, product.code) == []
        skus = catalog.page_of_skus(tx)
        assert catalog.skus_by_id(tx, [sku.id for sku in skus]) == {sku.id: sku for sku in skus}


def test_many_who_save_the_same_skus_in_any_order_end_with_one_of_each(
    db: Database, caller: Caller
) -> None:
    drafts = [replace(M, code=f"s{n}", barcodes=()) for n in range(20)]
    with db.transaction(caller) as tx:
        catalog.save_products(tx, [PRODUCT])

    def run(worker: int) -> None:
        mine = [replace(draft, weight_g=worker) for draft in drafts]
        db.execute(caller, lambda tx: catalog.save_skus(tx, mine[:: (-1) ** worker]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    with db.transaction(caller) as tx:
        skus = catalog.page_of_skus(tx)
        assert len(skus) == 20
        assert len({sku.weight_g for sku in skus}) == 1
        assert sorted(e.seq for e in journal.timeline(tx, [skus[0].id])) == [1, 2, 3, 4]


def test_two_who_give_away_one_barcode_at_once_end_with_one_owner(
    db: Database, caller: Caller
) -> None:
    with db.transaction(caller) as tx:
        save(tx, *(replace(M, code=f"s{n}", barcodes=()) for n in range(4)))

    def give(number: int) -> bool:
        try:
            with db.transaction(caller) as tx:
                catalog.save_skus(tx, [replace(M, code=f"s{number}")])
        except BarcodeTaken:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(give, range(4))) == 1


def test_verify_counts_rows_and_finds_what_was_altered_by_hand(
    db: Database, caller: Caller
) -> None:
    with db.transaction(caller) as tx:
        save(tx, M, L)
    with db.transaction(caller) as tx:
        assert [(c.rows, c.failures) for c in catalog.verify(tx)] == [(2, ()), (2, ())]
    with psycopg.connect(db.dsn, options=f"-c baton.tenant={caller.tenant}") as connection:
        connection.execute(
            "update catalog.skus set product_id = gen_random_uuid()"
            " where tenant_id = %s and code = 'shirt-m'",
            (caller.tenant,),
        )
        connection.execute(
            "update catalog.barcodes set gtin = '7' where tenant_id = %s"
            " and gtin = '00000096385074'",
            (caller.tenant,),
        )
    with db.transaction(caller) as tx:
        assert [c.failures for c in catalog.verify(tx)] == [("SKU shirt-m",), ("barcode 7",)]
