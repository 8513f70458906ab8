"""Changes and their previews made into what the API shows."""

from __future__ import annotations

from typing import Any

from baton import locations
from baton.flows.preview_change import Preview, Seen
from baton.fulfillment.model import FulfillmentOrder
from baton.http import order_shapes as shapes
from baton.http.call import Places
from baton.http.change_shapes import (
    ChangeOut,
    ChangePreviewOut,
    LineEffectOut,
    MoneyOut,
    PlannedOut,
    PromiseOut,
    RecallOut,
    RefundOut,
    StockOut,
)
from baton.orders.model import Change, Line
from baton.platform.db import Tx
from baton.values.money import share


def change_out(change: Change) -> ChangeOut:
    """A change as the API shows it."""
    return ChangeOut(
        number=change.change_no,
        kind=change.kind,
        state=change.state.value,
        version=change.version,
        actions=[dict(action) for action in change.actions],
        before=dict(change.before or {}),
        after=dict(change.after or {}),
        reason=change.reason,
        actor=change.actor,
        at=change.at,
        settled_at=change.settled_at,
        outcome=change.outcome,
    )


def previewed(tx: Tx, seen: Preview, at: Places) -> ChangePreviewOut:
    """A preview for people of these locations (None: of all), with names for ids."""
    before, after = seen.before, seen.after
    new = _new_works(before, after)
    places = {work.location_id for work in new} | {r.work.location_id for r in seen.recalls}
    codes = {id: p.code for id, p in locations.locations_by_id(tx, sorted(places)).items()}
    areas = locations.areas_by_id(tx, sorted({area for _, area in seen.stock}))
    return ChangePreviewOut(
        version=before.order.header.version,
        currency=before.order.header.currency,
        possible=not seen.problems,
        problems=list(seen.problems),
        lines=_line_effects(before, after),
        money=_money(before, after),
        stock=[
            StockOut(line_no=line, area=areas[area].code, quantity=units)
            for (line, area), units in seen.stock.items()
            if at is None
        ],
        missing=_units(seen.missing.items()),
        promises=_promises(before, after),
        recalls=[
            RecallOut(
                number=each.work.number,
                location=codes[each.work.location_id],
                at_once=each.at_once,
                lines=_units(each.units.items()),
            )
            for each in seen.recalls
            if at is None or each.work.location_id in at
        ],
        planned=[
            PlannedOut(
                location=codes[work.location_id],
                ship_on=work.ship_on,
                lines=_units((line.order_line, line.quantity) for line in work.lines),
            )
            for work in new
            if at is None or work.location_id in at
        ],
    )


def _new_works(before: Seen, after: Seen) -> list[FulfillmentOrder]:
    """Work that follows from the change; what it only touched keeps its id."""
    known = {work.id for work in before.works}
    return [work for work in after.works if work.id not in known and work.open]


def _line_effects(before: Seen, after: Seen) -> list[LineEffectOut]:
    was = {line.line_no: line for line in before.order.lines}
    effects = []
    for line in after.order.lines:
        old = was.get(line.line_no)
        effect = LineEffectOut(
            line_no=line.line_no,
            sku=line.sku_code,
            title=line.title,
            quantity_before=_wanted(old),
            quantity_after=_wanted(line),
            total_before=_value(old),
            total_after=_value(line),
        )
        changed = effect.quantity_before != effect.quantity_after
        if changed or effect.total_before != effect.total_after:
            effects.append(effect)
    return effects


def _wanted(line: Line | None) -> int:
    return line.ordered - line.cancelled if line else 0


def _value(line: Line | None) -> int:
    return share(line.total, line.ordered, _wanted(line)) if line else 0


def _money(before: Seen, after: Seen) -> MoneyOut:
    was = {payment.id: payment for payment in before.payments}
    refunds = []
    let_go = 0
    for payment in after.payments:
        old = was[payment.id]
        back = payment.refunded + payment.refunding - old.refunded - old.refunding
        let_go += payment.voided - old.voided
        if back:
            refunds.append(RefundOut(method=payment.method, provider=payment.provider, amount=back))
    return MoneyOut(
        payable_before=before.money.payable,
        payable_after=after.money.payable,
        tax_before=_tax(before),
        tax_after=_tax(after),
        to_ask=after.money.uncovered,
        given_back=sum(each.amount for each in refunds),
        let_go=let_go,
        outside=after.money.outside,
        refunds=refunds,
    )


def _tax(seen: Seen) -> int:
    """The tax in what is payable: shares of lines, and of charges while a unit is wanted."""
    lines = seen.order.lines
    tax = sum(share(line.tax, line.ordered, _wanted(line)) for line in lines)
    if any(_wanted(line) for line in lines) or not lines:
        tax += sum(charge.tax for charge in seen.order.charges)
    return tax


def _promises(before: Seen, after: Seen) -> list[PromiseOut]:
    return [
        PromiseOut(group=old.group_no, before=old.promised_by, after=new.promised_by)
        for old, new in zip(before.order.groups, after.order.groups, strict=True)
    ]


def _units(units: Any) -> list[shapes.UnitsOut]:
    return [shapes.UnitsOut(line_no=line, quantity=count) for line, count in units]
