"""The verbs of channels."""

from __future__ import annotations

from collections.abc import Sequence

from baton.channels import rules, store
from baton.channels.events import ChannelSaved
from baton.channels.model import Channel, ChannelDraft
from baton.platform import ids as new
from baton.platform import journal
from baton.platform.db import Tx
from baton.values.saved import saved


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
    store.add(tx, list(wanted.values()))
    found = saved(wanted, store.lock(tx, wanted))
    if changed := [one.row for one in found.values() if one.changed and not one.new]:
        store.change(tx, changed)
    if moved := [one.row for one in found.values() if "area_ids" in one.changed]:
        store.set_areas(tx, moved)
    told = [one for one in found.values() if one.differs]
    journal.record(
        tx,
        [
            ChannelSaved(one.row.id, one.row.code, one.new, () if one.new else one.changed)
            for one in told
        ],
    )
    return [found[draft.code].row for draft in drafts]
