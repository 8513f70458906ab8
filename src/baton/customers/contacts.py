"""E-mail addresses and telephone numbers: one spelling where they are valid.

Nothing is asked of the network. *Source:* RFC 5321/5322/6531 by way of email-validator, ITU E.164
by way of phonenumbers.
"""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email
from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    format_number,
    is_valid_number,
    parse,
)

_LONGEST_PHONE = 60
# What validate_email would return unchanged, tested against it: no international letters, no
# quotes, no reserved domain.
_PLAIN = re.compile(
    r"(?!.*\.(?:arpa|invalid|local|localhost|onion|test)$)"
    r"(?=.{1,64}@.{1,63}$)[a-z0-9]+(?:[._+-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,}",
    re.ASCII,
)


def normalised_email(text: str) -> str | None:
    """The address in small letters and one Unicode spelling, or None where it is none.

    The local part is lowered too: no provider of note tells Ann@ and ann@ apart.
    """
    lowered = text.strip().lower()
    if _PLAIN.fullmatch(lowered):  # most are; the full check costs ten times as much
        return lowered
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def normalised_phone(text: str, country: str = "") -> str:
    """A valid number as +<country><number>; anything else, extensions too, as it was written.

    `country` is where a number without a prefix is taken to be, ISO 3166.
    """
    text = text.strip()
    if len(text) > _LONGEST_PHONE:
        return text
    try:
        number = parse(text, country or None)
    except NumberParseException:
        return text
    if number.extension or not is_valid_number(number):
        return text
    return format_number(number, PhoneNumberFormat.E164)
