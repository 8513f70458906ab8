"""The decision: where the units of one delivery group ship from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from baton.routing.explain import alternative, considered, left_open, offers, parcels_of
from baton.routing.model import Candidate, Decision, Demand, RateCard
from baton.routing.problem import posed, sights, stock_of
from baton.routing.solution import solved
from baton.values.ids import Id

NOBODY: Mapping[Id, str] = {}


def plan(
    demand: Demand,
    candidates: Sequence[Candidate],
    card: RateCard,
    *,
    exclusions: Mapping[Id, str] = NOBODY,
) -> Decision:
    """The plan that sends most units, and of those plans the cheapest.

    A line goes from one place as a whole if any place has all of it; else it is divided.
    `exclusions` are locations that must not be asked, each with its cause. Costs of candidates
    are in the card's currency. Equal plans: fewer parcels first, then the location that comes
    first by code and id. Raises DemandInvalid or CandidatesInvalid for what can't be meant.
    """
    seen = sights(demand, candidates, card, exclusions)
    stock, sku = stock_of(demand, seen)
    serves = np.array([sight.out is None for sight in seen], np.bool_)
    serving = [sight for sight in seen if sight.out is None]
    problem = posed(demand, serving, stock[serves], sku)
    solution = solved(problem)
    parcels = parcels_of(demand, serving, solution.loads)
    return Decision(
        currency=card.currency,
        destination=demand.destination,
        needed_by=demand.needed_by,
        max_parcels=demand.max_parcels,
        parcels=parcels,
        open_units=left_open(demand, problem, solution, stock.sum(axis=0)),
        cost=sum(parcel.cost for parcel in parcels),
        exact=solution.exact,
        lower_bound=solution.lower_bound,
        next_best=alternative(demand, serving, solution),
        considered=considered(seen, offers(demand, seen, problem, stock), solution, exclusions),
    )


def to_json(decision: Decision) -> dict[str, object]:
    """The decision as plain JSON values: ids and dates as text, money as integers."""
    plain: dict[str, object] = msgspec.json.decode(msgspec.json.encode(decision))
    return plain
