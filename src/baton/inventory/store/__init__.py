"""All SQL of inventory: `rows` levels and area rows · `promises` reservations and shortages ·
`documents` stock documents · `ledger` movements and count tasks · `invariants` what must hold.
"""
