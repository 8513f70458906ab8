"""What a return is decided by: a policy, what it was told, and what it said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

BUILT_IN = 0
"""The version of the policy that every merchant begins with."""


class Outcome(StrEnum):
    """What a policy says of one line; the gravest word decides over the return."""

    APPROVE = "approve"
    OFFER = "offer"
    """Something else is offered first; the customer chooses."""
    ASK = "ask"
    """The customer must say more: a photo, the condition."""
    FLAG = "flag"
    """A person decides."""
    REFUSE = "refuse"


class RefundAt(StrEnum):
    """When the money goes back."""

    NOW = "now"
    SCAN = "scan"
    RECEIPT = "receipt"
    GRADE = "grade"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a customer may take instead of sending goods back for money.

    `bonus_bp` comes on top of a store credit or exchange, `part_bp` is the part of the price
    that is given back for keeping the goods; both in hundredths of a percent.
    """

    kind: str
    bonus_bp: int = 0
    part_bp: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """What a return may cost and bring, as its policy said when it was decided.

    Rates are basis points: hundredths of a percent. `deductions` by grade are taken off what
    units of that grade bring, where the money goes back after grading.
    """

    refund_at: RefundAt = RefundAt.GRADE
    keep: bool = False
    charges: bool = False
    label: str = "merchant"
    label_fee_minor: int = 0
    restocking_bp: int = 0
    bonus_bp: int = 0
    part_bp: int = 10_000
    credit_only: bool = False
    days: int = 30
    deductions: Mapping[str, int] = field(default_factory=dict)
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What a policy said of one line, and why: the rule that spoke and what it was told."""

    outcome: Outcome
    reasons: tuple[str, ...]
    terms: Terms
    rule: str
    inputs: Mapping[str, Any]
    question: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a merchant's policy. `content` is a graph of decision tables."""

    version: int
    name: str
    content: Mapping[str, Any]
    saved_at: datetime | None
    saved_by: str
    in_force: bool
