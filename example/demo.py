"""`baton demo`: the example company at work, on a database of its own.

baton demo                                opens with some weeks of history and lets orders
                                          flow; prints where to look and how to sign in
baton demo --orders 2000 --seed 7 --exit  takes 2,000 orders through all their stories,
                                          compares every figure with the outside world's own
                                          files, and exits 0 only if all of them fit
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn

from baton import access
from baton.access.model import KeyDraft, Permission, TenantDraft
from baton.access.rules import program
from baton.app import App
from baton.asgi import create
from baton.platform import log
from baton.platform.db import Caller
from baton.platform.db.database import MOVE_CLOCK
from baton.platform.settings import Settings
from example import judge
from example.after_sales import Bank, Buyers, ReturnsDesk, save_policy
from example.client import Client, Refused
from example.company import Company, company, set_up
from example.people import Care, Drivers, Staff
from example.shoppers import Sale, Shoppers, Story, stories

Body = dict[str, Any]

PASSWORD = "northern light"  # noqa: S105  printed for whoever tries the demo
ROOT = Path(__file__).resolve().parents[1]
CHUNK = 100
BEHIND = timedelta(hours=-36)  # where the live demo's clock starts; it runs fast until now
FAULTS = "drop_answer=0.03,delay=0.05:0.2s,twice=0.02"


@dataclass
class World:
    """The running demo: Baton, its client, and everybody who works with it."""

    app: App
    asgi: Any
    tenant: int
    client: Client
    company: Company
    shoppers: Shoppers
    care: Care
    staff: Staff
    drivers: Drivers
    buyers: Buyers
    bank: Bank
    desk: ReturnsDesk
    folder: Path
    sales: dict[str, Sale]


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; the exit code says whether all that was promised held."""
    options = _options(arguments)
    log.configure("error", "text")
    folder = _folder()
    try:
        with _outside_world(folder, options.seed) as (gateway, mail):
            world = _open(options, folder, gateway, mail)
            try:
                return _for_a_number(world, options) if options.exit else _live(world, options)
            finally:
                world.client.close()
                world.app.close()
    except KeyboardInterrupt:
        return 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="baton demo", description=__doc__.split("\n")[0])
    parser.add_argument("--orders", type=int, default=2000, help="with --exit: how many orders")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same orders")
    parser.add_argument("--exit", action="store_true", help="take the orders, judge, and end")
    parser.add_argument("--data", type=Path, help="database folder to keep (default: thrown away)")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8321)
    parser.add_argument("--pace", type=float, default=1.5, help="seconds between orders")
    return parser.parse_args(arguments)


def _port(options: argparse.Namespace) -> int:
    """The port to listen on: with --exit any free one, for nobody else is to look in."""
    if options.exit:
        with socket.socket() as free:
            free.bind((options.host, 0))
            options.port = free.getsockname()[1]
    return int(options.port)


def _folder() -> Path:
    """A folder for the demo's own files, that an unprivileged database server can reach."""
    base = "/var/tmp" if os.geteuid() == 0 else None  # noqa: S108
    folder = Path(tempfile.mkdtemp(prefix="baton-demo-", dir=base))
    folder.chmod(0o755)
    return folder


# ── setting up ─────────────────────────────────────────────────────────────────────────────


@contextmanager
def _outside_world(folder: Path, seed: int) -> Iterator[tuple[str, str]]:
    """The fake gateway and the mail server, as processes of their own with their own files."""
    gateway = _process(
        "example.gateway", "--ledger", folder / "gateway.jsonl", "--seed", seed,
        "--fault", FAULTS, "--authorisation-days", 0,
    )  # fmt: skip
    mail = _process("example.mailsink", "--box", folder / "mail.jsonl", "--seed", seed)
    try:
        yield _address(gateway), _address(mail)
    finally:
        for process in (gateway, mail):
            process.terminate()
            process.wait(10)


