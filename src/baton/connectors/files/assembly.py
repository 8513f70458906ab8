"""The rows of one order made into entries: all of them, or none and the reasons. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from baton.connectors.files.amounts import minor, priced
from baton.connectors.files.entries import (
    MAX_MINOR,
    Entry,
    OrderEntry,
    ReturnEntry,
    ReturnLineEntry,
    Sourced,
    WriteOffEntry,
    WriteOffLineEntry,
)
from baton.connectors.files.grouping import Judged
from baton.connectors.files.heads import Differing, Head, HeadReader
from baton.connectors.files.mapping import Document, FieldSpec, Map
from baton.connectors.files.rows import Item, RowReader, Unusable
from baton.connectors.files.source import Row
from baton.connectors.files.texts import written
from baton.connectors.files.verdicts import getter
from baton.orders.model import ChargeDraft, ChargeKind, LineDraft, TenderDraft
from baton.returns.model import ReturnKind
from baton.values import card_numbers
from baton.values.money import minor_units


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row can't be used, and the column to mend."""

    row: Row
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Part:
    """A row with what it says."""

    judged: Judged
    item: Item


@dataclass(frozen=True, slots=True)
class Made:
    """An entry, and what the file says of its money exactly, for the sums."""

    sourced: Sourced
    head: Head
    parts: tuple[Part, ...]
    exact_charges: Decimal = Decimal(0)  # of columns that hold a charge once per order


class Assembly:
    """Makes entries by a map."""

    def __init__(self, map: Map, reader: RowReader) -> None:
        self._map = map
        self._reader = reader
        self._heads = HeadReader(map, reader)
        self._charges = map.charges
        self._tax_included = map.tax_included
        ids = (map.column_of(field) for field in card_numbers.MACHINE_MADE)
        self._machine_made = {column for column in ids if column} | card_numbers.MACHINE_MADE
        reason = map.fields.reason
        self._reason = getter(reason) if reason else None

    def assembled(self, rows: Sequence[Judged]) -> tuple[list[Made], list[Problem]]:
        """The entries of one group of rows, one per kind of document; or all that is wrong."""
        made: list[Made] = []
        problems = [
            Problem(judged.row, judged.row.damaged, "There are bytes in it that are no text.")
            for judged in rows
            if judged.row.damaged
        ]
        problems += [
            Problem(judged.row, column, "It looks like a card number, which Baton does not take.")
            for judged in rows
            for column in self._card_columns(judged.row)
        ]
        if problems:
            return [], problems
        for document, judged in _by_document(rows):
            try:
                made.append(self._made(document, judged, problems))
            except Differing as error:
                problems.append(self._problem(error.row, error))
            except Unusable as error:
                problems.append(self._problem(judged[0].row, error))
        return ([], problems) if problems else (made, [])

    def _card_columns(self, row: Row) -> Iterator[str]:
        """Columns with a card number; those that hold numbers made by machines aside."""
        for column, text in row.values.items():
            if column not in self._machine_made and card_numbers.holds_one(text):
                yield column

    def _made(self, document: Document, rows: Sequence[Judged], problems: list[Problem]) -> Made:
        head = self._heads.head([judged.row for judged in rows])
        parts = tuple(self._parts(rows, head, problems))
        match document:
            case Document.ORDER:
                return self._order(head, parts)
            case Document.WRITE_OFF:
                return self._write_off(head, parts)
            case _:
                return _return(ReturnKind(document.value), head, parts)

    def _parts(self, rows: Sequence[Judged], head: Head, problems: list[Problem]) -> Iterator[Part]:
        for judged in rows:
            try:
                yield Part(judged, self._reader.item(judged.row, judged.verdict, head.currency))
            except Unusable as error:
                problems.append(self._problem(judged.row, error))

    def _problem(self, row: Row, error: Unusable) -> Problem:
        return Problem(row, self._map.column_of(error.field) or error.field, error.reason)

    # ── orders ─────────────────────────────────────────────────────────────────────────────

    def _order(self, head: Head, parts: tuple[Part, ...]) -> Made:
        lines: list[LineDraft] = []
        charges: list[ChargeDraft] = []
        places = []
        for part in parts:
            if part.judged.verdict.charge is None:
                places.append(f"lines.{len(lines)}")
                lines.append(_line(part))
            else:
                places.append(f"charges.{len(charges)}")
                charges.append(_charge(part, part.judged.verdict.charge))
        once, exact = self._charges_once(head, parts)
        charges += once
        total = self._total(head, lines, charges)
        if abs(total) > MAX_MINOR:
            raise Unusable("total", "The amount is beyond all reason.")
        entry = OrderEntry(
            channel=head.said("channel"),
            external_id=head.said("external_id"),
            placed_at=written(head.at),
            currency=head.currency,
            total=total,
            lines=tuple(lines),
            groups=(self._heads.group(head),),
            charges=tuple(charges),
            tenders=_tenders(head, total),
            attributes=head.attributes,
            buyer_name=head.said("buyer_name"),
            email=head.said("email"),
            phone=head.said("phone"),
            channel_customer_id=head.said("channel_customer_id"),
            language=head.said("language") or "en",
            note=head.said("note"),
        )
        return Made(_sourced(entry, parts, places), head, parts, exact)

    def _charges_once(self, head: Head, parts: Sequence[Part]) -> tuple[list[ChargeDraft], Decimal]:
        """Charges of columns that hold one amount for the whole order, and their exact sum."""
        digits = minor_units(head.currency)
        found: list[ChargeDraft] = []
        exact = Decimal(0)
        for place, column in enumerate(self._charges):
            amount = self._once(column.amount, f"charges.{place}.amount", parts)
            tax = self._once(column.tax, f"charges.{place}.tax", parts)
            if not amount and not tax:
                continue
            signed = -amount if column.negative else amount
            exact += signed
            charge = ChargeDraft(
                column.kind, minor(signed, digits), minor(tax, digits), column.title
            )
            found.append(charge)
        return found, exact

    def _once(self, spec: FieldSpec | None, field: str, parts: Sequence[Part]) -> Decimal:
        if spec is None:
            return Decimal(0)
        read = getter(spec)
        first = next((p.judged.row for p in parts if read(p.judged.row.values)), None)
        return self._reader.number(read, first.values, field) if first else Decimal(0)

    def _total(self, head: Head, lines: Sequence[LineDraft], charges: Sequence[ChargeDraft]) -> int:
        """The file's own total, where it has one; else the sum."""
        if head.said("total"):
            said = self._reader.number(lambda texts: texts["total"], head.texts, "total")
            return minor(said, minor_units(head.currency))
        goods = sum(line.unit_price * line.quantity - line.discount for line in lines)
        extra = sum(charge.amount for charge in charges)
        if self._tax_included:
            return goods + extra
        taxes = sum(line.tax for line in lines) + sum(charge.tax for charge in charges)
        return goods + extra + taxes

    # ── write-offs ─────────────────────────────────────────────────────────────────────────

    def _write_off(self, head: Head, parts: tuple[Part, ...]) -> Made:
        lines = tuple(
            WriteOffLineEntry(part.item.sku, part.item.title, -part.item.units) for part in parts
        )
        entry = WriteOffEntry(
            channel=head.said("channel"),
            reference=head.said("external_id"),
            occurred_at=written(head.at),
            reason="; ".join(dict.fromkeys(filter(None, map(self._why, parts)))),
            lines=lines,
            location=head.said("location"),
            country=head.said("country"),
        )
        places = [f"lines.{place}" for place in range(len(parts))]
        return Made(_sourced(entry, parts, places), head, parts)

    def _why(self, part: Part) -> str:
        read = part.judged.verdict.reason or self._reason
        return read(part.judged.row.values) if read else ""


