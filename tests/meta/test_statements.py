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
    if module.name.rpartition(".")[2] in ("store", "checks") or module.name.startswith(
        ("baton.platform.", "baton.views")
    ):
        if ".embedded.supervisor" not in module.name:
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
READ_BEFORE_A_TENANT_IS_KNOWN = {"platform", "access.tenants"}


@pytest.fixture(scope="module")
def roles(dsn: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection that can become, for each module, a role that sees that module alone."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for owner in {statement.owner for statement in ALL}:
            role = f"only_{owner}"
            connection.execute(f"drop role if exists {role}")
            connection.execute(f"create role {role} nologin")
            connection.execute(f"grant {role} to current_user with inherit false, set true")
            schemas = _schemas(connection) if owner in SEES_ALL else [owner]
            for schema in schemas:
                connection.execute(f"grant usage on schema {schema} to {role}")
                connection.execute(f"grant all on all tables in schema {schema} to {role}")
                connection.execute(f"grant execute on all functions in schema {schema} to {role}")
        yield connection
        connection.execute("reset role")
        for owner in {statement.owner for statement in ALL}:
            connection.execute(f"drop owned by only_{owner}")
            connection.execute(f"drop role only_{owner}")


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
    roles.execute("reset role")
    roles.execute(f"set role only_{statement.owner}")
    roles.execute("select set_config('baton.tenant', '1', false)")
    roles.execute("set enable_seqscan = off")
    roles.execute("set enable_bitmapscan = on")
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
