"""Asking for a return, and deciding over it: by policy at once, or by a person.

What is claimed by a return can't be asked for again. A policy is told what is known of each line
and says what becomes of it; its answer is kept with all that it was told. What it refuses a
person may approve.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from baton import catalog, channels, locations, orders, returns, shipping
from baton.flows.exchange import follow_guarantee
from baton.flows.settle_return import settle_due
from baton.locations.model import Ability
from baton.orders.model import LineKind, Order
from baton.platform.db import Tx
from baton.returns.errors import ReturnInvalid, ReturnNotFound
from baton.returns.model import (
    Asked,
    Cause,
    Decision,
    GoesTo,
    Offer,
    Outcome,
    PhotoDraft,
    RefundAt,
    Request,
    Rma,
    RmaLine,
    Sold,
    State,
    Terms,
)
from baton.returns.rules import check_photo, decide
from baton.shipping.model import Shipment
from baton.shipping.model import Status as Way
from baton.values import Id
from baton.values.money import between


def ask_return(
    tx: Tx,
    order_id: Id,
    asked: Sequence[Asked],
    *,
    cause: Cause = Cause.REQUEST,
    location_id: Id | None = None,
    note: str = "",
) -> Rma:
    """Open a return and let the policy in force decide over it.

    Raises OrderNotFound, ReturnInvalid, ReturnLineNotFound, or UnitsNotReturnable for units that
    were never shipped, are on another return, or came back.
    """
    order = orders.locked(tx, order_id)
    sent = shipping.of_orders(tx, [order.id])
    _check_exchanges(tx, asked)
    if order.header.customer_id is None and any(x.wanted is GoesTo.STORE_CREDIT for x in asked):
        raise ReturnInvalid("The order has no customer to credit.", field="lines.0.resolution")
    request = Request(
        order.id,
        order.number,
        order.header.channel_id,
        order.header.customer_id,
        order.header.currency,
        cause,
        tuple(asked),
        sold(tx, order, lost_too=cause is Cause.LOST_PARCEL),
        location_id or comes_to(tx, sent, {each.order_line for each in asked}),
        note,
    )
    policy = returns.in_force(tx)
    told = _inputs(tx, order, sent, request)
    decisions = {
        line: _by_channel(inputs) if cause is Cause.CHANNEL else decide(policy.content, inputs)
        for line, inputs in told.items()
    }
    rma = returns.open_return(tx, request, decisions, policy.version)
    return _followed(tx, order, rma)


def _by_channel(inputs: Mapping[str, object]) -> Decision:
    """What a channel took back is decided: it has happened."""
    reasons, terms = ("taken_back_by_channel",), Terms(refund_at=RefundAt.RECEIPT)
    return Decision(Outcome.APPROVE, reasons, terms, "the channel decided", inputs)


def sold(tx: Tx, order: Order, *, lost_too: bool = False) -> tuple[Sold, ...]:
    """What of each line of goods left and was not lost; lost units that were refunded as such
    count as theirs."""
    refunded: dict[int, int] = {}
    for rma in returns.rmas_of_orders(tx, [order.id]):
        for line in rma.lines if rma.cause is Cause.LOST_PARCEL else ():
            refunded[line.order_line] = refunded.get(line.order_line, 0) + line.units
    return tuple(
        Sold(
            line.line_no,
            line.sku_id,
            line.sku_code,
            line.title,
            line.shipped - (0 if lost_too else max(line.lost - refunded.get(line.line_no, 0), 0)),
            line.returned,
        )
        for line in order.lines
        if line.kind is LineKind.GOODS and line.sku_id is not None
    )


def comes_to(tx: Tx, sent: Sequence[Shipment], lines: Collection[int]) -> Id | None:
    """Where returned goods go unless somebody says otherwise: back to where they left."""
    left = [
        shipment.location_id
        for shipment in sent
        if shipment.location_id and any(line.order_line in lines for line in shipment.lines)
    ]
    places = locations.locations_by_id(tx, sorted(set(left))) if left else {}
    for location_id in reversed(left):
        if Ability.RECEIVE in places[location_id].can:
            return location_id
    return None


def _check_exchanges(tx: Tx, asked: Sequence[Asked]) -> None:
    wanted = sorted({each.exchange_sku for each in asked if each.exchange_sku})
    known = catalog.skus_by_code(tx, wanted) if wanted else {}
    for number, each in enumerate(asked):
        if each.exchange_sku and each.exchange_sku not in known:
            raise ReturnInvalid(
                f"There is no SKU {each.exchange_sku[:60]!r}.", field=f"lines.{number}.exchange_sku"
            )


# ── what a policy is told ──────────────────────────────────────────────────────────────────


def _inputs(
    tx: Tx, order: Order, sent: Sequence[Shipment], request: Request
) -> dict[int, dict[str, object]]:
    """By order line, all that a policy may decide on; amounts are minor units."""
    header = order.header
    skus = catalog.skus_by_id(tx, sorted({each.sku_id for each in request.sold}))
    products = catalog.products_by_id(tx, {sku.product_id for sku in skus.values()})
    channel = channels.channels_by_id(tx, [header.channel_id])[header.channel_id]
    bought, returned, refunded = 0, 0, 0
    if header.customer_id is not None:
        bought, returned = orders.standing(tx, header.customer_id)
        refunded = returns.refunded_to(tx, header.customer_id)
    told: dict[int, dict[str, object]] = {}
    for each in request.asked:
        line = orders.line_of(order, each.order_line)
        sku = skus.get(line.sku_id) if line.sku_id else None
        product = products.get(sku.product_id) if sku else None
        first = min(line.returned, max(line.ordered - each.units, 0))
        last = min(first + each.units, line.ordered)
        address = order.group(line.group_no).address
        told[each.order_line] = {
            "category": product.category if product else "",
            "cause": request.cause.value,
            "channel": channel.code,
            "condition": each.condition,
            "country": address.country if address else "",
            "currency": header.currency,
            "customer_refunded_minor": refunded,
            "customer_returned_percent": returned * 100 // bought if bought else 0,
            "customer_units": bought,
            "days_since_delivery": _days_since_delivery(tx, sent, each.order_line),
            "days_since_order": (tx.now - header.placed_at).days,
            "photos": len(each.photos),
            "product": product.code if product else "",
            "reason": each.reason.value,
            "sku": line.sku_code,
            "units": each.units,
            "value_minor": between(line.total, line.ordered, first, last),
            "wanted": each.wanted.value,
        }
    return told


def _days_since_delivery(tx: Tx, sent: Sequence[Shipment], order_line: int) -> int | None:
    """Whole days since the last parcel with this line arrived; None where none has, yet."""
    arrived = [
        shipment.delivered_at
        for shipment in sent
        if shipment.delivered_at is not None
        and shipment.status is not Way.VOIDED
        and any(line.order_line == order_line for line in shipment.lines)
    ]
    return (tx.now - max(arrived)).days if arrived else None


# ── what a decision leaves behind ──────────────────────────────────────────────────────────

ASKED_OF_PERSON = "return_flagged"  # the kind of exception


def _followed(tx: Tx, order: Order, rma: Rma) -> Rma:
    """A flagged return is put before a person; what is due at once is settled."""
    if rma.status is State.FLAGGED:
        orders.open_exception(
            tx,
            order,
            ASKED_OF_PERSON,
            rma.number,
            f"The policy leaves a return to a person: {', '.join(rma.reasons) or 'no reason'}.",
            "Look at it, then approve or refuse it.",
        )
        return rma
    if rma.status is State.APPROVED:
        return settle_due(tx, order, rma)
    return rma


def _decided(tx: Tx, order: Order, rma: Rma) -> Order:
    """What somebody was told of this return is over."""
    told = [
        e.id
        for e in orders.exceptions(tx, [order.id])
        if e.kind == ASKED_OF_PERSON and e.subject == rma.number and e.resolved_at is None
    ]
    return orders.resolve_exceptions(tx, order, told, "The return was decided.") if told else order


# ── by a person ────────────────────────────────────────────────────────────────────────────


def approve(
    tx: Tx,
    rma_id: Id,
    *,
    units: Mapping[int, int] | None = None,
    location_id: Id | None = None,
    terms: Mapping[str, object] | None = None,
    why: str = "",
    version: int | None = None,
) -> Rma:
    """A person approves, also what a policy refused: then `why` is asked for.

    `terms` override what the policy said. Raises ReturnNotFound, ReturnChanged,
    ReturnActionIllegal, ReturnInvalid or UnitsNotReturnable.
    """
    order, rma = locked(tx, rma_id, version)
    if rma.status is State.REFUSED and not why:
        raise ReturnInvalid("Say why a refused return is approved.", field="reason")
    if location_id is not None:
        rma = replace(rma, location_id=location_id)
    changed = replace(rma.terms, **(terms or {}))  # type: ignore[arg-type]
    rma = returns.approve(tx, rma, sold(tx, order), units, changed, why)
    return _followed(tx, _decided(tx, order, rma), rma)


def refuse(tx: Tx, rma_id: Id, why: str, version: int | None = None) -> Rma:
    """A person refuses. Raises ReturnNotFound, ReturnChanged or ReturnActionIllegal."""
    order, rma = locked(tx, rma_id, version)
    rma = returns.refuse(tx, rma, why)
    _decided(tx, order, rma)
    return rma


def cancel(tx: Tx, rma_id: Id, why: str, version: int | None = None) -> Rma:
    """Call a return off. Raises ReturnNotFound, ReturnChanged or ReturnActionIllegal."""
    order, rma = locked(tx, rma_id, version)
    rma = returns.cancel(tx, rma, why)
    _decided(tx, order, rma)
    return rma


def answer(
    tx: Tx,
    rma_id: Id,
    *,
    offer: int | None = None,
    photos: Mapping[int, Sequence[PhotoDraft]] | None = None,
    condition: str | None = None,
    version: int | None = None,
) -> Rma:
    """The customer took one of the offers (by place), or said more and is decided over again.

    Raises ReturnNotFound, ReturnChanged, ReturnActionIllegal or ReturnInvalid.
    """
    order, rma = locked(tx, rma_id, version)
    if offer is not None and not 0 <= offer < len(rma.terms.offers):
        raise ReturnInvalid("There is no such offer.", field="offer")
    lines = [_said_more(line, photos or {}, condition) for line in rma.lines]
    for line_no, given in (photos or {}).items():
        line = returns.line_of(rma, line_no, "photos")
        for place, photo in enumerate(given):
            check_photo(photo, f"photos.{place}")
        returns.add_photos(tx, rma, line, given)
    if not rma.terms.offers and not photos and condition is None:
        raise ReturnInvalid("Answer with photos, or say what is the matter.", field="photos")
    terms = rma.terms
    rma = returns.answer(tx, rma, lines)
    if terms.offers:  # taken, or what was wanted in the first place
        kind = terms.offers[offer] if offer is not None else None
        decisions = {line.order_line: _on_offer(line, kind) for line in rma.lines}
        rma = returns.wants(tx, rma, GoesTo.STORE_CREDIT) if _credit(kind) else rma
        return _followed(tx, order, returns.decide(tx, rma, decisions, rma.policy))
    content = returns.policy(tx, rma.policy).content
    decisions = {x.order_line: decide(content, x.decision["inputs"]) for x in rma.lines}
    return _followed(tx, order, returns.decide(tx, rma, decisions, rma.policy))


def _credit(kind: Offer | None) -> bool:
    return kind is not None and kind.kind == "store_credit"


def _said_more(
    line: RmaLine, photos: Mapping[int, Sequence[PhotoDraft]], condition: str | None
) -> RmaLine:
    inputs = dict(line.decision.get("inputs") or {})
    inputs["photos"] = int(inputs.get("photos") or 0) + len(photos.get(line.line_no, ()))
    if condition is not None:
        inputs["condition"] = condition
        line = replace(line, condition=condition)
    return replace(line, decision={**line.decision, "inputs": inputs})


def _on_offer(line: RmaLine, taken: Offer | None) -> Decision:
    """What holds once the customer has chosen: the offer, or the return as it was wanted."""
    kept = returns.terms_of(line.decision["terms"])
    terms, reason = replace(kept, offers=()), "offer_declined"
    if taken is not None:
        reason = f"offer_{taken.kind}"
        if taken.kind == "keep":
            terms = replace(terms, keep=True, part_bp=taken.part_bp, refund_at=RefundAt.NOW)
        else:
            terms = replace(terms, bonus_bp=taken.bonus_bp)
    rule, inputs = line.decision["rule"], line.decision["inputs"]
    return Decision(Outcome.APPROVE, (reason,), terms, rule, inputs)


# ── the end of its time ────────────────────────────────────────────────────────────────────


def expire_due(tx: Tx, limit: int = 100) -> int:
    """Returns whose time is over end; returns how many. What was paid for and never came is put
    before a person."""
    due = returns.load(tx, returns.due_rmas(tx, limit))
    orders.lock(tx, sorted({rma.order_id for rma in due.values()}))
    done = 0
    for rma_id in sorted(due):
        order, rma = locked(tx, rma_id)
        if rma.expires_at is None or rma.expires_at > tx.now:
            continue
        before = sum(line.settled for line in rma.lines)
        rma = returns.expire(tx, rma)
        follow_guarantee(tx, rma)
        done += 1
        unpaid_for = [x for x in rma.lines if x.settled > x.payable]
        if before and unpaid_for:
            orders.open_exception(
                tx,
                order,
                "return_never_came",
                rma.number,
                "Money went back for goods that never came.",
                "Ask the customer, claim it from the carrier, or charge it.",
            )
    return done


def locked(tx: Tx, rma_id: Id, version: int | None = None) -> tuple[Order, Rma]:
    """A return and its order, both locked, in this order. Raises ReturnNotFound."""
    found = returns.load(tx, [rma_id]).get(rma_id)
    if found is None:
        raise ReturnNotFound("No return has this id.")
    order = orders.locked(tx, found.order_id)
    return order, returns.locked(tx, rma_id, version)


def terms_given(given: Mapping[str, object]) -> dict[str, object]:
    """Terms that a person gives, as `approve` takes them; unknown ones are refused above."""
    known = {name: value for name, value in given.items() if value is not None}
    if "refund_at" in known:
        known["refund_at"] = RefundAt(str(known["refund_at"]))
    assert known.keys() <= Terms.__dataclass_fields__.keys()
    return known
