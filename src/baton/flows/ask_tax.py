"""Tax services beside the own tables: intend → call → settle.

    quote    for an order that came without its tax; the tables' figures stand until it is answered,
             and for good where the service refuses or stays away: the order's note says so
    commit   what a shipment sold, for the service to file
    void     takes a commit back

A question is the same each time, under the same key. An unknown answer is asked for again by the
queue, which backs off and in the end parks the job where a person sees it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from baton import orders, tax
from baton.flows import jobs
from baton.flows.determine_tax import by_number, determine, terms_of
from baton.flows.quote_tax import Quote
from baton.orders.model import Order
from baton.platform import work
from baton.platform.db import Caller, Database, Tx
from baton.platform.work import Handler, Job
from baton.tax.amounts import of_units
from baton.tax.errors import ServiceAway, ServiceMissing
from baton.tax.model import (
    CALL,
    CallKind,
    CallState,
    Code,
    Determination,
    Determined,
    Reason,
    ServiceCall,
    Source,
    State,
)
from baton.tax.port import (
    CommitRequest,
    Filed,
    FileOutcome,
    NeverReceived,
    Quoted,
    QuoteOutcome,
    QuoteRequest,
    Refused,
    ServiceTax,
    SoldLine,
    TaxService,
    Unknown,
    VoidRequest,
)
from baton.values import Id
from baton.values.ids import NIL

Outcome = QuoteOutcome | FileOutcome


@dataclass(frozen=True, slots=True)
class AskTaxService:
    """The handlers of tax services' jobs; `services` by the name of the connector."""

    db: Database
    services: Mapping[str, TaxService]

    def handlers(self) -> dict[str, Handler]:
        """For the worker: one handler a kind of job."""
        return {
            CALL: Handler(outside=self.call, limit=5),
            jobs.COMMIT_TAX: Handler(inside=_commit_jobs),
        }

    def call(self, caller: Caller, job: Job) -> None:
        """Ask the service once and book its answer; where it is booked, just end the job.

        Raises ServiceMissing, or ServiceAway to be run again.
        """
        call = self.db.execute(caller, lambda tx: _open(tx, job))
        if call is None:
            return
        service = self.services.get(call.service)
        if service is None:
            raise ServiceMissing(f"There is no tax service called {call.service!r}.")
        outcome = _asked(service, call)
        self.db.execute(caller, lambda tx: _settle(tx, job, call, outcome))
        if isinstance(outcome, Unknown):
            raise ServiceAway(outcome.reason)


def _open(tx: Tx, job: Job) -> ServiceCall | None:
    call = tax.call_of(tx, Id(job.payload["call_id"]))
    if call is None or call.state is not CallState.REQUESTED:
        work.finish(tx, [job])
        return None
    return call


def _asked(service: TaxService, call: ServiceCall) -> Outcome:
    key = str(call.id)
    if call.kind is CallKind.QUOTE:
        return service.quote(msgspec.convert(call.request["ask"], QuoteRequest))
    known = service.lookup(key)
    if not isinstance(known, NeverReceived):
        return known
    if call.kind is CallKind.COMMIT:
        told = {name: value for name, value in call.request.items() if name != "units"}
        return service.commit(msgspec.convert(told | {"idempotency_key": key}, CommitRequest))
    return service.void(VoidRequest(key, str(call.request["commit"])))


# ── settling ───────────────────────────────────────────────────────────────────────────────


def _settle(tx: Tx, job: Job, call: ServiceCall, outcome: Outcome) -> None:
    order = orders.locked(tx, call.order_id)
    match outcome:
        case Quoted():
            used = _use(tx, order, call, outcome)
            tax.settle(tx, call, CallState.SUCCEEDED, "", "" if used else "the order has changed")
        case Filed(ref=ref):
            tax.settle(tx, call, CallState.SUCCEEDED, ref)
        case Refused(message=message):
            tax.settle(tx, call, CallState.REFUSED, "", message)
            _say(tx, call, f"{call.service} refused: {message}.")
            if call.kind is not CallKind.QUOTE:
                _tell(tx, order, call, message)
        case Unknown():
            _say(tx, call, f"{call.service} does not answer.")
            return  # the job stays, and asks again
    work.finish(tx, [job])


