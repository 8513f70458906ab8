"""What happened, in the past tense: the one kind of row that the journal keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from baton.values.ids import Id

FACTS: dict[str, type[Fact]] = {}


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened to one subject; its other fields are the details.

    A fact names people only by id, so that a person can be erased and the journal stays true.
    """

    fact: ClassVar[str] = ""
    subject: ClassVar[str] = ""

    subject_id: Id

    def __init_subclass__(cls) -> None:
        # called once more when `slots=True` makes the class anew: the last one counts
        if cls.fact:
            FACTS[cls.fact] = cls
