"""What saving rows that are known again by code makes new, and what it changes."""

from __future__ import annotations

from dataclasses import dataclass

from baton.values.ids import Id, new_id
from baton.values.saved import Saved, saved

OLD, NEW = new_id(1, 1), new_id(2, 2)


@dataclass(frozen=True)
class Thing:
    id: Id
    code: str
    name: str = ""
    size: int = 0


def test_a_row_found_under_the_id_wanted_is_new() -> None:
    thing = Thing(NEW, "a")
    assert saved({"a": thing}, {"a": thing}) == {"a": Saved(thing, True, ())}


def test_a_row_found_under_another_keeps_that_and_says_what_changed() -> None:
    found = saved({"a": Thing(NEW, "a", "Hat", 2)}, {"a": Thing(OLD, "a", "Cap", 2)})
    assert found == {"a": Saved(Thing(OLD, "a", "Hat", 2), False, ("name",))}
    assert found["a"].differs


def test_the_same_again_has_nothing_to_tell() -> None:
    (one,) = saved({"a": Thing(NEW, "a", "Hat")}, {"a": Thing(OLD, "a", "Hat")}).values()
    assert (one.row.id, one.new, one.changed, one.differs) == (OLD, False, (), False)
