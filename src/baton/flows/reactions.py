"""The ONE table "fact → what follows". Each function takes a batch of entries.

They run in the relay's transaction, so they do little: most hand a job to the work queue. A
fact may come twice; everything here may be done twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from baton import inventory, orders, payments
from baton.flows import fulfil, jobs, messages
from baton.flows.messages import Links
from baton.notifications.model import MessageKind
from baton.orders.model import HoldKind, Mode
from baton.payments.model import CaptureAt
from baton.platform import journal, work
from baton.platform.db import Tx
from baton.platform.journal import Entry
from baton.platform.work import Job
from baton.values import Id, Money


@dataclass(frozen=True, slots=True)
class Reactions:
    """What follows from facts. `links` is where customers' links lead."""

    links: Links

    def table(self) -> journal.Reactions:
        """Which functions follow which fact, in this order."""
        return {
            "orders.taken": (route_taken, self.confirm),
            "orders.unrouted": (route_again,),
            "orders.recalled": (route_again,),
            "orders.edited": (route_again, self.tell_changed),
            "orders.hold_resolved": (route_again, release),
            "orders.routed": (release, self.tell_delayed),
            "orders.cancelled": (serve_who_waits, self.tell_cancelled),
            "fulfillment.ready": (self.give_code,),
            "shipping.label_unwanted": (give_back_label,),
            "payments.authorised": (release, capture_at_order, let_go_of_cancelled),
            "payments.declined": (hold_unpaid, self.tell_declined),
            "payments.capture_declined": (tell_unpaid, self.tell_declined),
            "payments.refunded": (self.tell_refunded,),
            "payments.unsettled": (tell_unsettled,),
            "shipping.shipped": (self.tell_shipped,),
            "shipping.out_for_delivery": (self.tell_near,),
            "shipping.delivered": (self.tell_delivered,),
            "inventory.recorded": (fill_backorders,),
            "inventory.went_short": (work_shortages,),
        }

    def confirm(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer hears that the order is in."""
        live = [e.subject_id for e in entries if e.data["mode"] == Mode.LIVE]
        messages.confirm(tx, self.links, live)

    def tell_shipped(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer hears that a parcel is on its way."""
        messages.shipped(tx, self.links, [Id(e.data["shipment_id"]) for e in entries])

    def tell_delivered(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer hears that a parcel has arrived."""
        messages.delivered(tx, self.links, [Id(e.data["shipment_id"]) for e in entries])

    def tell_near(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer hears that a parcel is on its last way."""
        messages.out_for_delivery(tx, self.links, [Id(e.data["shipment_id"]) for e in entries])

    def tell_delayed(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer hears that what was promised has moved to a later day."""
        messages.promised(tx, self.links, [e.subject_id for e in entries])

    def tell_changed(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer hears that address or quantities were changed, whoever did it."""
        facts = [(e.subject_id, str(e.id), str(e.data["kind"])) for e in entries]
        messages.changed(tx, self.links, facts)

    def tell_declined(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer hears that a payment failed, and where to see what is open."""
        messages.about_money(tx, self.links, MessageKind.PAYMENT_FAILED, _amounts(entries))

    def tell_refunded(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer hears that money is on its way back."""
        messages.about_money(tx, self.links, MessageKind.REFUND_MADE, _amounts(entries))

    def give_code(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """A pick-up is ready: its customer gets the code."""
        for e in entries:
            fulfil.ready(tx, self.links, Id(e.data["fulfillment_order_id"]))

    def tell_cancelled(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer hears that units were cancelled."""
        for e in entries:
            units = {line: quantity for line, quantity in e.data["units"]}  # noqa: C416
            messages.cancelled(tx, self.links, e.subject_id, str(e.id), units, e.data["why"])


def _amounts(entries: Sequence[Entry]) -> list[tuple[Id, str, Money]]:
    """(order, fact, amount) of facts about money."""
    return [
        (
            e.subject_id,
            str(e.data.get("effect_id") or e.id),
            Money(int(e.data["amount_minor"]), str(e.data["currency"])),
        )
        for e in entries
    ]


def route_taken(tx: Tx, entries: Sequence[Entry]) -> None:
    """A new order gets its locations."""
    live = [e.subject_id for e in entries if e.data["mode"] == Mode.LIVE]
    jobs.for_orders(tx, jobs.ROUTE, live, "taken")


def route_again(tx: Tx, entries: Sequence[Entry]) -> None:
    """What lost its plan, or may go on, is planned again."""
    jobs.for_orders(tx, jobs.ROUTE, [e.subject_id for e in entries], entries[-1].fact)


def release(tx: Tx, entries: Sequence[Entry]) -> None:
    """Something that release waited for is there."""
    jobs.for_orders(tx, jobs.RELEASE, [e.subject_id for e in entries], entries[-1].fact)


def let_go_of_cancelled(tx: Tx, entries: Sequence[Entry]) -> None:
    """Money that was authorised after its order had been cancelled is let go."""
    found = orders.lock(tx, [e.subject_id for e in entries])
    gone = [o.id for o in found.values() if all(x.ordered == x.cancelled for x in o.lines)]
    if gone:
        payments.void_rest(tx, gone)


def capture_at_order(tx: Tx, entries: Sequence[Entry]) -> None:
    """Where money is taken with the order, it is asked for as soon as it is authorised."""
    found = orders.lock(tx, [e.subject_id for e in entries])
    for payment in payments.by_orders(tx, list(found)):
        order = found[payment.order_id]
        if payment.capture_at is CaptureAt.ORDER and order.header.total_minor > 0:
            total = Money(order.header.total_minor, order.header.currency)
            payments.ensure_captured(tx, order.id, order.id, total)


def hold_unpaid(tx: Tx, entries: Sequence[Entry]) -> None:
    """An order whose payment was declined waits for another."""
    for order in orders.lock(tx, [e.subject_id for e in entries]).values():
        if not any(h.kind == HoldKind.PAYMENT and h.resolved_at is None for h in order.holds):
            orders.hold(tx, order, HoldKind.PAYMENT, "The payment was declined.")


def tell_unpaid(tx: Tx, entries: Sequence[Entry]) -> None:
    """A capture failed after the goods had left: a person sees to the money."""
    found = orders.lock(tx, [e.subject_id for e in entries])
    for e in entries:
        order = found[e.subject_id]
        found[e.subject_id] = orders.open_exception(
            tx,
            order,
            "capture_declined",
            str(e.data.get("effect_id", e.id)),
            "The payment for a shipment was declined; the amount is owed.",
            "Send a payment link or an invoice; write it off if it never comes.",
        )


def tell_unsettled(tx: Tx, entries: Sequence[Entry]) -> None:
    """Nobody knows what became of a payment: a person asks the provider."""
    found = orders.lock(tx, [e.subject_id for e in entries])
    for e in entries:
        order = found[e.subject_id]
        found[e.subject_id] = orders.open_exception(
            tx,
            order,
            "payment_unsettled",
            str(e.data.get("effect_id", e.id)),
            "The payment provider has not said what became of a request.",
            "Look it up in the provider's own console.",
        )


def give_back_label(tx: Tx, entries: Sequence[Entry]) -> None:
    """A label that was bought and is not needed goes back to its carrier."""
    labels = [(str(e.data["package_id"]), str(e.data["tracking_no"])) for e in entries]
    work.put(
        tx,
        [
            Job(jobs.GIVE_BACK_LABEL, {"package": package, "tracking_no": no}, once_key=no)
            for package, no in labels
        ],
    )


def fill_backorders(tx: Tx, entries: Sequence[Entry]) -> None:
    """Stock came in: who waits for these SKUs is served, the oldest first."""
    documents = inventory.documents(tx, [e.subject_id for e in entries])
    skus = sorted({str(line.sku_id) for document in documents for line in document.lines})
    if skus:
        work.put(tx, [Job(jobs.FILL_BACKORDERS, {"skus": skus}, lane="backorders")])


def serve_who_waits(tx: Tx, entries: Sequence[Entry]) -> None:
    """Cancelled units are free again: who waits for these SKUs is served."""
    found = orders.read(tx, [e.subject_id for e in entries])
    cancelled = {
        str(line.sku_id)
        for e in entries
        for line in found[e.subject_id].lines
        if line.sku_id is not None and line.line_no in dict(e.data["units"])
    }
    if cancelled:
        payload = {"skus": sorted(cancelled)}
        work.put(tx, [Job(jobs.FILL_BACKORDERS, payload, lane="backorders")])


def work_shortages(tx: Tx, _entries: Sequence[Entry]) -> None:
    """Promised units are gone: who leans on them finds another way."""
    work.put(tx, [Job(jobs.WORK_SHORTAGES, {}, lane="shortages")])
