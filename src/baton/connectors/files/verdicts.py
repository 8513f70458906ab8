"""What each row is: the map's rules and fields, made ready to be asked row after row. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

from baton.connectors.files.mapping import Condition, Document, FieldSpec, Map, Rule
from baton.connectors.files.texts import NotRead
from baton.orders.model import ChargeKind, LineKind

Values: TypeAlias = Mapping[str, str]
Getter: TypeAlias = Callable[[Values], str]
Test: TypeAlias = Callable[[Values], bool]
Number: TypeAlias = Callable[[str], Decimal]

_CACHED = 8192


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a row is. `charge` is None for goods, services and gift cards: then `line` counts."""

    document: Document = Document.ORDER
    charge: ChargeKind | None = None
    line: LineKind = LineKind.GOODS
    reason: Getter | None = None
    reason_columns: tuple[str, ...] = ()


def getter(spec: FieldSpec) -> Getter:
    """Reads one field off a row, without blanks around it."""
    if spec.value is not None:
        return _constant(spec.value)
    plain = _column(spec.column) if spec.column is not None else _joined(spec.columns)
    if spec.remove is None and not spec.words and not spec.default:
        return plain
    return _treated(plain, spec)


def _constant(text: str) -> Getter:
    return lambda _: text


def _column(column: str) -> Getter:
    return lambda values: values.get(column, "").strip()


def _joined(columns: Sequence[str]) -> Getter:
    def read(values: Values) -> str:
        return " ".join(text for column in columns if (text := values.get(column, "").strip()))

    return read


def _treated(plain: Getter, spec: FieldSpec) -> Getter:
    remove, words, default = spec.remove, spec.words, spec.default

    def read(values: Values) -> str:
        text = plain(values)
        if remove is not None:
            text = remove.sub("", text).strip()
        return words.get(text, text) or default

    return read


# ── rules ──────────────────────────────────────────────────────────────────────────────────


def judge(map: Map, number: Number) -> Callable[[Values], Verdict]:
    """Decides what a row is: for each of the two questions the first rule that fits."""
    documents = [rule for rule in map.rules if rule.is_ is not None]
    kinds = [rule for rule in map.rules if rule.charge is not None or rule.line is not None]
    document_of, kind_of = _first_fit(documents, number), _first_fit(kinds, number)
    verdicts = {
        (document, kind): _verdict(
            documents[document] if document >= 0 else None, kinds[kind] if kind >= 0 else None
        )
        for document in range(-1, len(documents))
        for kind in range(-1, len(kinds))
    }
    return lambda values: verdicts[document_of(values), kind_of(values)]


def _first_fit(rules: Sequence[Rule], number: Number) -> Callable[[Values], int]:
    """The place of the first rule that fits a row, -1 where none does."""
    tests = [(place, _all(rule, number)) for place, rule in enumerate(rules)]

    def find(values: Values) -> int:
        for place, fits in tests:
            if fits(values):
                return place
        return -1

    columns = {column for rule in rules for column in rule.when}
    if len(columns) != 1:
        return find
    (column,) = columns  # mostly the SKU's: the same texts come again and again
    remembered = lru_cache(_CACHED)(lambda text: find({column: text}))
    return lambda values: remembered(values.get(column, ""))


def _verdict(first: Rule | None, second: Rule | None) -> Verdict:
    reason = first.reason if first else None
    return Verdict(
        (first and first.is_) or Document.ORDER,
        second.charge if second else None,
        (second and second.line) or LineKind.GOODS,
        getter(reason) if reason else None,
        reason.read_from() if reason else (),
    )


def _all(rule: Rule, number: Number) -> Test:
    tests = [
        test
        for column, condition in rule.when.items()
        for test in _tests(column, condition, number)
    ]
    if len(tests) == 1:
        return tests[0]

    def both(values: Values) -> bool:
        for test in tests:  # noqa: SIM110  (runs for every row: faster than all())
            if not test(values):
                return False
        return True

    return both


def _tests(column: str, condition: Condition, number: Number) -> list[Test]:
    text = _column(column)
    tests: list[Test] = []
    if condition.equals is not None:
        tests.append(_among(text, frozenset((condition.equals,))))
    if condition.in_ is not None:
        tests.append(_among(text, frozenset(condition.in_)))
    if condition.not_in is not None:
        tests.append(_not_among(text, frozenset(condition.not_in)))
    if condition.matches is not None:
        search = condition.matches.search
        tests.append(lambda values: search(text(values)) is not None)
    if condition.empty is not None:
        empty = condition.empty
        tests.append(lambda values: (not text(values)) is empty)
    for limit, holds in (
        (condition.number, Decimal.__eq__),
        (condition.less_than, Decimal.__lt__),
        (condition.more_than, Decimal.__gt__),
    ):
        if limit is not None:
            tests.append(_compared(text, number, holds, limit))
    return tests


def _among(text: Getter, wanted: frozenset[str]) -> Test:
    return lambda values: text(values) in wanted


def _not_among(text: Getter, wanted: frozenset[str]) -> Test:
    return lambda values: text(values) not in wanted


def _compared(
    text: Getter, number: Number, holds: Callable[[Decimal, Decimal], bool], limit: Decimal
) -> Test:
    """What is no number is neither less nor more nor equal."""

    def test(values: Values) -> bool:
        try:
            return holds(number(text(values)), limit)
        except NotRead:
            return False

    return test
