"""Decisions of channels: what a draft must hold, what differs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from babel.numbers import is_currency

from baton.channels.errors import ChannelInvalid
from baton.channels.model import CaptureAt, Channel, ChannelDraft, ChannelKind
from baton.values.ids import Id
from baton.values.text import fits

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_PROVIDER = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def channel_of(draft: ChannelDraft, id: Id) -> Channel:
    """The row that a draft asks for."""
    return Channel(
        id,
        draft.code,
        draft.name,
        draft.kind,
        draft.acceptance,
        draft.legal_entity_id,
        draft.currency,
        draft.prices_include_tax,
        draft.capture_at,
        draft.payment_provider,
        draft.active,
        draft.area_ids,
    )


def check_channels(drafts: Sequence[ChannelDraft]) -> None:
    """Raises ChannelInvalid at the first draft that can't be kept."""
    seen: set[str] = set()
    for place, draft in enumerate(drafts):
        where = f"channels.{place}"
        if not _CODE.fullmatch(draft.code):
            raise ChannelInvalid(
                "Use 1 to 60 letters, digits, dots, hyphens or underscores.", field=f"{where}.code"
            )
        if draft.code in seen:
            raise ChannelInvalid(f"{draft.code!r} stands twice.", field=f"{where}.code")
        seen.add(draft.code)
        _check_channel(draft, where)


def _check_channel(draft: ChannelDraft, where: str) -> None:
    if not fits(draft.name, 1, 200):
        raise ChannelInvalid("Write 1 to 200 characters of plain text.", field=f"{where}.name")
    if not is_currency(draft.currency):
        raise ChannelInvalid(
            "Give the ISO 4217 code of a currency, such as EUR.", field=f"{where}.currency"
        )
    if len(set(draft.area_ids)) < len(draft.area_ids):
        raise ChannelInvalid("Name each area once.", field=f"{where}.area_ids")
    if not draft.area_ids and draft.kind is not ChannelKind.IMPORT:
        raise ChannelInvalid(
            "Name at least one area that the channel sells from.", field=f"{where}.area_ids"
        )
    _check_payment(draft, where)


def _check_payment(draft: ChannelDraft, where: str) -> None:
    provider = draft.payment_provider
    if provider and not _PROVIDER.fullmatch(provider):
        raise ChannelInvalid(
            "Give the short name of a payment connector.", field=f"{where}.payment_provider"
        )
    if not provider and draft.capture_at is not CaptureAt.EXTERNAL:
        raise ChannelInvalid(
            "Name the payment connector that takes the money, or set capture_at to external.",
            field=f"{where}.payment_provider",
        )
