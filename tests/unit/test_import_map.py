"""Maps: what they say, and which key is wrong where they say something that can't be."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from import_files import MAP, file_of, imported, table
from pydantic import BaseModel

from baton.connectors.files import MapInvalid, load_map, open_import, parse_map, shipped_maps
from baton.connectors.files.countries import country_code
from baton.connectors.files.mapping import (
    ChargeColumn,
    Condition,
    DateOptions,
    Document,
    Fields,
    FieldSpec,
    Map,
    NumberOptions,
    Rule,
    SourceOptions,
)
from baton.connectors.files.texts import NotRead, instant_reader, number_reader, units, written
from baton.orders.model import ChargeKind, LineKind


def test_a_small_map_has_sensible_defaults() -> None:
    map = parse_map(MAP)
    assert map.source.encoding == "utf-8"
    assert map.merge_within == 1_000
    assert not map.create_skus
    assert map.column_of("quantity") == "qty"
    assert map.column_of("currency") == ""
    assert dict(map.columns())["fields.external_id"] == "order"


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ("colour: red", "colour"),
        ("rules: [{when: {a: x}}]", "rules.0"),
        ("rules: [{when: {a: x}, is: gone}]", "rules.0.is"),
        ("rules: [{when: {a: {matches: '['}}, is: skip}]", "rules.0.when.a.matches"),
        ("rules: [{when: {a: {like: x}}, is: skip}]", "rules.0.when.a.like"),
        ("rules: [{when: {a: {}}, is: skip}]", "rules.0.when.a"),
        ("rules: [{when: {a: {less_than: few}}, is: skip}]", "rules.0.when.a.less_than"),
        ("rules: [{when: {}, is: skip}]", "rules.0.when"),
        ("rules: [{when: {a: x}, charge: postage}]", "rules.0.charge"),
        ("rules: [{when: {a: x}, charge: fee, line: service}]", "rules.0"),
        ("rules: [{when: {a: x}, charge: fee, reason: b}]", "rules.0"),
        ("dates: {timezone: Europe/Nowhere}", "dates.timezone"),
        ("dates: {timezone: ../etc/passwd}", "dates.timezone"),
        ("dates: {formats: []}", "dates.formats"),
        ("numbers: {decimal: x}", "numbers.decimal"),
        ("numbers: {decimal: ',', thousands: ','}", "numbers"),
        ("source: {encoding: klingon}", "source.encoding"),
        ("source: {encoding: utf-16}", "source.encoding"),
        ("source: {delimiter: ';;'}", "source"),
        ("source: {format: xlsx}", "source.format"),
        ("source: {header: [a, a]}", "source"),
        ("charges: [{amount: a, kind: postage}]", "charges.0.kind"),
        ("attributes: {a: {column: a, value: b}}", "attributes.a"),
        ("merge_within: -1", "merge_within"),
        ("version: 2", "version"),
    ],
)
def test_a_wrong_key_is_named(more: str, key: str) -> None:
    with pytest.raises(MapInvalid) as error:
        parse_map(f"{MAP}\n{more}\n")
    assert error.value.field == key
    assert error.value.message.startswith(f"{key}: ")


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ("  sku: sku\n", "", "fields.sku", "is missing"),
        ("  sku: sku", "  sku: {words: {a: b}}", "fields.sku", "one of column, columns, value"),
        ("  unit_price: price", "  unit_prise: price", "fields.unit_prise", "no such key"),
        ("  unit_price: price\n", "", "fields", "unit_price, line_total"),
        ("  unit_price: price", "  unit_price: price\n  line_total: sum", "fields", "line_total"),
    ],
)
def test_a_wrong_field_is_named(old: str, new: str, key: str, said: str) -> None:
    with pytest.raises(MapInvalid, match=re.escape(key)) as error:
        parse_map(MAP.replace(old, new))
    assert said in error.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "no YAML"),
        ("just words", "starts with keys"),
        ("", "starts with keys"),
        ("fields: 1", "fields"),
        (MAP + "\nmerge_within: 1\nmerge_within: 2", "'merge_within' stands twice"),
        ("? [a, b]\n: 1", "no YAML"),
    ],
)
def test_what_is_no_map_is_refused(text: str, said: str) -> None:
    with pytest.raises(MapInvalid, match=said):
        parse_map(text)


def test_texts_stay_texts(tmp_path: Path) -> None:
    """YAML's NO is Norway, its 007 a SKU."""
    text = MAP + "  country: {column: land, words: {Norwegen: NO}}\nrules:\n"
    text += "  - {when: {sku: [007, yes]}, is: skip, reason: {value: 'no'}}\n"
    rows = ["1,2026-01-05,A,a,1,2.00,Norwegen", "2,2026-01-05,007,a,1,2.00,", "3,,yes,,,,"]
    found = imported(
        file_of(tmp_path, table(*rows, header="order,placed,sku,title,qty,price,land")), text
    )
    address = found.order.groups[0].address
    assert address is not None
    assert address.country == "NO"
    assert found.summary.skipped == {"no": 2}


def test_a_column_that_the_file_lacks_is_named(tmp_path: Path) -> None:
    path = file_of(tmp_path, table("1,2026-01-05,A,a,1,2.00"))
    map = parse_map(MAP + "rules:\n  - {when: {colour: red}, is: skip}\n")
    with pytest.raises(MapInvalid, match="no column 'colour'") as error:
        open_import(path, map)
    assert error.value.field == "rules.0.when"
    assert "order, placed, sku" in error.value.message


