"""Decisions of returns: values in, decision out.

`records` what a channel may report · `requests` what may be asked for, and what may be done now ·
`progress` how far a return is · `money` what units bring · `policy` what a policy says, and what
a policy may hold.
"""

from baton.returns.rules.money import Due, Paid, Priced, settle
from baton.returns.rules.policy import check_policy, decide, default_content, gravest
from baton.returns.rules.progress import due_units, legal_actions, moved, progress
from baton.returns.rules.records import check_returns, recorded
from baton.returns.rules.requests import check_asked, check_photo, check_units

__all__ = [
    "Due",
    "Paid",
    "Priced",
    "check_asked",
    "check_photo",
    "check_policy",
    "check_returns",
    "check_units",
    "decide",
    "default_content",
    "due_units",
    "gravest",
    "legal_actions",
    "moved",
    "progress",
    "recorded",
    "settle",
]
