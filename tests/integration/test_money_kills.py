"""Processes that die by SIGKILL at each step of a capture and of a refund: it is done once."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from money_victim import POINTS
from outside_world import lines, running
from test_collect_money import Till

from baton.connectors.payments.fake import FakeGateway, FakeSettings
from baton.platform import ids
from baton.platform.db import Database

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    ledger = tmp_path_factory.mktemp("kills") / "gateway.jsonl"
    with running("example.gateway", "--ledger", ledger) as told:
        yield str(told["address"]), ledger


def killed(db: Database, tenant: int, address: str, kind: str, point: str, ledger: Path) -> None:
    client = FakeGateway(FakeSettings(address=address))
    till = Till(db, tenant, client)
    order, subject = ids.fresh(), ids.fresh()
    till.take(order)
    till.work()
    if kind == "refund":
        till.ensure(order, 4_000)
        till.work()
    arguments = [db.dsn, str(tenant), address, str(order), str(subject), kind, point]
    victim = subprocess.run(
        [sys.executable, "money_victim.py", *arguments],
        cwd=HERE,
        env={"PYTHONPATH": str(HERE), "PATH": ""},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert victim.returncode == -signal.SIGKILL, victim.stderr.decode()
    done_by_victim = point != "after_intend"
    [effect] = [e for e in till.effects(order) if e.kind.value == kind and e.subject_id == subject]
    assert effect.state.value == "requested"
    assert (str(effect.id) in {e["key"] for e in lines(ledger)}) is done_by_victim
    for _ in range(10_000):  # the server may take a moment to see that the victim is dead
        till.work_off()
        if not till.jobs():
            break
    [effect] = [e for e in till.effects(order) if e.id == effect.id]
    assert effect.state.value == "succeeded"
    entries: list[dict[str, Any]] = [e for e in lines(ledger) if e["key"] == str(effect.id)]
    assert [(e["operation"], e["outcome"], e["amount"]) for e in entries] == [
        (kind, "succeeded", 4_000)
    ]
    now = till.payment(order)
    assert now.captured == 4_000
    assert now.refunded == (4_000 if kind == "refund" else 0)
    assert till.facts(order).count(f"{kind}d" if kind == "capture" else "refunded") == 1
    till.sound()
    client.close()


@pytest.mark.parametrize("kind", ["capture", "refund"])
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_each_step(
    db: Database, tenant: int, gateway: tuple[str, Path], kind: str, point: str
) -> None:
    for _ in range(3):
        killed(db, tenant, gateway[0], kind, point, gateway[1])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["capture", "refund"])
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_each_step_many_times(
    db: Database, tenant: int, gateway: tuple[str, Path], kind: str, point: str
) -> None:
    for _ in range(20):
        killed(db, tenant, gateway[0], kind, point, gateway[1])
