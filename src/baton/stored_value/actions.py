"""What is done with gift cards and store credit, inside the caller's transaction.

Accounts are locked last, after orders and payments, in the order of their ids.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from baton.platform import ids, journal
from baton.platform.db import Tx
from baton.stored_value import events, rules, store
from baton.stored_value.errors import (
    AccountNotFound,
    AmountUnfit,
    BalanceTooLow,
    CodeTaken,
    CodeUnknown,
)
from baton.stored_value.model import (
    Account,
    CardDraft,
    Cause,
    Entry,
    Grant,
    Hold,
    Kind,
    Move,
    NewCard,
    No,
    Status,
)
from baton.stored_value.states import Step
from baton.values.check import Check
from baton.values.fact import Fact
from baton.values.ids import Id

# ── cards ──────────────────────────────────────────────────────────────────────────────────


def issue(tx: Tx, drafts: Sequence[CardDraft]) -> list[NewCard]:
    """Make gift cards, each with its first entry; the codes are never shown again.

    What was made before for the same `origin_key` is left out: its code is known to nobody.
    Raises AmountUnfit, CodeUnfit or CodeTaken.
    """
    for draft in drafts:
        rules.check_card(draft)
    plain = [rules.check_code(d.code) if d.code is not None else ids.gift_code() for d in drafts]
    rows = [
        (_card(draft, code, tx.now), _hash(code), draft.origin_key)
        for draft, code in zip(drafts, plain, strict=True)
    ]
    new = store.insert(tx, rows) if rows else set()
    made = []
    facts: list[Fact] = []
    first: list[Entry] = []
    for draft, code, (account, _, _) in zip(drafts, plain, rows, strict=True):
        if account.id not in new:
            _same_origin(tx, draft)
            continue
        move = Move(account.id, draft.amount.minor, draft.cause, draft.order_id, None, draft.reason)
        after, entry = rules.moved(account, move, tx.now)
        first.append(entry)
        made.append(NewCard(after, rules.shown(code)))
        facts += [_opened(account), _moved(after, entry)]
    store.insert_entries(tx, first)
    store.update(tx, [each.account for each in made])
    journal.record(tx, facts)
    return made


def new_code(tx: Tx, account_id: Id) -> NewCard:
    """Give a card another code, where the first never reached its owner; the old one is void."""
    account = locked(tx, account_id)
    if account.kind is not Kind.GIFT_CARD:
        raise AccountNotFound("Only gift cards have a code.")
    code = ids.gift_code()
    store.set_code(tx, account.id, _hash(code), code[-4:])
    renewed = replace(account, last_four=code[-4:])
    fact = events.StatusChanged(*_about(renewed), renewed.status.value, "a new code")
    journal.record(tx, [fact])
    return NewCard(renewed, rules.shown(code))


def by_codes(tx: Tx, codes: Sequence[str]) -> dict[str, Account]:
    """Gift cards by the codes that were given, for those that there are."""
    hashes = {code: _hash(rules.plain(code)) for code in codes}
    found = store.by_code(tx, list(hashes.values())) if hashes else {}
    return {code: found[hash_] for code, hash_ in hashes.items() if hash_ in found}


def look_up(tx: Tx, code: str) -> Account | CodeUnknown:
    """The gift card of this code, or the refusal, which is counted: so it is returned.

    Raises TooManyMisses once an actor has asked in vain too often within the hour.
    """
    actor = tx.caller.actor
    before, since = store.misses(tx, actor)
    count, start = rules.misses(before, since if before else None, tx.now)
    found = by_codes(tx, [code]).get(code)
    if found is not None:
        return found
    store.set_misses(tx, actor, count, start)
    return CodeUnknown("No gift card has this code.", field="code")


# ── accounts ───────────────────────────────────────────────────────────────────────────────


def locked(tx: Tx, account_id: Id) -> Account:
    """One locked account. Raises AccountNotFound."""
    account = store.lock(tx, [account_id]).get(account_id)
    if account is None:
        raise AccountNotFound("There is no gift card or store credit under this id.")
    return account


def found(tx: Tx, account_id: Id) -> Account:
    """One account as it stands. Raises AccountNotFound."""
    account = store.by_id(tx, [account_id]).get(account_id)
    if account is None:
        raise AccountNotFound("There is no gift card or store credit under this id.")
    return account


def change(tx: Tx, account_id: Id, step: Step, reason: str) -> Account:
    """Activate, freeze or thaw an account. Raises AccountNotFound or StatusUnfit."""
    after = rules.stepped(locked(tx, account_id), step)
    store.update(tx, [after])
    journal.record(tx, [events.StatusChanged(*_about(after), after.status.value, reason)])
    return after


def set_expiry(tx: Tx, account_id: Id, expires_at: datetime | None, reason: str) -> Account:
    """Let an account lapse at another time, or (None) never. Raises AccountNotFound."""
    after = replace(locked(tx, account_id), expires_at=expires_at)
    store.update(tx, [after])
    journal.record(tx, [events.ExpiryChanged(*_about(after), expires_at, reason)])
    return after


def correct(tx: Tx, account_id: Id, amount: int, reason: str) -> Account:
    """Change a balance by hand, up or down; what is held can't be taken.

    Raises AccountNotFound, AmountUnfit or BalanceTooLow.
    """
    after, entry = rules.moved(
        locked(tx, account_id),
        Move(account_id, amount, Cause.CORRECTED, reason=reason),
        tx.now,
    )
    _write(tx, after, entry)
    return after


def grant(tx: Tx, grants: Sequence[Grant]) -> list[Account]:
    """Give customers store credit; an answer a grant, in their order.

    The same subject and cause gives it once, whatever the amount. Raises AmountUnfit.
    """
    if any(each.amount.minor <= 0 for each in grants):
        raise AmountUnfit("Store credit is more than nothing.", field="amount")
    accounts = _ensured(tx, sorted({(g.customer_id, g.amount.currency) for g in grants}))
    told = store.entries_by_subject(tx, [g.subject_id for g in grants]) if grants else []
    known = {(entry.subject_id, entry.cause) for entry in told}
    entries: list[Entry] = []
    facts: list[Fact] = []
    for each in grants:
        account = accounts[each.customer_id, each.amount.currency]
        if (each.subject_id, each.cause) in known:
            continue
        known.add((each.subject_id, each.cause))
        move = Move(
            account.id,
            each.amount.minor,
            each.cause,
            each.order_id,
            each.subject_id,
            each.reason,
        )
        after, entry = rules.moved(account, move, tx.now)
        accounts[each.customer_id, each.amount.currency] = after
        entries.append(entry)
        facts.append(_moved(after, entry))
    store.insert_entries(tx, entries)
    store.update(tx, list(accounts.values()))
    journal.record(tx, facts)
    return [accounts[each.customer_id, each.amount.currency] for each in grants]


def expire(tx: Tx, limit: int = 500) -> int:
    """Book what has lapsed by now; what payments hold stays until they let go. Returns how many."""
    due = store.lapsing(tx, tx.now, limit)
    after: list[Account] = []
    entries: list[Entry] = []
    facts: list[Fact] = []
    for account in due:
        ended, entry = rules.lapse(account, tx.now)
        after.append(ended)
        if account.status is not Status.EXPIRED:
            facts.append(
                events.StatusChanged(*_about(ended), ended.status.value, "its time is over")
            )
        if entry is not None:
            entries.append(entry)
            facts.append(_moved(ended, entry))
    store.update(tx, after)
    store.insert_entries(tx, entries)
    journal.record(tx, facts)
    return len(due)


# ── as a tender ────────────────────────────────────────────────────────────────────────────


def hold(
    tx: Tx, account_id: Id, holder_id: Id, order_id: Id, amount: int, currency: str
) -> No | None:
    """Set money aside for a payment; why not, where it can't be. The same again does nothing."""
    account = store.lock(tx, [account_id]).get(account_id)
    if account is not None and store.hold(tx, account_id, holder_id) is not None:
        return None
    no = rules.spends(account, amount, currency, tx.now)
    if no is not None or account is None:
        return no or No.UNKNOWN
    store.update(tx, [replace(account, held=account.held + amount)])
    store.save_holds(tx, [Hold(account_id, holder_id, order_id, amount, tx.now)])
    journal.record(tx, [events.Held(*_about(account), amount, order_id, holder_id)])
    return None


