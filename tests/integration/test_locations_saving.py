"""Areas, locations and closed days on a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, time

import psycopg
import pytest

from baton import locations
from baton.locations.errors import AreaFixed, AreaUnknown, LocationNotFound
from baton.locations.model import (
    Ability,
    AreaDraft,
    Closure,
    Location,
    LocationDraft,
    LocationKind,
    Point,
)
from baton.platform import ids, journal
from baton.platform.db import Caller, Database, Tx
from baton.values.address import Address

EU, UK = AreaDraft("eu", "Europe"), AreaDraft("uk", "Britain")
HAMBURG = LocationDraft(
    "hh-1",
    "Hamburg",
    LocationKind.THIRD_PARTY,
    "eu",
    ids.fresh(),
    Address("Baton GmbH", ("Am Sandtorkai 1", "Tor 3"), "Hamburg", "DE", "20457"),
    "Europe/Berlin",
    Point(53.54, 9.99),
    weekdays=(6, 1, 2),
    cut_off=time(15, 30),
    processing_days=1,
    capacity_per_day=400,
    can=frozenset({Ability.SHIP, Ability.COUNT}),
    pick_cost_minor=30,
    pack_cost_minor=95,
)
LEEDS = replace(HAMBURG, code="leeds", area_code="uk", point=None, capacity_per_day=None)


def save(tx: Tx, *drafts: LocationDraft) -> list[Location]:
    locations.save_areas(tx, [UK, EU])
    return locations.save_locations(tx, drafts)


def test_a_location_is_kept_as_it_was_sent(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        leeds, hamburg = save(tx, LEEDS, HAMBURG)
    with db.transaction(caller) as tx:
        areas = locations.areas_by_code(tx, ["eu", "uk", "us"])
        assert set(areas) == {"eu", "uk"}
        found = locations.locations_by_code(tx, ["hh-1", "leeds", "nowhere"])
        assert found == {"hh-1": hamburg, "leeds": leeds}
        assert hamburg == Location(
            hamburg.id,
            "hh-1",
            "Hamburg",
            LocationKind.THIRD_PARTY,
            areas["eu"].id,
            HAMBURG.legal_entity_id,
            HAMBURG.address,
            Point(53.54, 9.99),
            "Europe/Berlin",
            (1, 2, 6),
            time(15, 30),
            1,
            400,
            frozenset({Ability.SHIP, Ability.COUNT}),
            30,
            95,
            True,
        )
        assert (leeds.point, leeds.capacity_per_day) == (None, None)
        assert locations.locations_by_id(tx, [leeds.id]) == {leeds.id: leeds}
        assert locations.locations_of_areas(tx, [a.id for a in areas.values()]) == {
            areas["eu"].id: [hamburg],
            areas["uk"].id: [leeds],
        }
        assert locations.page_of_locations(tx, limit=1) == [hamburg]
        assert locations.page_of_locations(tx, "hh-1") == [leeds]
        assert locations.page_of_areas(tx) == [areas["eu"], areas["uk"]]
        assert locations.areas_by_id(tx, [areas["eu"].id]) == {areas["eu"].id: areas["eu"]}


def test_saving_again_writes_only_what_differs(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        (hamburg,) = save(tx, HAMBURG)
        assert save(tx, replace(HAMBURG, weekdays=(2, 6, 1))) == [hamburg]
        slower = replace(HAMBURG, cut_off=time(12), can=frozenset(), active=False)
        (changed,) = save(tx, slower)
        assert changed == replace(hamburg, cut_off=time(12), can=frozenset(), active=False)
        assert locations.locations_by_id(tx, [hamburg.id]) == {hamburg.id: changed}
        (area,) = locations.save_areas(tx, [replace(EU, name="The continent")])
        entries, of_area = (journal.timeline(tx, [x.id]) for x in (hamburg, area))
        assert save(tx) == []
    assert [(e.data["new"], e.data["changed"]) for e in entries] == [
        (True, []),
        (False, ["cut_off", "can", "active"]),
    ]
    assert [e.data["changed"] for e in of_area] == [[], ["name"]]


def test_a_location_stays_in_its_area(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        (hamburg,) = save(tx, HAMBURG)
    with pytest.raises(AreaFixed) as fixed, db.transaction(caller) as tx:
        save(tx, LEEDS, replace(HAMBURG, area_code="uk"))
    assert (fixed.value.code, fixed.value.field) == ("location_area_fixed", "area_code")
    with pytest.raises(AreaUnknown) as unknown, db.transaction(caller) as tx:
        save(tx, LEEDS, replace(HAMBURG, area_code="us"))
    assert unknown.value.field == "locations.1.area_code"
    with db.transaction(caller) as tx:
        assert locations.page_of_locations(tx) == [hamburg]


def test_two_who_make_one_location_in_two_areas_end_with_one_area(
    db: Database, caller: Caller
) -> None:
    with db.transaction(caller) as tx:
        locations.save_areas(tx, [EU, UK])

    def make(area: str) -> bool:
        try:
            with db.transaction(caller) as tx:
                locations.save_locations(tx, [replace(HAMBURG, area_code=area)])
        except AreaFixed:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(make, ["eu", "uk", "eu", "uk"]))
    assert sum(kept) == 2
    with db.transaction(caller) as tx:
        assert len(locations.page_of_locations(tx)) == 1


def test_closed_days_are_kept_once_and_can_be_taken_back(db: Database, caller: Caller) -> None:
    christmas, boxing_day = date(2026, 12, 25), date(2026, 12, 26)
    with db.transaction(caller) as tx:
        hamburg, leeds = save(tx, HAMBURG, LEEDS)
        locations.close(
            tx,
            [
                Closure(hamburg.id, boxing_day, "holiday"),
                Closure(hamburg.id, christmas, "holiday"),
                Closure(leeds.id, christmas),
            ],
        )
        locations.close(tx, [Closure(hamburg.id, christmas, "again")])
        locations.close(tx, [])
        both = [hamburg.id, leeds.id]
        assert locations.closed_days(tx, both, christmas, christmas) == {
            hamburg.id: {christmas},
            leeds.id: {christmas},
        }
        listed = locations.closures(tx, [hamburg.id], christmas, boxing_day)
        assert [(c.closed_on, c.reason) for c in listed] == [
            (christmas, "holiday"),
            (boxing_day, "holiday"),
        ]
        locations.reopen(tx, [Closure(hamburg.id, christmas)])
        locations.reopen(tx, [Closure(hamburg.id, christmas)])
        locations.reopen(tx, [])
        assert locations.closed_days(tx, [hamburg.id], christmas, boxing_day) == {
            hamburg.id: {boxing_day}
        }
        entries = journal.timeline(tx, [hamburg.id])
    assert [(e.fact, e.data.get("days")) for e in entries[1:]] == [
        ("locations.closed", ["2026-12-25", "2026-12-26"]),
        ("locations.reopened", ["2026-12-25"]),
    ]
    for verb in (locations.close, locations.reopen):
        with pytest.raises(LocationNotFound), db.transaction(caller) as tx:
            verb(tx, [Closure(ids.fresh(), christmas)])


def test_verify_counts_rows_and_finds_what_was_altered_by_hand(
    db: Database, caller: Caller
) -> None:
    with db.transaction(caller) as tx:
        hamburg, _ = save(tx, HAMBURG, LEEDS)
        locations.close(tx, [Closure(hamburg.id, date(2026, 12, 25))])
    with db.transaction(caller) as tx:
        assert [(c.rows, c.failures) for c in locations.verify(tx)] == [(2, ()), (1, ())]
    with psycopg.connect(db.dsn, options=f"-c baton.tenant={caller.tenant}") as connection:
        connection.execute(
            "update locations.locations set area_id = gen_random_uuid(), id = gen_random_uuid()"
            " where tenant_id = %s and code = 'hh-1'",
            (caller.tenant,),
        )
    with db.transaction(caller) as tx:
        assert [c.failures for c in locations.verify(tx)] == [
            ("location hh-1 lies in none",),
            ("the closure of 2026-12-25 has none",),
        ]
