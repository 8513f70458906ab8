"""All SQL of the tax module."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from baton.platform.db import Statements, Tx, checked, columns
from baton.tax.model import (
    ChargeRule,
    Code,
    Determination,
    Determined,
    Exemption,
    Given,
    Rate,
    Registration,
    Scheme,
    SkuCategory,
    Source,
    State,
    Terms,
)
from baton.tax.rules import Tables
from baton.values.check import Check
from baton.values.ids import Id

sql = Statements("tax")

# ── rates ──────────────────────────────────────────────────────────────────────────────────

_RATE_FIELDS = tuple(one.name for one in fields(Rate))
_RATE = ", ".join(_RATE_FIELDS)
SAVE_RATES = sql(
    "save_rates",
    f"""
    insert into tax.rates as r (tenant_id, {_RATE})
    select %(tenant)s, {_RATE} from unnest(
        %(country)s::text[], %(region)s::text[], %(category)s::text[], %(component)s::text[],
        %(valid_from)s::date[], %(valid_to)s::date[], %(percent)s::numeric[], %(code)s::text[],
        %(exemption)s::text[], %(source)s::text[]
    ) as n ({_RATE})
    on conflict (tenant_id, country, region, category, component, valid_from) do update
        set valid_to = excluded.valid_to, percent = excluded.percent, code = excluded.code,
            exemption = excluded.exemption, source = excluded.source
        where (r.valid_to, r.percent, r.code, r.exemption)
              is distinct from
              (excluded.valid_to, excluded.percent, excluded.code, excluded.exemption)
    returning {_RATE}
    """,
)
RATES_OF = sql(
    "rates_of",
    f"""
    select {_RATE} from tax.rates
    where tenant_id = %(tenant)s and country = any(%(countries)s) and valid_from <= %(day)s
    order by country, region, category, component, valid_from
    """,
)
ANY_RATE = sql(
    "any_rate",
    """
    select from tax.rates where tenant_id = %(tenant)s and country > '' order by country limit 1
    """,
)
RATE_PAGE = sql(
    "rate_page",
    f"""
    select {_RATE} from tax.rates
    where tenant_id = %(tenant)s
      and (country, region, category, component, valid_from)
          > (%(country)s, %(region)s, %(category)s, %(component)s, %(valid_from)s::date)
    order by country, region, category, component, valid_from limit %(limit)s
    """,
)


def save_rates(tx: Tx, rates: Sequence[Rate]) -> list[Rate]:
    """Write rates by their key; those that are new or differ are returned."""
    rows = tx.all(SAVE_RATES, **columns(rates, *_RATE_FIELDS))
    return [_rate(row) for row in rows]


def rates_after(tx: Tx, key: tuple[str, str, str, str, date], limit: int) -> list[Rate]:
    """Up to `limit` rates after this one, in the order of their keys."""
    country, region, category, component, valid_from = key
    rows = tx.all(
        RATE_PAGE, country=country, region=region, category=category, component=component,
        valid_from=valid_from, limit=limit,
    )  # fmt: skip
    return [_rate(row) for row in rows]


def tables(tx: Tx, countries: Collection[str], day: date) -> Tables:
    """The rates and charge rules of these countries that were known by a day."""
    wanted = sorted(set(countries))
    rates = tuple(_rate(row) for row in tx.all(RATES_OF, countries=wanted, day=day))
    rules = tuple(tx.rows(ChargeRule, CHARGE_RULES_OF, countries=wanted))
    return Tables(rates, rules, kept=bool(rates) or tx.one(ANY_RATE) is not None)


def _rate(row: tuple[Any, ...]) -> Rate:
    kept = dict(zip(_RATE_FIELDS, row, strict=True))
    return Rate(**(kept | {"code": Code(kept["code"])}))


# ── categories of goods and charges ────────────────────────────────────────────────────────

SAVE_CHARGE_RULES = sql(
    "save_charge_rules",
    """
    insert into tax.charge_rules as r (tenant_id, country, kind, category)
    select %(tenant)s, n.country, n.kind, n.category
    from unnest(%(country)s::text[], %(kind)s::text[], %(category)s::text[])
         as n (country, kind, category)
    on conflict (tenant_id, country, kind) do update set category = excluded.category
        where r.category <> excluded.category
    returning r.country || ' ' || r.kind
    """,
)
CHARGE_RULES_OF = sql(
    "charge_rules_of",
    """
    select country, kind, category from tax.charge_rules
    where tenant_id = %(tenant)s and country = any(%(countries)s) order by country, kind
    """,
)
SAVE_SKU_CATEGORIES = sql(
    "save_sku_categories",
    """
    insert into tax.sku_categories as s (tenant_id, sku_id, category)
    select %(tenant)s, n.sku_id, n.category
    from unnest(%(sku_id)s::uuid[], %(category)s::text[]) as n (sku_id, category)
    on conflict (tenant_id, sku_id) do update set category = excluded.category
        where s.category <> excluded.category
    returning s.sku_id
    """,
)
SKU_CATEGORIES = sql(
    "sku_categories",
    """
    select sku_id, category from tax.sku_categories
    where tenant_id = %(tenant)s and sku_id = any(%(sku_ids)s)
    """,
)
SKU_CATEGORY_PAGE = sql(
    "sku_category_page",
    """
    select sku_id, category from tax.sku_categories
    where tenant_id = %(tenant)s and sku_id > %(after)s order by sku_id limit %(limit)s
    """,
)


def save_charge_rules(tx: Tx, rules: Sequence[ChargeRule]) -> list[str]:
    return [
        row[0] for row in tx.all(SAVE_CHARGE_RULES, **columns(rules, "country", "kind", "category"))
    ]


def charge_rules(tx: Tx, countries: Sequence[str]) -> list[ChargeRule]:
    """How these countries tax charges, as far as it was said."""
    return tx.rows(ChargeRule, CHARGE_RULES_OF, countries=sorted(set(countries)))


def save_sku_categories(tx: Tx, categories: Sequence[SkuCategory]) -> list[Id]:
    return [
        row[0] for row in tx.all(SAVE_SKU_CATEGORIES, **columns(categories, "sku_id", "category"))
    ]


def sku_categories(tx: Tx, sku_ids: Collection[Id]) -> dict[Id, str]:
    """The categories of SKUs, without those that nobody has put into one."""
    return dict(tx.all(SKU_CATEGORIES, sku_ids=sorted(set(sku_ids))))


def page_of_sku_categories(tx: Tx, after: Id, limit: int) -> list[SkuCategory]:
    """Up to `limit` SKUs with a category of their own, by id."""
    return tx.rows(SkuCategory, SKU_CATEGORY_PAGE, after=after, limit=limit)


# ── registrations, exemptions, terms ───────────────────────────────────────────────────────

_REGISTRATION_FIELDS = tuple(one.name for one in fields(Registration))
_REGISTRATION = ", ".join(_REGISTRATION_FIELDS)
SAVE_REGISTRATION = sql(
    "save_registration",
    f"""
    insert into tax.registrations as r (tenant_id, {_REGISTRATION})
    values (%(tenant)s, %(legal_entity_id)s, %(country)s, %(region)s, %(scheme)s, %(number)s,
            %(valid_from)s, %(valid_to)s)
    on conflict (tenant_id, legal_entity_id, country, region, scheme, valid_from) do update
        set number = excluded.number, valid_to = excluded.valid_to
        where (r.number, r.valid_to) is distinct from (excluded.number, excluded.valid_to)
    """,
)
REGISTRATIONS = sql(
    "registrations",
    f"""
    select {_REGISTRATION} from tax.registrations
    where tenant_id = %(tenant)s and legal_entity_id = any(%(entity_ids)s)
    order by legal_entity_id, country, region, scheme, valid_from
    """,
)
_EXEMPTION_FIELDS = tuple(one.name for one in fields(Exemption))
_EXEMPTION = ", ".join(_EXEMPTION_FIELDS)
SAVE_EXEMPTION = sql(
    "save_exemption",
    f"""
    insert into tax.exemptions as e (tenant_id, {_EXEMPTION})
    values (%(tenant)s, %(id)s, %(customer_id)s, %(country)s, %(region)s, %(certificate)s,
            %(reason)s, %(valid_from)s, %(valid_to)s)
    on conflict (tenant_id, customer_id, country, region, valid_from) do update
        set certificate = excluded.certificate, reason = excluded.reason,
            valid_to = excluded.valid_to
    returning {_EXEMPTION}
    """,
)
EXEMPTIONS = sql(
    "exemptions",
    f"""
    select {_EXEMPTION} from tax.exemptions
    where tenant_id = %(tenant)s and customer_id = any(%(customer_ids)s)
    order by customer_id, country, region, valid_from
    """,
)
_TERMS = "legal_entity_id, channel_id, given, service"
SAVE_TERMS = sql(
    "save_terms",
    f"""
    insert into tax.terms as t (tenant_id, {_TERMS})
    values (%(tenant)s, %(legal_entity_id)s, %(channel_id)s, %(given)s, %(service)s)
    on conflict (tenant_id, legal_entity_id, channel_id) do update
        set given = excluded.given, service = excluded.service
        where (t.given, t.service) is distinct from (excluded.given, excluded.service)
    """,
)
TERMS = sql(
    "terms",
    f"""
    select {_TERMS} from tax.terms
    where tenant_id = %(tenant)s and legal_entity_id = any(%(entity_ids)s)
    order by legal_entity_id, channel_id
    """,
)


def save_registration(tx: Tx, registration: Registration) -> bool:
    """Whether it is new or differs."""
    values = {name: getattr(registration, name) for name in _REGISTRATION_FIELDS}
    return tx.count(SAVE_REGISTRATION, **values) > 0


def registrations(tx: Tx, entity_ids: Collection[Id]) -> list[Registration]:
    """All registrations that these legal entities have or had."""
    return [
        Registration(entity, country, region, Scheme(scheme), *rest)
        for entity, country, region, scheme, *rest in tx.all(
            REGISTRATIONS, entity_ids=sorted(set(entity_ids))
        )
    ]


def save_exemption(tx: Tx, exemption: Exemption) -> Exemption:
    values = {name: getattr(exemption, name) for name in _EXEMPTION_FIELDS}
    return tx.rows(Exemption, SAVE_EXEMPTION, **values)[0]


def exemptions(tx: Tx, customer_ids: Collection[Id]) -> list[Exemption]:
    """All certificates that these customers have or had."""
    return tx.rows(Exemption, EXEMPTIONS, customer_ids=sorted(set(customer_ids)))


def save_terms(tx: Tx, terms: Terms) -> bool:
    """Whether they are new or differ."""
    return tx.count(SAVE_TERMS, **{name: getattr(terms, name) for name in _TERMS.split(", ")}) > 0


def terms(tx: Tx, entity_ids: Collection[Id]) -> list[Terms]:
    """The terms of these legal entities' channels."""
    return [
        Terms(entity, channel, Given(given), service)
        for entity, channel, given, service in tx.all(TERMS, entity_ids=sorted(set(entity_ids)))
    ]


