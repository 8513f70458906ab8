"""The ONE table "fact → what follows". Each function takes a batch of entries.

They run in the relay's transaction, so they do little: most hand a job to the work queue. A
fact may come twice; everything here may be done twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from baton import inventory, orders, payments, tax
from baton.flows import (
    ask_tax,
    billing,
    credit,
    determine_tax,
    fill_rates,
    fulfil,
    gift_cards,
    jobs,
    keep_books,
    messages,
    pay,
    refund,
    return_messages,
    settle_return,
    told,
)
from baton.flows.messages import Links
from baton.notifications.model import MessageKind
from baton.orders import rules as order_rules
from baton.orders.changes import ChangeAddress
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
        """Which functions follow which fact, in this order; what is booked is booked last."""
        table: dict[str, tuple[journal.Reaction, ...]] = {
            "orders.taken": (route_taken, self.confirm, tax_taken),
            "orders.unrouted": (route_again,),
            "orders.recalled": (route_again,),
            "orders.edited": (route_again, tax_again, give_back_overpaid, self.tell_changed),
            "orders.unparked": (tax_again,),
            "orders.hold_resolved": (route_again, release),
            "orders.routed": (release, self.tell_delayed),
            "orders.cancelled": (
                serve_who_waits,
                self.tell_cancelled,
                give_back_overpaid,
                bill_complete,
            ),
            "orders.shipped": (issue_gift_cards, bill_shipped, file_tax),
            "orders.rated": (keep_books.rates_known,),
            "fulfillment.ready": (self.give_code,),
            "shipping.label_unwanted": (give_back_label,),
            "payments.authorised": (
                follow_authorised,
                release,
                capture_at_order,
                let_go_of_cancelled,
            ),
            "returns.settled": (credit_settled,),
            "payments.declined": (hold_unpaid, self.tell_declined),
            "payments.captured": (give_back_overpaid, pay_out_returns),
            "payments.capture_declined": (tell_unpaid, self.tell_declined),
            "payments.receivable_paid": (tell_paid,),
            "payments.refunded": (self.tell_refunded,),
            "payments.refund_declined": (find_another_way,),
            "payments.unsettled": (tell_unsettled,),
            "shipping.shipped": (self.tell_shipped,),
            "shipping.out_for_delivery": (self.tell_near,),
            "shipping.delivered": (self.tell_delivered,),
            "returns.approved": (self.tell_approved,),
            "returns.refused": (self.tell_refused,),
            "returns.asked": (self.tell_asked,),
            "returns.labelled": (self.tell_labelled,),
            "returns.received": (self.tell_received,),
            "returns.closed": (self.ask_how_it_was,),
            "invoicing.issued": (self.tell_billed,),
            "inventory.recorded": (fill_backorders,),
            "currencies.imported": (fill_in_rates,),
            "inventory.went_short": (work_shortages,),
        }
        for fact in told.READERS:
            table[fact] = (*table.get(fact, ()), keep_books.note)
        return table

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
        """The buyer hears that the order was changed, whoever did it."""
        address = ChangeAddress.kind
        facts = [
            (e.subject_id, str(e.id), "address" if e.data["kind"] == address else "order")
            for e in entries
        ]
        messages.changed(tx, self.links, facts)

    def tell_declined(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer hears that a payment failed, and where to see what is open."""
        messages.about_money(tx, self.links, MessageKind.PAYMENT_FAILED, _amounts(entries))

    def tell_refunded(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer hears that money is on its way back."""
        messages.about_money(tx, self.links, MessageKind.REFUND_MADE, _amounts(entries))

    def tell_approved(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer hears that goods may come back."""
        return_messages.approved(tx, self.links, _returned(entries))

    def tell_refused(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer hears that goods may not come back."""
        why = {  # what a person said is a sentence; a policy's codes tell a buyer nothing
            Id(e.data["return_id"]): " ".join(r for r in e.data["reasons"] if " " in r)
            for e in entries
        }
        return_messages.refused(tx, self.links, _returned(entries), why)

    def tell_asked(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer hears that there is a question about a return."""
        return_messages.asked(tx, self.links, _returned(entries))

    def tell_labelled(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer gets the label for the way back."""
        return_messages.labelled(tx, self.links, _returned(entries))

    def tell_received(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer hears that returned goods have arrived."""
        return_messages.received(tx, self.links, _returned(entries))

    def tell_billed(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer gets the invoice or credit memo."""
        bills = [
            messages.Bill(
                Id(e.data["order_ids"][0]),
                Id(e.data["document_id"]),
                str(e.data["number"]),
                Money(int(e.data["total_minor"]), str(e.data["currency"])),
                credit=e.data["kind"] == "credit_memo",
            )
            for e in entries
        ]
        messages.billed(tx, self.links, bills)

    def ask_how_it_was(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer is asked how the return went, where the shop wants to know."""
        return_messages.closed(tx, self.links, [Id(e.data["return_id"]) for e in entries])

    def give_code(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """A pick-up is ready: its customer gets the code."""
        for e in entries:
            fulfil.ready(tx, self.links, Id(e.data["fulfillment_order_id"]))

    def tell_cancelled(self, tx: Tx, entries: Sequence[Entry]) -> None:
        """The buyer hears that units were cancelled."""
        for e in entries:
            units = {line: quantity for line, quantity in e.data["units"]}  # noqa: C416
            messages.cancelled(tx, self.links, e.subject_id, str(e.id), units, e.data["why"])


def _returned(entries: Sequence[Entry]) -> list[return_messages.Fact]:
    """(return, fact, units by order line) of facts about returns."""
    return [
        (Id(e.data["return_id"]), str(e.id), {n: u for n, u in e.data.get("units", ())})  # noqa: C416
        for e in entries
    ]


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


def tax_taken(tx: Tx, entries: Sequence[Entry]) -> None:
    """The tax of a new order is determined; past ones may need a rate of exchange."""
    live = [e.subject_id for e in entries if e.data["mode"] == Mode.LIVE]
    determine_tax.ask(tx, live, "taken")
    past = [e.subject_id for e in entries if e.data["mode"] != Mode.LIVE]
    if past and (waiting := orders.unrated(tx, past)):
        fill_rates.ask_for(tx, waiting)


def file_tax(tx: Tx, entries: Sequence[Entry]) -> None:
    """What a shipment sold is filed with the channel's tax service, if it has one."""
    if tax.any_service(tx):
        for e in entries:
            subject = Id(e.data["shipment_id"]) if e.data["shipment_id"] else e.id
            ask_tax.ask_to_commit(tx, e.subject_id, subject, e.data["units"])


def fill_in_rates(tx: Tx, _entries: Sequence[Entry]) -> None:
    """Rates came in: orders that waited for theirs get it."""
    fill_rates.ask(tx)


def tax_again(tx: Tx, entries: Sequence[Entry]) -> None:
    """What an order's tax was determined from may have changed."""
    determine_tax.ask(tx, [e.subject_id for e in entries], entries[-1].fact)


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


def pay_out_returns(tx: Tx, entries: Sequence[Entry]) -> None:
    """Money came that a settled return waits for."""
    settle_return.pay_out_again(tx, sorted({e.subject_id for e in entries}))


def capture_at_order(tx: Tx, entries: Sequence[Entry]) -> None:
    """Where money is taken with the order, it is asked for as soon as it is authorised."""
    found = orders.lock(tx, [e.subject_id for e in entries])
    for payment in payments.by_orders(tx, list(found)):
        order = found[payment.order_id]
        due = order_rules.worth(order)
        if payment.capture_at is CaptureAt.ORDER and due > 0:
            payments.ensure_captured(tx, order.id, order.id, Money(due, order.header.currency))


def follow_authorised(tx: Tx, entries: Sequence[Entry]) -> None:
    """A renewed authorisation takes the place of the old one; money for a debt is taken; an order
    that waited for money and has it goes on."""
    pay.follow_authorised(tx, [Id(e.data["payment_id"]) for e in entries], _orders_of(entries))


def give_back_overpaid(tx: Tx, entries: Sequence[Entry]) -> None:
    """Money that was captured for what was cancelled or made cheaper goes back."""
    paid = payments.by_orders(tx, _orders_of(entries))
    early = {p.order_id for p in paid if p.capture_at in (CaptureAt.ORDER, CaptureAt.RELEASE)}
    for order in orders.lock(tx, sorted(early)).values():
        refund.return_overpaid(tx, order)


def find_another_way(tx: Tx, entries: Sequence[Entry]) -> None:
    """A refund that its tender did not take finds another way."""
    found = orders.lock(tx, _orders_of(entries))
    for e in entries:
        order = found[e.subject_id]
        found[e.subject_id] = refund.declined(tx, order, Id(e.data["effect_id"]))


def tell_paid(tx: Tx, entries: Sequence[Entry]) -> None:
    """A debt that is paid needs nobody any more."""
    found = orders.lock(tx, _orders_of(entries))
    for e in entries:
        if not e.data["left_minor"]:
            order = found[e.subject_id]
            found[e.subject_id] = orders.resolve_kind(
                tx, order, "receivable", "It was paid.", str(e.data["due_for"])
            )


def issue_gift_cards(tx: Tx, entries: Sequence[Entry]) -> None:
    """Gift cards that were sold are made once their lines are due."""
    gift_cards.sold(tx, [(e.subject_id, dict(e.data["units"])) for e in entries])


def _orders_of(entries: Sequence[Entry]) -> list[Id]:
    return sorted({e.subject_id for e in entries})


def hold_unpaid(tx: Tx, entries: Sequence[Entry]) -> None:
    """An order whose payment was declined waits for another; one whose authorisation could not
    be renewed is put before a person too."""
    declined = {Id(e.data["payment_id"]) for e in entries}
    paid = [p for p in payments.by_orders(tx, _orders_of(entries)) if p.id in declined]
    renewals = {p.order_id: p for p in paid if p.replaces is not None}
    unpaid = sorted({p.order_id for p in paid if p.pays_for is None})
    for order in orders.lock(tx, unpaid).values():
        if not any(h.kind == HoldKind.PAYMENT and h.resolved_at is None for h in order.holds):
            order = orders.hold(tx, order, HoldKind.PAYMENT, "The payment was declined.")
        if order.id in renewals:
            pay.tell_not_renewed(tx, order, renewals[order.id])


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


def bill_shipped(tx: Tx, entries: Sequence[Entry]) -> None:
    """What left is to be billed."""
    billing.bill(
        tx,
        [
            billing.Left(
                e.subject_id,
                Id(e.data["shipment_id"]) if e.data["shipment_id"] else e.id,
                dict(e.data["units"]),
                e.at,
            )
            for e in entries
        ],
    )


def bill_complete(tx: Tx, entries: Sequence[Entry]) -> None:
    """The rest of an order was cancelled: what waited for its end is billed."""
    billing.complete(tx, list(orders.lock(tx, [e.subject_id for e in entries]).values()))


def credit_settled(tx: Tx, entries: Sequence[Entry]) -> None:
    """What a return brings is taken back from what was billed."""
    for e in entries:
        credit.settled(
            tx,
            credit.Settled(
                order_id=Id(e.data["order_id"]),
                settlement_id=Id(e.data["settlement_id"]),
                lines=tuple(tuple(each) for each in e.data["lines"]),
                charges=dict(e.data["charges"]),
                fee=e.data["fee_minor"],
            ),
        )
