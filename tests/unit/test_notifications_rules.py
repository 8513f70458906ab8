"""What becomes of a message, and how it is handed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from baton.notifications import rules
from baton.notifications.errors import RecipientInvalid
from baton.notifications.model import Composed, Draft, Message, MessageKind, MessageState
from baton.notifications.port import Outcome, Refusal, Sent, Unknown
from baton.notifications.states import ENDS, MOVES, STARTS
from baton.values.ids import new_id

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DRAFT = Draft(
    new_id(1, 1), MessageKind.SHIPPED, "shipment 1", "zoe@example.com", "de",
    Composed("Subject", "Text\n", "<p>Text</p>"),
)  # fmt: skip
MESSAGE = rules.opened(DRAFT, new_id(1, 2), NOW)
LATER = NOW + timedelta(minutes=5)


@pytest.mark.parametrize(
    "recipient",
    ["", "zoe", "a@b.c, d@e.f", "a@b.c;d@e.f", "a@b.c\nBcc: x@y.z", "Zoe <a@b.c>", "a@b.c\x00"],
)
def test_one_recipient_and_nothing_else(recipient: str) -> None:
    with pytest.raises(RecipientInvalid):
        rules.check(replace(DRAFT, recipient=recipient))


@pytest.mark.parametrize("recipient", ["zoe@example.com", "z.o+e@sub.example.co.uk", "zoë@büro.de"])
def test_an_address_is_taken(recipient: str) -> None:
    rules.check(replace(DRAFT, recipient=recipient))


def test_what_a_message_starts_as() -> None:
    assert MESSAGE.state in STARTS
    assert (MESSAGE.created_at, MESSAGE.sent_at, MESSAGE.error) == (NOW, None, "")


def test_taken_over() -> None:
    sent = rules.settled(MESSAGE, Sent("250 ok"), LATER)
    assert (sent.state, sent.sent_at) == (MessageState.SENT, LATER)


def test_refused() -> None:
    refused = rules.settled(MESSAGE, Refusal("no_such_address", "550 nobody"), LATER)
    assert (refused.state, refused.sent_at) == (MessageState.REFUSED, None)
    assert refused.error == "no_such_address: 550 nobody"


def test_nobody_knows() -> None:
    assert rules.settled(MESSAGE, Unknown("no answer"), LATER) is MESSAGE


@pytest.mark.parametrize("state", list(MessageState))
@pytest.mark.parametrize("outcome", [Sent("250"), Refusal("x", "y"), Unknown("z")])
def test_an_end_is_kept(state: MessageState, outcome: Outcome) -> None:
    before: Message = replace(MESSAGE, state=state)
    after = rules.settled(before, outcome, LATER)
    assert after is before or (before.state, after.state) in MOVES
    if state in ENDS:
        assert after is before


def test_the_same_words_under_the_same_id_each_time() -> None:
    first, again = (rules.outgoing(MESSAGE, "shop.example") for _ in range(2))
    assert first == again
    assert first.message_id.endswith("@shop.example>")
    assert (first.to, first.subject, first.written_at) == ("zoe@example.com", "Subject", NOW)
    other = rules.outgoing(replace(MESSAGE, id=new_id(1, 3)), "shop.example")
    assert other.message_id != first.message_id
