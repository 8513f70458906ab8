"""Rows become orders, returns and write-offs: whole, exact, or not at all."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from import_files import HEADER, MAP, Result, file_of, imported, table

from baton.connectors.files import (
    OrderEntry,
    ReturnEntry,
    RowClass,
    Where,
    WriteOffEntry,
    open_import,
    parse_map,
)
from baton.connectors.files.amounts import minor, priced
from baton.connectors.files.entries import GroupEntry, ReturnLineEntry, WriteOffLineEntry
from baton.orders.model import (
    ChargeDraft,
    ChargeKind,
    LineDraft,
    LineKind,
    Method,
    TenderDraft,
)

RULES = """
rules:
  - {when: {order: {matches: '^C'}}, is: return}
  - {when: {order: {matches: '^X'}}, is: cancellation}
  - {when: {qty: {less_than: 0}, price: {number: 0}}, is: write_off, reason: title}
  - {when: {title: {matches: '(?i)test'}}, is: skip, reason: {value: a test}}
  - {when: {sku: [POST, DOT]}, charge: shipping}
  - {when: {sku: D}, charge: discount}
  - {when: {sku: {matches: '^gift_'}}, line: gift_card}
"""


def of(folder: Path, *rows: str, map: str = MAP + RULES, header: str = HEADER) -> Result:
    return imported(file_of(folder, table(*rows, header=header)), map)


def test_rows_of_one_number_are_one_order(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        "7,2026-01-05 10:01,A1,Mug,3,2.50",
        "7,2026-01-05 10:00,POST,Postage,1,4.95",
        "7,2026-01-05 10:00,A1,Mug,3,2.50",
        "7,2026-01-05 10:00,gift_20,Voucher,2,20",
        "8,2026-01-06,B,,1,0",
    )
    first, second = found.entries
    assert first == OrderEntry(
        channel="shop",
        external_id="7",
        placed_at="2026-01-05T10:00:00Z",  # the earliest of its rows
        currency="EUR",
        total=5_995,
        lines=(
            LineDraft("A1", 3, 250, title="Mug"),
            LineDraft("A1", 3, 250, title="Mug"),  # the same again stays a line of its own
            LineDraft("gift_20", 2, 2_000, title="Voucher", kind=LineKind.GIFT_CARD),
        ),
        groups=(GroupEntry(),),
        charges=(ChargeDraft(ChargeKind.SHIPPING, 495, title="Postage"),),
    )
    assert isinstance(second, OrderEntry)
    assert second.lines == (LineDraft("B", 1, 0),)
    assert found.line_nos == [(2, 3, 4, 5), (6,)]
    assert found.summary.rows == {RowClass.LINE: 4, RowClass.CHARGE: 1}


def test_an_order_is_the_body_that_the_api_takes(tmp_path: Path) -> None:
    body = msgspec.json.decode(msgspec.json.encode(of(tmp_path, "7,2026-01-05,A,Mug,3,2.5").order))
    assert body == {
        "channel": "shop",
        "external_id": "7",
        "placed_at": "2026-01-05T00:00:00Z",
        "currency": "EUR",
        "total": 750,
        "lines": [
            {
                "sku": "A",
                "quantity": 3,
                "unit_price": 250,
                "discount": 0,
                "tax": 0,
                "title": "Mug",
                "group": 1,
                "kind": "goods",
            }
        ],
        "groups": [
            {"number": 1, "method": "ship", "address": None, "location": "", "service": "standard"}
        ],
        "charges": [],
        "tenders": [],
        "buyer_name": "",
        "email": "",
        "phone": "",
        "channel_customer_id": "",
        "language": "en",
        "note": "",
        "attributes": {},
    }


def test_everything_that_a_file_can_say_of_an_order(tmp_path: Path) -> None:
    columns = (
        "nr,date,ch,cur,sum,note,lang,cust,first,last,mail,tel,how,place,co,a1,a2,city,zip,reg,land"
        ",pay,psp,ref,sku,name,n,price,off,vat,ship,coupon,campaign"
    )
    map = """
