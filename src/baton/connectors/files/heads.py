"""What all rows of an order say together: whose it is, from when, where to. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from baton.connectors.files.countries import codes, country_code
from baton.connectors.files.entries import (
    MAX_CODE,
    MAX_NOTE,
    MAX_TEXT,
    GroupEntry,
)
from baton.connectors.files.mapping import FieldSpec, Map
from baton.connectors.files.rows import RowReader, Unusable
from baton.connectors.files.source import Row
from baton.connectors.files.texts import NotRead
from baton.connectors.files.verdicts import Getter, getter
from baton.orders.model import Method
from baton.values.address import Address

_CURRENCY = re.compile("[A-Z]{3}")
# Fields of single rows; all others belong to the order as a whole.
_OF_ROWS = {"sku", "title", "quantity", "unit_price", "line_total", "discount", "tax", "reason"}


class Differing(Unusable):
    """A row says something else about its order than the first one does."""

    def __init__(self, row: Row, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.row = row


@dataclass(frozen=True, slots=True)
class Head:
    """The fields of an order by their names in the map; `at` is the earliest of its rows."""

    texts: Mapping[str, str]
    at: datetime
    currency: str
    country: str  # the code, or nothing
    attributes: Mapping[str, str] = field(default_factory=dict)

    def said(self, name: str) -> str:
        """What the rows say of a field; nothing where the map has none."""
        return self.texts.get(name, "")


@dataclass(frozen=True, slots=True)
class _Asked:
    name: str
    read: Getter
    constant: bool
    first: bool  # the first row that says something decides, whatever others say


class HeadReader:
    """Reads the head of an order off its rows."""

    def __init__(self, map: Map, reader: RowReader) -> None:
        self._reader = reader
        given = dict(map.fields.given())
        self._at = getter(given["placed_at"])
        texts = [name for name in given if name not in _OF_ROWS | {"placed_at"}]
        self._texts = [_asked(name, given[name]) for name in texts if name != "country"]
        self._attributes = [_asked(name, spec) for name, spec in map.attributes.items()]
        country = given.get("country")
        self._words = dict(country.words) if country else {}
        if country:  # the file's own word goes into the attributes; the code is made of it
            own_word = country.model_copy(update={"words": {}})
            self._texts.append(_asked("country", own_word))

    def head(self, rows: Sequence[Row]) -> Head:
        """The head of the order of these rows.

        Raises Differing where two rows contradict each other, Unusable where a text is none.
        """
        texts = {asked.name: _agreed(asked, rows) for asked in self._texts}
        attributes = {asked.name: _agreed(asked, rows) for asked in self._attributes}
        currency = texts["currency"].upper()
        if not _CURRENCY.fullmatch(currency):
            raise Unusable(
                "currency", f"{texts['currency'][:20]!r} is no currency of three letters."
            )
        _check_lengths(texts)
        named = texts.get("country", "")
        if named:
            attributes["country"] = named
        return Head(texts, self._earliest(rows), currency, self._code(named), attributes)

    def _earliest(self, rows: Sequence[Row]) -> datetime:
        read, instant = self._at, self._reader.instant
        written = {read(row.values): row for row in rows}
        found = []
        for text, row in written.items():
            try:
                found.append(instant(text))
            except NotRead as error:
                raise Differing(row, "placed_at", str(error)) from error
        return min(found)

    def _code(self, named: str) -> str:
        if named in self._words:
            word = self._words[named]
            if word and word not in codes():
                raise Unusable("country", f"{word!r} is no code of a country.")
            return word
        return country_code(named) if named else ""

    def group(self, head: Head) -> GroupEntry:
        """Where the goods go. No address without a country, or where the file has nothing."""
        try:
            method = Method(head.said("method") or Method.SHIP)
        except ValueError as error:
            raise Unusable("method", "A method is ship or pickup; map it by words.") from error
        return GroupEntry(
            method=method,
            address=_address(head) if head.country else None,
            location=head.said("location"),
            service=head.said("service") or "standard",
        )


def _check_lengths(texts: Mapping[str, str]) -> None:
    for name in ("external_id", "channel"):
        if not 1 <= len(texts[name]) <= MAX_CODE:
            raise Unusable(name, f"This has 1 to {MAX_CODE} characters.")
    for name, text in texts.items():
        most = MAX_NOTE if name == "note" else MAX_TEXT
        if len(text) > most:
            raise Unusable(name, f"This has at most {most} characters.")


def _address(head: Head) -> Address:
    lines = (head.said("address_1"), head.said("address_2"))
    return Address(
        name=head.said("recipient") or head.said("buyer_name"),
        lines=tuple(line for line in lines if line),
        city=head.said("city"),
        country=head.country,
        postal_code=head.said("postal_code"),
        region=head.said("region"),
        company=head.said("company"),
    )


def _asked(name: str, spec: FieldSpec) -> _Asked:
    return _Asked(name, getter(spec), spec.value is not None, spec.differs == "first")


def _agreed(asked: _Asked, rows: Sequence[Row]) -> str:
    """What the rows say; a row may say nothing."""
    read = asked.read
    if asked.constant:
        return read(rows[0].values)
    said = ""
    for row in rows:
        text = read(row.values)
        if text == said or not text:
            continue
        if said:
            if asked.first:
                break
            raise Differing(
                row, asked.name, f"{text[:60]!r} contradicts {said[:60]!r} of the same order."
            )
        said = text
    return said
