"""From asking to a decision, and what ends a return before anything came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta

from baton.platform import ids as new
from baton.platform import journal
from baton.platform.db import Tx
from baton.returns import rules
from baton.returns.errors import (
    ReturnActionIllegal,
    ReturnChanged,
    ReturnInvalid,
    ReturnLineNotFound,
    ReturnNotFound,
)
from baton.returns.events import (
    ReturnAnswered,
    ReturnApproved,
    ReturnAsked,
    ReturnCancelled,
    ReturnExpired,
    ReturnFlagged,
    ReturnRefused,
    ReturnRequested,
    ReturnSent,
    Units,
)
from baton.returns.model.goods import Stage
from baton.returns.model.money import GoesTo
from baton.returns.model.policy import BUILT_IN, Decision, Outcome, RefundAt, Terms
from baton.returns.model.rma import Claim, Request, Rma, RmaLine, Sold, State
from baton.returns.states import Action
from baton.returns.store import goods, rmas
from baton.values.ids import Id

_MOMENTS = (RefundAt.NOW, RefundAt.SCAN, RefundAt.RECEIPT, RefundAt.GRADE)


def locked(tx: Tx, rma_id: Id, version: int | None = None) -> Rma:
    """One locked return. Raises ReturnNotFound, or ReturnChanged where it is not `version`."""
    rma = rmas.load(tx, [rma_id], lock=True).get(rma_id)
    if rma is None:
        raise ReturnNotFound("No return has this id.")
    if version is not None and rma.version != version:
        raise ReturnChanged(
            f"The return is at version {rma.version}, not {version}: look again.", field="version"
        )
    return rma


def line_of(rma: Rma, line_no: int, field: str = "line") -> RmaLine:
    """A line of the return. Raises ReturnLineNotFound."""
    try:
        return rma.line(line_no)
    except LookupError as error:
        raise ReturnLineNotFound(str(error), field=field) from error


def open_return(tx: Tx, request: Request, decisions: Mapping[int, Decision], policy: int) -> Rma:
    """Open a return with what its policy says of each line, by order line.

    Its units are claimed: no second return can have them. Raises ReturnInvalid,
    ReturnLineNotFound or UnitsNotReturnable, before anything is written.
    """
    rules.check_asked(request.asked)
    sold = {each.order_line: each for each in request.sold}
    for number, each in enumerate(request.asked):
        if each.order_line not in sold:
            raise ReturnLineNotFound(
                f"Order {request.order_number} has no goods in a line {each.order_line}.",
                field=f"lines.{number}.line",
            )
    rma = _opened(tx, request, sold)
    claim(tx, rma, sold, {each.order_line: each.units for each in request.asked})
    rmas.insert(tx, rma)
    for line, each in zip(rma.lines, request.asked, strict=True):
        for photo in each.photos:
            goods.add_photo(tx, new.fresh(), rma.id, line.line_no, Stage.REQUEST, photo)
    units = tuple((line.order_line, line.requested) for line in rma.lines)
    journal.record(tx, [ReturnRequested(*said(rma), rma.cause.value, units)])
    return decide(tx, rma, decisions, policy)


def _opened(tx: Tx, request: Request, sold: Mapping[int, Sold]) -> Rma:
    lines = tuple(
        RmaLine(
            number, each.order_line, sold[each.order_line].sku_id, sold[each.order_line].sku_code,
            sold[each.order_line].title, each.units, each.units, each.reason.value,
            each.condition, each.note, each.wanted, each.exchange_sku, "", {}, each.told_minor,
        )
        for number, each in enumerate(request.asked, 1)
    )  # fmt: skip
    return Rma(
        new.fresh(), new.order_number(), request.order_id, request.order_number,
        request.channel_id, request.customer_id, request.currency, request.cause,
        State.REQUESTED, request.location_id, BUILT_IN, Terms(), (), "", request.note, tx.now,
        None, "", None, None, 1, lines,
    )  # fmt: skip


# ── deciding ───────────────────────────────────────────────────────────────────────────────


def decide(tx: Tx, rma: Rma, decisions: Mapping[int, Decision], policy: int) -> Rma:
    """Do what the policy says: approve, ask, offer, leave it to a person, or refuse.

    A line that is refused falls out of a return whose other lines are not.
    """
    known = replace(
        rma,
        policy=policy,
        lines=tuple(_told(line, decisions[line.order_line]) for line in rma.lines),
    )
    outcome = rules.gravest([decisions[line.order_line].outcome for line in rma.lines])
    counted = [d for d in decisions.values() if d.outcome is not Outcome.REFUSE]
    counted = counted or list(decisions.values())
    known = replace(
        known,
        terms=_strictest([d.terms for d in counted]),
        reasons=tuple(dict.fromkeys(reason for d in counted for reason in d.reasons)),
        question=next((d.question for d in counted if d.question), ""),
    )
    match outcome:
        case Outcome.APPROVE:
            wanted = {x.line_no: x.requested for x in known.lines if x.outcome == "approve"}
            return _approved(tx, rma, known, wanted)
        case Outcome.REFUSE:
            return _refused(tx, rma, known)
        case Outcome.FLAG:
            after = rmas.update(tx, rma, rules.moved(known, Action.FLAG, State.FLAGGED))
            journal.record(tx, [ReturnFlagged(*said(after), after.reasons, policy)])
            return after
        case Outcome.ASK | Outcome.OFFER:
            after = rules.moved(known, Action.ASK, State.ASKED)
            after = replace(after, expires_at=tx.now + timedelta(days=known.terms.days))
            after = rmas.update(tx, rma, after)
            journal.record(tx, [ReturnAsked(*said(after), after.reasons, policy)])
            return after


def _told(line: RmaLine, decision: Decision) -> RmaLine:
    kept = asdict(decision) | {"outcome": decision.outcome.value}
    wanted = line.wanted
    if decision.terms.credit_only and wanted is GoesTo.ORIGINAL:
        wanted = GoesTo.STORE_CREDIT
    return replace(line, outcome=decision.outcome.value, decision=kept, wanted=wanted)


def _strictest(terms: Sequence[Terms]) -> Terms:
    """Of the terms of several lines, what holds for the return as a whole."""
    grades = {grade for each in terms for grade in each.deductions}
    return Terms(
        refund_at=max((t.refund_at for t in terms), key=_MOMENTS.index),
        keep=all(t.keep for t in terms),
        charges=all(t.charges for t in terms),
        label=terms[0].label,
        label_fee_minor=max(t.label_fee_minor for t in terms),
        restocking_bp=max(t.restocking_bp for t in terms),
        bonus_bp=min(t.bonus_bp for t in terms),
        part_bp=min(t.part_bp for t in terms),
        credit_only=any(t.credit_only for t in terms),
        days=min(t.days for t in terms),
        deductions={g: max(t.deductions.get(g, 0) for t in terms) for g in sorted(grades)},
        offers=next((t.offers for t in terms if t.offers), ()),
    )


def approve(
    tx: Tx,
    rma: Rma,
    sold: Sequence[Sold],
    units: Mapping[int, int] | None,
    terms: Terms,
    why: str,
) -> Rma:
    """A person approves: units by line number, None for all; also what was refused.

    Raises ReturnActionIllegal, ReturnLineNotFound, ReturnInvalid or UnitsNotReturnable.
    """
    wanted = {line.line_no: line.requested for line in rma.lines} if units is None else dict(units)
    for line_no, count in wanted.items():
        if not 0 <= count <= line_of(rma, line_no, "lines").requested:
            raise ReturnInvalid("Approve no more than was asked for.", field="lines")
    if not any(wanted.values()):
        raise ReturnInvalid("Approve some units, or refuse the return.", field="lines")
    known = replace(rma, terms=terms, reasons=(*rma.reasons, why) if why else rma.reasons)
    rules.moved(rma, Action.APPROVE, State.APPROVED)
    if rma.status is State.REFUSED:  # its units were given back
        by_line = {each.order_line: each for each in sold}
        claim(tx, rma, by_line, {x.order_line: wanted.get(x.line_no, 0) for x in rma.lines})
        rma = replace(rma, lines=tuple(replace(x, units=0) for x in rma.lines))
    return _approved(tx, rma, known, wanted)


def _approved(tx: Tx, before: Rma, known: Rma, wanted: Mapping[int, int]) -> Rma:
    keep = known.terms.keep
    lines = []
    for line in known.lines:
        units = wanted.get(line.line_no, 0)
        kept = units if keep or (line.decision.get("terms") or {}).get("keep") else 0
        lines.append(replace(line, units=units, kept=kept))
    if before.status is not State.REFUSED:
        _give_back(tx, known, {x.order_line: x.requested - x.units for x in lines})
    after = replace(
        rules.moved(known, Action.APPROVE, State.APPROVED),
        lines=tuple(lines),
        question="",
        decided_at=tx.now,
        decided_by=tx.caller.actor,
        expires_at=tx.now + timedelta(days=known.terms.days),
    )
    after = rmas.update(tx, before, after)
    units_of = tuple((x.order_line, x.units) for x in after.lines if x.units)
    kept_of = tuple((x.order_line, x.kept) for x in after.lines if x.kept)
    fact = ReturnApproved(*said(after), units_of, kept_of, after.reasons, after.policy)
    journal.record(tx, [fact])
    return after


def refuse(tx: Tx, rma: Rma, why: str) -> Rma:
    """A person refuses. Raises ReturnActionIllegal."""
    return _refused(tx, rma, replace(rma, reasons=(*rma.reasons, why)))


def _refused(tx: Tx, before: Rma, known: Rma) -> Rma:
    after = rules.moved(known, Action.REFUSE, State.REFUSED)
    after = replace(
        after,
        question="",
        decided_at=tx.now,
        decided_by=tx.caller.actor,
        expires_at=None,
        lines=tuple(replace(x, units=0) for x in known.lines),
    )
    _give_back(tx, known, {x.order_line: x.units for x in before.lines})
    after = rmas.update(tx, before, after)
    journal.record(tx, [ReturnRefused(*said(after), after.reasons, after.policy)])
    return after


def answer(tx: Tx, rma: Rma, lines: Sequence[RmaLine]) -> Rma:
    """The customer has said more: the return is as new. Raises ReturnActionIllegal."""
    after = rules.moved(rma, Action.ANSWER, State.REQUESTED)
    for line in lines:
        after = after.with_line(line)
    after = rmas.update(tx, rma, replace(after, expires_at=None))
    journal.record(tx, [ReturnAnswered(*said(after))])
    return after


def wants(tx: Tx, rma: Rma, goes_to: GoesTo) -> Rma:
    """The customer wants the money to go somewhere else."""
    lines = tuple(replace(line, wanted=goes_to, exchange_sku="") for line in rma.lines)
    return rmas.update(tx, rma, replace(rma, lines=lines))


# ── ends ───────────────────────────────────────────────────────────────────────────────────


def cancel(tx: Tx, rma: Rma, why: str) -> Rma:
    """Call a return off before anything came; its units can be returned again.

    What was paid back already keeps its claim. Raises ReturnActionIllegal.
    """
    after = rules.moved(rma, Action.CANCEL, State.CANCELLED)
    if any(line.settled for line in rma.lines):
        raise ReturnActionIllegal(
            "Money went back for it already: it can't be called off.",
            action=Action.CANCEL.value,
            status=rma.status.value,
            legal=[each.value for each in rules.legal_actions(rma)],
        )
    _give_back(tx, rma, {x.order_line: x.units for x in rma.lines})
    after = rmas.update(tx, rma, replace(after, closed_at=tx.now, expires_at=None))
    journal.record(tx, [ReturnCancelled(*said(after), why)])
    return after


def expire(tx: Tx, rma: Rma) -> Rma:
    """What has not come by now is awaited no more; what did come goes its way.

    Units whose money went back before they came stay claimed, and a person is told by the flow.
    """
    gone = {x.line_no: x.expected for x in rma.lines if x.expected}
    lines = []
    for line in rma.lines:
        lines.append(replace(line, missing=line.missing + gone.get(line.line_no, 0)))
    known = replace(rma, lines=tuple(lines), expires_at=None)
    target = rules.progress(known)
    if target is rma.status:
        target = State.EXPIRED
    free = {x.order_line: min(gone.get(x.line_no, 0), x.units - x.settled) for x in rma.lines}
    _give_back(tx, rma, free)
    after = rules.moved(known, Action.EXPIRE, target)
    after = rmas.update(tx, rma, closed(tx, after))
    units = tuple((x.order_line, gone[x.line_no]) for x in rma.lines if x.line_no in gone)
    journal.record(tx, [ReturnExpired(*said(after), units)])
    return after


def await_for(tx: Tx, rma: Rma, days: int) -> Rma:
    """The goods are awaited for so many days from now."""
    return rmas.update(tx, rma, replace(rma, expires_at=tx.now + timedelta(days=days)))


def send(tx: Tx, rma: Rma, tracking_no: str) -> Rma:
    """The goods are on their way; said twice, it is done once. Raises ReturnActionIllegal."""
    if rma.status is State.ON_ITS_WAY:
        return rma
    after = rmas.update(tx, rma, rules.moved(rma, Action.SEND, State.ON_ITS_WAY))
    journal.record(tx, [ReturnSent(*said(after), tracking_no)])
    return after


# ── shared ─────────────────────────────────────────────────────────────────────────────────


def said(rma: Rma) -> tuple[Id, Id, str, str]:
    """How each fact of a return begins: order, return, its number, its state."""
    return rma.order_id, rma.id, rma.number, rma.status.value


def closed(tx: Tx, rma: Rma) -> Rma:
    """The return, with the time at which it closed where it has."""
    return replace(rma, closed_at=tx.now) if rma.status is State.CLOSED else rma


def claim(tx: Tx, rma: Rma, sold: Mapping[int, Sold], units: Mapping[int, int]) -> None:
    """Claim units by order line. Raises UnitsNotReturnable."""
    held = rmas.claims(tx, rma.order_id)
    rows = []
    for place, (order_line, count) in enumerate(units.items()):
        if not count:
            continue
        one = sold[order_line]
        first = Claim(rma.order_id, order_line, one.gone, one.returned, one.returned)
        row = replace(held.get(order_line, first), gone=one.gone)
        rules.check_units(row, count, f"lines.{place}.quantity")
        rows.append(replace(row, claimed=row.claimed + count))
    rmas.write_claims(tx, rma.order_id, rows)


def _give_back(tx: Tx, rma: Rma, units: Mapping[int, int]) -> None:
    held = rmas.claims(tx, rma.order_id)
    rows = [
        replace(held[order_line], claimed=held[order_line].claimed - count)
        for order_line, count in units.items()
        if count
    ]
    rmas.write_claims(tx, rma.order_id, rows)


def units_of(lines: Sequence[RmaLine], units: Mapping[int, int]) -> Units:
    """(order line, units), for units by line number."""
    by_no = {line.line_no: line for line in lines}
    return tuple((by_no[n].order_line, u) for n, u in units.items() if u)
