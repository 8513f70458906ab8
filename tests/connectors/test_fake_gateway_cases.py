"""The fake gateway's captured exchanges, both ways."""

from __future__ import annotations

import json

import pytest
from connector_cases import Case, cases

from baton.connectors.answers import Answer
from baton.connectors.payments.fake import codec

CASES = cases("payments", "fake")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_written(case: Case) -> None:
    if isinstance(case.ours, str):
        call = codec.written_lookup(case.ours)
    else:
        call = codec.written(case.ours)
    assert call.path == case.request["path"]
    assert ("GET" if call.body is None else "POST") == case.request["method"]
    assert (call.body and json.loads(call.body)) == case.request["body"]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_read(case: Case) -> None:
    answer = Answer(case.response["status"], case.response["body"].encode())
    if isinstance(case.ours, str):
        assert codec.read_lookup(case.ours, answer) == case.result
    else:
        assert codec.read(case.ours, answer) == case.result
