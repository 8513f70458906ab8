"""Shipments that have not left, given up or labelled again: twice, at once, answers lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from api import Answer, Api, Outside, order
from baton.app import App
from baton.flows import reactions
from baton.flows.buy_labels import BuyLabels
from baton.platform import ids, journal
from baton.platform.db import Caller
from baton.shipping.port import (
    Label,
    LabelOutcome,
    LabelRequest,
    Refusal,
    Unknown,
    Voided,
    VoidOutcome,
)
from baton.values import Money
from baton.values.ids import parsed

HEAVY = 40_000  # beyond the rate card's last bracket


def packed(shop: Api, *weights: int, name: str = "A1", **more: Any) -> dict[str, Any]:
    """An order whose units are packed, one a package of each weight."""
    taken = shop.release(order(name, {"SKU-1": len(weights)}, **more))
    (work,) = taken["fulfillment_orders"]
    path = f"/v1/fulfillment-orders/{work['id']}"
    shop.post(f"{path}/pick", {"lines": [{"line": 1, "picked": len(weights)}]})
    boxes = [{"weight_g": w, "lines": [{"line": 1, "quantity": 1}]} for w in weights]
    shop.post(f"{path}/pack", {"packages": boxes})
    return shop.order(taken["number"])


def ship(shop: Api, page: dict[str, Any]) -> Answer:
    (work,) = page["fulfillment_orders"]
    return shop.call("POST", f"/v1/fulfillment-orders/{work['id']}/ship", {})


def act(shop: Api, shipment: dict[str, Any], what: str, **headers: str) -> Answer:
    return shop.call("POST", f"/v1/shipments/{shipment['id']}/{what}", **headers)


def labels(shipment: dict[str, Any]) -> list[str]:
    return sorted(label["state"] for label in shipment["labels"])


def heavier(shop: Api, up_to_g: int) -> None:
    """The carrier takes parcels up to this weight from now on."""
    card = {
        "carrier": "flat_rate",
        "service": "standard",
        "name": "Standard",
        "currency": "EUR",
        "zones": [{"up_to_km": None, "transit_min_days": 1, "transit_max_days": 2}],
        "brackets_g": [up_to_g],
        "prices": [[490]],
    }
    shop.post("/v1/rate-cards", card)


def sold(outside: Outside, number: str) -> Counter[str]:
    """What the carrier's own ledger says of an order."""
    return Counter(
        entry["event"]
        for entry in outside.lines(outside.carrier)
        if entry["order_number"] == number
    )


def unshipped(page: dict[str, Any]) -> None:
    """Nothing has left, and all of it can be shipped."""
    (work,) = page["fulfillment_orders"]
    assert work["status"] == "packed"
    assert "ship" in work["actions"]
    assert page["lines"][0]["buckets"]["released"] == page["lines"][0]["ordered"]
    assert page["totals"]["captured"] == 0


# ── labels that were refused ───────────────────────────────────────────────────────────────


def test_a_refused_label_is_asked_for_again(shop: Api, outside: Outside) -> None:
    page = packed(shop, 900, HEAVY)
    ship(shop, page)
    shop.work()
    (failed,) = shop.order(page["number"])["shipments"]
    assert (failed["status"], failed["actions"]) == ("label_failed", ["retry_labels", "void"])
    assert labels(failed) == ["bought", "refused"]
    (told,) = shop.order(page["number"])["exceptions"]
    assert (told["kind"], told["subject"]) == ("label_refused", failed["number"])
    heavier(shop, HEAVY)
    again = act(shop, failed, "retry-labels")
    assert (again.status, again.body["status"]) == (200, "labelling")
    assert again.body["actions"] == ["void"]
    shop.work()
    after = shop.order(page["number"])
    assert (after["status"], after["health"]) == ("shipped", "ok")
    assert sold(outside, page["number"]) == {"label": 2}
    late = act(shop, failed, "retry-labels")
    assert (late.status, late.code) == (409, "shipment_action_illegal")
    assert late.body["parameters"]["legal"] == []
    shop.holds()


def test_labels_are_not_asked_for_while_a_hold_stops_the_goods(shop: Api) -> None:
    page = packed(shop, HEAVY)
    ship(shop, page)
    shop.work()
    (failed,) = shop.order(page["number"])["shipments"]
    body = {"kind": "fraud", "reason": "unusual"}
    shop.post(f"/v1/orders/{page['id']}/holds", body)
    answer = act(shop, failed, "retry-labels")
    assert (answer.status, answer.code) == (409, "order_on_hold")
    assert act(shop, failed, "void").status == 200, "nothing leaves by giving up"
    shop.holds()


# ── given up ───────────────────────────────────────────────────────────────────────────────


