"""What the router can't work with."""

from __future__ import annotations

from baton.values.errors import Invalid


class DemandInvalid(Invalid):
    """A line to be routed has no units, stands twice, or a date has no days to count to it."""

    code = "routing_demand_invalid"


class CandidatesInvalid(Invalid):
    """A location stands twice among the candidates, or would be paid for taking an order."""

    code = "routing_candidates_invalid"


class RateCardInvalid(Invalid):
    """A rate card has a gap: brackets or zones out of order, a price missing or negative."""

    code = "routing_rate_card_invalid"
