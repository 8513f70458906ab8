"""What is done to the books, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from baton.accounting import events
from baton.accounting.errors import (
    AccountUnknown,
    EntryInvalid,
    EntryNotFound,
    ExportNotFound,
    RateMissing,
    ReversedBefore,
)
from baton.accounting.model import (
    BOOK,
    CHART,
    LANE,
    Account,
    Balance,
    Chart,
    Entry,
    Export,
    Goods,
    Held,
    Key,
    Ledger,
    LedgerLine,
    Method,
    Money,
    Occurrence,
    Origin,
    Posting,
    PostingLine,
    Source,
    SourceState,
)
from baton.accounting.model import Mapping as Mapped
from baton.accounting.rules import books as booking
from baton.accounting.rules import chart as charts
from baton.accounting.rules import periods
from baton.accounting.rules.books import Books, LeftKey, PoolKey, PotKey
from baton.accounting.rules.exchange import converted
from baton.accounting.store import books as rows
from baton.accounting.store import chart as papers
from baton.accounting.store import entries as store
from baton.accounting.store import sources
from baton.platform import ids, journal, work
from baton.platform.db import Tx
from baton.platform.journal import Entry as Told
from baton.values.errors import BatonError
from baton.values.ids import NIL, Id

# ── booking facts ──────────────────────────────────────────────────────────────────────────


def note(tx: Tx, entries: Sequence[Told]) -> None:
    """Have these facts of the journal booked soon, each once however often it is told."""
    sources.note(tx, entries)
    work.put(tx, [work.Job(BOOK, {}, lane=LANE)])


@dataclass(frozen=True, slots=True)
class ToBook:
    """A fact, and what it tells; or why it can't be read."""

    told: Told
    happened: Sequence[Occurrence] = ()
    unfit: BatonError | None = None


def book(tx: Tx, told: Sequence[ToBook], currencies: Mapping[Id, str]) -> list[Source]:
    """Book facts that `lock_waiting` gave out, in their order; returns what became of each.

    `currencies` are the base currencies of all legal entities that they speak of. What can't be
    booked is parked with its reason, and the others go on.
    """
    ledgers = rows.lock(tx, currencies)
    happened = [one for each in told for one in each.happened]
    before = _read(tx, ledgers, happened)
    after = before
    made: list[Posting] = []
    became: list[Source] = []
    for each in told:
        postings: list[Posting] = []
        state, code, reason = SourceState.NOTHING, "", ""
        try:
            if each.unfit is not None:
                raise each.unfit
            after, postings = booking.book(after, each.happened)
        except BatonError as error:
            state, code, reason = SourceState.PARKED, error.code, error.message
        if postings:
            state = SourceState.BOOKED
        made += postings
        fact = each.told
        became.append(Source(fact.id, fact.fact, fact.subject_id, fact.at, state, code, reason))
    _write(tx, ledgers, before, after, made)
    sources.settle(tx, became)
    return became


def _read(tx: Tx, ledgers: Mapping[Id, Ledger], happened: Sequence[Occurrence]) -> Books:
    """What these occurrences lean on; the books' own rows are locked, and so all below them."""
    pots, pools, left = set[PotKey](), set[PoolKey](), set[LeftKey]()
    orders = set[Id]()
    for one in happened:
        origin = one.origin
        if origin.order_id is not None:
            orders.add(origin.order_id)
        match one:
            case Money() | Held():
                pots.add((origin.legal_entity_id, one.key, one.code, origin.currency))
            case Goods():
                pools.add((origin.legal_entity_id, one.sku_id))
                if one.to_entity_id is not None:
                    pools.add((one.to_entity_id, one.sku_id))
                if one.order_line is not None and origin.order_id is not None:
                    left.add((origin.order_id, one.order_line))
            case _:
                pass
    return Books(
        chart(tx),
        ledgers,
        rows.order_accounts(tx, orders),
        rows.pots(tx, pots),
        rows.pools(tx, pools),
        rows.costs(tx, left),
    )


