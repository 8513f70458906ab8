"""`baton serve` and `baton worker` as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx2
import psycopg
import pytest
from embedded_house import House, await_true
from terminal import MAP, ORDERS, Terminal, ended, process

from baton.cli.place import instance_at, place_of, write
from baton.platform.settings import Settings


@pytest.fixture
def house(place: Path) -> House:
    return House(place / "data")


def started(*words: str, **environment: str) -> tuple[subprocess.Popen[str], dict[str, object]]:
    serving = process("serve", "--port", "0", "--json", *words, **environment)
    assert serving.stdout is not None
    line = serving.stdout.readline()
    assert line, serving.communicate()[1]
    return serving, json.loads(line)


def requests_of_orders(url: str) -> int:
    """How often a server was asked for its list of orders, by its own figures."""
    found = 0.0
    for line in httpx2.get(f"{url}/metrics", trust_env=False).text.splitlines():
        if line.startswith("baton_http_requests_total") and 'path="/v1/orders"' in line:
            found += float(line.rpartition(" ")[2])
    return int(found)


def test_serve_is_found_by_the_command_line_and_leaves_nothing_behind(
    house: House, tmp_path: Path
) -> None:
    data = str(house.data)
    terminal = Terminal({"BATON_DATA": data, "BATON_PG_FSYNC": "off"})
    serving, facts = started("--data", data, BATON_PG_FSYNC="off")
    try:
        url = str(facts["url"])
        said = json.loads((house.data / "serve.json").read_text())
        assert said == {"url": url, "instance": instance_at(url)}
        for name in ("serve.json", "operator.json"):
            assert (house.data / name).stat().st_mode & 0o077 == 0
        assert httpx2.get(url, trust_env=False, follow_redirects=False).status_code == 307

        before = requests_of_orders(url)
        assert terminal.answer("order", "list") == {"data": [], "next": None}
        assert requests_of_orders(url) == before + 1  # it went over HTTP

        (tmp_path / "map.yaml").write_text(MAP)
        (tmp_path / "orders.csv").write_text(ORDERS)
        done = terminal.answer(
            *("import", "orders", str(tmp_path / "orders.csv")),
            *("--map", str(tmp_path / "map.yaml"), "--create-channel"),
        )
        assert (done["new"], done["known"], done["return_lines_linked"]) == (3, 0, 1)
        await_true(lambda: terminal.answer("verify")["journal_no"] > 3, "no worker ran")
    finally:
        code, _, errors = ended(serving, signal.SIGTERM)
    assert (code, errors) == (0, "")
    assert not (house.data / "serve.json").exists()
    house.await_gone()

    listed = terminal.answer("order", "list")["data"]  # now without a server
    assert sorted(order["external_id"] for order in listed) == ["1", "2"]
    house.await_gone()


def test_serve_on_a_database_of_ones_own_and_a_worker_beside_it(
    new_database: Callable[[], str], tmp_path: Path
) -> None:
    dsn = new_database()
    environment = {"DATABASE_URL": dsn, "BATON_DATA": str(tmp_path)}
    serving, facts = started("--no-worker", **environment)
    working = process("worker", "--threads", "1", **environment)
    try:
        terminal = Terminal(environment)
        password = "correct horse"
        terminal.says("user", "add", "ada@example.com", "--password-stdin", typed=password + "\n")
        signed_in = httpx2.post(
            f"{facts['url']}/v1/sessions",
            json={"email": "ada@example.com", "password": password},
            trust_env=False,
        )
        assert signed_in.status_code == 201
        unnumbered = "select count(*) from journal.entries where no is null"
        await_true(lambda: _past_the_wall(dsn, unnumbered) == 0, "no worker ran")
        assert terminal.answer("verify")["journal_no"] > 0
    finally:
        ends = [ended(working, signal.SIGTERM), ended(serving, signal.SIGINT)]
    assert [(code, errors) for code, _, errors in ends] == [(0, ""), (0, "")]


def _past_the_wall(dsn: str, question: str) -> object:
    """As the owner, who is behind the wall too: for the one merchant there is."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set baton.tenant = '1'")
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


def test_an_import_that_is_interrupted_goes_on_the_next_time(
    new_database: Callable[[], str], tmp_path: Path
) -> None:
    dsn = new_database()
    environment = {"DATABASE_URL": dsn, "BATON_DATA": str(tmp_path)}
    rows = [f"{n},2026-01-05,A,Mug,1,2.50,c{n % 50}" for n in range(1200)]
    (tmp_path / "orders.csv").write_text(ORDERS.splitlines()[0] + "\n" + "\n".join(rows) + "\n")
    (tmp_path / "map.yaml").write_text(MAP)
    words = ("import", "orders", str(tmp_path / "orders.csv"), "--map", str(tmp_path / "map.yaml"))
    running = process(*words, "--create-channel", **environment)
    count = "select count(*) from orders.orders"
    try:
        await_true(lambda: _past_the_wall(dsn, count), "nothing came in")
    finally:
        code, _, errors = ended(running, signal.SIGINT)
    assert code in (1, 130)
    assert "Traceback" not in errors
    landed = _past_the_wall(dsn, count)
    assert isinstance(landed, int)
    assert 0 < landed < 1200
    done = Terminal(environment).answer(*words)
    assert (done["known"], done["new"], done["refused"]) == (landed, 1200 - landed, 0)
    assert _past_the_wall(dsn, count) == 1200


def test_a_server_that_is_gone_or_another_one_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BATON_URL", raising=False)
    place = place_of(tmp_path)
    assert place.running() == ""
    write(place.serve_file, {"url": "http://127.0.0.1:9", "instance": "x"})
    assert place.running() == ""
    monkeypatch.setattr("baton.cli.place.instance_at", lambda url: "another")
    assert place.running() == ""
    monkeypatch.setattr("baton.cli.place.instance_at", lambda url: "x")
    assert place.running() == "http://127.0.0.1:9"


def test_files_of_two_databases_are_kept_apart(tmp_path: Path) -> None:
    from baton.cli.place import Place

    one, two = (
        Place(Settings(database_url=url, data=tmp_path)).operator_file  # type: ignore[arg-type]
        for url in ("postgresql://a/one", "postgresql://a/two")
    )
    assert one != two
    assert one.parent == two.parent == Path(os.path.realpath(tmp_path))
