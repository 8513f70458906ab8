"""Every registered statement, explained on the migrated schema as a role that sees one module.

So no statement can name a column that is not there, reach into another module's tables, scan a
table that grows, or forget the tenant.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

import baton
from baton.platform.db import STATEMENTS, Statement

for module in pkgutil.walk_packages(baton.__path__, "baton."):
    if module.name.rpartition(".")[2] in ("store", "checks") or (
        module.name.startswith(("baton.platform.", "baton.views"))
        and ".embedded." not in module.name
    ):
        importlib.import_module(module.name)

SEES_ALL = {"views"}
VOLATILE = (
    "now()",
    "clock_timestamp",
    "random()",
    "gen_random_uuid",
    "current_timestamp",
    "nextval",
)
ALL = sorted(STATEMENTS.values(), key=lambda statement: statement.name)
ONE_ROW = {"journal.heads", "returns.policy_in_force"}  # a tenant
READ_BEFORE_A_TENANT_IS_KNOWN = {"platform", "access.tenants"}


FILLERS = {
    "uuid": "md5(({n} + i)::text)::uuid",
    "text": "'x' || i",
    "character": "'EU'",
    "integer": "i",
    "bigint": "i",
    "numeric": "i",
    "double precision": "i",
    "boolean": "true",
    "jsonb": "'{{}}'",
    "bytea": "decode(md5(i::text), 'hex')",
    "date": "date '2026-01-01' + i % 365",
    "time without time zone": "time '12:00'",
    "timestamp with time zone": "timestamptz '2026-01-01' + i * interval '1 min'",
    "ARRAY": "'{{}}'",
}
COLUMNS = """
select table_schema || '.' || table_name, column_name, data_type, column_default
from information_schema.columns
where table_schema !~ '^pg_' and table_schema not in ('information_schema', 'platform_meta')
order by 1, ordinal_position
"""
CHECKS = """
select conrelid::regclass::text, conname from pg_constraint
where contype = 'c' and connamespace::regnamespace::text !~ '^pg_|information_schema'
"""


def _fill(connection: psycopg.Connection[Any]) -> None:
    """Made-up rows in every table, so that the planner shows what it does when tables grow."""
    for table, check in connection.execute(CHECKS).fetchall():
        connection.execute(f'alter table {table} drop constraint "{check}"')
    tables: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind, _default in connection.execute(COLUMNS).fetchall():
        tables.setdefault(table, []).append((column, kind))
    for tenant in (1, 2):
        connection.execute("select set_config('baton.tenant', %s, false)", (str(tenant),))
        for table, columns in tables.items():
            if columns[0][0] != "tenant_id":
                continue
            many = 1 if table in ONE_ROW else 3000
            names = ", ".join(f'"{column}"' for column, _ in columns[1:])
            values = ", ".join(
                FILLERS[kind].format(n=place * 100_000)
                for place, (_, kind) in enumerate(columns[1:])
            )
            connection.execute(
                f"insert into {table} (tenant_id, {names})"
                f" select {tenant}, {values} from generate_series(1, {many}) i"
            )
    connection.execute("analyze")


@pytest.fixture(scope="module", params=["newest", "oldest"])
def dsn_to_explain(request: pytest.FixtureRequest) -> str:
    """A database of the newest PostgreSQL that Baton brings along, then one of the oldest."""
    if request.param == "oldest":
        return str(request.getfixturevalue("oldest_database"))
    return str(request.getfixturevalue("new_database")())


@pytest.fixture(scope="module")
def roles(dsn_to_explain: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection that can become, for each module, a role that sees that module alone."""
    owners = sorted({statement.owner for statement in ALL})
    with psycopg.connect(dsn_to_explain, autocommit=True) as connection:
        _fill(connection)
        for owner in owners:
            role = _role(connection, owner)
            connection.execute(f"create role {role} nologin")
            connection.execute(f"grant {role} to current_user")
            for schema in _schemas(connection) if owner in SEES_ALL else [owner]:
                connection.execute(f"grant usage on schema {schema} to {role}")
                connection.execute(f"grant all on all tables in schema {schema} to {role}")
        yield connection
        connection.execute("reset role")
        for owner in owners:
            connection.execute(f"drop owned by {_role(connection, owner)}")
            connection.execute(f"drop role {_role(connection, owner)}")


