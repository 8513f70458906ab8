"""The right sides of a suggested map: how each field is read from the column that fits it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from babel.core import get_global
from babel.numbers import get_territory_currencies

from baton.connectors.files.countries import country_code
from baton.connectors.files.suggest.fitting import Fit, contradicts
from baton.connectors.files.suggest.profiles import Profile, all_read
from baton.connectors.files.texts import ISO
from baton.orders.model import ChargeKind

UNKNOWN = "???"  # stands for a column that has to be named by hand
_NEEDED = ("external_id", "placed_at", "sku", "quantity")
_AMOUNTS = {"unit_price", "line_total", "discount", "tax", "total"}
_OF_LINES = {"sku", "title", "quantity", "unit_price", "line_total", "discount", "tax"}
# fields of the fitting that are no keys of `fields:` in the map
_ELSEWHERE = {"first_name", "last_name", "shipping", "order_discount"}
_OFFSET = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})$")
_WHOLE_NUMBER_AS_FLOAT = re.compile(r"\d+\.0", re.A)


@dataclass(frozen=True, slots=True)
class Guess:
    """The right side of a key in YAML, and what it rests on."""

    text: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class ChargeGuess:
    """A column that holds a charge once per order."""

    amount: Guess
    kind: ChargeKind
    title: str
    negative: bool = False


def scalar(text: str) -> str:
    """A text in YAML, quoted where it needs to be."""
    if re.fullmatch(r"[^\W\d_]\w*(?:[ -]\w+)*", text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'


def examples(profile: Profile) -> str:
    """Some values, on one line."""
    shown = ["".join(c if c.isprintable() else " " for c in text) for text in profile.examples()]
    return ", ".join(text[:20] for text in shown) or "always empty"


def _remark(fit: Fit) -> str:
    return f"{fit.confidence:.0%}: {examples(fit.profile)}"


# ── fields ─────────────────────────────────────────────────────────────────────────────────


def fields(file_name: str, fits: Mapping[str, Fit]) -> dict[str, Guess]:
    """Every key of `fields:`; what is needed and was not found is `???`."""
    found: dict[str, Guess] = {name: _missing() for name in _NEEDED}
    found["channel"] = Guess(
        f"{{value: {scalar(_slug(file_name))}}}",
        "guessed: the code of a channel that you have set up",
    )
    found["currency"] = _currency(fits)
    order = fits.get("external_id")
    for name, fit in fits.items():
        if name not in _ELSEWHERE:
            found[name] = _field(name, fit, order)
    if "buyer_name" not in found and {"first_name", "last_name"} & fits.keys():
        found["buyer_name"] = _joined_name(fits)
    if not {"unit_price", "line_total"} & found.keys():
        found["unit_price"] = _missing()
    return found


def _missing() -> Guess:
    return Guess(scalar(UNKNOWN), "not found: name the column, or a constant as {value: …}")


def _field(name: str, fit: Fit, order: Fit | None) -> Guess:
    column = scalar(fit.profile.column)
    more = []
    if name in _AMOUNTS and fit.profile.symbol:
        more.append("remove: '[^0-9.,+-]'")
    if name == "channel_customer_id" and _whole_numbers_as_floats(fit.profile):
        more.append(r"remove: '\.0$'")
    if order and name not in _OF_LINES | {"placed_at"} and contradicts(order.profile, fit.profile):
        more.append("differs: first")
    text = f"{{column: {column}, {', '.join(more)}}}" if more else column
    return Guess(text, _remark(fit))


def _whole_numbers_as_floats(profile: Profile) -> bool:
    return all(_WHOLE_NUMBER_AS_FLOAT.fullmatch(text) for text in profile.filled)


def _joined_name(fits: Mapping[str, Fit]) -> Guess:
    parts = [fits[name] for name in ("first_name", "last_name") if name in fits]
    columns = ", ".join(scalar(fit.profile.column) for fit in parts)
    return Guess(f"{{columns: [{columns}]}}", " + ".join(_remark(fit) for fit in parts))


def _currency(fits: Mapping[str, Fit]) -> Guess:
    for name in ("unit_price", "line_total", "total"):
        if (fit := fits.get(name)) and fit.profile.symbol:
            return Guess(f"{{value: {fit.profile.symbol}}}", f"as {fit.profile.column} is written")
    country = _country(fits)
    money = get_territory_currencies(country) if country else []
    if money:
        return Guess(f"{{value: {money[0]}}}", f"guessed: most orders are from {country}")
    return _missing()


def _slug(file_name: str) -> str:
    words = re.match(r"[a-z]+(?:[_ -][a-z]+)*", file_name.lower())
    return re.sub(r"[_ ]", "-", words.group())[:40] if words else "import"


def charges(fits: Mapping[str, Fit]) -> list[ChargeGuess]:
    """Columns that hold an amount once per order."""
    found = []
    for name, kind, title, negative in (
        ("shipping", ChargeKind.SHIPPING, "Shipping", False),
        ("order_discount", ChargeKind.DISCOUNT, "Discount", True),
    ):
        if fit := fits.get(name):
            column = scalar(fit.profile.column)
            removed = f"{{column: {column}, remove: '[^0-9.,+-]'}}"
            text = removed if fit.profile.symbol else column
            found.append(ChargeGuess(Guess(text, _remark(fit)), kind, title, negative))
    return found


# ── numbers and times ──────────────────────────────────────────────────────────────────────


def numbers(fits: Mapping[str, Fit]) -> tuple[Guess, Literal["", ".", ","]]:
    """The decimal separator, and the one between thousands if there is one."""
    amounts = [fits[name].profile for name in _AMOUNTS if name in fits]
    comma = sum(profile.decimal_comma for profile in amounts)
    point = sum(profile.decimal_point for profile in amounts)
    texts = [text for profile in amounts for text in profile.filled]
    if comma > point:
        grouped = any(re.search(r"\d\.\d{3}(?:\D|$)", text) for text in texts)
        return Guess(","), "." if grouped else ""
    grouped = any(re.search(r"\d,\d{3}(?:\D|$)", text) for text in texts)
    return Guess("."), "," if grouped else ""


def formats(fits: Mapping[str, Fit]) -> Guess:
    """How times are written."""
    fit = fits.get("placed_at")
    if fit is None:
        return Guess(f"[{ISO}]")
    form = fit.profile.date_format
    swapped = form.replace("%d/%m", "%m/%d")
    unsure = (
        "day before month is guessed" if swapped != form and all_read(fit.profile, swapped) else ""
    )
    return Guess(f"[{ISO if form == ISO else scalar(form)}]", unsure)


def timezone(fits: Mapping[str, Fit]) -> Guess:
    """The zone of local times: the one of the country that most orders are from."""
    fit = fits.get("placed_at")
    if fit and all(_OFFSET.search(text) for text in fit.profile.filled):
        return Guess("UTC", "not used: the times carry their own offsets")
    country = _country(fits)
    zones = sorted(z for z, c in get_global("zone_territories").items() if c == country)
    if country and 1 <= len(zones) <= 2:
        return Guess(zones[0], f"guessed: most orders are from {country}")
    return Guess("UTC", "guessed: name the zone that the times are local to")


def _country(fits: Mapping[str, Fit]) -> str:
    fit = fits.get("country")
    return country_code(_most_frequent(fit.profile.filled)) if fit else ""


def _most_frequent(texts: Sequence[str]) -> str:
    return Counter(texts).most_common(1)[0][0]
