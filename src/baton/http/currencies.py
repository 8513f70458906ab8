"""Rates of exchange over HTTP: what one currency is worth in another, and imports of rates."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field, PlainSerializer, WithJsonSchema

from baton import currencies
from baton.access.model import Permission, Principal
from baton.currencies.model import Row
from baton.currencies.rules import converted
from baton.flows import fill_rates
from baton.http.call import Asked
from baton.http.wire import Done, In, Limit, Out, Page, Prefixed, Text
from baton.platform.db import Tx
from baton.values import Id, Money
from baton.values.ids import parsed, shown

router = APIRouter(prefix="/v1", tags=["currencies"])

MOST = 20_000
NEWEST = Id(int=2**128 - 1)
Currency = Annotated[str, Query(pattern="^[A-Z]{3}$", description="ISO 4217.")]
ImportId = Annotated[Id, Prefixed("imp")]
Number = Annotated[
    Decimal,
    PlainSerializer(lambda value: f"{value.normalize():f}", return_type=str),
    WithJsonSchema({"type": "string"}),
]


class RowIn(In):
    """One rate as a file says it: on `day` one euro was `rate` of `currency`."""

    day: str = Field(max_length=40)
    currency: str = Field(max_length=40)
    rate: str = Field(max_length=40)


class ImportIn(In):
    source: Text
    rows: list[RowIn] = Field(min_length=1, max_length=MOST)


class RejectOut(Out):
    """A row that says no rate."""

    place: int
    row: str
    problem: str


class ImportedOut(Out):
    """What became of the rows; those that say no rate are kept, and named here."""

    id: ImportId
    source: str
    added: int
    changed: int
    same: int
    rejects: list[RejectOut]


class ImportOut(Out):
    """An import with the rows that said no rate."""

    id: ImportId
    source: str
    actor: str
    at: datetime
    days: int
    added: int
    changed: int
    rejected: int
    rejects: list[RejectOut]


class RateOut(Out):
    """One unit of `base` is `value` of `quote`; `converted` is in minor units."""

    base: str
    quote: str
    day: date
    value: Number
    published: date
    source: str
    converted: int | None = None


@router.get("/currencies/rate")
def show_rate(
    call: Asked,
    base: Currency,
    quote: Currency,
    day: Annotated[date | None, Query(description="Today, unless said.")] = None,
    amount: Annotated[
        int | None, Query(ge=-(10**14), le=10**14, description="Minor units of `base`.")
    ] = None,
) -> RateOut:
    """What one currency is worth in another on a day, by the last rates published until then."""

    def work(tx: Tx) -> RateOut:
        asked = day or tx.now.date()
        rate = currencies.rate(tx, asked, base, quote)
        money = converted(Money(amount, base), rate) if amount is not None else None
        return RateOut(
            base=base,
            quote=quote,
            day=asked,
            value=rate.value,
            published=rate.published,
            source=rate.source,
            converted=money.minor if money is not None else None,
        )

    return call.read(Permission.TAX_READ, work, everywhere=True)


@router.get("/currencies/imports")
def list_imports(
    call: Asked,
    after: Annotated[str, Query(max_length=80, description="The `next` of the page before.")] = "",
    limit: Annotated[Limit, Query()] = 20,
) -> Page[ImportOut]:
    """Imports of rates, newest first, each with the rows that said none."""

    def work(tx: Tx) -> Page[ImportOut]:
        before = parsed("imp", after, field="after") if after else NEWEST
        kept = currencies.imports(tx, before, limit)
        bad = currencies.rejects(tx, [one.id for one in kept if one.rejected])
        return Page(
            data=[
                ImportOut(
                    id=one.id,
                    source=one.source,
                    actor=one.actor,
                    at=one.at,
                    days=one.days,
                    added=one.added,
                    changed=one.changed,
                    rejected=one.rejected,
                    rejects=[RejectOut.model_validate(each) for each in bad.get(one.id, ())],
                )
                for one in kept
            ],
            next=shown("imp", kept[-1].id) if len(kept) == limit else None,
        )

    return call.read(Permission.TAX_READ, work, everywhere=True)


@router.post("/currencies/imports", response_model=ImportedOut)
def import_rates(call: Asked, body: ImportIn) -> Response:
    """Keep the rates of a file; a row that says none is kept as it came, and named."""

    def work(tx: Tx, _principal: Principal) -> ImportedOut:
        rows = [Row(row.day, row.currency, row.rate) for row in body.rows]
        return ImportedOut.model_validate(currencies.take_in(tx, body.source, rows))

    return call.write(Permission.TAX_WRITE, work, everywhere=True)


@router.post("/currencies/fill", response_model=Done)
def fill(call: Asked) -> Response:
    """Have orders that wait for their rate looked at again."""

    def work(tx: Tx, _principal: Principal) -> Done:
        fill_rates.ask(tx)
        return Done()

    return call.write(Permission.TAX_WRITE, work, everywhere=True)
