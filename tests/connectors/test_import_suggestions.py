"""Suggested maps: good enough to use on files that name things in other ways."""

from __future__ import annotations

from pathlib import Path

import pytest

from baton.connectors.files import (
    MapInvalid,
    OrderEntry,
    ReturnEntry,
    RowClass,
    Summary,
    open_import,
    parse_map,
)
from baton.connectors.files.entries import Entry
from baton.connectors.files.suggest import suggest
from baton.orders.model import ChargeKind

FILES = Path(__file__).parent / "files"


def imported(path: Path, yaml: str) -> tuple[list[Entry], Summary]:
    with open_import(path, parse_map(yaml), keep_rejects=False) as orders:
        entries = [sourced.entry for batch in orders for sourced in batch.entries]
    return entries, orders.summary


def fields(yaml: str) -> dict[str, str]:
    map = parse_map(yaml)
    return {name: map.column_of(name) for name, _ in map.fields.given() if map.column_of(name)}


def test_a_german_shops_table(tmp_path: Path) -> None:
    path = FILES / "webshop-maerz.csv"
    found = suggest(path)
    assert fields(found.yaml) == {
        "external_id": "Bestellnr.",
        "placed_at": "Bestelldatum",
        "channel_customer_id": "Kundennr.",
        "buyer_name": "Vorname",
        "email": "E-Mail",
        "address_1": "Straße",
        "postal_code": "PLZ",
        "city": "Ort",
        "country": "Land",
        "sku": "Artikelnr.",
        "title": "Bezeichnung",
        "quantity": "Menge",
        "unit_price": "Einzelpreis",
        "tax": "MwSt.",
    }
    assert found.unused == ("Status",)
    assert all(0.7 < confidence < 1 for confidence in found.confidence.values())
    entries, summary = imported(path, found.yaml)
    assert not summary.first_rejects
    assert set(summary.rows) == {RowClass.LINE, RowClass.RETURN, RowClass.SKIPPED}
    assert summary.skipped == {"Storno": 1}
    assert sum(isinstance(entry, ReturnEntry) for entry in entries) == 2
    first, second = entries[:2]
    assert isinstance(first, OrderEntry)
    assert isinstance(second, OrderEntry)
    assert first.placed_at == "2026-03-01T07:00:00Z"
    assert (first.buyer_name, first.email, first.total) == ("Jörg Müller", "joerg@example.de", 990)
    address = first.groups[0].address
    assert address is not None
    assert (address.lines, address.city, address.country) == (("Hauptstr. 5",), "Berlin", "DE")
    assert second.charges[0].kind is ChargeKind.SHIPPING
    assert second.charges[0].amount == 490
    prices = {line.unit_price for e in entries if isinstance(e, OrderEntry) for line in e.lines}
    assert 124_900 in prices  # 1.249,00


def test_a_feed_of_json_lines(tmp_path: Path) -> None:
    path = FILES / "feed.jsonl"
    found = suggest(path)
    assert fields(found.yaml) == {
        "external_id": "orderId",
        "placed_at": "createdAt",
        "email": "customerEmail",
        "country": "shippingCountry",
        "sku": "productSku",
        "title": "productName",
        "quantity": "units",
        "unit_price": "pricePerUnit",
        "currency": "currency",
        "total": "orderTotal",
    }
    assert found.unused == ("isGift", "rating")
    entries, summary = imported(path, found.yaml)
    assert summary.rows == {RowClass.LINE: 39}
    assert {e.currency for e in entries if isinstance(e, OrderEntry)} == {"USD", "EUR", "GBP"}
    for entry in entries:
        assert isinstance(entry, OrderEntry)
        goods = sum(line.unit_price * line.quantity for line in entry.lines)
        assert goods == entry.total


def test_a_wholesalers_tabs(tmp_path: Path) -> None:
    path = FILES / "wholesale.tsv"
    found = suggest(path)
    got = fields(found.yaml)
    assert got.pop("channel_customer_id") == "Acct"
    assert got == {
        "external_id": "Inv #",
        "placed_at": "Invoice Date",
        "country": "Cty",
        "sku": "Item Code",
        "title": "Item Description",
        "quantity": "Qty Shipped",
        "unit_price": "Price Each",
    }
    entries, summary = imported(path, found.yaml)
    assert not summary.first_rejects
    assert summary.rows[RowClass.RETURN] > 3
    assert summary.charges[ChargeKind.SHIPPING] == 6
    assert {e.currency for e in entries if isinstance(e, OrderEntry)} == {"USD"}
    assert any(
        line.title == 'VICE "PRO" 5"'
        for e in entries
        if isinstance(e, OrderEntry)
        for line in e.lines
    )


def test_without_a_header_the_values_speak(tmp_path: Path) -> None:
    lines = (FILES / "wholesale.tsv").read_text().splitlines()[1:]
    path = tmp_path / "nameless.tsv"
    path.write_text("\n".join(lines) + "\n")
    found = suggest(path)
    got = fields(found.yaml)
    assert got["placed_at"] == "column_2"
    assert got["title"] == "column_5"
    assert got["quantity"] == "column_6"
    assert got["unit_price"] == "column_7"
    assert {got["external_id"], got["sku"]} == {"column_1", "column_4"}
    _, summary = imported(path, found.yaml)
    assert not summary.first_rejects


def test_what_is_not_found_has_to_be_named_first(tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("colour,mood\nred,good\nblue,bad\n")
    found = suggest(path)
    assert found.confidence == {}
    with pytest.raises(MapInvalid, match=r"fields\.external_id: the file has no column '\?\?\?'"):
        open_import(path, parse_map(found.yaml))


@pytest.mark.parametrize(
    "name", ['a "quoted": name', "#5", "- x", "NO", "ünï", "a\\b", "{x}", "a'b"]
)
def test_columns_of_any_name_are_quoted_as_they_need(tmp_path: Path, name: str) -> None:
    path = tmp_path / "odd.csv"
    quoted = '"' + name.replace('"', '""') + '"'
    path.write_text(f"order id,date,sku,qty,price,{quoted}\n1,2026-01-05,A,1,2.50,a@example.com\n")
    assert fields(suggest(path).yaml)["email"] == name
