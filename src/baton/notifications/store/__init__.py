"""All SQL of the notifications module."""

from baton.notifications.store.messages import by_orders, insert, last_copy, read, settle, verify
from baton.notifications.store.people import (
    consent,
    consents,
    prefer,
    preferences,
    promise,
    promises,
)
from baton.notifications.store.ratings import (
    asked,
    forget_askings,
    rate,
    ratings,
    ratings_between,
    satisfaction,
)
from baton.notifications.store.templates import current, save, versions

__all__ = [
    "asked",
    "by_orders",
    "consent",
    "consents",
    "current",
    "forget_askings",
    "insert",
    "last_copy",
    "prefer",
    "preferences",
    "promise",
    "promises",
    "rate",
    "ratings",
    "ratings_between",
    "read",
    "satisfaction",
    "save",
    "settle",
    "verify",
    "versions",
]
