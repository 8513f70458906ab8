"""A customer's pages of one order, for whoever has its link: look, cancel, change, rate.

Each change takes two steps: a page that says what it would do, and one form that does it, once.
What may be done is what the order's rules say at that moment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Request, Response

from baton import customers, notifications, orders
from baton.access.errors import Unauthenticated
from baton.access.model import HandleKind
from baton.access.rules import parse_handle
from baton.app import App
from baton.flows import cancel, change_order
from baton.notifications.model import Asked, Consent, Medium, MessageKind
from baton.notifications.rules import LONGEST_COMMENT
from baton.orders.changes import ChangeAddress
from baton.orders.errors import VersionChanged
from baton.orders.model import Order
from baton.platform import ids
from baton.platform.db import Caller, Tx
from baton.platform.idempotency import KeyBusy
from baton.values import Address, Id
from baton.values.errors import BatonError, Conflict, NotFound, Refused
from baton.values.ids import parsed, shown
from baton.views.tracking_page import TrackingPage, tracking_page
from baton.web.forms import Form, FormUnreadable, fields, number, once
from baton.web.render import Tongue, accepted, moved_to, page, tongue

router = APIRouter(include_in_schema=False)

REASONS = ("changed_mind", "too_slow", "mistake", "elsewhere", "other")
TEXTS = (
    MessageKind.SHIPPED,
    MessageKind.OUT_FOR_DELIVERY,
    MessageKind.PICKUP_READY,
    MessageKind.DELAYED,
    MessageKind.DELIVERED,
)
DONE = ("cancelled", "asked", "address", "texts")
LINES = {"name": 100, "company": 100, "street": 100, "street_more": 100, "postal_code": 20,
         "city": 100, "region": 100}  # fmt: skip

T = TypeVar("T")


class LinkUnknown(NotFound):
    """No order has this link."""

    code = "link_unknown"


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody with an order's link, in one transaction."""

    tx: Tx
    token: str
    order: Order
    view: TrackingPage
    speaks: Tongue
    app: App

    @property
    def home(self) -> str:
        return f"/t/{self.token}"

    def page(self, name: str, status: int = 200, **values: object) -> Response:
        """A page about this order."""
        stamp = ids.secret()
        about = {"view": self.view, "home": self.home, "once": stamp}
        return page(name, self.speaks, status, None, **(about | values))


@router.get("/t/{token}")
def look(request: Request, token: str, done: str = "") -> Response:
    """Where an order is, and what may be done about it."""

    def work(visit: Visit) -> Response:
        texts = visit.app.links.texts and bool(visit.view.phone)
        said = done if done in DONE else ""
        back = any(line.shipped > line.lost for line in visit.order.lines)
        return visit.page("tracking.html", done=said, texts=texts, back=back, rated_id=_rated_id)

    return visited(request, token, work)


# ── fewer units ────────────────────────────────────────────────────────────────────────────


@router.get("/t/{token}/change")
def change_form(request: Request, token: str) -> Response:
    """How many of each thing are still wanted."""
    return visited(request, token, lambda visit: _change_page(visit))


@router.post("/t/{token}/change")
def change(request: Request, token: str, sent: Form) -> Response:
    """Say what fewer units would mean; with `step` "do", cancel them."""

    def work(visit: Visit) -> Response:
        form = fields(sent)
        reason = form.get("reason", "")
        if reason not in REASONS:
            raise FormUnreadable("There is no such reason.", field="reason")
        less = _less(visit, form)
        if form.get("step") != "do":
            if not less:
                return _change_page(visit, 422)
            seen = cancel.preview(visit.tx, visit.order.id, less)
            return visit.page("change_look.html", seen=seen, less=less, reason=reason,
                              titles=_titles(visit.order))  # fmt: skip
        version = number(form, "version", 2**31 - 1)

        def done() -> str:
            said = visit.speaks.say(f"reason_{reason}")
            plan = cancel.preview(visit.tx, visit.order.id, less).plan
            cancel.cancel(visit.tx, visit.order.id, less, said, version)
            return f"{visit.home}?done={'asked' if plan.recall else 'cancelled'}"

        return moved_to(once(visit.tx, form, f"{visit.order.id}/change", done))

    return visited(request, token, work)


