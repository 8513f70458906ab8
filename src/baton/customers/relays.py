"""Mail domains that marketplaces put in place of a buyer's own address.

They change from order to order, or are one address for everybody: nobody is known by them.
A star stands for any ending. *Source:* seller documentation and sample orders of each marketplace.
"""

from __future__ import annotations

RELAYS = (
    "allegromail.pl",
    "clemarche.com",  # Cdiscount
    "mail.mercadolibre.*",
    "mail.mercadolivre.*",
    "marketplace.amazon.*",
    "marketplace.newegg.*",
    "members.ebay.*",
    "relay.walmart.com",
    "scs.tiktokw.us",  # TikTok Shop
    "verkopen.bol.com",
)

_EXACT = frozenset(relay for relay in RELAYS if not relay.endswith(".*"))
_BEGINNINGS = tuple(f".{relay[:-1]}" for relay in RELAYS if relay.endswith(".*"))


def is_relay(domain: str) -> bool:
    """Whether mail to this domain, given in small letters, goes through a marketplace."""
    dotted = f".{domain}"
    return any(dotted.endswith(f".{relay}") for relay in _EXACT) or any(
        beginning in dotted for beginning in _BEGINNINGS
    )
