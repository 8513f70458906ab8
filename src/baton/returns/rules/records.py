"""What a report of a channel must hold, and what the journal hears of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from baton.returns.errors import ReturnInvalid
from baton.returns.events import ReturnRecorded
from baton.returns.model.records import ReturnDraft, ReturnLine
from baton.values.ids import Id
from baton.values.text import fits

MOST_LINES = 10_000
MOST_UNITS = 10_000_000
MOST_MINOR = 10**14
MOST_NUMBER = 2**31 - 1
_FUTURE = timedelta(minutes=10)  # clocks differ
_CURRENCY = re.compile(r"[A-Z]{3}")


def check_returns(drafts: Sequence[ReturnDraft], now: datetime) -> None:
    """Raises ReturnInvalid at the first draft that can't be recorded."""
    for place, draft in enumerate(drafts):
        _check_return(draft, f"returns.{place}", now)


def recorded(draft: ReturnDraft, id: Id) -> ReturnRecorded:
    """The fact that this return came in."""
    return ReturnRecorded(
        id,
        draft.channel_id,
        str(draft.kind),
        str(draft.mode),
        draft.currency,
        sum(line.amount for line in draft.lines),
        sum(line.quantity for line in draft.lines),
        tuple(sorted({line.order_id for line in draft.lines if line.order_id is not None})),
    )


def _check_return(draft: ReturnDraft, where: str, now: datetime) -> None:
    _check_text(draft.external_id, f"{where}.external_id", least=1)
    _check_text(draft.country, f"{where}.country")
    _check_text(draft.customer, f"{where}.customer")
    _check_text(draft.note, f"{where}.note", most=2000)
    if not _CURRENCY.fullmatch(draft.currency):
        raise ReturnInvalid(
            "Give the ISO 4217 code of a currency, such as EUR.", field=f"{where}.currency"
        )
    if draft.occurred_at.tzinfo is None:
        raise ReturnInvalid("Say in which time zone.", field=f"{where}.occurred_at")
    if draft.occurred_at > now + _FUTURE:
        raise ReturnInvalid("This lies in the future.", field=f"{where}.occurred_at")
    if not 0 < len(draft.lines) <= MOST_LINES:
        raise ReturnInvalid(f"A return has 1 to {MOST_LINES} lines.", field=f"{where}.lines")
    for number, line in enumerate(draft.lines):
        _check_line(line, f"{where}.lines.{number}")
    if len({line.line_no for line in draft.lines}) < len(draft.lines):
        raise ReturnInvalid("Each line has a number of its own.", field=f"{where}.lines")


def _check_line(line: ReturnLine, where: str) -> None:
    _check_text(line.sku_code, f"{where}.sku_code")
    _check_text(line.title, f"{where}.title", most=500)
    if not 0 < line.quantity <= MOST_UNITS:
        raise ReturnInvalid(f"Give 1 to {MOST_UNITS} units.", field=f"{where}.quantity")
    if not -MOST_MINOR <= line.amount <= MOST_MINOR:
        raise ReturnInvalid("This amount is beyond all reason.", field=f"{where}.amount")
    for name in ("line_no", "order_line", "charge_no"):
        if not 0 <= (getattr(line, name) or 0) <= MOST_NUMBER:
            raise ReturnInvalid("Give a small whole number.", field=f"{where}.{name}")
    if line.order_id is None and (line.order_line is not None or line.charge_no is not None):
        raise ReturnInvalid("Say of which order.", field=f"{where}.order_id")


def _check_text(text: str, field: str, *, least: int = 0, most: int = 200) -> None:
    if not fits(text, least, most):
        raise ReturnInvalid(f"Write {least} to {most} characters of plain text.", field=field)
