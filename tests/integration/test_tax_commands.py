"""`baton tax` and `baton currencies`, on the API in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from terminal import Terminal

from api import Api, company, order
from baton.app import App
from baton.platform.settings import Settings


@pytest.fixture(scope="module")
def database(new_database: Callable[[], str]) -> str:
    return new_database()


@pytest.fixture(scope="module")
def terminal(database: str, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    folder = tmp_path_factory.getbasetemp() / "tax-operator"
    made = Terminal({"DATABASE_URL": database, "BATON_DATA": str(folder)})
    made.says("tenant", "add", "taxed", "--name", "Taxed")
    made.environment["BATON_TENANT"] = "taxed"
    return made


@pytest.fixture(scope="module")
def shop(terminal: Terminal) -> Api:
    key = terminal.says("key", "add", "test", "--all").strip()
    app = App.on(Settings(database_url=None), terminal.environment["DATABASE_URL"])
    api = Api(app, int(key.split("_")[1]), key)
    company(api)
    return api


GOOD = "country,category,valid_from,percent,source\nDE,standard,2024-01-01,19,UStG\n"


def test_rates_come_from_a_file_after_a_dry_run(
    terminal: Terminal, shop: Api, tmp_path: Path
) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(GOOD)
    assert "1 new" in terminal.says("tax", "import", str(file), "--dry-run")
    assert terminal.answer("tax", "rates")["data"] == []
    assert "1 of 1 rates saved" in terminal.says("tax", "import", str(file))
    assert "0 of 1 rates saved" in terminal.says("tax", "import", str(file))
    assert "1 same" in terminal.says("tax", "import", str(file), "--dry-run")
    file.write_text("land,prozent\nDE,19\n")
    assert "'country' is missing" in terminal.refusal("tax", "import", str(file))
    file.write_text("country,valid_from,percent\nDE,2024-01-01,\n")
    assert "Row 2: percent is empty" in terminal.refusal("tax", "import", str(file))
    assert "UStG" in terminal.says("tax", "rates")


def test_a_dry_run_names_each_bad_row(terminal: Terminal, shop: Api, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text(GOOD + "FR,standard,2024-01-01,20,\nFR,standard,2024-01-01,20,\n")
    shown = terminal.run("tax", "import", str(file), "--dry-run")
    assert shown.exit_code == 1
    assert "Row 4: The list has this rate twice." in shown.stdout
    assert "twice" in terminal.refusal("tax", "import", str(file))


def test_the_list_of_the_eu_is_loaded_by_a_command_alone(terminal: Terminal, shop: Api) -> None:
    said = terminal.run("tax", "seed-eu")
    assert said.exit_code == 0
    assert "yours to say" in said.stderr
    page = terminal.answer("tax", "rates")["data"]
    assert {r["country"] for r in page} >= {"DE", "FR", "XI"}
    assert "registered" in terminal.says("tax", "register", "main", "DE", "DE136695976",
                                    "--since", "2024-01-01", "--oss")  # fmt: skip
    assert "1 SKUs saved" in terminal.says("tax", "categories", "SKU-2=reduced")
    assert "reduced" in terminal.says("tax", "categories")
    quoted = terminal.answer("tax", "quote", "SKU-1=1200", "SKU-2=1055", "--channel", "refuse",
                             "--country", "FR", "--shipping", "500")  # fmt: skip
    assert [p["rate"] for p in quoted["parts"]] == ["20", "10", "20", "10"]
    assert "FR" in terminal.says("tax", "quote", "SKU-1=1200", "--channel", "refuse",
                                 "--country", "FR")  # fmt: skip


def test_an_orders_tax_is_shown_and_made_anew(terminal: Terminal, shop: Api) -> None:
    taken = shop.post("/v1/orders", order("A", {"SKU-1": 1}))
    assert "not been determined" in terminal.refusal("tax", "show", taken["number"])
    shop.work()
    shown = terminal.says("tax", "show", taken["number"])
    assert "1.60 EUR" in shown
    assert "domestic" in shown
    assert "1 orders" in terminal.says("tax", "determine", taken["number"])


def test_rates_of_exchange(terminal: Terminal, shop: Api, tmp_path: Path) -> None:
    file = tmp_path / "eurofxref.csv"
    file.write_text("Date,USD,GBP,\n2026-03-02,1.05,0.84,\n2026-03-01,oops,0.83,\n")
    dry = terminal.answer("currencies", "import", str(file), "--dry-run")
    assert (dry["rates"], dry["days"], len(dry["rejects"])) == (3, 2, 1)
    said = terminal.says("currencies", "import", str(file))
    assert "3 new" in said
    assert "2026-03-01,USD,oops" in said
    assert "3 known" in terminal.says("currencies", "import", str(file))
    shown = terminal.says("currencies", "rate", "gbp", "usd", "--day", "2026-03-03",
                          "--amount", "10")  # fmt: skip
    assert "1.25 USD" in shown
    assert "12.50 USD" in shown
    assert "There is no rate" in terminal.refusal("currencies", "rate", "SEK", "EUR")
    assert "ECB" in terminal.says("currencies", "imports")
    assert "looked at" in terminal.says("currencies", "fill")
    assert "can't be read" in terminal.refusal("currencies", "import", str(tmp_path / "none"))
