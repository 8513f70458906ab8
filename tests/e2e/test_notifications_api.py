"""Merchants' own words, preferences, consents and what was told, over HTTP and with a worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api import Api, Outside, company, helper, new_api, order
from baton.app import App
from baton.asgi import create
from baton.platform.db import Caller
from baton.values import Id
from baton.values.ids import parsed

PLACE = {"kind": "order_confirmed", "language": "en"}
WORDS = PLACE | {"subject": "Ahoy {{ order_number }}", "text": "Ahoy {{ name }}!\n"}


def told(shop: Api, number: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = shop.get(f"/v1/orders/{number}/messages")["data"]
    return found


# ── templates ──────────────────────────────────────────────────────────────────────────────


def test_a_merchants_words_are_saved_shown_sent_and_taken_back(shop: Api, outside: Outside) -> None:
    where = "/v1/notifications/template?kind=order_confirmed&language=en"
    built_in = shop.get(where)
    assert (built_in["own"], built_in["version"]) == (False, 0)
    saved = shop.call("PUT", "/v1/notifications/template", built_in_as_body(built_in))
    assert saved.status == 200, "the built-in words can be saved as one's own"
    second = shop.call("PUT", "/v1/notifications/template", WORDS | {"version": 1})
    assert (second.status, second.body["version"]) == (200, 2)
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 1}))
    shop.work()
    (mail,) = outside.mails(taken["number"])
    assert (mail["subject"], mail["text"].strip()) == (
        f"Ahoy {taken['number']}",
        "Ahoy Ada Lovelace!",
    )
    shop.post("/v1/notifications/template/withdraw", PLACE)
    after = shop.get(where)
    assert (after["own"], after["subject"]) == (False, built_in["subject"])
    assert [(v["version"], v["withdrawn"]) for v in after["versions"]] == [
        (3, True), (2, False), (1, False)
    ]  # fmt: skip
    again = shop.call("POST", "/v1/notifications/template/withdraw", PLACE)
    assert (again.status, again.code) == (404, "message_template_not_found")
    (message,) = told(shop, taken["number"])
    assert message["text"] == "Ahoy Ada Lovelace!\n", "what was told stays as it was"
    shop.holds()


def built_in_as_body(shown: dict[str, Any]) -> dict[str, Any]:
    names = ("kind", "language", "medium", "subject", "text", "html", "version")
    return {name: shown[name] for name in names}


@pytest.mark.parametrize(
    ("change", "code", "field", "line"),
    [
        ({"text": "one\n{{ nme }}"}, "message_template_invalid", "text", 2),
        ({"html": "{{ ''.__class__ }}"}, "message_template_invalid", "html", 1),
        ({"text": "{{ day(promised_by) }}"}, "message_template_failed", "text", 1),
        ({"subject": ""}, "message_template_failed", "subject", 1),
    ],
)
def test_broken_words_are_refused_with_their_line(
    shop: Api, change: dict[str, str], code: str, field: str, line: int
) -> None:
    for method, path in (("PUT", "/template"), ("POST", "/preview")):
        answer = shop.call(method, f"/v1/notifications{path}", WORDS | change)
        assert (answer.status, answer.code) == (422, code)
        assert (answer.body["field"], answer.body["parameters"]["line"]) == (field, line)
    assert shop.get("/v1/notifications/templates")["data"] == []


def test_nobody_overwrites_what_another_saved(shop: Api) -> None:
    shop.call("PUT", "/v1/notifications/template", WORDS)
    late = shop.call("PUT", "/v1/notifications/template", WORDS | {"version": 0})
    assert (late.status, late.code) == (409, "message_template_changed")
    barrier, answers = threading.Barrier(4), list[int]()

    def save() -> None:
        barrier.wait()
        answers.append(shop.call("PUT", "/v1/notifications/template", WORDS).status)

    threads = [threading.Thread(target=save) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {200, 409}
    versions = shop.get("/v1/notifications/template?kind=order_confirmed&language=en")["versions"]
    assert len(versions) == 1 + answers.count(200)


def test_a_preview_shows_a_real_order_and_sends_nothing(shop: Api, outside: Outside) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 1}, language="de"))
    body = {"kind": "delayed", "language": "de"}
    made_up = shop.post("/v1/notifications/preview", body)
    assert "K3V9T-0QX4M" in made_up["subject"]
    real = shop.post("/v1/notifications/preview", body | {"order": taken["number"]})
    assert taken["number"] in real["subject"]
    assert "Thing SKU-1" in real["html"]
    sms = shop.post("/v1/notifications/preview", body | {"medium": "sms", "order": taken["id"]})
    assert (sms["subject"], sms["html"]) == ("", "")
    assert taken["number"] in sms["text"]
    for kind in shop.get("/v1/notifications/fields")["kinds"]:
        for order_ in (None, taken["number"]):
            shop.post("/v1/notifications/preview", body | {"kind": kind, "order": order_})
    assert outside.mails(taken["number"]) == []


def test_words_that_fail_at_sending_are_replaced_and_a_person_is_told(shop: Api) -> None:
    """Words that were fine when they were saved, but not for this order."""
    shop.call("PUT", "/v1/notifications/template", WORDS)
    tenant = shop.tenant
    with shop.app.db.transaction(Caller(tenant, "test")) as tx:
        tx.connection.execute(
            "insert into notifications.templates select tenant_id, kind, language, medium, 2,"
            " subject, '{{ items[7].title }}', '', false, author, saved_at"
            " from notifications.templates where tenant_id = %s",
            (tenant,),
        )
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 1}))
    shop.work()
    (message,) = told(shop, taken["number"])
    assert message["text"].startswith("Hello Ada Lovelace")
    after = shop.order(taken["number"])
    (exception,) = after["exceptions"]
    assert exception["kind"] == "message_template_failed"
    assert "Line 1" in exception["cause"]
    assert after["health"] == "attention"
    shop.holds()


# ── what was told ──────────────────────────────────────────────────────────────────────────


def test_a_message_is_sent_again_in_the_same_words(shop: Api, outside: Outside) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 1}))
    path = f"/v1/orders/{taken['number']}/messages"
    shop.work()
    (first,) = told(shop, taken["number"])
    assert "Thing SKU-1" in first["html"]
    again = shop.call("POST", f"{path}/{first['id']}/resend", {}, Idempotency_Key="k")
    assert again.status == 201
    assert shop.call("POST", f"{path}/{first['id']}/resend", {}, Idempotency_Key="k").status == 201
    early = shop.call("POST", f"{path}/{again.body['id']}/resend", {})
    assert (early.status, early.code) == (409, "message_not_ended")
    shop.work()
    mails = outside.mails(taken["number"])
    assert len(mails) == 2
    assert {m["text"] for m in mails} == {mails[0]["text"]}
    assert len({m["message_id"] for m in mails}) == 2
    other = shop.post("/v1/orders", order("A2", {"SKU-1": 1}))
    wrong = f"/v1/orders/{other['number']}/messages/{first['id']}/resend"
    assert shop.call("POST", wrong, {}).status == 404
    shop.holds()


def test_codes_are_not_for_every_reader(shop: Api) -> None:
    group = {"method": "pickup", "location": "S1"}
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 1}, groups=[group]))
    shop.work()
    (work,) = shop.order(taken["number"])["fulfillment_orders"]
    shop.fulfil(work, until="pack")
    path = f"/v1/orders/{taken['number']}/messages"
    key = shop.post("/v1/api-keys", {"name": "r", "scopes": ["notifications:read", "orders:read"]})
    reader = Api(shop.app, shop.tenant, key["key"], shop.asgi)
    for api, hidden in ((shop, False), (reader, True)):
        ready = [m for m in api.get(path)["data"] if m["kind"] == "pickup_ready"]
        assert [m["hidden"] for m in ready] == [hidden], told(shop, taken["number"])
        assert bool(ready[0]["text"]) is not hidden


def test_a_failed_payment_is_told(shop: Api) -> None:
    tender = {"method": "card", "amount": 1000, "token": "tok_insufficient_funds"}
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 1}, tenders=[tender]))
    shop.work()
    shown = shop.order(taken["number"])
    kinds = [m["kind"] for m in told(shop, taken["number"])]
    assert kinds.count("payment_failed") == (1 if shown["payment_status"] == "declined" else 0)


def test_what_a_merchant_turned_off_is_not_told(shop: Api) -> None:
    shop.call("PUT", "/v1/notifications/preferences", {"off": ["order_confirmed"]})
    only = {"channel": "refuse", "off": []}
    shop.call("PUT", "/v1/notifications/preferences", only)
    quiet = shop.post("/v1/orders", order("A1", {"SKU-1": 1}))
    loud = shop.post("/v1/orders", order("A2", {"SKU-1": 1}, channel="refuse"))
    shop.work()
    assert told(shop, quiet["number"]) == []
    assert [m["kind"] for m in told(shop, loud["number"])] == ["order_confirmed"]
    said = shop.get("/v1/notifications/preferences")["data"]
    assert [p["channel"] for p in said] == [None, "refuse"]
    for wrong in ({"time_zone": "Mars/Olympus"}, {"language": "xx-nothing"}, {"off": ["x"]}):
        assert shop.call("PUT", "/v1/notifications/preferences", wrong).status == 422


def test_a_customer_who_wants_no_mail_of_a_kind_gets_none(shop: Api) -> None:
    first = shop.post("/v1/orders", order("A1", {"SKU-1": 1}))
    path = f"/v1/customers/{first['customer']['id']}/consents"
    said = {"consents": [{"medium": "mail", "kind": "order_confirmed", "granted": False}]}
    assert shop.call("PUT", path, said).body == said
    assert shop.get(path) == said
    second = shop.post("/v1/orders", order("A2", {"SKU-1": 1}))
    shop.work()
    assert told(shop, second["number"]) == []


# ── texts ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def texted(app: App, outside: Outside, tmp_path: Path) -> Iterator[tuple[Api, Path]]:
    """A shop that can text, through a fake that forgets to answer now and then."""
    ledger = tmp_path / "texts.jsonl"
    faults = "drop_answer=0.3,error=0.3"
    with helper("example.textsink", "--ledger", str(ledger), "--fault", faults) as address:
        options = {"account_sid": "AC" + "0" * 32, "auth_token": "token_fake",
                   "sender": "+4930111", "address": address, "timeout_s": 2}  # fmt: skip
        settings = outside.settings(connectors={"sms.twilio": options})
        other = App.on(settings, app.db.dsn)
        shop = new_api(other, create(other))
        company(shop)
        yield shop, ledger
        other.close()


def test_a_text_goes_to_those_who_asked_and_once(texted: tuple[Api, Path]) -> None:
    shop, ledger = texted
    quiet = {"quiet_start": "00:00", "quiet_end": "00:00"}
    shop.call("PUT", "/v1/notifications/preferences", quiet)
    body = {"phone": "+49 30 123 456"}
    first = shop.post("/v1/orders", order("A0", {"SKU-1": 1}, **body))
    shop.work()
    assert [m["medium"] for m in told(shop, first["number"])] == ["mail"]
    wants = {"consents": [{"medium": "sms", "kind": "order_confirmed", "granted": True}]}
    shop.call("PUT", f"/v1/customers/{first['customer']['id']}/consents", wants)
    numbers = [
        shop.post("/v1/orders", order(f"A{n}", {"SKU-1": 1}, **body))["number"] for n in range(1, 9)
    ]
    for _ in range(40):
        shop.work()
        if not hurry(shop):
            break
    taken = Outside.lines(ledger)
    assert sorted(n for n in numbers for t in taken if n in t["body"]) == sorted(numbers)
    for number in numbers:
        sms = [m for m in told(shop, number) if m["medium"] == "sms"]
        assert [(m["state"], m["recipient"]) for m in sms] == [("sent", "+4930123456")]
    shop.holds()


def test_a_text_waits_for_the_morning(texted: tuple[Api, Path]) -> None:
    shop, ledger = texted
    all_day = {"quiet_start": "00:00", "quiet_end": "23:59"}
    shop.call("PUT", "/v1/notifications/preferences", all_day)
    body = {"phone": "+4930123457"}
    first = shop.post("/v1/orders", order("B0", {"SKU-1": 1}, **body))
    shop.work()
    wants = {"consents": [{"medium": "sms", "kind": "order_confirmed", "granted": True}]}
    shop.call("PUT", f"/v1/customers/{first['customer']['id']}/consents", wants)
    number = shop.post("/v1/orders", order("B1", {"SKU-1": 1}, **body))["number"]
    shop.work()
    assert Outside.lines(ledger) == []
    sms = [m for m in told(shop, number) if m["medium"] == "sms"]
    assert [m["state"] for m in sms] == ["requested"]
    shop.call(
        "PUT", "/v1/notifications/preferences", {"quiet_start": "03:00", "quiet_end": "03:00"}
    )
    for _ in range(40):
        if not hurry(shop):
            break
        shop.work()
    assert [number in t["body"] for t in Outside.lines(ledger)] == [True]


def hurry(shop: Api) -> int:
    """Let every job that waits run now; how many there are."""
    with shop.app.db.transaction(Caller(shop.tenant, "test")) as tx:
        return tx.connection.execute(
            "update work.items set run_at = now() where tenant_id = %s", (shop.tenant,)
        ).rowcount


def test_a_page_takes_consent_to_texts(texted: tuple[Api, Path]) -> None:
    shop, _ = texted
    taken = shop.post("/v1/orders", order("C0", {"SKU-1": 1}, phone="+4930123458"))
    path = "/t/" + taken["tracking_url"].split("/t/")[1] + "/texts"
    page = shop.call("GET", path).content.decode()
    assert "458" in page
    assert "123458" not in page
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    assert shop.call("POST", path, b"shipped=yes&delayed=yes", **form).status == 303
    customer = taken["customer"]["id"]
    said = shop.get(f"/v1/customers/{customer}/consents")["consents"]
    assert {c["kind"] for c in said if c["granted"]} == {"shipped", "delayed"}
    assert shop.call("POST", path, b"", **form).status == 303
    said = shop.get(f"/v1/customers/{customer}/consents")["consents"]
    assert [c for c in said if c["granted"]] == []


# ── what verify finds ──────────────────────────────────────────────────────────────────────


def test_a_message_altered_by_hand_is_found(shop: Api) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 1}))
    shop.work()
    shop.holds()
    id: Id = parsed("msg", told(shop, taken["number"])[0]["id"])
    with shop.app.db.transaction(Caller(shop.tenant, "test")) as tx:
        tx.connection.execute(
            "update notifications.messages set state = 'requested', sent_at = null where id = %s",
            (id,),
        )
    answer = shop.get("/v1/verify")
    broken = [p["name"] for p in answer["promises"] if not p["holds"]]
    assert broken == ["I7 each message is sent at most once"]
    with shop.app.db.transaction(Caller(shop.tenant, "test")) as tx:
        tx.connection.execute(
            "update notifications.messages set state = 'sent', sent_at = created_at where id = %s",
            (id,),
        )
