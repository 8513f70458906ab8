"""Where an order ships from: the cheapest plan that there is, and why each other location lost.

Owns       the decision for one delivery group, kept with all it was made from, and the list of
           locations that an order is not sent to again.
Tables     routing.plans (append-only: one row per decision) · .exclusions · .strategies
Decides    rules.plan(demand, candidates, card, exclusions=…) → Decision. Pure: whoever calls it
           has read stock, locations and rates, and books the result.
Verbs      keep · exclude · save_strategy. Reads: plans · exclusions · strategies
Facts      routing.location_excluded
Invariants The cost of a plan is the sum of its parcels' terms, to the minor unit. No plan takes
           more units of a SKU from a location than it was said to have, however many lines of the
           order ask for them. A plan marked exact has no cheaper one; any other says how far off
           it can be at most. The same input gives the same plan, in whatever order the
           locations come.

Explained in docs/algorithms/routing.md. The pure files, in reading order: model (the words) ·
rates (distance and freight) · problem (an order as tables) · partition (the exact method) ·
contention (the same where lines compete for units) · sample, bound, cover (orders too large for
it) · solution (which method, and what it says) · explain · rules.
"""

from baton.routing.actions import exclude
from baton.routing.store import (
    Plan,
    Strategy,
    exclusions,
    keep,
    plans,
    save_strategy,
    strategies,
)

__all__ = [
    "Plan",
    "Strategy",
    "exclude",
    "exclusions",
    "keep",
    "plans",
    "save_strategy",
    "strategies",
]
