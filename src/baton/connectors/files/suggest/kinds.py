"""Rules out of a whole file: what comes back, what is written off, which codes are no goods."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from baton.connectors.files.mapping import FieldSpec, Map
from baton.connectors.files.source import Row
from baton.connectors.files.suggest.guesses import scalar
from baton.connectors.files.suggest.words import CANCELLED, CHARGES, RETURNED, plain
from baton.connectors.files.texts import NotRead, number_reader
from baton.connectors.files.verdicts import Getter, Values, getter

_PREFIX = re.compile(r"([A-Za-z]{1,3})[-_]?\d")
_MAX_CODES = 200_000
_MAX_WORDS = 20  # different values of a column that tells kinds of rows apart
_RARE = 0.02
_RARE_WORD = 0.25  # for codes without a digit
_MOST = 0.95
_RETURN = "is: return"
_CANCELLATION = "is: cancellation"


@dataclass(slots=True)
class Told:
    """What a file has told so far, row by row. Sizes are bounded."""

    rows: int = 0
    by_prefix: Counter[str] = field(default_factory=Counter)
    negative_by_prefix: Counter[str] = field(default_factory=Counter)
    negative: Counter[str] = field(default_factory=Counter)  # free | priced, without a prefix
    shapes: Counter[str] = field(default_factory=Counter)
    titles: dict[str, str] = field(default_factory=dict)  # of each code
    words: dict[str, Counter[str]] = field(default_factory=dict)  # of each column not mapped
    negative_words: Counter[tuple[str, str]] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Found:
    """One rule: the lines of YAML under `when`, and what the row is."""

    when: tuple[tuple[str, str], ...]  # column, condition
    answer: str
    because: str


def told(rows: Iterable[Row], map: Map, others: Iterable[str]) -> Told:
    """Reads all rows; `others` are columns that are no field."""
    seen = Told(words={column: Counter() for column in others})
    order, sku = getter(map.fields.external_id), getter(map.fields.sku)
    title = getter(map.fields.title or FieldSpec(value=""))
    quantity = getter(map.fields.quantity)
    price = getter(map.fields.unit_price or map.fields.line_total or FieldSpec(value="1"))
    number = number_reader(map.numbers.decimal, map.numbers.thousands)

    def value(read: Getter, values: Values) -> Decimal:
        try:
            return number(read(values))
        except NotRead:
            return Decimal(1)

    for row in rows:
        values = row.values
        seen.rows += 1
        found = _PREFIX.match(order(values))
        prefix = found.group(1) if found else ""
        seen.by_prefix[prefix] += 1
        negative = value(quantity, values) < 0
        if negative:
            seen.negative_by_prefix[prefix] += 1
            if not prefix:
                seen.negative["priced" if value(price, values) else "free"] += 1
        _note_code(seen, sku(values), title(values))
        _note_words(seen, values, negative)
    return seen


def _note_code(seen: Told, code: str, title: str) -> None:
    seen.shapes[_shape(code)] += 1
    if title and code not in seen.titles and len(seen.titles) < _MAX_CODES:
        seen.titles[code] = title


def _note_words(seen: Told, values: Values, negative: bool) -> None:
    for column, words in list(seen.words.items()):
        word = values.get(column, "").strip()
        words[word] += 1
        seen.negative_words[column, word] += negative
        if len(words) > _MAX_WORDS:
            del seen.words[column]


def _shape(code: str) -> str:
    """85123A is 9A, gift_0001_20 is A_9_9."""
    return re.sub(r"\d+", "9", re.sub(r"[^\W\d_]+", "A", code))


# ── rules ──────────────────────────────────────────────────────────────────────────────────


def rules(seen: Told, map: Map) -> list[Found]:
    """The rules that what was told suggests, in the order in which they must stand."""
    return [*_documents(seen, map), *_codes(seen, map)]


def _documents(seen: Told, map: Map) -> Iterable[Found]:
    order = map.column_of("external_id")
    quantity, price = map.column_of("quantity"), map.column_of(_price_field(map))
    for column, words in seen.words.items():
        yield from _told_by_words(seen, column, words)
    for prefix, count in sorted(seen.by_prefix.items()):
        back = seen.negative_by_prefix[prefix]
        if prefix and back > _MOST * count and count < _MOST * seen.rows:
            because = f"{back} of {count} rows with this prefix have a negative quantity"
            yield Found(((order, f"{{matches: '^{prefix}'}}"),), _RETURN, because)
    if seen.negative["free"] and price:
        when = ((quantity, "{less_than: 0}"), (price, "{number: 0}"))
        because = f"{seen.negative['free']} rows take units away and have no price"
        yield Found(when, "is: write_off", because)
    if seen.negative["priced"]:
        because = f"{seen.negative['priced']} other rows have a negative quantity and a price"
        yield Found(((quantity, "{less_than: 0}"),), _RETURN, because)


def _price_field(map: Map) -> str:
    return "unit_price" if map.fields.unit_price else "line_total"


def _told_by_words(seen: Told, column: str, words: Mapping[str, int]) -> Iterable[Found]:
    """A column that says so row by row. Where a cancellation takes no units away, it is the order
    itself that was called off."""
    for answer, known in ((_RETURN, RETURNED), (_CANCELLATION, CANCELLED)):
        found = sorted(word for word in words if plain(word) in known)
        if not found or len(found) == len(words):
            continue
        count = sum(words[word] for word in found)
        negative = sum(seen.negative_words[column, word] for word in found)
        because = f"{count} rows say so, {negative} of them with a negative quantity"
        called_off = answer == _CANCELLATION and negative < _MOST * count
        result = f"is: skip\n    reason: {scalar(column)}" if called_off else answer
        yield Found(((column, listed(found)),), result, because)


def _codes(seen: Told, map: Map) -> Iterable[Found]:
    """Codes of an unusual shape whose own letters or title name a charge."""
    column = map.column_of("sku")
    found: dict[str, list[str]] = {}
    for code, title in seen.titles.items():
        if _is_rare(seen, code) and (kind := _charge(code, title)):
            found.setdefault(kind, []).append(code)
    for kind, codes in found.items():
        answer = "line: gift_card" if kind == "gift_card" else f"charge: {kind}"
        because = ", ".join(f"{code}: {seen.titles[code]}" for code in codes[:3])
        yield Found(((column, listed(sorted(codes))),), answer, because)


def _is_rare(seen: Told, code: str) -> bool:
    shape = _shape(code)
    most = _RARE if "9" in shape else _RARE_WORD
    return seen.shapes[shape] < most * seen.rows


def _charge(code: str, title: str) -> str:
    text = re.sub(r"[^a-z]+", " ", f"{plain(code)} {plain(title)}")
    return next((kind for kind, pattern in _PATTERNS if pattern.search(text)), "")


def _spoken(words: Iterable[str]) -> re.Pattern[str]:
    """Long words with any ending (versandkosten), short ones with an s at most."""
    forms = (rf"{word}\w*" if len(word) > 5 else rf"{word}s?" for word in words)
    return re.compile(rf"\b(?:{'|'.join(forms)})\b")


_PATTERNS = [(kind, _spoken(words)) for kind, words in CHARGES.items()]


def listed(texts: Iterable[str]) -> str:
    """A list of texts in YAML."""
    return "[" + ", ".join(scalar(text) for text in texts) + "]"
