"""A few walks in a real browser: sign in, find an order, do what may be done to it."""

from __future__ import annotations

import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from api import Api, Outside, order
from baton.web.pages import CONSOLE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(
        not (CONSOLE / "index.html").is_file(), reason="the console is not built: make console"
    ),
]
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def served(asgi: Any) -> Iterator[str]:
    """The application on a real port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = uvicorn.Config(asgi, host="127.0.0.1", port=port, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that may not have a single error of its own."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    opened, errors = context.new_page(), list[str]()
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


def sign_in(page: Page, served: str, shop: Api) -> None:
    body = {
        "email": "omar@example.com",
        "name": "Omar",
        "roles": ["admin"],
        "password": PASSWORD,
    }
    shop.post("/v1/users", body)
    merchant = shop.get("/v1/session")["merchant"]["handle"]
    page.goto(f"{served}/console/")
    expect(page.get_by_label("E-mail")).to_be_visible()
    name = page.get_by_label(re.compile("merchant", re.IGNORECASE))
    if not name.is_visible():
        page.get_by_role("button", name=re.compile("merchant", re.IGNORECASE)).click()
    name.fill(merchant)
    page.get_by_label("E-mail").fill("omar@example.com")
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/console/orders"))


def test_an_order_is_found_and_worked_in_the_console(
    page: Page, served: str, shop: Api, outside: Outside
) -> None:
    taken = shop.release(order("A1", {"SKU-1": 2}))
    sign_in(page, served, shop)
    page.get_by_text(taken["number"]).first.click()
    expect(page.get_by_text("Thing SKU-1").first).to_be_visible()
    page.get_by_role("button", name="Accept").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Accept").click()
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    (work,) = shop.order(taken["number"])["fulfillment_orders"]
    assert work["status"] == "accepted"


def test_a_change_is_previewed_and_made(page: Page, served: str, shop: Api) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 2, "SKU-2": 1}))
    shop.work()
    sign_in(page, served, shop)
    page.get_by_label("Find anything").fill(taken["number"])
    page.get_by_role("search").get_by_text(taken["number"]).first.click()
    page.get_by_role("button", name="Change…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("New: Thing SKU-1").fill("1")
    dialog.get_by_label("Add an item").fill("SKU-3")
    dialog.get_by_label("Units of the added item").fill("4")
    dialog.get_by_label("Reason").fill("as the customer wishes")
    expect(dialog.get_by_text("Not covered")).to_be_visible()
    expect(dialog.get_by_text("asked back")).to_be_visible()
    dialog.get_by_role("button", name="Change order").click()
    expect(page.get_by_text("Thing SKU-3").first).to_be_visible()
    (change,) = shop.get(f"/v1/orders/{taken['number']}/changes")["data"]
    assert (change["version"], change["after"]["payable"]) == (1, 6000)


def test_why_here_names_who_lost(page: Page, served: str, shop: Api) -> None:
    taken = shop.release(order("A1", {"SKU-1": 1}))
    sign_in(page, served, shop)
    page.goto(f"{served}/console/orders/{taken['number']}")
    page.get_by_role("tab", name="Why here").click()
    expect(page.get_by_text("Place W2").first).to_be_visible()


def test_the_tracking_page_fits_a_phone(browser: Browser, served: str, shop: Api) -> None:
    taken = shop.release(order("A1", {"SKU-1": 1}))
    link = taken["tracking_url"].split("/t/")[1]
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served}/t/{link}")
    expect(page.get_by_role("heading", level=1)).to_have_text("We are preparing your order")
    context.close()
    context = browser.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{served}/t/{link}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()
