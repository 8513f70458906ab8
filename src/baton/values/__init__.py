"""The nouns that every floor shares: small, frozen, pure.

Nothing here knows a database, a clock or a network. A value that only one module
needs belongs to that module's `model.py`.
"""

from baton.values.address import Address, Contact
from baton.values.ids import Id, new_id
from baton.values.money import Money, MoneyError, share
from baton.values.parcel import Dimensions, Parcel

__all__ = [
    "Address",
    "Contact",
    "Dimensions",
    "Id",
    "Money",
    "MoneyError",
    "Parcel",
    "new_id",
    "share",
]
