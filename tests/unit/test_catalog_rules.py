"""Barcodes, tariff codes, and what a product or SKU must hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from baton.catalog import rules
from baton.catalog.errors import BarcodeTaken, CatalogInvalid, GtinInvalid
from baton.catalog.model import ProductDraft, SkuDraft
from baton.values.ids import new_id
from baton.values.parcel import Dimensions

A, B, C = (new_id(1, n) for n in range(3))


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("96385074", "00000096385074"),  # GTIN-8
        ("036000291452", "00036000291452"),  # GTIN-12
        ("4006381333931", "04006381333931"),  # GTIN-13
        ("10614141000415", "10614141000415"),  # GTIN-14
        (" 4006381333931\n", "04006381333931"),
        ("2012345000001", "02012345000001"),  # a number for use inside one company
    ],
)
def test_every_gtin_has_one_spelling(text: str, digits: str) -> None:
    assert rules.gtin14(text) == digits
    assert rules.gtin14(digits) == digits


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4006381333932",
        "400638133393",
        "40063813339310",
        "400638133393X",
        "٤٠٠٦٣٨١٣٣٣٩٣١",
        "0000000000000",
    ],
)
def test_what_is_no_gtin_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(GtinInvalid) as refused:
        rules.gtin14(text, "skus.0.barcodes.0")
    assert refused.value.field == "skus.0.barcodes.0"


PRODUCT = ProductDraft("shirt", "A shirt", "Baton", "Clothes", ("summer", "new, and blue"))
SKU = SkuDraft(
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


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (replace(SKU, code=""), "code"),
        (replace(SKU, code=" shirt"), "code"),
        (replace(SKU, code="x" * 101), "code"),
        (replace(SKU, code="a\x00"), "code"),
        (replace(SKU, product_code=""), "product_code"),
        (replace(SKU, title="two\nlines"), "title"),
        (replace(SKU, title="\ud83d"), "title"),
        (replace(SKU, currency="XYZ"), "currency"),
        (replace(SKU, price_minor=-1), "price_minor"),
        (replace(SKU, cost_minor=10**15), "cost_minor"),
        (replace(SKU, weight_g=2**31), "weight_g"),
        (replace(SKU, size=Dimensions(1, -1, 1)), "width_mm"),
        (replace(SKU, hs_code="61"), "hs_code"),
        (replace(SKU, hs_code="6109a"), "hs_code"),
        (replace(SKU, origin_country="EU"), "origin_country"),
    ],
)
def test_a_sku_is_refused_with_the_field_to_mend(draft: SkuDraft, field: str) -> None:
    rules.check_skus([SKU, replace(SKU, code="👕 ‏قميص", title="👕 ‏قميص")])
    with pytest.raises(CatalogInvalid) as refused:
        rules.check_skus([SKU, replace(draft, code=draft.code.replace("shirt-m", "other"))])
    assert refused.value.field == f"skus.1.{field}"


def test_a_product_is_refused_with_the_field_to_mend() -> None:
    rules.check_products([PRODUCT])
    for draft, field in [
        (replace(PRODUCT, title=" "), "products.0.title"),
        (replace(PRODUCT, tags=("a", "")), "products.0.tags.1"),
        (replace(PRODUCT, tags=("a\x1fb",)), "products.0.tags.0"),
    ]:
        with pytest.raises(CatalogInvalid) as refused:
            rules.check_products([draft])
        assert refused.value.field == field


def test_a_code_stands_once_in_a_batch() -> None:
    with pytest.raises(CatalogInvalid) as refused:
        rules.check_skus([SKU, SKU])
    assert refused.value.field == "skus.1.code"
    rules.check_skus([SKU, replace(SKU, code="SHIRT-M")])  # capitals count: UCI's 85123A and a


def test_a_tariff_code_is_kept_as_digits() -> None:
    assert rules.sku_of(SKU, A, B).hs_code == "610910"


def test_one_barcode_names_one_sku_of_a_batch() -> None:
    assert rules.barcodes_of([SKU]) == {"04006381333931": "shirt-m"}
    same = replace(SKU, barcodes=("4006381333931", "04006381333931"))
    assert rules.barcodes_of([same]) == {"04006381333931": "shirt-m"}
    with pytest.raises(BarcodeTaken) as taken:
        rules.barcodes_of([SKU, replace(SKU, code="other")])
    assert taken.value.field == "skus.1.barcodes.0"


def test_barcodes_move_among_the_skus_being_saved_and_from_nobody_else() -> None:
    assert rules.barcode_changes({"1": A, "2": B}, {"1": B, "3": A}, {A, B}) == (
        {"1": A, "2": B},
        {"1": B, "3": A},
    )
    assert rules.barcode_changes({"1": A}, {"1": A}, {A}) == ({}, {})
    with pytest.raises(BarcodeTaken):
        rules.barcode_changes({"1": C}, {"1": A}, {A, B})
