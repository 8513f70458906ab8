"""The only place that reads the process's clock.

Business time is the database's (`Tx.now`), so that all processes agree on it. What is read
here serves time-outs and figures, never a row.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime


def monotonic() -> float:
    """Seconds that never run backwards, for time-outs and durations."""
    return time.monotonic()


def wall() -> datetime:
    """This machine's idea of now, aware and in UTC: for logs and files, not for decisions."""
    return datetime.now(UTC)


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)
