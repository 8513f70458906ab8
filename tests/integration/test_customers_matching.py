"""Customers found and made on a real database, also by many at the same moment."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from baton import customers
from baton.customers import actions, store
from baton.customers.errors import AddressUnkeepable, CustomerNotFound
from baton.customers.model import AddressDraft, Identity, Seed
from baton.platform import ids, journal
from baton.platform.db import Caller, Database, Tx
from baton.values.address import Address
from baton.values.ids import Id

SHOP, MARKET = ids.fresh(), ids.fresh()
GUEST = Seed(SHOP, email="Ann@example.com", name="Ann", phone="030 901820", country="DE")
MEMBER = Seed(SHOP, "7", "ann@example.com", "Ann Ahn")
BERLIN = Address("Ann", ("Rathausstraße 15",), "Berlin", "DE", "10178")


def facts(tx: Tx, id: Id | None) -> list[str]:
    assert id is not None
    return [entry.fact for entry in journal.timeline(tx, [id])]


def sound(tx: Tx) -> bool:
    return not any(check.failures for check in customers.verify(tx))


def test_a_buyer_is_found_again_by_every_identity(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        (guest,) = customers.match(tx, [GUEST])
        (member,) = customers.match(tx, [MEMBER])
        assert member == guest
        moved = Seed(SHOP, "7", "new@example.com")
        stranger = Seed(MARKET, "7", "x@marketplace.amazon.de", "Ann")
        found = customers.match(
            tx, [moved, stranger, Seed(SHOP), Seed(SHOP, email="NEW@example.com")]
        )
        assert found[0] == guest
        assert found[1] not in (guest, None)
        assert found[2:] == [None, guest]
        assert facts(tx, guest) == ["customers.created", "customers.linked", "customers.linked"]
        assert facts(tx, found[1]) == ["customers.created"]
        assert guest is not None
        kept = customers.customers_by_id(tx, [guest])[guest]
        assert (kept.name, kept.email, kept.phone) == ("Ann", "ann@example.com", "+4930901820")
        assert customers.customers_by_email(tx, ["ANN@example.com", "bob@example.com"]) == {
            "ANN@example.com": [kept]
        }
        assert [c.id for c in customers.page_of_customers(tx)] == [guest, found[1]]
        assert customers.page_of_customers(tx, guest, 1)[0].id == found[1]
        assert customers.match(tx, []) == []
        assert sound(tx)


def test_two_known_customers_stay_two(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        ann, bob = customers.match(tx, [GUEST, Seed(SHOP, "8", "bob@example.com")])
        assert customers.match(tx, [Seed(SHOP, "8", "ann@example.com")]) == [bob]
        assert customers.match(tx, [GUEST]) == [ann]
        assert ann != bob


def test_no_fact_names_a_person(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        (ann,) = customers.match(tx, [MEMBER])
        assert ann is not None
        customers.save_addresses(tx, [AddressDraft(ann, BERLIN)])
        entries = journal.timeline(tx, [ann])
    text = repr([entry.data for entry in entries]).lower()
    assert len(entries) == 2
    for word in ("ahn", "example", "rathaus", "berlin", "10178"):
        assert word not in text


def test_one_batch_of_strange_buyers_is_taken(db: Database, caller: Caller) -> None:
    seeds = [
        Seed(SHOP, "\x00", "\x00@\ud800", "\x00", "\ud800", "\x00"),
        Seed(SHOP, "👩🏽‍🚀", "用户@例子.广告", "\u202bعائشة\u202c", "12", "ar"),
        Seed(SHOP, "x" * 10_000, "a@b", "x" * 10_000, "9" * 10_000, "x" * 10_000),
    ]
    with db.transaction(caller) as tx:
        found = customers.match(tx, seeds)
        assert [one is not None for one in found] == [False, True, False]
        assert customers.match(tx, seeds) == found
        assert sound(tx)


def test_the_same_new_buyer_in_many_transactions_at_once_is_one_customer(
    db: Database, caller: Caller
) -> None:
    barrier = threading.Barrier(6)
    seeds = [GUEST, MEMBER, Seed(SHOP, "7"), GUEST, MEMBER, Seed(SHOP, "7")]

    def run(seed: Seed) -> Id | None:
        with db.transaction(caller) as tx:
            barrier.wait(10)
            return customers.match(tx, [seed])[0]

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(run, seeds))
    with db.transaction(caller) as tx:
        people = customers.page_of_customers(tx)
        assert sound(tx)
        # a guest and a signed-in id that nobody saw together can't be known as one at first
        assert len(people) <= 2
        assert len(set(customers.match(tx, seeds))) == len(people)


def test_who_loses_the_race_for_one_identity_takes_the_winners_customer(
    db: Database, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other commits between look-up and claim: the id that was won follows the mail's owner."""
    member = Seed(SHOP, "70", "zoe@example.com")
    guest = Seed(SHOP, email="zoe@example.com")
    looked_up = store.owners
    raced: list[Id | None] = []

    def slow(tx: Tx, identities: set[Identity]) -> dict[Identity, Id]:
        found = looked_up(tx, identities)
        if not raced:
            raced.append(None)
            with db.transaction(caller) as other:
                raced[0] = customers.match(other, [guest])[0]
        return found

    monkeypatch.setattr(actions.store, "owners", slow)
    with db.transaction(caller) as tx:
        (late,) = customers.match(tx, [member])
    with db.transaction(caller) as tx:
        assert late == raced[0]
        assert customers.match(tx, [Seed(SHOP, "70")]) == [late]
        assert [c.id for c in customers.page_of_customers(tx)] == [late]
        assert sound(tx)


