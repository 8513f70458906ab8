"""Whatever buyers write, each gets one customer, and knowing more never changes who is who."""

from __future__ import annotations

import msgspec
from email_validator import EmailNotValidError, validate_email
from hypothesis import given
from hypothesis import strategies as st

from baton.customers.addresses import check_address, check_keepable
from baton.customers.contacts import normalised_email, normalised_phone
from baton.customers.errors import AddressUnkeepable
from baton.customers.model import Identity, Seed
from baton.customers.rules import assigned, customer_of, identities
from baton.values.address import Address
from baton.values.ids import new_id

SHOP = new_id(1, 1)
some_identities = st.tuples(
    st.sampled_from([None, "1", "2", "3"]), st.sampled_from([None, "a", "b", "c"])
).map(
    lambda pair: tuple(
        Identity(kind, value)
        for kind, value in zip(("channel:x", "email"), pair, strict=True)
        if value
    )
)
batches = st.lists(some_identities, max_size=12)
known = st.dictionaries(
    st.sampled_from(
        [Identity("channel:x", v) for v in "123"] + [Identity("email", v) for v in "abc"]
    ),
    st.sampled_from([new_id(3, n) for n in range(3)]),
)


@given(batches, known)
def test_every_identity_ends_with_one_owner_and_asking_again_changes_nothing(
    wanted: list[tuple[Identity, ...]], known: dict[Identity, object]
) -> None:
    fresh = [new_id(2, n) for n in range(len(wanted))]
    plan = assigned(wanted, known, fresh)  # type: ignore[arg-type]
    assert not plan.links.keys() & known.keys()
    after = {**known, **plan.links}
    for own, owner in zip(wanted, plan.owners, strict=True):
        assert (owner is None) == (not own)
        assert all(one in after for one in own)
        if own:
            assert after[own[0]] == owner  # the surest identity decides from then on
    again = assigned(wanted, after, [new_id(9, n) for n in range(len(wanted))])  # type: ignore[arg-type]
    assert again.owners == plan.owners
    assert again.links == {}


@given(batches, known)
def test_no_customer_is_made_for_nothing(
    wanted: list[tuple[Identity, ...]], known: dict[Identity, object]
) -> None:
    fresh = [new_id(2, n) for n in range(len(wanted))]
    plan = assigned(wanted, known, fresh)  # type: ignore[arg-type]
    assert set(plan.owners) & set(fresh) == set(plan.links.values()) & set(fresh)


any_text = st.text(st.characters(), max_size=40)


@given(any_text, any_text, any_text, any_text, any_text)
def test_no_buyer_breaks_it(id: str, email: str, name: str, phone: str, country: str) -> None:
    seed = Seed(SHOP, id, email, name, phone, country, country)
    identities(seed)
    customer = customer_of(seed, SHOP)
    for text in (customer.name, customer.email, customer.phone, customer.language):
        assert "\x00" not in text
        text.encode()


@given(st.emails() | any_text.map(lambda text: f"{text}@example.com"))
def test_a_spelling_is_spelt_as_itself(text: str) -> None:
    once = normalised_email(text)
    if once is not None:
        assert normalised_email(once) == once
        assert once == once.lower()


plain = st.from_regex(r"[A-Za-z0-9._+-]{1,66}@[a-z0-9.-]{1,66}(\.[a-z]{1,9})?", fullmatch=True)
reserved = st.sampled_from(["x@a.test", "x@localhost", "x@b.onion", "x@xn--bcher-kva.com"])


@given(st.emails() | plain | reserved)
def test_the_short_cut_for_plain_addresses_leads_to_the_same(text: str) -> None:
    try:
        found = validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        found = None
    assert normalised_email(text) == found


@given(st.from_regex(r"\+?[0-9 ()-]{5,16}", fullmatch=True), st.sampled_from(["DE", "US", ""]))
def test_a_number_that_was_spelt_out_stays(text: str, country: str) -> None:
    once = normalised_phone(text, country)
    if once != text.strip():
        assert normalised_phone(once) == once


@given(
    st.builds(
        Address,
        any_text,
        st.lists(any_text, max_size=4).map(tuple),
        any_text,
        st.sampled_from(["DE", "US", "GB", "JP", "BR", "CN", "IE", "HK", "XX", ""]) | any_text,
        any_text,
        any_text,
    )
)
def test_no_address_breaks_it(address: Address) -> None:
    for problem in check_address(address):
        assert problem.field in {"country", "name", "lines", "city", "region", "postal_code"}
    try:
        check_keepable(address, "address")
    except AddressUnkeepable:
        return
    msgspec.json.encode(address)
