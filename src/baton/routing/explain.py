"""A decision in words that a person can check: parcels, offers, who lost and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from baton.routing.model import (
    LINES_NAMED,
    Alternative,
    Considered,
    Demand,
    Offer,
    OpenReason,
    OpenUnits,
    PlannedParcel,
    Proof,
    Quote,
    Units,
    Verdict,
)
from baton.routing.problem import NEVER, Load, Problem, Sight, offered
from baton.routing.rates import Ints, Menu, quote
from baton.routing.solution import Solution
from baton.values.ids import Id

# ------------------------------------------------------------------ parcels


def parcels_of(
    demand: Demand, serving: Sequence[Sight], loads: Sequence[Load]
) -> tuple[PlannedParcel, ...]:
    """The parcels of a plan, each with its cost terms."""
    return tuple(_parcel(demand, serving[load.place], load.units.tolist()) for load in loads)


def _parcel(demand: Demand, sight: Sight, units: list[int]) -> PlannedParcel:
    sent = _units(demand, units)
    weight = sum(
        line.weight_g * number for line, number in zip(demand.lines, units, strict=True) if number
    )
    terms = quote(sight.lanes, weight)
    pack, pick = sight.candidate.pack_cost, sight.candidate.pick_cost * len(sent)
    return PlannedParcel(
        location_id=sight.candidate.location_id,
        location_code=sight.candidate.code,
        lines=sent,
        weight_g=weight,
        distance_km=sight.km,
        distance_known=sight.known,
        quote=terms,
        pack=pack,
        pick=pick,
        cost=terms.freight + terms.late + pack + pick,
    )


def _units(demand: Demand, units: list[int]) -> tuple[Units, ...]:
    return tuple(
        [
            Units(line.line_id, number)
            for line, number in zip(demand.lines, units, strict=True)
            if number
        ]
    )


def alternative(demand: Demand, serving: Sequence[Sight], solution: Solution) -> Alternative | None:
    """The next best plan."""
    if solution.second is None:
        return None
    parcels = parcels_of(demand, serving, solution.second)
    cost = sum(parcel.cost for parcel in parcels)
    return Alternative(parcels, cost, cost - solution.cost, solution.second_proof)


# ------------------------------------------------------------------ what stays open


def left_open(
    demand: Demand, problem: Problem, solution: Solution, everywhere: Ints
) -> tuple[OpenUnits, ...]:
    """The units in no parcel, line by line. `everywhere`: units by SKU at all candidates."""
    sent = sum((load.units for load in solution.loads), np.zeros_like(problem.wanted))
    here = problem.stock.sum(axis=0)
    found = []
    for number, line in enumerate(demand.lines):
        missing = line.quantity - int(problem.wanted[number])
        if missing:
            sku = problem.sku[number]
            found.append(OpenUnits(line.line_id, missing, _reason(here[sku], everywhere[sku])))
        unsent = int(problem.wanted[number] - sent[number])
        if unsent:
            found.append(OpenUnits(line.line_id, unsent, OpenReason.TOO_MANY_PARCELS))
    return tuple(found)


def _reason(here: int, everywhere: int) -> OpenReason:
    if here:
        return OpenReason.SHORT
    return OpenReason.NOT_ELIGIBLE if everywhere else OpenReason.NO_STOCK


# ------------------------------------------------------------------ every candidate


def considered(
    seen: Sequence[Sight],
    offers: Sequence[Offer | None],
    solution: Solution,
    exclusions: Mapping[Id, str],
) -> tuple[Considered, ...]:
    """Every candidate with its offer, its verdict and what the best plan with it costs."""
    chosen = {load.place for load in solution.loads}
    uses = solution.uses.tolist()
    found, place = [], 0
    for sight, offer in zip(seen, offers, strict=True):
        if sight.out is not None:
            cause = exclusions.get(sight.candidate.location_id, "")
            found.append(_entry(sight, offer, sight.out, cause))
        else:
            cost, proof = uses[place], solution.proofs[place]
            verdict = _verdict(place in chosen, cost, cost - solution.cost, proof)
            found.append(_entry(sight, offer, verdict, "", cost, cost - solution.cost, proof))
            place += 1
    return tuple(found)


def _verdict(chosen: bool, cost: int, difference: int, proof: Proof) -> Verdict:
    if chosen:
        return Verdict.CHOSEN
    if cost >= NEVER:
        return Verdict.TOO_MANY_PARCELS
    tie = difference == 0 and proof is not Proof.AT_LEAST
    return Verdict.TIE if tie else Verdict.DEARER


def _entry(
    sight: Sight,
    offer: Offer | None,
    verdict: Verdict,
    cause: str,
    cost: int = NEVER,
    difference: int = 0,
    proof: Proof | None = None,
) -> Considered:
    candidate, possible = sight.candidate, cost < NEVER
    return Considered(
        location_id=candidate.location_id,
        code=candidate.code,
        name=candidate.name,
        kind=candidate.kind,
        verdict=verdict,
        cause=cause,
        distance_km=sight.km,
        distance_known=sight.known,
        offer=offer,
        best_cost=cost if possible else None,
        difference=difference if possible else None,
        proof=proof,
    )


# ------------------------------------------------------------------ offers


def offers(
    demand: Demand, seen: Sequence[Sight], problem: Problem, stock: Ints
) -> list[Offer | None]:
    """By candidate (row of `stock`): what sending all that it has of the order would cost.

    None where it has nothing or no service goes from there. A candidate that may not send this
    order has an offer too: it says what the obstacle costs.
    """
    quantity = np.array([line.quantity for line in demand.lines], np.int64)
    given = offered(problem, stock, np.where(problem.wanted > 0, problem.wanted, quantity))
    together = np.where(problem.alone, 0, given)
    weights, lines = (together @ problem.weight).tolist(), (together > 0).sum(axis=1).tolist()
    apart = np.flatnonzero(problem.alone).tolist()
    units = given.tolist()
    named = len(demand.lines) <= LINES_NAMED
    quotes = Quotes()
    found: list[Offer | None] = []
    for row, sight in enumerate(seen):
        parcels = [(weights[row], lines[row])] if lines[row] else []
        for line in apart:
            if units[row][line]:
                parcels.append((units[row][line] * demand.lines[line].weight_g, 1))
        offer = None
        if parcels and sight.lanes:
            offer = _offer(sight, parcels, _units(demand, units[row]) if named else (), quotes)
        found.append(offer)
    return found


class Quotes(dict[tuple[Menu, int], Quote]):
    """Quotes already asked for, by lanes and weight: many candidates share theirs."""

    def __missing__(self, key: tuple[Menu, int]) -> Quote:
        found = self[key] = quote(*key)
        return found


def _offer(
    sight: Sight, parcels: list[tuple[int, int]], sent: tuple[Units, ...], quotes: Quotes
) -> Offer:
    """The offer of parcels given by weight and number of lines."""
    heaviest, weight = -1, 0
    count, freight, late = 0, 0, 0
    for each, lines in parcels:
        terms = quotes[sight.lanes, each]
        if each > heaviest:
            heaviest, main = each, terms
        weight, count = weight + each, count + lines
        freight, late = freight + terms.freight, late + terms.late
    pack, pick = sight.candidate.pack_cost * len(parcels), sight.candidate.pick_cost * count
    return Offer(
        line_count=count,
        lines=sent,
        weight_g=weight,
        parcels=len(parcels),
        quote=main,
        freight=freight,
        late=late,
        pack=pack,
        pick=pick,
        cost=freight + late + pack + pick,
    )