def _process(module: str, *options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", module, "--while-stdin-open", *map(str, options)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return str(json.loads(process.stdout.readline())["address"])


def _open(options: argparse.Namespace, folder: Path, gateway: str, mail: str) -> World:
    print("Starting Baton on a database of its own …", flush=True)
    settings = Settings(
        database_url=None,
        data=options.data or folder / "data",
        host=options.host,
        port=_port(options),
        gateway_url=gateway,
        gateway_timeout_s=2,
        smtp_url=mail if "://" in mail else f"smtp://{mail}",
        mail_from="hello@nordlicht.example",
        carrier_ledger=folder / "carrier.jsonl",
        carrier_account=folder.name,
        attempts=12,
    )
    app = App.open(settings)
    tenant, key = _tenant(app, options)
    asgi = create(app)
    client = Client(asgi, key)
    made = company(options.seed, PASSWORD)
    print(f"Founding Nordlicht Outdoor: {len(made.all)} SKUs …", flush=True)
    set_up(client, made, units=60 if options.exit else 40)
    save_policy(client)
    care = Care(client)
    return World(
        app,
        asgi,
        tenant,
        client,
        made,
        Shoppers(made, options.seed),
        care,
        Staff(client, care, folder / "mail.jsonl", options.seed),
        Drivers(client, options.seed),
        Buyers(client, made.things, options.seed),
        Bank(client, gateway),
        ReturnsDesk(client, options.seed),
        folder,
        {},
    )


def _tenant(app: App, options: argparse.Namespace) -> tuple[int, str]:
    name = "nordlicht" if not options.data else f"nordlicht-{int(time.time())}"
    draft = TenantDraft(name, "Nordlicht Outdoor")
    tenant = access.create_tenant(app.db, draft, actor="demo")
    with app.db.transaction(Caller(tenant.id, "demo")) as tx:
        key = access.create_key(tx, program("demo"), KeyDraft("demo", frozenset(Permission)))
    return tenant.id, key.handle


# ── a number of orders, then the judgement ─────────────────────────────────────────────────


def _for_a_number(world: World, options: argparse.Namespace) -> int:
    with _served(_server(world, options)), _at_work(world):
        world.bank.listen()
        _sell_all(world, options)
        print("\nRestocking what was sold out, and finishing what is open …", flush=True)
        _restock(world)
        _finish(world)
        payouts = world.bank.pay_out(judge.CURRENCIES)
        _finish(world)
    return _judge(world, options, payouts)


@contextmanager
def _served(server: uvicorn.Server) -> Iterator[None]:
    """The API by HTTP too, for the gateway's webhooks."""
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)


