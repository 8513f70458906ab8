"""`baton invoice`, on the API in this process: from settings to a credited, checked invoice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from terminal import Terminal

from api import Api, company, order
from baton.app import App
from baton.platform.settings import Settings


@pytest.fixture
def terminal(new_database: Callable[[], str], tmp_path: Path) -> Terminal:
    return Terminal({"DATABASE_URL": new_database(), "BATON_DATA": str(tmp_path / "operator")})


def test_from_settings_to_a_credit(terminal: Terminal, tmp_path: Path) -> None:
    terminal.says("tenant", "add", "bills", "--name", "Bills")
    terminal.environment["BATON_TENANT"] = "bills"
    key = terminal.says("key", "add", "test", "--all").strip()
    app = App.on(Settings(database_url=None), terminal.environment["DATABASE_URL"])
    api = Api(app, int(key.split("_")[1]), key)
    try:
        company(api)
        page = api.release(order("A", {"SKU-1": 2}, channel="must_accept"))
        api.fulfil(page["fulfillment_orders"][0])
        assert "a series of the legal entity" in terminal.says("invoice", "waiting")
        saved = terminal.answer(
            "invoice", "set-issuer", "main", "--street", "Weg 1", "--city", "Berlin",
            "--country", "DE", "--registration", "HRB 1", "--pattern", "T-{no:03d}",
        )  # fmt: skip
        assert saved["series"][-1]["in_use"]
        api.work()
        assert "T-001" in terminal.says("invoice", "list", "--order", page["number"])
        (row,) = terminal.answer("invoice", "list")["data"]
        assert "20.00 EUR" in terminal.says("invoice", "show", row["id"])
        paper, xml = tmp_path / "a.pdf", tmp_path / "a.xml"
        terminal.says("invoice", "pdf", row["id"], "-o", str(paper))
        assert paper.read_bytes().startswith(b"%PDF")
        terminal.says("invoice", "xml", row["id"], "-o", str(xml), "--ubl")
        assert "Everything adds up." in terminal.says("invoice", "check", str(xml))
        terminal.says("invoice", "credit", page["number"], "--line", "1=1", "--reason", "back")
        api.work()
        assert "CN-" in terminal.says("invoice", "list", "--kind", "credit_memo")
        assert "T-{no:03d}" in terminal.says("invoice", "issuers")
        terminal.says("invoice", "set-policy", "month", "--channel", "refuse")
        assert "0 shipments" in terminal.says("invoice", "run", "main", "--until", "2030-01-01")
        assert "no legal entity" in terminal.refusal("invoice", "run", "x", "--until", "2030-01-01")
    finally:
        app.close()
