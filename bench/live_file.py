"""A whole file of real orders, taken live and worked until nothing is open.

    python -m bench live_file FILE [--map uci-online-retail] [--batches N] [--staff 2] [--workers 1]

One warehouse with ample stock of every SKU in the file; the orders go in by the API as
`baton import orders --as live` sends them, are routed and released by worker processes, and
picked, packed and shipped by staff through the API. An order whose country is not clear from the
file stays on hold for a person. It ends with the orders by status and with `verify`, and exits with
0 only if every other order was shipped or cancelled and every promise holds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from baton import access
from baton.access.model import KeyDraft, Permission, TenantDraft
from baton.access.rules import program
from baton.app import App
from baton.asgi import create
from baton.connectors.files import OrderEntry, ReturnEntry, load_map, open_import
from baton.platform import log
from baton.platform.db import Caller
from baton.platform.settings import Settings
from example.client import Client
from example.people import Care, Staff

CHANNEL = "uci"
AMPLE = 1_000_000
ENDED = ("shipped", "cancelled")
PATIENCE_S = 60  # so long nothing may have moved before staff goes home
ADDRESS = {
    "name": "Warehouse",
    "lines": ["Dock Road 1"],
    "city": "London",
    "postal_code": "E16 2QY",
    "country": "GB",
}

Body = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Run it; the exit code says whether all was sent that can be, and all promises hold."""
    options = _options(arguments)
    log.configure("error", "text")
    base = "/var/tmp" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="baton-live-file-", dir=base) as folder:
        Path(folder).chmod(0o755)
        settings = Settings(database_url=None, data=Path(folder) / "data")
        app = App.open(settings)
        try:
            return _run(app, options, Path(folder))
        finally:
            app.close()


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench live_file")
    parser.add_argument("file", type=Path)
    parser.add_argument("--map", default="uci-online-retail")
    parser.add_argument("--batches", type=int, help="only so many batches of the file")
    parser.add_argument("--staff", type=int, default=2, help="how many people pick and pack")
    parser.add_argument("--workers", type=int, default=1, help="worker processes")
    return parser.parse_args(arguments)


def _run(app: App, options: argparse.Namespace, folder: Path) -> int:
    tenant = access.create_tenant(app.db, TenantDraft("live", "A file, live"), actor="bench")
    with app.db.transaction(Caller(tenant.id, "bench")) as tx:
        key = access.create_key(tx, program("bench"), KeyDraft("bench", frozenset(Permission)))
    client = Client(create(app), key.handle)
    environment = os.environ | {"BATON_DATA": str(folder / "data"), "BATON_LOG_LEVEL": "error"}
    worker = [sys.executable, "-m", "baton", "worker"]
    workers = [subprocess.Popen(worker, env=environment) for _ in range(options.workers)]
    try:
        _open_shop(client, _goods(options))
        return _flow(client, options, folder)
    finally:
        for process in workers:
            process.terminate()
            process.wait(30)
        client.close()


def _flow(client: Client, options: argparse.Namespace, folder: Path) -> int:
    started, imported = time.monotonic(), threading.Event()
    people = [
        threading.Thread(target=_work, args=(client, folder, imported, place, options.staff))
        for place in range(options.staff)
    ]
    for each in people:
        each.start()
    taken, refused = _import(client, options, started)
    imported.set()
    while any(each.is_alive() for each in people):
        _say(client, taken, started)
        time.sleep(5)
    print()
    counts = Counter[str]()
    for row in client.pages("/v1/orders"):
        held = row["status"] not in ENDED and row["health"] == "blocked"
        counts["held" if held else row["status"]] += 1
        if row["status"] not in ENDED and not held:
            _say_why(client, row["number"])
    print("Orders:", ", ".join(f"{n} {status}" for status, n in sorted(counts.items())))
    print(f"Refused entries: {refused}")
    return _judged(client, counts, refused)


def _import(client: Client, options: argparse.Namespace, started: float) -> tuple[int, int]:
    """How many entries were new, and how many refused; staff is never far behind."""
    taken = refused = 0
    for batch in _batches(options):
        body = {"mode": "live", "create_skus": True, "entries": batch}
        results = client.post("/v1/imports", body)["results"]
        taken += sum(each["new"] for each in results)
        for each in results:
            if each["problem"]:
                refused += 1
                print(f"\n{each['reference']}: {each['problem']['detail']}")
        _say(client, taken, started)
        while _open(client) > 1000:
            time.sleep(2)
            _say(client, taken, started)
    return taken, refused


def _open(client: Client) -> int:
    return sum(client.get("/v1/orders/counts")["by_status"].values())


