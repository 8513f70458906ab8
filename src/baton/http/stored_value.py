"""Gift cards and store credit over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid5

from fastapi import APIRouter, Query, Response

from baton import customers, stored_value
from baton.access.model import Permission, Principal
from baton.customers.errors import CustomerNotFound
from baton.http import payment_shapes as shapes
from baton.http.call import Asked, Call
from baton.http.order_shapes import CustomerId
from baton.http.wire import Limit, Page
from baton.platform.db import Tx
from baton.stored_value.model import Account, CardDraft, Grant, NewCard
from baton.stored_value.states import Step
from baton.values import Id, Money
from baton.values.errors import BatonError
from baton.values.ids import parsed, shown

router = APIRouter(prefix="/v1", tags=["stored value"])

_NEWEST = Id(int=2**128 - 1)


@router.get("/stored-value")
def list_accounts(
    call: Asked, limit: Limit = 50, after: Annotated[str | None, Query(max_length=80)] = None
) -> Page[shapes.AccountOut]:
    """Gift cards and store credit, newest first."""
    before = parsed("sva", after, field="after") if after is not None else _NEWEST

    def work(tx: Tx) -> Page[shapes.AccountOut]:
        rows = stored_value.newest(tx, before, limit + 1)
        page, more = rows[:limit], len(rows) > limit
        return Page(
            data=[_account(account) for account in page],
            next=shown("sva", page[-1].id) if more else None,
        )

    return call.read(Permission.STORED_VALUE_READ, work, everywhere=True)


@router.get("/stored-value/{account_id}")
def show_account(call: Asked, account_id: shapes.AccountId) -> shapes.AccountPageOut:
    """One gift card or store credit with every change of its balance."""

    def work(tx: Tx) -> shapes.AccountPageOut:
        account = stored_value.found(tx, account_id)
        told = stored_value.entries(tx, [account_id])
        entries = [shapes.EntryOut.model_validate(entry) for entry in told]
        return shapes.AccountPageOut.model_validate(_fields(account) | {"entries": entries})

    return call.read(Permission.STORED_VALUE_READ, work, everywhere=True)


@router.post("/gift-cards", response_model=shapes.NewCardOut, status_code=201)
def issue_card(call: Asked, body: shapes.CardIn) -> Response:
    """Make a gift card; its code is shown once, in this answer."""

    def work(tx: Tx, _principal: Principal) -> shapes.NewCardOut:
        draft = CardDraft(
            Money(body.amount, body.currency),
            body.active,
            body.expires_at,
            reason=body.reason,
            code=body.code,
        )
        return _new(stored_value.issue(tx, [draft])[0])

    return call.write(Permission.STORED_VALUE_WRITE, work, status=201, keep=False, everywhere=True)


@router.post("/gift-cards/look-up", response_model=shapes.BalanceOut)
def look_up(call: Asked, body: shapes.LookUpIn) -> Response:
    """What may be spent from the gift card with this code; codes that are none are counted."""

    def work(tx: Tx, _principal: Principal) -> shapes.BalanceOut | BatonError:
        account = stored_value.look_up(tx, body.code)
        if isinstance(account, BatonError):
            return account
        return shapes.BalanceOut.model_validate(account)

    return call.write(Permission.STORED_VALUE_CHECK, work)


@router.post("/stored-value/{account_id}/activate", response_model=shapes.AccountOut)
def activate(call: Asked, account_id: shapes.AccountId, body: shapes.BecauseIn) -> Response:
    """Let a gift card be spent from."""
    return _stepped(call, account_id, Step.ACTIVATE, body.reason)


@router.post("/stored-value/{account_id}/freeze", response_model=shapes.AccountOut)
def freeze(call: Asked, account_id: shapes.AccountId, body: shapes.BecauseIn) -> Response:
    """Let no more money go; money may still come back to it."""
    return _stepped(call, account_id, Step.FREEZE, body.reason)


@router.post("/stored-value/{account_id}/thaw", response_model=shapes.AccountOut)
def thaw(call: Asked, account_id: shapes.AccountId, body: shapes.BecauseIn) -> Response:
    """Let a frozen account be spent from again."""
    return _stepped(call, account_id, Step.THAW, body.reason)


@router.post("/stored-value/{account_id}/correct", response_model=shapes.AccountOut)
def correct(call: Asked, account_id: shapes.AccountId, body: shapes.CorrectIn) -> Response:
    """Change a balance by hand, with a reason."""

    def work(tx: Tx, _principal: Principal) -> shapes.AccountOut:
        return _account(stored_value.correct(tx, account_id, body.amount, body.reason))

    return call.write(Permission.STORED_VALUE_WRITE, work, everywhere=True)


@router.post("/stored-value/{account_id}/expiry", response_model=shapes.AccountOut)
def set_expiry(call: Asked, account_id: shapes.AccountId, body: shapes.ExpiryIn) -> Response:
    """Let it lapse at another time, or (null) never."""

    def work(tx: Tx, _principal: Principal) -> shapes.AccountOut:
        return _account(stored_value.set_expiry(tx, account_id, body.expires_at, body.reason))

    return call.write(Permission.STORED_VALUE_WRITE, work, everywhere=True)


@router.post("/stored-value/{account_id}/code", response_model=shapes.NewCardOut)
def new_code(call: Asked, account_id: shapes.AccountId) -> Response:
    """Give a gift card another code, shown once; the old one is void."""

    def work(tx: Tx, _principal: Principal) -> shapes.NewCardOut:
        return _new(stored_value.new_code(tx, account_id))

    return call.write(Permission.STORED_VALUE_WRITE, work, keep=False, everywhere=True)


@router.get("/customers/{customer_id}/store-credit")
def store_credit(call: Asked, customer_id: CustomerId) -> Page[shapes.AccountOut]:
    """What a customer has, in each currency."""

    def work(tx: Tx) -> Page[shapes.AccountOut]:
        _known(tx, customer_id)
        found = stored_value.by_customer(tx, [customer_id])
        return Page(data=[_account(account) for account in found])

    return call.read(Permission.STORED_VALUE_READ, work, everywhere=True)


@router.post(
    "/customers/{customer_id}/store-credit", response_model=shapes.AccountOut, status_code=201
)
def grant(call: Asked, customer_id: CustomerId, body: shapes.GrantIn) -> Response:
    """Give a customer store credit; the same subject gives it once."""

    def work(tx: Tx, _principal: Principal) -> shapes.AccountOut:
        _known(tx, customer_id)
        subject_id = uuid5(customer_id, body.subject)
        money = Money(body.amount, body.currency)
        given = Grant(customer_id, money, subject_id, reason=body.reason)
        return _account(stored_value.grant(tx, [given])[0])

    return call.write(Permission.STORED_VALUE_WRITE, work, status=201, everywhere=True)


# ── shared ─────────────────────────────────────────────────────────────────────────────────


def _stepped(call: Call, account_id: Id, step: Step, reason: str) -> Response:
    def work(tx: Tx, _principal: Principal) -> shapes.AccountOut:
        return _account(stored_value.change(tx, account_id, step, reason))

    return call.write(Permission.STORED_VALUE_WRITE, work, everywhere=True)


def _known(tx: Tx, customer_id: Id) -> None:
    if customer_id not in customers.customers_by_id(tx, [customer_id]):
        raise CustomerNotFound("There is no customer with this id.")


def _fields(account: Account) -> dict[str, object]:
    return shapes.amounts(account) | {"free": account.free}


def _account(account: Account) -> shapes.AccountOut:
    return shapes.AccountOut.model_validate(_fields(account))


def _new(card: NewCard) -> shapes.NewCardOut:
    return shapes.NewCardOut.model_validate(_fields(card.account) | {"code": card.code})