def _role(connection: psycopg.Connection[Any], owner: str) -> str:
    return f"only_{owner}_{connection.info.dbname}"


def _schemas(connection: psycopg.Connection[Any]) -> list[str]:
    return [
        row[0]
        for row in connection.execute(
            "select nspname from pg_namespace where nspname !~ '^pg_'"
            " and nspname not in ('information_schema', 'public')"
        )
    ]


def test_there_are_statements_to_check() -> None:
    assert len(ALL) > 100


@pytest.mark.parametrize("statement", ALL, ids=lambda s: s.name)
def test_explained(roles: psycopg.Connection[Any], statement: Statement) -> None:
    if statement.name == "work.due_tenants":
        return  # one function, that the program's role alone may call
    roles.execute("reset role")
    roles.execute(f"set role {_role(roles, statement.owner)}")
    roles.execute("select set_config('baton.tenant', '1', false)")
    explained = roles.execute(
        "explain (generic_plan, format json) " + statement.numbered()
    ).fetchone()
    assert explained is not None
    if not statement.scans:
        scans = list(_scans(explained[0][0]["Plan"], limited=False))
        assert scans == [], f"{statement.name} reads whole tables: {scans}"


def _scans(plan: dict[str, Any], *, limited: bool) -> Iterator[str]:
    """Tables read whole, or whole for one tenant without a limit."""
    limited = limited or plan["Node Type"] == "Limit"
    if plan["Node Type"] == "Seq Scan":
        yield f"{plan['Relation Name']} (all rows)"
    if plan["Node Type"] in ("Index Scan", "Index Only Scan", "Bitmap Index Scan"):
        condition = plan.get("Index Cond", "").replace("tenant_id", "", 1)
        if not re.search(r"[a-z_]+ (=|<|>|>=|<=|\^@)|ROW\(", condition) and not limited:
            name = plan.get("Relation Name") or plan["Index Name"]
            if "where" not in plan and not _partial(plan.get("Index Name", "")):
                yield f"{name} (all rows of a tenant)"
    for child in plan.get("Plans", []):
        yield from _scans(child, limited=limited)


def _partial(index: str) -> bool:
    """Partial indexes hold only what is open, so reading one whole is reading the queue."""
    return index.rsplit("_", 1)[-1] in ("new", "ready", "leased", "parked", "open", "age", "lane")


@pytest.mark.parametrize("statement", ALL, ids=lambda s: s.name)
def test_binds_the_tenant_on_every_table(statement: Statement) -> None:
    """Each table reference at each level has its own `tenant_id = %(tenant)s`."""
    if statement.name in (
        "platform.open_transaction",
        "platform.move_clock",
        "platform.fitness",
        "work.due_tenants",
    ) or statement.name.startswith("access.tenant"):
        return
    text = re.sub(r"--[^\n]*", "", statement.text)
    references = re.findall(
        r"\b(?:from|join|update|using|into)\s+([a-z_]+\.[a-z_]+)(?!\s*\()\b", text
    )
    tables = [name for name in references if name not in ("access.tenants", "platform.clock")]
    bound = len(re.findall(r"tenant_id\s*=\s*%\(tenant\)s", text)) + len(
        re.findall(r"select\s+%\(tenant\)s|values\s*\(\s*%\(tenant\)s", text)
    )
    assert bound >= len(tables), f"{len(tables)} tables, tenant bound {bound} times"


@pytest.mark.parametrize("statement", ALL, ids=lambda s: s.name)
def test_has_no_volatile_function(statement: Statement) -> None:
    if statement.name == "platform.open_transaction":
        return  # the one reading of the clock
    assert [v for v in VOLATILE if v in statement.text.lower()] == []


@pytest.mark.parametrize("statement", ALL, ids=lambda s: s.name)
def test_keeps_the_rules_of_a_distributed_database(statement: Statement) -> None:
    text = statement.text.lower()
    for banned in ("copy ", " like ", " ilike ", "merge into", "grouping sets", "nextval", "->>"):
        assert banned not in text, banned
    if "for update" in text and "skip locked" not in text and "order by" not in text:
        assert "= %(" in text, "a lock on several rows names their order"
