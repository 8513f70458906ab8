"""The whole of a real shop's ten months as history: nothing lost, nothing doubled, to the cent.

The command is run as a person runs it: as a process, killed half-way with kill -9, and started
again.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api import Api
from baton import access
from baton.access.model import KeyDraft, Permission
from baton.access.rules import program
from baton.app import App
from baton.platform.db import Caller
from baton.platform.settings import Settings

FILE = "orders-uci-online-retail/online_retail_2010-12_to_2011-09.csv.gz"
CHANNEL, ZONE = "uci", "Europe/London"

pytestmark = [pytest.mark.realdata, pytest.mark.slow]


def baton(dsn: str, home: Path, *words: str, **options: Any) -> subprocess.Popen[str]:
    env = os.environ | {"DATABASE_URL": dsn, "BATON_DATA": str(home)}
    return subprocess.Popen(
        [sys.executable, "-m", "baton", *words],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=1500)
    assert process.returncode == 0, err[-3000:]
    return out


def peak_mb(pid: int) -> float:
    """The most memory a process has had so far. *Source:* proc(5), VmHWM."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return next((int(x.split()[1]) / 1024 for x in status.splitlines() if "VmHWM" in x), 0)


def watched(process: subprocess.Popen[str]) -> float:
    """Wait for a process; the most memory it had."""
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, peak_mb(process.pid))
        time.sleep(0.2)
    return peak


def answer(dsn: str, home: Path, *words: str) -> Any:
    return json.loads(finished(baton(dsn, home, *words, "--json")))


def await_orders(dsn: str, count: int, process: subprocess.Popen[str]) -> None:
    """Until so many orders of the first merchant are in, while the process runs."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("select set_config('baton.tenant', '1', false)")
        while process.poll() is None:
            row = connection.execute("select count(*) from orders.orders").fetchone()
            if row is not None and row[0] >= count:
                return
            time.sleep(0.1)
    raise AssertionError(process.communicate()[1][-3000:])


def rows_of(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def sums_of(rows: list[dict[str, str]]) -> dict[tuple[str, str], tuple[int, Decimal]]:
    """Units of goods and money by month and country, reckoned from the file alone."""
    units: dict[tuple[str, str], int] = defaultdict(int)
    money: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        key = (row["InvoiceDate"][:7], row["Country"])
        units[key] += int(row["Quantity"])
        money[key] += int(row["Quantity"]) * Decimal(row["UnitPrice"])
    return {key: (units[key], money[key]) for key in units}


def test_a_real_shop_s_history_is_all_there(
    new_database: Callable[[], str], shared_data: Path, tmp_path: Path
) -> None:
    dsn, path = new_database(), shared_data / FILE
    words = ("import", "orders", str(path), "--map", "uci-online-retail", "--as", "history")
    first = baton(dsn, tmp_path, *words, "--create-channel", cwd=tmp_path)
    await_orders(dsn, 4000, first)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert first.returncode == -signal.SIGKILL, "it was killed half-way"

    second = baton(dsn, tmp_path, *words, "--json", cwd=tmp_path)
    peak = watched(second)
    finished(second)
    assert peak < 400

    rows = rows_of(path)
    found = answer(dsn, tmp_path, "import", "sums", "--channel", CHANNEL, "--zone", ZONE)
    assert found["linked_return_lines"] >= 5100
    money = {(x["month"], x["country"]): x["money"] for x in found["sums"]}
    expected = sums_of(rows)
    wrong = {
        key: (money.get(key), total)
        for key, (_, total) in expected.items()
        if abs(Decimal(money.get(key, 0)) - total * 100) >= Decimal("0.5")
    }
    assert wrong == {}
    assert set(money) == set(expected)

    third = json.loads(finished(baton(dsn, tmp_path, *words, "--json", cwd=tmp_path)))
    assert third["new"] == 0

    app = App.on(Settings(), dsn)
    try:
        read_back(Api(app, 1, operator_key(app)), rows)
    finally:
        app.close()


def operator_key(app: App) -> str:
    with app.db.transaction(Caller(1, "test")) as tx:
        draft = KeyDraft("test", frozenset(Permission))
        return access.create_key(tx, program("test"), draft).handle


def read_back(api: Api, rows: list[dict[str, str]]) -> None:
    dice = random.Random(7)
    invoices = defaultdict(list)
    for row in rows:
        invoices[row["InvoiceNo"]].append(row)
    plain = sorted(n for n, each in invoices.items() if n.isdigit() and len(each) > 1)
    largest = max(plain, key=lambda n: len(invoices[n]))
    for number in [largest, *dice.sample(plain, 15)]:
        same_as_the_file(api, number, invoices[number])
    while api.work():
        pass
    api.holds()


def same_as_the_file(api: Api, number: str, rows: list[dict[str, str]]) -> None:
    """An invoice read through the API has the file's lines, units and money."""
    found = api.get(f"/v1/orders?q={number}")["data"]
    (order,) = [x for x in found if x["external_id"] == number]
    shown = api.order(order["number"])
    total = sum(int(x["Quantity"]) * Decimal(x["UnitPrice"]) for x in rows)
    assert abs(Decimal(shown["totals"]["total"]) - total * 100) < Decimal("0.5"), number
    ours = sorted((x["sku"], x["ordered"]) for x in shown["lines"])
    theirs = sorted((x["StockCode"], int(x["Quantity"])) for x in rows if int(x["Quantity"]) > 0)
    assert set(ours) <= set(theirs)
    assert len(ours) + len(shown["charges"]) >= len(theirs)
    placed = datetime.fromisoformat(shown["placed_at"])
    assert placed.strftime("%Y-%m-%d") in {rows[0]["InvoiceDate"][:10]}
