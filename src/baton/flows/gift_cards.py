"""Gift cards that were sold: made once their lines are due, one for each unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from baton import orders, stored_value
from baton.orders.model import LineKind, Mode
from baton.platform.db import Tx
from baton.stored_value.model import CardDraft, Cause
from baton.values import Id, Money


def sold(tx: Tx, due: Sequence[tuple[Id, Mapping[int, int]]]) -> None:
    """Make a card for each unit of a gift-card line that is due, worth what the unit's price is.

    There is one for each unit of a line, however often this is called. Their codes are known to
    nobody: whoever hands a card out asks for one (`stored_value.new_code`).
    """
    found = orders.read(tx, sorted({order_id for order_id, _ in due}))
    drafts = []
    for order_id in {order_id for order_id, _ in due}:
        order = found[order_id]
        if order.header.mode is not Mode.LIVE:
            continue
        for line in order.lines:
            if line.kind is not LineKind.GIFT_CARD or line.unit_price <= 0:
                continue
            drafts += [
                CardDraft(
                    Money(line.unit_price, order.header.currency),
                    active=False,
                    order_id=order_id,
                    origin_key=f"{order_id}/{line.line_no}/{unit}",
                    cause=Cause.SOLD,
                )
                for unit in range(1, line.shipped + 1)
            ]
    stored_value.issue(tx, drafts)
