"""Decisions of invoicing: what units cost, what is credited, numbers, sums."""
