"""What follows a sale, walked in a real browser: money back, goods back, the papers of it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from test_browser import PASSWORD, browser, page, served, sign_in
from test_invoices import set_up
from test_returns_way import ask, sold

from api import Api, Outside, order
from baton.web.pages import CONSOLE

__all__ = ["browser", "page", "served"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (shutil.which("chromium") or shutil.which("chromium-browser")),
        reason="no Chromium on this machine",
    ),
    pytest.mark.skipif(
        not (CONSOLE / "index.html").is_file(), reason="the console is not built: make console"
    ),
]


def test_a_refund_is_seen_before_it_is_made(
    page: Page, served: str, shop: Api, outside: Outside
) -> None:
    taken = sold(shop, {"SKU-1": 2})
    sign_in(page, served, shop)
    page.goto(f"{served}/console/orders/{taken['number']}")
    page.get_by_role("tab", name="Money").click()
    page.get_by_role("button", name="Refund…").click()
    dialog = page.get_by_role("dialog")
    give = dialog.get_by_role("button", name=re.compile("^Refund"))
    dialog.get_by_label("Amount in EUR").fill("20.01")
    dialog.get_by_label("Reason").fill("Scratched")
    expect(dialog.get_by_role("region", name="What will happen")).to_be_visible()
    expect(give).to_be_disabled()
    dialog.get_by_label("Amount in EUR").fill("7,50")
    happens = dialog.get_by_role("region", name="What will happen")
    expect(happens).to_contain_text("Card · fake")
    expect(happens).to_contain_text("€7.50")
    expect(happens).to_contain_text("€12.50")
    assert outside.paid(taken["number"], "refund") == 0, "a preview changes nothing"
    give.click()
    expect(dialog).to_have_count(0)
    shop.work()
    assert outside.paid(taken["number"], "refund") == 750
    expect(page.get_by_text("€12.50 was taken and not given back.")).to_be_visible()


def test_a_refund_may_become_store_credit(page: Page, served: str, shop: Api) -> None:
    taken = sold(shop, {"SKU-1": 1})
    sign_in(page, served, shop)
    page.goto(f"{served}/console/orders/{taken['number']}?tab=money")
    page.get_by_role("button", name="Refund…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Amount in EUR").fill("4")
    dialog.get_by_label("As store credit").check()
    dialog.get_by_label("Reason").fill("Late")
    dialog.get_by_role("button", name="Refund €4.00").click()
    expect(dialog).to_have_count(0)
    shop.work()
    (credit,) = shop.get(f"/v1/customers/{taken['customer']['id']}/store-credit")["data"]
    assert credit["balance"] == 400


def test_a_return_is_approved_received_and_graded(
    page: Page, served: str, shop: Api, outside: Outside
) -> None:
    taken = sold(shop, {"SKU-1": 2})
    rma = ask(shop, taken, 2, reason="defective")
    assert rma["status"] == "asked"
    sign_in(page, served, shop)
    page.get_by_role("link", name="Returns").click()
    page.get_by_role("link", name=rma["number"]).click()
    expect(page.get_by_role("heading", name=rma["number"])).to_be_visible()
    page.get_by_text("Policy: a fault, without a photo").click()
    expect(page.get_by_text("Customer units")).to_be_visible()
    answer(page, "Approve…", "Approve", {"Reason (if you like)": "Checked"})
    answer(page, "Receive…", "They came in")
    assert shop.get(f"/v1/returns/{rma['id']}")["status"] == "received"
    page.get_by_role("button", name="Grade…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Units", exact=True).fill("2")
    dialog.get_by_role("radio", name=re.compile("^A")).check()
    dialog.get_by_label("What becomes of them").select_option("restock")
    dialog.get_by_role("button", name="Grade 2 units").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Grade…")).to_have_count(0)
    expect(page.get_by_label("Money and way back").get_by_text("€20.00").first).to_be_visible()
    assert shop.get(f"/v1/returns/{rma['id']}")["status"] == "closed"
    shop.work()
    assert outside.paid(taken["number"], "refund") == 2000
    shop.holds()


def answer(page: Page, action: str, word: str, fields: dict[str, str] | None = None) -> None:
    """Open the dialog of an action, fill it in, send it."""
    page.get_by_role("button", name=action).click()
    dialog = page.get_by_role("dialog")
    for name, text in (fields or {}).items():
        dialog.get_by_label(name).fill(text)
    dialog.get_by_role("button", name=word, exact=True).click()
    expect(dialog).to_have_count(0)


def test_a_return_is_refused_with_a_reason(page: Page, served: str, shop: Api) -> None:
    taken = sold(shop, {"SKU-1": 1})
    rma = ask(shop, taken, reason="defective")
    sign_in(page, served, shop)
    page.goto(f"{served}/console/returns/{rma['number']}")
    page.get_by_role("button", name="Refuse…").click()
    refuse = page.get_by_role("dialog").get_by_role("button", name="Refuse it")
    expect(refuse).to_be_disabled()
    page.get_by_role("dialog").get_by_label("Reason").fill("Worn")
    refuse.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert shop.get(f"/v1/returns/{rma['id']}")["status"] == "refused"


def test_invoices_are_found_by_number_and_lead_to_the_books(
    page: Page, served: str, shop: Api
) -> None:
    set_up(shop)
    orders = [sold(shop, {"SKU-1": n}, f"A{n}") for n in (1, 2)]
    papers = {row["orders"][0]: row for row in shop.get("/v1/invoices")["data"]}
    wanted = papers[orders[1]["number"]]
    sign_in(page, served, shop)
    page.get_by_role("link", name="Finance").click()
    rows = page.get_by_role("table", name="Invoices").get_by_role("row")
    expect(rows).to_have_count(3)
    page.get_by_label("Number").fill(wanted["number"])
    expect(rows).to_have_count(2)
    expect(rows.last).to_contain_text(orders[1]["number"])
    expect(rows.last).to_contain_text("€20.00")
    pdf = page.get_by_role("link", name=f"PDF of {wanted['number']}").get_attribute("href")
    sent = page.request.get(f"{served}{pdf}")
    assert (sent.status, sent.body()[:5]) == (200, b"%PDF-")
    page.get_by_label("Number").fill("no such number")
    expect(page.get_by_role("heading", name="No document matches")).to_be_visible()
    page.get_by_role("tab", name="Trial balance").click()
    expect(page.get_by_text("Debits and credits are the same")).to_be_visible()
    page.get_by_role("link", name=re.compile("^4000")).click()
    expect(page.get_by_role("table", name="Ledger of 4000").get_by_role("row")).to_have_count(3)


def test_what_was_parked_is_booked_again(page: Page, served: str, shop: Api) -> None:
    chart = shop.get("/v1/accounting/chart")
    whole = {"accounts": chart["accounts"], "mappings": chart["mappings"]}
    fewer = [m for m in chart["mappings"] if m["key"] != "revenue.goods"]
    shop.call("PUT", "/v1/accounting/chart", whole | {"mappings": fewer})
    sold(shop, {"SKU-1": 1})
    sign_in(page, served, shop)
    page.goto(f"{served}/console/finance?tab=parked")
    expect(page.get_by_role("table", name="Not booked").get_by_role("row")).to_have_count(2)
    shop.call("PUT", "/v1/accounting/chart", whole)
    page.get_by_role("button", name="Try all again").click()
    expect(page.get_by_role("status").filter(has_text="again")).to_be_visible()
    shop.work()
    page.reload()
    expect(page.get_by_role("heading", name="Everything is booked")).to_be_visible()


def test_only_what_one_may_do_is_offered(page: Page, served: str, shop: Api) -> None:
    """A location's people take goods in; they see neither money nor who decides."""
    taken = sold(shop, {"SKU-1": 1})
    rma = ask(shop, taken)
    sign_in_as(page, served, shop, ["warehouse"])
    expect(page.get_by_role("link", name="Finance")).to_have_count(0)
    page.get_by_role("link", name="Returns").click()
    page.get_by_role("link", name=rma["number"]).click()
    expect(page.get_by_role("button", name="Receive…")).to_be_visible()
    for word in ("Settle…", "Approve…", "Refuse…"):
        expect(page.get_by_role("button", name=word)).to_have_count(0)
    page.goto(f"{served}/console/orders/{taken['number']}")
    expect(page.get_by_role("tab", name="Timeline")).to_be_visible()
    expect(page.get_by_role("tab", name="Money")).to_have_count(0)


