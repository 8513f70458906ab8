"""What channels refuses, each with a stable code."""

from __future__ import annotations

from baton.values.errors import Invalid


class ChannelInvalid(Invalid):
    """A channel can't be kept as it was sent."""

    code = "channel_invalid"
