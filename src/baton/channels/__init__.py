"""Where orders come from, on what terms, and which areas they sell from.

Owns       channels: how they accept, when money is taken and by whom, their ordered areas.
Tables     channels.channels · channels.areas
Verbs      save_channels
Reads      channels_by_code · channels_by_id · page_of_channels (areas come with the channel)
Facts      channels.channel_saved
Invariants Areas are ranked from 1 without a gap, each once. A channel sells from at least one area,
           but for imports of history. Whoever takes money names the connector that does it.
           Nothing is cached: a change counts for the next order.
"""

from baton.channels.actions import save_channels
from baton.channels.store import channels_by_code, channels_by_id, page_of_channels, verify

__all__ = [
    "channels_by_code",
    "channels_by_id",
    "page_of_channels",
    "save_channels",
    "verify",
]
