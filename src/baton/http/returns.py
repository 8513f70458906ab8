"""Returns over HTTP: asked for, decided, taken in, graded, settled; policies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import Field

from baton import access, locations, returns
from baton.access.model import Permission, Principal
from baton.flows import ask_return, settle_return, take_back
from baton.http import orders as order_routes
from baton.http import return_shapes as shapes
from baton.http import return_views as views
from baton.http.call import Asked, Call, Places
from baton.http.wire import Limit, Page, cursor, place
from baton.platform.db import Tx
from baton.returns.errors import PhotoNotFound, ReturnInvalid, ReturnNotFound
from baton.returns.model import PREFIX, Place, Rma, State
from baton.returns.model import Asked as AskedUnits
from baton.values import Id
from baton.values.ids import parsed

router = APIRouter(prefix="/v1/returns", tags=["returns"])

ReturnRef = Annotated[str, Field(max_length=80, description="Id or number of a return.")]
_END = Id(int=2**128 - 1)


@router.get("")
def list_returns(
    call: Asked,
    status: Annotated[State | None, Query()] = None,
    order: Annotated[str | None, Query(max_length=80, description="Id or number.")] = None,
    after: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[Limit, Query()] = 50,
) -> Page[shapes.ReturnRowOut]:
    """Returns, newest first; people of some locations see those that go there."""

    def work(tx: Tx, at: Places) -> Page[shapes.ReturnRowOut]:
        if order is not None:
            of_order = returns.rmas_of_orders(tx, [order_routes.found(tx, order, None)])
            wanted = [r for r in of_order if status in (None, r.status)]
            mine = [r for r in wanted if at is None or r.location_id in at]
            return Page(data=views.rows(tx, mine))
        since = Place(*place(after)) if after else Place(tx.now + timedelta(days=1), _END)
        found = returns.page_of_rmas(tx, since, status, at, limit)
        last = found[-1] if len(found) == limit else None
        return Page(
            data=views.rows(tx, found),
            next=cursor(last.requested_at, last.id) if last else None,
        )

    return call.read_at(Permission.RETURNS_READ, work)


@router.post("", status_code=201, response_model=shapes.ReturnOut)
def ask(call: Asked, body: shapes.ReturnIn) -> Response:
    """Ask for a return; the policy in force decides at once, or leaves it to a person."""

    def work(tx: Tx, principal: Principal) -> shapes.ReturnOut:
        order_id = order_routes.found(tx, body.order, principal.location_ids)
        asked = [_asked(each, number) for number, each in enumerate(body.lines)]
        where = place_of(tx, principal, Permission.RETURNS_WRITE, body.location)
        rma = ask_return.ask_return(tx, order_id, asked, location_id=where, note=body.note)
        return views.whole(tx, rma)

    return call.write(Permission.RETURNS_WRITE, work, status=201)


@router.get("/policies")
def list_policies(call: Asked) -> Page[shapes.PolicyOut]:
    """All versions of the return policy, newest first; policy-0 is built in."""

    def work(tx: Tx) -> Page[shapes.PolicyOut]:
        return Page(data=[views.policy(each) for each in returns.all_policies(tx)])

    return call.read(Permission.RETURNS_READ, work)


@router.put("/policies", response_model=shapes.WholePolicyOut)
def save_policy(call: Asked, body: shapes.PolicyIn) -> Response:
    """Keep a version of the policy; it decides once it is activated."""

    def work(tx: Tx, _principal: Principal) -> shapes.WholePolicyOut:
        return views.whole_policy(returns.save_policy(tx, body.name, body.content))

    return call.write(Permission.RETURNS_APPROVE, work, everywhere=True)


@router.post("/policies/try", response_model=shapes.TrialOut)
def try_policy(call: Asked, body: shapes.TryIn) -> Response:
    """What a policy would have decided over past returns; nothing changes."""

    def work(tx: Tx, _principal: Principal) -> shapes.TrialOut:
        if (body.policy is None) == (body.content is None):
            raise ReturnInvalid("Name a policy, or give its content.", field="policy")
        content = body.content
        if content is None:
            content = dict(returns.policy(tx, views.version_of(str(body.policy))).content)
        since = tx.now - timedelta(days=body.days)
        return views.trial(returns.try_policy(tx, content, since, body.limit))

    return call.write(Permission.RETURNS_APPROVE, work, everywhere=True)


@router.get("/policies/{policy}")
def show_policy(call: Asked, policy: shapes.PolicyName) -> shapes.WholePolicyOut:
    """One version of the policy with its tables."""

    def work(tx: Tx) -> shapes.WholePolicyOut:
        return views.whole_policy(returns.policy(tx, views.version_of(policy)))

    return call.read(Permission.RETURNS_READ, work)


@router.post("/policies/{policy}/activate", response_model=shapes.WholePolicyOut)
def activate_policy(call: Asked, policy: shapes.PolicyName) -> Response:
    """This version decides from now on; returns that are decided keep theirs."""

    def work(tx: Tx, _principal: Principal) -> shapes.WholePolicyOut:
        return views.whole_policy(returns.activate_policy(tx, views.version_of(policy)))

    return call.write(Permission.RETURNS_APPROVE, work, everywhere=True)


@router.get("/{return_id}")
def show_return(call: Asked, return_id: ReturnRef) -> shapes.ReturnOut:
    """One return with receipts, gradings, settlements, and what may be done now."""

    def work(tx: Tx, at: Places) -> shapes.ReturnOut:
        return views.whole(tx, found(tx, return_id, at))

    return call.read_at(Permission.RETURNS_READ, work)


_PHOTO: dict[int | str, dict[str, Any]] = {
    200: {"description": "A picture", "content": {"image/*": {}}}
}


@router.get("/{return_id}/photos/{photo_id}", response_class=Response, responses=_PHOTO)
def photo(call: Asked, return_id: ReturnRef, photo_id: shapes.PhotoId) -> Response:
    """A photo of returned goods."""

    def work(tx: Tx, at: Places) -> Response:
        kept = returns.photo(tx, found(tx, return_id, at).id, photo_id)
        if kept is None:
            raise PhotoNotFound("The return has no such photo.")
        return Response(kept.content, media_type=kept.media_type)

    return call.read_at(Permission.RETURNS_READ, work)


@router.post("/{return_id}/approve", response_model=shapes.ReturnOut)
def approve(call: Asked, return_id: ReturnRef, body: shapes.ApproveIn | None = None) -> Response:
    """A person approves, all or part, also what the policy refused."""
    given = body or shapes.ApproveIn()

    def work(tx: Tx, principal: Principal, id: Id) -> Rma:
        return ask_return.approve(
            tx,
            id,
            units=_units(given.lines),
            location_id=place_of(tx, principal, Permission.RETURNS_APPROVE, given.location),
            terms=ask_return.terms_given(given.terms.model_dump() if given.terms else {}),
            why=given.reason,
            version=given.version,
        )

    return changed(call, Permission.RETURNS_APPROVE, return_id, work)


@router.post("/{return_id}/refuse", response_model=shapes.ReturnOut)
def refuse(call: Asked, return_id: ReturnRef, body: shapes.WhyIn) -> Response:
    """A person refuses; the units can be asked for again."""

    def work(tx: Tx, _principal: Principal, id: Id) -> Rma:
        return ask_return.refuse(tx, id, body.reason, body.version)

    return changed(call, Permission.RETURNS_APPROVE, return_id, work)


@router.post("/{return_id}/answer", response_model=shapes.ReturnOut)
def answer(call: Asked, return_id: ReturnRef, body: shapes.AnswerIn) -> Response:
    """The customer takes an offer, or sends what was asked for."""

    def work(tx: Tx, _principal: Principal, id: Id) -> Rma:
        photos = {
            each.line: [
                views.photo_of(one, f"photos.{number}.photos.{n}.content")
                for n, one in enumerate(each.photos)
            ]
            for number, each in enumerate(body.photos)
        }
        return ask_return.answer(
            tx,
            id,
            offer=body.offer,
            photos=photos,
            condition=body.condition,
            version=body.version,
        )

    return changed(call, Permission.RETURNS_WRITE, return_id, work)


@router.post("/{return_id}/cancel", response_model=shapes.ReturnOut)
def cancel(call: Asked, return_id: ReturnRef, body: shapes.WhyIn) -> Response:
    """Call a return off before anything came."""

    def work(tx: Tx, _principal: Principal, id: Id) -> Rma:
        return ask_return.cancel(tx, id, body.reason, body.version)

    return changed(call, Permission.RETURNS_WRITE, return_id, work)


@router.post("/{return_id}/receive", response_model=shapes.ReturnOut)
def receive(call: Asked, return_id: ReturnRef, body: shapes.ReceiveIn) -> Response:
    """Units came in at a location; they lie in quarantine until they are graded."""

    def work(tx: Tx, principal: Principal, id: Id) -> Rma:
        place_of(tx, principal, Permission.RETURNS_RECEIVE, body.location)
        units = _units(body.lines) or {}
        return take_back.receive(tx, id, body.location, units, body.reference)

    return changed(call, Permission.RETURNS_RECEIVE, return_id, work)


@router.post("/{return_id}/grade", response_model=shapes.ReturnOut)
def grade(call: Asked, return_id: ReturnRef, body: shapes.GradeIn) -> Response:
    """Units were looked at; with a disposition their stock is moved at once."""

    def work(tx: Tx, principal: Principal, id: Id) -> Rma:
        place_of(tx, principal, Permission.RETURNS_RECEIVE, body.location)
        photos = [views.photo_of(one, f"photos.{n}.content") for n, one in enumerate(body.photos)]
        rma, _grading = take_back.grade(
            tx,
            id,
            body.line,
            body.location,
            body.quantity,
            body.grade,
            note=body.note,
            photos=photos,
            disposition=body.disposition,
        )
        return rma

    return changed(call, Permission.RETURNS_RECEIVE, return_id, work)


@router.post("/{return_id}/gradings/{grading_id}/dispose", response_model=shapes.ReturnOut)
def dispose(
    call: Asked, return_id: ReturnRef, grading_id: shapes.GradingId, body: shapes.DisposeIn
) -> Response:
    """Decide what becomes of graded units; their stock is moved by it, once."""

    def work(tx: Tx, principal: Principal, id: Id) -> Rma:
        rma = returns.load(tx, [id])[id]
        where = returns.grading_of(tx, rma, grading_id).location_id
        access.require(principal, Permission.RETURNS_RECEIVE, where)
        return take_back.dispose(tx, id, grading_id, body.disposition)[0]

    return changed(call, Permission.RETURNS_RECEIVE, return_id, work)


@router.post("/{return_id}/settle/preview")
def preview_settlement(
    call: Asked, return_id: ReturnRef, body: shapes.SettleIn | None = None
) -> shapes.PreviewOut:
    """What would be given back now, and where to; nothing changes."""

    def work(tx: Tx, at: Places) -> shapes.PreviewOut:
        order, rma = ask_return.locked(tx, found(tx, return_id, at).id)
        seen = settle_return.previewed(tx, order, rma, body.at if body else None)
        return shapes.PreviewOut(
            currency=rma.currency,
            settlements=[
                shapes.SumOut(
                    to=goes_to,
                    goods=summed.goods,
                    tax=summed.tax,
                    charges=summed.charges_minor,
                    fee=summed.fee,
                    bonus=summed.bonus,
                    withheld=summed.withheld,
                    amount=summed.amount,
                    lines=[shapes.SettledLineOut.model_validate(x) for x in summed.lines],
                )
                for goes_to, summed in seen
            ],
        )

    return call.read_at(Permission.RETURNS_APPROVE, work)


@router.post("/{return_id}/settle", response_model=shapes.ReturnOut)
def settle(call: Asked, return_id: ReturnRef, body: shapes.SettleIn | None = None) -> Response:
    """Settle what is due, or sooner than the terms say; each unit is settled once."""

    def work(tx: Tx, _principal: Principal, id: Id) -> Rma:
        return settle_return.settle_now(tx, id, body.at if body else None)

    return changed(call, Permission.RETURNS_APPROVE, return_id, work)


# ── shared ─────────────────────────────────────────────────────────────────────────────────


def found(tx: Tx, text: str, at: Places) -> Rma:
    """The return with this id or number, if it goes to one of these locations (None: to any).

    Raises ReturnNotFound.
    """
    prefixed = text.startswith(f"{PREFIX}_")
    id = parsed(PREFIX, text) if prefixed else returns.rma_by_number(tx, text.upper())
    rma = returns.load(tx, [id]).get(id) if id is not None else None
    if rma is None or (at is not None and rma.location_id not in at):
        raise ReturnNotFound("There is no such return.")
    return rma


def changed(
    call: Call, permission: Permission, ref: str, work: Callable[[Tx, Principal, Id], Rma]
) -> Response:
    """Change a return that the caller sees, and answer with it as it is then."""

    def done(tx: Tx, principal: Principal) -> shapes.ReturnOut:
        id = found(tx, ref, principal.location_ids).id
        return views.whole(tx, work(tx, principal, id))

    return call.write(permission, done)


def place_of(tx: Tx, principal: Principal, permission: Permission, code: str) -> Id | None:
    """The location with this code, if the caller works there; None where none is named."""
    if not code:
        return None
    where = locations.locations_by_code(tx, [code]).get(code)
    if where is None:
        raise ReturnInvalid(f"There is no location {code[:60]!r}.", field="location")
    access.require(principal, permission, where.id)
    return where.id


def _asked(given: shapes.AskedIn, number: int) -> AskedUnits:
    where = f"lines.{number}.photos"
    photos = (views.photo_of(x, f"{where}.{n}.content") for n, x in enumerate(given.photos))
    return AskedUnits(
        given.line,
        given.quantity,
        given.reason,
        given.condition,
        given.note,
        given.resolution,
        given.exchange_sku,
        tuple(photos),
    )


def _units(lines: list[shapes.LineUnitsIn] | None) -> dict[int, int] | None:
    if lines is None:
        return None
    units: dict[int, int] = {}
    for each in lines:
        units[each.line] = units.get(each.line, 0) + each.quantity
    return units
