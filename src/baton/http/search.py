"""One search over HTTP: what is found, grouped by kind, as far as whoever asks may read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query

from baton import channels
from baton.access.model import Permission
from baton.http import order_shapes as shapes
from baton.http import order_views as views
from baton.http.call import Asked
from baton.http.wire import Out
from baton.orders.drafting import DRAFT_PREFIX
from baton.platform.db import Tx
from baton.values.ids import shown
from baton.views import search
from baton.views.order_list import Wanted, order_list

router = APIRouter(prefix="/v1", tags=["search"])

MOST = 10  # of one kind

_KINDS: tuple[
    tuple[str, str, Permission, Callable[[Tx, str, int], list[search.Hit]], bool], ...
] = (
    ("customers", "cus", Permission.CUSTOMERS_READ, search.customers_found, True),
    ("drafts", DRAFT_PREFIX, Permission.ORDERS_READ, search.drafts_found, True),
    ("returns", "ret", Permission.RETURNS_READ, search.returns_found, True),
    ("skus", "sku", Permission.CATALOG_READ, search.skus_found, False),
)


class HitOut(Out):
    """Something found: what it is called, and a word on what it is."""

    id: str
    name: str
    detail: str


class FoundOut(Out):
    """What was found, up to ten of each kind; a kind that one may not read is empty."""

    orders: list[shapes.OrderRowOut]
    customers: list[HitOut]
    drafts: list[HitOut]
    returns: list[HitOut]
    skus: list[HitOut]


@router.get("/search")
def search_everything(
    call: Asked, q: Annotated[str, Query(min_length=1, max_length=200)]
) -> FoundOut:
    """Find by anything: numbers, external ids, names, e-mails, telephones, SKUs, tracking numbers,
    references of payments."""

    def work(tx: Tx) -> FoundOut:
        who = call.who(tx)
        text = q.strip()
        rows = order_list(tx, Wanted(text=text, limit=MOST, at=who.location_ids)) if text else []
        ids = sorted({row.channel_id for row in rows})
        named = channels.channels_by_id(tx, ids) if ids else {}
        places = {id: views.place("chn", channel) for id, channel in named.items()}
        found: dict[str, Any] = {"orders": [views.row(row, places) for row in rows]}
        for kind, prefix, permission, look, for_all in _KINDS:
            hidden = permission not in who.permissions or (for_all and who.location_ids is not None)
            hits = [] if hidden or not text else look(tx, text, MOST)
            found[kind] = [
                HitOut(id=shown(prefix, hit.id), name=hit.name, detail=hit.detail) for hit in hits
            ]
        return FoundOut(**found)

    return call.read(Permission.ORDERS_READ, work)