def redeem(tx: Tx, holder_id: Id, move: Move) -> Account:
    """Spend money that a payment has set aside; `move.amount` is negative.

    The same subject again does nothing. Raises AccountNotFound, or BalanceTooLow beyond the hold.
    """
    account = locked(tx, move.account_id)
    if move.subject_id is not None and _known(tx, move):
        return account
    held = store.hold(tx, account.id, holder_id)
    if held is None:
        raise BalanceTooLow("Nothing is held for this payment.", free=0)
    after, left, entry = rules.redeemed(account, held, move, tx.now)
    store.save_holds(tx, [left])
    _write(tx, after, entry)
    return after


def release(tx: Tx, account_id: Id, holder_id: Id) -> int:
    """Let go of what is left of a payment's hold; how much that was. Raises AccountNotFound."""
    account = locked(tx, account_id)
    held = store.hold(tx, account_id, holder_id)
    if held is None or not held.amount:
        return 0
    store.update(tx, [replace(account, held=account.held - held.amount)])
    store.save_holds(tx, [replace(held, amount=0)])
    freed = events.Freed(*_about(account), held.amount, held.order_id, holder_id)
    journal.record(tx, [freed])
    return held.amount


def give_back(tx: Tx, move: Move, currency: str) -> No | None:
    """Put spent money back; why not, where it can't be. The same subject again does nothing."""
    account = store.lock(tx, [move.account_id]).get(move.account_id)
    if account is not None and _known(tx, move):
        return None
    no = rules.takes(account, currency, tx.now)
    if no is not None or account is None:
        return no or No.UNKNOWN
    after, entry = rules.moved(account, move, tx.now)
    _write(tx, after, entry)
    return None


