"""What every payment gateway must hold to, run over every connector of the port."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

import httpx2
import pytest
from connector_processes import Running
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stripe_fake import StripeFake

from baton.connectors import BUILT_IN, Port, Registry
from baton.connectors.payments.fake import FakeGateway, FakeSettings
from baton.connectors.payments.stripe import StripeGateway, StripeSettings
from baton.payments.port import (
    AuthoriseRequest,
    CaptureRequest,
    DeclineCode,
    Declined,
    Gateway,
    GatewayCapabilities,
    NeverReceived,
    RefundRequest,
    Succeeded,
    Unknown,
    VoidRequest,
)
from baton.values.money import Money

SECRET = "sk_very_secret"
TIMEOUT_S = 0.2
_numbers = count()


def key() -> str:
    return f"conform-{next(_numbers)}"


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@dataclass(frozen=True)
class Rig:
    """A gateway to try, and the ways to make the other side misbehave."""

    gateway: Gateway
    capabilities: GatewayCapabilities
    good_method: str
    bad_method: str
    answering: Callable[[Callable[[httpx2.Request], httpx2.Response]], Gateway]
    good_answer: Callable[[AuthoriseRequest], dict[str, object]]
    unfit: tuple[dict[str, object], ...]

    def authorised(self, amount: Money) -> Succeeded:
        request = AuthoriseRequest(key(), amount, "SO-1", self.good_method)
        outcome = self.gateway.authorise(request)
        assert isinstance(outcome, Succeeded)
        return outcome

    def captured(self, amount: Money) -> Succeeded:
        held = self.authorised(amount)
        outcome = self.gateway.capture(CaptureRequest(key(), amount, "SO-1", held.provider_ref))
        assert isinstance(outcome, Succeeded)
        return outcome


def fake_rig(gateway_process: Running) -> Iterator[Rig]:
    connector = Registry(BUILT_IN).gateway("fake")
    gateway = connector.open({"address": gateway_process.address, "api_key": SECRET})
    options = FakeSettings.of(
        {"address": "http://127.0.0.1:1", "api_key": SECRET, "timeout_s": TIMEOUT_S}
    )
    made: list[FakeGateway] = []

    def answering(respond: Callable[[httpx2.Request], httpx2.Response]) -> Gateway:
        made.append(FakeGateway(options, transport=httpx2.MockTransport(respond)))
        return made[-1]

    def good_answer(request: AuthoriseRequest) -> dict[str, object]:
        return {
            "outcome": "succeeded",
            "key": request.idempotency_key,
            "operation": "authorise",
            "ref": "auth_1",
            "amount": request.amount.minor,
            "currency": request.amount.currency,
            "expires_at": None,
        }

    assert isinstance(connector.capabilities, GatewayCapabilities)
    bad = "tok_decline_authorise"
    capabilities = connector.capabilities
    yield Rig(gateway, capabilities, "tok_visa", bad, answering, good_answer, UNFIT_FAKE)
    for one in (gateway, *made):
        one.close()


UNFIT_FAKE: tuple[dict[str, object], ...] = (
    {"key": "another-key"},
    {"operation": "capture"},
    {"amount": 99},
    {"amount": 100.0},
    {"amount": "100"},
    {"amount": True},
    {"currency": "USD"},
    {"currency": "eur"},
    {"ref": ""},
    {"ref": None},
    {"expires_at": "2026-11-21T10:00:00"},
    {"expires_at": "soon"},
    {"outcome": "pending"},
    {"a_field_nobody_knows": 1},
)
UNFIT_STRIPE: tuple[dict[str, object], ...] = (
    {"metadata": {"baton_key": "another-key"}},
    {"metadata": {}},
    {"metadata": None},
    {"object": "refund"},
    {"amount": 99},
    {"amount": 100.5},
    {"amount": "100"},
    {"amount": True},
    {"amount_capturable": 99},
    {"currency": "usd"},
    {"currency": "EUR"},
    {"id": ""},
    {"id": None},
    {"status": "processing"},
    {"status": "requires_action"},
    {"status": None},
)


def stripe_rig(_gateway_process: Running) -> Iterator[Rig]:
    connector = Registry(BUILT_IN).gateway("stripe")
    stripe = StripeFake(SECRET)
    options = StripeSettings.of({"api_key": SECRET, "timeout_s": TIMEOUT_S})
    made = [StripeGateway(options, transport=httpx2.MockTransport(stripe.answer))]

    def answering(respond: Callable[[httpx2.Request], httpx2.Response]) -> Gateway:
        made.append(StripeGateway(options, transport=httpx2.MockTransport(respond)))
        return made[-1]

    def good_answer(request: AuthoriseRequest) -> dict[str, object]:
        return stripe.intent(request.idempotency_key, request.amount)

    assert isinstance(connector.capabilities, GatewayCapabilities)
    yield Rig(
        made[0],
        connector.capabilities,
        "pm_card_visa",
        "pm_card_chargeDeclinedInsufficientFunds",
        answering,
        good_answer,
        UNFIT_STRIPE,
    )
    stripe.sound()
    for one in made:
        one.close()


RIGS = {"fake": fake_rig, "stripe": stripe_rig}


def test_every_gateway_has_a_rig() -> None:
    assert {c.name for c in BUILT_IN if c.port is Port.PAYMENTS} == set(RIGS)


@pytest.fixture(params=sorted(RIGS))
def rig(request: pytest.FixtureRequest, gateway_process: Running) -> Iterator[Rig]:
    yield from RIGS[request.param](gateway_process)


# ------------------------------------------------------------------ work is done, and done once


def test_the_way_of_money(rig: Rig) -> None:
    held = rig.authorised(eur(5000))
    assert held.amount == eur(5000)
    assert (held.expires_at is not None) == (rig.capabilities.authorisation_days is not None)
    taken = rig.gateway.capture(CaptureRequest(key(), eur(5000), "SO-1", held.provider_ref))
    assert isinstance(taken, Succeeded)
    assert taken.provider_ref != held.provider_ref
    given_back = rig.gateway.refund(RefundRequest(key(), eur(5000), "SO-1", taken.provider_ref))
    assert isinstance(given_back, Succeeded)
    assert given_back.amount == eur(5000)


def test_a_repeated_key_gives_the_same_answer(rig: Rig) -> None:
    held = rig.authorised(eur(900))
    request = CaptureRequest(key(), eur(900), "SO-1", held.provider_ref)
    first = rig.gateway.capture(request)
    assert isinstance(first, Succeeded)  # were it done again, it would be over the authorisation
    assert [rig.gateway.capture(request) for _ in range(3)] == [first] * 3


def test_a_repeated_decline_stays_a_decline(rig: Rig) -> None:
    request = AuthoriseRequest(key(), eur(100), "SO-1", rig.bad_method)
    first = rig.gateway.authorise(request)
    assert isinstance(first, Declined)
    assert rig.gateway.authorise(request) == first


def test_one_key_from_many_threads_at_once_is_one_piece_of_work(rig: Rig) -> None:
    request = AuthoriseRequest(key(), eur(100), "SO-1", rig.good_method)
    with ThreadPoolExecutor(16) as threads:
        outcomes = set(threads.map(lambda _: rig.gateway.authorise(request), range(48)))
    assert len(outcomes) == 1
    assert isinstance(outcomes.pop(), Succeeded)


def test_a_key_used_for_something_else_is_refused(rig: Rig) -> None:
    first = AuthoriseRequest(key(), eur(100), "SO-1", rig.good_method)
    assert isinstance(rig.gateway.authorise(first), Succeeded)
    other = AuthoriseRequest(first.idempotency_key, eur(101), "SO-1", rig.good_method)
    outcome = rig.gateway.authorise(other)
    assert isinstance(outcome, Declined)
    assert outcome.code is DeclineCode.KEY_REUSED


def test_captured_never_exceeds_authorised(rig: Rig) -> None:
    held = rig.authorised(eur(1000)).provider_ref
    too_much = rig.gateway.capture(CaptureRequest(key(), eur(1001), "SO-1", held))
    assert isinstance(too_much, Declined)
    assert too_much.code is DeclineCode.AMOUNT_TOO_HIGH
    if rig.capabilities.partial_capture:
        part = rig.gateway.capture(CaptureRequest(key(), eur(400), "SO-1", held))
        assert isinstance(part, Succeeded)
        assert part.amount == eur(400)
    if rig.capabilities.several_captures:
        second = CaptureRequest(key(), eur(600), "SO-1", held)
        assert isinstance(rig.gateway.capture(second), Succeeded)
        third = CaptureRequest(key(), eur(1), "SO-1", held)
        assert isinstance(rig.gateway.capture(third), Declined)


def test_a_void_lets_go_of_what_is_left(rig: Rig) -> None:
    held = rig.authorised(eur(1000)).provider_ref
    left = 1000
    if rig.capabilities.void_after_capture:
        left -= 300
        part = CaptureRequest(key(), eur(300), "SO-1", held)
        assert isinstance(rig.gateway.capture(part), Succeeded)
    outcome = rig.gateway.void(VoidRequest(key(), eur(left), "SO-1", held))
    assert isinstance(outcome, Succeeded)
    assert outcome.amount == eur(left)
    late = rig.gateway.capture(CaptureRequest(key(), eur(1), "SO-1", held))
    assert isinstance(late, Declined)
    assert late.code is DeclineCode.AUTHORISATION_VOIDED
    again = rig.gateway.void(VoidRequest(key(), eur(left), "SO-1", held))
    assert isinstance(again, Declined)
    assert again.code is DeclineCode.NOTHING_LEFT


def test_what_is_captured_in_full_can_not_be_voided(rig: Rig) -> None:
    held = rig.authorised(eur(1000)).provider_ref
    rig.gateway.capture(CaptureRequest(key(), eur(1000), "SO-1", held))
    outcome = rig.gateway.void(VoidRequest(key(), eur(1000), "SO-1", held))
    assert isinstance(outcome, Declined)


def test_refunded_never_exceeds_captured(rig: Rig) -> None:
    taken = rig.captured(eur(1000)).provider_ref
    if rig.capabilities.partial_refund:
        for minor in (300, 600):
            request = RefundRequest(key(), eur(minor), "SO-1", taken)
            assert isinstance(rig.gateway.refund(request), Succeeded)
    else:
        request = RefundRequest(key(), eur(1000), "SO-1", taken)
        assert isinstance(rig.gateway.refund(request), Succeeded)
    outcome = rig.gateway.refund(RefundRequest(key(), eur(101), "SO-1", taken))
    assert isinstance(outcome, Declined)
    assert outcome.code is DeclineCode.AMOUNT_TOO_HIGH


def test_many_refunds_at_once_never_exceed_captured(rig: Rig) -> None:
    taken = rig.captured(eur(1000)).provider_ref
    requests = [RefundRequest(key(), eur(90), "SO-1", taken) for _ in range(50)]
    with ThreadPoolExecutor(16) as threads:
        outcomes = list(threads.map(rig.gateway.refund, requests))
    assert sum(isinstance(outcome, Succeeded) for outcome in outcomes) == 11  # 11 · 90 ≤ 1000


def test_another_currency_is_declined(rig: Rig) -> None:
    held = rig.authorised(eur(1000)).provider_ref
    outcome = rig.gateway.capture(CaptureRequest(key(), Money(1000, "USD"), "SO-1", held))
    assert isinstance(outcome, Declined)
    assert outcome.code is DeclineCode.CURRENCY_MISMATCH


def test_what_never_was_can_not_be_captured(rig: Rig) -> None:
    outcome = rig.gateway.capture(CaptureRequest(key(), eur(1), "SO-1", "auth_99999999"))
    assert isinstance(outcome, Declined)
    assert outcome.code is DeclineCode.PREVIOUS_UNKNOWN


# ------------------------------------------------------------------ what became of it


def test_lookup_tells_what_was_answered(rig: Rig) -> None:
    good = AuthoriseRequest(key(), eur(100), "SO-1", rig.good_method)
    bad = AuthoriseRequest(key(), eur(100), "SO-1", rig.bad_method)
    for request in (good, bad):
        outcome = rig.gateway.authorise(request)
        assert rig.gateway.lookup(request.idempotency_key) == outcome


@pytest.mark.parametrize("odd", ["plain", "with space & ?=/%", "ключ-№1-🎁"])
def test_lookup_of_a_key_that_never_came(rig: Rig, odd: str) -> None:
    assert rig.gateway.lookup(f"never-{odd}") == NeverReceived()
    request = AuthoriseRequest(f"{key()}-{odd}", eur(100), "SO-1", rig.good_method)
    outcome = rig.gateway.authorise(request)
    assert isinstance(outcome, Succeeded)
    assert rig.gateway.lookup(request.idempotency_key) == outcome


# ------------------------------------------------------------------ never guessed

REQUEST = AuthoriseRequest("the-key", eur(100), "SO-1", "tok_visa")


def answers(status: int, body: bytes) -> Callable[[httpx2.Request], httpx2.Response]:
    return lambda _: httpx2.Response(status, stream=httpx2.ByteStream(body))


def unreadable(gateway: Gateway) -> bool:
    """Whether the gateway's answer came in, and said nothing to go by."""
    outcomes = (gateway.authorise(REQUEST), gateway.lookup("the-key"))
    return all(isinstance(o, Unknown) and "no answer" not in o.reason for o in outcomes)