def _write(
    tx: Tx,
    ledgers: Mapping[Id, Ledger],
    before: Books,
    after: Books,
    postings: Sequence[Posting],
) -> list[Entry]:
    numbered, entries = dict(ledgers), list[Entry]()
    for posting in postings:
        entity = posting.origin.legal_entity_id
        ledger = numbered[entity]
        entries.append(_entry(tx, posting, ledger))
        numbered[entity] = replace(ledger, next_no=ledger.next_no + 1)
    store.insert(tx, entries)
    rows.write(tx, [each for id, each in numbered.items() if each != ledgers[id]])
    rows.write_order_accounts(
        tx, [each for id, each in after.orders.items() if before.orders.get(id) != each]
    )
    rows.write_pots(tx, {k: pot for k, pot in after.pots.items() if before.pots.get(k) != pot})
    rows.write_pools(tx, before.pools, after.pools)
    rows.write_costs(tx, {k: c for k, c in after.left.items() if before.left.get(k) != c})
    return entries


def _entry(tx: Tx, posting: Posting, ledger: Ledger, reverses: Id | None = None) -> Entry:
    origin = posting.origin
    day = periods.booked_on(ledger, origin.day)
    note = origin.note
    if day != origin.day:
        closed = f"belongs to {origin.day.isoformat()}, which is closed"
        note = f"{note}; {closed}" if note else closed
    return Entry(
        id=ids.fresh(),
        legal_entity_id=origin.legal_entity_id,
        no=ledger.next_no,
        source_id=origin.source_id,
        rule=origin.rule,
        fact=origin.fact,
        subject_id=origin.subject_id,
        order_id=origin.order_id,
        channel_id=origin.channel_id,
        currency=origin.currency,
        base_currency=origin.base_currency,
        rate=origin.rate if origin.rate and origin.currency != origin.base_currency else Decimal(1),
        belongs_on=origin.day,
        booked_on=day,
        booked_at=tx.now,
        actor=tx.caller.actor,
        memo=origin.memo,
        note=note,
        reverses=reverses,
        lines=posting.lines,
    )


def replay(tx: Tx) -> int:
    """Try what is parked again; returns how many facts that are."""
    again = sources.unpark(tx)
    work.put(tx, [work.Job(BOOK, {}, lane=LANE)])
    journal.record(tx, [events.PostingsReplayed(CHART, again)])
    return again


def rates_known(tx: Tx) -> None:
    """Try again what waits for a rate of exchange."""
    if sources.unpark(tx, RateMissing.code):
        work.put(tx, [work.Job(BOOK, {}, lane=LANE)])


# ── the chart ──────────────────────────────────────────────────────────────────────────────


def chart(tx: Tx) -> Chart:
    """The merchant's chart of accounts and mapping, or the one that Baton brings along."""
    return papers.chart(tx) or charts.SHIPPED


def save_chart(tx: Tx, accounts: Iterable[Account], mappings: Iterable[Mapped]) -> Chart:
    """Replace the chart. Entries keep the numbers that they were booked under.

    Raises ChartInvalid.
    """
    new = charts.check(accounts, mappings)
    papers.write_chart(tx, new)
    fact = events.ChartSaved(CHART, len(new.accounts), len(new.mappings))
    journal.record(tx, [fact])
    return new


# ── entries by people ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Manual:
    """An entry by hand: amounts with debits positive. `rate`: base currency for one unit."""

    legal_entity_id: Id
    base_currency: str
    currency: str
    rate: Decimal
    day: date
    memo: str
    lines: Sequence[tuple[str, int]]


