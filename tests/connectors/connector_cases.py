"""Captured cases: ours → request → response → ours, a JSON file each.

`tests/connectors/<port>/<vendor>/<case>.json`. Our values stand there as {"kind": class, …}.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from baton.notifications import port as notifications
from baton.payments import port as payments
from baton.shipping import port as shipping
from baton.tax import port as tax

FOLDER = Path(__file__).parent
MODULES = {
    "payments": payments,
    "shipping": shipping,
    "notifications": notifications,
    "sms": notifications,
    "tax": tax,
}


@dataclass(frozen=True)
class Case:
    """One exchange. What a connector has no use for is null."""

    port: str
    name: str
    ours: Any
    request: Any
    response: Any
    result: Any

    def __str__(self) -> str:
        return self.name


def cases(port: str, vendor: str) -> list[Case]:
    return [_case(port, file) for file in sorted((FOLDER / port / vendor).glob("*.json"))]


def value(port: str, told: dict[str, Any]) -> Any:
    """Our value of that kind. A text stands as itself (the key of a lookup)."""
    fields = dict(told)
    kind = fields.pop("kind")
    return (
        fields["text"] if kind == "str" else msgspec.convert(fields, getattr(MODULES[port], kind))
    )


def _case(port: str, file: Path) -> Case:
    told = json.loads(file.read_text(encoding="utf-8"))
    return Case(
        port,
        file.stem,
        value(port, told["ours"]),
        told["request"],
        told["response"],
        [value(port, one) for one in told["result"]]
        if isinstance(told["result"], list)
        else value(port, told["result"]),
    )
