"""The books over HTTP: chart, entries, balances, periods, what is parked, exports."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Response

from baton import access, accounting, catalog, channels, orders
from baton.access.model import LegalEntity, Permission, Principal
from baton.accounting.errors import BooksUnknown, EntryInvalid, EntryNotFound
from baton.accounting.model import Account, Balance, Entry, Key, Mapping
from baton.flows import keep_books, told
from baton.http import accounting_shapes as shapes
from baton.http.call import Asked
from baton.http.order_shapes import OrderId
from baton.http.wire import Code, CursorInvalid, Limit, Page, cursor, place
from baton.orders.errors import OrderNotFound
from baton.platform import journal
from baton.platform.db import Tx
from baton.values import Id
from baton.values.ids import NIL

router = APIRouter(prefix="/v1/accounting", tags=["accounting"])

EntityCode = Annotated[Code, Query(description="Code of a legal entity.")]
First = Annotated[date | None, Query(description="First day; else the first of the year.")]
Last = Annotated[date | None, Query(description="Last day; else today.")]
After = Annotated[str | None, Query(max_length=300)]
_ERA = datetime(1970, 1, 1, tzinfo=UTC), NIL


# ── the chart ──────────────────────────────────────────────────────────────────────────────


@router.get("/chart")
def show_chart(call: Asked) -> shapes.ChartOut:
    """The chart of accounts, and which account each posting goes to."""
    return call.read(Permission.ACCOUNTING_READ, _chart, everywhere=True)


@router.put("/chart", response_model=shapes.ChartOut)
def save_chart(call: Asked, body: shapes.ChartIn) -> Response:
    """Replace the chart. A key without an account parks its postings until it has one."""

    def work(tx: Tx, _principal: Principal) -> shapes.ChartOut:
        entities = access.legal_entities_by_code(
            tx, sorted({m.legal_entity for m in body.mappings if m.legal_entity})
        )
        sold = channels.channels_by_code(
            tx, sorted({m.channel for m in body.mappings if m.channel})
        )
        mappings = []
        for number, each in enumerate(body.mappings):
            if each.legal_entity and each.legal_entity not in entities:
                raise BooksUnknown(
                    f"There is no legal entity {each.legal_entity!r}.",
                    field=f"mappings.{number}.legal_entity",
                )
            if each.channel and each.channel not in sold:
                raise BooksUnknown(
                    f"There is no channel {each.channel!r}.", field=f"mappings.{number}.channel"
                )
            mappings.append(
                Mapping(
                    each.key,
                    each.account,
                    entities[each.legal_entity].id if each.legal_entity else NIL,
                    sold[each.channel].id if each.channel else NIL,
                    each.code,
                )
            )
        accounts = [Account(each.number, each.name, each.kind) for each in body.accounts]
        accounting.save_chart(tx, accounts, mappings)
        return _chart(tx)

    return call.write(Permission.ACCOUNTING_WRITE, work, everywhere=True)


def _chart(tx: Tx) -> shapes.ChartOut:
    chart = accounting.chart(tx)
    entities = access.legal_entities_by_id(tx, sorted({m.legal_entity_id for m in chart.mappings}))
    sold = channels.channels_by_id(tx, sorted({m.channel_id for m in chart.mappings}))
    everywhere = {m.key for m in chart.mappings if not m.code and m.channel_id == NIL}
    return shapes.ChartOut(
        saved=chart.saved,
        accounts=[shapes.AccountOut.model_validate(each) for each in chart.accounts],
        mappings=[
            shapes.MappingOut(
                key=m.key,
                account=m.account,
                legal_entity=e.code if (e := entities.get(m.legal_entity_id)) else None,
                channel=c.code if (c := sold.get(m.channel_id)) else None,
                code=m.code,
            )
            for m in chart.mappings
        ],
        unmapped=[key for key in Key if key not in everywhere],
    )


# ── books and periods ──────────────────────────────────────────────────────────────────────


@router.get("/books")
def show_books(call: Asked, legal_entity: EntityCode) -> shapes.BooksOut:
    """How a legal entity keeps its books, and what waits to be booked."""

    def work(tx: Tx) -> shapes.BooksOut:
        return _books(tx, entity_of(tx, legal_entity))

    return call.read(Permission.ACCOUNTING_READ, work, everywhere=True)


@router.put("/books/{legal_entity}/method", response_model=shapes.BooksOut)
def set_method(call: Asked, legal_entity: Code, body: shapes.MethodIn) -> Response:
    """Value what leaves stock by moving average or first in, first out, from now on."""

    def work(tx: Tx, _principal: Principal) -> shapes.BooksOut:
        entity = entity_of(tx, legal_entity)
        accounting.set_method(tx, entity.id, entity.base_currency, body.method)
        return _books(tx, entity)

    return call.write(Permission.ACCOUNTING_WRITE, work, everywhere=True)


@router.post("/books/{legal_entity}/close", response_model=shapes.BooksOut)
def close_period(call: Asked, legal_entity: Code, body: shapes.CloseIn) -> Response:
    """Close all days through this one. What belongs there later goes to the first open day."""

    def work(tx: Tx, _principal: Principal) -> shapes.BooksOut:
        entity = entity_of(tx, legal_entity)
        accounting.close(tx, entity.id, entity.base_currency, body.through)
        return _books(tx, entity)

    return call.write(Permission.ACCOUNTING_CLOSE, work, everywhere=True)


@router.post("/books/{legal_entity}/reopen", response_model=shapes.BooksOut)
def reopen_period(call: Asked, legal_entity: Code, body: shapes.ReopenIn) -> Response:
    """Open closed days again, and say why."""

    def work(tx: Tx, _principal: Principal) -> shapes.BooksOut:
        entity = entity_of(tx, legal_entity)
        accounting.reopen(tx, entity.id, entity.base_currency, body.through, body.reason)
        return _books(tx, entity)

    return call.write(Permission.ACCOUNTING_CLOSE, work, everywhere=True)


def _books(tx: Tx, entity: LegalEntity) -> shapes.BooksOut:
    ledger = accounting.ledger(tx, entity.id, entity.base_currency)
    waiting, parked = accounting.counts(tx)
    return shapes.BooksOut(
        legal_entity=entity.code,
        base_currency=ledger.base_currency,
        method=ledger.method,
        closed_through=ledger.closed_through,
        entries=ledger.next_no - 1,
        waiting=waiting,
        parked=parked,
    )


def entity_of(tx: Tx, code: str) -> LegalEntity:
    """The legal entity with this code. Raises BooksUnknown."""
    found = access.legal_entities_by_code(tx, [code]).get(code)
    if found is None:
        raise BooksUnknown("No legal entity has this code.", field="legal_entity")
    return found


# ── entries ────────────────────────────────────────────────────────────────────────────────


@router.get("/entries")
def list_entries(
    call: Asked,
    legal_entity: EntityCode,
    first: First = None,
    last: Last = None,
    after: After = None,
    limit: Annotated[Limit, Query()] = 50,
) -> Page[shapes.EntryOut]:
    """Entries booked on some days, in their order."""

    def work(tx: Tx) -> Page[shapes.EntryOut]:
        entity, (begin, end) = entity_of(tx, legal_entity), _days(tx, first, last)
        since = _line_place(after)[:2] if after else (begin, 0)
        found = accounting.entries_of_days(tx, entity.id, begin, end, 2**62, since, limit)
        last_one = found[-1] if len(found) == limit else None
        return Page(
            data=_entries(tx, found),
            next=_line_cursor(last_one.booked_on, last_one.no, 0) if last_one else None,
        )

    return call.read(Permission.ACCOUNTING_READ, work, everywhere=True)


@router.get("/orders/{order_id}/entries")
def list_entries_of_order(
    call: Asked, order_id: OrderId, limit: Annotated[Limit, Query()] = 200
) -> Page[shapes.EntryOut]:
    """All that was booked for an order."""

    def work(tx: Tx) -> Page[shapes.EntryOut]:
        if order_id not in orders.read(tx, [order_id]):
            raise OrderNotFound("No order has this id.", field="order")
        return Page(data=_entries(tx, accounting.entries_of_order(tx, order_id, limit)))

    return call.read(Permission.ACCOUNTING_READ, work, everywhere=True)


@router.get("/entries/{entry_id}")
def show_entry(call: Asked, entry_id: shapes.EntryId) -> shapes.EntryPageOut:
    """One entry with the fact that it comes from."""
    return call.read(
        Permission.ACCOUNTING_READ, lambda tx: _entry_page(tx, entry_id), everywhere=True
    )


@router.post("/entries", status_code=201, response_model=shapes.EntryPageOut)
def enter(call: Asked, body: shapes.EntryIn) -> Response:
    """Book an entry by hand: opening balances, payments by bank, corrections."""

    def work(tx: Tx, _principal: Principal) -> shapes.EntryPageOut:
        entity = entity_of(tx, body.legal_entity)
        currency = body.currency or entity.base_currency
        if currency != entity.base_currency and body.rate is None:
            raise EntryInvalid(f"Give the rate to {entity.base_currency}.", field="rate")
        rate = body.rate if body.rate and currency != entity.base_currency else Decimal(1)
        if body.day > tx.now.date():
            raise EntryInvalid("This day has not come yet.", field="day")
        lines = [(line.account, line.debit - line.credit) for line in body.lines]
        manual = accounting.Manual(
            entity.id, entity.base_currency, currency, rate, body.day, body.memo, lines
        )
        return _entry_page(tx, accounting.enter(tx, manual).id)

    return call.write(Permission.ACCOUNTING_WRITE, work, status=201, everywhere=True)


@router.post("/entries/{entry_id}/reverse", status_code=201, response_model=shapes.EntryPageOut)
def reverse(call: Asked, entry_id: shapes.EntryId, body: shapes.ReverseIn) -> Response:
    """Take an entry by hand back, today, by another with every line the other way round."""

    def work(tx: Tx, _principal: Principal) -> shapes.EntryPageOut:
        return _entry_page(tx, accounting.reverse(tx, entry_id, body.reason).id)

    return call.write(Permission.ACCOUNTING_WRITE, work, status=201, everywhere=True)


def _entry_page(tx: Tx, entry_id: Id) -> shapes.EntryPageOut:
    found = accounting.entries_by_id(tx, [entry_id])
    if not found:
        raise EntryNotFound("No entry has this id.", field="entry")
    source = journal.entries_by_id(tx, [found[0].source_id]).get(found[0].source_id)
    reversal = next((e for e in accounting.entries_of_sources(tx, [entry_id]) if e.reverses), None)
    return shapes.EntryPageOut(
        **_entries(tx, found)[0].model_dump(),
        source=shapes.SourceOut.model_validate(source) if source else None,
        reversed_by=reversal.id if reversal else None,
    )


def _entries(tx: Tx, found: list[Entry]) -> list[shapes.EntryOut]:
    entities = access.legal_entities_by_id(tx, sorted({e.legal_entity_id for e in found}))
    named = sorted({x.sku_id for e in found for x in e.lines if x.sku_id is not None})
    skus = catalog.skus_by_id(tx, named) if named else {}
    return [
        shapes.EntryOut(
            id=e.id,
            legal_entity=entities[e.legal_entity_id].code,
            no=e.no,
            booked_on=e.booked_on,
            belongs_on=e.belongs_on,
            booked_at=e.booked_at,
            currency=e.currency,
            base_currency=e.base_currency,
            rate=e.rate,
            fact=e.fact,
            rule=e.rule,
            source_id=str(e.source_id),
            order_id=e.order_id,
            memo=e.memo,
            note=e.note,
            actor=e.actor,
            reverses=e.reverses,
            lines=[
                shapes.LineOut(
                    account=line.account,
                    key=line.key,
                    code=line.code,
                    debit=max(line.amount, 0),
                    credit=max(-line.amount, 0),
                    base_debit=max(line.base, 0),
                    base_credit=max(-line.base, 0),
                    sku=skus[line.sku_id].code if line.sku_id in skus else None,
                    units=line.units,
                )
                for line in e.lines
            ],
        )
        for e in found
    ]


# ── balances ───────────────────────────────────────────────────────────────────────────────


@router.get("/trial-balance")
def trial_balance(
    call: Asked, legal_entity: EntityCode, first: First = None, last: Last = None
) -> shapes.TrialBalanceOut:
    """Every account over some days; in base currency debits and credits are the same."""

    def work(tx: Tx) -> shapes.TrialBalanceOut:
        entity, (begin, end) = entity_of(tx, legal_entity), _days(tx, first, last)
        known = {each.number: each for each in accounting.chart(tx).accounts}
        found = accounting.trial_balance(tx, entity.id, begin, end)
        return shapes.TrialBalanceOut(
            legal_entity=entity.code,
            base_currency=entity.base_currency,
            first=begin,
            last=end,
            debit=sum(each.base_debit for each in found),
            credit=sum(each.base_credit for each in found),
            balances=[_balance(each, known.get(each.account)) for each in found],
        )

    return call.read(Permission.ACCOUNTING_READ, work, everywhere=True)


def _balance(balance: Balance, account: Account | None) -> shapes.BalanceOut:
    return shapes.BalanceOut(
        account=balance.account,
        name=account.name if account else balance.account,
        kind=account.kind if account else None,
        currency=balance.currency,
        opening=balance.opening,
        debit=balance.debit,
        credit=balance.credit,
        closing=balance.closing,
        base_opening=balance.base_opening,
        base_debit=balance.base_debit,
        base_credit=balance.base_credit,
        base_closing=balance.base_closing,
    )


@router.get("/accounts/{account}/ledger")
def show_ledger(
    call: Asked,
    account: Annotated[str, "Number of an account."],
    legal_entity: EntityCode,
    first: First = None,
    last: Last = None,
    after: After = None,
    limit: Annotated[Limit, Query()] = 50,
) -> shapes.LedgerOut:
    """The lines of an account over some days, with the balance after each."""

    def work(tx: Tx) -> shapes.LedgerOut:
        entity, (begin, end) = entity_of(tx, legal_entity), _days(tx, first, last)
        since = _line_place(after) if after else None
        page = accounting.account_page(tx, entity.id, account, begin, end, since, limit)
        lines = page.lines
        last_one = lines[-1] if len(lines) == limit else None
        return shapes.LedgerOut(
            account=page.account.number,
            name=page.account.name,
            base_currency=entity.base_currency,
            opening=page.opening,
            data=[shapes.LedgerLineOut.model_validate(line) for line in lines],
            next=_line_cursor(last_one.booked_on, last_one.entry_no, last_one.line_no)
            if last_one
            else None,
        )

    return call.read(Permission.ACCOUNTING_READ, work, everywhere=True)


def _days(tx: Tx, first: date | None, last: date | None) -> tuple[date, date]:
    end = last or tx.now.date()
    begin = first or end.replace(month=1, day=1)
    if begin > end:
        raise EntryInvalid("The first day is not after the last.", field="first")
    return begin, end


def _line_cursor(day: date, no: int, line: int) -> str:
    """A place among lines: a cursor holds a time and an id, and these fit into them."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return cursor(at, Id(int=no << 32 | line))


