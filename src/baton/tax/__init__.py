"""Tax: the merchant's own rates, and what was determined for each order, with the reason.

Owns       rates by place, category of goods, component and day; how places tax charges; the
           categories of SKUs; registrations of legal entities; customers' certificates; terms of
           channels; and each order's tax by line, charge and component.
Tables     tax.rates · charge_rules · sku_categories · registrations · exemptions · terms ·
           determinations · parts · calls
Verbs      save_rates · save_charge_rules · save_sku_categories · save_registration ·
           save_exemption · save_terms · record (keeps what `reckoning.determined` decided) ·
           intend (has a service asked, by a job `tax.call`) · settle (books its answer)
Reads      of_orders · determinations · tables · rates_after · charge_rules · sku_categories ·
           page_of_sku_categories · registrations · exemptions · terms · preview_rates · calls_of ·
           call_of · any_service · verify
Facts      tax.rates_saved · categories_saved · registration_saved · exemption_saved ·
           terms_saved; tax.determined, service_asked and service_answered are about the order.
Pure       reckoning.determined (an order's tax) · amounts.of_units (of part shipments and
           returns) · rules.totals (the foot of an invoice) · vat_ids.normalised
Invariants The parts of an order's tax sum to the whole, and that is the order's own tax: the
           channel's figures are explained, never changed. One determination per order, made anew
           only where what it was determined from has changed.

Explained in docs/algorithms/tax.md. No verb calls a tax service: flows do, between transactions.
"""

from baton.tax.actions import (
    preview_rates,
    record,
    save_charge_rules,
    save_exemption,
    save_rates,
    save_registration,
    save_sku_categories,
    save_terms,
)
from baton.tax.calls import any_service, call_of, calls_of, intend, settle, to_void
from baton.tax.store import (
    charge_rules,
    determinations,
    exemptions,
    of_orders,
    page_of_sku_categories,
    rates_after,
    registrations,
    sku_categories,
    tables,
    terms,
    verify,
)

__all__ = [
    "any_service",
    "call_of",
    "calls_of",
    "charge_rules",
    "determinations",
    "exemptions",
    "intend",
    "of_orders",
    "page_of_sku_categories",
    "preview_rates",
    "rates_after",
    "record",
    "registrations",
    "save_charge_rules",
    "save_exemption",
    "save_rates",
    "save_registration",
    "save_sku_categories",
    "save_terms",
    "settle",
    "sku_categories",
    "tables",
    "terms",
    "to_void",
    "verify",
]
