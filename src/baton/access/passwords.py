"""Passwords are kept as argon2id hashes, and checking one takes as long for nobody as for somebody.

*Source:* OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane.
"""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from baton.access.rules import MOST_PASSWORD

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hashed(password: str) -> str:
    """The hash to keep, with its salt and parameters. Takes some ten milliseconds on purpose."""
    return _hasher.hash(_spelt(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether `password` is the one behind `kept`; with nothing kept, the same work and False."""
    if kept is None or len(password) > MOST_PASSWORD:
        _hasher.hash(_spelt(password[:MOST_PASSWORD]))
        return False
    try:
        return _hasher.verify(kept, _spelt(password))
    except VerifyMismatchError:
        return False


def outdated(kept: str) -> bool:
    """Whether a hash was made with other parameters than those in use now."""
    return _hasher.check_needs_rehash(kept)


def _spelt(password: str) -> bytes:
    """One spelling for what keyboards type differently. *Source:* RFC 8265, NIST SP 800-63B."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
