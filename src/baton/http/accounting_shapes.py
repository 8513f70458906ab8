"""What the books look like on the wire. Amounts are minor units; debits are positive."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from baton.accounting.model import EXPORT_PREFIX, PREFIX, AccountKind, Key, Method
from baton.http.order_shapes import OrderId
from baton.http.wire import Code, In, Out, Prefixed, Text
from baton.values import Id

EntryId = Annotated[Id, Prefixed(PREFIX)]
ExportId = Annotated[Id, Prefixed(EXPORT_PREFIX)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Number = Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[0-9A-Za-z][0-9A-Za-z.-]*$")]
Amount = Annotated[int, Field(ge=-(10**15), le=10**15, description="Minor units.")]


class AccountIn(In):
    number: Number
    name: Text
    kind: AccountKind


class MappingIn(In):
    """Which account a key goes to. Without legal entity, channel or code: for all of them.

    `code` is a gateway, a channel, a kind of charge, or a tax such as DE/S/19, by the key.
    """

    key: Key
    account: Number
    legal_entity: Code | None = None
    channel: Code | None = None
    code: str = Field(default="", max_length=80)


class ChartIn(In):
    """The whole chart: what is not in it is not there any more."""

    accounts: list[AccountIn] = Field(min_length=1, max_length=2000)
    mappings: list[MappingIn] = Field(max_length=10_000)


class AccountOut(Out):
    number: str
    name: str
    kind: AccountKind


class MappingOut(Out):
    key: Key
    account: str
    legal_entity: str | None
    channel: str | None
    code: str


class ChartOut(Out):
    """`saved` is false as long as it is the one that Baton brings along; `unmapped` park."""

    saved: bool
    accounts: list[AccountOut]
    mappings: list[MappingOut]
    unmapped: list[Key]


class BooksOut(Out):
    """The books of a legal entity; `waiting` and `parked` count facts of the whole merchant."""

    legal_entity: str
    base_currency: str
    method: Method
    closed_through: date | None
    entries: int
    waiting: int
    parked: int


class MethodIn(In):
    method: Method


class CloseIn(In):
    through: date


class ReopenIn(In):
    """Days after `through` are opened again; without it, all days."""

    through: date | None = None
    reason: Text


class LineOut(Out):
    """`code` says which gateway, channel, tax or charge."""

    account: str
    key: str
    code: str
    debit: int
    credit: int
    base_debit: int
    base_credit: int
    sku: str | None
    units: int


class EntryOut(Out):
    """An entry with what it comes from. `note` says where something is to be known about it."""

    id: EntryId
    legal_entity: str
    no: int
    booked_on: date
    belongs_on: date
    booked_at: datetime
    currency: str
    base_currency: str
    rate: Decimal
    fact: str
    rule: str
    source_id: str
    order_id: OrderId | None
    memo: str
    note: str
    actor: str
    reverses: EntryId | None
    lines: list[LineOut]


class SourceOut(Out):
    """The fact behind an entry, as the journal has it."""

    no: int | None
    at: datetime
    fact: str
    actor: str
    data: dict[str, Any]


class EntryPageOut(EntryOut):
    source: SourceOut | None
    reversed_by: EntryId | None


class EntryLineIn(In):
    account: Number
    debit: int = Field(default=0, ge=0, le=10**15)
    credit: int = Field(default=0, ge=0, le=10**15)


class EntryIn(In):
    """An entry by hand. `rate` is base currency for one unit of the currency, if it is another."""

    legal_entity: Code
    day: date
    currency: Currency | None = None
    rate: Decimal | None = Field(default=None, gt=0, le=10**9, max_digits=24, decimal_places=12)
    memo: Text
    lines: list[EntryLineIn] = Field(min_length=2, max_length=500)


class ReverseIn(In):
    reason: Text


class BalanceOut(Out):
    """An account in one currency; `base_` figures are in the base currency."""

    account: str
    name: str
    kind: AccountKind | None
    currency: str
    opening: int
    debit: int
    credit: int
    closing: int
    base_opening: int
    base_debit: int
    base_credit: int
    base_closing: int


class TrialBalanceOut(Out):
    legal_entity: str
    base_currency: str
    first: date
    last: date
    debit: int
    credit: int
    balances: list[BalanceOut]


class LedgerLineOut(Out):
    """A line of an account; `balance` is in base currency, after this line."""

    entry_id: EntryId
    entry_no: int
    booked_on: date
    belongs_on: date
    fact: str
    order_id: OrderId | None
    memo: str
    key: str
    code: str
    currency: str
    amount: int
    base: int
    balance: int


class LedgerOut(Out):
    account: str
    name: str
    base_currency: str
    opening: int
    data: list[LedgerLineOut]
    next: str | None


class ParkedOut(Out):
    """A fact that could not be booked: `code` and `reason` say what is missing."""

    source_id: str
    fact: str
    subject_id: str
    at: datetime
    code: str
    reason: str
    amounts: dict[str, Any]


class ReplayedOut(Out):
    """How many facts are tried again."""

    parked: int


class ExportIn(In):
    legal_entity: Code
    format: Code
    first: date
    last: date


class ExportOut(Out):
    """`repeats` names exports that shared a day with this one: those entries went out before."""

    id: ExportId
    legal_entity: str
    number: int
    format: str
    file: str
    first: date
    last: date
    entries: int
    last_no: int
    repeats: list[int]
    made_at: datetime
    actor: str
