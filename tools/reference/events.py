"""events.md: every fact that the journal may hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from itertools import groupby

from baton.flows.messages import Links
from baton.flows.reactions import Reactions
from baton.values.fact import FACTS, Fact
from tools.reference.markdown import first_line, head, load_everything, ours, prose, table


def page() -> str:
    """Facts by module, with their fields and what follows from them."""
    parts = [
        head(
            "Events",
            "A fact is what happened, in the past tense: one row of the journal, written in the "
            "transaction that made it true. The same rows are timeline, audit log and outbox. "
            "`GET /v1/events` reads them under dense numbers; ask again after the last number you "
            "have.",
            "Every entry also has its number `no`, `at`, `actor`, `cause`, `subject`, "
            "`subject_id` and, gapless for each subject, `seq`. The fields below are in `data`. "
            "Facts name people by id only.",
        )
    ]
    for module, kinds in groupby(facts(), key=lambda kind: kind.fact.partition(".")[0]):
        parts.append(f"## {module}\n")
        parts += [_section(kind) for kind in kinds]
    return "\n".join(parts)


def facts() -> Iterator[type[Fact]]:
    """Every kind of fact of the program, by name."""
    load_everything()
    yield from (FACTS[name] for name in sorted(FACTS) if ours(FACTS[name]))


def _section(kind: type[Fact]) -> str:
    parts = [f"### {kind.fact}\n", f"{prose(kind)}\n", f"About: {kind.subject}.\n"]
    rows = [
        (f"`{each.name}`", f"`{_type(each.type)}`")
        for each in fields(kind)
        if each.name != "subject_id"
    ]
    if rows:
        parts.append(table(("field", "type"), rows))
    follows = [
        f"- `{reaction.__name__}`: {first_line(reaction)}"
        for reaction in Reactions(Links("", "")).table().get(kind.fact, ())
    ]
    if follows:
        parts.append("What follows:\n\n" + "\n".join(follows) + "\n")
    return "\n".join(parts)


def _type(annotation: object) -> str:
    return str(annotation).replace("datetime.", "")
