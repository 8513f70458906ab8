"""Customers' pages in a browser: by keyboard, without a script, light and dark, wide and phone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from test_browser import browser, served

from api import Api, order

__all__ = ["browser", "served"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (shutil.which("chromium") or shutil.which("chromium-browser")),
        reason="no Chromium on this machine",
    ),
]


@pytest.fixture(params=["light-wide", "dark-wide", "light-phone", "dark-phone"])
def visitor(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A customer without JavaScript, who may load nothing from elsewhere."""
    scheme, size = request.param.split("-")
    wide = {"width": 1100, "height": 800} if size == "wide" else {"width": 360, "height": 740}
    context = browser.new_context(viewport=wide, color_scheme=scheme, java_script_enabled=False)
    opened, asked = context.new_page(), list[str]()
    opened.on("request", lambda sent: asked.append(sent.url))
    yield opened
    context.close()
    assert {url.split("/")[2] for url in asked if url.startswith("http")} <= {
        asked[0].split("/")[2]
    }


def test_a_customer_cancels_with_the_keyboard_alone(visitor: Page, served: str, shop: Api) -> None:
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 3}))
    link = taken["tracking_url"].split("/t/")[1]
    visitor.goto(f"{served}/t/{link}")
    visitor.get_by_role("link", name=re.compile("Cancel items")).focus()
    visitor.keyboard.press("Enter")
    visitor.get_by_label("Thing SKU-1").focus()
    visitor.keyboard.press("1")
    visitor.get_by_role("button", name="See what it means").focus()
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Is this right?")
    expect(visitor.get_by_text("€20.00")).to_be_visible()
    visitor.get_by_role("button", name="Yes, cancel this").focus()
    visitor.keyboard.press("Enter")
    expect(visitor.get_by_role("status")).to_contain_text("Done.")
    assert shop.order(taken["number"])["lines"][0]["buckets"]["cancelled"] == 2
    visitor.reload()
    assert shop.order(taken["number"])["lines"][0]["buckets"]["cancelled"] == 2


def test_customers_pages_fit_and_can_be_read(visitor: Page, served: str, shop: Api) -> None:
    """One heading of the first level, a name for every field, nothing wider than the screen."""
    taken = shop.post("/v1/orders", order("A1", {"SKU-1": 3}))
    link = taken["tracking_url"].split("/t/")[1]
    for part in ("", "/change", "/address/1", "/return", "/nonsense"):
        visitor.goto(f"{served}/t/{link}{part}" if part != "/nonsense" else f"{served}/t/x")
        expect(visitor.get_by_role("heading", level=1)).to_have_count(1)
        for field in visitor.locator("input:not([type=hidden]), select, textarea").all():
            assert field.evaluate("f => (f.labels && f.labels.length) || f.ariaLabel"), part
        width = visitor.evaluate("document.documentElement.scrollWidth")
        assert width <= visitor.viewport_size["width"], part  # type: ignore[index]
