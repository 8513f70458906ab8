"""What is done in invoicing, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo, available_timezones

from baton.invoicing.errors import DocumentNotFound, IssuerInvalid, SeriesTooAlike
from baton.invoicing.events import Drafted, Issued, IssuerSaved, PolicySaved
from baton.invoicing.model import (
    COLLECT,
    ISSUE,
    Document,
    Intent,
    Issuer,
    Kind,
    Paper,
    Policy,
    Rule,
    Series,
    Wanted,
)
from baton.invoicing.rules import numbers, sums
from baton.invoicing.store import documents, intents, settings
from baton.platform import ids, journal, work
from baton.platform.db import Tx
from baton.values.check import Check
from baton.values.ids import NIL, Id

# ── settings ───────────────────────────────────────────────────────────────────────────────


def save_issuer(
    tx: Tx, issuer: Issuer, invoice_pattern: str, credit_memo_pattern: str
) -> tuple[Series, Series]:
    """Set what a legal entity's paper says, and the series that number it from now on.

    What waited for this is issued by a job. A pattern that was in use before goes on where it
    stopped. Raises IssuerInvalid, SeriesInvalid or SeriesTooAlike.
    """
    _check(issuer)
    numbers.check(invoice_pattern, "invoice_pattern")
    numbers.check(credit_memo_pattern, "credit_memo_pattern")
    saved = settings.save_issuer(tx, ids.fresh(), issuer)
    entity = issuer.legal_entity_id
    of_invoices = _used(tx, entity, Kind.INVOICE, invoice_pattern, "invoice_pattern")
    of_memos = _used(tx, entity, Kind.CREDIT_MEMO, credit_memo_pattern, "credit_memo_pattern")
    journal.record(tx, [IssuerSaved(saved, entity, invoice_pattern, credit_memo_pattern)])
    ask_issue(tx, [entity])
    return of_invoices, of_memos


def _check(issuer: Issuer) -> None:
    if not issuer.address.lines or not issuer.address.city.strip():
        raise IssuerInvalid("The seller's street and city stand on an invoice.", field="address")
    if issuer.time_zone not in available_timezones():
        raise IssuerInvalid(f"{issuer.time_zone[:60]!r} is no time zone.", field="time_zone")


def _used(tx: Tx, entity: Id, kind: Kind, pattern: str, field: str) -> Series:
    """The series of this pattern, in use. The issuer's row is locked."""
    new = Series(ids.fresh(), entity, kind, pattern, True, tx.now)
    settings.add_series(tx, new, numbers.skeleton(pattern))
    own = [s for s in settings.series_of(tx, [entity]) if s.pattern == pattern]
    if not own or own[0].kind is not kind:
        raise SeriesTooAlike(
            f"Another series could make the same numbers as {pattern!r}: change its letters.",
            field=field,
        )
    settings.use(tx, own[0])
    return own[0]


def issuers(tx: Tx, legal_entity_ids: Collection[Id]) -> dict[Id, Issuer]:
    """Those that are set up, by legal entity."""
    return settings.issuers(tx, legal_entity_ids)


def series_of(tx: Tx, legal_entity_ids: Collection[Id]) -> list[Series]:
    """All series, those out of use among them."""
    return settings.series_of(tx, legal_entity_ids)


def save_policy(tx: Tx, rule: Rule) -> Rule:
    """Set when shipments are billed from now on; what waits already stays as it is."""
    saved = settings.save_policy(tx, ids.fresh(), rule)
    channel = rule.channel_id if rule.channel_id != NIL else None
    customer = rule.customer_id if rule.customer_id != NIL else None
    journal.record(tx, [PolicySaved(saved, channel, customer, rule.policy.value)])
    return rule


# ── what is to be billed ───────────────────────────────────────────────────────────────────


def draft(tx: Tx, wanted: Sequence[Intent]) -> list[Intent]:
    """Keep what is to be billed or credited: once for each subject; the new ones come back.

    The caller holds the locks of the orders, and has counted nothing yet for what is there.
    """
    known = {
        (kind, subject)
        for kind in Kind
        for subject in intents.by_subjects(tx, kind, [i.subject_id for i in wanted])
    }
    new = list({(i.kind, i.subject_id): i for i in wanted}.values())
    new = [i for i in new if (i.kind, i.subject_id) not in known]
    intents.insert(tx, new)
    told = [i for i in new if i.policy is not Policy.NONE]
    journal.record(tx, [_drafted(intent) for intent in told])
    ask_issue(tx, {i.legal_entity_id for i in told if i.ready})
    return new


def ask_issue(tx: Tx, legal_entity_ids: Collection[Id]) -> None:
    """A job that issues what is ready; a legal entity's jobs run one after another."""
    work.put(
        tx,
        [
            work.Job(ISSUE, {"legal_entity": str(id)}, lane=f"invoicing:{id}")
            for id in sorted(legal_entity_ids)
        ],
    )


def ask_collect(tx: Tx, legal_entity_id: Id, month: date, at: datetime) -> None:
    """A job that bills a month once it is over; asked again for the same month it is one."""
    work.put(
        tx,
        [
            work.Job(
                COLLECT,
                {"legal_entity": str(legal_entity_id), "before": at.isoformat()},
                run_at=at,
                once_key=f"{legal_entity_id}:{month.isoformat()}",
            )
        ],
    )


def complete(tx: Tx, order_ids: Collection[Id], legal_entity_ids: Collection[Id]) -> None:
    """Nothing is left to ship of these orders: what waited for that may be issued."""
    intents.make_ready(tx, order_ids)
    ask_issue(tx, legal_entity_ids)


