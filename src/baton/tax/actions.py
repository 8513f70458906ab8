"""What is done about tax, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from baton.platform import ids, journal
from baton.platform.db import Tx
from baton.tax import rules, store
from baton.tax.errors import RateInvalid
from baton.tax.events import (
    CategoriesSaved,
    ExemptionSaved,
    RatesSaved,
    RegistrationSaved,
    TaxDetermined,
    TermsSaved,
)
from baton.tax.model import (
    ChargeRule,
    Determination,
    Exemption,
    Rate,
    Registration,
    SkuCategory,
    Terms,
)


class Becomes(StrEnum):
    """What saving a rate would do."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Previewed:
    """One rate of a list, and what would become of it; `problem` says why it is refused."""

    rate: Rate
    becomes: Becomes
    problem: str = ""
    field: str = ""


def preview_rates(tx: Tx, rates: Sequence[Rate]) -> list[Previewed]:
    """What saving these would do, one answer each; nothing is changed."""
    countries = {rate.country for rate in rates}
    last = max((rate.valid_from for rate in rates), default=None)
    known = {r.key: r for r in store.tables(tx, countries, last).rates} if last else {}
    seen: set[object] = set()
    answers = []
    for place, rate in enumerate(rates):
        try:
            rules.check_rate(rate, f"rates.{place}")
            if rate.key in seen:
                raise RateInvalid("The list has this rate twice.", field=f"rates.{place}")
        except RateInvalid as error:
            answers.append(Previewed(rate, Becomes.REFUSED, error.message, error.field or ""))
            continue
        seen.add(rate.key)
        before = known.get(rate.key)
        same = before is not None and replace(before, source="") == replace(rate, source="")
        becomes = Becomes.SAME if same else Becomes.CHANGED if before else Becomes.NEW
        answers.append(Previewed(rate, becomes))
    return answers


def save_rates(tx: Tx, rates: Sequence[Rate]) -> list[Rate]:
    """Enter or change rates, known by place, category, component and first day.

    Those that are new or differ are returned. Raises RateInvalid for the first that can't be kept.
    """
    seen: set[object] = set()
    for place, rate in enumerate(rates):
        rules.check_rate(rate, f"rates.{place}")
        if rate.key in seen:
            raise RateInvalid("The list has this rate twice.", field=f"rates.{place}")
        seen.add(rate.key)
    changed = store.save_rates(tx, sorted(rates, key=lambda rate: rate.key)) if rates else []
    if changed:
        told = tuple(f"{r.jurisdiction} {r.category} {r.valid_from}" for r in changed)
        journal.record(tx, [RatesSaved(ids.fresh(), told, changed[0].source)])
    return changed


def save_charge_rules(tx: Tx, wanted: Sequence[ChargeRule]) -> None:
    """Say how countries tax kinds of charges: by a category, or as the goods are."""
    unique = {(rule.country, rule.kind): rule for rule in wanted}
    changed = store.save_charge_rules(tx, [unique[key] for key in sorted(unique)])
    if changed:
        journal.record(tx, [CategoriesSaved(ids.fresh(), tuple(sorted(changed)))])


def save_sku_categories(tx: Tx, wanted: Sequence[SkuCategory]) -> None:
    """Put SKUs into tax categories. What was determined before stays as it is."""
    unique = {each.sku_id: each for each in wanted}
    changed = store.save_sku_categories(tx, [unique[key] for key in sorted(unique)])
    if changed:
        journal.record(tx, [CategoriesSaved(ids.fresh(), tuple(str(id) for id in sorted(changed)))])


def save_registration(tx: Tx, registration: Registration) -> None:
    """Enter or change a registration, known by entity, place, scheme and first day.

    Raises RegistrationInvalid.
    """
    rules.check_registration(registration)
    if store.save_registration(tx, registration):
        r = registration
        fact = RegistrationSaved(
            ids.fresh(), r.legal_entity_id, r.country, r.region, r.scheme.value
        )
        journal.record(tx, [fact])


def save_exemption(tx: Tx, exemption: Exemption) -> Exemption:
    """Enter or change a certificate, known by customer, place and first day.

    Raises ExemptionInvalid.
    """
    saved = store.save_exemption(tx, replace(rules.check_exemption(exemption), id=ids.fresh()))
    journal.record(tx, [ExemptionSaved(saved.id, saved.customer_id, saved.country)])
    return saved


def save_terms(tx: Tx, terms: Terms) -> None:
    """Say whether a channel tells the tax of its orders, and which service is asked for it."""
    if store.save_terms(tx, terms):
        fact = TermsSaved(
            ids.fresh(), terms.legal_entity_id, terms.channel_id, terms.given.value, terms.service
        )
        journal.record(tx, [fact])


def record(tx: Tx, made: Sequence[Determination], *, again: bool = False) -> list[Determination]:
    """Keep what was determined, once: what is there under the same fingerprint stays.

    `again`: it stays only where it is the same in all its parts. The caller holds the locks of
    the orders. Those that were written are returned, each with the version that it now has.
    """
    known = store.determinations(tx, [each.order_id for each in made]) if made else {}
    fresh = []
    for each in made:
        before = known.get(each.order_id)
        if before is None:
            fresh.append(each)
        elif before.fingerprint != each.fingerprint or (again and not _same(before, each)):
            fresh.append(replace(each, version=before.version + 1))
    store.save_determinations(tx, fresh)
    journal.record(tx, [_fact(each) for each in fresh])
    return fresh


def _same(before: Determination, after: Determination) -> bool:
    return replace(before, version=after.version) == after


def _fact(made: Determination) -> TaxDetermined:
    return TaxDetermined(
        made.order_id, made.version, made.source.value, made.state.value, made.tax_minor,
        made.expected_minor,
    )  # fmt: skip