# ── what was determined ────────────────────────────────────────────────────────────────────

_HEAD = "order_id, version, source, service, state, tax_minor, expected_minor, note, fingerprint"
_HEAD_FIELDS = tuple(_HEAD.split(", "))
_PART_FIELDS = tuple(one.name for one in fields(Determined))
_PART = ", ".join(_PART_FIELDS)
SAVE_DETERMINATIONS = sql(
    "save_determinations",
    f"""
    insert into tax.determinations (tenant_id, {_HEAD}, determined_at)
    select %(tenant)s, {_HEAD}, %(now)s from unnest(
        %(order_id)s::uuid[], %(version)s::int[], %(source)s::text[], %(service)s::text[],
        %(state)s::text[], %(tax_minor)s::bigint[], %(expected_minor)s::bigint[],
        %(note)s::text[], %(fingerprint)s::bytea[]
    ) as n ({_HEAD})
    on conflict (tenant_id, order_id) do update
        set version = excluded.version, source = excluded.source, service = excluded.service,
            state = excluded.state, tax_minor = excluded.tax_minor,
            expected_minor = excluded.expected_minor, note = excluded.note,
            fingerprint = excluded.fingerprint, determined_at = excluded.determined_at
    """,
)
DELETE_PARTS = sql(
    "delete_parts",
    "delete from tax.parts where tenant_id = %(tenant)s and order_id = any(%(order_ids)s)",
)
INSERT_PARTS = sql(
    "insert_parts",
    f"""
    insert into tax.parts (tenant_id, {_PART})
    select %(tenant)s, {_PART} from unnest(
        %(order_id)s::uuid[], %(line_no)s::int[], %(charge_no)s::int[], %(component)s::text[],
        %(jurisdiction)s::text[], %(category)s::text[], %(rate)s::numeric[],
        %(basis_minor)s::bigint[], %(tax_minor)s::bigint[], %(reason)s::text[],
        %(goods_category)s::text[], %(exemption)s::text[], %(expected_minor)s::bigint[]
    ) as n ({_PART})
    """,
)
HEADS = sql(
    "heads",
    f"""
    select {_HEAD} from tax.determinations
    where tenant_id = %(tenant)s and order_id = any(%(order_ids)s)
    """,
)
PARTS = sql(
    "parts",
    f"""
    select {_PART} from tax.parts
    where tenant_id = %(tenant)s and order_id = any(%(order_ids)s)
    order by order_id, line_no = 0, line_no, charge_no, component
    """,
)