def collect(tx: Tx, legal_entity_id: Id, before: datetime) -> int:
    """Bill what waits for its month and left before this; how many shipments that are."""
    many = intents.collect(tx, legal_entity_id, before)
    ask_issue(tx, [legal_entity_id])
    return many


# ── documents ──────────────────────────────────────────────────────────────────────────────


def issue(tx: Tx, series: Series, issuer: Issuer, papers: Sequence[Paper]) -> list[Document]:
    """Number papers of one series, in their order, and freeze them.

    The counter's row is taken last: nobody waits for it longer than the writes that follow. What
    fails before the commit gives its numbers back, so there are no gaps.
    """
    if not papers:
        return []
    today = tx.now.astimezone(ZoneInfo(issuer.time_zone)).date()
    year = numbers.counted_in(series.pattern, today.year)
    intents.mark_issued(tx, [(i.id, paper.id) for paper in papers for i in paper.intents])
    first = settings.take_numbers(tx, series.id, year, len(papers))
    made = [
        _numbered(paper, series, year, today, no, tx.now) for no, paper in enumerate(papers, first)
    ]
    documents.insert(tx, made)
    pairs = zip(made, papers, strict=True)
    journal.record(tx, [_issued(document, paper, series) for document, paper in pairs])
    return made


def document(tx: Tx, document_id: Id) -> Document:
    """One document with its lines. Raises DocumentNotFound."""
    found = documents.by_ids(tx, [document_id]).get(document_id)
    if found is None:
        raise DocumentNotFound("There is no such invoice or credit memo.")
    return found


def found(tx: Tx, document_ids: Collection[Id]) -> dict[Id, Document]:
    """Those of these documents that there are, with their lines."""
    return documents.by_ids(tx, document_ids) if document_ids else {}


def by_number(tx: Tx, number: str) -> Id:
    """The document of this number, the oldest if several companies have one.

    Raises DocumentNotFound.
    """
    found = documents.by_number(tx, number)
    if found is None:
        raise DocumentNotFound(f"There is no document {number[:40]!r}.")
    return found


def of_orders(tx: Tx, order_ids: Collection[Id]) -> dict[Id, list[Document]]:
    """The invoices and credit memos of orders, oldest first, without their lines."""
    found: dict[Id, list[Document]] = {id: [] for id in order_ids}
    of = {
        (intent.order_id, intent.document_id)
        for intent in intents.by_orders(tx, order_ids)
        if intent.document_id is not None
    }
    known = documents.by_ids(tx, {document_id for _, document_id in of}) if of else {}
    for order_id, document_id in of:
        found[order_id].append(known[document_id])
    for each in found.values():
        each.sort(key=lambda d: (d.issued_at, d.no))
    return found


def verify(tx: Tx) -> list[Check]:
    """Numbers have no gap, and every document adds up."""
    rows, wrong = 0, list[str]()
    for page in documents.pages(tx):
        rows += len(page)
        wrong += [fault for document in page for fault in sums.faults(document)]
    return [
        *documents.checks(tx),
        Check("a document is the sum of its lines, per rate too", rows, tuple(wrong)),
    ]


def listed(tx: Tx, wanted: Wanted) -> list[Document]:
    """Documents without their lines, newest first."""
    return documents.listed(tx, wanted)


# ── parts of the above ─────────────────────────────────────────────────────────────────────


def _numbered(
    paper: Paper, series: Series, year: int, today: date, no: int, now: datetime
) -> Document:
    lines = tuple(line for intent in paper.intents for line in intent.lines)
    net, tax = sum(line.net for line in lines), sum(line.tax for line in lines)
    return Document(
        id=paper.id,
        kind=paper.kind,
        legal_entity_id=paper.legal_entity_id,
        series_id=series.id,
        year=year,
        no=no,
        number=numbers.number(series.pattern, today.year, no),
        issued_on=today,
        issued_at=now,
        customer_id=paper.customer_id,
        currency=paper.currency,
        net=net,
        tax=tax,
        total=net + tax,
        paid=paper.paid,
        collecting=paper.collecting,
        content=paper.content,
        lines=lines,
    )


def _drafted(intent: Intent) -> Drafted:
    subjects: tuple[Id | None, Id | None] = (intent.subject_id, None)
    if intent.kind is Kind.CREDIT_MEMO:
        subjects = (None, intent.subject_id)
    return Drafted(
        intent.order_id,
        intent.id,
        intent.kind.value,
        intent.policy.value,
        intent.total,
        intent.currency,
        *subjects,
    )


def _issued(document: Document, paper: Paper, series: Series) -> Issued:
    subjects = tuple(intent.subject_id for intent in paper.intents)
    invoice = document.kind is Kind.INVOICE
    return Issued(
        subject_id=document.id,
        document_id=document.id,
        kind=document.kind.value,
        number=document.number,
        series=series.pattern,
        legal_entity_id=document.legal_entity_id,
        customer_id=document.customer_id,
        order_ids=tuple(order.id for order in document.content.orders),
        shipment_ids=subjects if invoice else (),
        settlement_ids=() if invoice else subjects,
        corrects=tuple(each.document_id for each in document.content.corrects),
        net_minor=document.net,
        tax_minor=document.tax,
        total_minor=document.total,
        currency=document.currency,
        taxes=tuple((t.category, str(t.rate), t.net, t.tax) for t in document.content.taxes),
    )