def _by_document(rows: Sequence[Judged]) -> Iterator[tuple[Document, list[Judged]]]:
    found: dict[Document, list[Judged]] = {}
    for judged in rows:
        found.setdefault(judged.verdict.document, []).append(judged)
    yield from found.items()


def _sourced(entry: Entry, parts: Sequence[Part], places: Sequence[str]) -> Sourced:
    return Sourced(entry, tuple(part.judged.row for part in parts), tuple(places))


def _line(part: Part) -> LineDraft:
    item = part.item
    price = priced(item.units, item.gross, item.discount)
    return LineDraft(
        sku=item.sku,
        quantity=item.units,
        unit_price=price.unit_price,
        discount=price.discount,
        tax=item.tax,
        title=item.title,
        kind=part.judged.verdict.line,
    )


def _charge(part: Part, kind: ChargeKind) -> ChargeDraft:
    """A charge has no quantity: "3 × POSTAGE" says it in the title."""
    item = part.item
    title = item.title or item.sku
    if item.units != 1:
        title = f"{item.units} × {title}"
    return ChargeDraft(kind, item.amount, item.tax, title)


def _return(kind: ReturnKind, head: Head, parts: tuple[Part, ...]) -> Made:
    lines = tuple(
        ReturnLineEntry(
            part.item.sku,
            part.item.title,
            -part.item.units,
            part.item.amount,
            part.judged.verdict.charge,
        )
        for part in parts
    )
    entry = ReturnEntry(
        kind=kind,
        channel=head.said("channel"),
        external_id=head.said("external_id"),
        occurred_at=written(head.at),
        currency=head.currency,
        total=sum(line.amount for line in lines),
        lines=lines,
        order=head.said("original_id"),
        channel_customer_id=head.said("channel_customer_id"),
        email=head.said("email"),
        country=head.said("country"),
    )
    places = [f"lines.{place}" for place in range(len(parts))]
    return Made(_sourced(entry, parts, places), head, parts)


def _tenders(head: Head, total: int) -> tuple[TenderDraft, ...]:
    method = head.said("payment_method")
    if not method or total <= 0:
        return ()
    return (
        TenderDraft(
            method,
            total,
            provider=head.said("payment_provider"),
            authorised_ref=head.said("payment_ref"),
        ),
    )
