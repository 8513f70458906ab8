"""What came in, what it was like, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from baton.platform import ids as new
from baton.platform import journal
from baton.platform.db import Tx
from baton.returns import rules
from baton.returns.actions.requests import closed, line_of, said, units_of
from baton.returns.errors import (
    DisposedAlready,
    GoodsNotThere,
    GradingNotFound,
    ReturnActionIllegal,
    ReturnInvalid,
)
from baton.returns.events import (
    ReturnClosed,
    ReturnDisposed,
    ReturnGraded,
    ReturnLabelled,
    ReturnReceived,
)
from baton.returns.model.goods import (
    Disposition,
    Grade,
    Grading,
    Label,
    LabelState,
    PhotoDraft,
    Receipt,
    Stage,
)
from baton.returns.model.rma import Rma, RmaLine, State
from baton.returns.rules.requests import MOST_PHOTOS
from baton.returns.states import Action
from baton.returns.store import goods, rmas
from baton.values.fact import Fact
from baton.values.ids import Id

IN_QUARANTINE = (Disposition.REFURBISH, Disposition.REPAIR)
"""What these decide is decided again, once the work is done."""


def receive(
    tx: Tx,
    rma: Rma,
    location_id: Id,
    units: Mapping[int, int],
    reference: str,
    parcel_id: Id | None = None,
) -> tuple[Rma, Receipt | None]:
    """Units (by line number) came in; no receipt where this reference was scanned before.

    Raises ReturnActionIllegal, ReturnLineNotFound, or GoodsNotThere for more than is expected.
    """
    if not units or any(count < 1 for count in units.values()):
        raise ReturnInvalid("Say how many units came in.", field="lines")
    receipt = Receipt(
        new.fresh(), rma.id, location_id, reference, parcel_id, tx.now, tx.caller.actor,
        tuple(units.items()),
    )  # fmt: skip
    known = [r for r in goods.receipts(tx, [rma.id]) if reference and r.reference == reference]
    if known:
        return rma, None
    after = rma
    for line_no, count in units.items():
        line = line_of(after, line_no, "lines")
        late = line.missing  # what comes after its time is taken in all the same
        if count > line.expected + late:
            raise GoodsNotThere(
                f"{line.expected + late} units of line {line_no} are expected, not {count}: take "
                "what is beyond that in as an unexpected parcel.",
                field="lines",
                line=line_no,
                expected=line.expected + late,
            )
        found = max(count - line.expected, 0)
        after = after.with_line(
            replace(line, received=line.received + count, missing=line.missing - found)
        )
    after = rules.moved(after, Action.RECEIVE, rules.progress(after))
    goods.add_receipt(tx, receipt)
    after = rmas.update(tx, rma, after)
    fact = ReturnReceived(*said(after), receipt.id, location_id, units_of(after.lines, units))
    _record(tx, rma, after, fact)
    return after, receipt


def add_line(tx: Tx, rma: Rma, line: RmaLine) -> Rma:
    """A line for goods that came along with the others; its units are claimed by the caller."""
    return rmas.update(tx, rma, replace(rma, lines=(*rma.lines, line)))


def grade(
    tx: Tx,
    rma: Rma,
    line_no: int,
    location_id: Id,
    units: int,
    given: Grade,
    note: str,
    photos: Sequence[PhotoDraft] = (),
) -> tuple[Rma, Grading]:
    """Units that came in at a location were looked at.

    Raises ReturnLineNotFound, ReturnInvalid, or GoodsNotThere where no so many wait there.
    """
    line = line_of(rma, line_no)
    if units < 1:
        raise ReturnInvalid("Grade at least one unit.", field="quantity")
    for place, photo in enumerate(photos):
        rules.check_photo(photo, f"photos.{place}")
    waiting = ungraded(tx, rma).get((line_no, location_id), 0)
    if units > waiting:
        raise GoodsNotThere(
            f"{waiting} units of line {line_no} wait to be graded there, not {units}.",
            field="quantity",
            line=line_no,
            waiting=waiting,
        )
    grading = Grading(
        new.fresh(), rma.id, line_no, location_id, units, given, note, tx.now, tx.caller.actor
    )
    goods.add_grading(tx, grading)
    for photo in photos:
        goods.add_photo(tx, new.fresh(), rma.id, line_no, Stage.GRADE, photo)
    after = rma.with_line(replace(line, graded=line.graded + units))
    after = rmas.update(tx, rma, _on(tx, after, Action.GRADE))
    fact = ReturnGraded(*said(after), grading.id, location_id, line.order_line, units, given.value)
    _record(tx, rma, after, fact)
    return after, grading


def add_photos(tx: Tx, rma: Rma, line: RmaLine, photos: Sequence[PhotoDraft]) -> None:
    """Keep photos that the customer sent later. Raises ReturnInvalid where there are too many."""
    kept = len(goods.photos(tx, [rma.id]))
    if kept + len(photos) > MOST_PHOTOS:
        raise ReturnInvalid(f"A return has at most {MOST_PHOTOS} photos.", field="photos")
    for photo in photos:
        goods.add_photo(tx, new.fresh(), rma.id, line.line_no, Stage.REQUEST, photo)


def ungraded(tx: Tx, rma: Rma) -> dict[tuple[int, Id], int]:
    """Units that came in and were not looked at, by line and location."""
    left: dict[tuple[int, Id], int] = {}
    for receipt in goods.receipts(tx, [rma.id]):
        for line_no, count in receipt.units:
            key = line_no, receipt.location_id
            left[key] = left.get(key, 0) + count
    for grading in goods.gradings(tx, [rma.id]):
        left[grading.line_no, grading.location_id] -= grading.units
    return left


def grading_of(tx: Tx, rma: Rma, grading_id: Id) -> Grading:
    """One grading of a return. Raises GradingNotFound."""
    for grading in goods.gradings(tx, [rma.id]):
        if grading.id == grading_id:
            return grading
    raise GradingNotFound("No units were graded under this id.", field="grading")


def dispose(tx: Tx, rma: Rma, grading: Grading, disposition: Disposition) -> tuple[Rma, Grading]:
    """Decide what becomes of graded units, once for good; repairs are decided again after it.

    Raises DisposedAlready or ReturnActionIllegal.
    """
    done = grading.disposition
    if done is not None and (done not in IN_QUARANTINE or done is disposition):
        raise DisposedAlready(
            f"{grading.units} units were disposed of already: {done.replace('_', ' ')}.",
            field="disposition",
            disposition=done.value,
        )
    if (rma.status, rma.status) not in _DISPOSABLE:
        rules.moved(rma, Action.DISPOSE, State.CLOSED)  # refused, with what is legal
    disposed = replace(grading, disposition=disposition, disposed_at=tx.now)
    goods.dispose(tx, disposed)
    line = line_of(rma, grading.line_no)
    after = rma
    if disposition not in IN_QUARANTINE:
        after = rma.with_line(replace(line, disposed=line.disposed + grading.units))
    after = rmas.update(tx, rma, _on(tx, after, Action.DISPOSE))
    fact = ReturnDisposed(
        *said(after), grading.id, line.sku_id, grading.location_id, grading.units,
        disposition.value, grading.grade.value,
    )  # fmt: skip
    _record(tx, rma, after, fact)
    return after, disposed


_DISPOSABLE = frozenset((s, s) for s in (State.RECEIVED, State.GRADED, State.SETTLED))


def _on(tx: Tx, rma: Rma, action: Action) -> Rma:
    """The return where its units have brought it."""
    return closed(tx, rules.moved(rma, action, rules.progress(rma)))


def _record(tx: Tx, before: Rma, after: Rma, fact: Fact) -> None:
    facts: list[Fact] = [fact]
    if after.status is State.CLOSED and before.status is not State.CLOSED:
        facts.append(ReturnClosed(*said(after)))
    journal.record(tx, facts)


# ── the label for the way back ─────────────────────────────────────────────────────────────


def want_label(tx: Tx, rma: Rma, carrier: str, service: str, currency: str) -> Label:
    """Keep that a label is to be bought; one that is there, or asked for, is answered again.

    Raises ReturnActionIllegal where nothing is to come.
    """
    _check_coming(rma)
    for label in goods.labels(tx, [rma.id]):
        if label.state in (LabelState.REQUESTED, LabelState.BOUGHT):
            return label
    label = Label(
        new.fresh(), rma.id, carrier, service, LabelState.REQUESTED, "", currency, 0, "", tx.now,
        None, None,
    )  # fmt: skip
    goods.add_label(tx, label)
    return label


def own_label(tx: Tx, rma: Rma, carrier: str, tracking_no: str) -> Label:
    """The customer sends it as they like, under this tracking number."""
    _check_coming(rma)
    for known in goods.labels(tx, [rma.id]):
        if known.tracking_no == tracking_no:
            return known
    label = Label(
        new.fresh(), rma.id, carrier, "", LabelState.OWN, tracking_no, rma.currency, 0, "",
        tx.now, tx.now, None,
    )  # fmt: skip
    goods.add_label(tx, label)
    journal.record(tx, [ReturnLabelled(*said(rma), tracking_no, carrier)])
    return label


def label_settled(tx: Tx, rma: Rma, label: Label, pdf: bytes | None) -> None:
    """Keep what the carrier answered; twice changes nothing."""
    known = {each.id: each.state for each in goods.labels(tx, [rma.id])}
    if known.get(label.id) is not LabelState.REQUESTED:
        return
    goods.settle_label(tx, label, pdf)
    if label.state is LabelState.BOUGHT:
        journal.record(tx, [ReturnLabelled(*said(rma), label.tracking_no, label.carrier)])


def _check_coming(rma: Rma) -> None:
    if rma.status not in (State.APPROVED, State.ON_ITS_WAY, State.RECEIVED) or not any(
        line.expected for line in rma.lines
    ):
        raise ReturnActionIllegal(
            f"The return {rma.number} is {rma.status.replace('_', ' ')}: nothing is to come back.",
            action="label",
            status=rma.status.value,
            legal=[each.value for each in rules.legal_actions(rma)],
        )
