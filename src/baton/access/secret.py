"""How secrets are kept: as a hash that can be looked up and tells nothing.

128 random bits need no salt and no slow hash: there is nothing to guess from.
"""

from __future__ import annotations

import hashlib

from baton.access.model import Handle


def hash_of(handle: Handle) -> bytes:
    """What is stored of a handle, and looked up under its tenant."""
    return hashlib.sha256(handle.secret.encode()).digest()
