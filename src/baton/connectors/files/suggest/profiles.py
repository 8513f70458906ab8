"""What the values of a column look like: numbers, times, names of countries, codes, words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from babel import Locale

from baton.connectors.files.countries import country_code
from baton.connectors.files.suggest.words import SYMBOLS
from baton.connectors.files.texts import ISO

# A sample is read in the first of these that fits all its values.
FORMATS = (
    ISO,
    *(
        f"{day}{time}"
        for day in ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%d.%m.%y",
                    "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%b %d, %Y", "%d %B %Y")
        for time in (" %H:%M", " %H:%M:%S", "", " %I:%M %p", " %I:%M:%S %p")
    ),
)  # fmt: skip

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"\+?[\d ()/.-]{7,20}")
_CODE = re.compile(r"[\w./#-]{1,40}", re.A)
_WHOLE = re.compile(r"[+-]?\d{1,9}(?:[.,]0+)?", re.A)
_POINT = re.compile(r"[+-]?\d{1,3}(?:,\d{3})*\.\d+|[+-]?\d+\.\d+|[+-]?\d+", re.A)
_COMMA = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})*,\d+|[+-]?\d+,\d+|[+-]?\d+", re.A)
_SYMBOL = re.compile("|".join(re.escape(symbol) for symbol in SYMBOLS) + r"|\b[A-Z]{3}\b")


@dataclass(frozen=True, slots=True)
class Profile:
    """A column of a sample. Shares are of the values that are not empty, 0 where all are."""

    column: str
    values: tuple[str, ...]  # of all rows, stripped
    filled: tuple[str, ...]  # those that are not empty
    distinct: int
    whole: float
    decimal_point: float
    decimal_comma: float
    email: float
    country: float
    currency: float
    phone: float
    code: float
    words: float
    symbol: str  # the currency that the amounts are written with
    date_format: str

    @property
    def number(self) -> float:
        return max(self.decimal_point, self.decimal_comma)

    @property
    def empty(self) -> float:
        return 1 - len(self.filled) / max(1, len(self.values))

    @property
    def runs(self) -> int:
        """How often the value changes from one row to the next."""
        return sum(one != other for one, other in zip(self.values, self.values[1:], strict=False))

    def examples(self) -> list[str]:
        """Three values, the most frequent first."""
        return [text for text, _ in Counter(self.filled).most_common(3)]


def profiled(column: str, texts: Sequence[str]) -> Profile:
    """The profile of a column with these values."""
    values = tuple(text.strip() for text in texts)
    filled = tuple(text for text in values if text)
    bare = [_SYMBOL.sub("", text).strip() for text in filled]

    def share(fits: Callable[[str], object], of: Sequence[str] = filled) -> float:
        return sum(1 for text in of if fits(text)) / len(of) if of else 0.0

    return Profile(
        column=column,
        values=values,
        filled=filled,
        distinct=len(set(filled)),
        whole=share(_WHOLE.fullmatch),
        decimal_point=share(_POINT.fullmatch, bare),
        decimal_comma=share(_COMMA.fullmatch, bare),
        email=share(_EMAIL.fullmatch),
        country=share(country_code),
        currency=share(_currencies().__contains__),
        phone=share(_PHONE.fullmatch),
        code=share(_CODE.fullmatch),
        words=share(lambda text: " " in text and any(c.isalpha() for c in text)),
        symbol=_symbol(filled),
        date_format=_format(filled),
    )


def _symbol(filled: Sequence[str]) -> str:
    """The currency of "£ 2.55" and "2,55 EUR", where a number stands beside it."""
    found = Counter(
        mark.group()
        for text in filled
        if any(c.isdigit() for c in text) and (mark := _SYMBOL.search(text))
    )
    if not found:
        return ""
    most, count = found.most_common(1)[0]
    code = SYMBOLS.get(most, most)
    return code if count > len(filled) / 2 and code in _currencies() else ""


def _format(filled: Sequence[str]) -> str:
    """The first format that reads every value; nothing where none does."""
    if not filled or not any(c.isdigit() for c in filled[0]):
        return ""
    different = sorted(set(filled))
    return next((form for form in FORMATS if all(_reads(t, form) for t in different)), "")


def all_read(profile: Profile, form: str) -> bool:
    """Whether a format of times reads every value of a column."""
    return all(_reads(text, form) for text in set(profile.filled))


def looks_like_data(cells: Sequence[str]) -> bool:
    """Whether a first line is no header: a cell is empty, a number, a time, or stands twice."""
    texts = [cell.strip() for cell in cells]
    return (
        not all(texts)
        or len(set(texts)) < len(texts)
        or any(_POINT.fullmatch(text) or _COMMA.fullmatch(text) for text in texts)
        or any(_format([text]) for text in texts)
    )


def _reads(text: str, form: str) -> bool:
    try:
        if form == ISO:
            return "-" in text and bool(datetime.fromisoformat(text))
        return bool(datetime.strptime(text, form))  # noqa: DTZ007  (only tried, never kept)
    except ValueError:
        return False


@lru_cache(1)
def _currencies() -> frozenset[str]:
    return frozenset(Locale("en").currencies)
