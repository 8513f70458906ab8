"""What entries lean on: the books' own row, what buyers owe, pots, and stock in layers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from baton.accounting.model import (
    Key,
    Layer,
    Ledger,
    Left,
    Method,
    OrderAccount,
    Pool,
    Pot,
    UnitCost,
)
from baton.accounting.rules.books import LeftKey, PoolKey, PotKey
from baton.platform.db import Statements, Tx, columns
from baton.values.ids import Id

sql = Statements("accounting")

OPEN_BOOKS = sql(
    "open_books",
    """
    insert into accounting.books
        (tenant_id, legal_entity_id, base_currency, method, closed_through, next_no, next_export)
    select %(tenant)s, n.id, n.currency, 'average', null, 1, 1
    from unnest(%(ids)s::uuid[], %(currencies)s::text[]) as n (id, currency)
    order by n.id
    on conflict do nothing
    """,
)
LOCK_BOOKS = sql(
    "lock_books",
    """
    select b.legal_entity_id, b.base_currency, b.method, b.closed_through, b.next_no, b.next_export
    from accounting.books b
    where b.tenant_id = %(tenant)s and b.legal_entity_id = any(%(ids)s)
    order by b.legal_entity_id for update
    """,
)
BOOKS = sql(
    "books",
    """
    select b.legal_entity_id, b.base_currency, b.method, b.closed_through, b.next_no, b.next_export
    from accounting.books b
    where b.tenant_id = %(tenant)s and b.legal_entity_id = any(%(ids)s)
    """,
)
WRITE_BOOKS = sql(
    "write_books",
    """
    update accounting.books b
    set method = n.method, closed_through = n.closed_through, next_no = n.next_no,
        next_export = n.next_export
    from unnest(%(legal_entity_id)s::uuid[], %(method)s::text[], %(closed_through)s::date[],
                %(next_no)s::bigint[], %(next_export)s::int[])
         as n (legal_entity_id, method, closed_through, next_no, next_export)
    where b.tenant_id = %(tenant)s and b.legal_entity_id = n.legal_entity_id
    """,
)
ORDER_ACCOUNTS = sql(
    "order_accounts",
    """
    select a.order_id, a.legal_entity_id, a.currency, a.billed, a.received, a.amount, a.base
    from accounting.order_accounts a
    where a.tenant_id = %(tenant)s and a.order_id = any(%(ids)s)
    """,
)
WRITE_ORDER_ACCOUNTS = sql(
    "write_order_accounts",
    """
    insert into accounting.order_accounts
        (tenant_id, order_id, legal_entity_id, currency, billed, received, amount, base)
    select %(tenant)s, n.* from unnest(
        %(order_id)s::uuid[], %(legal_entity_id)s::uuid[], %(currency)s::text[],
        %(billed)s::bigint[], %(received)s::bigint[], %(amount)s::bigint[], %(base)s::bigint[]
    ) as n
    on conflict (tenant_id, order_id) do update
    set billed = excluded.billed, received = excluded.received, amount = excluded.amount,
        base = excluded.base
    """,
)
POTS = sql(
    "pots",
    """
    select p.legal_entity_id, p.key, p.code, p.currency, p.amount, p.base
    from unnest(%(entities)s::uuid[], %(keys)s::text[], %(codes)s::text[], %(currencies)s::text[])
         as n (legal_entity_id, key, code, currency)
    join accounting.pots p
      on p.tenant_id = %(tenant)s and p.legal_entity_id = n.legal_entity_id and p.key = n.key
     and p.code = n.code and p.currency = n.currency
    """,
)
WRITE_POTS = sql(
    "write_pots",
    """
    insert into accounting.pots (tenant_id, legal_entity_id, key, code, currency, amount, base)
    select %(tenant)s, n.* from unnest(
        %(entities)s::uuid[], %(keys)s::text[], %(codes)s::text[], %(currencies)s::text[],
        %(amounts)s::bigint[], %(bases)s::bigint[]
    ) as n
    on conflict (tenant_id, legal_entity_id, key, code, currency) do update
    set amount = excluded.amount, base = excluded.base
    """,
)
POOLS = sql(
    "pools",
    """
    select p.legal_entity_id, p.sku_id, p.next_layer, p.last_units, p.last_value
    from unnest(%(entities)s::uuid[], %(skus)s::uuid[]) as n (legal_entity_id, sku_id)
    join accounting.pools p
      on p.tenant_id = %(tenant)s and p.legal_entity_id = n.legal_entity_id
     and p.sku_id = n.sku_id
    """,
)
LAYERS = sql(
    "layers",
    """
    select p.legal_entity_id, p.sku_id, p.layer_no, p.units, p.value
    from unnest(%(entities)s::uuid[], %(skus)s::uuid[]) as n (legal_entity_id, sku_id)
    join accounting.layers p
      on p.tenant_id = %(tenant)s and p.legal_entity_id = n.legal_entity_id
     and p.sku_id = n.sku_id
    order by p.legal_entity_id, p.sku_id, p.layer_no
    """,
)
WRITE_POOLS = sql(
    "write_pools",
    """
    insert into accounting.pools
        (tenant_id, legal_entity_id, sku_id, units, value, next_layer, last_units, last_value)
    select %(tenant)s, n.* from unnest(
        %(entities)s::uuid[], %(skus)s::uuid[], %(units)s::bigint[], %(values)s::bigint[],
        %(next_layers)s::int[], %(last_units)s::int[], %(last_values)s::bigint[]
    ) as n
    on conflict (tenant_id, legal_entity_id, sku_id) do update
    set units = excluded.units, value = excluded.value, next_layer = excluded.next_layer,
        last_units = excluded.last_units, last_value = excluded.last_value
    """,
)
DROP_LAYERS = sql(
    "drop_layers",
    """
    delete from accounting.layers p
    using unnest(%(entities)s::uuid[], %(skus)s::uuid[], %(nos)s::int[])
          as n (legal_entity_id, sku_id, layer_no)
    where p.tenant_id = %(tenant)s and p.legal_entity_id = n.legal_entity_id
      and p.sku_id = n.sku_id and p.layer_no = n.layer_no
    """,
)
WRITE_LAYERS = sql(
    "write_layers",
    """
    insert into accounting.layers
        (tenant_id, legal_entity_id, sku_id, layer_no, units, value)
    select %(tenant)s, n.* from unnest(
        %(entities)s::uuid[], %(skus)s::uuid[], %(nos)s::int[], %(units)s::bigint[],
        %(values)s::bigint[]
    ) as n
    on conflict (tenant_id, legal_entity_id, sku_id, layer_no) do update
    set units = excluded.units, value = excluded.value
    """,
)
COSTS = sql(
    "costs",
    """
    select c.order_id, c.line_no, c.units, c.value
    from unnest(%(orders)s::uuid[], %(lines)s::int[]) as n (order_id, line_no)
    join accounting.costs c
      on c.tenant_id = %(tenant)s and c.order_id = n.order_id and c.line_no = n.line_no
    """,
)
WRITE_COSTS = sql(
    "write_costs",
    """
    insert into accounting.costs (tenant_id, order_id, line_no, units, value)
    select %(tenant)s, n.* from unnest(
        %(orders)s::uuid[], %(lines)s::int[], %(units)s::int[], %(values)s::bigint[]
    ) as n
    on conflict (tenant_id, order_id, line_no) do update
    set units = excluded.units, value = excluded.value
    """,
)


def lock(tx: Tx, currencies: Mapping[Id, str]) -> dict[Id, Ledger]:
    """The books of these legal entities (with their base currency), made where missing, locked."""
    if not currencies:
        return {}
    tx.run(OPEN_BOOKS, ids=list(currencies), currencies=list(currencies.values()))
    return {row[0]: _ledger(row) for row in tx.all(LOCK_BOOKS, ids=sorted(currencies))}


def ledgers(tx: Tx, ids: Collection[Id]) -> dict[Id, Ledger]:
    """The books of these legal entities, as far as they were opened."""
    return {row[0]: _ledger(row) for row in tx.all(BOOKS, ids=sorted(ids))}


def _ledger(row: tuple[object, ...]) -> Ledger:
    return Ledger(row[0], row[1], Method(str(row[2])), *row[3:])  # type: ignore[arg-type]


def write(tx: Tx, changed: Collection[Ledger]) -> None:
    """Write locked books."""
    if changed:
        names = ("legal_entity_id", "closed_through", "next_no", "next_export")
        tx.run(
            WRITE_BOOKS, **columns(changed, *names), method=[one.method.value for one in changed]
        )


def order_accounts(tx: Tx, ids: Collection[Id]) -> dict[Id, OrderAccount]:
    """What is owed for these orders, as far as anything was booked for them."""
    if not ids:
        return {}
    return {
        row[0]: OrderAccount(row[0], row[1], row[2], row[3], row[4], Pot(row[5], row[6]))
        for row in tx.all(ORDER_ACCOUNTS, ids=sorted(ids))
    }


def write_order_accounts(tx: Tx, accounts: Collection[OrderAccount]) -> None:
    """Write what is owed for orders."""
    if accounts:
        names = ("order_id", "legal_entity_id", "currency", "billed", "received")
        tx.run(
            WRITE_ORDER_ACCOUNTS,
            **columns(accounts, *names),
            **columns([one.pot for one in accounts], "amount", "base"),
        )


def pots(tx: Tx, keys: Iterable[PotKey]) -> dict[PotKey, Pot]:
    """These pots, as far as they have begun."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    rows = tx.all(POTS, **_pot_keys(wanted))
    return {(row[0], Key(row[1]), row[2], row[3]): Pot(row[4], row[5]) for row in rows}


