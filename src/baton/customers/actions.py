"""The verbs of customers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from baton.customers import rules, store
from baton.customers.addresses import check_address, check_keepable
from baton.customers.contacts import normalised_email
from baton.customers.errors import CustomerNotFound
from baton.customers.events import AddressSaved, CustomerCreated, CustomerLinked
from baton.customers.model import AddressDraft, Customer, Identity, SavedAddress, Seed
from baton.platform import ids as new
from baton.platform import journal
from baton.platform.db import Tx
from baton.values.address import Address
from baton.values.fact import Fact
from baton.values.ids import NIL, Id


def match(tx: Tx, seeds: Sequence[Seed]) -> list[Id | None]:
    """The customer of each buyer, found or made; None where there is nothing to go by.

    By the channel's customer id, else by e-mail; a marketplace's relay address counts for
    nothing. Others who make the same customer at the same moment end with the same one.
    """
    wanted = [rules.identities(seed) for seed in seeds]
    asked = {identity for own in wanted for identity in own}
    known = store.owners(tx, asked) if asked else {}
    if all(identity in known for identity in asked):
        nobody = [NIL] * len(seeds)  # all are known: no new customer is needed
        return list(rules.assigned(wanted, known, nobody).owners)
    fresh = [new.fresh() for _ in seeds]
    plan = _claimed(tx, wanted, known, fresh)
    made = [
        rules.customer_of(seed, id)
        for seed, id, owner in zip(seeds, fresh, plan.owners, strict=True)
        if owner == id
    ]
    if made:
        store.add(tx, made)
    _record(tx, plan, {customer.id for customer in made})
    return list(plan.owners)


def _claimed(
    tx: Tx,
    wanted: Sequence[tuple[Identity, ...]],
    known: dict[Identity, Id],
    fresh: Sequence[Id],
) -> rules.Assignment:
    """Who each buyer is, once every identity that this needs is written or known to be another's.

    An identity is claimed before its customer is made: whoever loses one waits for the winner,
    reads who it is, and decides again, so that no customer is made for nothing.
    """
    mine: dict[Identity, Id] = {}
    while True:
        plan = rules.assigned(wanted, known, fresh)
        missing = {one: owner for one, owner in plan.links.items() if one not in mine}
        if not missing:
            break
        won = store.claim(tx, missing)
        mine |= {one: missing[one] for one in won}
        lost = missing.keys() - won
        if not lost:
            break
        known |= store.owners(tx, lost)
    moved = {one: plan.links[one] for one, owner in mine.items() if plan.links[one] != owner}
    if moved:
        store.reassign(tx, moved)
    return plan


def _record(tx: Tx, plan: rules.Assignment, made: set[Id]) -> None:
    kinds: dict[Id, set[str]] = {}
    for identity, owner in plan.links.items():
        kinds.setdefault(owner, set()).add(identity.kind)
    linked = kinds.keys() - made
    if linked:
        store.lock(tx, linked)
    facts: list[Fact] = [
        (CustomerCreated if owner in made else CustomerLinked)(owner, tuple(sorted(kinds[owner])))
        for owner in sorted(kinds)
    ]
    journal.record(tx, facts)


def save_addresses(tx: Tx, drafts: Sequence[AddressDraft]) -> list[SavedAddress]:
    """The addresses as they stand in their customers' books; one that is there is not added again.

    An address with problems is kept with them: it is the customer's own text. Raises
    AddressUnkeepable, or CustomerNotFound.
    """
    if not drafts:
        return []
    for place, draft in enumerate(drafts):
        check_keepable(draft.address, f"addresses.{place}")
    customer_ids = {draft.customer_id for draft in drafts}
    if store.lock(tx, customer_ids) != customer_ids:
        raise CustomerNotFound("There is no such customer.", field="customer_id")
    book = {
        (customer_id, one.address): one
        for customer_id, saved in store.addresses_of(tx, customer_ids).items()
        for one in saved
    }
    added = []
    for draft in drafts:
        if (draft.customer_id, draft.address) not in book:
            saved = _saved(draft.customer_id, draft.address)
            book[draft.customer_id, draft.address] = saved
            added.append(saved)
    if added:
        store.add_addresses(tx, added)
    journal.record(tx, [_fact(saved) for saved in added])
    return [book[draft.customer_id, draft.address] for draft in drafts]


def _saved(customer_id: Id, address: Address) -> SavedAddress:
    return SavedAddress(new.fresh(), customer_id, address, tuple(check_address(address)))


def _fact(saved: SavedAddress) -> AddressSaved:
    problems = tuple(f"{one.field}: {one.code}" for one in saved.problems)
    return AddressSaved(saved.customer_id, saved.id, saved.address.country, problems)


def customers_by_email(tx: Tx, emails: Collection[str]) -> dict[str, list[Customer]]:
    """All who gave one of these addresses, by the text that was asked for."""
    spelt = {text: normalised_email(text) or text for text in emails}
    found: dict[str, list[Customer]] = {}
    for customer in store.by_email(tx, set(spelt.values())):
        found.setdefault(customer.email, []).append(customer)
    return {text: found[email] for text, email in spelt.items() if email in found}
