"""Every number with a right check digit is a GTIN, and no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.catalog.errors import GtinInvalid
from baton.catalog.rules import gtin14

bodies = st.sampled_from([7, 11, 12, 13]).flatmap(
    lambda length: st.text("0123456789", min_size=length, max_size=length).filter(
        lambda t: t.strip("0")
    )
)


def check_digit(body: str) -> int:
    """*Source:* GS1 General Specifications, section 7.9.1: weights 3, 1, 3 … from the right."""
    return -sum(int(c) * (3, 1)[n % 2] for n, c in enumerate(reversed(body))) % 10


@given(bodies)
def test_a_right_check_digit_is_taken_and_padded(body: str) -> None:
    text = f"{body}{check_digit(body)}"
    assert gtin14(text) == text.zfill(14)


@given(bodies, st.integers(1, 9))
def test_every_wrong_check_digit_is_refused(body: str, off: int) -> None:
    with pytest.raises(GtinInvalid):
        gtin14(f"{body}{(check_digit(body) + off) % 10}")


@given(st.text(max_size=20))
def test_no_text_breaks_it(text: str) -> None:
    try:
        digits = gtin14(text)
    except GtinInvalid:
        return
    assert len(digits) == 14
    assert digits.isdecimal()
