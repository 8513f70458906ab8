"""Why the embedded PostgreSQL can't be used; each message says what to do about it."""

from __future__ import annotations

from baton.values.errors import Unavailable

ELSEWHERE = "or set DATABASE_URL to a PostgreSQL (16 or later) that you run yourself"


class EmbeddedUnsupported(Unavailable):
    """This system or account can't run the embedded PostgreSQL: set DATABASE_URL."""

    code = "embedded_unsupported"


class DataDirectoryUnusable(Unavailable):
    """The data directory can't be used as it is; the message names the folder and the cure."""

    code = "data_directory_unusable"


class ServerNotStarted(Unavailable):
    """The embedded PostgreSQL did not come up; the message ends with the tail of its log."""

    code = "embedded_not_started"
