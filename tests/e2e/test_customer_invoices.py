"""A customer's invoices: on their own pages, and with a mail of their own."""

from __future__ import annotations

from test_customer_pages import path_of, said
from test_invoices import documents, set_up, taxed
from test_returns_way import sold

from api import Api, Outside


def test_an_invoice_comes_by_mail_and_lies_on_the_page(shop: Api, outside: Outside) -> None:
    set_up(shop)
    taken = shop.release(taxed("a", 3, 479, language="de"))
    shop.fulfil(taken["fulfillment_orders"][0])
    shop.work()
    (row,) = documents(shop)
    (mail,) = [m for m in outside.mails(taken["number"]) if row["number"] in m["subject"]]
    assert mail["subject"].startswith("Rechnung ")
    assert mail["size"] > 10_000, "the paper goes with it"
    told = shop.get(f"/v1/orders/{taken['number']}/messages")["data"]
    assert [m["kind"] for m in told].count("invoice_issued") == 1
    page = path_of(taken)
    assert f'href="{page}/invoices"' in said(shop.call("GET", page))
    listed = said(shop.call("GET", f"{page}/invoices"))
    assert f"Rechnung {row['number']}" in listed
    pdf = shop.call("GET", f"{page}/invoices/{row['id']}.pdf")
    assert pdf.content == shop.call("GET", f"/v1/invoices/{row['id']}/pdf").content
    assert pdf.headers["content-type"] == "application/pdf"
    shop.holds()


def test_anothers_invoice_is_not_there(shop: Api) -> None:
    set_up(shop)
    mine, other = (sold(shop, {"SKU-1": 1}, name) for name in ("A1", "A2"))
    shop.work()
    theirs = next(d for d in documents(shop) if d["orders"] == [other["number"]])
    page = path_of(mine)
    assert theirs["number"] not in said(shop.call("GET", f"{page}/invoices"))
    for about in (theirs["id"], "inv_0", "nonsense"):
        assert shop.call("GET", f"{page}/invoices/{about}.pdf").status in (404, 422)


def test_before_there_is_an_invoice_the_page_says_when(shop: Api) -> None:
    page = path_of(sold(shop, {"SKU-1": 1}))
    assert "There is no invoice yet" in said(shop.call("GET", f"{page}/invoices"))