def test_what_was_bought_goes_back_and_the_goods_ship_anew(shop: Api, outside: Outside) -> None:
    page = packed(shop, 900, HEAVY)
    ship(shop, page)
    shop.work()
    (failed,) = shop.order(page["number"])["shipments"]
    assert failed["cost"] > 0
    voided = act(shop, failed, "void")
    assert (voided.status, voided.body["status"]) == (200, "voided")
    assert voided.body["actions"] == []
    (work,) = shop.order(page["number"])["fulfillment_orders"]
    assert "ship" not in work["actions"], "the carrier has a label of it"
    one = shop.get(f"/v1/fulfillment-orders/{work['id']}")
    assert one["actions"] == work["actions"]
    early = ship(shop, page)
    assert (early.status, early.code) == (409, "package_in_shipment")
    shop.work()
    between = shop.order(page["number"])
    unshipped(between)
    assert between["health"] == "ok", "nobody need look at its refused label any more"
    assert labels(between["shipments"][0]) == ["refused", "voided"]
    assert between["shipments"][0]["cost"] == 0
    assert sold(outside, page["number"]) == {"label": 1, "void": 1}
    heavier(shop, HEAVY)
    assert ship(shop, page).status == 200
    shop.work()
    after = shop.order(page["number"])
    assert [s["status"] for s in after["shipments"]] == ["voided", "shipped"]
    assert (after["status"], labels(after["shipments"][1])) == ("shipped", ["bought", "bought"])
    assert outside.paid(page["number"]) == 2000
    assert sold(outside, page["number"]) == {"label": 3, "void": 1}
    shop.holds()


def test_given_up_before_the_carrier_was_asked(shop: Api, outside: Outside) -> None:
    page = packed(shop, 900)
    ship(shop, page)
    (opened,) = shop.order(page["number"])["shipments"]
    assert (opened["status"], opened["actions"]) == ("labelling", ["void"])
    act(shop, opened, "void")
    shop.work()
    after = shop.order(page["number"])
    unshipped(after)
    bought = sold(outside, page["number"])
    assert bought["label"] == bought["void"], "what was bought after all went back"
    shop.holds()


def test_twice_is_refused_and_the_same_key_is_answered_alike(shop: Api) -> None:
    page = packed(shop, 900)
    ship(shop, page)
    (opened,) = shop.order(page["number"])["shipments"]
    first = act(shop, opened, "void", Idempotency_Key="once")
    again = act(shop, opened, "void", Idempotency_Key="once")
    assert first.status == again.status == 200
    assert again.body == first.body
    assert again.headers["idempotent-replayed"] == "true"
    other = act(shop, opened, "void")
    assert (other.status, other.code) == (409, "shipment_action_illegal")
    facts = [e["fact"] for e in shop.get(f"/v1/orders/{page['number']}/timeline")["data"]]
    assert facts.count("shipping.voided") == 1
    shop.work()
    shop.holds()


def test_what_has_left_can_not_be_given_up(shop: Api) -> None:
    page = packed(shop, 900)
    ship(shop, page)
    shop.work()
    (gone,) = shop.order(page["number"])["shipments"]
    assert (gone["status"], gone["actions"]) == ("shipped", [])
    for what in ("void", "retry-labels"):
        answer = act(shop, gone, what)
        assert (answer.status, answer.code) == (409, "shipment_action_illegal")
    nowhere = {"id": f"shp_{'0' * 26}"}
    for what in ("void", "retry-labels"):
        answer = act(shop, nowhere, what)
        assert (answer.status, answer.code) == (404, "shipment_not_found")
    shop.holds()


def test_a_pick_up_that_was_handed_over_can_not_be_given_up(shop: Api, outside: Outside) -> None:
    more = {"groups": [{"method": "pickup", "location": "S1"}]}
    page = packed(shop, 900, **more)
    shop.work()
    (mail,) = [m for m in outside.mails(page["number"]) if "S1" in m["text"]]
    code = next(word for word in mail["text"].split() if word.isdecimal() and len(word) == 6)
    (work,) = page["fulfillment_orders"]
    shop.post(f"/v1/fulfillment-orders/{work['id']}/hand-over", {"code": code})
    (gone,) = shop.order(page["number"])["shipments"]
    answer = act(shop, gone, "void")
    assert (gone["actions"], answer.status, answer.code) == ([], 409, "shipment_action_illegal")
    shop.work()
    shop.holds()


