"""SMTP: captured cases, encryption, log-in, and what each of a server's replies means."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from connector_cases import Case, cases
from connector_processes import Start

from baton.connectors import ConnectorMisconfigured
from baton.connectors.notifications.smtp import SmtpMailer, SmtpSettings
from baton.connectors.notifications.smtp.codec import Letter, Sender, Stage, read, written
from baton.notifications.port import Message, Outcome, Refusal, Sent, Unknown, message_id

CASES = cases("notifications", "smtp")
SENDER = Sender("shop@example.com", "Fjord & Field", "care@example.com")
MESSAGE = Message(
    to="jo@example.com",
    subject="Your order SO-1",
    text="Hello Jo\n",
    html="",
    message_id=message_id("msg_1", "example.com"),
    written_at=datetime(2026, 11, 21, 10, 30, tzinfo=UTC),
)
PASSWORD = "correct horse battery"


def mailer(port: int, **options: object) -> SmtpMailer:
    whole = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "from_address": "shop@example.com",
        "timeout_s": 1,
    }
    return SmtpMailer(SmtpSettings.of(whole | options))


# ------------------------------------------------------------------ captured cases


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Case) -> None:
    letter = written(case.ours, SENDER)
    if isinstance(letter, Refusal):
        assert letter == case.result
        return
    assert (letter.sender, letter.recipient) == (case.request["from"], case.request["to"])
    assert letter.content.decode().split("\r\n") == case.request["content"]
    stage, code, text = case.response
    told = read(Stage(stage), code, text.encode())
    assert (told or Sent(text)) == case.result


def test_the_same_message_gives_the_same_bytes() -> None:
    both = replace(MESSAGE, html="<p>Hello</p>")
    assert written(both, SENDER) == written(both, SENDER)


def test_headers_hold_what_they_should() -> None:
    letter = written(replace(MESSAGE, subject="a\r\nBcc: x@example.com", to_name="<Jo>"), SENDER)
    assert isinstance(letter, Letter)
    head = letter.content.decode().split("\r\n\r\n")[0]
    names = [line.split(":")[0] for line in head.split("\r\n") if not line.startswith(" ")]
    assert names == [
        "Message-ID",
        "Date",
        "From",
        "To",
        "Reply-To",
        "Subject",
        "Auto-Submitted",
        "Content-Type",
        "Content-Transfer-Encoding",
        "MIME-Version",
    ]
    assert all(
        len(line) <= 998 and line.isascii() for line in letter.content.decode().split("\r\n")
    )


# ------------------------------------------------------------------ replies


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("code", [100, 199, 300, 354, 400, 421, 451, 452, 499, 600, 0, -1])
def test_a_reply_that_is_neither_yes_nor_no_is_unknown(stage: Stage, code: int) -> None:
    assert isinstance(read(stage, code, b"hm"), Unknown)


@pytest.mark.parametrize(
    ("stage", "kind"), [(Stage.MAIL, Unknown), (Stage.RCPT, Refusal), (Stage.DATA, Refusal)]
)
def test_a_final_no_is_final_for_the_recipient_and_the_message(
    stage: Stage, kind: type[Outcome]
) -> None:
    assert isinstance(read(stage, 550, b"5.1.1 no"), kind)


class Script:
    """A mail server that says what it is told to say, whatever it hears."""

    def __init__(self, replies: dict[str, str]) -> None:
        self.heard: list[str] = []
        self._replies = replies
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection, connection.makefile("rwb", buffering=0) as file, suppress(OSError):
            file.write(self._replies.get("hello", "220 hello").encode() + b"\r\n")
            in_content = False
            for line in iter(file.readline, b""):
                said = line.decode("utf-8", "replace").strip()
                self.heard.append(said)
                if in_content and said != ".":
                    continue
                reply = self._reply(said)
                if not reply:
                    return
                in_content = reply.startswith("354")
                file.write(reply.encode() + b"\r\n")

    def _reply(self, said: str) -> str:
        """Nothing hangs up."""
        word = said.split(" ")[0].split(":")[0].upper()
        usual = {"DATA": "354 go on", ".": "250 kept", "QUIT": "221 bye"}
        return self._replies.get(word, usual.get(word, "250 fine"))

    def close(self) -> None:
        self._socket.close()


@contextmanager
def saying(**replies: str) -> Iterator[Script]:
    script = Script({word.replace("dot", "."): reply for word, reply in replies.items()})
    thread = threading.Thread(target=script.serve)
    thread.start()
    yield script
    thread.join()
    script.close()


@pytest.mark.parametrize(
    ("replies", "kind"),
    [
        ({}, Sent),
        ({"hello": "554 go away"}, Unknown),
        ({"hello": "gibberish"}, Unknown),
        ({"EHLO": ""}, Unknown),
        ({"MAIL": "550 not you"}, Unknown),
        ({"RCPT": "550 5.1.1 nobody of that name"}, Refusal),
        ({"RCPT": "450 4.2.0 come back later"}, Unknown),
        ({"DATA": "503 not now"}, Unknown),
        ({"dot": "552 5.3.4 too big"}, Refusal),
        ({"dot": "451 4.3.0 broken"}, Unknown),
        ({"dot": ""}, Unknown),
        ({"QUIT": ""}, Sent),
        ({"QUIT": "500 what"}, Sent),
    ],
    ids=str,
)
def test_each_reply_has_its_meaning(replies: dict[str, str], kind: type[Outcome]) -> None:
    with saying(**replies) as script:
        assert isinstance(mailer(script.port).send(replace(MESSAGE, text="x")), kind)


def test_letters_beyond_ascii_need_a_server_that_takes_them() -> None:
    with saying() as script:
        outcome = mailer(script.port).send(replace(MESSAGE, to="jörg@example.com"))
    assert isinstance(outcome, Refusal)
    assert outcome.code == "address_unsupported"
    assert not any(said.startswith("MAIL") for said in script.heard)


def test_a_server_that_says_nothing_is_unknown_after_the_time_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcome = mailer(silent.getsockname()[1], timeout_s=0.1).send(MESSAGE)
    assert isinstance(outcome, Unknown)


# ------------------------------------------------------------------ encryption and log-in


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate and its key in one file, good for 127.0.0.1."""
    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificate for this test, and is not installed")
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = file.with_suffix(".crt")
    key = file.with_suffix(".key")
    subprocess.run(
        [*command, *names, "-keyout", key, "-out", made], check=True, capture_output=True
    )
    file.write_bytes(made.read_bytes() + key.read_bytes())
    return file


