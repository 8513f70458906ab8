"""Baton's own PostgreSQL, for whoever sets no DATABASE_URL: one server per data directory.

`join` gives a program a lease on the server of a data directory and starts it if need be.
A supervisor of its own session runs the server and stops it when nobody holds a lease any
more, however the holders ended. Who lives is told by file locks alone, never by process ids:

    users.lock          shared by every program; the supervisor takes it whole to stop
    supervisor.lock     held by the supervisor, handed to it by the program that starts it
    pgdata/PG_VERSION   held by every process of the server, so that there are never two

The environment: `BATON_PG_BIN` (another folder of PostgreSQL programs), `BATON_PG_USER` (whom
root runs the server as, else `nobody`), `BATON_PG_FSYNC=off` (tests only). Runs on Linux and
macOS.
"""

from baton.platform.embedded.binaries import pg_bin, tool
from baton.platform.embedded.errors import (
    DataDirectoryUnusable,
    EmbeddedUnsupported,
    ServerNotStarted,
)
from baton.platform.embedded.lease import Server, join

__all__ = [
    "DataDirectoryUnusable",
    "EmbeddedUnsupported",
    "Server",
    "ServerNotStarted",
    "join",
    "pg_bin",
    "tool",
]