@pytest.mark.parametrize("status", [201, 204, 302, 401, 403, 404, 409, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b'{"error":"x","message":""}'])
def test_another_status_is_unknown(rig: Rig, status: int, body: bytes) -> None:
    assert unreadable(rig.answering(answers(status, body)))


@pytest.mark.parametrize("status", [200, 400, 402, 422])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"OK",
        b"<html>",
        b"\xff\xfe",
        b'{"outcome":"succeeded"}',
        b'{"error":"from_a_proxy","message":"too large"}',
        b"1e999",
    ],
)
def test_a_garbled_body_is_unknown(rig: Rig, status: int, body: bytes) -> None:
    assert unreadable(rig.answering(answers(status, body)))


def test_an_answer_that_does_not_fit_the_question_is_unknown(rig: Rig) -> None:
    good = rig.good_answer(REQUEST)
    whole = rig.answering(answers(200, json.dumps(good).encode()))
    assert isinstance(whole.authorise(REQUEST), Succeeded)
    for change in rig.unfit:
        wrong = rig.answering(answers(200, json.dumps(good | change).encode()))
        assert isinstance(wrong.authorise(REQUEST), Unknown), change


def test_success_under_the_status_of_a_decline_is_unknown(rig: Rig) -> None:
    body = json.dumps(rig.good_answer(REQUEST)).encode()
    assert isinstance(rig.answering(answers(402, body)).authorise(REQUEST), Unknown)


