"""The chores that no request and no job does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from baton.app import App
from baton.platform import idempotency
from baton.platform.db import Caller, Tx
from baton.platform.settings import Settings
from baton.worker import Crew, Housekeeper, housekeeper

OLD = (
    "insert into platform.idempotency_keys (tenant_id, key, body_hash, at) values (%s, %s, '', %s)"
)


@pytest.fixture
def app(new_database: Callable[[], str]) -> Iterator[App]:
    made = App.on(Settings(database_url=None), new_database())
    yield made
    made.close()


def merchant(app: App) -> Caller:
    from baton import access
    from baton.access.model import TenantDraft

    return Caller(access.create_tenant(app.db, TenantDraft("main", "Main"), actor="test").id, "t")


def keys(tx: Tx) -> list[str]:
    return [row[0] for row in tx.connection.execute("select key from platform.idempotency_keys")]


def test_what_is_over_is_forgotten(app: App) -> None:
    caller = merchant(app)
    with app.db.transaction(caller) as tx:
        old = tx.now - idempotency.KEPT - timedelta(minutes=1)
        tx.connection.execute(OLD, (tx.tenant, "old", old))
        tx.connection.execute(OLD, (tx.tenant, "new", tx.now))
    assert Housekeeper(app).round() == 0
    with app.db.transaction(caller) as tx:
        assert keys(tx) == ["new"]


def test_a_chore_that_fails_keeps_no_other_from_being_done(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    merchant(app)
    done: list[str] = []

    def broken(_tx: Tx) -> object:
        raise ValueError("broken")

    chores = {"broken": broken, "sound": lambda _tx: done.append("sound")}
    monkeypatch.setattr(housekeeper, "CHORES", chores)
    assert Housekeeper(app).round() == 1
    assert done == ["sound"]


def test_a_crew_ends_when_it_is_told(app: App) -> None:
    merchant(app)
    crew = Crew(app, threads=2)
    crew.start()
    assert crew.stop()
