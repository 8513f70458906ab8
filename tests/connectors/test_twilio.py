"""Twilio's codec on captured answers, and every sender of texts on a fake with its own ledger."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from connector_cases import Case, cases
from connector_processes import Running, Start

from baton.connectors import BUILT_IN, ConnectorMisconfigured, Port, Registry
from baton.connectors.answers import Answer
from baton.connectors.sms.twilio.codec import read, read_lookup, written, written_lookup
from baton.notifications.port import (
    NeverReceived,
    Refusal,
    Sent,
    TextCapabilities,
    TextMessage,
    TextSender,
    Unknown,
)

ACCOUNT = "AC" + "0" * 32
SENDER = "+15005550006"
TOKEN = "very secret token"
_numbers = count(1)


def text(**changes: object) -> TextMessage:
    whole = TextMessage(
        to=f"+4930{next(_numbers):07}",
        text="Nordlicht: Ihre Bestellung K3V9T-0QX4M ist unterwegs 📦",
        key="msg_1",
        written_at=datetime.now(UTC) - timedelta(seconds=1),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


# ── captured cases ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("case", cases("sms", "twilio"), ids=str)
def test_case(case: Case) -> None:
    looks = case.request["method"] == "GET"
    call = written_lookup(case.ours, ACCOUNT) if looks else written(case.ours, ACCOUNT, SENDER)
    assert call.path == case.request["path"]
    assert (call.body or b"").decode() == (case.request["body"] or "")
    answer = Answer(case.response["status"], case.response["body"].encode())
    assert (read_lookup if looks else read)(case.ours, answer) == case.result


@pytest.mark.parametrize("status", [200, 202, 301, 401, 403, 404, 429, 500, 503])
def test_what_is_not_understood_is_unknown(status: int) -> None:
    for body in (b"", b"<html>", b"{}", b"[]", b'{"sid": 1}', b"\xff"):
        assert isinstance(read(text(), Answer(status, body)), Unknown)


def test_another_texts_answer_is_unknown() -> None:
    sent = text()
    made = {"sid": "SM1", "to": sent.to, "body": "other words", "status": "queued"}
    assert isinstance(read(sent, Answer(201, json.dumps(made).encode())), Unknown)


def test_a_service_sends_as_a_service() -> None:
    call = written(text(), ACCOUNT, "MG" + "1" * 32)
    assert call.body is not None
    assert b"MessagingServiceSid=MG" in call.body
    assert b"From=" not in call.body


def test_a_text_before_ours_is_not_ours() -> None:
    sent = text(written_at=datetime(2026, 11, 21, 10, 30, tzinfo=UTC))
    old = {"sid": "SM1", "to": sent.to, "body": sent.text, "status": "delivered",
           "date_created": "Sat, 21 Nov 2026 10:20:00 +0000"}  # fmt: skip
    page = {"messages": [old], "next_page_uri": None}
    assert read_lookup(sent, Answer(200, json.dumps(page).encode())) == NeverReceived()
    page["next_page_uri"] = "/more"
    assert read_lookup(sent, Answer(200, json.dumps(page).encode())) == NeverReceived()
    old["date_created"] = "Sat, 21 Nov 2026 10:40:00 +0000"
    assert read_lookup(sent, Answer(200, json.dumps(page).encode())) == Sent("SM1")
    old["body"] = "other words"
    found = read_lookup(sent, Answer(200, json.dumps(page).encode()))
    assert isinstance(found, Unknown), "there are more than were listed"
    old["date_created"] = ""
    assert isinstance(read_lookup(sent, Answer(200, json.dumps(page).encode())), Unknown)


# ── what every sender of texts must hold to ────────────────────────────────────────────────


@dataclass(frozen=True)
class Rig:
    """A sender to try, what was taken, and senders whose other side is in trouble."""

    sender: TextSender
    capabilities: TextCapabilities
    taken: Callable[[TextMessage], list[dict[str, Any]]]
    dropping: TextSender
    failing: TextSender
    absent: TextSender


def twilio_rig(start: Start, folder: Path) -> Rig:
    connector = Registry(BUILT_IN).text_sender("twilio")
    assert isinstance(connector.capabilities, TextCapabilities)
    ledger = folder / "texts.jsonl"

    def sink(*options: object, to: Path = ledger) -> Running:
        return start("textsink", "--ledger", to, "--token", TOKEN, *options)

    def sender(address: str) -> TextSender:
        return connector.open(
            {"account_sid": ACCOUNT, "auth_token": TOKEN, "sender": SENDER, "address": address,
             "timeout_s": 2}
        )  # fmt: skip

    def taken(sent: TextMessage) -> list[dict[str, Any]]:
        lines = [json.loads(line) for path in folder.iterdir()
                 for line in path.read_bytes().splitlines()]  # fmt: skip
        return [each for each in lines if each["to"] == sent.to]

    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()[1]
    return Rig(
        sender(sink().address),
        connector.capabilities,
        taken,
        dropping=sender(sink("--fault", "drop_answer=1", to=folder / "dropped.jsonl").address),
        failing=sender(sink("--fault", "error=1", to=folder / "failed.jsonl").address),
        absent=sender(f"http://127.0.0.1:{nobody}"),
    )


RIGS = {"twilio": twilio_rig}


def test_every_sender_of_texts_has_a_rig() -> None:
    assert {c.name for c in BUILT_IN if c.port is Port.SMS} == set(RIGS)


@pytest.fixture(params=sorted(RIGS), scope="module")
def rig(
    request: pytest.FixtureRequest,
    module_start: Start,
    tmp_path_factory: pytest.TempPathFactory,
) -> Rig:
    return RIGS[request.param](module_start, tmp_path_factory.mktemp("texts"))


def test_a_text_is_taken_as_it_was_written(rig: Rig) -> None:
    sent = text()
    assert isinstance(rig.sender.send(sent), Sent)
    (kept,) = rig.taken(sent)
    assert (kept["body"], kept["from"]) == (sent.text, SENDER)


def test_a_text_is_found_again(rig: Rig) -> None:
    sent = text()
    assert rig.sender.lookup(sent) == NeverReceived()
    outcome = rig.sender.send(sent)
    assert rig.sender.lookup(sent) == outcome
    assert rig.sender.lookup(replace(sent, text="other words")) == NeverReceived()


@pytest.mark.parametrize(
    ("to", "code"),
    [("+49300000000", "recipient_invalid"), ("+4930999999", "recipient_unsubscribed")],
)
def test_a_number_that_takes_no_texts_is_refused(rig: Rig, to: str, code: str) -> None:
    outcome = rig.sender.send(text(to=to if code != "recipient_unsubscribed" else "+4930129999"))
    assert isinstance(outcome, Refusal)
    assert outcome.code == code


def test_an_answer_that_was_lost_is_unknown_and_found(rig: Rig) -> None:
    sent = text()
    assert isinstance(rig.dropping.send(sent), Unknown)
    assert isinstance(rig.dropping.lookup(sent), Sent)
    assert len(rig.taken(sent)) == 1


def test_an_error_that_may_pass_is_unknown(rig: Rig) -> None:
    sent = text()
    assert isinstance(rig.failing.send(sent), Unknown)
    taken = len(rig.taken(sent))
    assert isinstance(rig.failing.lookup(sent), Sent if taken else NeverReceived)


def test_nobody_there_is_unknown(rig: Rig) -> None:
    assert isinstance(rig.absent.send(text()), Unknown)
    assert isinstance(rig.absent.lookup(text()), Unknown)


def test_no_secret_is_shown(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    outcomes = [rig.sender.send(text()), rig.absent.send(text())]
    assert TOKEN not in caplog.text + repr(outcomes) + repr(rig.sender)


def test_an_account_that_is_none_is_refused() -> None:
    with pytest.raises(ConnectorMisconfigured):
        Registry(BUILT_IN).text_sender("twilio").open(
            {"account_sid": "../x", "auth_token": "t", "sender": SENDER}
        )
