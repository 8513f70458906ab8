"""Decisions of the catalogue: what a barcode is, what a draft must hold, what differs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from babel.core import get_global
from babel.numbers import is_currency
from biip import ParseError
from biip.gtin import Gtin

from baton.catalog.errors import BarcodeTaken, CatalogInvalid, GtinInvalid
from baton.catalog.model import ProductDraft, Sku, SkuDraft
from baton.values.ids import Id

MOST_MINOR = 10**14
MOST_SIZE = 10**9
_HS_CODE = re.compile(r"[0-9]{4,12}")
_UNKEEPABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


def gtin14(text: str, field: str | None = None) -> str:
    """The 14 digits of a GTIN-8, -12, -13 or -14, so that one article has one spelling.

    *Source:* GS1 General Specifications, section 3.3. Raises GtinInvalid.
    """
    digits = text.strip()
    try:
        if not digits.isascii() or not digits.strip("0"):
            raise ParseError("Other characters than digits, or the zeros of an empty field.")
        return Gtin.parse(digits).as_gtin_14()
    except ParseError as error:
        raise GtinInvalid(
            f"{text[:40]!r} is no GTIN: copy the 8, 12, 13 or 14 digits below the bars.",
            field=field,
        ) from error


def tariff_code(text: str) -> str:
    """A Harmonised System code as digits alone: 6109.10 is 610910."""
    return text.replace(".", "").replace(" ", "")


def sku_of(draft: SkuDraft, id: Id, product_id: Id) -> Sku:
    """The row that a draft asks for."""
    size = draft.size
    return Sku(
        id,
        draft.code,
        product_id,
        draft.title,
        draft.kind,
        draft.weight_g,
        size.length_mm,
        size.width_mm,
        size.height_mm,
        tariff_code(draft.hs_code),
        draft.origin_country,
        draft.currency,
        draft.price_minor,
        draft.cost_minor,
        draft.active,
        draft.ship_alone,
    )


def barcodes_of(drafts: Sequence[SkuDraft]) -> dict[str, str]:
    """14 digits → the code of the SKU that they stand on.

    Raises GtinInvalid, or BarcodeTaken where one stands on two SKUs.
    """
    found: dict[str, str] = {}
    for place, draft in enumerate(drafts):
        for number, text in enumerate(draft.barcodes):
            where = f"skus.{place}.barcodes.{number}"
            gtin = gtin14(text, where)
            if found.setdefault(gtin, draft.code) != draft.code:
                raise BarcodeTaken(
                    f"{gtin} stands on {found[gtin]} already: one barcode names one SKU.",
                    field=where,
                )
    return found


def barcode_changes(
    have: Mapping[str, Id], want: Mapping[str, Id], saved: set[Id]
) -> tuple[dict[str, Id], dict[str, Id]]:
    """(to take away, to give) so that the SKUs in `saved` have what they want and no more.

    `have` holds the barcodes of those SKUs and whoever else has one that is wanted. Raises
    BarcodeTaken where a SKU that is not being saved has it.
    """
    for gtin, sku_id in want.items():
        if have.get(gtin, sku_id) not in saved:
            raise BarcodeTaken(f"{gtin} stands on another SKU: take it away there first.")
    gone = {g: s for g, s in have.items() if s in saved and want.get(g) != s}
    new = {g: s for g, s in want.items() if have.get(g) != s}
    return gone, new


# ---------------------------------------------------------------- what a draft must hold


def check_products(drafts: Sequence[ProductDraft]) -> None:
    """Raises CatalogInvalid at the first draft that can't be kept."""
    for place, draft in enumerate(drafts):
        where = f"products.{place}"
        _check_text(draft.code, f"{where}.code", most=100)
        _check_text(draft.title, f"{where}.title")
        _check_text(draft.brand, f"{where}.brand", least=0)
        _check_text(draft.category, f"{where}.category", least=0)
        for number, tag in enumerate(draft.tags):
            _check_text(tag, f"{where}.tags.{number}", most=100)
    _check_once([draft.code for draft in drafts], "products")


def check_skus(drafts: Sequence[SkuDraft]) -> None:
    """Raises CatalogInvalid at the first draft that can't be kept; barcodes are read elsewhere."""
    for place, draft in enumerate(drafts):
        where = f"skus.{place}"
        _check_text(draft.code, f"{where}.code", most=100)
        _check_text(draft.product_code, f"{where}.product_code", most=100)
        _check_text(draft.title, f"{where}.title")
        _check_customs(draft, where)
        if not is_currency(draft.currency):
            raise CatalogInvalid(
                "Give the ISO 4217 code of a currency, such as EUR.", field=f"{where}.currency"
            )
        for name in ("price_minor", "cost_minor"):
            _check_number(getattr(draft, name), f"{where}.{name}", MOST_MINOR)
        _check_number(draft.weight_g, f"{where}.weight_g", MOST_SIZE)
        for name in ("length_mm", "width_mm", "height_mm"):
            _check_number(getattr(draft.size, name), f"{where}.{name}", MOST_SIZE)
    _check_once([draft.code for draft in drafts], "skus")


def _check_customs(draft: SkuDraft, where: str) -> None:
    if draft.hs_code and not _HS_CODE.fullmatch(tariff_code(draft.hs_code)):
        raise CatalogInvalid(
            "Give the 4 to 12 digits of a customs tariff code, such as 6109.10.",
            field=f"{where}.hs_code",
        )
    country = draft.origin_country
    if country and (country == "EU" or country not in get_global("territory_currencies")):
        raise CatalogInvalid(
            "Give the ISO 3166 code of the country of origin, such as PT.",
            field=f"{where}.origin_country",
        )


def _check_text(text: str, field: str, *, least: int = 1, most: int = 500) -> None:
    if not least <= len(text.strip()) <= len(text) <= most or _UNKEEPABLE.search(text):
        raise CatalogInvalid(f"Write {least} to {most} characters on one line.", field=field)
    if text != text.strip():
        raise CatalogInvalid("Take away the blanks around it.", field=field)


def _check_number(number: int, field: str, most: int) -> None:
    if not 0 <= number <= most:
        raise CatalogInvalid(f"Give a whole number from 0 to {most}.", field=field)


def _check_once(codes: Sequence[str], what: str) -> None:
    seen: set[str] = set()
    for place, code in enumerate(codes):
        if code in seen:
            raise CatalogInvalid(f"{code!r} stands twice.", field=f"{what}.{place}.code")
        seen.add(code)