def test_a_recall_after_it_was_given_up_gives_the_units_back(shop: Api, outside: Outside) -> None:
    page = packed(shop, 900, HEAVY)
    ship(shop, page)
    shop.work()
    act(shop, shop.order(page["number"])["shipments"][0], "void")
    shop.post(f"/v1/orders/{page['id']}/cancel", {"reason": "changed their mind"})
    (work,) = page["fulfillment_orders"]
    shop.post(f"/v1/fulfillment-orders/{work['id']}/answer-recall", {"accepted": True})
    shop.work()
    after = shop.order(page["number"])
    assert after["status"] == "cancelled"
    assert sold(outside, page["number"]) == {"label": 1, "void": 1}
    shop.holds()


# ── at once with the last label ────────────────────────────────────────────────────────────


def test_giving_up_and_the_last_label_have_one_winner(shop: Api, outside: Outside) -> None:
    ends: Counter[str] = Counter()
    for n in range(8):
        page = packed(shop, 900, name=f"R{n}")
        ship(shop, page)
        (opened,) = shop.order(page["number"])["shipments"]
        gate = threading.Barrier(2)
        said: list[Answer] = []

        def void(shipment: dict[str, Any] = opened, later: float = n * 0.01) -> None:
            gate.wait(20)  # noqa: B023  joined below
            threading.Event().wait(later)
            said.append(act(shop, shipment, "void"))  # noqa: B023

        aside = threading.Thread(target=void)
        aside.start()
        gate.wait(20)
        shop.work()
        aside.join(60)
        shop.work()
        after = shop.order(page["number"])
        ends[after["shipments"][0]["status"]] += 1
        if said[0].status == 200:
            assert after["shipments"][0]["status"] == "voided"
            unshipped(after)
            assert outside.paid(page["number"]) == 0
            assert sold(outside, page["number"])["label"] == sold(outside, page["number"])["void"]
        else:
            assert (said[0].status, said[0].code) == (409, "shipment_action_illegal")
            assert (after["status"], outside.paid(page["number"])) == ("shipped", 1000)
            assert sold(outside, page["number"]) == {"label": 1}
    assert set(ends) <= {"voided", "shipped"}
    shop.holds()


# ── a carrier that is asked, and does not always answer ────────────────────────────────────


@dataclass
class Scripted:
    """Sells one label a key and remembers it; the scripts say what goes wrong, call by call.

    "lose" does the work and drops the answer, "no" refuses. `meanwhile` happens during a call.
    """

    buying: list[str] = field(default_factory=list)
    voiding: list[str] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None
    sold: dict[str, str] = field(default_factory=dict)
    void_: Counter[str] = field(default_factory=Counter)

    def label(self, request: LabelRequest) -> LabelOutcome:
        fault = self.buying.pop(0) if self.buying else ""
        if fault == "no":
            return Refusal("no", "not this one")
        number = self.sold.setdefault(request.idempotency_key, f"T{ids.secret()[:12]}")
        self.meanwhile()
        if fault == "lose":
            return Unknown("no answer")
        return Label(number, request.service, b"%PDF a label", Money(490, "EUR"))

    def void(self, tracking_no: str) -> VoidOutcome:
        fault = self.voiding.pop(0) if self.voiding else ""
        if fault == "no":
            return Refusal("used", "it was scanned")
        self.void_[tracking_no] += 1
        self.meanwhile()
        return Unknown("no answer") if fault == "lose" else Voided(tracking_no)


def scripted(shop: Api, carrier: Scripted) -> Api:
    """The same shop, whose worker asks this carrier."""
    buyer = BuyLabels(shop.app.db, lambda *_: carrier)  # type: ignore[arg-type,return-value]
    app: App = replace(shop.app, handlers={**shop.app.handlers, **buyer.handlers()})
    return Api(app, shop.tenant, shop.key, shop.asgi)


def hurried(shop: Api) -> None:
    """Run all that waits for its time."""
    for _ in range(6):
        with shop.app.db.transaction(Caller(shop.tenant, "test")) as tx:
            tx.connection.execute(
                "update work.items set run_at = created_at where tenant_id = %s and kind like %s",
                (shop.tenant, "shipping.%"),
            )
        shop.work()


def test_given_up_while_the_carrier_sells(shop: Api) -> None:
    carrier = Scripted()
    shop = scripted(shop, carrier)
    page = packed(shop, 900)
    ship(shop, page)
    (opened,) = shop.order(page["number"])["shipments"]
    carrier.meanwhile = once(lambda: act(shop, opened, "void"))
    shop.work()
    unshipped(shop.order(page["number"]))
    (number,) = carrier.sold.values()
    assert carrier.void_ == {number: 1}
    shop.holds()


