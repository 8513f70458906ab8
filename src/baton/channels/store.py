"""All the SQL of channels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from baton.channels.model import Acceptance, CaptureAt, Channel, ChannelKind
from baton.platform.db import Statements, Tx, checked, columns
from baton.values.check import Check
from baton.values.ids import Id

sql = Statements("channels")

_PLAIN = (
    "id",
    "code",
    "name",
    "kind",
    "acceptance",
    "legal_entity_id",
    "currency",
    "prices_include_tax",
    "capture_at",
    "payment_provider",
    "active",
)
_CHANNEL = f"""{", ".join(f"c.{name}" for name in _PLAIN)},
        array(select a.area_id from channels.areas a
              where a.tenant_id = %(tenant)s and a.channel_id = c.id order by a.rank)"""
_NEW = """unnest(
        %(id)s::uuid[], %(code)s::text[], %(name)s::text[], %(kind)s::text[],
        %(acceptance)s::text[], %(legal_entity_id)s::uuid[], %(currency)s::text[],
        %(prices_include_tax)s::bool[], %(capture_at)s::text[], %(payment_provider)s::text[],
        %(active)s::bool[])"""
ADD = sql(
    "add",
    f"""
    insert into channels.channels (tenant_id, created_at, {", ".join(_PLAIN)})
    select %(tenant)s, %(now)s, n.* from {_NEW} as n ({", ".join(_PLAIN)})
    on conflict (tenant_id, code) do nothing
    """,
)
CHANGE = sql(
    "change",
    f"""
    update channels.channels c
    set name = n.name, kind = n.kind, acceptance = n.acceptance,
        legal_entity_id = n.legal_entity_id, currency = n.currency,
        prices_include_tax = n.prices_include_tax, capture_at = n.capture_at,
        payment_provider = n.payment_provider, active = n.active
    from {_NEW} as n ({", ".join(_PLAIN)})
    where c.tenant_id = %(tenant)s and c.id = n.id
    """,
)
LOCK = sql(
    "lock",
    """
    select c.id from channels.channels c
    where c.tenant_id = %(tenant)s and c.code = any(%(codes)s) order by c.code for update
    """,
)
BY_CODE = sql(
    "by_code",
    f"""
    select {_CHANNEL} from channels.channels c
    where c.tenant_id = %(tenant)s and c.code = any(%(codes)s)
    """,
)
BY_ID = sql(
    "by_id",
    f"""
    select {_CHANNEL} from channels.channels c
    where c.tenant_id = %(tenant)s and c.id = any(%(ids)s)
    """,
)
PAGE = sql(
    "page",
    f"""
    select {_CHANNEL} from channels.channels c
    where c.tenant_id = %(tenant)s and c.code > %(after)s order by c.code limit %(limit)s
    """,
)
REMOVE_AREAS = sql(
    "remove_areas",
    "delete from channels.areas where tenant_id = %(tenant)s and channel_id = any(%(ids)s)",
)
ADD_AREAS = sql(
    "add_areas",
    """
    insert into channels.areas (tenant_id, channel_id, rank, area_id)
    select %(tenant)s, n.channel_id, n.rank, n.area_id
    from unnest(%(channel_ids)s::uuid[], %(ranks)s::int[], %(area_ids)s::uuid[])
         as n (channel_id, rank, area_id)
    """,
)


def _channels(rows: Iterable[tuple[Any, ...]]) -> list[Channel]:
    return [
        Channel(
            id,
            code,
            name,
            ChannelKind(kind),
            Acceptance(acceptance),
            entity,
            currency,
            with_tax,
            CaptureAt(capture_at),
            provider,
            active,
            tuple(areas),
        )
        for (
            id, code, name, kind, acceptance, entity, currency, with_tax, capture_at, provider,
            active, areas,
        ) in rows
    ]  # fmt: skip


def add(tx: Tx, channels: Sequence[Channel]) -> None:
    """Write those whose code is new, without their areas; the others stay as they are."""
    tx.run(ADD, **columns(channels, *_PLAIN), now=tx.now)


def change(tx: Tx, channels: Sequence[Channel]) -> None:
    """Write all but the areas."""
    tx.run(CHANGE, **columns(channels, *_PLAIN))


def set_areas(tx: Tx, channels: Sequence[Channel]) -> None:
    """Replace the ordered areas of these channels, whose rows are locked."""
    tx.run(REMOVE_AREAS, ids=[channel.id for channel in channels])
    ranked = [(c.id, rank, area) for c in channels for rank, area in enumerate(c.area_ids, 1)]
    tx.run(
        ADD_AREAS,
        channel_ids=[channel_id for channel_id, _, _ in ranked],
        ranks=[rank for _, rank, _ in ranked],
        area_ids=[area_id for _, _, area_id in ranked],
    )


def lock(tx: Tx, codes: Collection[str]) -> dict[str, Channel]:
    """Those that exist, locked, and read once nobody else can change them or their areas."""
    tx.run(LOCK, codes=list(codes))
    return channels_by_code(tx, codes)


def channels_by_code(tx: Tx, codes: Collection[str]) -> dict[str, Channel]:
    """Those that exist, by code, with their areas in one query; inactive ones too."""
    return {one.code: one for one in _channels(tx.all(BY_CODE, codes=list(codes)))}


def channels_by_id(tx: Tx, ids: Collection[Id]) -> dict[Id, Channel]:
    """Those that exist, by id, with their areas in one query; inactive ones too."""
    return {one.id: one for one in _channels(tx.all(BY_ID, ids=list(ids)))}


def page_of_channels(tx: Tx, after: str = "", limit: int = 100) -> list[Channel]:
    """Up to `limit` channels whose code comes after `after`; inactive ones too."""
    return _channels(tx.all(PAGE, after=after, limit=limit))


# ---------------------------------------------------------------- what must hold

CHECK_AREAS = sql(
    "check_areas",
    """
    select count(*), (array_agg(a.channel_id::text) filter (where not a.sound))[1:20]
    from (select a.channel_id,
                 bool_and(c.id is not null) and min(a.rank) = 1 and max(a.rank) = count(*) as sound
          from channels.areas a
          left join channels.channels c on c.tenant_id = %(tenant)s and c.id = a.channel_id
          where a.tenant_id = %(tenant)s group by a.channel_id) a
    """,
    scans="verify reads all",
)
CHECK_CHANNELS = sql(
    "check_channels",
    """
    select count(*), (array_agg(c.code) filter (where not c.sells))[1:20]
    from (select c.code, c.kind = 'import' or exists (
                     select from channels.areas a
                     where a.tenant_id = %(tenant)s and a.channel_id = c.id) as sells
          from channels.channels c where c.tenant_id = %(tenant)s) c
    """,
    scans="verify reads all",
)


def verify(tx: Tx) -> list[Check]:
    """Ranks of areas run from 1 without a gap; channels that sell have somewhere to sell from."""
    return [
        checked(
            tx,
            "channels: areas are ranked without a gap",
            CHECK_AREAS,
            "the areas of channel {} are not",
        ),
        checked(
            tx,
            "channels: a channel sells from an area",
            CHECK_CHANNELS,
            "channel {} has none",
        ),
    ]
