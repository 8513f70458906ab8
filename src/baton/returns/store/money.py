"""Settlements: what returns brought."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields
from typing import Any

from baton.platform.db import Statements, Tx
from baton.returns.model.money import ChargeBack, GoesTo, LineBack, Settlement
from baton.values.ids import Id

sql = Statements("returns")

_SETTLEMENT = (
    "id, rma_id, settlement_no, order_id, goes_to, currency, goods_minor, tax_minor,"
    " charges_minor, fee_minor, bonus_minor, amount_minor, withheld_minor, exchange_order,"
    " exchanged_minor, settled_at, settled_by"
)
_NAMES = tuple(f.name for f in fields(Settlement) if f.name not in ("lines", "charges"))

ADD = sql(
    "add_settlement",
    f"""
    insert into returns.settlements (tenant_id, {_SETTLEMENT})
    values (%(tenant)s, %(id)s, %(rma_id)s, %(settlement_no)s, %(order_id)s, %(goes_to)s,
            %(currency)s, %(goods_minor)s, %(tax_minor)s, %(charges_minor)s, %(fee_minor)s,
            %(bonus_minor)s, %(amount_minor)s, %(withheld_minor)s, %(exchange_order)s,
            %(exchanged_minor)s, %(settled_at)s, %(settled_by)s)
    """,
)
ADD_SETTLED_LINES = sql(
    "add_settled_lines",
    """
    insert into returns.settlement_lines (tenant_id, settlement_id, line_no, order_id, order_line,
                                          first_unit, units, amount, tax)
    select %(tenant)s, %(settlement_id)s, n.line_no, %(order_id)s, n.order_line, n.first_unit,
           n.units, n.amount, n.tax
    from unnest(%(line_no)s::int[], %(order_line)s::int[], %(first_unit)s::int[],
                %(units)s::int[], %(amount)s::bigint[], %(tax)s::bigint[])
         as n (line_no, order_line, first_unit, units, amount, tax)
    """,
)
ADD_CHARGES = sql(
    "add_settled_charges",
    """
    insert into returns.settlement_charges (tenant_id, settlement_id, charge_no, order_id, amount,
                                            whole)
    select %(tenant)s, %(settlement_id)s, n.charge_no, %(order_id)s, n.amount, n.whole
    from unnest(%(charge_no)s::int[], %(amount)s::bigint[], %(whole)s::boolean[])
         as n (charge_no, amount, whole)
    """,
)
BY_ORDER = sql(
    "settlements_of_orders",
    f"""
    select {_SETTLEMENT} from returns.settlements
    where tenant_id = %(tenant)s and order_id = any(%(order_ids)s) order by settled_at, id
    """,
)
SETTLED_LINES = sql(
    "settled_lines",
    """
    select settlement_id, line_no, order_line, first_unit, units, amount, tax
    from returns.settlement_lines
    where tenant_id = %(tenant)s and settlement_id = any(%(ids)s) order by settlement_id, line_no
    """,
)
SETTLED_CHARGES = sql(
    "settled_charges",
    """
    select settlement_id, charge_no, amount, whole from returns.settlement_charges
    where tenant_id = %(tenant)s and settlement_id = any(%(ids)s)
    order by settlement_id, charge_no
    """,
)


def add(tx: Tx, settlement: Settlement) -> None:
    """Write a settlement. The database refuses units, or a whole charge, a second time."""
    values = {name: getattr(settlement, name) for name in _NAMES}
    tx.run(ADD, **values | {"goes_to": settlement.goes_to.value})
    lines = settlement.lines
    tx.run(
        ADD_SETTLED_LINES,
        settlement_id=settlement.id,
        order_id=settlement.order_id,
        line_no=[line.line_no for line in lines],
        order_line=[line.order_line for line in lines],
        first_unit=[line.first_unit for line in lines],
        units=[line.units for line in lines],
        amount=[line.amount for line in lines],
        tax=[line.tax for line in lines],
    )
    if settlement.charges:
        tx.run(
            ADD_CHARGES,
            settlement_id=settlement.id,
            order_id=settlement.order_id,
            charge_no=[charge.charge_no for charge in settlement.charges],
            amount=[charge.amount for charge in settlement.charges],
            whole=[charge.whole for charge in settlement.charges],
        )


def settlements(tx: Tx, order_ids: Collection[Id]) -> list[Settlement]:
    """What returns of these orders brought, oldest first."""
    rows = tx.all(BY_ORDER, order_ids=sorted(set(order_ids)))
    ids = [row[0] for row in rows]
    lines: dict[Id, list[LineBack]] = {}
    charges: dict[Id, list[ChargeBack]] = {}
    for id, *line in tx.all(SETTLED_LINES, ids=ids) if ids else ():
        lines.setdefault(id, []).append(LineBack(*line))
    for id, *charge in tx.all(SETTLED_CHARGES, ids=ids) if ids else ():
        charges.setdefault(id, []).append(ChargeBack(*charge))
    return [_settlement(row, lines.get(row[0], []), charges.get(row[0], [])) for row in rows]


def _settlement(
    row: tuple[Any, ...], lines: list[LineBack], charges: list[ChargeBack]
) -> Settlement:
    kept = dict(zip(_NAMES, row, strict=True))
    kept["goes_to"] = GoesTo(kept["goes_to"])
    return Settlement(**kept, lines=tuple(lines), charges=tuple(charges))