dates: {timezone: Europe/Berlin}
fields:
  external_id: nr
  placed_at: date
  channel: {column: ch, words: {Webshop: web}}
  currency: cur
  total: sum
  note: note
  language: lang
  channel_customer_id: {column: cust, remove: '\\.0$'}
  buyer_name: {columns: [first, last]}
  email: mail
  phone: tel
  method: {column: how, words: {Abholung: pickup, Versand: ship}}
  location: place
  service: {value: express}
  company: co
  address_1: a1
  address_2: a2
  city: city
  postal_code: zip
  region: reg
  country: land
  payment_method: pay
  payment_provider: psp
  payment_ref: ref
  sku: sku
  title: {column: name, default: Thing}
  quantity: n
  unit_price: price
  discount: off
  tax: vat
attributes: {campaign: campaign}
charges:
  - {amount: ship, kind: shipping, title: Shipping}
  - {amount: coupon, kind: discount, title: Coupon, negative: true}
"""
    head = "9,2026-01-05,Webshop,eur,17.50,Ring,de,17.0,Ada,Lovelace,a@b.de,+49 30 1,Abholung,B1"
    address = "ACME,Weg 1,Hof,Berlin,10115,BE,Deutschland,card,psp,p_1"
    rows = [
        f"{head},{address},A,Mug,2,5.00,1.00,1.44,4.90,0.90,spring",
        f"{head},{address},B,,1,4.50,,0.72,4.90,0.90,spring",
    ]
    order = of(tmp_path, *rows, map=map, header=columns).order
    assert order.placed_at == "2026-01-04T23:00:00Z"
    assert order.channel == "web"
    assert order.currency == "EUR"
    assert order.total == 1_750
    assert (order.note, order.language, order.channel_customer_id) == ("Ring", "de", "17")
    assert (order.buyer_name, order.email, order.phone) == ("Ada Lovelace", "a@b.de", "+49 30 1")
    (group,) = order.groups
    assert (group.method, group.location, group.service) == (Method.PICKUP, "B1", "express")
    assert group.address is not None
    assert msgspec.to_builtins(group.address) == {
        "name": "Ada Lovelace",
        "lines": ("Weg 1", "Hof"),
        "city": "Berlin",
        "country": "DE",
        "postal_code": "10115",
        "region": "BE",
        "company": "ACME",
    }
    assert order.lines == (
        LineDraft("A", 2, 500, discount=100, tax=144, title="Mug"),
        LineDraft("B", 1, 450, tax=72, title="Thing"),
    )
    assert order.charges == (
        ChargeDraft(ChargeKind.SHIPPING, 490, title="Shipping"),
        ChargeDraft(ChargeKind.DISCOUNT, -90, title="Coupon"),
    )
    assert order.tenders == (TenderDraft("card", 1_750, provider="psp", authorised_ref="p_1"),)
    assert order.attributes == {"campaign": "spring", "country": "Deutschland"}


def test_a_total_that_is_not_given_is_the_sum(tmp_path: Path) -> None:
    map = MAP + "  tax: vat\n"
    row, header = "1,2026-01-05,A,a,2,5.00,1.90", f"{HEADER},vat"
    assert of(tmp_path, row, map=map, header=header).order.total == 1_000
    net = of(tmp_path, row, map=map + "tax_included: false\n", header=header)
    assert net.order.total == 1_190


def test_an_order_of_charges_alone(tmp_path: Path) -> None:
    order = of(tmp_path, "1,2026-01-05,POST,Postage,3,18.00", "1,2026-01-05,D,,1,-5").order
    assert order.lines == ()
    assert order.charges == (
        ChargeDraft(ChargeKind.SHIPPING, 5_400, title="3 × Postage"),
        ChargeDraft(ChargeKind.DISCOUNT, -500, title="D"),
    )
    assert order.total == 4_900


# ── returns and write-offs ─────────────────────────────────────────────────────────────────


def test_returns_turn_the_signs(tmp_path: Path) -> None:
    found = of(
        tmp_path,
        "C7,2026-01-05 10:00,A1,Mug,-3,2.50",
        "C7,2026-01-05 10:00,D,Discount,-1,1.00",
        "X8,2026-01-05 10:00,A1,Mug,3,2.50",  # some files write a return as it was sold
        "C9,2026-01-05 10:00,A1,Mug,1,-2.50",
    )
    first, second, third = found.entries
    assert isinstance(first, ReturnEntry)
    assert first.lines == (
        ReturnLineEntry("A1", "Mug", 3, 750),
        ReturnLineEntry("D", "Discount", 1, 100, ChargeKind.DISCOUNT),
    )
    assert (first.kind, first.external_id, first.total) == ("return", "C7", 850)
    assert isinstance(second, ReturnEntry)
    assert (second.kind, second.total) == ("cancellation", 750)
    assert isinstance(third, ReturnEntry)
    assert third.lines == (ReturnLineEntry("A1", "Mug", 1, 250),)
    assert found.summary.rows == {RowClass.RETURN: 3, RowClass.CANCELLATION: 1}
    sums = found.summary.sums[Where("2026-01", "", "EUR")]
    assert (sums.units, sums.charge_units, sums.minor) == (-7, -1, -1_850)
    assert sums.exact == Decimal("-18.50")


def test_a_return_may_know_its_order(tmp_path: Path) -> None:
    map = MAP + "  original_id: of\n" + RULES
    header = f"{HEADER},of"
    (entry,) = of(tmp_path, "C7,2026-01-05,A,a,-1,2,5", map=map, header=header).entries
    assert isinstance(entry, ReturnEntry)
    assert entry.order == "5"


def test_write_offs_say_why(tmp_path: Path) -> None:
    (entry,) = of(
        tmp_path,
        "7,2026-01-05,A1,damaged,-3,0",
        "7,2026-01-05,B1,wet,-1,0.00",
        "7,2026-01-05,C1,damaged,-1,0.00",
    ).entries
    assert entry == WriteOffEntry(
        channel="shop",
        reference="7",
        occurred_at="2026-01-05T00:00:00Z",
        reason="damaged; wet",
        lines=(  # the column that gives the reason gives no title
            WriteOffLineEntry("A1", "", 3),
            WriteOffLineEntry("B1", "", 1),
            WriteOffLineEntry("C1", "", 1),
        ),
    )


def test_one_number_may_stand_for_several_documents(tmp_path: Path) -> None:
    map = MAP + "rules:\n  - {when: {qty: {less_than: 0}}, is: return}\n"
    found = of(tmp_path, "7,2026-01-05,A,a,2,5", "7,2026-01-06,B,b,-1,3", map=map)
    sold, back = found.entries
    assert isinstance(sold, OrderEntry)
    assert isinstance(back, ReturnEntry)
    assert (sold.placed_at, back.occurred_at) == ("2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z")
    assert found.line_nos == [(2,), (3,)]


def test_skipped_rows_are_counted_with_their_reason(tmp_path: Path) -> None:
    found = of(tmp_path, "7,2026-01-05,A,a test,1,5", ",,,,,", "7,2026-01-05,A,a,1,5")
    assert len(found.entries) == 1
    assert found.summary.skipped == {"a test": 1, "an empty row": 1}
    assert found.summary.total_rows == 3


# ── rules ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("condition", "skipped"),
    [
        ("{sku: A}", "A"),
        ("{sku: {equals: A}}", "A"),
        ("{sku: [A, B]}", "AB"),
        ("{sku: {not_in: [A, B]}}", "CD"),
        ("{sku: {matches: '[AC]'}}", "AC"),
        ("{title: {empty: true}}", "B"),
        ("{title: {empty: false}}", "ACD"),
        ("{qty: {less_than: 2}}", "A"),
        ("{qty: {more_than: 2}}", "CD"),
        ("{qty: {more_than: 1, less_than: 4}}", "BC"),
        ("{price: {number: 5}}", "AB"),
        ("{price: {number: 5}, qty: {number: 2}}", "B"),
        ("{title: {less_than: 100}}", ""),  # what is no number is not less
    ],
)
def test_conditions(tmp_path: Path, condition: str, skipped: str) -> None:
    map = MAP + f"rules:\n  - {{when: {condition}, is: skip, reason: sku}}\n"
    rows = [
        "1,2026-01-05,A,a,1,5.00",
        "2,2026-01-05,B,,2,5",
        "3,2026-01-05,C,c,3,7",
        "4,2026-01-05,D,d,4,8",
    ]
    assert "".join(sorted(of(tmp_path, *rows, map=map).summary.skipped)) == skipped


def test_for_each_question_the_first_rule_that_fits_decides(tmp_path: Path) -> None:
    map = MAP + (
        "rules:\n"
        "  - {when: {order: {matches: '^C'}}, is: return}\n"
        "  - {when: {sku: POST}, charge: shipping}\n"
        "  - {when: {sku: {matches: 'POST|FEE'}}, charge: fee}\n"
        "  - {when: {qty: {less_than: 0}}, is: write_off, charge: other}\n"
    )
    found = of(
        tmp_path, "C1,2026-01-05,POST,p,-1,3", "C1,2026-01-05,FEE,f,-1,3", "2,2026-01-05,FEE,f,1,3",
        map=map,
    )  # fmt: skip
    back, order = found.entries
    assert isinstance(back, ReturnEntry)
    assert [line.charge for line in back.lines] == [ChargeKind.SHIPPING, ChargeKind.FEE]
    assert isinstance(order, OrderEntry)
    assert [charge.kind for charge in order.charges] == [ChargeKind.FEE]


# ── an order that can't be used ────────────────────────────────────────────────────────────

GOOD = "7,2026-01-05,A,a,2,5.00"


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        ("7,2026-01-05,A,a,x,5.00", "qty", "'x' is no number"),
        ("7,2026-01-05,A,a,,5.00", "qty", "no quantity"),
        ("7,2026-01-05,A,a,1.5,5.00", "qty", "1.5 is no whole number"),
        ("7,2026-01-05,A,a,0,5.00", "qty", "0 is no number of units"),
        ("7,2026-01-05,A,a,10000001,5.00", "qty", "no number of units"),
        ("7,2026-01-05,A,a,-1,5.00", "qty", "say in a rule"),
        ("7,2026-01-05,A,a,1,", "price", "no amount"),
        ("7,2026-01-05,A,a,1,free", "price", "'free' is no number"),
        ("7,2026-01-05,A,a,1,-5", "price", "say in a rule"),
        ("7,2026-01-05,A,a,1000000,999999999999", "price", "beyond all reason"),
        ("7,2026-01-05,,a,1,5", "sku", "no SKU"),
        (f"7,2026-01-05,{'A' * 121},a,1,5", "sku", "at most 120"),
        (f"7,2026-01-05,A,{'a' * 501},1,5", "title", "at most 500"),
        ("7,yesterday,A,a,1,5", "placed", "no time as the map describes it"),
        ("7,,A,a,1,5", "placed", "no time"),
    ],
)
def test_a_wrong_cell_rejects_its_order_and_no_other(
    tmp_path: Path, row: str, field: str, said: str
) -> None:
    other = "8,2026-01-05,A,a,2,5.00"
    found = of(tmp_path, GOOD, row, GOOD, other, map=MAP)
    assert found.order.external_id == "8"
    assert found.reasons[3][0] == field
    assert said in found.reasons[3][1]
    assert found.reasons[2] == found.reasons[4] == ("", "Its order can't be used for line 3.")
    assert found.summary.rows == {RowClass.LINE: 1, RowClass.REJECTED: 3}
    assert sum(sums.rows for sums in found.summary.sums.values()) == 1


def test_every_wrong_row_gets_its_own_reason(tmp_path: Path) -> None:
    found = of(tmp_path, "7,2026-01-05,A,a,x,5", "7,2026-01-05,A,a,1,y", map=MAP)
    assert [reason[0] for reason in found.reasons.values()] == ["qty", "price"]


def test_bytes_that_are_no_text_reject_the_order(tmp_path: Path) -> None:
    path = file_of(tmp_path, table(GOOD, "7,2026-01-05,A,@,1,5").encode().replace(b"@", b"\xe9"))
    found = imported(path)
    assert found.entries == []
    assert found.reasons[3] == ("title", "There are bytes in it that are no text.")


def test_rows_that_contradict_each_other_reject_the_order(tmp_path: Path) -> None:
    map, header = MAP + "  email: mail\n", f"{HEADER},mail"
    rows = [f"{GOOD},a@b.de", f"{GOOD},", f"{GOOD},c@d.de"]
    found = of(tmp_path, *rows, map=map, header=header)
    assert found.entries == []
    assert found.reasons[4] == ("mail", "'c@d.de' contradicts 'a@b.de' of the same order.")
    lenient = map.replace("email: mail", "email: {column: mail, differs: first}")
    assert of(tmp_path, *rows, map=lenient, header=header).order.email == "a@b.de"


@pytest.mark.parametrize(
    ("more", "row", "field", "said"),
    [
        ("  method: m", "post", "m", "ship or pickup"),
        ("  discount: m", "-1", "m", "without a sign"),
        ("  discount: m", "10.01", "m", "more than the line"),
        ("  tax: m", "x", "m", "no number"),
        ("  total: m", "x", "m", "no number"),
        ("  country: {column: m, words: {x: Atlantis}}", "x", "m", "no code of a country"),
        ("charges: [{amount: m, kind: fee}]", "x", "charges.0.amount", "no number"),
    ],
)
def test_a_wrong_text_of_an_optional_field_rejects(
    tmp_path: Path, more: str, row: str, field: str, said: str
) -> None:
    found = of(tmp_path, f"{GOOD},{row}", map=f"{MAP}{more}\n", header=f"{HEADER},m")
    assert found.entries == []
    assert found.reasons[2][0] == field
    assert said in found.reasons[2][1]


def test_ids_and_texts_keep_to_the_apis_limits(tmp_path: Path) -> None:
    map = MAP.replace("{value: shop}", "ch") + "  email: mail\n"
    long = "8" * 121
    rows = [f"{GOOD},,a@b.de", f"{long}{GOOD[1:]},shop,", f"9{GOOD[1:]},shop,{'a' * 501}"]
    found = of(tmp_path, *rows, map=map, header=f"{HEADER},ch,mail")
    assert found.entries == []
    fields = {line: field for line, (field, _) in found.reasons.items()}
    assert fields == {2: "ch", 3: "order", 4: "mail"}


def test_a_currency_has_three_letters(tmp_path: Path) -> None:
    map = MAP.replace("{value: EUR}", "cur")
    found = of(tmp_path, f"{GOOD},euro", map=map, header=f"{HEADER},cur")
    assert found.reasons[2] == ("cur", "'euro' is no currency of three letters.")


# ── which rows stand together ──────────────────────────────────────────────────────────────


def rows_of(*orders: str) -> list[str]:
    return [f"{order},2026-01-05,A,a,1,1.00" for order in orders]


def test_rows_of_an_order_may_stand_some_way_apart(tmp_path: Path) -> None:
    map = MAP + "merge_within: 2\n"
    found = of(tmp_path, *rows_of("1", "2", "3", "1", "4"), map=map)
    assert sorted(found.line_nos) == [(2, 5), (3,), (4,), (6,)]
    assert not found.rejects


def test_a_row_too_far_from_its_order_is_rejected(tmp_path: Path) -> None:
    map = MAP + "merge_within: 2\n"
    found = of(tmp_path, *rows_of("1", "2", "3", "4", "1", "1"), map=map)
    assert sorted(found.line_nos) == [(2,), (3,), (4,), (5,)]
    assert set(found.reasons) == {6, 7}
    assert "merge_within" in found.reasons[6][1]


def test_without_merging_an_order_ends_where_another_begins(tmp_path: Path) -> None:
    found = of(tmp_path, *rows_of("1", "1", "2", "1"), map=MAP + "merge_within: 0\n")
    assert found.line_nos == [(2, 3), (4,)]
    assert set(found.reasons) == {5}


def test_the_same_number_in_another_channel_is_another_order(tmp_path: Path) -> None:
    map = MAP.replace("{value: shop}", "ch")
    rows = [f"{row},{ch}" for row, ch in zip(rows_of("1", "1", "1"), "aba", strict=True)]
    found = of(tmp_path, *rows, map=map, header=f"{HEADER},ch")
    assert sorted(found.line_nos) == [(2, 4), (3,)]


def test_orders_beside_an_unreadable_line_wait_for_it(tmp_path: Path) -> None:
    """The line may be a part of either; an order never comes in without some of its lines."""
    rows = rows_of("1", "2", "2", "3", "4")
    rows.insert(3, "2,2026-01-05,A,a,1,1.00,one too many")
    found = of(tmp_path, *rows, map=MAP)
    assert sorted(found.line_nos) == [(2,), (7,)]
    assert found.reasons[5] == ("", "The row has 7 cells, the header 6.")
    for line in (3, 4, 6):
        assert found.reasons[line][1].startswith("Line 5 beside it")


def test_a_row_without_a_number_is_rejected_like_an_unreadable_one(tmp_path: Path) -> None:
    rows = rows_of("1", "", "1", "2")
    found = of(tmp_path, *rows, map=MAP)
    assert found.line_nos == [(5,)]
    assert found.reasons[3] == ("order", "The row does not say which order it is of.")


def test_an_order_without_end_is_rejected(tmp_path: Path) -> None:
    found = of(tmp_path, *rows_of(*["1"] * 10_005, "2"), map=MAP)
    assert found.line_nos == [(10_007,)]
    assert found.summary.rows == {RowClass.REJECTED: 10_005, RowClass.LINE: 1}


# ── money ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("quantity", "price", "unit_price", "discount"),
    [
        ("3", "0.333", 34, 2),  # 0.999 is 1.00
        ("1", "0.001", 0, 0),
        ("1000", "0.001", 1, 900),  # 1.00
        ("2", "0.125", 13, 1),  # 0.25
        ("1", "0.125", 12, 0),  # half to even
        ("1", "0.135", 14, 0),
        ("6", "2.55", 255, 0),
    ],
)
def test_a_price_of_more_digits_than_its_currency_keeps_the_lines_money(
    tmp_path: Path, quantity: str, price: str, unit_price: int, discount: int
) -> None:
    found = of(tmp_path, f"1,2026-01-05,A,a,{quantity},{price}", map=MAP)
    (line,) = found.order.lines
    assert (line.unit_price, line.discount) == (unit_price, discount)
    exact = Decimal(quantity) * Decimal(price)
    assert found.order.total == minor(exact, 2)
    where = Where("2026-01", "", "EUR")
    assert found.summary.sums[where].exact == exact
    lost = Decimal(found.order.total).scaleb(-2) - exact
    assert found.summary.rounding() == ({where: lost} if lost else {})


def test_a_lines_total_instead_of_a_price(tmp_path: Path) -> None:
    map = MAP.replace("unit_price: price", "line_total: price\n  discount: off")
    found = of(tmp_path, "1,2026-01-05,A,a,3,9.00,1.00", map=map, header=f"{HEADER},off")
    (line,) = found.order.lines
    assert line.unit_price * line.quantity - line.discount == 900
    assert (line.unit_price, line.discount) == (334, 102)
    assert found.summary.sums[Where("2026-01", "", "EUR")].exact == 9


@pytest.mark.parametrize(
    ("currency", "price", "total"), [("JPY", "250", 250), ("KWD", "2.5", 2500)]
)
def test_minor_units_are_those_of_the_currency(
    tmp_path: Path, currency: str, price: str, total: int
) -> None:
    map = MAP.replace("EUR", currency)
    assert of(tmp_path, f"1,2026-01-05,A,a,1,{price}", map=map).order.total == total


def test_the_least_price_is_taken() -> None:
    assert (priced(3, 100, 0).unit_price, priced(3, 100, 0).discount) == (34, 2)
    assert (priced(3, 99, 5).unit_price, priced(3, 99, 5).discount) == (33, 5)


def test_sums_stand_by_local_month_and_country(tmp_path: Path) -> None:
    map = MAP + "  country: land\ndates: {timezone: Asia/Tokyo}\n"
    rows = [
        "1,2026-01-31 23:59,A,a,2,1.50,Japan",
        "2,2026-02-01 00:01,A,a,1,1.50,Japan",
        "3,2026-02-01 00:01,A,a,1,1.50,Atlantis",
    ]
    found = of(tmp_path, *rows, map=map, header=f"{HEADER},land")
    got = {where: (sums.units, sums.minor) for where, sums in found.summary.sums.items()}
    assert got == {
        Where("2026-01", "Japan", "EUR"): (2, 300),
        Where("2026-02", "Japan", "EUR"): (1, 150),
        Where("2026-02", "Atlantis", "EUR"): (1, 150),
    }
    assert not found.summary.differing()
    atlantis = next(e for e in found.entries if isinstance(e, OrderEntry) and e.external_id == "3")
    assert atlantis.groups[0].address is None
    assert atlantis.attributes == {"country": "Atlantis"}


# ── batches ────────────────────────────────────────────────────────────────────────────────


def test_batches_count_rows_and_bytes(tmp_path: Path) -> None:
    path = file_of(tmp_path, table(*rows_of(*map(str, range(25)))), "orders.csv.gz")
    with open_import(path, parse_map(MAP), batch=10) as orders:
        batches = list(orders)
    assert [len(batch.entries) for batch in batches] == [10, 10, 5]
    assert sum(batch.rows for batch in batches) == 25
    assert batches[-1].bytes_read == batches[-1].bytes_total == path.stat().st_size
