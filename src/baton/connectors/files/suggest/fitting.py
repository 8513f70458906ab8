"""Which column is which field: by its name, by its values, and by how they hang together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from baton.connectors.files.suggest.profiles import Profile
from baton.connectors.files.suggest.words import NAMES, name_fit

LEAST = 0.45  # below this a column is left to the reader of the map
_BY_NAME = 0.6
_BY_VALUES = 0.39  # never quite sure
_UNNAMED = 0.6  # the most that values alone can say


@dataclass(frozen=True, slots=True)
class Fit:
    """A column that is taken for a field; `confidence` is from 0 to 1."""

    field: str
    profile: Profile
    confidence: float


def fitted(profiles: Sequence[Profile]) -> dict[str, Fit]:
    """The most likely column of each field, each column once; what is too unlikely is left out."""
    candidates = [
        Fit(field, profile, confidence)
        for field in NAMES
        for profile in profiles
        if (confidence := _confidence(field, profile)) >= LEAST
    ]
    candidates.sort(key=lambda fit: -fit.confidence)
    chosen: dict[str, Fit] = {}
    taken: set[str] = set()
    for fit in candidates:
        if fit.field not in chosen and fit.profile.column not in taken:
            chosen[fit.field] = fit
            taken.add(fit.profile.column)
    return _with_levels_told_apart(chosen)


def _confidence(field: str, profile: Profile) -> float:
    if not profile.filled:
        return 0.0
    values = _VALUES.get(field, _a_text)(profile)
    if values == 0:
        return 0.0
    name = name_fit(profile.column, field)
    if name:
        return _BY_NAME * name + _BY_VALUES * values
    return _UNNAMED * values if field in _KNOWN_BY_VALUES else 0.0


# ── what values say, from 0 (impossible) to 1 (typical) ────────────────────────────────────


def _an_order_id(p: Profile) -> float:
    if p.date_format or p.code < 0.9 or p.empty or p.decimal_point > 0.9 > p.whole:
        return 0.0
    together = p.distinct / (p.runs + 1)  # 1 where equal ids stand together
    lines_per_order = len(p.values) / p.distinct
    if not together > 0.9:
        return 0.1
    return 1.0 if 1.2 < lines_per_order < 200 else 0.6


def _a_time(p: Profile) -> float:
    return 1.0 if p.date_format else 0.0


def _a_quantity(p: Profile) -> float:
    if p.whole < 0.98 or p.empty > 0.05:
        return 0.0
    size = median(len(text.lstrip("+-").split(".")[0].split(",")[0]) for text in p.filled)
    typical = size <= 3 and p.distinct < max(10, 0.5 * len(p.filled))
    return 1.0 if typical else 0.3


def _a_price(p: Profile) -> float:
    if p.number < 0.98:
        return 0.0
    fractions = sum(1 for text in p.filled if "." in text or "," in text) / len(p.filled)
    return 1.0 if p.symbol or (fractions > 0.5 and p.whole < 0.9) else 0.4


def _an_amount(p: Profile) -> float:
    return 0.8 if p.number > 0.98 else 0.0


def _a_sku(p: Profile) -> float:
    if p.date_format or p.code < 0.9 or p.decimal_point > 0.9 > p.whole or p.email:
        return 0.0
    changing = p.runs / max(1, len(p.values) - 1)
    numbered = sum(1 for text in p.filled if any(c.isdigit() for c in text)) / len(p.filled)
    few = p.whole > 0.9 and p.distinct < 20
    return (1.0 if changing > 0.5 else 0.3) * (1.0 if numbered > 0.5 else 0.5) * (0.8 if few else 1)


def _a_title(p: Profile) -> float:
    if p.number > 0.5 or p.date_format or p.email > 0.1 or p.country > 0.5:
        return 0.0
    return 1.0 if p.words > 0.7 and p.distinct > 2 else 0.5 if p.words > 0.1 else 0.2


def _a_customer_id(p: Profile) -> float:
    if p.date_format or p.code < 0.9:
        return 0.0
    return 1.0 if p.distinct > 1 else 0.5


def _a_name(p: Profile) -> float:
    return 0.8 if p.number < 0.1 and not p.date_format and not p.email else 0.0


def _a_postal_code(p: Profile) -> float:
    short = sum(1 for text in p.filled if len(text) <= 10) / len(p.filled)
    return 0.8 if short > 0.9 and not p.date_format else 0.0


def _a_text(p: Profile) -> float:
    return 0.6 if p.number < 0.9 and not p.date_format else 0.0


_VALUES: Mapping[str, Callable[[Profile], float]] = {
    "external_id": _an_order_id,
    "placed_at": _a_time,
    "quantity": _a_quantity,
    "unit_price": _a_price,
    "line_total": _an_amount,
    "total": _an_amount,
    "discount": _an_amount,
    "order_discount": _an_amount,
    "shipping": _an_amount,
    "tax": _an_amount,
    "sku": _a_sku,
    "title": _a_title,
    "channel_customer_id": _a_customer_id,
    "buyer_name": _a_name,
    "first_name": _a_name,
    "last_name": _a_name,
    "postal_code": _a_postal_code,
    "email": lambda p: p.email if p.email > 0.8 else 0.0,
    "phone": lambda p: p.phone if p.phone > 0.8 else 0.0,
    "country": lambda p: p.country if p.country > 0.6 else 0.0,
    "currency": lambda p: p.currency if p.currency > 0.9 else 0.0,
}
_KNOWN_BY_VALUES = {
    "external_id", "placed_at", "quantity", "unit_price", "sku", "title", "email", "country",
    "currency",
}  # fmt: skip


# ── what hangs together ────────────────────────────────────────────────────────────────────


def _with_levels_told_apart(chosen: dict[str, Fit]) -> dict[str, Fit]:
    """A total that changes within an order is a line's, and a line's that never does is an
    order's; of a price and a line's total the price is enough."""
    order = chosen.get("external_id")
    if order is None:
        return chosen
    found = dict(chosen)
    total = found.get("total")
    if total and contradicts(order.profile, total.profile):
        del found["total"]
        found.setdefault("line_total", Fit("line_total", total.profile, total.confidence * 0.9))
    if "unit_price" in found:
        found.pop("line_total", None)
    discount = found.get("discount")
    free = "order_discount" not in found
    if discount and free and constant_within(order.profile, discount.profile):
        del found["discount"]
        found["order_discount"] = Fit("order_discount", discount.profile, discount.confidence * 0.8)
    return found


def constant_within(order: Profile, other: Profile) -> bool:
    """Whether a column says one thing per order, in a sample where that means something: there
    are orders of several rows, and not all orders say the same."""
    return other.distinct > 1 and _repeats(order, other) and not contradicts(order, other)


def contradicts(order: Profile, other: Profile) -> bool:
    """Whether two rows of an order say different things; an empty one says nothing."""
    said: dict[str, str] = {}
    return any(
        said.setdefault(key, text) != text
        for key, text in zip(order.values, other.values, strict=True)
        if text
    )


def _repeats(order: Profile, other: Profile) -> bool:
    keys = [key for key, text in zip(order.values, other.values, strict=True) if text]
    return len(set(keys)) < len(keys)
