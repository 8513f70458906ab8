"""The printed label: one A6 page, whatever the names, with a barcode that can be read."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pictures import Picture, code_128, picture
from pypdf import PdfReader
from rate_cards import carrier

from baton.connectors.documents import Typesetter
from baton.connectors.documents.addresses import postal_lines, printed
from baton.connectors.shipping.flat_rate.carrier import TEMPLATE
from baton.connectors.shipping.flat_rate.codec import LINES_MAX, LabelSheet, bars, sheet
from baton.connectors.shipping.flat_rate.tracking import tracking_no
from baton.shipping.port import Label, LabelRequest
from baton.values.address import Address
from baton.values.parcel import Parcel

NAMES = {
    "latin": "Þórður Ægir Ångström-Łukasiewicz",
    "arabic": "محمد عبد الله",
    "hebrew": "שלמה בן־דוד",
    "chinese": "陳大文",
    "japanese": "髙橋 美咲 様",
    "korean": "김철수",
    "thai": "สมชาย ใจดี",
    "hindi": "श्रीमती क्षत्रिय",
    "emoji": "Zoë 🎁👩‍👩‍👧‍👦🏳️‍🌈",
    "mixed": "Ali علي 🎂 \u202eevil\u202c 李",
    "combining": "Z̷̛̦a̸͚͝l̶̥̈́g̵̱̈́o̸̖̎" * 20,
    "code": '#panic("x") $x$ @a <b> \\ `c` = * _ // /* {{7*7}} "quoted" #sys.inputs.data',
    "one long word": "W" * 500,
    "control": "a\x00b\x07c\x1b[31m\nd\te\r\nf\u2028g",
    "half a pair": "\ud83d alone",
    "nothing": "",
    "blank": " \u00a0\u3000\t ",
}


def request(name: str = "Jo Doe", **changes: object) -> LabelRequest:
    to = Address(name, (name, "14 rue de la République"), "Lyon", "FR", "69002", company=name)
    whole = LabelRequest(
        idempotency_key="label-key",
        service="express",
        parcel=Parcel(1840),
        ship_from=Address("Warehouse", ("Speicherstraße 12",), "Hamburg", "DE", "20457"),
        ship_to=to,
        order_number="SO-2026-104233",
        ships_on=date(2026, 11, 21),
        package=1,
        packages=2,
        distance_km=750,
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def label() -> Callable[[LabelRequest], Label]:
    maker = carrier(name="Example Parcel")

    def made(request: LabelRequest) -> Label:
        outcome = maker.label(request)
        assert isinstance(outcome, Label)
        return outcome

    return made


Made = Callable[[LabelRequest], Label]


def test_the_page_is_a6_and_says_all(label: Made) -> None:
    made = label(request())
    reader = PdfReader(io.BytesIO(made.pdf))
    (page,) = reader.pages
    assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [105, 148]
    text = " ".join(page.extract_text().split())
    for part in (
        "Express",
        "Example Parcel",
        "1 of 2",
        "Warehouse",
        "20457 HAMBURG",
        "Jo Doe",
        "69002 LYON",
        "FRANCE",
        "FR 69002",
        "National",
        "SO-2026-104233",
        "2026-11-21",
        "1.84 kg",
    ):
        assert part in text
    assert made.tracking_no in text.replace(" ", "")
    assert reader.metadata is not None
    assert reader.metadata.title == f"Shipping label {made.tracking_no}"


def test_the_same_request_gives_the_same_bytes(label: Made) -> None:
    first = label(request()).pdf
    assert carrier(name="Example Parcel").label(request()) == label(request())
    assert label(request(ships_on=date(2026, 11, 22))).pdf != first


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_no_name_breaks_it(label: Made, name: str) -> None:
    whole = Address(name, (name, name), name, "FR", name, name, name)
    made = label(request(ship_to=whole, ship_from=whole, order_number=name))
    assert len(PdfReader(io.BytesIO(made.pdf)).pages) == 1


def test_text_is_never_read_as_code(label: Made) -> None:
    made = label(request('#panic("x") #sys.version'))
    text = PdfReader(io.BytesIO(made.pdf)).pages[0].extract_text()
    assert '#panic("x") #sys.version' in " ".join(text.split())


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=300), st.lists(st.text(max_size=60), max_size=12), st.text(max_size=9))
def test_no_text_at_all_breaks_it(label: Made, name: str, lines: list[str], code: str) -> None:
    to = Address(name, tuple(lines), name, code[:2], code, name, name)
    made = label(request(ship_to=to, order_number=code))
    assert len(PdfReader(io.BytesIO(made.pdf)).pages) == 1


def test_town_and_country_are_printed_however_long_the_rest_is(label: Made) -> None:
    lines = tuple(f"Line {n} of an address that does not want to end" for n in range(30))
    to = Address("Jo Doe", lines, "Lyon", "FR", "69002")
    text = PdfReader(io.BytesIO(label(request(ship_to=to)).pdf)).pages[0].extract_text()
    assert "69002 LYON" in text
    assert "FRANCE" in text
    made = sheet(request(ship_to=to), carrier="C", service="S", zone="Z", tracking_no="BF1").ship_to
    assert len(made) == LINES_MAX


# ------------------------------------------------------------------ the barcode

DOTS_PER_MODULE = 2
DOTS_PER_INCH = DOTS_PER_MODULE / 0.375 * 25.4  # 135: coarser than any label printer


def drawn(number: str) -> LabelSheet:
    return sheet(request(), carrier="C", service="Express", zone="Z", tracking_no=number)


NUMBER = tracking_no("", "label-key")


@pytest.fixture(scope="module")
def page() -> Picture:
    (png,) = Typesetter(TEMPLATE).png(drawn(NUMBER), dots_per_inch=round(DOTS_PER_INCH))
    return picture(png)


def test_a_scanner_reads_the_tracking_number(page: Picture) -> None:
    width, height = page.size
    inside = page.dark[:, round(width * 0.06) : round(width * 0.94)]  # without the frame
    rows = [round(height * part) for part in (0.79, 0.83, 0.87)]
    assert [code_128(inside[row], DOTS_PER_MODULE) for row in rows] == [NUMBER] * 3


def test_the_quiet_zones_are_ten_modules_wide(page: Picture) -> None:
    row = page.dark[round(page.size[1] * 0.83)]
    gaps = [after - before - 1 for before, after in pairwise(row.nonzero()[0].tolist())]
    wide = [gap for gap in gaps if gap >= 10 * DOTS_PER_MODULE]
    assert len(wide) == 2  # between frame and symbol, on either side


@given(st.from_regex(r"BF[0-9]{20}", fullmatch=True))
def test_bars_alternate_and_fill_whole_symbols(number: str) -> None:
    widths = bars(number)
    assert len(widths) % 2 == 1  # it begins and ends with a bar
    assert set(widths) <= {1, 2, 3, 4}
    assert sum(widths) == 11 * (1 + 2 + 1 + 10 + 1) + 13  # start, BF, to digits, digits, check


# ------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        (
            Address("Jo Doe", ("1 Main St", "Apt 2"), "Springfield", "US", "62701", "IL"),
            ("Jo Doe", "1 Main St", "Apt 2", "SPRINGFIELD, IL 62701", "UNITED STATES"),
        ),
        (
            Address("山田太郎", ("神南1-1",), "渋谷区", "JP", "150-0041", "東京都"),
            ("〒150-0041", "東京都", "渋谷区", "神南1-1", "山田太郎", "JAPAN"),
        ),
        (
            Address("Taro Yamada", ("1-1 Jinnan",), "Shibuya", "JP", "150-0041", "Tokyo"),
            ("Taro Yamada", "1-1 Jinnan", "Shibuya, TOKYO", "150-0041", "JAPAN"),
        ),
        (
            Address("Jo Doe", ("Marina Walk 5",), "Dubai", "AE"),
            ("Jo Doe", "Marina Walk 5", "Dubai", "UNITED ARAB EMIRATES"),
        ),
        (
            Address("Jo Doe", ("5 Orchard Rd",), "Singapore", "SG", "238801"),
            ("Jo Doe", "5 Orchard Rd", "SINGAPORE 238801", "REP. OF SINGAPORE"),
        ),
        (
            Address("Jo Doe", ("Hauptstr. 5",), "München", "DE", "80331", "Bayern", "ACME"),
            ("Jo Doe", "ACME", "Hauptstr. 5", "80331 MÜNCHEN", "GERMANY"),
        ),
        (
            Address("Jo Doe", ("Somewhere 1",), "Atlantis", "XX", "123"),
            ("Jo Doe", "Somewhere 1", "123 Atlantis", "XX"),
        ),
    ],
)
def test_addresses_follow_the_order_of_their_country(
    address: Address, lines: tuple[str, ...]
) -> None:
    assert postal_lines(address) == lines


def test_a_line_is_one_line_and_ends_somewhere() -> None:
    assert printed("  a\n\tb\x00c ", 90) == "a b c"
    assert printed("word " * 100, 20) == "word word word word…"
    assert "".join(printed("x" * 90, 90).split("\u200b")) == "x" * 90
    assert max(map(len, printed("x" * 90, 90).split("\u200b"))) <= 28
    assert printed("نمی\u200cخواهم", 90) == "نمی\u200cخواهم"


# ------------------------------------------------------------------ fonts


def test_more_fonts_may_lie_anywhere_or_nowhere(tmp_path: Path) -> None:
    made = carrier(font_dirs=[tmp_path / "absent", tmp_path]).label(request("陳大文"))
    assert isinstance(made, Label)


def test_the_data_of_a_sheet_is_json() -> None:
    told = json.loads(json.dumps(asdict(drawn("BF1"))))
    assert told["ship_to"][0] == "Jo Doe"
