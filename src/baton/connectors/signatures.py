"""Signatures over raw bytes that carry their own time, as several vendors write them."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

from baton.payments.news import TOLERANCE, Verdict


def judged(
    header: str, secret: str, body: bytes, now: datetime, *, replay: bool = False
) -> tuple[Verdict, str]:
    """What a header "t=<seconds>,v1=<hex>,…" says about a body: genuine if any v1 fits.

    The signed text is `t`, a full stop, and the body. `replay`: its age is no matter.
    *Source:* docs.stripe.com/webhooks#verify-manually, 2026-11.
    """
    told = [part.partition("=") for part in header.split(",")]
    times = [value for name, _, value in told if name.strip() == "t"]
    given = [value.strip() for name, _, value in told if name.strip() == "v1"]
    if len(times) != 1 or not times[0].isdecimal() or len(times[0]) > 12 or not given:
        return Verdict.FORGED, "there is no signature"
    right = signature(times[0], secret, body)
    if not any(hmac.compare_digest(right, each) for each in given if each.isascii()):
        return Verdict.FORGED, "the signature is not of this body"
    age = now - datetime.fromtimestamp(int(times[0]), UTC)
    if not replay and abs(age) > TOLERANCE:
        return Verdict.STALE, f"it was signed {int(age.total_seconds())} seconds ago"
    return Verdict.GENUINE, ""


def signature(seconds: str, secret: str, body: bytes) -> str:
    """HMAC-SHA256 of the time and the body, in hexadecimal digits."""
    return hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
