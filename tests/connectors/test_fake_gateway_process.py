"""The fake gateway as a process: its faults, its memory, its end."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import httpx2
import pytest
from connector_processes import ROOT, Running, Start

from baton.connectors.payments.fake import FakeGateway, FakeSettings, codec
from baton.payments.port import (
    AuthoriseRequest,
    CaptureRequest,
    DeclineCode,
    Declined,
    NeverReceived,
    Outcome,
    RefundRequest,
    Succeeded,
    Unknown,
    VoidRequest,
)
from baton.values.money import Money

Connect = Callable[..., FakeGateway]


@pytest.fixture
def connect() -> Iterator[Connect]:
    with ExitStack() as stack:

        def made(process: Running, **options: object) -> FakeGateway:
            gateway = FakeGateway(FakeSettings.of({"address": process.address, **options}))
            stack.callback(gateway.close)
            return gateway

        yield made


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "books" / "ledger.jsonl"


def authorise(key: str, method: str = "tok_visa", minor: int = 1000) -> AuthoriseRequest:
    return AuthoriseRequest(key, Money(minor, "EUR"), "SO-1", method)


def entries(ledger: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ledger.read_bytes().splitlines()]


# ------------------------------------------------------------------ faults


def test_an_answer_dropped_after_the_work_is_found_by_lookup(
    start: Start, connect: Connect, ledger: Path
) -> None:
    gateway = connect(start("gateway", "--ledger", ledger, "--fault", "drop_answer=0.5"))
    outcomes = {f"k{n}": gateway.authorise(authorise(f"k{n}")) for n in range(40)}
    lost = [key for key, outcome in outcomes.items() if isinstance(outcome, Unknown)]
    assert 5 < len(lost) < 35
    for key in lost:
        found: Any = Unknown("")
        while isinstance(found, Unknown):  # asking may be dropped as well
            found = gateway.lookup(key)
        assert isinstance(found, Succeeded)
    assert [entry["key"] for entry in entries(ledger)] == list(outcomes)


def test_a_late_answer_is_unknown_and_the_work_is_done(
    start: Start, connect: Connect, ledger: Path
) -> None:
    process = start("gateway", "--ledger", ledger, "--fault", "delay=1:400ms")
    assert isinstance(connect(process, timeout_s=0.1).authorise(authorise("late")), Unknown)
    outcome = connect(process, timeout_s=5).authorise(authorise("late"))
    assert isinstance(outcome, Succeeded)
    assert len(entries(ledger)) == 1


def test_an_answer_given_twice_is_never_taken_for_that_to_the_next_question(
    start: Start, connect: Connect, ledger: Path
) -> None:
    gateway = connect(start("gateway", "--ledger", ledger, "--fault", "twice=1"))
    for n in range(20):
        outcome = gateway.authorise(authorise(f"k{n}", minor=100 + n))
        assert isinstance(outcome, Succeeded)
        assert outcome.amount == Money(100 + n, "EUR")


def test_an_error_may_come_before_the_work_or_after_it(
    start: Start, connect: Connect, ledger: Path
) -> None:
    gateway = connect(start("gateway", "--ledger", ledger, "--fault", "error=1"))
    outcomes = [gateway.authorise(authorise(f"k{n}")) for n in range(40)]
    assert all(isinstance(outcome, Unknown) for outcome in outcomes)
    assert 5 < len(entries(ledger)) < 35


def test_a_repeated_attempt_has_a_fate_of_its_own(
    start: Start, connect: Connect, ledger: Path
) -> None:
    gateway = connect(start("gateway", "--ledger", ledger, "--fault", "error=0.5,drop_answer=0.3"))
    for n in range(20):
        outcome: Outcome = Unknown("")
        tries = 0
        while isinstance(outcome, Unknown):
            outcome, tries = gateway.authorise(authorise(f"k{n}")), tries + 1
            assert tries < 50
        assert isinstance(outcome, Succeeded)
    assert len(entries(ledger)) == 20


def test_one_seed_is_one_plan(start: Start, connect: Connect, tmp_path: Path) -> None:
    def played(name: str, seed: int) -> list[str]:
        fault = "drop_answer=0.2,error=0.2,decline=0.3"
        file = tmp_path / name
        process = start("gateway", "--ledger", file, "--seed", seed, "--fault", fault)
        gateway = connect(process)
        with ThreadPoolExecutor(4) as threads:  # in whatever order they arrive
            found = threads.map(lambda n: gateway.authorise(authorise(f"k{n}")), range(40))
            return [type(outcome).__name__ for outcome in found]

    first = played("a", 7)
    assert set(first) == {"Succeeded", "Declined", "Unknown"}
    assert played("b", 7) == first
    assert played("c", 8) != first


def test_declines_at_random_are_for_authorisations_and_captures(
    start: Start, connect: Connect, ledger: Path
) -> None:
    calm = start("gateway", "--ledger", ledger)
    held = connect(calm).authorise(authorise("held"))
    assert isinstance(held, Succeeded)
    calm.process.kill()
    calm.process.wait()
    gateway = connect(start("gateway", "--ledger", ledger, "--fault", "decline=1"))
    assert isinstance(gateway.authorise(authorise("a")), Declined)
    ref, amount = held.provider_ref, Money(1000, "EUR")
    assert isinstance(gateway.capture(CaptureRequest("c", amount, "SO-1", ref)), Declined)
    assert isinstance(gateway.void(VoidRequest("v", amount, "SO-1", ref)), Succeeded)


@pytest.mark.parametrize(
    "fault", ["drop=1", "drop_answer", "drop_answer=2", "drop_answer=x", "delay=0.5", "delay=1:5m"]
)
def test_a_fault_that_is_none_is_refused_at_the_start(fault: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "example.gateway", "--ledger", tmp_path / "l", "--fault", fault],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "--fault" in done.stderr


# ------------------------------------------------------------------ callbacks


@pytest.fixture
def callbacks() -> Iterator[tuple[str, Queue[bytes]]]:
    """An address, and what is posted to it."""
    posted: Queue[bytes] = Queue()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.put(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/callback", posted
        server.shutdown()
        thread.join()


def test_an_answer_given_twice_is_called_back_twice(
    start: Start, connect: Connect, ledger: Path, callbacks: tuple[str, Queue[bytes]]
) -> None:
    url, posted = callbacks
    process = start("gateway", "--ledger", ledger, "--fault", "twice=1", "--callback", url)
    connect(process).authorise(authorise("again"))
    assert [codec.read_callback(posted.get(timeout=5)) for _ in range(2)] == ["again"] * 2


def test_a_callback_that_can_not_be_read_names_no_key() -> None:
    assert isinstance(codec.read_callback(b'{"key": "k"}'), Unknown)


# ------------------------------------------------------------------ tokens


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("tok_decline_authorise", DeclineCode.INSUFFICIENT_FUNDS),
        ("tok_decline_fraud", DeclineCode.SUSPECTED_FRAUD),
        ("visa", DeclineCode.METHOD_INVALID),
    ],
)
def test_methods_that_are_declined_at_once(
    gateway_process: Running, connect: Connect, method: str, code: DeclineCode
) -> None:
    outcome = connect(gateway_process, api_key="sk_very_secret").authorise(
        authorise(f"tokens-{method}", method)
    )
    assert isinstance(outcome, Declined)
    assert outcome.code is code


@pytest.mark.parametrize(
    ("method", "code"),
    [
        ("tok_decline_capture", DeclineCode.DO_NOT_HONOUR),
        ("tok_decline_capture_once", DeclineCode.DO_NOT_HONOUR),
        ("tok_expires_at_once", DeclineCode.AUTHORISATION_EXPIRED),
        ("tok_decline_void", DeclineCode.DO_NOT_HONOUR),
        ("tok_decline_refund", DeclineCode.DO_NOT_HONOUR),
    ],
)
def test_methods_that_are_declined_later(
    gateway_process: Running, connect: Connect, method: str, code: DeclineCode
) -> None:
    gateway = connect(gateway_process, api_key="sk_very_secret")
    held = gateway.authorise(authorise(f"later-{method}", method))
    assert isinstance(held, Succeeded)
    amount, ref = Money(1000, "EUR"), held.provider_ref
    outcome: Outcome
    match method:
        case "tok_decline_void":
            outcome = gateway.void(VoidRequest(f"then-{method}", amount, "SO-1", ref))
        case "tok_decline_refund":
            taken = gateway.capture(CaptureRequest(f"taken-{method}", amount, "SO-1", ref))
            assert isinstance(taken, Succeeded)
            refund = RefundRequest(f"then-{method}", amount, "SO-1", taken.provider_ref)
            outcome = gateway.refund(refund)
        case _:
            outcome = gateway.capture(CaptureRequest(f"then-{method}", amount, "SO-1", ref))
    assert isinstance(outcome, Declined)
    assert outcome.code is code
    if method == "tok_decline_capture_once":
        retried = gateway.capture(CaptureRequest(f"retried-{method}", amount, "SO-1", ref))
        assert isinstance(retried, Succeeded)


def test_authorisations_need_not_say_when_they_lapse(
    start: Start, connect: Connect, ledger: Path
) -> None:
    gateway = connect(start("gateway", "--ledger", ledger, "--authorisation-days", 0))
    outcome = gateway.authorise(authorise("k"))
    assert isinstance(outcome, Succeeded)
    assert outcome.expires_at is None


# ------------------------------------------------------------------ who may ask, and what


def test_a_wrong_api_key_does_nothing(gateway_process: Running, connect: Connect) -> None:
    right = connect(gateway_process, api_key="sk_very_secret")
    wrong = connect(gateway_process, api_key="sk_other")
    assert isinstance(wrong.authorise(authorise("wrong-api-key")), Unknown)
    assert isinstance(wrong.lookup("wrong-api-key"), Unknown)
    assert right.lookup("wrong-api-key") == NeverReceived()


GOOD = {"key": "raw", "amount": 1, "currency": "EUR", "reference": "SO-1", "method": "tok_visa"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        json.dumps(GOOD | {"amount": 0}).encode(),
        json.dumps(GOOD | {"amount": "1"}).encode(),
        json.dumps(GOOD | {"amount": True}).encode(),
        json.dumps(GOOD | {"more": 1}).encode(),
        json.dumps(GOOD | {"key": ""}).encode(),
        json.dumps(GOOD | {"method": "4111 1111 1111 1111"}).encode(),
        json.dumps({k: v for k, v in GOOD.items() if k != "key"}).encode(),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_and_not_kept(
    gateway_process: Running, body: bytes
) -> None:
    with httpx2.Client(trust_env=False, verify=False) as http:
        url, headers = gateway_process.address, {"Authorization": "Bearer sk_very_secret"}
        answer = http.post(f"{url}/v1/authorisations", content=body, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "request_invalid")
        assert http.post(f"{url}/v1/nothing", content=b"{}").status_code == 404
        assert http.get(f"{url}/v1/nothing").status_code == 404
        kept = http.get(f"{url}/ledger").json()["entries"]
    assert "raw" not in {entry["key"] for entry in kept}


def test_the_judge_reads_the_same_over_http_as_in_the_file(
    start: Start, connect: Connect, ledger: Path
) -> None:
    process = start("gateway", "--ledger", ledger)
    connect(process).authorise(authorise("k"))
    with httpx2.Client(trust_env=False, verify=False) as http:
        assert http.get(f"{process.address}/healthz").json() == {"status": "ok"}
        assert http.get(f"{process.address}/ledger").json()["entries"] == entries(ledger)


# ------------------------------------------------------------------ memory


def test_killed_and_started_again_it_remembers_all_that_it_answered(
    start: Start, connect: Connect, ledger: Path
) -> None:
    first = start("gateway", "--ledger", ledger)
    gateway = connect(first, timeout_s=2)
    answered: dict[str, Succeeded] = {}

    def ask(n: int) -> None:
        outcome = gateway.authorise(authorise(f"k{n}"))
        if isinstance(outcome, Succeeded):
            answered[f"k{n}"] = outcome
        if n == 100:
            first.process.kill()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ask, range(300)))
    first.process.wait()
    assert 50 < len(answered) < 300
    again = connect(start("gateway", "--ledger", ledger))
    assert {key: again.lookup(key) for key in answered} == answered
    some = next(iter(answered))
    assert again.authorise(authorise(some)) == answered[some]
    refs = Counter(entry["ref"] for entry in entries(ledger))
    assert max(refs.values()) == 1


def test_state_is_rebuilt_from_the_ledger(start: Start, connect: Connect, ledger: Path) -> None:
    first = start("gateway", "--ledger", ledger)
    gateway, amount = connect(first), Money(1000, "EUR")
    held = gateway.authorise(authorise("a"))
    assert isinstance(held, Succeeded)
    part = gateway.capture(CaptureRequest("c", Money(600, "EUR"), "SO-1", held.provider_ref))
    assert isinstance(part, Succeeded)
    first.process.kill()
    first.process.wait()
    again = connect(start("gateway", "--ledger", ledger))
    too_much = again.capture(CaptureRequest("c2", Money(401, "EUR"), "SO-1", held.provider_ref))
    assert isinstance(too_much, Declined)
    voided = again.void(VoidRequest("v", amount, "SO-1", held.provider_ref))
    assert isinstance(voided, Succeeded)
    assert voided.amount == Money(400, "EUR")
    too_much = again.refund(RefundRequest("r", Money(601, "EUR"), "SO-1", part.provider_ref))
    assert isinstance(too_much, Declined)


def test_a_line_that_was_never_finished_is_cut_off(
    start: Start, connect: Connect, ledger: Path
) -> None:
    first = start("gateway", "--ledger", ledger)
    connect(first).authorise(authorise("whole"))
    first.process.kill()
    first.process.wait()
    with ledger.open("ab") as file:
        file.write(b'{"no": 2, "at": "20')
    again = connect(start("gateway", "--ledger", ledger))
    assert isinstance(again.authorise(authorise("next")), Succeeded)
    assert [entry["key"] for entry in entries(ledger)] == ["whole", "next"]


def test_the_books_balance_after_a_storm(start: Start, connect: Connect, ledger: Path) -> None:
    fault = "drop_answer=0.1,error=0.1,decline=0.1,twice=0.1"
    gateway = connect(start("gateway", "--ledger", ledger, "--seed", 3, "--fault", fault))

    def settled(ask: Callable[[], Outcome]) -> Succeeded | Declined:
        outcome = ask()
        while isinstance(outcome, Unknown):
            outcome = ask()
        return outcome

    def order(n: int) -> None:
        held = settled(partial(gateway.authorise, authorise(f"a{n}")))
        if isinstance(held, Declined):
            return
        amount, reference = Money(400, "EUR"), f"SO-{n}"
        for part in range(3):
            capture = CaptureRequest(f"c{n}.{part}", amount, reference, held.provider_ref)
            taken = settled(partial(gateway.capture, capture))
            if isinstance(taken, Succeeded):
                refund = RefundRequest(f"r{n}.{part}", amount, reference, taken.provider_ref)
                settled(partial(gateway.refund, refund))

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(order, range(25)))
    done = [entry for entry in entries(ledger) if entry["outcome"] == "succeeded"]
    amounts = {entry["ref"]: entry["amount"] for entry in done}
    used: Counter[str] = Counter()
    for entry in done:
        if entry["operation"] != "authorise":
            used[entry["previous"]] += entry["amount"]
    assert len(used) > 20
    assert all(used[ref] <= amounts[ref] for ref in used)
    assert max(Counter(entry["key"] for entry in entries(ledger)).values()) == 1


# ------------------------------------------------------------------ its end


def test_it_ends_on_sigterm_and_when_its_starter_is_gone(start: Start, tmp_path: Path) -> None:
    told = start("gateway", "--ledger", tmp_path / "a")
    told.process.send_signal(signal.SIGTERM)
    assert told.process.wait(timeout=5) == 0
    left = start("gateway", "--ledger", tmp_path / "b")
    assert left.process.stdin is not None
    left.process.stdin.close()
    assert left.process.wait(timeout=5) == 0
