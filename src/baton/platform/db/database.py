"""Connections and transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import psycopg
from psycopg import errors as pg
from psycopg.rows import class_row, tuple_row
from psycopg_pool import ConnectionPool, PoolTimeout

from baton.platform import clock
from baton.platform.db.statements import Statement, Statements
from baton.platform.db.who import Caller
from baton.values.errors import Conflict, Invalid, Unavailable

T = TypeVar("T")

sql = Statements("platform")

OPEN = sql(
    "open_transaction",
    """
    select set_config('role', %(role)s, true), set_config('baton.tenant', %(tenant)s::text, true),
           set_config('baton.actor', %(actor)s, true), clock_timestamp() + ahead, clock_timestamp()
    from platform.clock
    """,
    scans="one row",
)
MOVE_CLOCK = sql(
    "move_clock",
    "update platform.clock set ahead = %(ahead)s where single",
    scans="one row",
)
FITNESS = sql(
    "fitness",
    """
    select current_setting('server_version_num')::int, r.rolsuper or r.rolbypassrls,
           coalesce(pg_has_role(current_user, to_regrole('baton_app'), 'set'), false)
    from pg_roles r where r.rolname = current_user
    """,
    scans="catalogue",
)

# A plan made while a table was small must not outlive that: plans are made anew each time.
_OPTIONS = (
    "-c plan_cache_mode=force_custom_plan -c jit=off "
    "-c timezone=UTC -c lock_timeout=10s -c statement_timeout=120s "
    "-c idle_in_transaction_session_timeout=120s"
)
_RETRIED = (pg.DeadlockDetected, pg.SerializationFailure, pg.LockNotAvailable)
_TRIES = 15
_PAUSE_S = (0, 0.01, 0.02, 0.05, 0.1, 0.2)  # between tries; the last one again and again


class DatabaseUnfit(Unavailable):
    """The server is too old, or its log-in could see every tenant's rows."""

    code = "database_unfit"


class DatabaseAway(Unavailable):
    """No connection to the database could be had in time."""

    code = "database_away"


class Busy(Conflict):
    """Others kept changing the same rows; nothing was done, so it can be tried again."""

    code = "busy"


class Unkeepable(Invalid):
    """A text with a NUL character, or a number or time beyond what the database can keep."""

    code = "value_unfit"