def enter(tx: Tx, manual: Manual) -> Entry:
    """Book an entry by hand. Raises EntryInvalid."""
    if not manual.rate > 0:
        raise EntryInvalid("A rate is more than zero.", field="rate")
    names = {account.number for account in chart(tx).accounts}
    lines = [
        PostingLine(
            number,
            "manual",
            amount,
            converted(amount, manual.currency, manual.base_currency, manual.rate),
        )
        for number, amount in manual.lines
    ]
    periods.check_lines(lines, names)
    if rest := sum(line.base for line in lines):
        number = charts.account_of(chart(tx), Key.ROUNDING, manual.legal_entity_id, NIL)
        if number is None:
            raise EntryInvalid("Map the key rounding to an account first.", field="lines")
        lines.append(PostingLine(number, Key.ROUNDING.value, 0, -rest))
    ledger = rows.lock(tx, {manual.legal_entity_id: manual.base_currency})[manual.legal_entity_id]
    id = ids.fresh()
    origin = Origin(
        source_id=id,
        rule="manual",
        fact="accounting.entry_made",
        subject_id=manual.legal_entity_id,
        legal_entity_id=manual.legal_entity_id,
        day=manual.day,
        currency=manual.currency,
        base_currency=manual.base_currency,
        rate=manual.rate,
        memo=manual.memo,
    )
    entry = replace(_entry(tx, Posting(origin, tuple(lines)), ledger), id=id)
    store.insert(tx, [entry])
    rows.write(tx, [replace(ledger, next_no=ledger.next_no + 1)])
    total = sum(line.amount for line in lines if line.amount > 0)
    fact = events.EntryMade(manual.legal_entity_id, id, manual.currency, total, manual.memo)
    journal.record(tx, [fact])
    return entry


def reverse(tx: Tx, entry_id: Id, reason: str) -> Entry:
    """Take back an entry by hand with every line of it, today.

    What follows from a fact is taken back by what undoes the fact: a return, a refund, a count.
    Raises EntryNotFound and ReversedBefore.
    """
    found = store.by_id(tx, [entry_id])
    if not found:
        raise EntryNotFound("No entry has this id.", field="entry")
    before = found[0]
    if before.rule != "manual":
        raise ReversedBefore(
            "This entry follows from a fact, or is a reversal: book the difference by hand.",
            field="entry",
        )
    entity = before.legal_entity_id
    ledger = rows.lock(tx, {entity: before.base_currency})[entity]
    if store.of_sources(tx, [entry_id])[1:]:
        raise ReversedBefore("This entry was reversed before.", field="entry")
    origin = Origin(
        source_id=before.id,
        rule="reversal",
        fact="accounting.entry_reversed",
        subject_id=before.subject_id,
        legal_entity_id=entity,
        day=tx.now.date(),
        currency=before.currency,
        base_currency=before.base_currency,
        rate=before.rate,
        order_id=before.order_id,
        channel_id=before.channel_id,
        memo=reason,
    )
    lines = tuple(replace(x, amount=-x.amount, base=-x.base) for x in before.lines)
    entry = _entry(tx, Posting(origin, lines), ledger, reverses=before.id)
    store.insert(tx, [entry])
    rows.write(tx, [replace(ledger, next_no=ledger.next_no + 1)])
    journal.record(tx, [events.EntryReversed(entity, entry.id, before.id, reason)])
    return entry


# ── periods and method ─────────────────────────────────────────────────────────────────────


def ledger(tx: Tx, legal_entity_id: Id, base_currency: str) -> Ledger:
    """The books of a legal entity, as they stand."""
    found = rows.ledgers(tx, [legal_entity_id])
    empty = Ledger(legal_entity_id, base_currency, Method.AVERAGE, None, 1, 1)
    return found.get(legal_entity_id, empty)


def close(tx: Tx, legal_entity_id: Id, base_currency: str, through: date) -> Ledger:
    """Close all days through this one. Raises PeriodOpen."""
    before = rows.lock(tx, {legal_entity_id: base_currency})[legal_entity_id]
    periods.check_close(before, through, tx.now.date())
    after = replace(before, closed_through=through)
    rows.write(tx, [after])
    journal.record(tx, [events.PeriodClosed(legal_entity_id, through)])
    return after


