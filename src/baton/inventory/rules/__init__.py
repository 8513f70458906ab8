"""Decisions about stock: values in, decision out.

`promises` who gets which units · `ledger` what a document does to levels · `settling` what
rows become, and which units are short.
"""

from baton.inventory.rules.ledger import believed, departures, moves, needs_missing
from baton.inventory.rules.promises import Drawn, allocate, draw, freeing, promising, reserve
from baton.inventory.rules.settling import as_changes, culprits, settle, work_off

__all__ = [
    "Drawn",
    "allocate",
    "as_changes",
    "believed",
    "culprits",
    "departures",
    "draw",
    "freeing",
    "moves",
    "needs_missing",
    "promising",
    "reserve",
    "settle",
    "work_off",
]
