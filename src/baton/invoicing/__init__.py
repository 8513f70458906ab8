"""Invoices and credit memos: what was shipped is billed, what is settled is credited.

Owns       what is to be billed (an intent for each shipment) or credited (one for each
           settlement), issued documents with gapless numbers, who issues them, and when.
Tables     invoicing.intents · lines · documents · series · counters · issuers · policies
Verbs      draft keeps what is to be billed; complete and collect let what waited be issued;
           issue numbers papers and freezes them; save_issuer and save_policy set it up.
Reads      document · found · by_number · listed · of_orders · waiting · billed · invoiced_in ·
           by_subjects · by_documents · lock_ready · issuers · series_of · policies_for ·
           page_of_policies · verify
Facts      invoicing.drafted (of the order) · issued · issuer_saved · policy_saved
Invariants A series' numbers have no gap: they are taken from its counter in the transaction that
           writes the documents. A shipment is billed once, a settlement credited once. A document
           is the sum of its lines, per tax rate too; the program may not change one. Credited
           units and money of a line never exceed those billed.

Flows: flows/billing.py (what left is billed), flows/issue_invoices.py (documents), flows/credit.py.
Explained in docs/algorithms/invoicing.md.
"""

from baton.invoicing.actions import (
    ask_collect,
    ask_issue,
    by_number,
    collect,
    complete,
    document,
    draft,
    found,
    issue,
    issuers,
    listed,
    of_orders,
    save_issuer,
    save_policy,
    series_of,
    verify,
)
from baton.invoicing.model import COLLECT, ISSUE, policy_for
from baton.invoicing.store.intents import (
    billed,
    by_documents,
    by_subjects,
    invoiced_in,
    lock_ready,
    waiting,
)
from baton.invoicing.store.settings import page_of_policies, policies_for

__all__ = [
    "COLLECT",
    "ISSUE",
    "ask_collect",
    "ask_issue",
    "billed",
    "by_documents",
    "by_number",
    "by_subjects",
    "collect",
    "complete",
    "document",
    "draft",
    "found",
    "invoiced_in",
    "issue",
    "issuers",
    "listed",
    "lock_ready",
    "of_orders",
    "page_of_policies",
    "policies_for",
    "policy_for",
    "save_issuer",
    "save_policy",
    "series_of",
    "verify",
    "waiting",
]
