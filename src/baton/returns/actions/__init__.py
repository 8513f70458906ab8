"""The verbs of returns, each inside the caller's transaction.

`records` what channels reported · `requests` from asking to a decision · `goods` what came in,
what it was like, what became of it · `money` settlements · `policies` · `parcels` unexpected
goods and claims against carriers. The caller holds the lock of the order.
"""