def test_every_cut_of_a_good_answer_is_unknown(rig: Rig) -> None:
    body = json.dumps(rig.good_answer(REQUEST)).encode()
    for end in range(len(body)):
        assert isinstance(rig.answering(answers(200, body[:end])).authorise(REQUEST), Unknown)


def test_an_endless_answer_is_unknown(rig: Rig) -> None:
    body = json.dumps(rig.good_answer(REQUEST)).encode() + b" " * 1_000_000
    assert isinstance(rig.answering(answers(200, body)).authorise(REQUEST), Unknown)


class Trickle(httpx2.SyncByteStream):
    """A good answer, byte by byte, each of them well within a limit per read."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.told = 0

    def __iter__(self) -> Iterator[bytes]:
        for byte in self._body:
            time.sleep(TIMEOUT_S / 10)
            self.told += 1
            yield bytes([byte])


def test_a_trickling_answer_is_unknown_before_it_ends(rig: Rig) -> None:
    trickle = Trickle(json.dumps(rig.good_answer(REQUEST)).encode())
    gateway = rig.answering(lambda _: httpx2.Response(200, stream=trickle))
    assert isinstance(gateway.authorise(REQUEST), Unknown)
    assert trickle.told < 20


@pytest.mark.parametrize(
    "error",
    [
        httpx2.ConnectError,
        httpx2.ConnectTimeout,
        httpx2.ReadTimeout,
        httpx2.ReadError,
        httpx2.WriteError,
        httpx2.RemoteProtocolError,
        httpx2.PoolTimeout,
    ],
)
def test_no_answer_is_unknown(rig: Rig, error: type[httpx2.TransportError]) -> None:
    def fails(request: httpx2.Request) -> httpx2.Response:
        raise error("it failed", request=request)

    gateway = rig.answering(fails)
    assert isinstance(gateway.authorise(REQUEST), Unknown)
    assert isinstance(gateway.lookup("the-key"), Unknown)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(status=st.sampled_from([200, 400, 402, 404, 422, 500]), body=st.binary(max_size=200))
def test_no_rubbish_is_taken_for_an_answer(rig: Rig, status: int, body: bytes) -> None:
    gateway = rig.answering(answers(status, body))
    assert unreadable(gateway)
    gateway.close()


# ------------------------------------------------------------------ secrets


def test_no_secret_is_shown(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    rig.authorised(eur(100))
    wrong = rig.answering(answers(401, SECRET.encode()))
    shown = [repr(rig.gateway), repr(wrong.authorise(REQUEST)), caplog.text]
    assert not any(SECRET in text for text in shown)
