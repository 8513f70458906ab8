"""What a channel must hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from baton.channels.errors import ChannelInvalid
from baton.channels.model import (
    Acceptance,
    CaptureAt,
    ChannelDraft,
    ChannelKind,
)
from baton.channels.rules import check_channels
from baton.values.ids import new_id

EU, UK = new_id(1, 1), new_id(1, 2)
SHOP = ChannelDraft(
    "shop-de",
    "Shop 👕",
    ChannelKind.SHOP,
    Acceptance.REFUSE,
    new_id(1, 3),
    "EUR",
    (EU, UK),
    payment_provider="fake",
)


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (replace(SHOP, code=""), "code"),
        (replace(SHOP, code="shop de"), "code"),
        (replace(SHOP, name=" "), "name"),
        (replace(SHOP, name="a\x00"), "name"),
        (replace(SHOP, currency="eur"), "currency"),
        (replace(SHOP, area_ids=()), "area_ids"),
        (replace(SHOP, area_ids=(EU, EU)), "area_ids"),
        (replace(SHOP, payment_provider=""), "payment_provider"),
        (replace(SHOP, payment_provider="A b"), "payment_provider"),
    ],
)
def test_a_channel_is_refused_with_the_field_to_mend(draft: ChannelDraft, field: str) -> None:
    other = replace(SHOP, code="other")
    check_channels([other, SHOP])
    with pytest.raises(ChannelInvalid) as refused:
        check_channels([other, draft])
    assert refused.value.field == f"channels.1.{field}"


def test_what_is_paid_elsewhere_needs_no_connector() -> None:
    check_channels([replace(SHOP, capture_at=CaptureAt.EXTERNAL, payment_provider="")])


def test_an_import_of_history_sells_from_nowhere() -> None:
    check_channels([replace(SHOP, kind=ChannelKind.IMPORT, area_ids=())])


def test_a_code_stands_once_in_a_batch() -> None:
    with pytest.raises(ChannelInvalid) as refused:
        check_channels([SHOP, SHOP])
    assert refused.value.field == "channels.1.code"
