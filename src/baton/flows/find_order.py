"""A guest asks for the link to an order: it goes to the e-mail on file, if that is what they gave.

What a guest typed is kept as a hash, and only until the worker has looked.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence

from baton import orders
from baton.flows.messages import Links, Telling, tell
from baton.notifications.model import MessageKind
from baton.platform import work
from baton.platform.db import Tx
from baton.platform.work import Job

FIND = "notifications.find_order"
_NUMBER = re.compile(r"[^0-9A-Za-z-]")


def tidy(number: str) -> str:
    """A number as orders have it, however it was typed."""
    return _NUMBER.sub("", number)[:40].upper()


def ask(tx: Tx, number: str, email: str) -> None:
    """Have a worker look: the same work for every number, be it an order's or not."""
    work.put(tx, [Job(FIND, {"number": number, "email": _hash(email)})])


def look(tx: Tx, links: Links, jobs: Sequence[Job]) -> None:
    """Send the link where number and e-mail fit; once an hour for an order."""
    told = []
    for job in jobs:
        order_id = orders.by_number(tx, str(job.payload["number"]))
        order = orders.lock(tx, [order_id]).get(order_id) if order_id else None
        if order is None or not order.header.email:
            continue
        if hmac.compare_digest(_hash(order.header.email), str(job.payload["email"])):
            hour = tx.now.strftime("%Y-%m-%dT%H")
            told.append(Telling(order, MessageKind.ORDER_LINK, f"{order.id}/{hour}"))
    tell(tx, links, told)


def _hash(email: str) -> str:
    """An e-mail as it is compared: without case and blanks around it."""
    return hashlib.sha256(email.strip().casefold().encode()).hexdigest()