def _line_place(text: str) -> tuple[date, int, int]:
    at, id = place(text)
    number = id.int
    if number >> 32 > 2**62:
        raise CursorInvalid("Use the `next` of the page before.", field="after")
    return at.date(), number >> 32, number & 0xFFFFFFFF


# ── what could not be booked ───────────────────────────────────────────────────────────────


@router.get("/parked")
def list_parked(
    call: Asked, after: After = None, limit: Annotated[Limit, Query()] = 50
) -> Page[shapes.ParkedOut]:
    """Facts that could not be booked, oldest first, each with what is missing."""

    def work(tx: Tx) -> Page[shapes.ParkedOut]:
        found = accounting.parked(tx, place(after) if after else _ERA, limit)
        facts = journal.entries_by_id(tx, [source.entry_id for source in found])
        last = found[-1] if len(found) == limit else None
        return Page(
            data=[
                shapes.ParkedOut(
                    source_id=str(source.entry_id),
                    fact=source.fact,
                    subject_id=str(source.subject_id),
                    at=source.at,
                    code=source.code,
                    reason=source.reason,
                    amounts=told.amounts(facts[source.entry_id]),
                )
                for source in found
            ],
            next=cursor(last.at, last.entry_id) if last else None,
        )

    return call.read(Permission.ACCOUNTING_READ, work, everywhere=True)


@router.post("/parked/replay", response_model=shapes.ReplayedOut)
def replay(call: Asked) -> Response:
    """Try all of them again, and book older facts that were never noted."""

    def work(tx: Tx, _principal: Principal) -> shapes.ReplayedOut:
        return shapes.ReplayedOut(parked=keep_books.replay(tx))

    return call.write(Permission.ACCOUNTING_WRITE, work, everywhere=True)