def _use(tx: Tx, order: Order, call: ServiceCall, answer: Quoted) -> bool:
    """Put the service's figures in place of the tables', if they are about the order as it is."""
    before = _before(tx, call)
    if before is None or any(line.shipped for line in order.lines):
        return False
    parts = _parts(order, answer.taxes)
    whole = sum(part.tax_minor for part in parts)
    made = replace(
        before,
        source=Source.SERVICE,
        service=call.service,
        state=State.FITS,
        tax_minor=whole,
        expected_minor=whole,
        note="",
        parts=parts,
    )
    tax.record(tx, [made], again=True)
    order = orders.tell_tax(tx, order, by_number(parts, "line_no"), by_number(parts, "charge_no"))
    orders.resolve_kind(tx, order, "tax_differs", f"{call.service} has said the tax.")
    return True


def _say(tx: Tx, call: ServiceCall, what: str) -> None:
    """Beside the figures of the own tables, which stand: that somebody else was asked in vain."""
    before = _before(tx, call) if call.kind is CallKind.QUOTE else None
    said = f"{what} The figures are those of the own tables."
    if before is not None and said not in before.note:
        note = f"{before.note} {said}".strip()
        tax.record(tx, [replace(before, service=call.service, note=note)], again=True)


def _before(tx: Tx, call: ServiceCall) -> Determination | None:
    """What stands of the order, if it was determined from what the call was asked about."""
    before = tax.determinations(tx, [call.order_id]).get(call.order_id)
    fits = before is not None and before.fingerprint.hex() == call.request["mark"]
    return before if fits else None


def _tell(tx: Tx, order: Order, call: ServiceCall, message: str) -> None:
    orders.open_exception(
        tx,
        order,
        "tax_service_refused",
        str(call.id),
        f"{call.service} refused to {call.kind} a sale: {message}",
        "Enter it in the service's own console, or mend what it names.",
    )


def _parts(order: Order, taxes: Sequence[ServiceTax]) -> tuple[Determined, ...]:
    amounts = {f"line {line.line_no}": line.total for line in order.lines}
    amounts |= {f"charge {charge.charge_no}": charge.amount for charge in order.charges}
    return _parts_of(order.id, amounts, taxes, included=True)


def _parts_of(
    order_id: Id, amounts: Mapping[str, int], taxes: Sequence[ServiceTax], *, included: bool
) -> tuple[Determined, ...]:
    sums: dict[str, int] = {}
    for each in taxes:
        sums[each.key] = sums.get(each.key, 0) + each.tax
    if set(sums) != set(amounts):
        raise ServiceAway(f"taxes of {sorted(sums)} came, asked were {sorted(amounts)}")
    return tuple(
        Determined(
            order_id=order_id,
            line_no=int(each.key.split()[1]) if each.key.startswith("line") else 0,
            charge_no=int(each.key.split()[1]) if each.key.startswith("charge") else 0,
            component=each.component,
            jurisdiction=each.jurisdiction,
            category=each.category.value,
            rate=each.rate,
            basis_minor=amounts[each.key] - (sums[each.key] if included else 0),
            tax_minor=each.tax,
            reason=Reason.TAX_SERVICE.value,
            expected_minor=each.tax,
        )
        for each in taxes
    )


# ── carts ──────────────────────────────────────────────────────────────────────────────────


