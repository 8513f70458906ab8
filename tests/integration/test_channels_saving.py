"""Channels and their ordered areas on a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg

from baton import channels
from baton.channels.model import (
    Acceptance,
    CaptureAt,
    Channel,
    ChannelDraft,
    ChannelKind,
)
from baton.platform import ids, journal
from baton.platform.db import Caller, Database

EU, UK, US = ids.fresh(), ids.fresh(), ids.fresh()
SHOP = ChannelDraft(
    "shop-de",
    "Shop",
    ChannelKind.SHOP,
    Acceptance.BACKORDER,
    ids.fresh(),
    "EUR",
    (US, EU),
    payment_provider="fake",
)
MARKET = ChannelDraft(
    "market",
    "Market",
    ChannelKind.MARKETPLACE,
    Acceptance.MUST_ACCEPT,
    ids.fresh(),
    "GBP",
    (UK,),
    prices_include_tax=False,
    capture_at=CaptureAt.EXTERNAL,
)


def test_a_channel_is_kept_as_it_was_sent(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        shop, market = channels.save_channels(tx, [SHOP, MARKET])
    with db.transaction(caller) as tx:
        found = channels.channels_by_code(tx, ["shop-de", "market", "nowhere"])
        assert found == {"shop-de": shop, "market": market}
        assert shop == Channel(
            shop.id,
            "shop-de",
            "Shop",
            ChannelKind.SHOP,
            Acceptance.BACKORDER,
            SHOP.legal_entity_id,
            "EUR",
            True,
            CaptureAt.SHIP,
            "fake",
            True,
            (US, EU),
        )
        assert channels.channels_by_id(tx, [market.id, ids.fresh()]) == {market.id: market}
        assert channels.page_of_channels(tx, limit=1) == [market]
        assert channels.page_of_channels(tx, "market") == [shop]
        assert channels.save_channels(tx, []) == []


def test_saving_again_writes_only_what_differs(db: Database, caller: Caller) -> None:
    with db.transaction(caller) as tx:
        (shop,) = channels.save_channels(tx, [SHOP])
        assert channels.save_channels(tx, [SHOP]) == [shop]
        (turned,) = channels.save_channels(tx, [replace(SHOP, area_ids=(EU, US, UK))])
        assert turned == replace(shop, area_ids=(EU, US, UK))
        (shorter,) = channels.save_channels(tx, [replace(SHOP, area_ids=(UK,), active=False)])
        assert channels.channels_by_id(tx, [shop.id]) == {shop.id: shorter}
        entries = journal.timeline(tx, [shop.id])
    assert [(e.data["new"], e.data["changed"]) for e in entries] == [
        (True, []),
        (False, ["area_ids"]),
        (False, ["active", "area_ids"]),
    ]


def test_many_who_save_one_channel_end_with_one_list_of_areas(db: Database, caller: Caller) -> None:
    wanted = [(EU, UK, US), (US,), (UK, EU), (US, EU, UK)]

    def save(area_ids: tuple[ids.Id, ...]) -> None:
        draft = replace(SHOP, area_ids=area_ids)
        db.execute(caller, lambda tx: channels.save_channels(tx, [draft]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(save, wanted * 3))
    with db.transaction(caller) as tx:
        (shop,) = channels.page_of_channels(tx)
        assert shop.area_ids in wanted
        assert [c.failures for c in channels.verify(tx)] == [(), ()]
        seqs = sorted(e.seq for e in journal.timeline(tx, [shop.id]))
        assert seqs == list(range(1, len(seqs) + 1))


def test_verify_counts_rows_and_finds_what_was_altered_by_hand(
    db: Database, caller: Caller
) -> None:
    with db.transaction(caller) as tx:
        shop, _ = channels.save_channels(tx, [SHOP, MARKET])
    with db.transaction(caller) as tx:
        assert [(c.rows, c.failures) for c in channels.verify(tx)] == [(2, ()), (2, ())]
    with psycopg.connect(db.dsn, options=f"-c baton.tenant={caller.tenant}") as connection:
        connection.execute(
            "delete from channels.areas where tenant_id = %s and (area_id = %s or area_id = %s)",
            (caller.tenant, US, UK),
        )
    with db.transaction(caller) as tx:
        ranks, sells = channels.verify(tx)
        assert ranks.failures == (f"the areas of channel {shop.id} are not",)
        assert sells.failures == ("channel market has none",)
