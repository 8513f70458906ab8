"""Versions of the return policy: kept for good, tried on the past, put in force."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from baton.platform import ids as new
from baton.platform import journal
from baton.platform.db import Tx
from baton.returns import rules
from baton.returns.errors import PolicyInvalid, PolicyNotFound
from baton.returns.events import PolicyActivated, PolicySaved
from baton.returns.model.policy import BUILT_IN, Decision, Policy
from baton.returns.store import policies
from baton.values.ids import NIL

MOST_VERSIONS = 500
NAME = "The policy that every merchant begins with"


@dataclass(frozen=True, slots=True)
class Changed:
    """A line of a past return that a policy would decide otherwise."""

    number: str
    line_no: int
    sku_code: str
    units: int
    requested_at: datetime
    outcome: str
    reasons: tuple[str, ...]
    would_be: Decision


@dataclass(frozen=True, slots=True)
class Trial:
    """A policy tried on the lines of past returns."""

    lines: int
    changed: tuple[Changed, ...]
    outcomes: Mapping[str, Mapping[str, int]]  # what it was → what it would be → lines


def save_policy(tx: Tx, name: str, content: Mapping[str, Any]) -> Policy:
    """Keep a new version; the same content as the newest is that version.

    Raises PolicyInvalid, which names what can't be read.
    """
    rules.check_policy(content)
    policies.lock(tx)
    stamp = hashlib.sha256(msgspec.json.encode(content, order="sorted")).digest()
    known = policies.heads(tx)
    if known and known[0][1] == stamp:
        return policy(tx, known[0][0].version)
    version = (known[0][0].version if known else BUILT_IN) + 1
    if version > MOST_VERSIONS:
        raise PolicyInvalid(f"There are {MOST_VERSIONS} versions already.", field="content")
    policies.add(tx, version, name, content, stamp)
    journal.record(tx, [PolicySaved(new.fresh(), version)])
    return policy(tx, version)


def activate_policy(tx: Tx, version: int) -> Policy:
    """This version decides from now on; returns that are decided keep theirs.

    Raises PolicyNotFound.
    """
    found = policy(tx, version)
    before = policies.lock(tx)
    if before != version:
        policies.activate(tx, version)
        journal.record(tx, [PolicyActivated(new.fresh(), version, before)])
    return replace(found, in_force=True)


def policy(tx: Tx, version: int) -> Policy:
    """One version with its content. Raises PolicyNotFound."""
    if version == BUILT_IN:
        current = policies.in_force(tx) == BUILT_IN
        return Policy(BUILT_IN, NAME, rules.default_content(), None, "", current)
    found = next((p for p, _ in policies.heads(tx) if p.version == version), None)
    content = policies.content(tx, version)
    if found is None or content is None:
        raise PolicyNotFound(f"There is no version {version}.", field="version")
    return replace(found, content=content)


def all_policies(tx: Tx) -> list[Policy]:
    """All versions without their content, newest first; the built-in one is last."""
    own = [found for found, _ in policies.heads(tx)]
    current = not any(each.in_force for each in own)
    return [*own, Policy(BUILT_IN, NAME, {}, None, "", current)]


def in_force(tx: Tx) -> Policy:
    """The policy that decides now."""
    return policy(tx, policies.in_force(tx))


def try_policy(tx: Tx, content: Mapping[str, Any], since: datetime, limit: int) -> Trial:
    """What this policy would have said of past returns, from what they were decided on.

    Raises PolicyInvalid.
    """
    rules.check_policy(content)
    changed, outcomes, lines = [], dict[str, dict[str, int]](), 0
    for row in policies.past(tx, since, tx.now, limit, NIL):
        _, number, requested_at, line_no, sku_code, units, outcome, decision = row
        if not decision:
            continue
        lines += 1
        would_be = rules.decide(content, decision["inputs"])
        was = outcomes.setdefault(outcome, {})
        was[would_be.outcome.value] = was.get(would_be.outcome.value, 0) + 1
        if _differs(decision, would_be):
            reasons: Sequence[str] = decision["reasons"]
            changed.append(
                Changed(
                    number,
                    line_no,
                    sku_code,
                    units,
                    requested_at,
                    outcome,
                    tuple(reasons),
                    would_be,
                )
            )
    return Trial(lines, tuple(changed), outcomes)


def _differs(decision: Mapping[str, Any], would_be: Decision) -> bool:
    return (
        decision["outcome"] != would_be.outcome.value
        or tuple(decision["reasons"]) != would_be.reasons
        or policies.terms_of(decision["terms"]) != would_be.terms
    )
