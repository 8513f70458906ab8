"""Brings a database to this version's schema: roles once, then the numbered files in order."""

from __future__ import annotations

from importlib.resources import as_file, files

import psycopg

_LOCK = 0x6261746F6E  # "baton": one migration at a time on a server

_ROLES = """
do $$ begin
    if (select rolcreaterole from pg_roles where rolname = current_user) then
        if to_regrole('baton_app') is null then create role baton_app nologin; end if;
        if to_regrole('baton_scan') is null then create role baton_scan nologin; end if;
    end if;
exception when duplicate_object or unique_violation then null;
end $$;
"""

# baton_scan may see which tenants have something due, and only `work.due` runs as it. Where
# that role can't be made, the function asks tenant by tenant behind the wall.
_DUE = """
create or replace function work.due(at timestamptz, wall timestamptz) returns setof int
language {language} {security} set search_path = pg_catalog as $due$ {body} $due$;
revoke execute on function work.due(timestamptz, timestamptz) from public;
"""
_IS_DUE = """
   exists (select from journal.entries e where e.tenant_id = {tenant} and e.no is null)
or exists (select from work.items i where i.tenant_id = {tenant}
           and i.state = 'ready' and i.run_at <= at)
or exists (select from work.items i where i.tenant_id = {tenant}
           and i.state = 'leased' and i.lease_until <= wall)
"""
_DUE_PLAIN = "select t.id from access.tenants t where " + _IS_DUE.format(tenant="t.id")
_DUE_LOOP = f"""
declare one int; begin
    for one in select t.id from access.tenants t order by t.id loop
        perform set_config('baton.tenant', one::text, true);
        if {_IS_DUE.format(tenant="one")} then return next one; end if;
    end loop;
    perform set_config('baton.tenant', '', true);
end
"""
_SCAN_RIGHTS = """
grant usage on schema access, journal, work to baton_scan;
grant create on schema work to baton_scan;
grant select on access.tenants, journal.entries, work.items to baton_scan;
drop policy if exists due on journal.entries;
create policy due on journal.entries for select to baton_scan using (true);
drop policy if exists due on work.items;
create policy due on work.items for select to baton_scan using (true);
alter function work.due(timestamptz, timestamptz) owner to baton_scan;
revoke create on schema work from baton_scan;
"""


def migrate(dsn: str) -> list[str]:
    """Bring the database at `dsn` up to date; returns the revisions that were applied.

    Safe to call from many processes at once: the others wait and find nothing to do.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
        _make_roles(connection)
        before = _revisions(connection)
        if _newest() in before:
            return []
        _upgrade(dsn)
        _make_due(connection)
        return sorted(_revisions(connection) - before)


def make_roles(dsn: str) -> None:
    """The roles that Baton's schema grants rights to, where this log-in may make them."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
        _make_roles(connection)


def run_file(name: str) -> None:
    """Run one of the SQL files through the driver, as it stands."""
    from alembic import op

    text = files("baton.migrations").joinpath(name).read_text(encoding="utf-8")
    driver = op.get_bind().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    driver.execute(text.encode())


def _newest() -> str:
    """The number of the last SQL file: a database that has it is up to date."""
    names = [each.name for each in files("baton.migrations").iterdir()]
    return max(name[:4] for name in names if name.endswith(".sql"))


def _upgrade(dsn: str) -> None:
    # imported here, for it costs every other start of the program a second
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=NullPool
    )
    with as_file(files("baton.migrations")) as scripts, engine.connect() as connection:
        connection.exec_driver_sql("set lock_timeout = '5s'")
        connection.exec_driver_sql("create schema if not exists platform_meta")
        connection.commit()
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    engine.dispose()


def _revisions(connection: psycopg.Connection[tuple[object, ...]]) -> set[str]:
    found = connection.execute("select to_regclass('platform_meta.migrations')").fetchone()
    if found is None or found[0] is None:
        return set()
    return {str(row[0]) for row in connection.execute("select * from platform_meta.migrations")}


def _make_roles(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    connection.execute(_ROLES)
    for role in ("baton_app", "baton_scan"):
        may = connection.execute(
            "select coalesce(pg_has_role(current_user, to_regrole(%(r)s), 'set'), false),"
            " exists (select from pg_auth_members m where m.roleid = to_regrole(%(r)s)"
            " and m.member = current_user::regrole and m.admin_option)",
            {"r": role},
        ).fetchone()
        if may is not None and not may[0] and may[1]:
            connection.execute(f"grant {role} to current_user with inherit false, set true")


def _make_due(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    scan = connection.execute(
        "select coalesce(pg_has_role(current_user, to_regrole('baton_scan'), 'set'), false)"
    ).fetchone()
    plain = scan is not None and bool(scan[0])
    with connection.transaction():
        connection.execute("drop function if exists work.due(timestamptz, timestamptz)")
        connection.execute(
            _DUE.format(
                language="sql" if plain else "plpgsql",
                security="security definer" if plain else "",
                body=_DUE_PLAIN if plain else _DUE_LOOP,
            )
        )
        connection.execute(
            "do $$ begin if to_regrole('baton_app') is not null then"
            " grant execute on function work.due(timestamptz, timestamptz) to baton_app;"
            " end if; end $$"
        )
        if plain:
            connection.execute(_SCAN_RIGHTS)
