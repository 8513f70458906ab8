"""Decisions of accounting: what is booked, on which account, on which day, at what cost."""