def reopen(
    tx: Tx, legal_entity_id: Id, base_currency: str, through: date | None, reason: str
) -> Ledger:
    """Open the days after `through` again, or all. Raises PeriodOpen."""
    before = rows.lock(tx, {legal_entity_id: base_currency})[legal_entity_id]
    periods.check_reopen(before, through)
    after = replace(before, closed_through=through)
    rows.write(tx, [after])
    journal.record(tx, [events.PeriodReopened(legal_entity_id, through, reason)])
    return after


def set_method(tx: Tx, legal_entity_id: Id, base_currency: str, method: Method) -> Ledger:
    """Value what leaves stock by this method from now on; the value of stock stays as it is."""
    before = rows.lock(tx, {legal_entity_id: base_currency})[legal_entity_id]
    if before.method is method:
        return before
    after = replace(before, method=method)
    rows.write(tx, [after])
    journal.record(tx, [events.MethodSet(legal_entity_id, method.value)])
    return after


# ── reading and exporting ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Lines of an account with the balance after each, in base currency."""

    account: Account
    opening: int
    lines: list[LedgerLine]


def account_page(
    tx: Tx,
    legal_entity_id: Id,
    number: str,
    first: date,
    last: date,
    after: tuple[date, int, int] | None,
    limit: int,
) -> AccountPage:
    """The ledger of an account over some days, page by page. Raises AccountUnknown."""
    known = next((each for each in chart(tx).accounts if each.number == number), None)
    if known is None:
        raise AccountUnknown("The chart has no account of this number.", field="account")
    found = store.balances(tx, legal_entity_id, first, first, number)
    balance = opening = sum(each.base_opening for each in found)
    start = after or (first, 0, 0)
    if after is not None:
        balance += store.up_to(tx, legal_entity_id, number, first, after)
    lines = []
    for line in store.ledger(tx, legal_entity_id, number, first, last, start, limit):
        balance += line.base
        lines.append(replace(line, balance=balance))
    return AccountPage(known, opening, lines)


def trial_balance(tx: Tx, legal_entity_id: Id, first: date, last: date) -> list[Balance]:
    """Every account and currency over some days; debits and credits sum to the same."""
    return store.balances(tx, legal_entity_id, first, last)


def export(
    tx: Tx, legal_entity_id: Id, base_currency: str, format: str, first: date, last: date
) -> Export:
    """Number an export of these days; it says which earlier ones shared a day with it."""
    before = rows.lock(tx, {legal_entity_id: base_currency})[legal_entity_id]
    entries, last_no = store.count(tx, legal_entity_id, first, last)
    made = Export(
        ids.fresh(),
        legal_entity_id,
        before.next_export,
        format,
        first,
        last,
        last_no,
        entries,
        tx.now,
        tx.caller.actor,
        tuple(papers.overlapping(tx, legal_entity_id, first, last)),
    )
    papers.insert_export(tx, made)
    rows.write(tx, [replace(before, next_export=before.next_export + 1)])
    fact = events.Exported(
        legal_entity_id, made.id, made.number, format, first, last, entries, made.repeats
    )
    journal.record(tx, [fact])
    return made


def found_export(tx: Tx, export_id: Id) -> Export:
    """An export that was made. Raises ExportNotFound."""
    found = papers.export(tx, export_id)
    if found is None:
        raise ExportNotFound("No export has this id.", field="export")
    return found


def exported(tx: Tx, export: Export) -> list[Entry]:
    """The entries of an export: the same each time, whatever was booked since."""
    made: list[Entry] = []
    after = (export.first, 0)
    while True:
        page = store.of_days(
            tx, export.legal_entity_id, export.first, export.last, export.last_no, after, 1000
        )
        made += page
        if len(page) < 1000:
            return made
        after = page[-1].booked_on, page[-1].no
