"""A customer's invoices and credit memos of one order, to look at and to keep."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from baton import invoicing
from baton.invoicing.errors import DocumentNotFound
from baton.invoicing.model import PREFIX, Document
from baton.values.ids import parsed, shown
from baton.web.customer import Visit, visited

router = APIRouter(include_in_schema=False)


@router.get("/t/{token}/invoices")
def listed(request: Request, token: str) -> Response:
    """The papers of an order."""

    def work(visit: Visit) -> Response:
        papers = [(shown(PREFIX, each.id), each) for each in own_papers(visit)]
        return visit.page("invoices.html", papers=papers)

    return visited(request, token, work)


@router.get("/t/{token}/invoices/{about}.pdf")
def paper(request: Request, token: str, about: str) -> Response:
    """One of them as PDF, set when no transaction is open."""
    found = list[Document]()

    def work(visit: Visit) -> Response:
        wanted = parsed(PREFIX, about)
        if wanted not in {each.id for each in own_papers(visit)}:
            raise DocumentNotFound("This order has no such paper.")
        found.append(invoicing.document(visit.tx, wanted))
        return Response()

    answer = visited(request, token, work)
    if not found:
        return answer
    headers = {"Content-Disposition": f'inline; filename="{about}.pdf"'}
    content = request.app.state.app.papers.pdf(found[0])
    return Response(content, headers=headers, media_type="application/pdf")


def own_papers(visit: Visit) -> list[Document]:
    """The papers that are about this order alone: one over several orders tells of the others."""
    found = invoicing.of_orders(visit.tx, [visit.order.id])[visit.order.id]
    intents = invoicing.by_documents(visit.tx, [each.id for each in found]) if found else []
    others = {i.document_id for i in intents if i.order_id != visit.order.id}
    return [each for each in found if each.id not in others]
