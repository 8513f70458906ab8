"""A customer's returns of one order: ask, answer, follow, call off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from baton import orders, returns
from baton.flows import ask_return
from baton.flows.return_messages import page_of
from baton.returns.errors import ReturnNotFound
from baton.returns.model import Asked, GoesTo, Reason, Rma
from baton.returns.states import Action
from baton.values import Id
from baton.values.ids import parsed
from baton.web.customer import Visit, visited
from baton.web.forms import Form, FormUnreadable, fields, number, once
from baton.web.render import moved_to

router = APIRouter(include_in_schema=False)

REASONS = tuple(r for r in Reason if r is not Reason.NOT_DELIVERED)
WISHES = (GoesTo.ORIGINAL, GoesTo.STORE_CREDIT)
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Returnable:
    """Units of a line that arrived or are on their way, and are on no return yet."""

    line_no: int
    title: str
    units: int


@router.get("/t/{token}/return")
def return_form(request: Request, token: str) -> Response:
    """What may go back."""
    return visited(request, token, lambda visit: _form_page(visit))


@router.post("/t/{token}/return")
def ask(request: Request, token: str, sent: Form) -> Response:
    """Ask for a return, once; the shop's policy decides at once or a person does."""

    def work(visit: Visit) -> Response:
        form = fields(sent)

        def done() -> str:
            orders.lock(visit.tx, [visit.order.id])
            note = form.get("note", "")[:LONGEST]
            rma = ask_return.ask_return(visit.tx, visit.order.id, asked, note=note)
            return f"{visit.home}/{page_of(rma.id)}"

        asked = _asked(visit, form)
        if not asked:
            return _form_page(visit, 422)
        return moved_to(once(visit.tx, form, f"{visit.order.id}/return", done))

    return visited(request, token, work)


@router.get("/t/{token}/return/{about}")
def follow(request: Request, token: str, about: str) -> Response:
    """How far a return is, and what is to be done."""

    def work(visit: Visit) -> Response:
        rma = _mine(visit, about)
        label = returns.label_pdf(visit.tx, rma.id) is not None
        legal = returns.legal_actions(rma)
        given = sum(s.amount_minor for s in returns.settlements(visit.tx, [visit.order.id])
                    if s.rma_id == rma.id)  # fmt: skip
        return visit.page(
            "return.html", rma=rma, about=about, label=label, given=given,
            asks=Action.ANSWER in legal, ends=Action.CANCEL in legal,
        )  # fmt: skip

    return visited(request, token, work)


@router.get("/t/{token}/return/{about}/label.pdf")
def label(request: Request, token: str, about: str) -> Response:
    """The label for the way back."""

    def work(visit: Visit) -> Response:
        pdf = returns.label_pdf(visit.tx, _mine(visit, about).id)
        if pdf is None:
            raise ReturnNotFound("There is no label.")
        shown = {"Content-Disposition": 'inline; filename="label.pdf"'}
        return Response(pdf, headers=shown, media_type="application/pdf")

    return visited(request, token, work)


@router.post("/t/{token}/return/{about}/answer")
def answer(request: Request, token: str, about: str, sent: Form) -> Response:
    """Take an offer, decline it, or say more; once."""

    def work(visit: Visit) -> Response:
        form = fields(sent)
        version = number(form, "version", 2**31 - 1)

        def done() -> str:
            rma = _mine(visit, about)
            offer, said = form.get("offer", ""), form.get("answer", "")[:LONGEST]
            taken = number(form, "offer", 100) if offer not in ("", "none") else None
            text = said if not rma.terms.offers else None
            ask_return.answer(visit.tx, rma.id, offer=taken, condition=text, version=version)
            return f"{visit.home}/return/{about}"

        return moved_to(once(visit.tx, form, f"{visit.order.id}/answer", done))

    return visited(request, token, work)


@router.post("/t/{token}/return/{about}/cancel")
def call_off(request: Request, token: str, about: str, sent: Form) -> Response:
    """Call a return off, as long as nothing has come."""

    def work(visit: Visit) -> Response:
        form = fields(sent)

        def done() -> str:
            why = "The customer called it off on their page."
            ask_return.cancel(visit.tx, _mine(visit, about).id, why)
            return f"{visit.home}/return/{about}"

        return moved_to(once(visit.tx, form, f"{visit.order.id}/call-off", done))

    return visited(request, token, work)


def _form_page(visit: Visit, status: int = 200) -> Response:
    mine = returns.rmas_of_orders(visit.tx, [visit.order.id])
    can = _returnable(visit)
    wishes = WISHES if visit.order.header.customer_id is not None else WISHES[:1]
    return visit.page(
        "return_form.html", status, can=can, reasons=REASONS, wishes=wishes, mine=mine,
        page_of=page_of, unchosen=status != 200,
    )  # fmt: skip


def _returnable(visit: Visit) -> list[Returnable]:
    held = returns.claims(visit.tx, visit.order.id)
    found = []
    for each in ask_return.sold(visit.tx, visit.order):
        claim = held.get(each.order_line)
        left = each.gone - (claim.claimed if claim is not None else each.returned)
        if left > 0:
            found.append(Returnable(each.order_line, each.title, left))
    return found


def _asked(visit: Visit, form: Mapping[str, str]) -> list[Asked]:
    """What a form asks for; what can't come back any more is refused by the flow."""
    lines = {line.line_no for line in visit.order.lines}
    wish = form.get("wanted", GoesTo.ORIGINAL)
    if wish not in WISHES:
        raise FormUnreadable("There is no such wish.", field="wanted")
    found = []
    for line_no in sorted(lines):
        if f"line_{line_no}" not in form:
            continue
        units = number(form, f"line_{line_no}", 10**6)
        reason = form.get(f"reason_{line_no}", "")
        if units and reason not in REASONS:
            raise FormUnreadable("There is no such reason.", field="reason")
        if units:
            found.append(Asked(line_no, units, Reason(reason), wanted=GoesTo(wish)))
    return found


def _mine(visit: Visit, about: str) -> Rma:
    """This order's return. Raises UnknownId or ReturnNotFound."""
    rma_id: Id = parsed("ret", about)
    rma = returns.load(visit.tx, [rma_id]).get(rma_id)
    if rma is None or rma.order_id != visit.order.id:
        raise ReturnNotFound("This order has no such return.")
    return rma