@dataclass(slots=True)
class Tx:
    """One open transaction of one tenant.

    `now` is business time, read once; `wall` is the server's own time, for leases. Statements
    go out in pipeline mode: `run` does not wait for its answer, `all`, `one` and `count` do.
    """

    connection: psycopg.Connection[tuple[Any, ...]]
    caller: Caller
    now: datetime
    wall: datetime

    @property
    def tenant(self) -> int:
        return self.caller.tenant

    def run(self, statement: Statement, **values: Any) -> None:
        """Send a statement whose answer nobody needs; an error shows at the next answer."""
        self.connection.execute(statement.text, {"tenant": self.tenant, **values})

    def all(self, statement: Statement, **values: Any) -> list[tuple[Any, ...]]:
        """All rows, as tuples."""
        with self.connection.cursor(row_factory=tuple_row) as cursor:
            return cursor.execute(statement.text, {"tenant": self.tenant, **values}).fetchall()

    def rows(self, kind: type[T], statement: Statement, **values: Any) -> list[T]:
        """All rows, each made into `kind` by the names of its columns."""
        with self.connection.cursor(row_factory=class_row(kind)) as cursor:
            return cursor.execute(statement.text, {"tenant": self.tenant, **values}).fetchall()

    def one(self, statement: Statement, **values: Any) -> tuple[Any, ...] | None:
        """The first row or None."""
        rows = self.all(statement, **values)
        return rows[0] if rows else None

    def count(self, statement: Statement, **values: Any) -> int:
        """How many rows a change touched."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement.text, {"tenant": self.tenant, **values})
            return row_count(self.connection, cursor)

    def stream(
        self, statement: Statement, *, size: int = 2000, **values: Any
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Rows in chunks of `size`, through a cursor on the server: memory stays bounded."""
        with self.connection.cursor(name="chunks") as cursor:
            cursor.execute(statement.text, {"tenant": self.tenant, **values})
            while chunk := cursor.fetchmany(size):
                yield chunk

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What happens inside is undone as a whole when it raises; the rest stays."""
        with self.connection.transaction():
            yield

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """What happens inside is seen inside, and undone at its end: a preview by doing it."""
        with self.connection.transaction(force_rollback=True):
            yield


def row_count(connection: psycopg.Connection[Any], cursor: psycopg.Cursor[Any]) -> int:
    """Rows a sent statement touched; waits for its answer where statements are pipelined."""
    pipeline = connection._pipeline
    if pipeline is not None:
        pipeline.sync()
    return cursor.rowcount


class Database:
    """A pool of connections to one database, all of them behind the tenant wall."""

    def __init__(self, dsn: str, *, size: int = 10) -> None:
        self.dsn = dsn
        self.role = "none"
        self._pool: ConnectionPool[psycopg.Connection[tuple[Any, ...]]] = ConnectionPool(
            dsn,
            min_size=1,
            max_size=size,
            open=False,
            timeout=10,
            kwargs={"autocommit": True, "options": _OPTIONS, "application_name": "baton"},
        )

    def open(self) -> None:
        """Connect, and refuse a server or a log-in that can't keep the promises.

        Raises DatabaseAway or DatabaseUnfit.
        """
        try:
            self._pool.open(wait=True, timeout=15)
        except PoolTimeout as error:
            self._pool.close()
            raise DatabaseAway(f"The database does not answer: {error}") from error
        with self._pool.connection() as connection:
            fitness = connection.execute(FITNESS.text).fetchone()
        assert fitness is not None
        version, sees_all, has_role = fitness
        if version < 160000:
            self.close()
            raise DatabaseUnfit(
                f"PostgreSQL {version // 10000} is too old: Baton needs 16 or newer."
            )
        if sees_all:
            self.close()
            raise DatabaseUnfit(
                "This database log-in is a superuser or bypasses row-level security, so nothing "
                "would keep tenants apart. Use an ordinary role that owns the database."
            )
        self.role = "baton_app" if has_role else "none"

    def close(self) -> None:
        """Give all connections back to the server."""
        self._pool.close()

    @contextmanager
    def transaction(self, caller: Caller) -> Iterator[Tx]:
        """One transaction for `caller`: committed when the block ends, undone when it raises."""
        try:
            with (
                self._pool.connection() as connection,
                connection.pipeline(),
                connection.transaction(),
            ):
                opened = connection.execute(
                    OPEN.text,
                    {"role": self.role, "tenant": caller.tenant or "", "actor": caller.actor},
                ).fetchone()
                assert opened is not None
                yield Tx(connection, caller, now=opened[3], wall=opened[4])
        except PoolTimeout as error:
            raise DatabaseAway("No database connection was free in time; try again.") from error
        except psycopg.DataError as error:
            raise Unkeepable(
                "A value can't be kept: no text may hold a NUL character, and numbers and times "
                "have bounds."
            ) from error

    def execute(self, caller: Caller, work: Callable[[Tx], T]) -> T:
        """The result of `work`, run in one transaction; repeated where others were in the way.

        Raises Busy when it lost every time, and whatever `work` raises.
        """
        for tried in range(_TRIES):
            try:
                with self.transaction(caller) as tx:
                    return work(tx)
            except _RETRIED:
                clock.sleep(_PAUSE_S[min(tried, len(_PAUSE_S) - 1)])
        raise Busy("Too many others change the same things just now; try again.")

    def notices(self) -> Sequence[str]:
        """What `verify` must say about how this database is set up."""
        if self.role == "none":
            return [
                "This log-in may not become baton_app, so the owner itself works, under FORCE "
                "row-level security: it lacks CREATEROLE, or another log-in made that role."
            ]
        return []