def test_given_up_while_nobody_knows_whether_it_was_sold(shop: Api) -> None:
    carrier = Scripted(buying=["lose"], voiding=["lose", "lose"])
    shop = scripted(shop, carrier)
    page = packed(shop, 900)
    ship(shop, page)
    shop.work()
    (opened,) = shop.order(page["number"])["shipments"]
    assert (opened["status"], labels(opened)) == ("labelling", ["requested"])
    assert act(shop, opened, "void").status == 200
    assert ship(shop, page).code == "package_in_shipment"
    hurried(shop)
    after = shop.order(page["number"])
    unshipped(after)
    assert labels(after["shipments"][0]) == ["voided"]
    (number,) = carrier.sold.values()
    assert carrier.void_ == {number: 3}, "asked until it answered, each time about the same label"
    facts = [e["fact"] for e in shop.get(f"/v1/orders/{page['number']}/timeline")["data"]]
    assert facts.count("shipping.label_voided") == 1
    shop.holds()


def test_a_refusal_that_comes_after_it_was_given_up_troubles_nobody(shop: Api) -> None:
    carrier = Scripted(buying=["no"])
    shop = scripted(shop, carrier)
    page = packed(shop, 900)
    ship(shop, page)
    act(shop, shop.order(page["number"])["shipments"][0], "void")
    shop.work()
    after = shop.order(page["number"])
    unshipped(after)
    assert (after["health"], after["exceptions"], carrier.void_) == ("ok", [], {})
    shop.holds()


def test_a_carrier_that_takes_nothing_back_does_not_keep_the_goods(shop: Api) -> None:
    carrier = Scripted(buying=["", "no"], voiding=["no"])
    shop = scripted(shop, carrier)
    page = packed(shop, 900, 900)
    ship(shop, page)
    shop.work()
    (failed,) = shop.order(page["number"])["shipments"]
    act(shop, failed, "void")
    shop.work()
    between = shop.order(page["number"])
    (told,) = [e for e in between["exceptions"] if e["resolved_at"] is None]
    assert told["kind"] == "label_not_voided"
    assert "it was scanned" in [label["error"] for label in between["shipments"][0]["labels"]]
    assert between["shipments"][0]["cost"] == 0, "it is claimed from the carrier"
    unshipped(between)
    ship(shop, page)
    shop.work()
    assert shop.order(page["number"])["status"] == "shipped"
    shop.holds()


def test_a_label_is_not_given_back_for_its_packages_first_one(shop: Api) -> None:
    """The fact may come again when the package has another label."""
    carrier = Scripted()
    shop = scripted(shop, carrier)
    page = packed(shop, 900)
    ship(shop, page)
    (opened,) = shop.order(page["number"])["shipments"]
    carrier.meanwhile = once(lambda: act(shop, opened, "void"))
    shop.work()
    ship(shop, page)
    shop.work()
    assert shop.order(page["number"])["status"] == "shipped"
    with shop.app.db.transaction(Caller(shop.tenant, "test")) as tx:
        told = journal.timeline(tx, [parsed("ord", page["id"])])
        again = [entry for entry in told if entry.fact == "shipping.label_unwanted"]
        assert len(again) == 1
        reactions.give_back_label(tx, again * 2)
    shop.work()
    assert sum(carrier.void_.values()) == 1
    (_, gone) = shop.order(page["number"])["shipments"]
    assert (gone["status"], labels(gone)) == ("shipped", ["bought"])
    shop.holds()


def test_asked_again_while_another_label_is_at_the_carrier(shop: Api) -> None:
    carrier = Scripted(buying=["no", "lose"])
    shop = scripted(shop, carrier)
    page = packed(shop, 900, 900)
    ship(shop, page)
    shop.work()
    (failed,) = shop.order(page["number"])["shipments"]
    assert (failed["status"], labels(failed)) == ("label_failed", ["refused", "requested"])
    carrier.meanwhile = once(lambda: act(shop, failed, "retry-labels"))
    hurried(shop)
    after = shop.order(page["number"])
    assert (after["status"], labels(after["shipments"][0])) == ("shipped", ["bought", "bought"])
    assert len(carrier.sold) == 2
    shop.holds()


def once(deed: Callable[[], Answer]) -> Callable[[], None]:
    """Done at the first call, and then no more."""
    left = [deed]

    def do() -> None:
        if left:
            answer = left.pop()()
            assert answer.status == 200, answer.body

    return do


# ── who may ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("what", ["void", "retry-labels"])
def test_it_takes_the_permission_to_work(shop: Api, what: str) -> None:
    page = packed(shop, 900)
    ship(shop, page)
    (opened,) = shop.order(page["number"])["shipments"]
    made = shop.post("/v1/api-keys", {"name": "r", "scopes": ["shipping:read"]})
    answer = act(Api(shop.app, shop.tenant, made["key"], shop.asgi), opened, what)
    assert (answer.status, answer.code) == (403, "permission_missing")
    shop.work()
    shop.holds()
