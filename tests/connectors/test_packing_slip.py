"""The packing slip: everything in the box, on as many pages as it takes, and no prices."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest
from pypdf import PdfReader

from baton.connectors.documents import TypstDocuments
from baton.shipping.port import Documents, PackingSlip, SlipLine
from baton.values.address import Address

DOCUMENTS: Documents = TypstDocuments()
SLIP = PackingSlip(
    order_number="SO-2026-104233",
    ship_from=Address(
        "Warehouse", ("Speicherstraße 12",), "Hamburg", "DE", "20457", company="Fjord & Field"
    ),
    ship_to=Address("Aurélie Lefèvre", ("14 rue de la République",), "Lyon", "FR", "69002"),
    lines=(
        SlipLine("TSH-BLK-M", "T-shirt, black, M", 2),
        SlipLine("MUG-01", "Mug #1 *hand-made* $12", 11),
    ),
    ships_on=date(2026, 11, 21),
    tracking_no="BF12345678901234567866",
    package=1,
    packages=2,
    note="Happy birthday!",
)


def pages(slip: PackingSlip) -> list[str]:
    reader = PdfReader(io.BytesIO(DOCUMENTS.packing_slip(slip)))
    return [" ".join(page.extract_text().split()) for page in reader.pages]


def test_it_says_what_is_in_the_box() -> None:
    (page,) = pages(SLIP)
    for part in (
        "Packing slip",
        "Fjord & Field",
        "Aurélie Lefèvre",
        "FRANCE",
        "SO-2026-104233",
        "2026-11-21",
        "1 of 2",
        "BF12345678901234567866",
        "2 TSH-BLK-M T-shirt, black, M",
        "11 MUG-01 Mug #1 *hand-made* $12",
        "13 units in this package",
        "Happy birthday!",
        "Page 1 of 1",
    ):
        assert part in page


def test_the_same_slip_gives_the_same_bytes() -> None:
    assert TypstDocuments().packing_slip(SLIP) == DOCUMENTS.packing_slip(SLIP)


def test_it_goes_on_as_long_as_there_are_lines() -> None:
    lines = tuple(SlipLine(f"SKU-{n:04}", f"Thing number {n}", n + 1) for n in range(200))
    found = pages(replace(SLIP, lines=lines))
    assert len(found) > 4
    assert all("UNITS SKU ITEM" in page for page in found[:-1])  # the head is repeated
    assert f"Page 2 of {len(found)}" in found[1]
    text = " ".join(found)
    assert all(f"SKU-{n:04} Thing number {n}" in text for n in range(200))
    assert f"{sum(range(1, 201))} units in this package" in text


@pytest.mark.parametrize(
    "text", ["", "陳大文 🎁", "مرحبا", "W" * 400, "#panic()", "a\x00b", "\ud83d", "[" * 50]
)
def test_no_text_breaks_it(text: str) -> None:
    lines = (SlipLine(text, text, 1),)
    to = Address(text, (text,), text, "XX", text)
    odd = replace(SLIP, order_number=text, ship_to=to, lines=lines, note=text, tracking_no=text)
    assert "Packing slip" in " ".join(pages(odd))


def test_an_empty_package_is_a_slip_without_lines() -> None:
    (page,) = pages(replace(SLIP, lines=(), note="", tracking_no=""))
    assert "0 units in this package" in page
    assert "TRACKING" not in page
