"""What ids, pages and errors look like on the wire."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from baton.values.errors import BatonError, Invalid
from baton.values.ids import Id, parsed, shown

T = TypeVar("T")


class CursorInvalid(Invalid):
    """The cursor was not given out by this list."""

    code = "cursor_invalid"


class In(BaseModel):
    """A body that comes in: unknown fields are refused with their path."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Out(BaseModel):
    """A body that goes out."""

    model_config = ConfigDict(from_attributes=True)


class Page(Out, Generic[T]):
    """Part of a list; `next` is the cursor of what follows, null at the end."""

    data: list[T]
    next: str | None = None


class Done(Out):
    """It was done; there is nothing more to say."""

    done: bool = True


class ProblemOut(BaseModel):
    """RFC 9457 problem document with a stable `code`."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Prefixed:
    """Marks an id that is `ord_` and 26 letters on the wire, and a UUID inside."""

    prefix: str

    def __get_pydantic_core_schema__(
        self, _source: object, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda id: shown(self.prefix, id), return_schema=core_schema.str_schema()
            ),
        )

    def __get_pydantic_json_schema__(
        self, _schema: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        letters = "[0-7][0-9a-hjkmnp-tv-z]{25}"
        return {"type": "string", "pattern": f"^{self.prefix}_{letters}$"}

    def _read(self, value: object) -> UUID:
        if isinstance(value, UUID):
            return value
        try:
            return parsed(self.prefix, str(value))
        except BatonError as error:
            raise ValueError(error.message) from error


Text = Annotated[str, Field(min_length=1, max_length=200)]
Code = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\s\x00].*$")]
Minor = Annotated[int, Field(ge=0, le=10**14, description="Minor units, e.g. cents.")]
Units = Annotated[int, Field(ge=1, le=10_000_000)]
Limit = Annotated[int, Field(ge=1, le=200, description="How many at most.")]


def cursor(at: datetime, id: Id) -> str:
    """An opaque place in a list that is ordered by time and id."""
    packed = msgspec.json.encode([at, id])
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def place(text: str) -> tuple[datetime, Id]:
    """The place behind a cursor. Raises CursorInvalid."""
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        at, id = msgspec.json.decode(packed, type=tuple[datetime, UUID])
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise CursorInvalid("Use the `next` of the page before.", field="after") from error
    if at.tzinfo is None:
        raise CursorInvalid("Use the `next` of the page before.", field="after")
    return at, id
