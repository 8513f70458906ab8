"""Who buys, and how they are known again.

Owns       customers, their identities, their address books.
Tables     customers.customers · customers.identities · customers.addresses
Verbs      match (find or make the customers of a batch of orders) · save_addresses
Reads      lock · customers_by_id · customers_by_email · page_of_customers · addresses_of
Decides    check_address(address) · normalised_email
Facts      customers.created · customers.linked · customers.address_saved
Invariants An identity belongs to one customer and every customer has one. Nobody is merged by
           `match`: where two identities of one order belong to two customers, the channel's own
           customer id decides and both stay as they are. A marketplace's relay address is no
           identity. Addresses are kept in the customer's own words.
"""

from baton.customers.actions import customers_by_email, match, save_addresses
from baton.customers.addresses import check_address
from baton.customers.contacts import normalised_email
from baton.customers.store import addresses_of, customers_by_id, lock, page_of_customers, verify

__all__ = [
    "addresses_of",
    "check_address",
    "customers_by_email",
    "customers_by_id",
    "lock",
    "match",
    "normalised_email",
    "page_of_customers",
    "save_addresses",
    "verify",
]
