"""What a policy says of a line, and what a policy may hold.

A policy is a graph in the JSON Decision Model: an input, decision tables, expressions and
switches, an output. Nodes with program code are refused. Money is minor units, rates are basis
points. *Source:* GoRules JSON Decision Model, as zen-engine 2 reads it.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import zen

from baton.returns.errors import PolicyInvalid
from baton.returns.model.goods import Grade
from baton.returns.model.policy import Decision, Offer, Outcome, RefundAt, Terms

MOST_BYTES = 200_000
MOST_NODES = 50
MOST_RULES = 1000
MOST_MINOR = 10**12
MOST_DAYS = 3650

NODES = {"inputNode", "outputNode", "decisionTableNode", "expressionNode", "switchNode"}
RANK = (Outcome.APPROVE, Outcome.OFFER, Outcome.ASK, Outcome.FLAG, Outcome.REFUSE)
LABELS = ("merchant", "customer", "none")
OFFERS = ("store_credit", "exchange", "keep")

INPUTS: dict[str, Any] = {
    "category": "",
    "cause": "request",
    "channel": "web",
    "condition": "",
    "country": "DE",
    "currency": "EUR",
    "customer_refunded_minor": 0,
    "customer_returned_percent": 0,
    "customer_units": 0,
    "days_since_delivery": 3,
    "days_since_order": 5,
    "photos": 0,
    "product": "P",
    "reason": "other",
    "sku": "SKU-1",
    "units": 1,
    "value_minor": 1000,
    "wanted": "original",
}
"""All that a policy is told of a line, with an example of each."""

OUTPUTS = {
    "bonus_bp", "charges", "credit_only", "days", "deductions", "keep", "label",
    "label_fee_minor", "offers", "outcome", "part_bp", "question", "reasons", "refund_at",
    "restocking_bp",
}  # fmt: skip


def gravest(outcomes: Sequence[Outcome]) -> Outcome:
    """The word that decides over a return: refused only where every line is."""
    standing: list[Outcome] = [each for each in outcomes if each is not Outcome.REFUSE]
    return max(standing or [Outcome.REFUSE], key=RANK.index)


def decide(content: Mapping[str, Any], inputs: Mapping[str, Any]) -> Decision:
    """What the policy says of a line with these inputs, and which rule said it.

    A policy that says nothing, or nothing that can be followed, leaves it to a person.
    """
    try:
        answer = _compiled(json.dumps(content, sort_keys=True)).evaluate(
            dict(inputs), {"trace": True}
        )
        result = dict(answer["result"])
        return _decision(result, _rule(answer.get("trace") or {}), inputs)
    except PolicyInvalid as error:
        said = error.message
    except (RuntimeError, ValueError, TypeError) as error:
        said = str(error).splitlines()[0][:200]
    return Decision(Outcome.FLAG, ("policy_unclear",), Terms(), said, dict(inputs))


@functools.lru_cache(maxsize=64)
def _compiled(text: str) -> zen.ZenDecision:
    return zen.ZenEngine().create_decision(text)


def _rule(trace: Mapping[str, Any]) -> str:
    """The rows that spoke, in the order in which their tables were asked."""
    found = []
    for step in sorted(trace.values(), key=lambda step: step.get("order", 0)):
        data = step.get("traceData")
        for each in data if isinstance(data, list) else [data]:
            if isinstance(each, dict) and isinstance(each.get("rule"), dict):
                rule = each["rule"]
                said = rule.get("_description") or rule.get("_id") or each.get("index")
                found.append(f"{step.get('name', '')}: {said}")
    return "; ".join(found)[:500]


def _decision(result: Mapping[str, Any], rule: str, inputs: Mapping[str, Any]) -> Decision:
    unknown = sorted(set(result) - OUTPUTS)
    if unknown:
        raise PolicyInvalid(f"Nobody knows what {unknown[0][:60]!r} means.", field="content")
    outcome = _word(result.get("outcome"), [each.value for each in Outcome], "outcome")
    reasons = result.get("reasons") or ()
    if isinstance(reasons, str):
        reasons = (reasons,)
    if not all(isinstance(each, str) and 0 < len(each) <= 80 for each in reasons):
        raise PolicyInvalid("Reasons are short codes.", field="content")
    question = result.get("question") or ""
    if not isinstance(question, str) or len(question) > 500:
        raise PolicyInvalid("A question is a text of at most 500 characters.", field="content")
    offers = tuple(_offers(result.get("offers")))
    if outcome == Outcome.OFFER and not offers:
        raise PolicyInvalid("Say what is offered.", field="content")
    terms = Terms(
        refund_at=RefundAt(
            _word(result.get("refund_at") or "grade", [x.value for x in RefundAt], "refund_at")
        ),
        keep=_flag(result, "keep"),
        charges=_flag(result, "charges"),
        label=_word(result.get("label") or "merchant", LABELS, "label"),
        label_fee_minor=_number(result, "label_fee_minor", MOST_MINOR),
        restocking_bp=_number(result, "restocking_bp", 10_000),
        bonus_bp=_number(result, "bonus_bp", 10_000),
        part_bp=_number(result, "part_bp", 10_000, 10_000),
        credit_only=_flag(result, "credit_only"),
        days=_number(result, "days", MOST_DAYS, 30),
        deductions=_deductions(result.get("deductions")),
        offers=offers,
    )
    return Decision(Outcome(outcome), tuple(reasons), terms, rule, dict(inputs), question)


def _word(value: object, words: Sequence[str], name: str) -> str:
    if not isinstance(value, str) or value not in words:
        raise PolicyInvalid(f"{name} is one of {', '.join(words)}.", field="content")
    return value


def _flag(result: Mapping[str, Any], name: str) -> bool:
    value = result.get(name) or False
    if not isinstance(value, bool):
        raise PolicyInvalid(f"{name} is true or false.", field="content")
    return value


def _number(result: Mapping[str, Any], name: str, most: int, default: int = 0) -> int:
    value = result.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        raise PolicyInvalid(f"{name} is a whole number: round it.", field="content")
    if not 0 <= value <= most:
        raise PolicyInvalid(f"{name} is 0 to {most}.", field="content")
    return int(value)


def _deductions(value: object) -> dict[str, int]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not set(value) <= {each.value for each in Grade}:
        raise PolicyInvalid("deductions are basis points by grade.", field="content")
    return {grade: _number(value, grade, 10_000) for grade in value}


def _offers(value: object) -> Iterator[Offer]:
    if value is None:
        return
    if not isinstance(value, list) or len(value) > len(OFFERS):
        raise PolicyInvalid("offers is a list.", field="content")
    for each in value:
        if not isinstance(each, dict) or not set(each) <= {"kind", "bonus_bp", "part_bp"}:
            raise PolicyInvalid("An offer has a kind, bonus_bp, part_bp.", field="content")
        yield Offer(
            _word(each.get("kind"), OFFERS, "kind"),
            _number(each, "bonus_bp", 10_000),
            _number(each, "part_bp", 10_000),
        )


# ── what a policy may hold ─────────────────────────────────────────────────────────────────


def check_policy(content: Mapping[str, Any]) -> None:
    """Raises PolicyInvalid, which names the place, where a policy can't be kept.

    Every cell is compiled; the engine itself passes over cells that it can't read.
    """
    if len(json.dumps(content)) > MOST_BYTES:
        raise PolicyInvalid(f"A policy has at most {MOST_BYTES:,} bytes.", field="content")
    if set(content) - {"contentType", "nodes", "edges", "settings"}:
        raise PolicyInvalid("A policy has nodes and edges.", field="content")
    nodes, edges = content.get("nodes"), content.get("edges")
    if not isinstance(nodes, list) or not isinstance(edges, list):
        raise PolicyInvalid("A policy has nodes and edges.", field="content.nodes")
    if not 0 < len(nodes) <= MOST_NODES or len(edges) > MOST_NODES * 4:
        raise PolicyInvalid(f"A policy has at most {MOST_NODES} nodes.", field="content.nodes")
    for place, node in enumerate(nodes):
        _check_node(node, f"content.nodes.{place}")
    try:
        made = _compiled(json.dumps(content, sort_keys=True))
        result = made.evaluate(dict(INPUTS))["result"]
    except (RuntimeError, ValueError, TypeError) as error:
        raise PolicyInvalid(_said(error), field="content") from error
    _decision(dict(result) if isinstance(result, dict) else {}, "", INPUTS)


def _check_node(node: object, where: str) -> None:
    kind = node.get("type") if isinstance(node, dict) else None
    if not isinstance(node, dict) or not isinstance(kind, str):
        raise PolicyInvalid("A node has a type.", field=f"{where}.type")
    if kind not in NODES:
        raise PolicyInvalid(
            f"{kind[:40]!r} is not allowed: use tables, expressions and switches.",
            field=f"{where}.type",
        )
    content = node.get("content") or {}
    if not isinstance(content, dict):
        raise PolicyInvalid("A node's content is an object.", field=f"{where}.content")
    for cell, text, unary in _cells(kind, content):
        if not isinstance(text, str):
            raise PolicyInvalid("A cell is a text.", field=f"{where}.content.{cell}")
        if text.strip():
            _check_cell(text, f"{where}.content.{cell}", unary=unary)


def _check_cell(text: str, field: str, *, unary: bool) -> None:
    try:
        if unary:
            zen.compile_unary_expression(text)
        else:
            zen.compile_expression(text)
    except RuntimeError as error:
        raise PolicyInvalid(f"{text[:60]!r} can't be read: {_said(error)}", field=field) from error


def _cells(kind: str, content: Mapping[str, Any]) -> Iterator[tuple[str, object, bool]]:
    """(place, text, whether it is a test of its column) of each cell of a node."""
    if kind == "decisionTableNode":
        columns = {
            each.get("id"): bool(each.get("field"))
            for each in _dicts(content.get("inputs"), "inputs")
        }
        outputs = {each.get("id") for each in _dicts(content.get("outputs"), "outputs")}
        rules = _dicts(content.get("rules"), "rules")
        if len(rules) > MOST_RULES:
            raise PolicyInvalid(f"A table has at most {MOST_RULES} rules.", field="content")
        for row, rule in enumerate(rules):
            for key, text in rule.items():
                if key in columns:
                    yield f"rules.{row}.{key}", text, columns[key]
                elif key in outputs:
                    yield f"rules.{row}.{key}", text, False
    elif kind == "expressionNode":
        for row, each in enumerate(_dicts(content.get("expressions"), "expressions")):
            yield f"expressions.{row}", each.get("value", ""), False
    elif kind == "switchNode":
        for row, each in enumerate(_dicts(content.get("statements"), "statements")):
            yield f"statements.{row}", each.get("condition", ""), False


def _dicts(value: object, name: str) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise PolicyInvalid(f"{name} is a list of objects.", field="content")
    return value


def _said(error: Exception) -> str:
    """What the engine says, without the trace that it carries along."""
    return " ".join(str(error).partition("Stack backtrace")[0].split())[:300]


# ── the built-in policy ────────────────────────────────────────────────────────────────────

_FAULTS = '"damaged", "defective", "wrong_item", "not_as_described"'
_COLUMNS = (
    "cause", "category", "reason", "days_since_delivery", "photos", "customer_units",
    "customer_returned_percent", "value_minor",
)  # fmt: skip
# Source of the two years: the legal guarantee of Directive (EU) 2019/771, article 10; of the
# delivery that goes back with the whole order: Directive 2011/83/EU, article 13.
_ROWS: tuple[tuple[str, dict[str, str], dict[str, str]], ...] = (
    (
        "a parcel that never reached its buyer",
        {"cause": '"refused_parcel", "lost_parcel"'},
        {"outcome": '"approve"', "reasons": '["not_delivered"]', "charges": "true",
         "refund_at": 'cause == "lost_parcel" ? "now" : "receipt"', "label": '"none"'},
    ),
    (
        "sold for good",
        {"category": '"final sale"'},
        {"outcome": '"refuse"', "reasons": '["final_sale"]'},
    ),
    (
        "two years after delivery",
        {"days_since_delivery": "> 730"},
        {"outcome": '"refuse"', "reasons": '["window_closed"]'},
    ),
    (
        "a fault, without a photo",
        {"reason": '"damaged", "defective", "not_as_described"', "photos": "== 0",
         "cause": '"request"'},
        {"outcome": '"ask"', "reasons": '["photo_wanted"]',
         "question": '"Please send a photo of what is wrong."'},
    ),
    (
        "thirty days after delivery, and no fault",
        {"reason": f"not($ in [{_FAULTS}])", "days_since_delivery": "> 30"},
        {"outcome": '"refuse"', "reasons": '["window_closed"]'},
    ),
    (
        "returns more than three of five",
        {"customer_units": ">= 10", "customer_returned_percent": "> 60"},
        {"outcome": '"flag"', "reasons": '["returns_often"]', "charges": "true"},
    ),
    (
        "worth more than 1,000.00",
        {"value_minor": "> 100000"},
        {"outcome": '"flag"', "reasons": '["high_value"]', "charges": "true"},
    ),
    (
        "a fault, and not worth its way back",
        {"reason": _FAULTS, "value_minor": "<= 1000", "cause": '"request"'},
        {"outcome": '"approve"', "reasons": '["keep_it"]', "keep": "true", "charges": "true"},
    ),
    (
        "a fault",
        {"reason": _FAULTS},
        {"outcome": '"approve"', "reasons": '["fault"]', "charges": "true",
         "refund_at": '"receipt"'},
    ),
    (
        "within its time",
        {},
        {"outcome": '"approve"', "reasons": '["in_time"]', "charges": "true",
         "deductions": '{"C": 2000, "scrap": 10000}'},
    ),
)  # fmt: skip
_WRITTEN = (
    "outcome", "reasons", "question", "refund_at", "keep", "charges", "label", "deductions",
)  # fmt: skip


def default_content() -> dict[str, Any]:
    """The policy that every merchant begins with, as one table that a merchant can copy."""
    return {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            _node("request", "inputNode", 0, {}),
            _node(
                "policy",
                "decisionTableNode",
                300,
                {
                    "hitPolicy": "first",
                    "inputs": [{"id": c, "name": c, "field": c} for c in _COLUMNS],
                    "outputs": [{"id": f"to_{c}", "name": c, "field": c} for c in _WRITTEN],
                    "rules": [_row(number, *row) for number, row in enumerate(_ROWS, 1)],
                },
            ),
            _node("decision", "outputNode", 600, {}),
        ],
        "edges": [
            {"id": "1", "sourceId": "request", "targetId": "policy", "type": "edge"},
            {"id": "2", "sourceId": "policy", "targetId": "decision", "type": "edge"},
        ],
    }


def _node(name: str, kind: str, x: int, content: dict[str, Any]) -> dict[str, Any]:
    position = {"x": x, "y": 0}
    return {"id": name, "name": name, "type": kind, "position": position, "content": content}


def _row(
    number: int, said: str, tests: Mapping[str, str], outputs: Mapping[str, str]
) -> dict[str, str]:
    cells = {column: tests.get(column, "") for column in _COLUMNS}
    cells |= {f"to_{column}": outputs.get(column, "") for column in _WRITTEN}
    return {"_id": str(number), "_description": said} | cells
