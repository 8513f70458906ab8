"""Whatever is changed: units and cents add up, and every version is found again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from baton.orders import changes, rules
from baton.orders.changes import Known, Plan
from baton.orders.intake import KnownSku
from baton.orders.model import (
    Bucket,
    Change,
    ChangeState,
    Charge,
    ChargeKind,
    Group,
    Header,
    Line,
    LineKind,
    Method,
    Mode,
    Order,
)
from baton.orders.versions import at_version, difference, summary
from baton.values import Address, Id
from baton.values.errors import BatonError

NOW = datetime(2026, 3, 2, tzinfo=UTC)
HOME = Address("Ada", ("Friedrichstraße 1",), "Berlin", "DE", "10117")
AWAY = replace(HOME, city="München", postal_code="80331")
SKUS = {
    code: KnownSku(Id(int=n), code, LineKind.GOODS, 100, False)
    for n, code in enumerate(("A", "B", "C"), 1)
}
KNOWN = Known(SKUS, dict.fromkeys(SKUS, 700), {"S1": Id(int=9)})

units, amounts = st.integers(1, 9), st.integers(0, 20_000)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """An order with units in every bucket, discounts and taxes."""
    included = draw(st.booleans())
    lines = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        counts = [draw(st.integers(0, 4)) for _ in range(6)]
        names = ("open", "backordered", "reserved", "allocated", "released", "shipped")
        ordered = sum(counts) or 1
        buckets: dict[str, Any] = dict(zip(names, counts, strict=True))
        if not sum(counts):
            buckets["open"] = 1
        price = draw(st.integers(0, 5000))
        discount = draw(st.integers(0, price * ordered))
        tax = draw(st.integers(0, 900))
        untaxed = price * ordered - discount
        lines.append(
            Line(
                number, 1, LineKind.GOODS, Id(int=number), "ABC"[number - 1], "x", 100, False,
                price, discount, tax, untaxed if included else untaxed + tax, ordered, **buckets,
            )
        )  # fmt: skip
    charges = (Charge(1, ChargeKind.SHIPPING, "Shipping", draw(amounts), draw(st.integers(0, 99))),)
    header = Header(
        Id(int=1), "N", Id(int=2), Id(int=3), "X", Mode.LIVE, None, "Ada", "", "", None, "en",
        "EUR", "EUR", None, included, 0, 0, 0, 0, "", {}, NOW, NOW, "", b"",
    )  # fmt: skip
    group = Group(1, Method.SHIP, None, "Ada", HOME, None, None, "standard")
    return changes.retotalled(Order(header, tuple(lines), (group,), charges))


actions = st.one_of(
    st.builds(changes.SetQuantity, st.integers(1, 4), st.integers(0, 12)),
    st.builds(changes.CancelUnits, st.integers(1, 4), units),
    st.builds(changes.ChangeAddress, st.sampled_from((HOME, AWAY))),
    st.builds(
        changes.ChangeMethod,
        method=st.sampled_from((None, Method.SHIP, Method.PICKUP)),
        service=st.sampled_from((None, "express")),
        location=st.just("S1"),
    ),
    st.builds(changes.AddLine, st.sampled_from("AB"), units, amounts, st.just(0), amounts),
    st.builds(changes.Substitute, st.integers(1, 4), st.sampled_from("BC"), units),
    st.builds(changes.Substitute, st.integers(1, 4), st.sampled_from("BC"), units, amounts),
    st.builds(changes.AddCharge, st.sampled_from(ChargeKind), st.integers(-500, 900)),
    st.builds(changes.WaiveCharge, st.integers(1, 3)),
    st.builds(changes.ChangePrice, st.integers(1, 4), amounts),
    st.builds(changes.Reship, st.integers(1, 4), units),
)
wishes = st.lists(actions, min_size=1, max_size=4)


def applied(order: Order, plan: Plan) -> Order:
    """The order once a plan is true, all released units back from their locations."""
    returned = {x.line_no: x.released for x in order.lines if x.line_no in plan.cancel}
    order = order.moved(Bucket.RELEASED, Bucket.RESERVED, returned)
    now = rules.plan_cancellation(order, plan.cancel)
    assert not now.too_late, "what is gone is not cancelled"
    for bucket, gone in now.now.items():
        order = order.moved(bucket, Bucket.CANCELLED, gone)
    return changes.edited(order, plan)


def told(order: Order, wanted: list[Any]) -> Order | None:
    """The order with a change made, or None where it is refused."""
    try:
        plan = changes.plan(order, wanted, KNOWN)
    except BatonError:
        return None
    if changes.recalls(order, plan).too_late:
        return None
    return applied(order, plan)


@settings(max_examples=600)
@given(orders(), st.lists(wishes, min_size=1, max_size=5))
def test_units_and_cents_add_up(order: Order, story: list[list[Any]]) -> None:
    for wanted in story:
        after = told(order, wanted)
        if after is None:
            continue
        for line in after.lines:
            assert rules.bucket_sum(line) == line.ordered
        included = after.header.prices_include_tax
        extra = sum(rules.charge_total(c, tax_included=included) for c in after.charges)
        assert after.header.total_minor == sum(x.total for x in after.lines) + extra
        assert rules.worth(after) >= 0
        was = {line.line_no: line for line in order.lines}
        for line in after.lines:
            old = was.get(line.line_no, line)
            assert line.ordered >= old.ordered, "ordered never falls"
            assert line.cancelled >= old.cancelled
            assert line.shipped == old.shipped
            if old.shipped or old.cancelled:
                assert (line.ordered, line.total) == (old.ordered, old.total), "shares are fixed"
        order = after


@given(orders(), st.lists(wishes, min_size=1, max_size=5))
def test_every_version_is_found_again(order: Order, story: list[list[Any]]) -> None:
    seen, kept = [summary(order)], []
    for wanted in story:
        after = told(order, wanted)
        if after is None:
            continue
        was, became = difference(order, after)
        kept.append(
            Change(
                order.id, len(kept) + 1, None, "several", ChangeState.APPLIED, len(kept) + 1, (),
                was, became, "", "", NOW,
            )
        )  # fmt: skip
        seen.append(summary(after))
        order = after
    for version, expected in enumerate(seen):
        assert at_version(order, kept, version) == expected


@given(orders(), st.integers(1, 3), units)
def test_a_substitute_costs_what_it_replaces(order: Order, line: int, quantity: int) -> None:
    after = told(order, [changes.Substitute(line, "C", quantity)])
    if after is not None:
        assert rules.worth(after) == rules.worth(order)
        assert after.lines[-1].tax >= 0
        assert after.lines[-1].discount >= 0


@given(wishes)
def test_actions_are_kept_as_they_are(wanted: list[Any]) -> None:
    assert list(changes.from_json(changes.to_json(wanted))) == wanted


@given(orders(), wishes)
def test_a_change_that_is_refused_is_refused_whole(order: Order, wanted: list[Any]) -> None:
    """What one action of a list can't do, the list can't do either, whatever came before it."""
    bad = changes.CancelUnits(99, 1)
    assert told(order, [*wanted, bad]) is None
