"""A backup of everything, restored elsewhere, holds the same and keeps every promise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from embedded_house import House
from psycopg import sql
from terminal import MAP, ORDERS, Terminal

from baton.platform import backup
from baton.platform.backup import BackupBlind, BackupFailed, DatabaseNotEmpty
from baton.platform.embedded import join


@pytest.fixture
def houses(place: Path) -> Iterator[tuple[House, House]]:
    made = House(place / "one"), House(place / "two")
    yield made
    for house in made:
        house.await_gone()


def rows_of(data: Path) -> dict[str, int]:
    """How many rows each table has, past all walls."""
    with (
        join(data, fsync=False) as server,
        psycopg.connect(server.superuser_dsn, autocommit=True) as connection,
    ):
        tables = connection.execute(
            "select schemaname, tablename from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        found = {}
        for schema, name in tables:
            row = connection.execute(
                sql.SQL("select count(*) from {}").format(sql.Identifier(schema, name))
            ).fetchone()
            assert row is not None
            found[f"{schema}.{name}"] = int(row[0])
    return found


def test_a_backup_restored_elsewhere_holds_the_same(
    houses: tuple[House, House], tmp_path: Path
) -> None:
    one, two = houses
    (tmp_path / "map.yaml").write_text(MAP)
    (tmp_path / "orders.csv").write_text(ORDERS)
    copy = tmp_path / "baton.dump"
    here = Terminal({"BATON_DATA": str(one.data), "BATON_PG_FSYNC": "off"})
    with join(one.data, fsync=False):  # one server for all that follows
        here.says(
            *("import", "orders", str(tmp_path / "orders.csv")),
            *("--map", str(tmp_path / "map.yaml"), "--create-channel"),
        )
        here.says("tenant", "add", "second")
        listed = here.answer("order", "list")
        assert here.answer("backup", str(copy))["bytes"] == copy.stat().st_size
        assert copy.stat().st_mode & 0o077 == 0
        assert "is there already" in here.refusal("backup", str(copy))
        assert "not empty" in here.refusal("restore", str(copy))
        before = rows_of(one.data)
    there = Terminal({"BATON_DATA": str(two.data), "BATON_PG_FSYNC": "off"})
    with join(two.data, fsync=False):
        merchants = there.answer("restore", str(copy))["merchants"]
        assert {handle: answer["holds"] for handle, answer in merchants.items()} == {
            "main": True,
            "second": True,
        }
        after = rows_of(two.data)
        assert there.answer("order", "list") == listed
    assert before["orders.orders"] == 2
    # the restored place made keys of its own for its operator, and their facts
    grown = {name for name in before if after[name] != before[name]}
    assert grown <= {"access.api_keys", "journal.entries", "journal.subjects"}
    assert after.keys() == before.keys()


def test_a_login_behind_the_wall_makes_no_backup(
    new_database: Callable[[], str], tmp_path: Path
) -> None:
    with pytest.raises(BackupBlind):
        backup.dump(new_database(), tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_a_backup_goes_into_an_empty_database_only(
    new_database: Callable[[], str], tmp_path: Path
) -> None:
    with pytest.raises(DatabaseNotEmpty):
        backup.restore(new_database(), tmp_path / "copy")


def test_what_is_no_backup_is_refused(server: str, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("not a dump")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("drop database if exists t_no_backup")
        connection.execute("create database t_no_backup")
    dsn = psycopg.conninfo.make_conninfo(server, dbname="t_no_backup")
    with pytest.raises(BackupFailed, match="pg_restore"):
        backup.restore(dsn, tmp_path / "copy")
    with pytest.raises(BackupFailed, match="no file"):
        backup.restore(dsn, tmp_path / "nothing")
