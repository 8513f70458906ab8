"""states.md: every table of transitions as a diagram and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from baton.fulfillment import states as fulfillment
from baton.inventory import states as inventory
from baton.notifications import states as notifications
from baton.orders import states as orders
from baton.orders.model import Health, HoldKind, Status
from baton.orders.rules import BLOCKS
from baton.payments import states as payments
from baton.returns import states as returns
from baton.shipping import states as shipping
from baton.stored_value import states as stored_value
from tools.reference.markdown import head, table

A = TypeVar("A", bound=StrEnum)
B = TypeVar("B", bound=StrEnum)
Edge = tuple[str, str, str]  # from, action, to


@dataclass(frozen=True, slots=True)
class Machine:
    """One table of transitions; actions in `undrawn` are in the table and not in the diagram."""

    module: str
    title: str
    about: str
    edges: tuple[Edge, ...]
    undrawn: frozenset[str] = frozenset()


def machines() -> list[Machine]:
    """Every state table of the program, from the tables themselves."""
    return [
        Machine(
            "orders",
            "Units of an order line",
            "A line has no status. Each of its units is in one bucket; these are all ways between "
            "buckets, and the actions that open them.",
            tuple((a, act, b) for act, ways in orders.MOVES.items() for a, b in sorted(ways)),
        ),
        Machine(
            "fulfillment",
            "Fulfillment orders",
            "Where an action has several results, the quantities decide. A short pick may end the "
            "work (`cancelled`), a recall may end it too.",
            _from_actions(fulfillment.TRANSITIONS),
        ),
        Machine(
            "shipping",
            "Shipments",
            "Until it leaves, labels decide. Afterwards the carrier's events do, by precedence "
            "and not by arrival, so that `track` can lead from almost anywhere to almost anywhere: "
            "see the table, and [tracking](../algorithms/tracking.md).",
            _from_actions(shipping.TRANSITIONS),
            frozenset({"track"}),
        ),
        Machine(
            "payments",
            "Payments",
            "One row a tender. A payment's state is what its effects make of it; a capture of a "
            "part leaves it authorised. Payments may also start as authorised, captured, declined "
            "or external.",
            tuple(
                (a, f"{kind} {answer}", b)
                for (kind, answer), ways in payments.PAYMENT_MOVES.items()
                for a, b in sorted(ways)
            ),
        ),
        Machine(
            "payments",
            "Payment effects",
            "One row for each thing asked of a gateway. An answer that is unknown moves nothing: "
            "the effect stays requested until the gateway has said what became of it.",
            tuple((a, act, b) for act, ways in payments.EFFECT_MOVES.items() for a, b in ways),
        ),
        Machine(
            "inventory",
            "Transfers",
            "All other stock documents are facts: recorded once, and never changed.",
            tuple((a, act, b) for (a, act), b in inventory.TRANSFER.items()),
        ),
        Machine(
            "notifications",
            "Messages",
            "One message for a kind and a fact. Sending may be repeated; its words never change.",
            tuple((a, "settle", b) for a, b in sorted(notifications.MOVES)),
        ),
        Machine(
            "returns",
            "Returns",
            "What a policy or a person decides, until goods come. From then on how far a return is "
            "follows from its units: `received` while some are to come or to be looked at, "
            "`graded` until their money is settled, `settled` until it is decided what becomes "
            "of them.",
            tuple((a, act, b) for act, ways in returns.MOVES.items() for a, b in sorted(ways)),
            frozenset({"receive", "grade", "settle", "dispose", "expire"}),
        ),
        Machine(
            "stored_value",
            "Gift cards and store credit",
            "Spending needs `active`; money may come back to a `frozen` one.",
            tuple(
                (a, step, b) for step, ways in stored_value.MOVES.items() for a, b in sorted(ways)
            ),
        ),
    ]


def page() -> str:
    """All machines, and the words that are derived from them."""
    parts = [
        head(
            "States",
            "Each table below is data in a module's `states.py`, and the program allows nothing "
            "else. A diagram shows the ways, the table below it the actions that take them.",
        )
    ]
    parts += [_section(machine) for machine in machines()]
    return "\n".join([*parts, _order_status(), _holds()])


def _from_actions(
    transitions: Mapping[A, Mapping[B, tuple[A, ...]]],
) -> tuple[Edge, ...]:
    return tuple(
        (str(a), str(action), str(b))
        for a, ways in transitions.items()
        for action, ends in ways.items()
        for b in ends
    )


def _section(machine: Machine) -> str:
    edges = [(str(a), str(act).replace("_", " "), str(b)) for a, act, b in machine.edges]
    undrawn = {each.replace("_", " ") for each in machine.undrawn}
    drawn = [edge for edge in edges if edge[1] not in undrawn]
    rows: dict[tuple[str, str], list[str]] = {}
    for a, act, b in edges:
        rows.setdefault((a, act), []).append(b)
    return "\n".join(
        [
            f"## {machine.title}\n",
            f"{machine.about} Source: `src/baton/{machine.module}/states.py`.\n",
            _diagram(drawn, machine),
            table(
                ("from", "action", "to"),
                [(a, act, ", ".join(dict.fromkeys(ends))) for (a, act), ends in rows.items()],
            ),
        ]
    )


def _diagram(edges: Iterable[Edge], machine: Machine) -> str:
    """A mermaid diagram: one arrow for each pair of states, with all its actions."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for a, act, b in edges:
        arrows.setdefault((a, b), []).append(act)
    states = dict.fromkeys(str(end) for a, _, b in machine.edges for end in (a, b))
    ends = [s for s in states if not any(str(a) == s for a, _, _ in machine.edges)]
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {a} --> {b} : {', '.join(acts)}" for (a, b), acts in arrows.items()]
    lines += [f"    {end} --> [*]" for end in ends]
    return "\n".join([*lines, "```\n"])


def _order_status() -> str:
    """What is shown of an order: derived from its buckets by one function."""
    return "\n".join(
        [
            "## Order status and health\n",
            "No table: `orders.rules.status` reads an order's status off its buckets whenever it "
            "is saved, and no one sets it. Shipped and later words speak of all units that were "
            "not cancelled; before that the least advanced unit decides.\n",
            f"Status: {', '.join(f'`{each}`' for each in Status)}.\n",
            f"Health: {', '.join(f'`{each}`' for each in Health)}. *Blocked* while a hold is open, "
            "*attention* while an exception is, else *ok*. Never mixed with the status.\n",
        ]
    )


def _holds() -> str:
    rows = [(kind.value, ", ".join(t.value for t in BLOCKS[kind])) for kind in HoldKind]
    return "\n".join(
        [
            "## Holds and exceptions\n",
            "A hold is placed, and resolved once. While it is open it blocks named transitions; "
            "several may be open at once. A caller may name others than these.\n",
            table(("hold", "blocks"), rows),
            "An exception is opened, may be assigned, and is resolved once. It blocks nothing: it "
            "says that a person must look, and what they might do.\n",
        ]
    )
