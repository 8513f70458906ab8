"""How payments and effects may move, as data.

Docs draw these tables; `rules` allows nothing else; tests try every other pair.
"""

from __future__ import annotations

from enum import StrEnum

from baton.payments.model import EffectKind, EffectState, PaymentState


class Answer(StrEnum):
    """What a gateway can say for good."""

    SUCCEEDED = "succeeded"
    DECLINED = "declined"


P, E = PaymentState, EffectState

# declined: there is no token to ask with; captured: there is nothing to pay
STARTS = frozenset({P.REQUESTED, P.AUTHORISED, P.EXTERNAL, P.DECLINED, P.CAPTURED})
ENDS = frozenset({P.DECLINED, P.CAPTURED, P.VOIDED, P.EXTERNAL})

PAYMENT_MOVES: dict[tuple[EffectKind, Answer], frozenset[tuple[PaymentState, PaymentState]]] = {
    (EffectKind.AUTHORISE, Answer.SUCCEEDED): frozenset({(P.REQUESTED, P.AUTHORISED)}),
    (EffectKind.AUTHORISE, Answer.DECLINED): frozenset({(P.REQUESTED, P.DECLINED)}),
    # a capture of a part leaves the payment authorised
    (EffectKind.CAPTURE, Answer.SUCCEEDED): frozenset({(P.AUTHORISED, P.CAPTURED)}),
    (EffectKind.CAPTURE, Answer.DECLINED): frozenset(),
    # letting go of the rest ends a payment of which some was captured
    (EffectKind.VOID, Answer.SUCCEEDED): frozenset(
        {(P.AUTHORISED, P.VOIDED), (P.AUTHORISED, P.CAPTURED)}
    ),
    (EffectKind.VOID, Answer.DECLINED): frozenset(),
    (EffectKind.REFUND, Answer.SUCCEEDED): frozenset(),
    (EffectKind.REFUND, Answer.DECLINED): frozenset(),
}

EFFECT_MOVES: dict[Answer, frozenset[tuple[EffectState, EffectState]]] = {
    Answer.SUCCEEDED: frozenset({(E.REQUESTED, E.SUCCEEDED)}),
    Answer.DECLINED: frozenset({(E.REQUESTED, E.DECLINED)}),
}
