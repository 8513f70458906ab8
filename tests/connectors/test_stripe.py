"""Stripe's own examples, signatures and reports, read as they come."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx2
import pytest
from connector_cases import Case, cases
from stripe_fake import StripeFake

from baton.connectors.answers import Answer
from baton.connectors.payments.stripe import StripeGateway, StripeSettings, codec
from baton.connectors.signatures import signature
from baton.payments.errors import PayoutUnreadable
from baton.payments.news import Disputed, DisputeState, LineKind, Look, Settled, Verdict
from baton.payments.port import (
    AuthoriseRequest,
    CaptureRequest,
    Declined,
    Succeeded,
    Unknown,
)
from baton.values.money import Money

NOW = datetime(2026, 11, 21, tzinfo=UTC)
SECRET = "whsec_test"


CASES = cases("payments", "stripe")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_exchange_both_ways(case: Case) -> None:
    call = codec.written(case.ours)
    assert (call.path, "POST") == (case.request["path"], case.request["method"])
    assert dict(parse_qsl((call.body or b"").decode())) == case.request["body"]
    answer = Answer(case.response["status"], case.response["body"].encode())
    assert codec.read(case.ours, answer) == case.result


@pytest.fixture
def gateway() -> StripeGateway:
    return StripeGateway(StripeSettings.of({"api_key": "sk", "webhook_secret": SECRET}))


def event(kind: str, what: dict[str, Any]) -> bytes:
    told = {"id": "evt_1", "object": "event", "type": kind, "data": {"object": what}}
    return json.dumps(told | {"created": 1, "livemode": False}).encode()


def heard(gateway: StripeGateway, body: bytes, *, age: timedelta = timedelta(0)) -> Any:
    seconds = str(int((NOW - age).timestamp()))
    header = f"t={seconds},v0=old,v1={'0' * 64},v1={signature(seconds, SECRET, body)}"
    return gateway.heard({"Stripe-Signature": header}, body, NOW)


def test_the_signature_is_stripes_own(gateway: StripeGateway) -> None:
    """As published by stripe-python's webhook tests: HMAC-SHA256 over "time.body"."""
    body = b'{\n  "id": "evt_test_webhook",\n  "object": "event"\n}'
    header = f"t=1790000000,v1={signature('1790000000', SECRET, body)}"
    at = datetime.fromtimestamp(1790000000, UTC)
    assert gateway.heard({"stripe-signature": header}, body, at).verdict is Verdict.UNREADABLE
    for bad in ("", "t=1", "v1=aa", header.replace("v1=", "v1=0"), f"t=x,{header}", "t=1,v1=é"):
        told = gateway.heard({"Stripe-Signature": bad}, body, at)
        assert told.verdict is Verdict.FORGED, bad


def test_old_and_future_ones_are_stale(gateway: StripeGateway) -> None:
    body = event("plan.created", {})
    for minutes, verdict in ((4, Verdict.GENUINE), (6, Verdict.STALE), (-6, Verdict.STALE)):
        assert heard(gateway, body, age=timedelta(minutes=minutes)).verdict is verdict


def test_an_authorisation_is_settled_by_its_event(gateway: StripeGateway) -> None:
    intent = StripeFake("sk").intent("key-1", Money(1000, "EUR"))
    body = event("payment_intent.amount_capturable_updated", intent)
    [news] = heard(gateway, body).news
    assert isinstance(news, Settled)
    assert news.key == "key-1"
    assert isinstance(news.outcome, Succeeded)
    assert news.outcome.provider_ref == intent["id"]
    captured = intent | {
        "status": "succeeded", "amount_received": 1000,
        "metadata": {"baton_key": "key-1", "baton_capture": "key-2"},
    }  # fmt: skip
    assert heard(gateway, event("payment_intent.succeeded", captured)).news == (
        Look("key-1"),
        Look("key-2"),
    )