def quoted(quote: Quote, services: Mapping[str, TaxService]) -> Quote:
    """The cart's tax as its channel's service says it, else by the own tables, and that is said.

    No transaction is open.
    """
    if quote.ask is None:
        return quote
    service = services.get(quote.service)
    outcome: QuoteOutcome = service.quote(quote.ask) if service else Refused("it is not set up")
    if isinstance(outcome, Quoted):
        amounts = {line.key: line.amount for line in quote.ask.lines}
        parts = _parts_of(NIL, amounts, outcome.taxes, included=quote.tax_included)
        return quote.told(parts, quote.service)
    why = outcome.message if isinstance(outcome, Refused) else outcome.reason
    note = f"{quote.service}: {why}. The figures are those of the own tables."
    return replace(quote, made=replace(quote.made, note=f"{quote.made.note} {note}".strip()))


# ── what was sold ──────────────────────────────────────────────────────────────────────────


def ask_to_commit(tx: Tx, order_id: Id, subject_id: Id, units: Sequence[tuple[int, int]]) -> None:
    """Have a worker tell the order's tax service, if it has one, what a shipment sold."""
    payload = {"order": str(order_id), "subject": str(subject_id), "units": list(units)}
    lane = f"{jobs.COMMIT_TAX}:{order_id}"
    work.put(tx, [work.Job(jobs.COMMIT_TAX, payload, lane=lane, once_key=str(subject_id))])


def _commit_jobs(tx: Tx, due: Sequence[Job]) -> None:
    for job in due:
        units = {int(line): int(count) for line, count in job.payload["units"]}
        commit(tx, Id(job.payload["order"]), Id(job.payload["subject"]), units)


def commit(tx: Tx, order_id: Id, subject_id: Id, units: Mapping[int, int]) -> ServiceCall | None:
    """Intend to file what was sold; None where the channel has no service, or it is intended."""
    determine(tx, [order_id])
    order = orders.locked(tx, order_id)
    kept = {
        (t.legal_entity_id, t.channel_id): t for t in tax.terms(tx, [order.header.legal_entity_id])
    }
    service = terms_of(kept, order).service
    if not service:
        return None
    before = [c for c in tax.calls_of(tx, [order_id]) if c.kind is CallKind.COMMIT]
    if any(call.subject_id == subject_id for call in before):
        return None
    sold = _sold(order, tax.of_orders(tx, [order_id]).get(order_id, ()), before, units)
    if not sold:
        return None
    request = {
        "reference": order.number,
        "day": tx.now.date(),
        "currency": order.header.currency,
        "units": {str(line): count for line, count in units.items()},
        "lines": sold,
    }
    return tax.intend(
        tx, CallKind.COMMIT, order_id, subject_id, service, msgspec.to_builtins(request)
    )


def _sold(
    order: Order,
    parts: Sequence[Determined],
    before: Sequence[ServiceCall],
    units: Mapping[int, int],
) -> list[SoldLine]:
    """The taxes of these units, after those that were filed before; charges with the first."""
    sold: list[Determined] = []
    for line_no, count in units.items():
        line = order.line(line_no)
        own = [part for part in parts if part.line_no == line_no]
        first = sum(int(call.request["units"].get(str(line_no), 0)) for call in before)
        if own:
            sold += of_units(own, line.total, line.ordered, first, first + count)
    if not before:
        sold += [part for part in parts if part.charge_no]
    return [_line(part) for part in sold]


def _line(part: Determined) -> SoldLine:
    key = f"line {part.line_no}" if part.line_no else f"charge {part.charge_no}"
    return SoldLine(
        key, part.component, part.jurisdiction, Code(part.category), part.rate, part.basis_minor,
        part.tax_minor,
    )  # fmt: skip


def void(tx: Tx, order_id: Id) -> int:
    """Have all that was filed for an order taken back; how many sales there were."""
    orders.locked(tx, order_id)
    filed = tax.to_void(tax.calls_of(tx, [order_id]))
    for call in filed:
        request: dict[str, Any] = {"commit": str(call.id)}
        tax.intend(tx, CallKind.VOID, order_id, call.subject_id, call.service, request)
    return len(filed)
