"""What every way to send a message must hold to, run over every connector of the port."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from connector_processes import Running, Start

from baton.connectors import BUILT_IN, Port, Registry
from baton.notifications.port import (
    Mailer,
    MailerCapabilities,
    Message,
    Refusal,
    Sent,
    Unknown,
    message_id,
)

SECRET = "correct horse"
_numbers = count()


def message(**changes: object) -> Message:
    whole = Message(
        to="jo@example.com",
        subject="Your order SO-1 is on its way",
        text="Hello Jo,\n\nit left us today.\n",
        html="<p>Hello Jo,</p><p>it left us today.</p>",
        message_id=message_id(f"mailers-{next(_numbers)}", "shop.example.com"),
        written_at=datetime(2026, 11, 21, 10, 30, tzinfo=UTC),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Rig:
    """A mailer to try, what has arrived, and mailers whose other side is in trouble."""

    mailer: Mailer
    capabilities: MailerCapabilities
    arrived: Callable[[str], list[dict[str, Any]]]
    dropping: Mailer
    failing: Mailer
    absent: Mailer


def smtp_rig(sink: Running, start: Start, folder: Path) -> Rig:
    connector = Registry(BUILT_IN).mailer("smtp")
    assert isinstance(connector.capabilities, MailerCapabilities)

    def mailer(port: int) -> Mailer:
        return connector.open(
            {
                "host": "127.0.0.1",
                "port": port,
                "security": "none",
                "from_address": "shop@example.com",
                "from_name": "Fjord & Field",
                "password": SECRET,
                "timeout_s": 2,
            }
        )

    def in_trouble(fault: str) -> Mailer:
        return mailer(start("mailsink", "--box", folder / fault, "--fault", fault).port)

    def arrived(id: str) -> list[dict[str, Any]]:
        lines = Path(sink.facts["box"]).read_bytes().splitlines()
        return [kept for kept in map(json.loads, lines) if kept["message_id"] == id]

    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()[1]
    return Rig(
        mailer(sink.port),
        connector.capabilities,
        arrived,
        dropping=in_trouble("drop_answer=1"),
        failing=in_trouble("error=1"),
        absent=mailer(nobody),
    )


RIGS = {"smtp": smtp_rig}


def test_every_mailer_has_a_rig() -> None:
    assert {c.name for c in BUILT_IN if c.port is Port.NOTIFICATIONS} == set(RIGS)


@pytest.fixture(params=sorted(RIGS), scope="module")
def rig(
    request: pytest.FixtureRequest,
    mailsink_process: Running,
    module_start: Start,
    tmp_path_factory: pytest.TempPathFactory,
) -> Rig:
    folder = tmp_path_factory.mktemp("mailers")
    return RIGS[request.param](mailsink_process, module_start, folder)


def test_a_message_arrives_as_it_was_written(rig: Rig) -> None:
    sent = message(
        subject="Vielen Dank für Ihre Bestellung 🎁",
        text="Grüße,\n.\n..und ein Punkt\nمرحبا 你好\n" + "long " * 500,
        html="<p>Grüße</p>",
    )
    assert isinstance(rig.mailer.send(sent), Sent)
    (kept,) = rig.arrived(sent.message_id)
    assert kept["recipients"] == ["jo@example.com"]
    assert kept["subject"] == sent.subject
    assert kept["text"].replace("\r\n", "\n").rstrip("\n") == sent.text.rstrip("\n")
    assert kept["date"] == "Sat, 21 Nov 2026 10:30:00 +0000"
    assert (kept["html"].strip() == sent.html) == rig.capabilities.html


def test_a_message_may_be_text_alone(rig: Rig) -> None:
    sent = message(html="")
    assert isinstance(rig.mailer.send(sent), Sent)
    (kept,) = rig.arrived(sent.message_id)
    assert kept["html"] == ""


def test_a_repeated_message_can_be_recognised(rig: Rig) -> None:
    sent = message()
    for _ in range(3):
        assert isinstance(rig.mailer.send(sent), Sent)
    arrived = rig.arrived(sent.message_id)
    assert len(arrived) == (1 if rig.capabilities.deduplicates else 3)
    assert len({(kept["text"], kept["size"]) for kept in arrived}) == 1


@pytest.mark.parametrize(
    "to",
    [
        "",
        "jo",
        "jo@",
        "@example.com",
        "jo@@example.com",
        "jo @example.com",
        "jo@example.com, al@example.com",
        "Jo <jo@example.com>",
        "jo@example.com\r\nRCPT TO:<al@example.com>",
        "jo@example.com>\nDATA",
        "j\x00o@example.com",
        "jo@-example.com",
        "x" * 300 + "@example.com",
    ],
)
def test_what_is_no_address_is_refused(rig: Rig, to: str) -> None:
    outcome = rig.mailer.send(message(to=to))
    assert isinstance(outcome, Refusal)
    assert outcome.code == "recipient_invalid"


@pytest.mark.parametrize(
    "to", ["jo@straße.example.com", "jörg@example.com", "用户@例子.example.com"]
)
def test_addresses_may_be_of_any_script(rig: Rig, to: str) -> None:
    sent = message(to=to)
    assert isinstance(rig.mailer.send(sent), Sent)
    assert len(rig.arrived(sent.message_id)) == 1


@pytest.mark.parametrize(
    "odd",
    [
        "two\r\nBcc: al@example.com",
        "two\nlines",
        "\x00\x1b[31m",
        "half \ud83d a pair",
        "=?utf-8?q?encoded?=",
        "x" * 5000,
        "",
    ],
)
def test_no_text_can_break_out_of_its_place(rig: Rig, odd: str) -> None:
    sent = message(subject=odd, text=odd, html=odd, to_name=odd)
    assert isinstance(rig.mailer.send(sent), Sent)
    (kept,) = rig.arrived(sent.message_id)
    assert kept["recipients"] == ["jo@example.com"]


def test_an_answer_that_was_lost_is_unknown(rig: Rig) -> None:
    assert isinstance(rig.dropping.send(message()), Unknown)


def test_an_error_that_may_pass_is_unknown(rig: Rig) -> None:
    assert isinstance(rig.failing.send(message()), Unknown)


def test_nobody_there_is_unknown(rig: Rig) -> None:
    assert isinstance(rig.absent.send(message()), Unknown)


def test_no_secret_is_shown(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    outcomes = [rig.mailer.send(message()), rig.absent.send(message())]
    assert SECRET not in caplog.text + repr(outcomes) + repr(rig.mailer)


# ------------------------------------------------------------------ message ids


def test_one_key_has_one_message_id() -> None:
    first = message_id("msg_1", "shop.example.com")
    assert first == message_id("msg_1", "shop.example.com")
    assert first != message_id("msg_2", "shop.example.com")
    assert first.startswith("<")
    assert first.endswith("@shop.example.com>")
    assert " " not in first