def test_random_batches_racing_end_as_if_one_after_another(db: Database, caller: Caller) -> None:
    def seed(chance: random.Random) -> Seed:
        number = chance.randrange(12)
        return Seed(
            SHOP,
            chance.choice(["", str(number)]),
            chance.choice(["", f"buyer{number}@example.com"]),
        )

    def run(number: int) -> None:
        chance = random.Random(number)
        for _ in range(8):
            seeds = [seed(chance) for _ in range(10)]
            found = db.execute(caller, lambda tx, seeds=seeds: customers.match(tx, seeds))
            for one, customer in zip(seeds, found, strict=True):
                assert (customer is None) == (not one.channel_customer_id and not one.email)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    with db.transaction(caller) as tx:
        assert sound(tx)
        assert len(customers.page_of_customers(tx)) <= 24
        for number in range(12):
            by_id, by_mail = customers.match(
                tx, [Seed(SHOP, str(number)), Seed(SHOP, email=f"buyer{number}@example.com")]
            )
            assert by_id is not None
            assert by_mail is not None


def test_the_same_address_stands_once_in_a_book_with_what_is_wrong_with_it(
    db: Database, caller: Caller
) -> None:
    wrong = Address("  ann ", ("?",), "berlin", "DE", "1017")
    with db.transaction(caller) as tx:
        ann, bob = customers.match(tx, [GUEST, Seed(SHOP, "8")])
        assert ann is not None
        assert bob is not None
        drafts = [AddressDraft(ann, BERLIN), AddressDraft(ann, wrong), AddressDraft(bob, BERLIN)]
        saved = customers.save_addresses(tx, [*drafts, drafts[0]])
        assert saved[3] == saved[0]
        assert customers.save_addresses(tx, drafts) == saved[:3]
        assert [problem.code for problem in saved[1].problems] == ["malformed"]
    with db.transaction(caller) as tx:
        book = customers.addresses_of(tx, [ann, bob])
        assert book == {ann: saved[:2], bob: [saved[2]]}
        assert book[ann][1].address == wrong  # the customer's own text
        assert facts(tx, ann) == ["customers.created", *["customers.address_saved"] * 2]
        assert customers.save_addresses(tx, []) == []


def test_an_address_needs_its_customer_and_text_that_can_be_kept(
    db: Database, caller: Caller
) -> None:
    with pytest.raises(CustomerNotFound), db.transaction(caller) as tx:
        customers.save_addresses(tx, [AddressDraft(ids.fresh(), BERLIN)])
    with pytest.raises(AddressUnkeepable) as refused, db.transaction(caller) as tx:
        customers.save_addresses(
            tx, [AddressDraft(ids.fresh(), Address("\x00", (), "Berlin", "DE"))]
        )
    assert refused.value.field == "addresses.0.name"


def test_a_customer_of_another_tenant_is_not_seen(
    db: Database, caller: Caller, new_tenant: Callable[[], int]
) -> None:
    with db.transaction(caller) as tx:
        (ann,) = customers.match(tx, [MEMBER])
    with db.transaction(Caller(new_tenant(), "test")) as tx:
        assert ann is not None
        assert customers.customers_by_id(tx, [ann]) == {}
        assert customers.match(tx, [MEMBER]) != [ann]


def test_verify_counts_rows_and_finds_what_was_altered_by_hand(
    db: Database, caller: Caller
) -> None:
    with db.transaction(caller) as tx:
        (ann,) = customers.match(tx, [MEMBER])
        assert ann is not None
        customers.save_addresses(tx, [AddressDraft(ann, BERLIN)])
    with db.transaction(caller) as tx:
        assert [(c.rows, c.failures) for c in customers.verify(tx)] == [(2, ()), (1, ()), (1, ())]
    with psycopg.connect(db.dsn, options=f"-c baton.tenant={caller.tenant}") as connection:
        for table in ("identities", "addresses"):
            connection.execute(
                f"update customers.{table} set customer_id = gen_random_uuid()"
                " where tenant_id = %s",
                (caller.tenant,),
            )
    with db.transaction(caller) as tx:
        assert [len(c.failures) for c in customers.verify(tx)] == [2, 1, 1]
