"""Decisions that can be reckoned by hand, and what they say about themselves."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import date

import pytest

from baton.routing.errors import CandidatesInvalid, DemandInvalid, RateCardInvalid
from baton.routing.model import (
    Candidate,
    Considered,
    Decision,
    Demand,
    DemandLine,
    Destination,
    OpenReason,
    Point,
    Proof,
    RateCard,
    Service,
    Verdict,
    Zone,
)
from baton.routing.rules import plan, to_json

# hundreds of km from the buyer in Berlin: Potsdam 26, Hamburg 255, Munich 504
BERLIN, POTSDAM = Point(52.52, 13.405), Point(52.40, 13.065)
HAMBURG, MUNICH = Point(53.55, 9.993), Point(48.137, 11.575)

PARCEL = Service(
    "parcel",
    "Parcel",
    brackets_g=(1000, 5000, 20000),
    zones=(Zone(100, 1, 1, (400, 600, 1000)), Zone(None, 2, 3, (500, 800, 1500))),
)
EXPRESS = Service("express", "Express", (1000, 20000), (Zone(None, 1, 1, (1500, 3000)),))
CARD = RateCard("EUR", (PARCEL, EXPRESS), late_fee=300, late_fee_per_day=50)

SHIRT, LAMP, SOFA = (uuid.UUID(int=number) for number in (1, 2, 3))


def line(number: int, sku: uuid.UUID, quantity: int = 1, **more: object) -> DemandLine:
    values: dict[str, object] = {"weight_g": 300} | more
    return DemandLine(uuid.UUID(int=100 + number), sku, quantity, **values)  # type: ignore[arg-type]


def demand(*lines: DemandLine, **more: object) -> Demand:
    return replace(Demand(lines, Destination("DE", "10115", BERLIN)), **more)  # type: ignore[arg-type]


def place(
    code: str, point: Point | None, available: dict[uuid.UUID, int], **more: object
) -> Candidate:
    values: dict[str, object] = {"pick_cost": 50, "pack_cost": 100} | more
    number = uuid.UUID(int=1000 + ord(code[0]))
    return Candidate(number, code, code.title(), "store", available, point, **values)  # type: ignore[arg-type]


def of(decision: Decision, code: str) -> Considered:
    return next(each for each in decision.considered if each.code == code)


def sent(decision: Decision) -> dict[str, list[tuple[int, int]]]:
    """Line number and units, by location."""
    found: dict[str, list[tuple[int, int]]] = {}
    for parcel in decision.parcels:
        for units in parcel.lines:
            number = units.line_id.int - 100
            found.setdefault(parcel.location_code, []).append((number, units.quantity))
    return found


# ------------------------------------------------------------------ the cheapest plan


def test_the_nearer_location_is_cheaper_by_its_freight() -> None:
    places = [place("hamburg", HAMBURG, {SHIRT: 5}), place("potsdam", POTSDAM, {SHIRT: 5})]
    decision = plan(demand(line(1, SHIRT, 2)), places, CARD)
    (parcel,) = decision.parcels
    assert parcel.location_code == "potsdam"
    assert (parcel.quote.freight, parcel.pack, parcel.pick, parcel.cost) == (400, 100, 50, 550)
    assert (parcel.weight_g, parcel.distance_km, parcel.quote.zone) == (600, 27, 1)
    assert decision.cost == decision.lower_bound == 550
    assert decision.exact
    loser = of(decision, "hamburg")
    assert loser.verdict is Verdict.DEARER
    assert (loser.best_cost, loser.difference, loser.proof) == (650, 100, Proof.EXACT)
    assert loser.offer is not None
    assert (loser.offer.freight, loser.offer.pack, loser.offer.pick) == (500, 100, 50)
    assert decision.next_best is not None
    assert [each.location_code for each in decision.next_best.parcels] == ["hamburg"]
    assert decision.next_best.difference == 100


def test_one_parcel_from_afar_beats_two() -> None:
    places = [
        place("hamburg", HAMBURG, {SHIRT: 1}),
        place("munich", MUNICH, {SHIRT: 1, LAMP: 1}),
        place("potsdam", POTSDAM, {LAMP: 1}),
    ]
    decision = plan(demand(line(1, SHIRT), line(2, LAMP)), places, CARD)
    assert sent(decision) == {"munich": [(1, 1), (2, 1)]}
    # Hamburg 500 + 100 + 50 and Potsdam 400 + 100 + 50, against 500 + 100 + 2 × 50
    assert decision.cost == 700
    assert of(decision, "potsdam").best_cost == 1200
    assert of(decision, "potsdam").difference == 500


def test_two_parcels_from_one_place_where_the_brackets_ask_for_it() -> None:
    heavy = Service("parcel", "Parcel", (1000, 20000), (Zone(None, 1, 1, (200, 2000)),))
    lines = (line(1, SHIRT, weight_g=900), line(2, LAMP, weight_g=900))
    decision = plan(
        demand(*lines), [place("potsdam", POTSDAM, {SHIRT: 1, LAMP: 1})], RateCard("EUR", (heavy,))
    )
    assert [parcel.cost for parcel in decision.parcels] == [350, 350]


def test_equal_costs_go_to_the_code_that_comes_first() -> None:
    places = [place("b", POTSDAM, {SHIRT: 1}), place("a", POTSDAM, {SHIRT: 1})]
    decision = plan(demand(line(1, SHIRT)), places, CARD)
    assert sent(decision) == {"a": [(1, 1)]}
    assert of(decision, "b").verdict is Verdict.TIE
    assert of(decision, "b").difference == 0


def test_equal_costs_take_fewer_parcels() -> None:
    free = RateCard("EUR", (Service("van", "Van", (1000,), (Zone(None, 1, 1, (0,)),)),))
    places = [
        place("a", POTSDAM, {SHIRT: 1}, pack_cost=0),
        place("b", POTSDAM, {SHIRT: 1, LAMP: 1}, pack_cost=0),
    ]
    decision = plan(demand(line(1, SHIRT), line(2, LAMP)), places, free)
    assert sent(decision) == {"b": [(1, 1), (2, 1)]}
    assert of(decision, "a").verdict is Verdict.TIE


def test_what_is_heavier_than_the_last_bracket_goes_as_several_packages() -> None:
    decision = plan(demand(line(1, SHIRT, 150)), [place("potsdam", POTSDAM, {SHIRT: 200})], CARD)
    (parcel,) = decision.parcels
    # 45 kg: two full ones of 20 kg and one of 5 kg
    assert (parcel.weight_g, parcel.quote.packages, parcel.quote.freight) == (45000, 3, 2600)


def test_missing_coordinates_count_as_the_distance_of_the_card() -> None:
    near = replace(CARD, unknown_km=80)
    decision = plan(demand(line(1, SHIRT)), [place("a", None, {SHIRT: 1})], near)
    (parcel,) = decision.parcels
    assert (parcel.distance_km, parcel.distance_known, parcel.quote.zone) == (80, False, 1)
    nowhere = demand(line(1, SHIRT), destination=Destination("DE", "10115"))
    decision = plan(nowhere, [place("a", POTSDAM, {SHIRT: 1})], CARD)
    assert (decision.parcels[0].distance_km, decision.parcels[0].quote.zone) == (500, 2)


# ------------------------------------------------------------------ dates


def dated(*lines: DemandLine) -> Demand:
    return demand(*lines, needed_by=date(2027, 1, 8))


def test_the_cheapest_service_that_keeps_the_date() -> None:
    places = [place("hamburg", HAMBURG, {SHIRT: 1}, days_left=2)]
    (parcel,) = plan(dated(line(1, SHIRT)), places, CARD).parcels
    # parcel takes up to 3 days from there
    assert (parcel.quote.service, parcel.quote.freight, parcel.quote.days_late) == (
        "express", 1500, 0,
    )  # fmt: skip


def test_where_none_keeps_it_lateness_has_a_price() -> None:
    places = [place("hamburg", HAMBURG, {SHIRT: 1}, days_left=0)]
    (parcel,) = plan(dated(line(1, SHIRT)), places, CARD).parcels
    assert (parcel.quote.service, parcel.quote.days_late) == ("parcel", 3)
    assert (parcel.quote.freight, parcel.quote.late, parcel.cost) == (500, 450, 1100)


def test_a_nearer_location_that_is_late_can_lose() -> None:
    places = [
        place("hamburg", HAMBURG, {SHIRT: 1}, days_left=3),
        place("potsdam", POTSDAM, {SHIRT: 1}, days_left=0),
    ]
    decision = plan(dated(line(1, SHIRT)), places, CARD)
    assert sent(decision) == {"hamburg": [(1, 1)]}
    assert of(decision, "potsdam").difference == 400 + 350 - 500


def test_a_date_without_days_left_to_it_is_refused() -> None:
    with pytest.raises(DemandInvalid, match="days left"):
        plan(dated(line(1, SHIRT)), [place("a", POTSDAM, {SHIRT: 1})], CARD)


# ------------------------------------------------------------------ units


def test_two_lines_of_one_sku_do_not_count_the_same_unit_twice() -> None:
    places = [place("potsdam", POTSDAM, {SHIRT: 1}), place("hamburg", HAMBURG, {SHIRT: 1})]
    decision = plan(demand(line(1, SHIRT), line(2, SHIRT)), places, CARD)
    assert sorted(sent(decision)) == ["hamburg", "potsdam"]
    assert sorted(units for (units,) in sent(decision).values()) == [(1, 1), (2, 1)]
    assert decision.exact


def test_a_line_that_no_location_has_whole_is_divided() -> None:
    places = [
        place("potsdam", POTSDAM, {SHIRT: 3}),
        place("hamburg", HAMBURG, {SHIRT: 4}),
        place("munich", MUNICH, {SHIRT: 4}),
    ]
    decision = plan(demand(line(1, SHIRT, 6)), places, CARD)
    assert decision.exact
    # three from Potsdam are under 1 kg, and three are left for Hamburg
    assert sent(decision) == {"hamburg": [(1, 3)], "potsdam": [(1, 3)]}
    assert decision.cost == 550 + 650


def test_a_line_that_some_location_has_whole_stays_whole() -> None:
    places = [place("potsdam", POTSDAM, {SHIRT: 5}), place("munich", MUNICH, {SHIRT: 6})]
    decision = plan(demand(line(1, SHIRT, 6)), places, CARD)
    assert sent(decision) == {"munich": [(1, 6)]}


def test_a_line_that_ships_alone_shares_no_parcel() -> None:
    places = [place("potsdam", POTSDAM, {SHIRT: 1, LAMP: 1, SOFA: 1})]
    lines = (line(1, SHIRT), line(2, SOFA, ship_alone=True), line(3, LAMP))
    decision = plan(demand(*lines), places, CARD)
    content = sorted(sorted(u.line_id.int - 100 for u in p.lines) for p in decision.parcels)
    assert content == [[1, 3], [2]]
    offer = of(decision, "potsdam").offer
    assert offer is not None
    assert (offer.parcels, offer.line_count, offer.cost) == (2, 3, decision.cost)


# ------------------------------------------------------------------ what stays open


def test_no_candidates_leave_everything_open() -> None:
    decision = plan(demand(line(1, SHIRT), line(2, LAMP, 3)), [], CARD)
    assert decision.parcels == decision.considered == ()
    assert (decision.cost, decision.exact, decision.next_best) == (0, True, None)
    assert [(each.quantity, each.reason) for each in decision.open_units] == [
        (1, OpenReason.NO_STOCK),
        (3, OpenReason.NO_STOCK),
    ]


def test_no_lines_need_no_parcels() -> None:
    decision = plan(demand(), [place("potsdam", POTSDAM, {SHIRT: 1})], CARD)
    assert decision.parcels == decision.open_units == ()
    assert of(decision, "potsdam").verdict is Verdict.NO_STOCK


def test_what_is_missing_says_why_and_the_rest_is_sent() -> None:
    places = [
        place("potsdam", POTSDAM, {SHIRT: 2, LAMP: -4}),
        place("hamburg", HAMBURG, {LAMP: 9}, can_ship=False),
    ]
    lines = (line(1, SHIRT, 3), line(2, LAMP), line(3, SOFA))
    decision = plan(demand(*lines), places, CARD)
    assert sent(decision) == {"potsdam": [(1, 2)]}
    assert [(each.quantity, each.reason) for each in decision.open_units] == [
        (1, OpenReason.SHORT),
        (1, OpenReason.NOT_ELIGIBLE),
        (1, OpenReason.NO_STOCK),
    ]


def test_what_would_need_another_parcel_stays_open() -> None:
    places = [place("potsdam", POTSDAM, {SHIRT: 1}), place("hamburg", HAMBURG, {LAMP: 2})]
    lines = (line(1, SHIRT), line(2, LAMP, 2))
    decision = plan(demand(*lines, max_parcels=1), places, CARD)
    assert sent(decision) == {"hamburg": [(2, 2)]}  # two units rather than one
    assert [(each.quantity, each.reason) for each in decision.open_units] == [
        (1, OpenReason.TOO_MANY_PARCELS)
    ]
    assert decision.exact
    assert of(decision, "potsdam").verdict is Verdict.TOO_MANY_PARCELS
    assert of(decision, "potsdam").best_cost is None


# ------------------------------------------------------------------ who lost, and why


def test_every_candidate_has_its_verdict() -> None:
    local = replace(PARCEL, zones=PARCEL.zones[:1])
    places = [
        place("a", POTSDAM, {SHIRT: 1}),
        place("b", BERLIN, {LAMP: 1}),
        place("c", BERLIN, {SHIRT: 1}, can_ship=False),
        place("d", BERLIN, {SHIRT: 1}, capacity_left=0),
        place("e", BERLIN, {SHIRT: 1}),
        place("f", MUNICH, {SHIRT: 1}),
        place("g", POTSDAM, {SHIRT: 1}, pick_cost=51),
        place("h", POTSDAM, {SHIRT: 1}, capacity_left=1),
    ]
    exclusions = {places[4].location_id: "short pick"}
    decision = plan(
        demand(line(1, SHIRT)), places, RateCard("EUR", (local,)), exclusions=exclusions
    )
    assert [(each.code, each.verdict) for each in decision.considered] == [
        ("a", Verdict.CHOSEN),
        ("b", Verdict.NO_STOCK),
        ("c", Verdict.CANNOT_SHIP),
        ("d", Verdict.CAPACITY),
        ("e", Verdict.EXCLUDED),
        ("f", Verdict.OUT_OF_REACH),
        ("g", Verdict.DEARER),
        ("h", Verdict.TIE),
    ]
    assert of(decision, "e").cause == "short pick"
    assert of(decision, "g").difference == 1
    for code in "bcdef":
        assert of(decision, code).best_cost is of(decision, code).difference is None
    # what an obstacle costs can be seen
    assert of(decision, "e").offer is not None
    assert of(decision, "b").offer is of(decision, "f").offer is None


def test_a_service_delivers_only_to_its_countries() -> None:
    austrian = replace(PARCEL, countries=frozenset({"AT"}))
    decision = plan(
        demand(line(1, SHIRT)), [place("a", POTSDAM, {SHIRT: 1})], RateCard("EUR", (austrian,))
    )
    assert of(decision, "a").verdict is Verdict.OUT_OF_REACH
    assert decision.open_units[0].reason is OpenReason.NOT_ELIGIBLE


def test_a_decision_is_plain_json() -> None:
    places = [place("hamburg", HAMBURG, {SHIRT: 5}), place("potsdam", POTSDAM, {SHIRT: 5})]
    decision = plan(demand(line(1, SHIRT, 2)), places, CARD)
    plain = to_json(decision)
    assert json.loads(json.dumps(plain)) == plain
    assert plain["cost"] == 550
    assert plain["considered"][0]["verdict"] == "dearer"  # type: ignore[index]
    assert plain["parcels"][0]["location_id"] == str(places[1].location_id)  # type: ignore[index]


# ------------------------------------------------------------------ large orders


def many(count: int, **more: object) -> tuple[tuple[DemandLine, ...], dict[uuid.UUID, int]]:
    skus = [uuid.UUID(int=10_000 + number) for number in range(count)]
    lines = tuple(line(number, sku, 2, **more) for number, sku in enumerate(skus))
    return lines, dict.fromkeys(skus, 5)


def test_an_order_of_705_lines_goes_to_the_one_location_that_has_it_all() -> None:
    lines, stock = many(705)
    half = dict(list(stock.items())[::2])
    places = [
        place("hamburg", HAMBURG, stock),
        place("munich", MUNICH, half),
        place("potsdam", POTSDAM, half, pick_cost=60, pack_cost=3000),
    ]
    decision = plan(demand(*lines), places, CARD)
    assert [parcel.location_code for parcel in decision.parcels] == ["hamburg"]
    assert len(decision.parcels[0].lines) == 705
    assert decision.open_units == ()
    # 423 kg: 21 packages of 20 kg and one of 3 kg
    assert decision.cost == 21 * 1500 + 800 + 100 + 705 * 50
    assert decision.lower_bound <= decision.cost
    offer = of(decision, "munich").offer
    assert offer is not None
    assert (offer.line_count, offer.lines) == (353, ())


def test_a_large_order_is_exact_where_its_bound_proves_it() -> None:
    lines, stock = many(100)
    places = [place("munich", MUNICH, stock), place("potsdam", POTSDAM, stock)]
    decision = plan(demand(*lines), places, CARD)
    assert [parcel.location_code for parcel in decision.parcels] == ["potsdam"]
    assert decision.exact
    assert decision.lower_bound == decision.cost == 3000 + 100 + 100 * 50
    assert of(decision, "munich").verdict is Verdict.DEARER
    assert of(decision, "munich").proof is Proof.FOUND


def test_a_large_order_in_two_parcels_says_how_far_off_it_can_be() -> None:
    lines, stock = many(40)
    items = list(stock.items())
    places = [
        place("munich", MUNICH, dict(items[:25])),
        place("potsdam", POTSDAM, dict(items[20:])),
    ]
    decision = plan(demand(*lines), places, CARD)
    assert decision.open_units == ()
    assert sorted(sent(decision)) == ["munich", "potsdam"]
    # at least 20 lines (12 kg) from Munich, at least 15 (9 kg) from Potsdam, whoever has the rest
    assert decision.cost == 1500 + 1000 + 2 * 100 + 40 * 50
    assert 0 < decision.lower_bound <= decision.cost
    assert decision.next_best is not None
    assert decision.next_best.difference >= 0


def test_a_large_order_that_is_not_sent_whole_is_not_called_exact() -> None:
    lines, stock = many(30)
    items = list(stock.items())
    places = [
        place("munich", MUNICH, dict(items[:20])),
        place("potsdam", POTSDAM, dict(items[20:])),
    ]
    decision = plan(demand(*lines, max_parcels=1), places, CARD)
    assert list(sent(decision)) == ["munich"]
    assert {each.reason for each in decision.open_units} == {OpenReason.TOO_MANY_PARCELS}
    assert decision.lower_bound == decision.cost
    assert not decision.exact


# ------------------------------------------------------------------ what can't be meant


def test_what_makes_no_sense_is_refused() -> None:
    twice = line(1, SHIRT)
    here = place("a", POTSDAM, {})
    for error, make in [
        (DemandInvalid, lambda: line(1, SHIRT, 0)),
        (DemandInvalid, lambda: line(1, SHIRT, weight_g=-1)),
        (DemandInvalid, lambda: demand(twice, twice)),
        (DemandInvalid, lambda: demand(max_parcels=0)),
        (CandidatesInvalid, lambda: plan(demand(twice), [here, here], CARD)),
        (CandidatesInvalid, lambda: place("a", None, {}, pack_cost=-1)),
        (RateCardInvalid, lambda: replace(PARCEL, zones=())),
        (RateCardInvalid, lambda: replace(PARCEL, zones=PARCEL.zones[::-1])),
        (RateCardInvalid, lambda: replace(PARCEL, brackets_g=(5, 5, 6))),
        (RateCardInvalid, lambda: replace(PARCEL, brackets_g=(5, 6))),
        (RateCardInvalid, lambda: replace(EXPRESS, zones=(Zone(None, 1, 1, (1, -1)),))),
        (RateCardInvalid, lambda: replace(EXPRESS, zones=(Zone(None, 2, 1, (1, 1)),))),
        (RateCardInvalid, lambda: RateCard("EUR", (PARCEL, PARCEL))),
        (RateCardInvalid, lambda: RateCard("EUR", (PARCEL,), late_fee=-1)),
    ]:
        with pytest.raises(error):
            make()
