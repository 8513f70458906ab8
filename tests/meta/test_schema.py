"""The tenant wall, checked on the migrated schema itself."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from baton.platform.db import Caller, Database, DatabaseUnfit

# Tables that have no tenant_id, each with the reason.
WITHOUT_TENANT = {
    "access.tenants": "its id is the tenant; read before any tenant is known, to sign in by handle",
    "platform.clock": "one row: how far business time is ahead, for the whole installation",
    "platform_meta.migrations": "the schema's revision",
}

TABLES = """
select c.oid::regclass::text, c.relrowsecurity, c.relforcerowsecurity,
       (select string_agg(p.qual, ' ') from pg_policies p
        where p.schemaname = n.nspname and p.tablename = c.relname and p.policyname = 'tenant')
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
order by 1
"""
KEYS = """
select i.indrelid::regclass::text, i.indexrelid::regclass::text, a.attname
from pg_index i
join pg_class c on c.oid = i.indrelid
join pg_namespace n on n.oid = c.relnamespace
left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and n.nspname <> 'platform_meta'
"""


@pytest.fixture
def owner(dsn: str) -> psycopg.Connection:
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


def test_every_table_is_behind_the_wall_or_in_the_list(owner: psycopg.Connection) -> None:
    tables = owner.execute(TABLES).fetchall()
    assert len(tables) > 40
    outside = {name for name, on, forced, policy in tables if not (on and forced and policy)}
    assert outside == set(WITHOUT_TENANT)


def test_every_policy_compares_the_tenant(owner: psycopg.Connection) -> None:
    for name, _on, _forced, policy in owner.execute(TABLES).fetchall():
        if name not in WITHOUT_TENANT:
            assert "tenant_id" in policy, name
            assert "baton.tenant" in policy, name


def test_tenant_id_is_the_first_column_of_every_key_and_index(owner: psycopg.Connection) -> None:
    wrong = [
        (table, index)
        for table, index, first in owner.execute(KEYS).fetchall()
        if table not in WITHOUT_TENANT and first != "tenant_id"
    ]
    assert wrong == []


def test_capture_writes_no_foreign_keys_and_nothing_has_triggers(
    owner: psycopg.Connection,
) -> None:
    assert (
        owner.execute("select conrelid::regclass from pg_constraint where contype = 'f'").fetchall()
        == []
    )
    assert (
        owner.execute("select tgrelid::regclass from pg_trigger where not tgisinternal").fetchall()
        == []
    )


def test_no_column_has_a_volatile_default_or_a_sequence(owner: psycopg.Connection) -> None:
    defaults = owner.execute(
        "select d.adrelid::regclass::text, pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d"
        " join pg_class c on c.oid = d.adrelid join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
    ).fetchall()
    assert [d for d in defaults if "(" in d[1]] == []
    assert owner.execute("select 1 from pg_sequences").fetchall() == []


def test_without_a_tenant_nothing_is_seen(
    db: Database, caller: Caller, owner: psycopg.Connection
) -> None:
    tables = [row[0] for row in owner.execute(TABLES).fetchall() if row[0] not in WITHOUT_TENANT]
    with db.transaction(caller) as tx:
        tx.connection.execute(
            "insert into platform.idempotency_keys values (%s, 'k', '', null, null, now())",
            (caller.tenant,),
        )
    with db.transaction(Caller(0, "nobody")) as tx:
        for table in tables:
            assert tx.connection.execute(f"select count(*) from {table}").fetchone() == (0,), table


def test_a_row_of_another_tenant_can_not_be_written(db: Database, caller: Caller) -> None:
    with (
        pytest.raises(psycopg.errors.InsufficientPrivilege),
        db.transaction(caller) as tx,
    ):
        tx.connection.execute(
            "insert into platform.idempotency_keys values (%s, 'k', '', null, null, now())",
            (caller.tenant + 1,),
        )


def test_a_log_in_that_sees_everything_is_refused(dsn: str) -> None:
    superuser = psycopg.conninfo.make_conninfo(dsn, user="postgres")
    try:
        psycopg.connect(superuser, connect_timeout=2).close()
    except psycopg.OperationalError:
        pytest.skip("no superuser log-in on this server")
    with pytest.raises(DatabaseUnfit):
        Database(superuser).open()


def test_without_createrole_the_owner_works_under_force(
    server: str, new_database: Callable[[], str]
) -> None:
    """A managed database whose log-in may not make roles: same wall, and verify says so."""
    dsn = new_database()
    name = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create role plain_{name} login password 'plain'")
        connection.execute(f"grant plain_{name} to current_user")
        connection.execute(f"create database {name}_plain owner plain_{name}")
    from baton.platform.migrate import migrate

    plain = psycopg.conninfo.make_conninfo(
        dsn, dbname=f"{name}_plain", user=f"plain_{name}", password="plain"
    )
    migrate(plain)
    database = Database(plain)
    database.open()
    assert database.role == "none"
    assert "FORCE" in database.notices()[0]
    with database.transaction(Caller(0, "setup")) as tx:
        tx.connection.execute("insert into access.tenants values (1, 'a', 'A', now())")
        tx.connection.execute("insert into access.tenants values (2, 'b', 'B', now())")
    from baton.platform import work

    with database.transaction(Caller(1, "setup")) as tx:
        work.put(tx, [work.Job("x", {})])
    with database.transaction(Caller(2, "setup")) as tx:
        assert tx.connection.execute("select count(*) from work.items").fetchone() == (0,)
    with database.transaction(Caller(0, "worker")) as tx:
        assert work.due_tenants(tx) == [1]
    database.close()
