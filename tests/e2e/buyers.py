"""A Baton process of its own, for the races.

    python tests/e2e/buyers.py ask '{"dsn": …}'     asks what standard input says, all at once
    python tests/e2e/buyers.py work '{"dsn": …}'    works until it is killed

Both say "ready". Each line `{"tenant": …, "key": …, "threads": …, "requests": [[method, path, body,
headers], …]}` that `ask` reads is answered by one line with all answers in the same order.
"""

from __future__ import annotations

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from api import Api
from baton.app import App
from baton.asgi import create
from baton.platform.settings import Settings
from baton.worker import Crew


def say(what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def ask(app: App) -> None:
    asgi = create(app)
    say("ready")
    for line in sys.stdin:
        say(answers(app, asgi, json.loads(line)))


def answers(app: App, asgi: Any, wanted: dict[str, Any]) -> list[list[Any]]:
    api = Api(app, wanted["tenant"], wanted["key"], asgi)
    threads = min(wanted["threads"], len(wanted["requests"]))
    gate = threading.Barrier(threads)

    def one(numbered: tuple[int, list[Any]]) -> list[Any]:
        number, (method, path, body, headers) = numbered
        if number < threads:
            gate.wait(30)
        answer = api.call(method, path, body, **headers)
        return [answer.status, answer.body]

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, enumerate(wanted["requests"])))


def work(app: App) -> None:
    crew = Crew(app, threads=2)
    crew.start()
    say("ready")
    sys.stdin.read()
    crew.stop()


def main(role: str, given: str) -> None:
    values = json.loads(given)
    app = App.on(Settings(**{k: v for k, v in values.items() if k != "dsn"}), values["dsn"])
    try:
        {"ask": ask, "work": work}[role](app)
    finally:
        app.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
