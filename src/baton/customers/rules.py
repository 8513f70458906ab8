"""Who a buyer is: by the channel's own customer id, else by e-mail. Nobody is ever merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from baton.customers.contacts import normalised_email, normalised_phone
from baton.customers.model import Customer, Identity, Seed
from baton.customers.relays import is_relay
from baton.values.ids import Id
from baton.values.text import kept, unkeepable

_LONGEST_ID = 200


def identities(seed: Seed) -> tuple[Identity, ...]:
    """How this buyer can be known again, the surest first; empty with nothing to go by."""
    found = []
    channel_customer_id = seed.channel_customer_id.strip()
    if 0 < len(channel_customer_id) <= _LONGEST_ID and not unkeepable(channel_customer_id):
        found.append(Identity(f"channel:{seed.channel_id}", channel_customer_id))
    email = normalised_email(seed.email) if seed.email else None
    if email and not is_relay(email.rpartition("@")[2]):
        found.append(Identity("email", email))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who each buyer is, and the identities that have to be written for it."""

    owners: tuple[Id | None, ...]
    links: dict[Identity, Id]


def assigned(
    wanted: Sequence[tuple[Identity, ...]], known: Mapping[Identity, Id], fresh: Sequence[Id]
) -> Assignment:
    """The customer of each buyer, in their order; buyer i opens customer `fresh[i]` if need be.

    The surest identity that is known decides. The others are linked to the same customer where
    they are free; where they belong to somebody else they stay there.
    """
    links: dict[Identity, Id] = {}
    owners: list[Id | None] = []
    for own, new in zip(wanted, fresh, strict=True):
        owner = next(
            (at for one in own if (at := known.get(one) or links.get(one)) is not None),
            new if own else None,
        )
        owners.append(owner)
        if owner is not None:
            links.update((one, owner) for one in own if one not in known and one not in links)
    return Assignment(tuple(owners), links)


def customer_of(seed: Seed, id: Id) -> Customer:
    """A new customer with what the seed says of them, cut to what can be kept."""
    return Customer(
        id,
        kept(seed.name, 300),
        kept(normalised_email(seed.email) or seed.email, 320),
        kept(normalised_phone(seed.phone, seed.country), 60),
        kept(seed.language, 35),
    )
