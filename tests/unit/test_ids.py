"""Ids: time-ordered inside, prefixed outside; secrets and codes that can't be guessed."""

from __future__ import annotations

import re
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from baton.platform import ids
from baton.values.ids import NIL, UnknownId, new_id, parsed, shown

# The worked example of RFC 9562, appendix A.6.
MILLISECONDS = 0x017F22E279B0
EXAMPLE = uuid.UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")


def test_the_example_of_the_standard() -> None:
    chance = 0xCC3 << 62 | 0x18C4DC0C0C07398F
    assert new_id(MILLISECONDS, chance) == EXAMPLE


def test_version_and_variant_hold_whatever_the_chance() -> None:
    for chance in (0, (1 << 74) - 1, 1 << 80):
        made = new_id(MILLISECONDS, chance)
        assert made.version == 7
        assert made.variant == uuid.RFC_4122
        assert made.int >> 80 == MILLISECONDS


def test_shown_and_read_back() -> None:
    text = shown("ord", EXAMPLE)
    assert re.fullmatch(r"ord_[0-9a-hjkmnp-tv-z]{26}", text)
    assert parsed("ord", text) == EXAMPLE
    assert parsed("ord", shown("ord", NIL)) == NIL
    last = uuid.UUID(int=(1 << 128) - 1)
    assert parsed("ord", shown("ord", last)) == last


def test_shown_ids_sort_as_they_were_made() -> None:
    made = [new_id(MILLISECONDS + n, 5) for n in (0, 1, 1000, 10**9)]
    assert sorted(shown("x", id) for id in made) == [shown("x", id) for id in made]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ord_",
        "ord",
        "shp_" + "0" * 26,
        "ord_" + "0" * 25,
        "ord_" + "0" * 27,
        "ord_" + "u" + "0" * 25,  # no letter of the alphabet
        "ord_" + "O" * 26,
        "ord_" + "8" + "0" * 25,  # more than 128 bits
        "ord_" + "z" * 26,
        "ord_ " + "0" * 25,
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
    ],
)
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(UnknownId) as caught:
        parsed("ord", text, field="order")
    assert caught.value.field == "order"
    assert caught.value.code == "id_invalid"


def test_fresh_ids_ascend_within_a_process() -> None:
    made = [ids.fresh() for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {id.version for id in made} == {7}


def test_fresh_ids_are_all_different_among_threads() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = [
            id
            for ids_ in pool.map(lambda _: [ids.fresh() for _ in range(1000)], range(8))
            for id in ids_
        ]
    assert len(set(made)) == 8000


def test_ids_ascend_even_when_the_clock_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    first = ids.fresh()
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000)
    assert ids.fresh() > first


def test_a_fresh_id_carries_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = (ids.fresh().int >> 80) + 60_000
    monkeypatch.setattr(time, "time_ns", lambda: ahead * 1_000_000)
    monkeypatch.setattr(ids, "_last", (0, 0))
    assert ids.fresh().int >> 80 == ahead


def test_codes() -> None:
    assert re.fullmatch(r"[0-9a-f]{32}", ids.secret())
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}", ids.order_number())
    assert re.fullmatch(r"[0-9]{6}", ids.pickup_code())
    assert len({ids.secret() for _ in range(100)}) == 100
    assert len({ids.order_number() for _ in range(100)}) == 100
