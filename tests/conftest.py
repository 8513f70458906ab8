"""One server for the whole run; the unit of isolation is a fresh tenant."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from baton.platform import ids, journal
from baton.platform.db import Caller, Database
from baton.platform.migrate import migrate

if TYPE_CHECKING:  # the whole program takes seconds to load: only tests that need it pay
    from api import Api, Outside
    from baton.app import App

ROOT = Path(__file__).parent.parent
OLDEST_POSTGRESQL = 16
SHARED = Path(os.environ.get("BATON_SHARED_DATA", ROOT.parent / "shared" / "data"))

# What runs the tests in the background may ignore Ctrl-C, and the programs under test would too.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    absent = pytest.mark.skip(reason=f"no real data at {SHARED}: set BATON_SHARED_DATA")
    for item in items:
        if item.get_closest_marker("realdata") and not SHARED.is_dir():
            item.add_marker(absent)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    return SHARED


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server's DSN: the one in BATON_TEST_DSN, or an embedded one for all test processes."""
    if given := os.environ.get("BATON_TEST_DSN"):
        yield given
        return
    from baton.platform.embedded import join

    with join(_of_the_run(tmp_path_factory) / "pg", fsync=False) as embedded:
        yield embedded.dsn


@pytest.fixture(scope="session")
def oldest_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The DSN of a server of the oldest version that Baton runs on."""
    from baton.platform.embedded import join

    folder = _of_the_run(tmp_path_factory) / "pg-oldest"
    with join(folder, major=OLDEST_POSTGRESQL, fsync=False) as embedded:
        yield embedded.dsn


def _of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all test processes of this run share."""
    own = tmp_path_factory.getbasetemp()
    return _open_to_all(own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


def _open_to_all(folder: Path) -> Path:
    """Where an unprivileged server process can reach: pytest's own folders are private."""
    if os.geteuid() != 0:
        return folder
    place = Path("/var/tmp") / f"baton-test-{folder.name}-{folder.parent.name}"
    place.mkdir(exist_ok=True)
    place.chmod(0o755)
    return place


@pytest.fixture(scope="session")
def new_database(server: str) -> Callable[[], str]:
    """Makes an empty migrated database of its own: for tests that span tenants or alter rows."""
    return lambda: _database_on(server)


@pytest.fixture(scope="session")
def oldest_database(oldest_server: str) -> str:
    return _database_on(oldest_server)


def _database_on(server: str) -> str:
    name = f"t_{ids.secret()[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} strategy wal_log").format(sql.Identifier(name))
        )
    dsn = psycopg.conninfo.make_conninfo(server, dbname=name)
    migrate(dsn)
    return dsn


@pytest.fixture(scope="session")
def dsn(new_database: Callable[[], str]) -> str:
    """The migrated database that the tests of one process share."""
    return new_database()


@pytest.fixture(scope="session")
def db(dsn: str) -> Iterator[Database]:
    database = Database(dsn, size=12)
    database.open()
    yield database
    database.close()


@pytest.fixture(scope="session")
def new_tenant(db: Database) -> Callable[[], int]:
    def make() -> int:
        with psycopg.connect(db.dsn, autocommit=True) as connection:
            row = connection.execute(
                "insert into access.tenants (id, handle, name, created_at)"
                " select coalesce(max(id), 0) + 1, %s, 'Test', now() from access.tenants"
                " returning id",
                (f"t{ids.secret()[:10]}",),
            ).fetchone()
        assert row is not None
        with db.transaction(Caller(row[0], "test")) as tx:
            journal.open_head(tx)
        return int(row[0])

    return make


@pytest.fixture
def tenant(new_tenant: Callable[[], int]) -> int:
    return new_tenant()


@pytest.fixture
def caller(tenant: int) -> Caller:
    return Caller(tenant, "test", "test")


# ── a whole Baton in the test's process ────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    """The fake gateway and the mail server: processes of their own, with files of their own."""
    from api import Outside, helper

    folder = tmp_path_factory.mktemp("outside")
    ledger, box = folder / "gateway.jsonl", folder / "mail.jsonl"
    with (
        helper("example.gateway", "--ledger", str(ledger)) as gateway,
        helper("example.mailsink", "--box", str(box)) as mail,
    ):
        yield Outside(gateway, mail, ledger, box, folder / "carrier.jsonl")


@pytest.fixture(scope="session")
def app(dsn: str, outside: Outside) -> Iterator[App]:
    from baton.app import App

    made = App.on(outside.settings(), dsn)
    yield made
    made.close()


@pytest.fixture(scope="session")
def asgi(app: App) -> Any:
    from baton.asgi import create

    return create(app)


@pytest.fixture
def api(app: App, asgi: Any) -> Api:
    """A fresh tenant, as a client of the API sees it."""
    from api import new_api

    return new_api(app, asgi)


@pytest.fixture
def shop(api: Api) -> Api:
    """The same with a small company: two areas, three locations, 100 of each of three SKUs."""
    from api import company

    company(api)
    return api