def _less(visit: Visit, form: Mapping[str, str]) -> dict[int, int]:
    """Units to be cancelled, by line, from the units still wanted or those said before."""
    if form.get("step") == "do":
        asked = {name.removeprefix("less_"): name for name in form if name.startswith("less_")}
        return {
            int(line): number(form, name, 10**7) for line, name in asked.items() if line.isdecimal()
        }
    found = {}
    for each in visit.view.changeable:
        left = number(form, f"line_{each.line_no}", each.units)
        if left < each.units:
            found[each.line_no] = each.units - left
    return found


def _change_page(visit: Visit, status: int = 200) -> Response:
    if not visit.view.changeable:
        return _late(visit)
    return visit.page("change.html", status, reasons=REASONS, unchosen=status != 200)


# ── another address ────────────────────────────────────────────────────────────────────────


@router.get("/t/{token}/address/{group}")
def address_form(request: Request, token: str, group: int) -> Response:
    """Where a delivery is to go instead."""
    return visited(request, token, lambda visit: _address_page(visit, group, {}, {}))


@router.post("/t/{token}/address/{group}")
def change_address(request: Request, token: str, group: int, sent: Form) -> Response:
    """Show the address once more; with `step` "do", send the delivery there."""

    def work(visit: Visit) -> Response:
        form = fields(sent)
        if group not in visit.view.addresses and form.get("step") != "do":
            return _late(visit)
        typed = {name: form.get(name, "")[:most] for name, most in LINES.items()}
        address = _address(typed, _country(visit, group))
        problems = _problems(address)
        if problems:
            return _address_page(visit, group, typed, problems, 422)
        if form.get("step") != "do":
            return visit.page("address_look.html", group=group, typed=typed, address=address)
        version = number(form, "version", 2**31 - 1)

        def done() -> str:
            why = "The customer changed it on their page."
            wanted = [ChangeAddress(address, group)]
            change_order.edit(visit.tx, visit.order.id, wanted, why, version)
            return f"{visit.home}?done=address"

        return moved_to(once(visit.tx, form, f"{visit.order.id}/address", done))

    return visited(request, token, work)


def _address_page(
    visit: Visit,
    group: int,
    typed: Mapping[str, str],
    problems: Mapping[str, str],
    status: int = 200,
) -> Response:
    if group not in visit.view.addresses:
        return _late(visit)
    kept = {name: typed.get(name, "") for name in LINES}
    country = _country(visit, group)
    return visit.page(
        "address.html", status, group=group, typed=kept, problems=problems, lines=LINES,
        country_code=country,
    )  # fmt: skip


def _country(visit: Visit, group: int) -> str:
    known = {g.group_no: g.address for g in visit.order.groups}
    address = known.get(group)
    return address.country if address is not None else ""


def _address(typed: Mapping[str, str], country: str) -> Address:
    streets = tuple(line for line in (typed["street"], typed["street_more"]) if line)
    return Address(
        typed["name"],
        streets,
        typed["city"],
        country,
        typed["postal_code"],
        typed["region"],
        typed["company"],
    )


def _problems(address: Address) -> dict[str, str]:
    """What is wrong, by field of the form."""
    names = {"lines": "street"}
    found = {names.get(p.field, p.field): p.code for p in customers.check_address(address)}
    if not address.name:
        found["name"] = "required"
    return found


# ── texts, and how it was ──────────────────────────────────────────────────────────────────


@router.get("/t/{token}/texts")
def texts_form(request: Request, token: str) -> Response:
    """Which text messages a customer wants."""
    return visited(request, token, _texts_page)


@router.post("/t/{token}/texts")
def save_texts(request: Request, token: str, sent: Form) -> Response:
    """Keep which text messages a customer wants."""

    def work(visit: Visit) -> Response:
        customer_id, form = visit.order.header.customer_id, fields(sent)
        if customer_id is None or not visit.view.phone or not visit.app.links.texts:
            raise LinkUnknown("There is nothing to be texted to.")
        said = [
            Consent(customer_id, Medium.SMS, kind, form.get(kind.value) == "yes") for kind in TEXTS
        ]
        notifications.consent(visit.tx, said)
        return moved_to(f"{visit.home}?done=texts")

    return visited(request, token, work)


def _texts_page(visit: Visit) -> Response:
    customer_id = visit.order.header.customer_id
    if customer_id is None or not visit.view.phone or not visit.app.links.texts:
        raise LinkUnknown("There is nothing to be texted to.")
    granted = {
        c.kind
        for c in notifications.consents(visit.tx, [customer_id])
        if c.medium is Medium.SMS and c.granted
    }
    return visit.page("texts.html", kinds=TEXTS, granted=granted, tail=visit.view.phone[-3:])


