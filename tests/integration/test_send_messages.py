"""Messages on their way: to a real mail sink, through lost answers, crashes and lapsed leases."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from outside_world import hurry, jobs, lines, lock_orders, running, worker

from baton import notifications
from baton.connectors.notifications.smtp import SmtpMailer, SmtpSettings
from baton.connectors.notifications.smtp.client import Security
from baton.flows.send_messages import SendMessages
from baton.notifications.model import Composed, Draft, Item, MessageFacts, MessageKind, MessageState
from baton.notifications.port import Mailer, Message, Outcome, Refusal, Sent, Unknown
from baton.platform import ids, journal, work
from baton.platform.db import Caller, Database
from baton.platform.work import Job, Lapsed
from baton.values.ids import Id
from baton.values.money import Money

DOMAIN = "shop.example"
FACTS = MessageFacts(
    "Nordlicht", "K3V9T-0QX4M", "Zoë", (Item("Tasse 👩‍🚀", 1),), total=Money(100, "EUR")
)


class ScriptedMailer:
    """Answers as `script` says, one entry a message; then takes over everything."""

    def __init__(self, *script: Outcome) -> None:
        self._script = list(script)
        self.taken: list[Message] = []

    def send(self, message: Message) -> Outcome:
        self.taken.append(message)
        return self._script.pop(0) if self._script else Sent("250 ok")


class Post:
    """A tenant whose messages are sent by one mailer."""

    def __init__(self, db: Database, tenant: int, mailer: Mailer) -> None:
        self.db, self.tenant = db, tenant
        self.caller = Caller(tenant, "worker")
        self.flow = SendMessages(db, mailer, lock_orders, DOMAIN)

    def put(self, order: Id, *facts: str) -> None:
        words = notifications.compose(MessageKind.ORDER_CONFIRMED, "de", FACTS)
        drafts = [
            Draft(order, MessageKind.ORDER_CONFIRMED, fact, "zoe@example.com", "de", words)
            for fact in facts
        ]
        self.db.execute(self.caller, lambda tx: notifications.put(tx, drafts))

    def work(self, attempts: int = 20) -> None:
        worker(self.db, self.tenant, self.flow.handlers(), attempts).drain()

    def work_off(self) -> None:
        for _ in range(40):
            self.work()
            if not hurry(self.db, self.tenant):
                return
        raise AssertionError(f"still there: {self.jobs()}")

    def claim(self, lease: timedelta = timedelta(minutes=1)) -> Job:
        with self.db.transaction(self.caller) as tx:
            [job] = work.claim(tx, notifications.SEND, 1, lease)
        return job

    def states(self, order: Id) -> list[MessageState]:
        found = self.db.execute(self.caller, lambda tx: notifications.by_orders(tx, [order]))
        return [message.state for message in found]

    def facts(self, order: Id) -> list[str]:
        entries = self.db.execute(self.caller, lambda tx: journal.timeline(tx, [order]))
        return [entry.fact for entry in entries]

    def jobs(self) -> list[tuple[str, str, float]]:
        return jobs(self.db, self.tenant)


@pytest.fixture
def order() -> Id:
    return ids.fresh()


def test_taken_over(db: Database, tenant: int, order: Id) -> None:
    mailer = ScriptedMailer()
    post = Post(db, tenant, mailer)
    post.put(order, "a", "b")
    post.work()
    assert post.states(order) == [MessageState.SENT] * 2
    assert post.facts(order) == ["notifications.sent"] * 2
    assert post.jobs() == []
    assert len({message.message_id for message in mailer.taken}) == 2
    post.put(order, "a", "b")
    post.work()
    assert len(mailer.taken) == 2


def test_refused_for_good(db: Database, tenant: int, order: Id) -> None:
    mailer = ScriptedMailer(Refusal("recipient_refused", "550"))
    post = Post(db, tenant, mailer)
    post.put(order, "a")
    post.work_off()
    assert post.states(order) == [MessageState.REFUSED]
    assert post.facts(order) == ["notifications.refused"]
    assert len(mailer.taken) == 1


def test_without_an_answer_the_same_message_goes_again(
    db: Database, tenant: int, order: Id
) -> None:
    mailer = ScriptedMailer(Unknown("no answer"), Unknown("no answer"))
    post = Post(db, tenant, mailer)
    post.put(order, "a")
    post.work()
    assert post.states(order) == [MessageState.REQUESTED]
    assert post.facts(order) == []
    post.work_off()
    assert post.states(order) == [MessageState.SENT]
    first, *again = mailer.taken
    assert again == [first, first]


def test_a_mail_server_that_never_answers_is_shown_to_a_person(
    db: Database, tenant: int, order: Id
) -> None:
    post = Post(db, tenant, ScriptedMailer(*[Unknown("no answer")] * 3))
    post.put(order, "a")
    for _ in range(3):
        post.work(attempts=3)
        hurry(db, tenant)
    assert [job[:2] for job in post.jobs()] == [(notifications.SEND, "parked")]
    with db.transaction(post.caller) as tx:
        [parked] = work.parked(tx)
        assert "no answer" in parked.error
        work.retry(tx, parked.id)
    post.work()
    assert post.states(order) == [MessageState.SENT]


def test_a_lapsed_lease_settles_nothing(db: Database, tenant: int, order: Id) -> None:
    mailer = ScriptedMailer(Sent("250"), Refusal("late", "550"))
    post = Post(db, tenant, mailer)
    post.put(order, "a")
    old, new = post.claim(timedelta(0)), post.claim()
    post.flow.send(post.caller, new)
    with pytest.raises(Lapsed):
        post.flow.send(post.caller, old)
    assert post.states(order) == [MessageState.SENT]
    assert post.facts(order) == ["notifications.sent"]


def test_a_crash_before_settling(
    db: Database, tenant: int, order: Id, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailer = ScriptedMailer()
    post = Post(db, tenant, mailer)
    post.put(order, "a")
    job = post.claim(timedelta(0))

    def die(*_: object) -> None:
        raise OSError("the process dies")

    post.flow = replace(post.flow, lock_orders=die)
    with pytest.raises(OSError, match="dies"):
        post.flow.send(post.caller, job)
    post.flow = replace(post.flow, lock_orders=lock_orders)
    post.work()
    assert mailer.taken[0] == mailer.taken[1]
    assert post.facts(order) == ["notifications.sent"]


def test_a_message_settled_meanwhile_is_not_sent_again(
    db: Database, tenant: int, order: Id
) -> None:
    mailer = ScriptedMailer()
    post = Post(db, tenant, mailer)
    post.put(order, "a")
    with db.transaction(post.caller) as tx:
        [message] = notifications.by_orders(tx, [order])
        notifications.settle(tx, message.id, Sent("250"))
    post.work()
    assert mailer.taken == []
    assert post.jobs() == []


def test_into_a_real_mail_server(db: Database, tenant: int, order: Id, tmp_path: Path) -> None:
    """Answers dropped, errors before and after: each message arrives, under one id."""
    box = tmp_path / "box.jsonl"
    faults = "drop_answer=0.2,error=0.3,delay=0.1:5ms"
    with running("example.mailsink", "--box", box, "--seed", 3, "--fault", faults) as told:
        settings = SmtpSettings(
            host="127.0.0.1",
            port=told["port"],
            security=Security.NONE,
            from_address="orders@shop.example",
        )
        post = Post(db, tenant, SmtpMailer(settings))
        post.put(order, *[f"fact {n}" for n in range(15)])
        post.put(order, *[f"fact {n}" for n in range(15)])
        post.work_off()
    arrived = lines(box)
    assert post.states(order) == [MessageState.SENT] * 15
    copies = Counter(mail["message_id"] for mail in arrived)
    assert len(copies) == 15
    assert max(copies.values()) > 1  # a lost answer brings a second copy, never a second id
    by_id: dict[str, set[tuple[str, str, str]]] = {}
    for mail in arrived:
        words = (mail["subject"], mail["text"], mail["html"])
        by_id.setdefault(mail["message_id"], set()).add(words)
    assert {len(words) for words in by_id.values()} == {1}
    mail = arrived[0]
    assert mail["recipients"] == ["zoe@example.com"]
    assert mail["message_id"].endswith(f"@{DOMAIN}>")
    assert mail["subject"] == "Vielen Dank für Ihre Bestellung K3V9T-0QX4M"
    assert "Tasse 👩‍🚀" in mail["text"]
    assert "Tasse 👩‍🚀" in mail["html"]


def test_an_address_that_is_none(db: Database, tenant: int, order: Id) -> None:
    settings = SmtpSettings(
        host="127.0.0.1", port=1, security=Security.NONE, from_address="orders@shop.example"
    )
    post = Post(db, tenant, SmtpMailer(settings))
    words = Composed("s", "t\n", "")
    odd = Draft(order, MessageKind.SHIPPED, "a", "zoe@@example", "en", words)
    db.execute(post.caller, lambda tx: notifications.put(tx, [odd]))
    post.work_off()
    assert post.states(order) == [MessageState.REFUSED]
