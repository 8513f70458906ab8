"""All the SQL of returns.

`records` what channels reported · `rmas` returns that are worked on and the guard of units ·
`goods` receipts, gradings, photos, labels · `money` settlements · `policies` · `parcels`
unexpected goods and claims against carriers · `checks` what must hold.
"""

from baton.returns.store import checks, goods, money, parcels, policies, records, rmas

__all__ = ["checks", "goods", "money", "parcels", "policies", "records", "rmas"]
