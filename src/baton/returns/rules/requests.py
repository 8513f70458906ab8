"""What may be asked for: units, reasons, photos."""

from __future__ import annotations

from collections.abc import Sequence

from baton.returns.errors import ReturnInvalid, UnitsNotReturnable
from baton.returns.model.goods import PhotoDraft
from baton.returns.model.money import GoesTo
from baton.returns.model.rma import Asked, Claim
from baton.values.text import fits

MOST_LINES = 1000
MOST_UNITS = 10_000_000
MOST_PHOTOS = 10
MOST_BYTES = 1_000_000

# Source: the signatures of PNG (RFC 2083), JPEG (ISO 10918-1, SOI) and WebP (RFC 9649, RIFF)
_SIGNATURES = {
    "image/jpeg": lambda data: data[:3] == b"\xff\xd8\xff",
    "image/png": lambda data: data[:8] == b"\x89PNG\r\n\x1a\n",
    "image/webp": lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP",
}


def check_asked(asked: Sequence[Asked]) -> None:
    """Raises ReturnInvalid at the first line that can't be asked for."""
    if not 0 < len(asked) <= MOST_LINES:
        raise ReturnInvalid(f"A return has 1 to {MOST_LINES} lines.", field="lines")
    if len({each.order_line for each in asked}) < len(asked):
        raise ReturnInvalid("Name each line of the order once.", field="lines")
    for number, each in enumerate(asked):
        where = f"lines.{number}"
        if not 0 < each.units <= MOST_UNITS:
            raise ReturnInvalid(f"Give 1 to {MOST_UNITS} units.", field=f"{where}.quantity")
        if not fits(each.condition, 0, 200) or not fits(each.note, 0, 2000):
            raise ReturnInvalid("Write plain text.", field=f"{where}.note")
        if (each.wanted is GoesTo.EXCHANGE) != bool(each.exchange_sku):
            raise ReturnInvalid(
                "Name the SKU that is wanted in exchange, and only then.",
                field=f"{where}.exchange_sku",
            )
        for place, photo in enumerate(each.photos):
            check_photo(photo, f"{where}.photos.{place}")
    if sum(len(each.photos) for each in asked) > MOST_PHOTOS:
        raise ReturnInvalid(f"Send at most {MOST_PHOTOS} photos.", field="lines")


def check_photo(photo: PhotoDraft, field: str) -> None:
    """Raises ReturnInvalid where this is no picture of a kind and size that is kept."""
    known = _SIGNATURES.get(photo.media_type)
    if known is None:
        raise ReturnInvalid("Send a JPEG, PNG or WebP.", field=f"{field}.media_type")
    if not 0 < len(photo.content) <= MOST_BYTES:
        raise ReturnInvalid(f"A photo has at most {MOST_BYTES:,} bytes.", field=f"{field}.content")
    if not known(photo.content):
        raise ReturnInvalid(f"This is no {photo.media_type}.", field=f"{field}.content")


def check_units(claim: Claim, units: int, field: str) -> None:
    """Pass if so many more units of the order line can come back. Raises UnitsNotReturnable."""
    left = claim.gone - claim.claimed
    if units > left:
        raise UnitsNotReturnable(
            f"{claim.gone} units of line {claim.order_line} were shipped and not lost, "
            f"{claim.claimed} of them came back or are on a return: {max(left, 0)} can be "
            f"returned, not {units}.",
            field=field,
            line=claim.order_line,
            shipped=claim.gone,
            claimed=claim.claimed,
            returnable=max(left, 0),
        )
