"""What the columns of a file mean: the map, read from YAML and checked key by key.

Every scalar of the YAML is taken as the text that stands there: `NO` is Norway, not false. The
language is described in docs/how-to/import-orders.md.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from baton.connectors.files.errors import MapInvalid
from baton.connectors.files.layout import Format
from baton.connectors.files.texts import ISO
from baton.orders.model import ChargeKind, LineKind

_SHIPPED = files("baton.connectors.files") / "maps"


class _Strict(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, arbitrary_types_allowed=True
    )


def _encoding(name: str) -> str:
    try:
        codec = codecs.lookup(name).name
    except LookupError as error:
        raise ValueError("there is no such encoding") from error
    if codec not in ("utf-8", "ascii") and not codec.startswith(("cp125", "iso8859")):
        raise ValueError("use utf-8, windows-1252 or another encoding of one byte a letter")
    return codec


def _zone(name: object) -> object:
    if not isinstance(name, str):
        return name
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError) as error:
        raise ValueError("name a time zone like Europe/London") from error


def _pattern(text: object) -> object:
    if not isinstance(text, str):
        return text
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from error


def _named_tab(text: str) -> str:
    return "\t" if text == "tab" else text


def _named_none(text: str) -> str:
    return "" if text == "none" else text


def _shorthand(spec: object) -> object:
    """A column's name alone stands for `{column: name}`."""
    return {"column": spec} if isinstance(spec, str) else spec


def _short_condition(condition: object) -> object:
    match condition:
        case str():
            return {"equals": condition}
        case list():
            return {"in": condition}
        case _:
            return condition


Pattern = Annotated[re.Pattern[str], BeforeValidator(_pattern)]
Text = Annotated[str, Field(min_length=1)]


class SourceOptions(_Strict):
    """How the file is cut into rows; what is left out is read off the file."""

    format: Format | None = None
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8"
    delimiter: Annotated[
        str | None, AfterValidator(lambda t: t and _named_tab(t)), Field(max_length=3)
    ] = None
    quote: Annotated[str, AfterValidator(_named_none)] = '"'
    header: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _single_characters(self) -> Self:
        if self.delimiter is not None and len(self.delimiter) != 1:
            raise ValueError("a delimiter is one character, or the word tab")
        if len(self.quote) > 1:
            raise ValueError("a quote is one character, or the word none")
        if len(set(self.header)) != len(self.header):
            raise ValueError("a name stands twice in the header")
        return self


class NumberOptions(_Strict):
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'", "\u00a0", "\u202f"] = ""

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands can't be the same character")
        return self


class DateOptions(_Strict):
    timezone: Annotated[ZoneInfo, BeforeValidator(_zone)] = ZoneInfo("UTC")
    formats: Annotated[tuple[Text, ...], Field(min_length=1)] = (ISO,)


class FieldSpec(_Strict):
    """Where the text of a field comes from: a column, several joined by blanks, or a constant."""

    column: Text | None = None
    columns: tuple[Text, ...] = ()
    value: str | None = None
    default: str = ""
    remove: Pattern | None = None
    words: dict[str, str] = Field(default_factory=dict)
    differs: Literal["reject", "first"] = "reject"

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.column is not None) + bool(self.columns) + (self.value is not None) != 1:
            raise ValueError("give one of column, columns, value")
        return self

    def read_from(self) -> tuple[str, ...]:
        """The columns it needs."""
        return (self.column,) if self.column is not None else self.columns


Spec = Annotated[FieldSpec, BeforeValidator(_shorthand)]


class Fields(_Strict):
    """The fields of an order, a return or a write-off, and where each comes from."""

    # the document
    external_id: Spec
    placed_at: Spec
    channel: Spec
    currency: Spec
    total: Spec | None = None
    note: Spec | None = None
    language: Spec | None = None
    original_id: Spec | None = None
    reason: Spec | None = None
    # the buyer
    channel_customer_id: Spec | None = None
    buyer_name: Spec | None = None
    email: Spec | None = None
    phone: Spec | None = None
    # where to
    method: Spec | None = None
    service: Spec | None = None
    location: Spec | None = None
    recipient: Spec | None = None
    company: Spec | None = None
    address_1: Spec | None = None
    address_2: Spec | None = None
    city: Spec | None = None
    postal_code: Spec | None = None
    region: Spec | None = None
    country: Spec | None = None
    # how it was paid
    payment_method: Spec | None = None
    payment_provider: Spec | None = None
    payment_ref: Spec | None = None
    # the line
    sku: Spec
    quantity: Spec
    title: Spec | None = None
    unit_price: Spec | None = None
    line_total: Spec | None = None
    discount: Spec | None = None
    tax: Spec | None = None

    @model_validator(mode="after")
    def _one_price(self) -> Self:
        if (self.unit_price is None) == (self.line_total is None):
            raise ValueError("give one of unit_price, line_total")
        return self

    def given(self) -> Iterator[tuple[str, FieldSpec]]:
        """Every field that the map speaks of."""
        for name in type(self).model_fields:
            spec = getattr(self, name)
            if isinstance(spec, FieldSpec):
                yield name, spec


class Condition(_Strict):
    """What must be true of one column; all that is given must hold."""

    equals: str | None = None
    in_: Annotated[tuple[str, ...] | None, Field(alias="in")] = None
    not_in: tuple[str, ...] | None = None
    matches: Pattern | None = None
    number: Decimal | None = None
    less_than: Decimal | None = None
    more_than: Decimal | None = None
    empty: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("say what must be true of the column")
        return self