def save_determinations(tx: Tx, made: Sequence[Determination]) -> None:
    """Write them in place of what was determined before."""
    if not made:
        return
    tx.run(SAVE_DETERMINATIONS, **columns(made, *_HEAD_FIELDS), now=tx.now)
    tx.run(DELETE_PARTS, order_ids=[each.order_id for each in made])
    tx.run(INSERT_PARTS, **columns([p for each in made for p in each.parts], *_PART_FIELDS))


def of_orders(tx: Tx, order_ids: Collection[Id]) -> dict[Id, tuple[Determined, ...]]:
    """The tax of each line and charge, lines first; orders without it are absent."""
    found: dict[Id, list[Determined]] = {}
    for part in tx.rows(Determined, PARTS, order_ids=sorted(set(order_ids))):
        found.setdefault(part.order_id, []).append(part)
    return {order_id: tuple(parts) for order_id, parts in found.items()}


def determinations(tx: Tx, order_ids: Collection[Id]) -> dict[Id, Determination]:
    """What was determined for these orders, whole."""
    wanted = sorted(set(order_ids))
    parts = of_orders(tx, wanted)
    return {row[0]: _head(row, parts.get(row[0], ())) for row in tx.all(HEADS, order_ids=wanted)}


def _head(row: tuple[Any, ...], parts: tuple[Determined, ...]) -> Determination:
    kept = dict(zip(_HEAD_FIELDS, row, strict=True))
    kept["source"], kept["state"] = Source(kept["source"]), State(kept["state"])
    return Determination(**kept, parts=parts)