def _say(client: Client, taken: int, started: float) -> None:
    print(
        f"\r{taken:>7} entries in, {_open(client):>5} orders open,"
        f" {time.monotonic() - started:6.0f} s",
        end="",
        flush=True,
    )


def _work(client: Client, folder: Path, imported: threading.Event, place: int, people: int) -> None:
    """One person's shifts, over their share of the work, until nothing is open, or moves."""
    staff = Staff(client, Care(client), folder / "no-mails", place)
    before, since = -1, time.monotonic()
    while time.monotonic() - since < PATIENCE_S:
        moved = staff.shift({}, share=lambda work: hash(work["id"]) % people == place)
        waiting = _open(client)
        if imported.is_set() and not waiting:
            return
        if moved or waiting != before or not imported.is_set():
            before, since = waiting, time.monotonic()
        if not moved:
            time.sleep(1)


def _say_why(client: Client, number: str) -> None:
    """What is known of an order that did not come to its end."""
    order = client.get(f"/v1/orders/{number}")
    work = [
        (each["number"], each["status"], each["recall"]) for each in order["fulfillment_orders"]
    ]
    print(f"{number} ({order['external_id']}) is {order['status']}; work: {work}")
    for line in order["lines"]:
        units = {name: units for name, units in line["buckets"].items() if units}
        print(f"  line {line['line_no']}: {units}")
    for fact in client.get(f"/v1/orders/{number}/timeline")["data"]:
        print(f"  {fact['at']} {fact['fact']} {fact['cause']} {fact['data']}")


def _judged(client: Client, counts: Counter[str], refused: int) -> int:
    ended = sum(counts[status] for status in (*ENDED, "held"))
    answer = client.get("/v1/verify")
    for promise in answer["promises"]:
        if not promise["holds"]:
            print(f"NO  {promise['name']}: {promise['failures'][:3]}")
    rows = sum(promise["rows"] for promise in answer["promises"])
    print(f"verify: {len(answer['promises'])} promises over {rows} rows")
    good = answer["holds"] and ended == counts.total() and not refused
    print("All that no person holds is sent or cancelled." if good else "It does not hold.")
    return 0 if good else 1


# ── the file and the shop ──────────────────────────────────────────────────────────────────


def _batches(options: argparse.Namespace) -> Iterator[list[Body]]:
    kinds = {OrderEntry: "order", ReturnEntry: "return"}
    with open_import(options.file, load_map(options.map)) as found:
        for number, batch in enumerate(found):
            if options.batches is not None and number >= options.batches:
                return
            yield [
                {"type": kinds.get(type(each.entry), "write_off")} | msgspec.to_builtins(each.entry)
                for each in batch.entries
            ]


def _goods(options: argparse.Namespace) -> list[str]:
    orders = (e for batch in _batches(options) for e in batch if e["type"] == "order")
    return sorted({line["sku"] for order in orders for line in order["lines"]})


def _open_shop(client: Client, goods: list[str]) -> None:
    entity = {"code": "main", "name": "Shop Ltd", "country": "GB", "base_currency": "GBP"}
    client.post("/v1/legal-entities", entity)
    client.post("/v1/areas", {"code": "uk", "name": "UK"})
    place = {"code": "W1", "name": "Warehouse", "kind": "warehouse", "area": "uk"}
    place |= {"legal_entity": "main", "address": ADDRESS, "time_zone": "Europe/London"}
    client.post("/v1/locations", place | {"lat": 51.51, "lon": 0.03})
    channel = {"code": CHANNEL, "name": "File", "kind": "import", "acceptance": "must_accept"}
    channel |= {"legal_entity": "main", "currency": "GBP", "areas": ["uk"]}
    client.post("/v1/channels", channel | {"capture_at": "external"})
    card = {"carrier": "flat_rate", "service": "standard", "name": "Standard", "currency": "GBP"}
    card["zones"] = [{"up_to_km": None, "transit_min_days": 1, "transit_max_days": 4}]
    client.post("/v1/rate-cards", card | {"brackets_g": [31500], "prices": [[500]]})
    for start in range(0, len(goods), 500):
        some = goods[start : start + 500]
        client.post("/v1/products", {"products": [{"code": c, "title": c} for c in some]})
        new = {"currency": "GBP", "price": 100, "weight_g": 20}
        skus = [new | {"code": c, "product": c, "title": c} for c in some]
        client.post("/v1/skus", {"skus": skus})
        lines = [{"sku": c, "quantity": AMPLE} for c in some]
        client.post("/v1/stock/receipts", {"location": "W1", "lines": lines})
