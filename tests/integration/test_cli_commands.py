"""Every area of the command line, on the API in this process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from terminal import MAP, ORDERS, Terminal

from api import ADDRESS, Api, company, order
from baton.app import App
from baton.platform.settings import Settings


@pytest.fixture(scope="module")
def database(new_database: Callable[[], str]) -> str:
    return new_database()


@pytest.fixture
def terminal(database: str, tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    folder = tmp_path_factory.getbasetemp() / "operator"
    return Terminal({"DATABASE_URL": database, "BATON_DATA": str(folder)})


def merchant(terminal: Terminal, handle: str) -> Api:
    """A merchant of its own for a test, with a company, and the API beside the command line."""
    terminal.says("tenant", "add", handle, "--name", handle.capitalize())
    terminal.environment["BATON_TENANT"] = handle
    key = terminal.says("key", "add", "test", "--all").strip()
    app = App.on(Settings(database_url=None), terminal.environment["DATABASE_URL"])
    api = Api(app, int(key.split("_")[1]), key)
    company(api)
    return api


def test_an_order_from_taking_to_recall(terminal: Terminal, tmp_path: Path) -> None:
    api = merchant(terminal, "orders")
    try:
        file = tmp_path / "order.json"
        file.write_text(json.dumps(order("E-1", {"SKU-1": 2, "SKU-2": 1})))
        taken = terminal.answer("order", "take", str(file))
        number = taken["number"]
        assert terminal.answer("order", "take", str(file))["id"] == taken["id"]
        assert number in terminal.says("order", "list", "E-1", "--status", taken["status"])
        shown = terminal.says("order", "show", number)
        assert "SKU-1" in shown
        assert "30.00 EUR" in shown

        held = terminal.answer("order", "hold", number, "--reason", "look at it")
        assert held["health"] == "blocked"
        assert "look at it" in terminal.says("order", "show", number)
        assert terminal.answer("order", "resolve", number, "--resolution", "fine")["health"] == "ok"
        assert "no open hold" in terminal.refusal("order", "resolve", number, "--resolution", "x")

        terminal.says("order", "route", number)
        api.work()
        assert "W1" in terminal.says("route", "explain", number)
        terminal.says("order", "release", number)
        api.work()
        preview = terminal.answer(
            "order", "cancel", number, "--reason", "r", "--line", "1=1", "--preview"
        )
        units = [*preview["now"], *preview["recall"]]
        assert units == [{"line_no": 1, "quantity": 1}]
        done = terminal.answer("order", "cancel", number, "--reason", "r", "--line", "1=1")
        assert done["number"] == number
        timeline = terminal.says("order", "timeline", number)
        assert "orders.taken" in timeline
        assert "Seq" in timeline.splitlines()[0]
    finally:
        api.app.close()


def test_an_order_is_changed(terminal: Terminal, tmp_path: Path) -> None:
    api = merchant(terminal, "changes")
    try:
        number = api.post("/v1/orders", order("C-1", {"SKU-1": 3, "SKU-2": 1}))["number"]
        wanted = ["--quantity", "1=2", "--substitute", "2/SKU-3=1", "--add", "SKU-2=2"]
        asked = ("order", "change", number, "--reason", "by phone", *wanted)
        seen = terminal.says(*asked, "--preview")
        assert "then 50.00 EUR" in seen
        assert "made: version 1" in terminal.says(*asked)
        file = tmp_path / "actions.json"
        file.write_text(json.dumps([{"type": "add_charge", "kind": "wrap", "amount": 250}]))
        done = terminal.answer("order", "change", number, "--reason", "gift", "--file", str(file))
        assert done["change"]["version"] == 2
        assert "by phone" in terminal.says("order", "changes", number)
        refused = terminal.run("order", "change", number, "--reason", "r", "--substitute", "x=1")
        assert refused.exit_code == 2
    finally:
        api.app.close()


def test_an_order_by_phone_and_goodwill(terminal: Terminal, tmp_path: Path) -> None:
    api = merchant(terminal, "phone")
    try:
        file = tmp_path / "draft.json"
        wish = {"channel": "backorder", "lines": [{"sku": "SKU-1", "quantity": 2}]}
        file.write_text(json.dumps(wish | {"groups": [{"address": ADDRESS}]}))
        number = terminal.answer("draft", "new", str(file))["number"]
        assert "20.00 EUR" in terminal.says("draft", "show", number)
        file.write_text(json.dumps({"buyer_name": "Ada"}))
        assert "Ada" in terminal.says("draft", "change", number, str(file))
        assert "Stock held" in terminal.says("draft", "hold", number, "--minutes", "5")
        placed = terminal.answer("draft", "place", number, "--method", "card", "--token", "tok_ok")
        again = terminal.answer("draft", "place", number)
        assert again["id"] == placed["id"]
        assert number in terminal.says("draft", "list", "--state", "placed")
        asked = ("order", "appease", placed["number"], "--reason", "late", "--amount", "1")
        assert "can still be given back" in terminal.refusal(*asked)
    finally:
        api.app.close()


def test_many_orders_at_once_and_what_is_refused(terminal: Terminal, tmp_path: Path) -> None:
    api = merchant(terminal, "batches")
    api.app.close()
    file = tmp_path / "orders.jsonl"
    bodies = [order(f"B-{n}", {"SKU-1": 1}) for n in range(3)]
    bodies[1]["channel"] = "nowhere"
    file.write_text("\n".join(map(json.dumps, bodies)))
    result = terminal.run("order", "take", str(file))
    assert result.exit_code == 1
    assert "1 of 3 orders were refused" in result.stderr
    assert [line.split()[0] for line in result.stdout.splitlines()[1:]] == ["B-0", "B-1", "B-2"]
    file.write_text("{}\nnot json\n")
    assert "line 2 is not JSON" in terminal.refusal("order", "take", str(file))
    assert "can't be read" in terminal.refusal("order", "take", str(tmp_path / "none"))


def test_stock(terminal: Terminal) -> None:
    api = merchant(terminal, "stocks")
    api.app.close()

    def on_hand(location: str) -> int:
        (sku,) = terminal.answer("stock", "show", "SKU-1")["data"]
        return next(each["on_hand"] for each in sku["levels"] if each["location"] == location)

    terminal.says("stock", "receive", "W1", "SKU-1=5", "SKU-2=1", "--reference", "delivery 1")
    terminal.says("stock", "receive", "W1", "SKU-1=5", "SKU-2=1", "--reference", "delivery 1")
    assert on_hand("W1") == 105
    terminal.says("stock", "adjust", "W1", "SKU-1=-2", "--reason", "broken")
    assert on_hand("W1") == 103
    terminal.says("stock", "count", "W1", "SKU-1=90")
    assert on_hand("W1") == 90
    moved = terminal.answer("stock", "transfer", "W1", "W2", "SKU-1=10", "--receive")
    assert moved["lines"][0]["received"] == 10
    assert (on_hand("W1"), on_hand("W2")) == (80, 110)
    assert "[location]" in terminal.refusal("stock", "count", "NOWHERE", "SKU-1=1")
    assert "SKU=UNITS" in terminal.refusal("stock", "count", "W1", "SKU-1", code=2)


def test_import_lands_each_entry_once(terminal: Terminal, tmp_path: Path) -> None:
    terminal.says("tenant", "add", "imports")
    terminal.environment["BATON_TENANT"] = "imports"
    (tmp_path / "map.yaml").write_text(MAP)
    (tmp_path / "orders.csv").write_text(ORDERS)
    file, map = str(tmp_path / "orders.csv"), str(tmp_path / "map.yaml")
    words = ("import", "orders", file, "--map", map)
    dry = terminal.answer(*words, "--dry-run")
    assert dry["rows"] == {"line": 3, "rejected": 1, "return": 1}
    assert not (tmp_path / "orders.rejects.csv").exists()
    assert "--create-channel" in terminal.refusal(*words)
    first = terminal.answer(*words, "--create-channel")
    assert (first["new"], first["known"], first["refused"]) == (3, 0, 0)
    assert first["return_lines_linked"] == 1
    assert (tmp_path / "orders.rejects.csv").read_text().splitlines()[1].startswith("5,qty,")
    again = terminal.answer(*words)
    assert (again["new"], again["known"]) == (0, 3)
    assert "return lines linked" in terminal.says(*words)
    assert "external_id: order" in terminal.says("import", "orders", file, "--suggest")
    assert "--map" in terminal.refusal("import", "orders", file, code=2)
    assert "no-such-map" in terminal.refusal("import", "orders", file, "--map", "no-such-map")


def test_what_the_api_refuses_goes_to_the_rejects(terminal: Terminal, tmp_path: Path) -> None:
    terminal.says("tenant", "add", "refusals")
    terminal.environment["BATON_TENANT"] = "refusals"
    (tmp_path / "map.yaml").write_text(MAP.replace("create_skus: true", "").replace("EUR", "XX"))
    (tmp_path / "good.yaml").write_text(MAP)
    (tmp_path / "orders.csv").write_text("\n".join(ORDERS.splitlines()[:4]) + "\n")
    file = str(tmp_path / "orders.csv")
    good, bad = str(tmp_path / "good.yaml"), str(tmp_path / "map.yaml")
    terminal.says("import", "orders", file, "--map", good, "--create-channel")
    done = terminal.answer("import", "orders", file, "--map", bad)
    assert done["new"] == 0
    assert done["rows"].get("rejected", 0) + done["refused_rows"] == 3
    assert Path(done["rejects"]).is_file()


def test_who_may_do_what(terminal: Terminal) -> None:
    api = merchant(terminal, "people")
    api.app.close()
    words = ("user", "add", "wanda@example.com", "--role", "warehouse", "--location", "W1")
    user = terminal.answer(*words, "--password-stdin", typed="correct horse\n")
    assert (user["roles"], len(user["location_ids"])) == (["warehouse"], 1)
    assert "wanda@example.com" in terminal.says("user", "list")
    assert "--password-stdin" in terminal.refusal("user", "add", "x@example.com")
    key = terminal.says("key", "add", "reader", "--scope", "orders:read").strip()
    reader = Terminal(terminal.environment | {"BATON_API_KEY": key})
    reader.says("order", "list")
    assert "stock:read" in reader.refusal("stock", "show", "SKU-1")
    listed = terminal.answer("key", "list")["data"]
    one = next(each["id"] for each in listed if each["name"] == "reader")
    assert "revoked" in terminal.says("key", "revoke", one)
    reader.refusal("order", "list")
    assert "people" in terminal.says("tenant", "list")
    assert "no merchant 'nobody'" in terminal.refusal("order", "list", "--tenant", "nobody")


def test_verify_fails_where_a_promise_is_broken(terminal: Terminal) -> None:
    api = merchant(terminal, "promises")
    api.post("/v1/orders", order("V-1", {"SKU-1": 1}))
    api.app.close()
    assert "I12" in terminal.says("verify")
    with psycopg.connect(terminal.environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("select set_config('baton.tenant', %s, false)", (str(api.tenant),))
        connection.execute("update orders.orders set total_minor = total_minor + 1")
    result = terminal.run("verify")
    assert result.exit_code == 1
    assert "promises do not hold" in result.stderr
    assert "NO" in result.stdout


def test_parked_jobs(terminal: Terminal) -> None:
    api = merchant(terminal, "parking")
    api.app.close()
    with psycopg.connect(terminal.environment["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("select set_config('baton.tenant', %s, false)", (str(api.tenant),))
        connection.execute(
            "insert into work.items (tenant_id, id, kind, lane, payload, state, run_at, attempts,"
            " error, created_at) values (%s, gen_random_uuid(), 'route', '', '{}', 'parked',"
            " now() + interval '1 day', 8, 'it broke', now())",
            (api.tenant,),
        )
    assert "it broke" in terminal.says("work", "parked")
    assert "1 jobs run again" in terminal.says("work", "retry", "--all")
    assert terminal.answer("work", "parked")["data"] == []
    terminal.refusal("work", "retry", code=2)
    assert "id" in terminal.refusal("work", "retry", "nonsense")


def test_a_first_run_sets_up_a_merchant(new_database: Callable[[], str], tmp_path: Path) -> None:
    terminal = Terminal({"DATABASE_URL": new_database(), "BATON_DATA": str(tmp_path)})
    assert "up to date" in terminal.says("migrate")
    assert terminal.answer("order", "list") == {"data": [], "next": None}
    (operator,) = tmp_path.glob("operator-*.json")
    assert operator.stat().st_mode & 0o077 == 0
    assert list(json.loads(operator.read_text())) == ["main"]
    operator.write_text('{"main": "bk_1_0123456789abcdef0123456789abcdef"}')  # of no use any more
    terminal.says("order", "list")
    assert [each["handle"] for each in terminal.answer("tenant", "list")["data"]] == ["main"]


def test_errors_are_said_and_end_with_one(terminal: Terminal) -> None:
    terminal.says("tenant", "add", "errors")
    terminal.environment["BATON_TENANT"] = "errors"
    result = terminal.run("order", "show", "NONE", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert json.loads(result.stderr)["code"] == "order_not_found"
    terminal.refusal("order", "nonsense", code=2)
    terminal.refusal("order", "list", "--limit", "0", code=2)
    away = Terminal({"BATON_URL": "http://127.0.0.1:9", "BATON_API_KEY": "bk_1_x"})
    assert "does not answer" in away.refusal("order", "list")
    assert "BATON_PORT" in Terminal({"BATON_PORT": "x"}).refusal("order", "list")


def test_help_needs_nothing_heavy() -> None:
    """What takes long to import is left to the commands that need it."""
    code = (
        "import sys, baton.cli; heavy = {'fastapi', 'numpy', 'psycopg', 'httpx2', 'pydantic'};"
        "sys.exit(','.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
