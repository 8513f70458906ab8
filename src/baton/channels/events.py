"""Facts about channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from baton.values.fact import Fact


@dataclass(frozen=True, slots=True)
class ChannelSaved(Fact):
    """A channel is new, or the fields named in `changed` are."""

    fact: ClassVar[str] = "channels.channel_saved"
    subject: ClassVar[str] = "channel"

    code: str
    new: bool
    changed: tuple[str, ...] = ()
