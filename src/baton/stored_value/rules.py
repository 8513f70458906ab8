"""What is decided about stored value, from values to values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from baton.stored_value.errors import (
    AmountUnfit,
    BalanceTooLow,
    CodeUnfit,
    StatusUnfit,
    TooManyMisses,
)
from baton.stored_value.model import Account, CardDraft, Cause, Entry, Hold, Move, No, Status
from baton.stored_value.states import MOVES, Step

MISSES_MAX = 20
WINDOW = timedelta(hours=1)

_FILLING = re.compile(r"[\s-]+")
_FIT = re.compile(r"[0-9A-Z]{12,40}")
_TARGET = {
    Step.ACTIVATE: Status.ACTIVE,
    Step.FREEZE: Status.FROZEN,
    Step.THAW: Status.ACTIVE,
    Step.EXPIRE: Status.EXPIRED,
}

# ── codes ──────────────────────────────────────────────────────────────────────────────────


def plain(code: str) -> str:
    """A code as it is compared: no spaces or hyphens, upper case."""
    return _FILLING.sub("", code).upper()


def check_code(code: str) -> str:
    """The plain form of a code that a card may be given.

    At least twelve letters and digits, and not digits alone: what can be counted up can be
    guessed, and a code of digits can't be told from a card number. Raises CodeUnfit.
    """
    found = plain(code)
    if not _FIT.fullmatch(found) or found.isdigit():
        raise CodeUnfit("Give 12 to 40 letters and digits, not digits alone.", field="code")
    return found


def shown(code: str) -> str:
    """A code in groups of four, as it is printed."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def misses(before: int, since: datetime | None, now: datetime) -> tuple[int, datetime]:
    """How many codes were asked for in vain within the hour, this one included, and since when.

    Raises TooManyMisses where there were enough already.
    """
    if since is None or since <= now - WINDOW:
        return 1, now
    if before >= MISSES_MAX:
        wait = since + WINDOW - now
        raise TooManyMisses(
            f"{MISSES_MAX} codes that are none were asked for within the hour: ask again later.",
            retry_after_s=int(wait.total_seconds()) + 1,
        )
    return before + 1, since


# ── accounts ───────────────────────────────────────────────────────────────────────────────


def check_card(draft: CardDraft) -> None:
    """Raises AmountUnfit where a card would be worth nothing."""
    if draft.amount.minor <= 0:
        raise AmountUnfit("A gift card is worth something.", field="amount")


def stepped(account: Account, step: Step) -> Account:
    """The account after a step. Raises StatusUnfit where the step does not start there."""
    target = _TARGET[step]
    if (account.status, target) not in MOVES[step]:
        raise StatusUnfit(f"It is {account.status.value}: {step.value} is not possible.")
    return replace(account, status=target)


def spends(account: Account | None, amount: int, currency: str, now: datetime) -> No | None:
    """Why an account does not pay this much; None where it does."""
    if account is None:
        return No.UNKNOWN
    if account.currency != currency:
        return No.OTHER_CURRENCY
    if lapsed(account, now):
        return No.EXPIRED
    if account.status is not Status.ACTIVE:
        return No.NOT_ACTIVE
    return No.TOO_LITTLE if account.free < amount else None


def takes(account: Account | None, currency: str, now: datetime) -> No | None:
    """Why money can't go back to an account; a frozen one takes it."""
    if account is None:
        return No.UNKNOWN
    if account.currency != currency:
        return No.OTHER_CURRENCY
    return No.EXPIRED if lapsed(account, now) else None


def lapsed(account: Account, now: datetime) -> bool:
    """Whether its time is over, whether or not somebody has booked that yet."""
    over = account.expires_at is not None and account.expires_at <= now
    return over or account.status is Status.EXPIRED


def moved(account: Account, move: Move, at: datetime) -> tuple[Account, Entry]:
    """The account and its entry after a move.

    Raises AmountUnfit for nothing at all, BalanceTooLow where it would take what is not free.
    """
    if move.amount == 0:
        raise AmountUnfit("An entry changes the balance.", field="amount")
    if account.free + move.amount < 0:
        raise BalanceTooLow(
            f"{account.free} of the balance is free, in minor units.", free=account.free
        )
    after = replace(account, balance=account.balance + move.amount, entries=account.entries + 1)
    entry = Entry(
        account.id,
        after.entries,
        move.amount,
        after.balance,
        move.cause,
        move.order_id,
        move.subject_id,
        move.reason,
        at,
    )
    return after, entry


def redeemed(account: Account, hold: Hold, move: Move, at: datetime) -> tuple[Account, Hold, Entry]:
    """Account, hold and entry after held money was spent. Raises BalanceTooLow beyond the hold."""
    if hold.amount + move.amount < 0:
        raise BalanceTooLow(f"{hold.amount} is held, in minor units.", free=hold.amount)
    free = replace(account, held=account.held + move.amount)
    after, entry = moved(free, move, at)
    return after, replace(hold, amount=hold.amount + move.amount), entry


def lapse(account: Account, at: datetime) -> tuple[Account, Entry | None]:
    """An account whose time is over: what nobody holds is gone."""
    ended = replace(account, status=Status.EXPIRED)
    if not account.free:
        return ended, None
    return moved(ended, Move(account.id, -account.free, Cause.EXPIRED), at)


# ── promises ───────────────────────────────────────────────────────────────────────────────

PROMISES = {
    "sum": "stored value: a balance is the sum of its entries",
    "chain": "stored value: entries are numbered, each with the balance after it",
    "held": "stored value: what is held is the sum of the holds, and is there",
}


def faults(
    account: Account, entries: Sequence[Entry], holds: Sequence[Hold]
) -> Iterator[tuple[str, str]]:
    """Which promises an account breaks, and how."""
    total = sum(entry.amount for entry in entries)
    if total != account.balance:
        yield "sum", f"account {account.id}: {account.balance} stored, its entries sum to {total}"
    running = 0
    for place, entry in enumerate(entries, 1):
        running += entry.amount
        if (entry.seq, entry.balance) != (place, running):
            yield "chain", f"account {account.id}: entry {entry.seq} says {entry.balance}"
            break
    if account.entries != len(entries):
        yield "chain", f"account {account.id}: {len(entries)} entries, it counts {account.entries}"
    held = sum(hold.amount for hold in holds)
    if held != account.held or account.free < 0:
        yield (
            "held",
            f"account {account.id}: {account.held} held of {account.balance}, not {held}",
        )
