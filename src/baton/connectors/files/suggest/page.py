"""The suggested map as a page of YAML, with a remark beside everything that was guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from baton.connectors.files.layout import Format, Layout
from baton.connectors.files.suggest.guesses import ChargeGuess, Guess, examples, scalar
from baton.connectors.files.suggest.kinds import Found
from baton.connectors.files.suggest.profiles import Profile

_REMARK = 44  # column of the remarks


@dataclass(frozen=True, slots=True)
class Page:
    """All that a map says, before it is written down."""

    name: str
    layout: Layout
    decimal: Guess
    thousands: str
    timezone: Guess
    formats: Guess
    fields: Mapping[str, Guess]
    charges: Sequence[ChargeGuess]
    rules: Sequence[Found]
    unused: Sequence[Profile]


def written(page: Page) -> str:
    """The page as YAML."""
    return "\n".join(_lines(page)) + "\n"


def _lines(page: Page) -> Iterator[str]:
    yield f"# Suggested from {page.name}."
    yield "# Read it before you use it: the remarks say how sure each guess is, and why."
    yield "# All keys are explained in docs/how-to/import-orders.md."
    yield "version: 1"
    yield ""
    yield from _source(page.layout)
    yield ""
    yield "numbers:"
    yield f'  decimal: "{page.decimal.text}"'
    if page.thousands:
        yield f'  thousands: "{page.thousands}"'
    yield ""
    yield "dates:"
    yield _noted(f"  timezone: {page.timezone.text}", page.timezone.remark)
    yield _noted(f"  formats: {page.formats.text}", page.formats.remark)
    yield ""
    yield "fields:"
    for name, guess in page.fields.items():
        yield _noted(f"  {name}: {guess.text}", guess.remark)
    yield from _charges(page.charges)
    yield from _rules(page.rules)
    yield ""
    yield "create_skus: true"
    if page.unused:
        yield ""
        yield "# Columns that are not used:"
        yield from (f"#   {scalar(p.column)}: {examples(p)}" for p in page.unused)


def _source(layout: Layout) -> Iterator[str]:
    yield "source:"
    yield f"  format: {layout.format}"
    yield f"  encoding: {layout.encoding}"
    if layout.format is not Format.JSONL:
        yield f"  delimiter: {'tab' if layout.delimiter == chr(9) else scalar(layout.delimiter)}"
    if layout.header:
        names = ", ".join(layout.header)
        yield _noted(f"  header: [{names}]", "the first line looks like data: name the columns")


def _charges(charges: Sequence[ChargeGuess]) -> Iterator[str]:
    if charges:
        yield ""
        yield "charges:"
    for charge in charges:
        yield _noted(f"  - amount: {charge.amount.text}", charge.amount.remark)
        yield f"    kind: {charge.kind}"
        yield f"    title: {charge.title}"
        if charge.negative:
            yield "    negative: true"


def _rules(found: Sequence[Found]) -> Iterator[str]:
    if found:
        yield ""
        yield "rules:"
    for rule in found:
        yield f"  # {''.join(c if c.isprintable() else ' ' for c in rule.because)}"
        when = ", ".join(f"{scalar(column)}: {condition}" for column, condition in rule.when)
        yield f"  - when: {{{when}}}"
        yield f"    {rule.answer}"


def _noted(line: str, remark: str) -> str:
    return f"{line:<{_REMARK}} # {remark}" if remark else line
