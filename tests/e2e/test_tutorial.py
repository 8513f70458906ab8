"""The tutorial is true: each of its requests is sent, and answered as it is shown there.

A fenced block `http` is a request. The block `json` after it is its answer: `"…"` stands for any
value, a key `"…"` for fields that are not shown, a last item `"…"` for more items; `"{name}"` is
any text on its first appearance, and the same text from then on, also in requests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from api import ROOT, Api, Outside

TUTORIAL = ROOT / "docs" / "tutorial.md"
_BLOCK = re.compile(r"^```(http|json)\n(.*?)^```$", re.M | re.S)
_NAME = re.compile(r"\{(\w+)\}")
MORE = "…"


@dataclass
class Step:
    """A request of the tutorial, and the answer that it shows."""

    line: int
    method: str
    path: str
    headers: dict[str, str]
    body: Any
    shown: Any


def steps(text: str) -> Iterator[Step]:
    request: Step | None = None
    for block in _BLOCK.finditer(text):
        kind, content = block.groups()
        line = text.count("\n", 0, block.start()) + 1
        if kind == "json":
            assert request is not None, f"line {line}: an answer without a request"
            request.shown = json.loads(content)
            yield request
            request = None
            continue
        assert request is None, f"line {line}: the request before has no answer"
        head, _, body = content.partition("\n\n")
        first, *headers = head.strip().split("\n")
        method, path = first.split()
        given = dict(header.split(": ", 1) for header in headers)
        request = Step(line, method, path, given, json.loads(body) if body.strip() else None, None)
    assert request is None, f"line {request.line}: no answer" if request else ""


def differences(shown: Any, got: Any, names: dict[str, str], at: str = "") -> Iterator[str]:
    """Where an answer is not what is shown; names are learnt on the way."""
    if shown == MORE:
        return
    if isinstance(shown, dict) and isinstance(got, dict):
        told = shown.keys() - {MORE}
        for key in sorted(told - got.keys()):
            yield f"{at}.{key} is missing"
        if MORE not in shown:
            for key in sorted(got.keys() - told):
                yield f"{at}.{key} is not shown: {json.dumps(got[key], ensure_ascii=False)[:300]}"
        for key in sorted(told & got.keys()):
            yield from differences(shown[key], got[key], names, f"{at}.{key}")
    elif isinstance(shown, list) and isinstance(got, list):
        more = bool(shown) and shown[-1] == MORE
        wanted = shown[:-1] if more else shown
        if len(got) < len(wanted) or (len(got) > len(wanted) and not more):
            yield f"{at} has {len(got)} items: {json.dumps(got, ensure_ascii=False)[:600]}"
        for place, (one, other) in enumerate(zip(wanted, got, strict=False)):
            yield from differences(one, other, names, f"{at}[{place}]")
    elif isinstance(shown, str) and isinstance(got, str) and (name := _NAME.fullmatch(shown)):
        if names.setdefault(name[1], got) != got:
            yield f"{at} is {got!r}, and {shown} was {names[name[1]]!r}"
    elif (filled(shown, names) if isinstance(shown, str) else shown) != got or (
        type(shown) is not type(got)
    ):
        yield f"{at} is {got!r}, shown is {shown!r}"


def filled(text: str, names: dict[str, str]) -> str:
    return _NAME.sub(lambda name: names.get(name[1], name[0]), text)


def _sent(body: Any, names: dict[str, str]) -> Any:
    if isinstance(body, dict):
        return {key: _sent(value, names) for key, value in body.items()}
    if isinstance(body, list):
        return [_sent(value, names) for value in body]
    return filled(body, names) if isinstance(body, str) else body


def test_each_step_answers_as_it_is_shown(api: Api, outside: Outside) -> None:
    names = {"now": datetime.now(UTC).isoformat()}
    told = list(steps(TUTORIAL.read_text(encoding="utf-8")))
    assert len(told) > 20
    for step in told:
        path, body = filled(step.path, names), _sent(step.body, names)
        headers = {name.replace("-", "_"): value for name, value in step.headers.items()}
        answer = api.call(step.method, path, body, **headers)
        wrong = list(differences(step.shown, answer.body, names))
        where = f"docs/tutorial.md:{step.line}: {step.method} {path} ({answer.status})"
        assert not wrong, "\n  ".join([where, *wrong])
        api.work()  # what a worker does within a second
    number = names["number"]
    totals = api.order(number)["totals"]
    assert outside.paid(number) == totals["captured"] > 0
    assert outside.paid(number, "refund") == totals["refunded"]
    api.holds()


@pytest.mark.parametrize(
    ("shown", "got"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2, MORE: MORE}, {"a": 1}),
        ([1], [1, 2]),
        ([1, 2, MORE], [1]),
        ({"a": True}, {"a": 1}),
        (["{x}", "{x}"], ["one", "other"]),
        ("{x} and more", "x and more"),
    ],
)
def test_a_difference_is_seen(shown: Any, got: Any) -> None:
    assert list(differences(shown, got, {}))


@pytest.mark.parametrize(
    ("shown", "got"),
    [
        ({"a": MORE, MORE: MORE}, {"a": [1], "b": 2}),
        ([1, MORE], [1, 2, 3]),
        (["{x}", "{x}", "is {x}"], ["one", "one", "is one"]),
    ],
)
def test_what_is_not_shown_is_free(shown: Any, got: Any) -> None:
    assert not list(differences(shown, got, {}))