@pytest.mark.realdata
def test_published_examples_are_read(gateway: StripeGateway, shared_data: Path) -> None:
    text = (shared_data / "payloads-payments" / "stripe" / "fixtures3.json").read_text()
    resources = json.loads(text)["resources"]
    intent = codec.read_intent(Answer(200, json.dumps(resources["payment_intent"]).encode()))
    assert isinstance(intent, codec.Intent)
    assert isinstance(codec.authorised(intent), Declined)  # it requires a payment method
    [dispute] = heard(gateway, event("charge.dispute.created", resources["dispute"])).news
    assert isinstance(dispute, Disputed)
    assert (dispute.state, dispute.amount, dispute.currency) == (DisputeState.OPEN, 1000, "USD")
    assert dispute.refs == ("ch_1PgafuB7WZ01zgkWXYmPNZs8",)
    assert dispute.respond_by == datetime.fromtimestamp(1723679999, UTC)
    refund = resources["refund"] | {"metadata": {"baton_key": "key-3"}}
    [settled] = heard(gateway, event("refund.updated", refund)).news
    assert isinstance(settled, Settled)
    assert settled.outcome == Succeeded("re_1Pgc72B7WZ01zgkWqPvrRrPE", Money(100, "USD"))
    assert heard(gateway, event("refund.updated", resources["refund"])).news == ()
    for name, resource in resources.items():
        told = heard(gateway, event(f"{name}.created", resource))
        assert told.verdict in (Verdict.GENUINE, Verdict.UNREADABLE), name
    whole = heard(gateway, json.dumps(resources["event"]).encode())
    assert (whole.verdict, whole.event_id, whole.news) == (
        Verdict.GENUINE,
        "evt_1Pgc76B7WZ01zgkWwyRHS12y",
        (),
    )


def test_a_payment_that_the_buyer_must_confirm_says_where() -> None:
    stripe = StripeFake("sk")
    gateway = StripeGateway(
        StripeSettings.of({"api_key": "sk"}), transport=httpx2.MockTransport(stripe.answer)
    )
    asked = AuthoriseRequest("k", Money(500, "EUR"), "SO-1", "pm_card_authenticationRequired")
    outcome = gateway.authorise(asked)
    assert outcome == gateway.lookup("k")
    assert isinstance(outcome, Unknown)
    assert outcome.action_url == "https://hooks.stripe.com/3d_secure"


def test_what_was_captured_is_found_and_listed() -> None:
    stripe = StripeFake("sk")
    gateway = StripeGateway(
        StripeSettings.of({"api_key": "sk"}), transport=httpx2.MockTransport(stripe.answer)
    )
    held = gateway.authorise(AuthoriseRequest("k1", Money(500, "EUR"), "SO-1", "pm_card_visa"))
    assert isinstance(held, Succeeded)
    taken = gateway.capture(CaptureRequest("k2", Money(300, "EUR"), "SO-1", held.provider_ref))
    assert gateway.lookup("k2") == taken
    [movement] = gateway.movements(NOW - timedelta(days=1000)) or ()
    assert (movement.key, movement.reference, movement.amount) == ("k2", "SO-1", 300)


REPORT = """\ufeffautomatic_payout_id,automatic_payout_effective_at,balance_transaction_id,\
reporting_category,currency,gross,fee,net,source_id
po_1,2026-11-20 00:00:00,txn_1,charge,eur,10.00,0.45,9.55,ch_1
po_1,2026-11-20 00:00:00,txn_2,refund,eur,-5.00,0.00,-5.00,re_1
po_1,2026-11-20 00:00:00,txn_3,dispute,eur,-10.00,15.00,-25.00,dp_1
po_1,2026-11-20 00:00:00,txn_4,fee,eur,-0.10,0.00,-0.10,
po_2,2026-11-21 00:00:00,txn_5,charge,jpy,1000,36,964,ch_2
"""


def test_a_report_is_read_to_the_cent(gateway: StripeGateway) -> None:
    first, second = gateway.payouts(REPORT)
    assert [(x.kind, x.ref, x.amount, x.fee) for x in first.lines] == [
        (LineKind.CAPTURE, "ch_1", 1000, 45),
        (LineKind.REFUND, "re_1", -500, 0),
        (LineKind.DISPUTE, "dp_1", -1000, 1500),
        (LineKind.FEE, "", -10, 0),
    ]
    assert (second.currency, second.lines[0].amount) == ("JPY", 1000)


@pytest.mark.parametrize(
    ("old", "new"),
    [("currency,", "money,"), ("10.00", "10.005"), ("10.00", "NaN"), ("10.00", "much"),
     (",eur,-5", ",usd,-5"), ("po_1,2026", ",2026"), ("2026-11-20", "soon")],
)  # fmt: skip
def test_a_damaged_report_is_refused(gateway: StripeGateway, old: str, new: str) -> None:
    with pytest.raises(PayoutUnreadable):
        gateway.payouts(REPORT.replace(old, new, 1))
