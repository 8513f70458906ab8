"""Text as people send it: any script, any emoji, but nothing that a database can't hold."""

from __future__ import annotations

import re

_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


def unkeepable(text: str) -> bool:
    """Whether it holds a NUL or half a character, which UTF-8 can't store."""
    return _UNKEEPABLE.search(text) is not None


def kept(text: str, most: int) -> str:
    """The text without what can't be stored, without blanks around it, and cut to `most`."""
    return _UNKEEPABLE.sub("", text).strip()[:most]


def fits(text: str, least: int, most: int) -> bool:
    """Whether it can be stored and has `least` to `most` characters, blanks around it aside."""
    return least <= len(text.strip()) <= len(text) <= most and not unkeepable(text)
