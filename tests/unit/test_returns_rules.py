"""What a return must hold, and what the journal hears of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from baton.returns.errors import ReturnInvalid
from baton.returns.model import Mode, ReturnDraft, ReturnKind, ReturnLine
from baton.returns.rules import check_returns, recorded
from baton.values.ids import new_id

NOW = datetime(2026, 3, 27, 12, tzinfo=UTC)
ORDER, OTHER, SKU, ID = (new_id(1, n) for n in range(4))
LINE = ReturnLine(1, "85123A", "A light", 2, 5_10, SKU, ORDER, 3)
DRAFT = ReturnDraft(
    new_id(2, 1),
    "C536379",
    ReturnKind.RETURN,
    Mode.LIVE,
    "GBP",
    NOW,
    (LINE,),
    "GB",
    "14527",
    "\u202bشكرا\u202c 👕",
)


def with_line(**changes: object) -> ReturnDraft:
    return replace(DRAFT, lines=(LINE, replace(LINE, **{"line_no": 2, **changes})))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (replace(DRAFT, external_id=" "), "external_id"),
        (replace(DRAFT, external_id="x" * 201), "external_id"),
        (replace(DRAFT, customer="\x00"), "customer"),
        (replace(DRAFT, note="\ud800"), "note"),
        (replace(DRAFT, currency="£"), "currency"),
        (replace(DRAFT, country="x" * 201), "country"),
        (replace(DRAFT, occurred_at=NOW.replace(tzinfo=None)), "occurred_at"),
        (replace(DRAFT, occurred_at=NOW + timedelta(hours=1)), "occurred_at"),
        (replace(DRAFT, lines=()), "lines"),
        (replace(DRAFT, lines=(LINE,) * 2), "lines"),
        (replace(DRAFT, lines=(LINE,) * 10_001), "lines"),
        (with_line(quantity=0), "lines.1.quantity"),
        (with_line(quantity=2**31), "lines.1.quantity"),
        (with_line(amount=10**15), "lines.1.amount"),
        (with_line(line_no=2**31), "lines.1.line_no"),
        (with_line(order_line=-1), "lines.1.order_line"),
        (with_line(sku_code="\x00"), "lines.1.sku_code"),
        (with_line(order_id=None), "lines.1.order_id"),
        (with_line(order_id=None, order_line=None, charge_no=1), "lines.1.order_id"),
    ],
)
def test_a_return_is_refused_with_the_field_to_mend(draft: ReturnDraft, field: str) -> None:
    check_returns([DRAFT, with_line(order_id=None, order_line=None, sku_id=None)], NOW)
    with pytest.raises(ReturnInvalid) as refused:
        check_returns([DRAFT, draft], NOW)
    assert refused.value.field == f"returns.1.{field}"


def test_the_journal_hears_sums_and_orders_and_no_customer() -> None:
    draft = replace(
        DRAFT,
        lines=(
            LINE,
            ReturnLine(2, "POST", "Postage", 1, 18_00, order_id=OTHER, charge_no=1),
            ReturnLine(3, "X", "Not found", 4, 2),
        ),
    )
    fact = recorded(draft, ID)
    assert (fact.subject_id, fact.units, fact.amount_minor) == (ID, 7, 23_12)
    assert fact.order_ids == (ORDER, OTHER)
    assert "14527" not in repr(fact)