@contextmanager
def _at_work(world: World) -> Iterator[None]:
    """Two workers of the demo's merchant alone."""
    workers = [world.app.worker(frozenset({world.tenant})) for _ in range(2)]
    threads = [threading.Thread(target=each.run, args=(0.02,), daemon=True) for each in workers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for each in workers:
            each.stop()
        for thread in threads:
            thread.join()


def _sell_all(world: World, options: argparse.Namespace) -> None:
    started = time.monotonic()
    told = stories(options.orders, options.seed)
    for start in range(0, len(told), CHUNK):
        for story in told[start : start + CHUNK]:
            _sell(world, story, datetime.now(UTC))
        _work_day(world)
        print(
            f"\r{min(start + CHUNK, len(told)):>6} of {len(told)} orders,"
            f" {time.monotonic() - started:.0f} s",
            end="",
            flush=True,
        )


def _sell(world: World, story: Story, at: datetime) -> None:
    """Place one order; one that the channel refuses for lack of stock was never sold."""
    sale = world.shoppers.sale(story, at)
    if story is Story.GIFT_CARD:
        world.care.sell_gift_card(sale)
    try:
        order = world.client.post("/v1/orders", sale.body)
    except Refused as refused:
        if refused.code != "out_of_stock":
            raise
        return
    world.sales[order["number"]] = sale
    world.care.after_capture(order, story)


def _work_day(world: World, rounds: int = 8) -> int:
    """Staff, care and drivers go round until nobody finds anything to do."""
    moved = 0
    for _ in range(rounds):
        _resolve_holds(world)
        step = world.staff.shift(world.sales) + world.drivers.round(world.sales)
        step += world.care.collect_debts(world.sales)
        step += world.buyers.round(world.sales) + world.desk.round()
        step += world.bank.round(world.sales)
        moved += step
        if not step:
            break
    return moved


def _resolve_holds(world: World) -> None:
    for row in list(world.client.pages("/v1/orders?health=blocked")):
        sale = world.sales.get(row["number"])
        if sale is not None and sale.story is Story.HOLD_RESOLVED:
            world.care.resolve(row["number"])


def _restock(world: World) -> None:
    """What nobody had comes in, so that backorders are served."""
    lines = [{"sku": thing.code, "quantity": 400} for thing in world.company.scarce]
    body = {"location": "HAM", "reason": "delivery from the supplier", "lines": lines}
    world.client.post("/v1/stock/receipts", body)


def _finish(world: World) -> None:
    """Until nothing moves any more; the clock is put on for what waits to be asked again."""
    ahead, quiet = timedelta(), 0
    deadline = time.monotonic() + 600
    while quiet < 4 and time.monotonic() < deadline:
        moved = _work_day(world)
        waiting = _waiting(world)
        quiet = 0 if moved or waiting else quiet + 1
        if not moved:
            ahead += timedelta(minutes=2)
            _set_clock(world, ahead)
            time.sleep(0.3)


def _set_clock(world: World, ahead: timedelta) -> None:
    """Business time from now on: the server's, and so much more."""
    with world.app.db.transaction(Caller(0, "demo")) as tx:
        tx.run(MOVE_CLOCK, ahead=ahead)


def _waiting(world: World) -> int:
    """Jobs that are due within the hour; monthly ones are not waited for."""
    with world.app.db.transaction(Caller(world.tenant, "demo")) as tx:
        row = tx.connection.execute(
            "select count(*) from work.items"
            " where tenant_id = %s and state <> 'parked' and run_at < %s",
            (world.tenant, tx.now + timedelta(hours=1)),
        ).fetchone()
    assert row is not None
    return int(row[0])


def _judge(world: World, options: argparse.Namespace, payouts: list[Body]) -> int:
    client = world.client
    orders = [client.get(f"/v1/orders/{row['number']}") for row in client.pages("/v1/orders?")]
    statuses: dict[str, int] = {}
    for order in orders:
        statuses[order["status"]] = statuses.get(order["status"], 0) + 1
    print("\nOrders:", ", ".join(f"{n} {s}" for s, n in sorted(statuses.items())))
    parked = client.get("/v1/work/parked")["data"]
    wanted = 10 if options.orders >= 2000 else 1
    good = not parked
    print("\nStories")
    for story, count in judge.tell_stories(client, orders).items():
        enough = count >= wanted or options.orders < len(Story)
        good &= enough
        print(f"  {'ok  ' if enough else 'FEW '}{story.value:<24}{count:>6}")
    print("\nAgainst the outside world's own files")
    folder = world.folder
    findings = judge.compare(
        orders, folder / "gateway.jsonl", folder / "carrier.jsonl", folder / "mail.jsonl"
    )
    findings += judge.compare_books(client, payouts, folder / "gateway.payouts.jsonl")
    for finding in findings:
        good &= finding.holds
        print(f"  {'ok  ' if finding.holds else 'NO  '}{finding.what:<42}{finding.count:>6}")
        for wrong in finding.wrong:
            print(f"        {wrong}")
    answer = client.get("/v1/verify")
    print("\nverify")
    for promise in answer["promises"]:
        good &= promise["holds"]
        mark = "ok  " if promise["holds"] else "NO  "
        print(f"  {mark}{promise['name']:<66}{promise['rows']:>8}")
        for failure in promise["failures"]:
            print(f"        {failure}")
    for job in parked:
        print(f"  NO  parked: {job['kind']} {job['error'][:200]}")
    print(f"\nJournal: {answer['journal_no']} facts, head {answer['journal_head'][:16]}…")
    print("All of it holds." if good else "Something does not hold.")
    return 0 if good else 1


# ── live ───────────────────────────────────────────────────────────────────────────────────


def _live(world: World, options: argparse.Namespace) -> int:
    _history(world)
    workers = [world.app.worker() for _ in range(2)]
    stop = threading.Event()
    server = _server(world, options)
    world.bank.listen()
    threads = [threading.Thread(target=each.run, daemon=True) for each in workers]
    threads.append(threading.Thread(target=_flow, args=(world, options, stop), daemon=True))
    for thread in threads:
        thread.start()
    _say_where(world, options)
    signal.signal(signal.SIGTERM, lambda *_: setattr(server, "should_exit", True))
    server.run()
    stop.set()
    for each in workers:
        each.stop()
    for thread in threads:
        thread.join(10)
    print("\nThe demo is over; its database is gone." if not options.data else "")
    return 0


def _server(world: World, options: argparse.Namespace) -> uvicorn.Server:
    config = uvicorn.Config(
        world.asgi, host=options.host, port=options.port, log_level="error", lifespan="off"
    )
    return uvicorn.Server(config)


def _history(world: World) -> None:
    print("Remembering the weeks before …", flush=True)
    _set_clock(world, BEHIND)
    entries = list(world.shoppers.history(240, datetime.now(UTC) + BEHIND, 28))
    for start in range(0, len(entries), 120):
        world.client.post(
            "/v1/imports", {"mode": "history", "entries": entries[start : start + 120]}
        )


def _flow(world: World, options: argparse.Namespace, stop: threading.Event) -> None:
    """Orders come in on a clock that runs fast, and everybody does their work."""
    started, told = time.monotonic(), iter(())
    while not stop.wait(options.pace):
        ahead = min(timedelta(), BEHIND + timedelta(minutes=10 * (time.monotonic() - started)))
        _set_clock(world, ahead)
        story = next(told, None)
        if story is None:
            told = iter(stories(100, int(time.monotonic())))
            story = next(told)
        try:
            _sell(world, story, datetime.now(UTC) + ahead)
            if len(world.sales) % 4 == 0:
                _work_day(world, rounds=1)
        except (Refused, OSError) as error:
            print(f"  (the demo's people met: {error})", file=sys.stderr)


def _say_where(world: World, options: argparse.Namespace) -> None:
    url = f"http://{options.host}:{options.port}"
    number = _first_order(world)
    order = world.client.get(f"/v1/orders/{number}")
    print(f"""
Nordlicht Outdoor is open.

  Console    {url}/console/
  Sign in    omar@nordlicht.example   (operations)
             frida@nordlicht.example  (everything)
             wanda@nordlicht.example  (warehouse)
             carla@nordlicht.example  (customer care)
  Password   {PASSWORD}
  Tracking   {order["tracking_url"]}
  Mails      {world.folder / "mail.jsonl"}

  Look at    the order list: orders flow in, ten minutes a second at first
             an order's "why here": every location, its cost, why it lost
             the exceptions: refused recalls, short picks, failed captures
  Stop       Ctrl-C
""", flush=True)  # fmt: skip


def _first_order(world: World) -> str:
    deadline = time.monotonic() + 30
    while not world.sales and time.monotonic() < deadline:
        time.sleep(0.1)
    return next(iter(world.sales))


if __name__ == "__main__":
    sys.exit(main())