@router.get("/t/{token}/rate/{asked}/{about}")
def rate_form(
    request: Request,
    token: str,
    asked: Asked,
    about: str,
    score: Annotated[int, Query(ge=0, le=5)] = 0,
) -> Response:
    """How satisfied a customer is. A score in the address is only chosen, not sent."""

    def work(visit: Visit) -> Response:
        said = _said(visit, asked, _about(visit, asked, about))
        if said is not None:
            return visit.page("rated.html", score=said)
        return visit.page("rate.html", asked=asked, about=about, score=score, unchosen=False)

    return visited(request, token, work)


@router.post("/t/{token}/rate/{asked}/{about}")
def rate(request: Request, token: str, asked: Asked, about: str, sent: Form) -> Response:
    """Keep how satisfied a customer is, once."""

    def work(visit: Visit) -> Response:
        form, fact = fields(sent), _about(visit, asked, about)
        if not form.get("score"):
            return visit.page("rate.html", 422, asked=asked, about=about, score=0, unchosen=True)
        score = number(form, "score", 5)
        orders.lock(visit.tx, [visit.order.id])
        comment = form.get("comment", "")[:LONGEST_COMMENT]
        notifications.rate(visit.tx, asked, str(fact), visit.order.id, score, comment)
        return moved_to(f"{visit.home}/rate/{asked}/{about}")

    return visited(request, token, work)


def _about(visit: Visit, asked: Asked, about: str) -> Id:
    """The shipment or return that is rated, if it is of this order and there is a reason to ask.

    Raises LinkUnknown or UnknownId.
    """
    fact = parsed("shp" if asked is Asked.DELIVERY else "ret", about)
    kind = MessageKind(f"csat_{asked}")
    known = (asked, fact) in visit.view.to_rate or _said(visit, asked, fact) is not None
    if not known and not any(
        m.kind is kind and m.fact_key == str(fact)
        for m in notifications.by_orders(visit.tx, [visit.order.id])
    ):
        raise LinkUnknown("There is nothing to be rated here.")
    return fact


def _said(visit: Visit, asked: Asked, fact: Id) -> int | None:
    for rating in notifications.ratings(visit.tx, [visit.order.id]):
        if rating.asked is asked and rating.fact_key == str(fact):
            return rating.score
    return None


# ── who comes in ───────────────────────────────────────────────────────────────────────────


def visited(request: Request, token: str, work: Callable[[Visit], Response]) -> Response:
    """Let whoever has the link in, and answer what goes wrong with a page that says so."""
    app: App = request.app.state.app
    known = list[Tongue]()

    def visit(tx: Tx) -> Response:
        order_id = orders.by_tracking(tx, handle.secret)
        if order_id is None:
            raise LinkUnknown("No order has this link.")
        order = orders.read(tx, [order_id])[order_id]
        view = tracking_page(tx, order)
        speaks = tongue(view.languages, view.time_zone)
        known.append(speaks)
        return work(Visit(tx, token, order, view, speaks, app))

    try:
        handle = parse_handle(token)
        if handle.kind is not HandleKind.TRACKING:
            raise LinkUnknown("This is no link to an order.")
        return app.execute(Caller(handle.tenant, "customer", request.state.id), visit)
    except BatonError as error:
        speaks = known[0] if known else accepted(request.headers.get("accept-language", ""))
        return _refused(error, speaks, f"/t/{token}")


def _refused(error: BatonError, speaks: Tongue, home: str) -> Response:
    match error:
        case KeyBusy():
            return moved_to(home)
        case NotFound() | Unauthenticated():
            return page("gone.html", speaks, 404)
        case VersionChanged() | Conflict():
            return page("stopped.html", speaks, 409, home=home, what="changed")
        case Refused():
            return page("stopped.html", speaks, 409, home=home, what="late")
        case _:
            return page("stopped.html", speaks, 422, home=home, what="broken")


def _late(visit: Visit) -> Response:
    return page("stopped.html", visit.speaks, 409, home=visit.home, what="late")


def _rated_id(shipment_id: Id) -> str:
    return shown("shp", shipment_id)


def _titles(order: Order) -> dict[int, str]:
    return {line.line_no: line.title for line in order.lines}
