"""Tracking numbers, and the words in which this carrier tells what happened. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from baton.shipping.port import CarrierEvent, TrackingCode, TrackingEvent, Unknown, tracking_event

PREFIX = "BF"
_BODY_DIGITS = 18


def tracking_no(account: str, idempotency_key: str) -> str:
    """`BF`, 18 digits, 2 check digits: always the same for one account and key.

    The digits are the SHA-256 of account and key modulo 10^18, so that two among ten million
    labels share one with a probability of 0.00005. The check digits are those of ISO/IEC 7064,
    MOD 97-10: 98 − (100 · digits mod 97). They show every single wrong digit and every swap of
    two neighbours. *Source:* ISO/IEC 7064:2003, clause 7 (as in the IBAN, ISO 13616-1).
    """
    digest = hashlib.sha256(f"{account}\0{idempotency_key}".encode()).digest()
    body = int.from_bytes(digest) % 10**_BODY_DIGITS
    return f"{PREFIX}{body:0{_BODY_DIGITS}d}{98 - body * 100 % 97:02d}"


def is_tracking_no(text: str) -> bool:
    """Whether the form and the check digits are right. Whether it was sold is not asked."""
    digits = text.removeprefix(PREFIX)
    return (
        text.startswith(PREFIX)
        and len(digits) == _BODY_DIGITS + 2
        and digits.isascii()
        and digits.isdigit()
        and int(digits) % 97 == 1
    )


# Baton's own words, and those that people and scanners use for the same.
_WORDS: Mapping[str, TrackingCode] = {
    **{code.value: code for code in TrackingCode},
    "manifested": TrackingCode.LABEL_CREATED,
    "collected": TrackingCode.PICKED_UP,
    "accepted": TrackingCode.PICKED_UP,
    "departed": TrackingCode.IN_TRANSIT,
    "arrived": TrackingCode.IN_TRANSIT,
    "on_vehicle": TrackingCode.OUT_FOR_DELIVERY,
    "handed_over": TrackingCode.DELIVERED,
    "delivery_failed": TrackingCode.EXCEPTION,
    "damaged": TrackingCode.EXCEPTION,
    "delayed": TrackingCode.EXCEPTION,
    "missing": TrackingCode.LOST,
    "returned": TrackingCode.RETURNED_TO_SENDER,
}


def normalised(event: CarrierEvent) -> TrackingEvent | Unknown:
    """The event in Baton's words. Case, and spaces or hyphens for underscores, don't matter."""
    word = "_".join(event.status.casefold().replace("-", " ").replace("_", " ").split())
    code = _WORDS.get(word)
    if code is None:
        return Unknown(f"the status {event.status[:60]!r} is not one of this carrier's")
    return tracking_event(event, code)