# ── what services are asked (calls.py) ─────────────────────────────────────────────────────

_CALL = (
    "id, kind, order_id, subject_id, version, service, state, request, ref, error, requested_at,"
    " settled_at"
)
INSERT_CALLS = sql(
    "insert_calls",
    f"""
    insert into tax.calls (tenant_id, {_CALL})
    select %(tenant)s, {_CALL} from unnest(
        %(id)s::uuid[], %(kind)s::text[], %(order_id)s::uuid[], %(subject_id)s::uuid[],
        %(version)s::int[], %(service)s::text[], %(state)s::text[], %(request)s::jsonb[],
        %(ref)s::text[], %(error)s::text[], %(requested_at)s::timestamptz[],
        %(settled_at)s::timestamptz[]
    ) as n ({_CALL})
    on conflict (tenant_id, subject_id, kind, version) do nothing
    returning id
    """,
)
CALL_BY_ID = sql(
    "call_by_id", f"select {_CALL} from tax.calls where tenant_id = %(tenant)s and id = %(id)s"
)
CALLS_BY_ORDERS = sql(
    "calls_by_orders",
    f"""
    select {_CALL} from tax.calls
    where tenant_id = %(tenant)s and order_id = any(%(order_ids)s) order by id
    """,
)
SETTLE_CALL = sql(
    "settle_call",
    """
    update tax.calls set state = %(state)s, ref = %(ref)s, error = %(error)s,
        settled_at = %(settled_at)s
    where tenant_id = %(tenant)s and id = %(id)s and state = 'requested'
    """,
)
ANY_SERVICE = sql(
    "any_service",
    "select from tax.terms where tenant_id = %(tenant)s and service <> '' limit 1",
    scans="a row for each channel at most",
)

# ── what must hold ─────────────────────────────────────────────────────────────────────────

CHECK_SUMS = sql(
    "check_sums",
    """
    with summed as (
        select p.order_id, sum(p.tax_minor)::bigint as tax,
               sum(p.expected_minor)::bigint as expected
        from tax.parts p where p.tenant_id = %(tenant)s group by p.order_id
    )
    select count(*), array_agg(d.order_id::text || ': the parts sum to ' || coalesce(s.tax, 0)
               || ', the whole is ' || d.tax_minor)
           filter (where (coalesce(s.tax, 0), coalesce(s.expected, 0))
                         <> (d.tax_minor, d.expected_minor))
    from tax.determinations d left join summed s on s.order_id = d.order_id
    where d.tenant_id = %(tenant)s
    """,
    scans="verify reads all",
)


def verify(tx: Tx) -> list[Check]:
    """What was determined for an order is the sum of its parts."""
    return [checked(tx, "tax: the parts of an order's tax sum to the whole", CHECK_SUMS)]