def sign_in_as(page: Page, served: str, shop: Api, roles: list[str]) -> None:
    """Sign in, and go on as somebody with these roles."""
    sign_in(page, served, shop)
    body = {"email": "wim@example.com", "name": "Wim", "roles": roles, "password": PASSWORD}
    shop.post("/v1/users", body)
    merchant = shop.get("/v1/session")["merchant"]["handle"]
    page.context.clear_cookies()
    answer = page.request.post(
        f"{served}/v1/sessions",
        data={"merchant": merchant, "email": "wim@example.com", "password": PASSWORD},
        headers={"X-Baton-Console": "1"},
    )
    assert answer.status == 201, answer.text()
    page.goto(f"{served}/console/orders")


@pytest.fixture(params=["light-wide", "dark-wide", "light-phone", "dark-phone"])
def looking(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    scheme, size = request.param.split("-")
    wide: Any = {"width": 1280, "height": 860} if size == "wide" else {"width": 360, "height": 740}
    context = browser.new_context(viewport=wide, color_scheme=scheme)
    opened, errors = context.new_page(), list[str]()
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


def test_every_screen_fits_and_has_its_heading(looking: Page, served: str, shop: Api) -> None:
    set_up(shop)
    taken = shop.release(order("A1", {"SKU-1": 2}))
    for work in taken["fulfillment_orders"]:
        shop.fulfil(work)
    rma = ask(shop, taken, 1)
    sign_in(looking, served, shop)
    places = {
        f"orders/{taken['number']}?tab=money": "Invoices and credit memos",
        "returns": "Returns",
        "returns?status=expired": "No return has this status",
        f"returns/{rma['number']}": "Decision",
        "finance": "Finance",
        "finance?tab=balances": "Finance",
        "finance?tab=balances&account=1300": "Finance",
        "finance?tab=parked": "Everything is booked",
    }
    for place, heading in places.items():
        looking.goto(f"{served}/console/{place}")
        expect(looking.get_by_role("heading", name=heading).first).to_be_visible()
        expect(looking.get_by_role("status", name=re.compile("^Loading"))).to_have_count(0)
        width = looking.evaluate("document.documentElement.scrollWidth")
        assert width <= looking.viewport_size["width"], place  # type: ignore[index]