Login = Callable[..., Outcome]


@pytest.fixture
def login(start: Start, certificate: Path, tmp_path: Path) -> Login:
    """Sends MESSAGE to a sink that wants STARTTLS and a log-in."""
    options = ["--certificate", certificate, "--login", f"shop:{PASSWORD}"]
    port = start("mailsink", "--box", tmp_path / "box", *options).port

    def send(**changes: object) -> Outcome:
        right = {"security": "starttls", "username": "shop", "password": PASSWORD}
        trusted = {"ca_file": certificate.with_suffix(".crt")}
        return mailer(port, **(right | trusted | changes)).send(MESSAGE)

    return send


def test_mail_goes_out_encrypted_and_logged_in(login: Login) -> None:
    assert isinstance(login(), Sent)


def test_a_wrong_password_sends_nothing_and_is_not_repeated(login: Login) -> None:
    outcome = login(password="wrong but secret")
    assert isinstance(outcome, Unknown)
    assert "535" in outcome.reason
    assert "secret" not in outcome.reason


def test_a_certificate_that_nobody_vouches_for_sends_nothing(login: Login) -> None:
    outcome = login(ca_file=None)
    assert isinstance(outcome, Unknown)
    assert "SSL" in outcome.reason


@pytest.mark.parametrize("username", ["", "shop"])
def test_starttls_never_falls_back_to_clear_text(username: str) -> None:
    with saying() as script:
        options = {"security": "starttls", "username": username, "password": PASSWORD}
        outcome = mailer(script.port, **options).send(MESSAGE)
    assert isinstance(outcome, Unknown)
    heard = " ".join(script.heard)
    assert PASSWORD not in heard
    assert base64.b64encode(PASSWORD.encode()).decode() not in heard
    assert "MAIL" not in heard


def test_tls_from_the_first_byte_speaks_no_clear_text() -> None:
    with saying(hello="220 plain") as script:
        assert isinstance(mailer(script.port, security="tls").send(MESSAGE), Unknown)
    assert not any(said.startswith("EHLO") for said in script.heard)


# ------------------------------------------------------------------ settings


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"from_address": "no address"}, "from_address"),
        ({"from_address": ""}, "from_address"),
        ({"from_address": "jörg@example.com"}, "from_address"),
        ({"reply_to": "no address"}, "reply_to"),
        ({"security": "maybe"}, "security"),
        ({"port": 0}, "port"),
        ({"host": ""}, "host"),
        ({"timeout_s": 0}, "timeout_s"),
    ],
)
def test_settings_that_can_not_work_are_refused(options: dict[str, object], field: str) -> None:
    with pytest.raises(ConnectorMisconfigured) as refused:
        mailer(**({"port": 25} | options))  # type: ignore[arg-type]
    assert refused.value.field == field


# ------------------------------------------------------------------ the sink


def test_the_sink_keeps_its_box_when_it_is_killed(start: Start, tmp_path: Path) -> None:
    box = tmp_path / "box.jsonl"
    for expected in (1, 2):
        sink = start("mailsink", "--box", box)
        assert mailer(sink.port).send(MESSAGE) == Sent(f"2.0.0 kept as {expected}")
        sink.process.kill()
        sink.process.wait()
    kept = [json.loads(line) for line in box.read_bytes().splitlines()]
    assert [line["no"] for line in kept] == [1, 2]
    assert len({line["message_id"] for line in kept}) == 1


def test_the_sink_ends_when_its_starter_is_gone(start: Start, tmp_path: Path) -> None:
    sink = start("mailsink", "--box", tmp_path / "box.jsonl")
    assert sink.process.stdin is not None
    sink.process.stdin.close()
    assert sink.process.wait(timeout=5) == 0
