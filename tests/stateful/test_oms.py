"""The whole of Baton against a small model: anything may be asked at any time.

Hypothesis writes the stories: orders of every channel, holds, edits, cancellations, recalls,
rejected and short picks, parcels that arrive or get lost, goods that come, vanish or are counted.
After every step the orders must fit the model; every few steps, and at the end, all promises of
`verify` must hold and the books must balance.

BATON_EXAMPLES=500 makes it tell more stories; BATON_STEPS makes them longer.
"""

from __future__ import annotations

import os
import re
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from model import KnownLine, KnownOrder, Model

from api import ADDRESS, Answer, Api, Outside, company, new_api, order
from baton.app import App
from baton.platform.db import Caller

EXAMPLES = int(os.environ.get("BATON_EXAMPLES", "25"))
STEPS = int(os.environ.get("BATON_STEPS", "25"))
EVERY = 8  # steps between two looks at everything

SKUS = ("SKU-1", "SKU-2", "SKU-3")
PLACES = ("W1", "W2", "S1")
STOCK = 5
CHANNELS = ("refuse", "partial", "backorder", "must_accept")
MUNICH = ADDRESS | {"city": "München", "postal_code": "80331", "lines": ["Marienplatz 1"]}

pytestmark = pytest.mark.slow


class Oms(RuleBasedStateMachine):
    """Everything that people, locations, carriers and channels may do."""

    app: ClassVar[App]
    asgi: ClassVar[Any]
    outside: ClassVar[Outside]
    placed = Bundle("placed")

    def open_shop(self) -> None:
        self.shop: Api = new_api(self.app, self.asgi)
        company(self.shop, stock=STOCK)
        self.model = Model(dict.fromkeys(SKUS, STOCK * len(PLACES)))
        self.number = self.steps = 0
        self.changed: set[str] = set()

    @initialize(
        target=placed,
        channel=st.sampled_from(CHANNELS),
        lines=st.dictionaries(st.sampled_from(SKUS), st.integers(1, 3), min_size=1, max_size=3),
        pickup=st.booleans(),
        released=st.booleans(),
    )
    def first_order(
        self, channel: str, lines: dict[str, int], pickup: bool, released: bool
    ) -> KnownOrder:
        """A story that has something to tell from its first step on."""
        self.open_shop()
        made: KnownOrder = self.place_order(channel, lines, pickup)
        if released:
            self.work()
        return made

    # ── asking ──────────────────────────────────────────────────────────────────────────────

    def ask(self, path: str, body: Any = None) -> Answer:
        answer = self.shop.call("POST", path, {} if body is None else body)
        assert answer.status < 500, (path, body, answer.status, answer.body)
        if answer.status >= 400:
            assert answer.body["code"], answer.body
            assert answer.body["detail"], answer.body
        return answer

    def must(self, path: str, body: Any = None) -> Any:
        answer = self.ask(path, body)
        assert answer.status in (200, 201), (path, body, answer.status, answer.body)
        return answer.body

    def settle(self, legal: bool, answer: Answer, *, but: tuple[str, ...] = ()) -> bool:
        """What is named as an action succeeds, what is not named is refused; True if it did.

        `but` are the refusals that no list of actions can foresee.
        """
        if answer.status < 300:
            assert legal, "it was done although it was not named as an action"
            return True
        assert answer.status in (404, 409, 422), answer.body
        assert not legal or answer.code in but, ("named as an action, but", answer.body)
        return False

    def look(self, known: KnownOrder) -> dict[str, Any]:
        self.changed.add(known.number)
        return self.shop.order(known.number)

    @staticmethod
    def held(page: dict[str, Any], transition: str) -> bool:
        return any(h["resolved_at"] is None and transition in h["blocks"] for h in page["holds"])

    # ── orders ──────────────────────────────────────────────────────────────────────────────

    @rule(
        target=placed,
        channel=st.sampled_from(CHANNELS),
        lines=st.dictionaries(
            st.sampled_from((*SKUS, "NEW-1")), st.integers(1, 7), min_size=1, max_size=3
        ),
        pickup=st.booleans(),
    )
    def place(self, channel: str, lines: dict[str, int], pickup: bool) -> Any:
        return self.place_order(channel, lines, pickup)

    def place_order(self, channel: str, lines: dict[str, int], pickup: bool) -> Any:
        self.number += 1
        more = {"groups": [{"method": "pickup", "location": "S1"}]} if pickup else {}
        body = order(f"X{self.number}", lines, channel=channel, **more)
        free = {sku: self.free(sku, pickup) for sku in lines if sku in SKUS}
        answer = self.ask("/v1/orders", body)
        missing = sum(max(lines[sku] - units, 0) for sku, units in free.items())
        if "NEW-1" in lines and channel != "must_accept":
            assert (answer.status, answer.code) == (422, "sku_unknown")
            return multiple()
        if channel == "refuse" and missing:
            assert (answer.status, answer.code) == (409, "out_of_stock")
            return multiple()
        if channel == "partial" and not any(free.values()):
            assert (answer.status, answer.code) == (409, "out_of_stock")
            return multiple()
        assert answer.status == 201, answer.body
        page = answer.body
        waits = "cancelled" if channel == "partial" else "backordered"
        for line in page["lines"]:
            wanted, sku = line["ordered"], line["sku"]
            expected = {"parked": wanted} if sku == "NEW-1" else {waits: max(wanted - free[sku], 0)}
            got = {b: line["buckets"][b] for b in ("parked", "cancelled", "backordered")}
            assert got == dict.fromkeys(got, 0) | expected, line
        known = KnownOrder(
            page["number"],
            page["id"],
            channel,
            pickup,
            {x["line_no"]: KnownLine(x["sku"], x["ordered"]) for x in page["lines"]},
        )
        self.model.orders[known.number] = known
        self.changed.add(known.number)
        again = self.ask("/v1/orders", body)
        assert (again.status, again.body["id"]) == (200, known.id), "the same order, once"
        return known

    def free(self, sku: str, pickup: bool) -> int:
        stock = self.shop.get(f"/v1/stock?sku={sku}")["data"][0]
        areas = sum(max(area["free"], 0) for area in stock["areas"])
        if not pickup:
            return areas
        level = next(x for x in stock["levels"] if x["location"] == "S1")
        area = next(x for x in stock["areas"] if x["area"] == "stores")
        return max(min(level["free"], area["free"]), 0)

    @rule(known=placed, kind=st.sampled_from(("fraud", "manual", "payment")))
    def hold(self, known: KnownOrder, kind: str) -> None:
        legal = "hold" in self.look(known)["actions"]
        path = f"/v1/orders/{known.id}/holds"
        self.settle(legal, self.ask(path, {"kind": kind, "reason": "to be sure"}))

    @rule(known=placed)
    def resolve(self, known: KnownOrder) -> None:
        page = self.look(known)
        opened = [hold for hold in page["holds"] if hold["resolved_at"] is None]
        assert ("resolve_hold" in page["actions"]) is bool(opened)
        for hold in page["holds"]:
            path = f"/v1/orders/{known.id}/holds/{hold['id']}/resolve"
            legal = hold["resolved_at"] is None
            self.settle(legal, self.ask(path, {"resolution": "looked at"}))

    @rule(known=placed, which=st.integers(0, 2), quantity=st.integers(0, 9))
    def edit_quantity(self, known: KnownOrder, which: int, quantity: int) -> None:
        page = self.look(known)
        line = page["lines"][which % len(page["lines"])]
        body = {
            "quantities": [{"line": line["line_no"], "quantity": quantity}],
            "reason": "as the customer wishes",
        }
        self.must_preview(f"/v1/orders/{known.id}/edit/preview", body, line)
        answer = self.ask(f"/v1/orders/{known.id}/edit", body)
        # whether this line can still have this quantity is for the line to say
        if self.settle(
            "edit_quantity" in page["actions"], answer, but=("too_late", "order_invalid")
        ):
            after = next(x for x in answer.body["lines"] if x["line_no"] == line["line_no"])
            assert after["ordered"] - after["buckets"]["cancelled"] == quantity
            known.lines[line["line_no"]].ordered = max(
                line["ordered"], quantity + line["buckets"]["cancelled"]
            )

    def must_preview(self, path: str, body: Any, line: dict[str, Any]) -> None:
        answer = self.ask(path, body)
        parked = line["buckets"]["parked"] or line["sku"] == "NEW-1"
        assert answer.status == 200 or parked or answer.code == "too_late", answer.body

    @rule(known=placed, broken=st.booleans())
    def edit_address(self, known: KnownOrder, broken: bool) -> None:
        page = self.look(known)
        address = MUNICH | {"postal_code": "1"} if broken else MUNICH
        body = {"address": {"address": address}, "reason": "moved"}
        answer = self.ask(f"/v1/orders/{known.id}/edit", body)
        if self.settle("edit_address" in page["actions"], answer):
            kinds = {h["kind"] for h in answer.body["holds"] if h["resolved_at"] is None}
            assert ("address" in kinds) is broken

    @rule(known=placed)
    def cancel(self, known: KnownOrder) -> None:
        page = self.look(known)
        answer = self.ask(f"/v1/orders/{known.id}/cancel", {"reason": "changed their mind"})
        if self.settle("cancel" in page["actions"], answer, but=self.asked(page)):
            for line in answer.body["lines"]:
                left = {b: line["buckets"][b] for b in ("parked", "open", "backordered")}
                assert not any(left.values()), "all that nobody had begun is cancelled"

    @rule(known=placed, which=st.integers(0, 2), units=st.integers(1, 4))
    def cancel_part(self, known: KnownOrder, which: int, units: int) -> None:
        page = self.look(known)
        line = page["lines"][which % len(page["lines"])]
        body = {"lines": [{"line": line["line_no"], "quantity": units}], "reason": "fewer"}
        seen = self.must(f"/v1/orders/{known.id}/cancel/preview", body)
        answer = self.ask(f"/v1/orders/{known.id}/cancel", body)
        possible = "cancel" in page["actions"] and not seen["too_late"]
        if self.settle(possible, answer, but=("too_late",)):
            after = next(x for x in answer.body["lines"] if x["line_no"] == line["line_no"])
            now = sum(each["quantity"] for each in seen["now"])
            assert after["buckets"]["cancelled"] >= line["buckets"]["cancelled"] + now

    @rule(
        known=placed,
        what=st.lists(
            st.sampled_from(("add_line", "cancel_units", "set_quantity", "substitute", "reship",
                             "change_address", "change_method", "change_price", "add_charge",
                             "waive_charge")),
            min_size=1, max_size=3,
        ),
        which=st.integers(0, 3),
        units=st.integers(1, 3),
    )  # fmt: skip
    def change(self, known: KnownOrder, what: list[str], which: int, units: int) -> None:
        """Any change, previewed first: what the preview says is what happens."""
        page = self.look(known)
        line = page["lines"][which % len(page["lines"])]["line_no"]
        actions = [self.action(kind, line, units) for kind in what]
        path = f"/v1/orders/{known.id}/changes"
        seen = self.ask(f"{path}/preview", {"actions": actions})
        body = {"actions": actions, "reason": "so they wish", "version": page["version"]}
        answer = self.ask(path, body)
        assert answer.status in (201, 404, 409, 422), answer.body
        assert (answer.status == 201) is (seen.status == 200 and seen.body["possible"]), (
            seen.body,
            answer.body,
        )
        if answer.status == 201:
            known.changed(answer.body["order"])
        if answer.status == 201 and answer.body["change"]["state"] == "applied":
            after = self.look(known)
            payable = answer.body["change"]["after"]["payable"]
            assert payable == seen.body["money"]["payable_after"]
            for effect in seen.body["lines"]:
                wanted = next(x for x in after["lines"] if x["line_no"] == effect["line_no"])
                assert (
                    wanted["ordered"] - wanted["buckets"]["cancelled"] == effect["quantity_after"]
                )

    @staticmethod
    def action(kind: str, line: int, units: int) -> dict[str, Any]:
        more: dict[str, Any] = {
            "add_line": {"sku": "SKU-2", "quantity": units},
            "substitute": {"line": line, "sku": "SKU-3", "quantity": units},
            "change_address": {"address": MUNICH},
            "change_method": {"method": "pickup", "location": "S1"}
            if units > 1
            else {"method": "ship", "address": ADDRESS},
            "change_price": {"line": line, "unit_price": 500 * units},
            "add_charge": {"kind": "shipping", "amount": 490},
            "waive_charge": {"charge": units},
        }.get(kind, {"line": line, "quantity": units})
        return {"type": kind} | more

    @rule(known=placed)
    def recall(self, known: KnownOrder) -> None:
        page = self.look(known)
        answer = self.ask(f"/v1/orders/{known.id}/recall", {"reason": "to change it"})
        self.settle("recall" in page["actions"], answer, but=self.asked(page))

    @staticmethod
    def asked(page: dict[str, Any]) -> tuple[str, ...]:
        """Units that were asked back for another reason wait for that answer first."""
        waits = any(work["recall"] == "requested" for work in page["fulfillment_orders"])
        return ("too_late",) if waits else ()

    @rule(known=placed, action=st.sampled_from(("route", "release")))
    def push(self, known: KnownOrder, action: str) -> None:
        page = self.look(known)
        self.settle(action in page["actions"], self.ask(f"/v1/orders/{known.id}/{action}"))

    @rule(known=placed)
    def unpark(self, known: KnownOrder) -> None:
        page = self.look(known)
        for line in page["lines"]:
            body = {"line": line["line_no"], "sku": "SKU-1"}
            legal = "unpark" in page["actions"] and line["buckets"]["parked"] > 0
            if self.settle(legal, self.ask(f"/v1/orders/{known.id}/unpark", body)):
                known.lines[line["line_no"]].sku = "SKU-1"

    @rule()
    def work(self) -> None:
        self.shop.work()
        self.changed.update(self.model.orders)

    # ── locations ───────────────────────────────────────────────────────────────────────────

    def step(self, known: KnownOrder, name: str, body: Any, *, but: tuple[str, ...] = ()) -> None:
        """Ask one thing of every fulfillment order, whether it is legal there or not."""
        page = self.look(known)
        for work in page["fulfillment_orders"]:
            path = f"/v1/fulfillment-orders/{work['id']}/{name}"
            given = body(work) if callable(body) else body
            if given is not None:
                action = name.replace("-", "_")
                done = self.settle(action in work["actions"], self.ask(path, given), but=but)
                assert not done or name not in ("pick", "ship") or not self.held(page, "ship")

    @rule(known=placed)
    def accept(self, known: KnownOrder) -> None:
        self.step(known, "accept", {})

    @rule(known=placed)
    def reject(self, known: KnownOrder) -> None:
        self.step(known, "reject", {"reason": "no time"})

    @rule(known=placed, short=st.sampled_from((0, 0, 0, 1)), left=st.sampled_from((0, 0, 1)))
    def pick(self, known: KnownOrder, short: int, left: int) -> None:
        def picks(work: dict[str, Any]) -> Any:
            if "pick" not in work["actions"]:
                return {"lines": [{"line": work["lines"][0]["line_no"], "picked": 1}]}
            lines = []
            for line in work["lines"]:
                units = max(line["to_pick"] - left, 0)
                missing = min(short, units)
                if units:
                    name = line["line_no"]
                    lines.append({"line": name, "picked": units - missing, "short": missing})
            return {"lines": lines} if lines else None

        def before(page: dict[str, Any]) -> dict[tuple[str, int], int]:
            works = page["fulfillment_orders"]
            return {(w["id"], x["line_no"]): x["short"] for w in works for x in w["lines"]}

        was = before(self.look(known))
        self.step(known, "pick", picks, but=("order_on_hold",))
        page = self.look(known)
        for work in page["fulfillment_orders"]:
            for line in work["lines"]:
                gone = line["short"] - was.get((work["id"], line["line_no"]), 0)
                self.model.moved(line["sku"], -gone)

    @rule(known=placed)
    def pack(self, known: KnownOrder) -> None:
        def packages(work: dict[str, Any]) -> Any:
            lines = [
                {"line": line["line_no"], "quantity": line["picked"] or 1}
                for line in work["lines"]
                if line["picked"] or "pack" not in work["actions"]
            ]
            return {"packages": [{"weight_g": 700, "lines": lines}]}

        self.step(known, "pack", packages)

    @rule(known=placed)
    def ship(self, known: KnownOrder) -> None:
        # a shipment that waits for its labels has been asked for already
        self.step(known, "ship", {}, but=("order_on_hold", "fulfillment_action_illegal"))
        self.work()

    @rule(known=placed, until=st.sampled_from(("pick", "pack", "ship", "ship")))
    def fulfil(self, known: KnownOrder, until: str) -> None:
        """A good day at the locations."""
        self.accept(known)
        self.pick(known, 0, 0)
        if until != "pick":
            self.pack(known)
        if until == "ship":
            self.ship(known)
            self.hand_over(known)
            self.track(known, "delivered")
        self.work()

    @rule(known=placed)
    def hand_over(self, known: KnownOrder) -> None:
        texts = " ".join(mail["text"] for mail in self.outside.mails(known.number))
        codes = re.findall(r"\b\d{6}\b", texts) or ["000000"]
        refusals = ("order_on_hold", "pickup_code_wrong", "pickup_locked", "pickup_code_missing")
        self.step(known, "hand-over", {"code": codes[-1]}, but=refusals)

    @rule(known=placed, accepted=st.booleans())
    def answer_recall(self, known: KnownOrder, accepted: bool) -> None:
        self.step(known, "answer-recall", {"accepted": accepted, "reason": "so it is"})

    @rule(known=placed, code=st.sampled_from(("delivered", "lost", "exception", "in_transit")))
    def track(self, known: KnownOrder, code: str) -> None:
        page = self.look(known)
        events = [
            {
                "tracking_no": label["tracking_no"],
                "event_id": code,
                "code": code,
                "occurred_at": "2026-03-05T10:00:00Z",
            }
            for shipment in page["shipments"]
            for label in shipment["labels"]
            if label["tracking_no"]
        ]
        if events:
            heard = self.must("/v1/tracking-events", {"events": events})
            assert heard["unknown"] == []
            again = self.must("/v1/tracking-events", {"events": events})
            assert again["changed"] == 0, "the same news again is no news"

    # ── stock ───────────────────────────────────────────────────────────────────────────────

    @rule(
        sku=st.sampled_from(SKUS),
        location=st.sampled_from(PLACES),
        units=st.integers(1, 5),
        cost=st.none() | st.integers(0, 700),
    )
    def receive(self, sku: str, location: str, units: int, cost: int | None) -> None:
        self.document("receipts", sku, location, units, cost=cost)
        self.model.moved(sku, units)

    @rule(method=st.sampled_from(("average", "fifo")))
    def value(self, method: str) -> None:
        path = "/v1/accounting/books/main/method"
        assert self.shop.call("PUT", path, {"method": method}).status == 200

    @rule(sku=st.sampled_from(SKUS), location=st.sampled_from(PLACES), change=st.integers(-3, 3))
    def count(self, sku: str, location: str, change: int) -> None:
        level = self.level(sku, location)
        found = max(level["on_hand"] + change, 0)
        self.document("counts", sku, location, found, reason="cycle count")
        after = self.level(sku, location)
        assert after["on_hand"] == found
        self.stock_changed(sku, level, after)

    @rule(
        sku=st.sampled_from(SKUS), location=st.sampled_from(PLACES), change=st.sampled_from((-2, 2))
    )
    def adjust(self, sku: str, location: str, change: int) -> None:
        level = self.level(sku, location)
        self.document("adjustments", sku, location, change, reason="found out")
        after = self.level(sku, location)
        assert after["on_hand"] == level["on_hand"] + change
        self.stock_changed(sku, level, after)

    def stock_changed(self, sku: str, level: dict[str, Any], after: dict[str, Any]) -> None:
        here = after["on_hand"] - after["unavailable"]
        self.model.moved(sku, here - level["on_hand"] + level["unavailable"])

    def document(
        self,
        kind: str,
        sku: str,
        location: str,
        units: int,
        reason: str = "",
        cost: int | None = None,
    ) -> None:
        line = {"sku": sku, "quantity": units}
        lines = [line if cost is None else line | {"unit_cost": cost}]
        body = {"location": location, "lines": lines, "reason": reason}
        self.must(f"/v1/stock/{kind}", body)
        self.changed.update(self.model.orders)

    def level(self, sku: str, location: str) -> dict[str, Any]:
        stock = self.shop.get(f"/v1/stock?sku={sku}")["data"][0]
        found: dict[str, Any] = next(x for x in stock["levels"] if x["location"] == location)
        return found

    # ── what must be true ───────────────────────────────────────────────────────────────────

    @invariant()
    def orders_fit_the_model(self) -> None:
        for number in sorted(self.changed):
            self.model.seen(self.shop.order(number))
        self.changed.clear()
        books = self.shop.get("/v1/accounting/trial-balance?legal_entity=main")
        assert books["debit"] == books["credit"]
        self.steps += 1
        if self.steps % EVERY == 0:
            self.everything()

    def everything(self) -> None:
        """All promises hold, and no unit is promised that is not there or known to be short."""
        self.shop.holds()
        pages = [self.shop.order(number) for number in self.model.orders]
        for page in pages:
            self.model.seen(page)
        promised = self.model.promised(pages)
        skus = "&".join(f"sku={sku}" for sku in SKUS)
        for stock in self.shop.get(f"/v1/stock?{skus}")["data"]:
            sku = stock["sku"]
            here = sum(level["on_hand"] - level["unavailable"] for level in stock["levels"])
            short = sum(area["short"] for area in stock["areas"])
            assert here == self.model.units[sku], (sku, here, self.model.units)
            assert promised.get(sku, 0) <= here + short, (sku, promised, stock)
            assert promised.get(sku, 0) == sum(area["committed"] for area in stock["areas"])

    def teardown(self) -> None:
        if not hasattr(self, "model"):
            return
        self.shop.work()
        self.everything()
        assert self.failed_jobs() == []
        self.hurry()
        self.books_are_kept()
        for known in self.model.orders.values():
            page = self.shop.order(known.number)
            if known.channel != "must_accept":
                totals = page["totals"]
                assert totals["captured"] + totals["receivable"] == known.shipped_value, totals
                assert self.outside.paid(known.number) == totals["captured"]
                if page["status"] in ("cancelled", "shipped", "delivered"):
                    for payment in page["payments"]:
                        kept = payment["authorised"] - payment["captured"] - payment["voided"]
                        assert kept == 0, ("nothing more will be due, and it is not let go", page)

    def books_are_kept(self) -> None:
        """All is booked, and what the books say is owed is what payments say."""
        books = self.shop.get("/v1/accounting/books?legal_entity=main")
        assert (books["waiting"], books["parked"]) == (0, 0)
        pages = [self.shop.order(number) for number in self.model.orders]
        balances = self.shop.get("/v1/accounting/trial-balance?legal_entity=main")["balances"]
        closing = {each["account"]: each["base_closing"] for each in balances}
        assert closing.get("1100", 0) == sum(page["totals"]["receivable"] for page in pages)
        shipped = sum(known.shipped_value for known in self.model.orders.values())
        assert closing.get("4000", 0) == -shipped

    def hurry(self) -> None:
        """What waits for its time is due now."""
        with self.app.db.transaction(Caller(self.shop.tenant, "test")) as tx:
            tx.connection.execute(
                "update work.items set run_at = created_at where tenant_id = %s",
                (self.shop.tenant,),
            )
        self.shop.work()

    def failed_jobs(self) -> list[Any]:
        with self.app.db.transaction(Caller(self.shop.tenant, "test")) as tx:
            return tx.connection.execute(
                "select kind, payload, error from work.items where tenant_id = %s and error <> ''",
                (self.shop.tenant,),
            ).fetchall()


def test_any_story_ends_well(app: App, asgi: Any, outside: Outside) -> None:
    Oms.app, Oms.asgi, Oms.outside = app, asgi, outside
    run_state_machine_as_test(
        Oms,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            derandomize="BATON_EXAMPLES" not in os.environ,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
