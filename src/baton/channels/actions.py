"""The verbs of channels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from baton.channels import rules, store
from baton.channels.events import ChannelSaved
from baton.channels.model import Channel, ChannelDraft
from baton.platform import ids as new
from baton.platform import journal
from baton.platform.db import Tx
from baton.values.ids import Id


def save_channels(tx: Tx, drafts: Sequence[ChannelDraft]) -> list[Channel]:
    """The channels as they are now, in the order of the drafts; only what differs is written.

    Whether legal entity and areas exist is the caller's to know. Raises ChannelInvalid.
    """
    if not drafts:
        return []
    rules.check_channels(drafts)
    wanted = {
        d.code: rules.channel_of(d, new.fresh()) for d in sorted(drafts, key=lambda d: d.code)
    }
    made = store.add(tx, list(wanted.values()))
    changed, moved, facts = [], [], []
    for code, before in store.lock(tx, wanted).items():
        after = wanted[code] = replace(wanted[code], id=before.id)
        names = rules.changed_fields(before, after)
        if "area_ids" in names:
            moved.append(after)
        if before.id in made:
            facts.append(ChannelSaved(before.id, code, True))
        elif names:
            changed.append(after)
            facts.append(ChannelSaved(before.id, code, False, names))
    if changed:
        store.change(tx, changed)
    if moved:
        store.set_areas(tx, moved)
    journal.record(tx, facts)
    return [wanted[draft.code] for draft in drafts]


def channels_by_code(tx: Tx, codes: Collection[str]) -> dict[str, Channel]:
    """Those that exist, by code, with their areas in one query; inactive ones too."""
    return store.by_code(tx, codes)


def channels_by_id(tx: Tx, ids: Collection[Id]) -> dict[Id, Channel]:
    """Those that exist, by id, with their areas in one query; inactive ones too."""
    return store.by_id(tx, ids)


def page_of_channels(tx: Tx, after: str = "", limit: int = 100) -> list[Channel]:
    """Up to `limit` channels whose code comes after `after`; inactive ones too."""
    return store.page(tx, after, limit)