class Document(StrEnum):
    """What a row belongs to."""

    ORDER = "order"
    RETURN = "return"
    CANCELLATION = "cancellation"
    WRITE_OFF = "write_off"
    SKIP = "skip"


class Rule(_Strict):
    """If `when` holds: which document the row belongs to, and what kind of thing it sells."""

    when: Annotated[
        dict[str, Annotated[Condition, BeforeValidator(_short_condition)]], Field(min_length=1)
    ]
    is_: Annotated[Document | None, Field(alias="is")] = None
    charge: ChargeKind | None = None
    line: LineKind | None = None
    reason: Spec | None = None

    @model_validator(mode="after")
    def _answers(self) -> Self:
        if self.is_ is None and self.charge is None and self.line is None:
            raise ValueError("say what the row is: give is, charge or line")
        if self.charge and self.line:
            raise ValueError("a row is a charge or a line, not both")
        if self.reason and self.is_ not in (Document.SKIP, Document.WRITE_OFF):
            raise ValueError("a reason goes with is: skip or is: write_off")
        return self


class ChargeColumn(_Strict):
    """An amount that a column gives once per order: shipping costs, a discount on the whole."""

    amount: Spec
    kind: ChargeKind
    title: str = ""
    tax: Spec | None = None
    negative: bool = False


class Map(_Strict):
    """A whole map. `create_skus` and `weight_g` are for whoever takes the entries in."""

    version: Literal["1"] = "1"
    source: SourceOptions = SourceOptions()
    numbers: NumberOptions = NumberOptions()
    dates: DateOptions = DateOptions()
    fields: Fields
    attributes: dict[Text, Spec] = Field(default_factory=dict)
    charges: tuple[ChargeColumn, ...] = ()
    rules: tuple[Rule, ...] = ()
    merge_within: Annotated[int, Field(ge=0, le=100_000)] = 1_000
    tax_included: bool = True
    create_skus: bool = False
    weight_g: Annotated[int, Field(ge=0, le=1_000_000)] = 0

    def columns(self) -> Iterator[tuple[str, str]]:
        """Every column that is spoken of: the key that does so, and the column."""
        specs = [(f"fields.{name}", spec) for name, spec in self.fields.given()]
        specs += [(f"attributes.{name}", spec) for name, spec in self.attributes.items()]
        for place, charge in enumerate(self.charges):
            specs.append((f"charges.{place}.amount", charge.amount))
            if charge.tax:
                specs.append((f"charges.{place}.tax", charge.tax))
        for place, rule in enumerate(self.rules):
            yield from ((f"rules.{place}.when", column) for column in rule.when)
            if rule.reason:
                specs.append((f"rules.{place}.reason", rule.reason))
        for key, spec in specs:
            yield from ((key, column) for column in spec.read_from())

    def column_of(self, field: str) -> str:
        """The column that a field of an entry came from, or nothing."""
        spec = getattr(self.fields, _FIELD_OF.get(field, field), None)
        columns = spec.read_from() if isinstance(spec, FieldSpec) else ()
        return columns[0] if columns else ""


# Names of entries that are others in a map.
_FIELD_OF = {
    "amount": "unit_price",
    "lines": "address_1",
    "name": "recipient",
    "occurred_at": "placed_at",
    "order": "original_id",
    "reference": "external_id",
}


# ── reading ────────────────────────────────────────────────────────────────────────────────


def load_map(name: str | Path) -> Map:
    """A map from a file, or one of those that come with Baton by its name.

    Raises MapInvalid with the key to mend.
    """
    path = Path(name)
    shipped = _SHIPPED / f"{name}.yaml"
    try:
        if path.suffix or not shipped.is_file():
            return parse_map(path.read_text(encoding="utf-8"))
        return parse_map(shipped.read_text(encoding="utf-8"))
    except OSError as error:
        known = ", ".join(shipped_maps())
        raise MapInvalid(
            f"{path}: {error.strerror}. Maps that come with Baton: {known}."
        ) from error
    except UnicodeDecodeError as error:
        raise MapInvalid(f"{path} is not UTF-8.") from error


def shipped_maps() -> list[str]:
    """The names of the maps that come with Baton."""
    names = (file.name for file in _SHIPPED.iterdir())
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml"))


def parse_map(text: str) -> Map:
    """A map from YAML. Raises MapInvalid with the key to mend."""
    try:
        content = yaml.load(text, _Texts)  # noqa: S506  (makes nothing but texts, lists and dicts)
    except yaml.YAMLError as error:
        raise MapInvalid(f"The map is no YAML: {error}") from error
    if not isinstance(content, dict):
        raise MapInvalid("A map starts with keys like fields: and rules:.")
    try:
        return Map.model_validate(content)
    except ValidationError as error:
        raise _first_fault(error) from error


def _first_fault(error: ValidationError) -> MapInvalid:
    faults = error.errors(include_url=False, include_context=False)
    said = [f"{_key(fault['loc'])}: {_sentence(fault['type'], fault['msg'])}" for fault in faults]
    return MapInvalid("\n".join(said), field=_key(faults[0]["loc"]))


def _key(place: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in place) or "map"


def _sentence(kind: str, message: str) -> str:
    match kind:
        case "extra_forbidden":
            return "there is no such key"
        case "missing":
            return "is missing"
        case _:
            return message.removeprefix("Value error, ")


class _Texts(yaml.BaseLoader):
    """YAML whose scalars are all texts, and in which a key stands once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue  # refused below
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} stands twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)