def write_pots(tx: Tx, changed: Mapping[PotKey, Pot]) -> None:
    """Write pots."""
    if changed:
        tx.run(
            WRITE_POTS,
            **_pot_keys(list(changed)),
            amounts=[pot.amount for pot in changed.values()],
            bases=[pot.base for pot in changed.values()],
        )


def _pot_keys(keys: list[PotKey]) -> dict[str, list[object]]:
    return {
        "entities": [key[0] for key in keys],
        "keys": [key[1].value for key in keys],
        "codes": [key[2] for key in keys],
        "currencies": [key[3] for key in keys],
    }


def pools(tx: Tx, keys: Iterable[PoolKey]) -> dict[PoolKey, Pool]:
    """The stock of these legal entities and SKUs with its layers, as far as there was any."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    places = {"entities": [key[0] for key in wanted], "skus": [key[1] for key in wanted]}
    layers: dict[PoolKey, list[Layer]] = {}
    for row in tx.all(LAYERS, **places):
        layers.setdefault((row[0], row[1]), []).append(Layer(*row[2:]))
    return {
        (row[0], row[1]): Pool(
            tuple(layers.get((row[0], row[1]), ())),
            row[2],
            None if row[3] is None else UnitCost(row[4], row[3]),
        )
        for row in tx.all(POOLS, **places)
    }


def write_pools(tx: Tx, before: Mapping[PoolKey, Pool], after: Mapping[PoolKey, Pool]) -> None:
    """Write pools that changed, and of their layers what differs."""
    changed = {key: pool for key, pool in after.items() if before.get(key) != pool}
    if not changed:
        return
    keys, own = list(changed), list(changed.values())
    tx.run(
        WRITE_POOLS,
        entities=[key[0] for key in keys],
        skus=[key[1] for key in keys],
        units=[pool.units for pool in own],
        values=[pool.value for pool in own],
        next_layers=[pool.next_no for pool in own],
        last_units=[pool.last.units if pool.last else None for pool in own],
        last_values=[pool.last.value if pool.last else None for pool in own],
    )
    gone, kept = [], []
    for key, pool in changed.items():
        old = {layer.no: layer for layer in before[key].layers} if key in before else {}
        new = {layer.no: layer for layer in pool.layers}
        gone += [(*key, no) for no in old if no not in new]
        kept += [(*key, layer) for no, layer in new.items() if old.get(no) != layer]
    if gone:
        tx.run(
            DROP_LAYERS,
            entities=[one[0] for one in gone],
            skus=[one[1] for one in gone],
            nos=[one[2] for one in gone],
        )
    if kept:
        tx.run(
            WRITE_LAYERS,
            entities=[one[0] for one in kept],
            skus=[one[1] for one in kept],
            nos=[one[2].no for one in kept],
            units=[one[2].units for one in kept],
            values=[one[2].value for one in kept],
        )


def costs(tx: Tx, keys: Iterable[LeftKey]) -> dict[LeftKey, Left]:
    """What units of these order lines cost that left and did not come back."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    rows = tx.all(COSTS, orders=[key[0] for key in wanted], lines=[key[1] for key in wanted])
    return {(row[0], row[1]): Left(row[2], row[3]) for row in rows}


def write_costs(tx: Tx, changed: Mapping[LeftKey, Left]) -> None:
    """Write what units of order lines cost."""
    if changed:
        tx.run(
            WRITE_COSTS,
            orders=[key[0] for key in changed],
            lines=[key[1] for key in changed],
            units=[left.units for left in changed.values()],
            values=[left.value for left in changed.values()],
        )
