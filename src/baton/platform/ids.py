"""The only place that makes ids and secrets."""

from __future__ import annotations

import secrets
import threading
import time

from baton.values.ids import Id, new_id

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_lock = threading.Lock()
_last = (0, 0)


def fresh() -> Id:
    """A new UUIDv7 that is greater than every one this process made before."""
    global _last
    with _lock:
        milliseconds = max(time.time_ns() // 1_000_000, _last[0])
        random = secrets.randbits(73)
        if milliseconds == _last[0]:
            random = _last[1] + 1 + secrets.randbits(32)
        _last = (milliseconds, random)
    return new_id(milliseconds, random)


def secret() -> str:
    """128 random bits as 32 hexadecimal digits: can't be guessed."""
    return secrets.token_hex(16)


def order_number() -> str:
    """Ten letters and digits that a person can read out: 50 random bits, like K3V9T-0QX4M."""
    letters = [_CROCKFORD[secrets.randbits(5)] for _ in range(10)]
    return "".join(letters[:5]) + "-" + "".join(letters[5:])


def pickup_code() -> str:
    """Six digits that a customer shows at the counter; guesses are counted and limited."""
    return f"{secrets.randbelow(1_000_000):06d}"


def gift_code() -> str:
    """Sixteen letters and digits, 80 random bits, of which at least one is a letter."""
    while True:
        code = "".join(_CROCKFORD[secrets.randbits(5)] for _ in range(16))
        if not code.isdigit():
            return code
