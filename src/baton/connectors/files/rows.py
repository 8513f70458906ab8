"""One row read: numbers and texts of a line, a charge, a return or a write-off. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

from baton.connectors.files.amounts import minor
from baton.connectors.files.entries import MAX_CODE, MAX_MINOR, MAX_TEXT, MAX_UNITS
from baton.connectors.files.mapping import Document, FieldSpec, Map
from baton.connectors.files.source import Row
from baton.connectors.files.texts import NotRead, instant_reader, number_reader, units
from baton.connectors.files.verdicts import Getter, Number, Values, Verdict, getter, judge
from baton.values.money import minor_units

_ZERO = Decimal(0)


class Unusable(Exception):
    """A row can't be used: the field of the map that is wrong, and why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Item:
    """What a row sells, takes back or writes off.

    `units` and `exact` (major units, after the discount) are signed as the file's own sums are:
    what comes back or is written off is negative. `amount` is minor units: what the buyer pays
    or, on a return, gets back. On an order line it is `gross` − `discount`.
    """

    sku: str
    title: str
    units: int
    gross: int
    discount: int
    amount: int
    tax: int
    exact: Decimal


class RowReader:
    """Reads rows by a map. Raises Unusable, naming the field."""

    def __init__(self, map: Map) -> None:
        fields = map.fields
        self._number: Number = number_reader(map.numbers.decimal, map.numbers.thousands)
        self.verdict: Callable[[Values], Verdict] = judge(map, self._number)
        self.instant = instant_reader(map.dates.formats, map.dates.timezone)
        self._sku = getter(fields.sku)
        self._title = _getter(fields.title)
        self._title_columns = fields.title.read_from() if fields.title else ()
        self._quantity = getter(fields.quantity)
        self._unit_price = _getter(fields.unit_price)
        self._line_total = _getter(fields.line_total)
        self._discount = _getter(fields.discount)
        self._tax = _getter(fields.tax)
        self.price_field = "line_total" if fields.line_total else "unit_price"

    def item(self, row: Row, verdict: Verdict, currency: str) -> Item:
        """What the row says of goods or of a charge, checked for what its document allows."""
        values, digits = row.values, minor_units(currency)
        count = self._units(values, verdict)
        exact, reduced = self._money(values, count)
        gross = minor(exact, digits)
        discount = minor(abs(reduced), digits) if reduced else 0
        tax = minor(self.number(self._tax, values, "tax"), digits) if self._tax else 0
        amount = gross - discount if reduced >= 0 else gross + discount
        if self._line_total is not None:  # it is what remains after the discount
            amount, gross = gross, gross + gross - amount
        else:
            exact -= reduced
        if max(abs(gross), abs(tax), discount) > MAX_MINOR:
            raise Unusable(self.price_field, "The amount is beyond all reason.")
        sku, title = self._code(values, verdict), self._titled(values, verdict)
        item = Item(sku, title, count, gross, discount, amount, tax, exact)
        return _as_document(item, verdict, self.price_field)

    def number(self, read: Getter | None, values: Values, field: str) -> Decimal:
        """The number of a field; 0 where it is not mapped or empty."""
        text = read(values) if read is not None else ""
        if not text:
            return _ZERO
        try:
            return self._number(text)
        except NotRead as error:
            raise Unusable(field, str(error)) from error

    def _money(self, values: Values, count: int) -> tuple[Decimal, Decimal]:
        """The amount in major units, exactly, and the discount with the same sign."""
        if self._line_total is not None:
            exact = self._needed(self._line_total, values)
        else:
            exact = self._needed(self._unit_price, values) * count
        reduced = self.number(self._discount, values, "discount") if self._discount else _ZERO
        if reduced < 0:
            raise Unusable("discount", "A discount is written without a sign.")
        return exact, reduced if exact >= 0 else -reduced

    def _needed(self, read: Getter | None, values: Values) -> Decimal:
        text = read(values) if read is not None else ""
        if not text:
            raise Unusable(self.price_field, "There is no amount.")
        try:
            return self._number(text)
        except NotRead as error:
            raise Unusable(self.price_field, str(error)) from error

    def _units(self, values: Values, verdict: Verdict) -> int:
        text = self._quantity(values)
        if not text and verdict.charge is not None:
            return 1
        if not text:
            raise Unusable("quantity", "There is no quantity.")
        try:
            count = units(self._number(text))
        except NotRead as error:
            raise Unusable("quantity", str(error)) from error
        if not 1 <= abs(count) <= MAX_UNITS:
            raise Unusable("quantity", f"{count} is no number of units between 1 and {MAX_UNITS}.")
        return count

    def _code(self, values: Values, verdict: Verdict) -> str:
        sku = self._sku(values)
        if not sku and verdict.charge is None:
            raise Unusable("sku", "There is no SKU.")
        if len(sku) > MAX_CODE:
            raise Unusable("sku", f"A SKU has at most {MAX_CODE} characters.")
        return sku

    def _titled(self, values: Values, verdict: Verdict) -> str:
        """The title; none where its column holds the reason instead."""
        if self._title is None or set(verdict.reason_columns) & set(self._title_columns):
            return ""
        title = self._title(values)
        if len(title) > MAX_TEXT:
            raise Unusable("title", f"A title has at most {MAX_TEXT} characters.")
        return title


def _getter(spec: FieldSpec | None) -> Getter | None:
    return getter(spec) if spec is not None else None


def _as_document(item: Item, verdict: Verdict, price_field: str) -> Item:
    match verdict.document:
        case Document.ORDER if verdict.charge is None:
            _check_sold(item, price_field)
            return item
        case Document.RETURN | Document.CANCELLATION:
            return _came_back(item)
        case Document.WRITE_OFF if verdict.charge is not None:
            raise Unusable("sku", f"A charge ({verdict.charge}) can't be written off.")
        case Document.WRITE_OFF:
            return _came_back(item)
        case _:
            return item


def _check_sold(item: Item, price_field: str) -> None:
    hint = "say in a rule of the map what such a row is."
    if item.units < 0:
        raise Unusable("quantity", f"An order line can't have {item.units} units; {hint}")
    if item.gross < 0:
        raise Unusable(price_field, f"An order line can't have a negative price; {hint}")
    if item.discount > item.gross:
        raise Unusable("discount", "The discount is more than the line.")


def _came_back(item: Item) -> Item:
    """Files write what comes back with negative units, with a negative price, or as it was sold.

    In the first two cases the file's own sum is negative where money goes back; in the third the
    rule alone says that it does.
    """
    signed = item.units < 0 or item.amount < 0
    return replace(
        item,
        units=-abs(item.units),
        amount=-item.amount if signed else item.amount,
        exact=item.exact if signed else -item.exact,
    )
