"""The return policy: what the built-in one says, what a policy may hold, how it is explained."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from baton.returns.errors import PolicyInvalid
from baton.returns.model import Outcome, RefundAt
from baton.returns.rules import check_policy, decide, default_content, gravest
from baton.returns.rules.policy import INPUTS


def said(**inputs: Any) -> Any:
    return decide(default_content(), INPUTS | inputs)


@pytest.mark.parametrize(
    ("inputs", "outcome", "reason"),
    [
        ({}, "approve", "in_time"),
        ({"days_since_delivery": 30}, "approve", "in_time"),
        ({"days_since_delivery": 31}, "refuse", "window_closed"),
        ({"days_since_delivery": None}, "approve", "in_time"),
        (
            {"days_since_delivery": 31, "reason": "wrong_item", "value_minor": 2},
            "approve",
            "keep_it",
        ),
        ({"days_since_delivery": 731, "reason": "defective"}, "refuse", "window_closed"),
        ({"reason": "damaged"}, "ask", "photo_wanted"),
        ({"reason": "damaged", "photos": 1}, "approve", "keep_it"),
        ({"reason": "damaged", "photos": 1, "value_minor": 1001}, "approve", "fault"),
        ({"category": "final sale"}, "refuse", "final_sale"),
        ({"customer_units": 10, "customer_returned_percent": 61}, "flag", "returns_often"),
        ({"customer_units": 9, "customer_returned_percent": 100}, "approve", "in_time"),
        ({"value_minor": 100_001}, "flag", "high_value"),
        ({"cause": "lost_parcel", "days_since_delivery": None}, "approve", "not_delivered"),
    ],
)
def test_the_built_in_policy(inputs: dict[str, Any], outcome: str, reason: str) -> None:
    decision = said(**inputs)
    assert (decision.outcome.value, decision.reasons) == (outcome, (reason,))
    assert decision.rule.startswith("policy: ")
    assert decision.inputs == INPUTS | inputs, "what it was told is kept"


def test_terms_come_with_the_decision() -> None:
    assert said().terms.deductions == {"C": 2000, "scrap": 10_000}
    assert said(cause="lost_parcel").terms.refund_at is RefundAt.NOW
    assert said(cause="refused_parcel").terms.refund_at is RefundAt.RECEIPT
    assert said(reason="wrong_item", value_minor=1000).terms.keep
    assert said(reason="damaged").question


def test_the_built_in_policy_can_be_kept() -> None:
    check_policy(default_content())


def changed(**cells: str) -> dict[str, Any]:
    """The built-in policy with other cells in its last row."""
    content = copy.deepcopy(default_content())
    content["nodes"][1]["content"]["rules"][-1].update(cells)
    return content


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({}, "content.nodes"),
        ({"nodes": [], "edges": []}, "content.nodes"),
        ({"nodes": ["x"], "edges": []}, "content.nodes.0.type"),
        ({"nodes": default_content()["nodes"], "edges": [], "more": 1}, "content"),
        ({"nodes": default_content()["nodes"] * 20, "edges": []}, "content.nodes"),
        (changed(to_outcome="approve ("), "content.nodes.1.content.rules.9.to_outcome"),
        (changed(photos=">> 3"), "content.nodes.1.content.rules.9.photos"),
        (changed(to_outcome='"perhaps"'), "content"),
        (changed(to_outcome=""), "content"),
        (changed(to_keep='"yes"'), "content"),
        (changed(to_deductions='{"D": 1}'), "content"),
        (changed(to_deductions='{"A": 0.5}'), "content"),
        (changed(to_reasons="[1]"), "content"),
        (changed(to_reasons='"' + "x" * 300_000 + '"'), "content"),
    ],
)
def test_what_a_policy_may_not_hold(content: dict[str, Any], field: str) -> None:
    with pytest.raises(PolicyInvalid) as caught:
        check_policy(content)
    assert caught.value.field == field, caught.value.message


@pytest.mark.parametrize("kind", ["functionNode", "decisionNode", "customNode", "x"])
def test_program_code_is_refused(kind: str) -> None:
    content = copy.deepcopy(default_content())
    node = {"id": "f", "name": "f", "type": kind, "content": {"source": "export const handler"}}
    content["nodes"].append(node)
    with pytest.raises(PolicyInvalid) as caught:
        check_policy(content)
    assert caught.value.field == "content.nodes.3.type"


def test_a_policy_that_can_not_be_followed_leaves_it_to_a_person() -> None:
    decision = decide(changed(to_outcome="value_minor"), INPUTS)
    assert (decision.outcome, decision.reasons) == (Outcome.FLAG, ("policy_unclear",))
    assert "outcome" in decision.rule
    nothing = decide(changed(photos="> 100"), INPUTS)
    assert nothing.outcome is Outcome.FLAG


def test_rates_that_are_computed_must_be_whole() -> None:
    assert decide(changed(to_deductions='{"C": value_minor * 2}'), INPUTS).terms.deductions == {
        "C": 2000
    }
    halves = decide(changed(to_deductions='{"C": value_minor / 3}'), INPUTS)
    assert halves.outcome is Outcome.FLAG


def test_the_gravest_word_decides_and_refusing_takes_them_all() -> None:
    o = Outcome
    assert gravest([o.APPROVE, o.FLAG, o.ASK]) is o.FLAG
    assert gravest([o.APPROVE, o.REFUSE]) is o.APPROVE
    assert gravest([o.REFUSE, o.REFUSE]) is o.REFUSE
    assert gravest([o.OFFER, o.ASK, o.APPROVE]) is o.ASK


def test_many_ask_at_once() -> None:
    def outcome(days: int) -> str:
        return str(said(days_since_delivery=days % 60).outcome)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(outcome, range(400))) == [outcome(day) for day in range(400)]