def test_maps_that_come_with_baton_are_found_by_name(tmp_path: Path) -> None:
    assert "uci-online-retail" in shipped_maps()
    for name in shipped_maps():
        assert load_map(name).fields.sku
    own = file_of(tmp_path, MAP, "own.yaml")
    assert load_map(own) == parse_map(MAP)
    with pytest.raises(MapInvalid, match="uci-online-retail"):
        load_map("no-such-map")
    with pytest.raises(MapInvalid, match="no-such-map"):
        load_map(tmp_path / "no-such-map.yaml")
    with pytest.raises(MapInvalid, match="UTF-8"):
        load_map(file_of(tmp_path, b"\xff", "latin.yaml"))


# ── numbers, times, countries ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("style", "text", "number"),
    [
        ((".", ""), "2.55", "2.55"),
        ((".", ""), "-0.001", "-0.001"),
        ((".", ""), "+7", "7"),
        ((".", ""), ".5", "0.5"),
        ((".", ""), "5.", "5"),
        ((".", ""), "1e-3", "0.001"),
        ((".", ","), "1,234,567.8", "1234567.8"),
        ((".", ","), "1234.5", "1234.5"),
        ((",", "."), "1.234,50", "1234.50"),
        ((",", ""), "12,5", "12.5"),
        ((",", " "), "1 234,5", "1234.5"),
    ],
)
def test_numbers_are_exact(style: tuple[str, str], text: str, number: str) -> None:
    assert number_reader(*style)(text) == Decimal(number)


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ((".", ""), ""),
        ((".", ""), "x"),
        ((".", ""), "1,5"),
        ((".", ""), "1 5"),
        ((".", ""), "1.5.0"),
        ((".", ""), "--1"),
        ((".", ""), "."),
        ((".", ""), "NaN"),
        ((".", ""), "Infinity"),
        ((".", ""), "1e999"),
        ((".", ""), "٣"),
        ((".", ""), "9" * 31),
        ((".", ","), "1,23"),
        ((".", ","), "12,34,567"),
        ((",", "."), "2.55"),
    ],
)
def test_what_is_written_otherwise_is_no_number(style: tuple[str, str], text: str) -> None:
    with pytest.raises(NotRead):
        number_reader(*style)(text)


def test_units_are_whole() -> None:
    assert units(Decimal("6.0")) == 6
    with pytest.raises(NotRead):
        units(Decimal("1.5"))


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2011-01-04 10:00", "2011-01-04T10:00:00Z"),  # winter
        ("2011-07-04 10:00:30", "2011-07-04T09:00:30Z"),  # summer
        ("04/07/2011 10:00", "2011-07-04T09:00:00Z"),
        ("2011-07-04", "2011-07-03T23:00:00Z"),
        ("2011-07-04T10:00:00+02:00", "2011-07-04T08:00:00Z"),
        ("2011-10-30 01:30", "2011-10-30T00:30:00Z"),  # twice that night: the first
        ("2011-03-27 01:30", "2011-03-27T01:30:00Z"),  # not at all that night: an hour later
    ],
)
def test_local_times_become_utc(text: str, utc: str) -> None:
    read = instant_reader(["iso", "%d/%m/%Y %H:%M"], ZoneInfo("Europe/London"))
    found = read(text)
    assert found.tzinfo is UTC
    assert written(found) == utc


@pytest.mark.parametrize("text", ["", "yesterday", "2011-13-01", "0001-01-01", "31/02/2011 10:00"])
def test_what_is_no_time_is_not_read(text: str) -> None:
    read = instant_reader(["iso", "%d/%m/%Y %H:%M"], ZoneInfo("Asia/Tokyo"))
    with pytest.raises(NotRead):
        read(text)


def test_written_times_can_be_read_again() -> None:
    at = datetime(2011, 7, 4, 9, 0, tzinfo=UTC)
    assert instant_reader(["iso"], ZoneInfo("UTC"))(written(at)) == at


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("GB", "GB"),
        ("gb", "GB"),
        ("GBR", "GB"),
        ("UK", "GB"),
        ("United Kingdom", "GB"),
        ("EIRE", "IE"),
        ("RSA", "ZA"),
        ("USA", "US"),
        ("Czech Republic", "CZ"),
        ("Hong Kong", "HK"),
        ("Deutschland", "DE"),
        ("Österreich", "AT"),
        ("osterreich", "AT"),
        ("Côte d’Ivoire", "CI"),
        ("España", "ES"),
        ("Channel Islands", ""),
        ("European Community", ""),
        ("Unspecified", ""),
        ("EU", ""),
        ("ZZ", ""),
        ("", ""),
        ("Atlantis", ""),
    ],
)
def test_countries_by_any_of_their_names(text: str, code: str) -> None:
    assert country_code(text) == code


# ── the page that explains maps ────────────────────────────────────────────────────────────

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "import-orders.md"


def test_every_example_of_the_page_is_a_map() -> None:
    examples = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert len(examples) == 3
    for example in examples:
        assert parse_map(example if "fields:" in example else MAP + example)


@pytest.mark.parametrize(
    "part",
    [Map, SourceOptions, NumberOptions, DateOptions, FieldSpec, Fields, Condition, Rule,
     ChargeColumn],
)  # fmt: skip
def test_every_key_is_explained(part: type[BaseModel]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    keys = [info.alias or name for name, info in part.model_fields.items()]
    assert [key for key in keys if not re.search(rf"`[^`]*\b{key}\b[^`]*`", text)] == []


@pytest.mark.parametrize("words", [Document, ChargeKind, LineKind])
def test_every_answer_of_a_rule_is_explained(words: type[StrEnum]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [word.value for word in words if f"`{word.value}`" not in text] == []