def verify(tx: Tx) -> list[Check]:
    """Every balance is the sum of its entries, and what is held is there."""
    rows = 0
    failures: dict[str, list[str]] = {promise: [] for promise in rules.PROMISES}
    for page in store.pages(tx, 500):
        rows += len(page)
        account_ids = [account.id for account in page]
        entries, holds = store.entries(tx, account_ids), store.holds(tx, account_ids)
        for account in page:
            own = [entry for entry in entries if entry.account_id == account.id]
            held = [each for each in holds if each.account_id == account.id]
            for promise, failure in rules.faults(account, own, held):
                failures[promise].append(failure)
    return [
        Check(sentence, rows, tuple(failures[promise]))
        for promise, sentence in rules.PROMISES.items()
    ]


# ── parts of the above ─────────────────────────────────────────────────────────────────────


def _card(draft: CardDraft, code: str, now: datetime) -> Account:
    return Account(
        ids.fresh(),
        Kind.GIFT_CARD,
        draft.amount.currency,
        None,
        code[-4:],
        Status.ACTIVE if draft.active else Status.INACTIVE,
        0,
        0,
        0,
        draft.expires_at,
        draft.order_id,
        now,
    )


def _same_origin(tx: Tx, draft: CardDraft) -> None:
    """A card that is left out was made before; anything else has the code of another."""
    if draft.origin_key is None or not store.by_origin(tx, [draft.origin_key]):
        raise CodeTaken("Another gift card has this code.", field="code")


def _ensured(tx: Tx, wanted: Sequence[tuple[Id, str]]) -> dict[tuple[Id, str], Account]:
    """The store credit of customers, locked; what was not there is begun."""
    if not wanted:
        return {}
    fresh = [(ids.fresh(), customer_id, currency) for customer_id, currency in wanted]
    new = store.ensure(tx, fresh, tx.now)
    found = store.by_customer(tx, [customer_id for customer_id, _ in wanted])
    accounts = {(a.customer_id, a.currency): a for a in found if a.customer_id is not None}
    journal.record(tx, [_opened(account) for account in found if account.id in new])
    return {key: accounts[key] for key in wanted}


def _known(tx: Tx, move: Move) -> bool:
    if move.subject_id is None:
        return False
    return any(e.cause is move.cause for e in store.entries_by_subject(tx, [move.subject_id]))


def _write(tx: Tx, account: Account, entry: Entry) -> None:
    store.update(tx, [account])
    store.insert_entries(tx, [entry])
    journal.record(tx, [_moved(account, entry)])


def _hash(code: str) -> bytes:
    return hashlib.sha256(b"gift card " + code.encode()).digest()


def _about(account: Account) -> tuple[Id, Id, str, str]:
    return account.id, account.id, account.kind.value, account.currency


def _opened(account: Account) -> Fact:
    return events.Opened(
        *_about(account),
        account.last_four,
        account.status.value,
        account.expires_at,
        account.customer_id,
        account.order_id,
    )


def _moved(account: Account, entry: Entry) -> Fact:
    return events.Moved(
        *_about(account),
        entry.amount,
        entry.balance,
        entry.cause.value,
        entry.order_id,
        entry.subject_id,
        entry.reason,
    )
