"""Asking a server once, as connectors do: one try, a time limit, a size limit.

Repeating is not done here: it belongs to the work that carries the intent, which knows how often
and when.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response, as far as it matters."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nobody can say whether the other side heard the question."""

    reason: str


def ask(
    http: httpx2.Client,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
    *,
    timeout_s: float,
    most: int,
) -> Answer | NoAnswer:
    """What a server answers within the time limit, however slowly the bytes trickle in.

    No body means GET, otherwise POST. `most` is the longest body that is read, in bytes.
    """
    deadline = time.monotonic() + timeout_s
    method = "GET" if body is None else "POST"
    try:
        with http.stream(method, path, content=body, headers=headers) as response:
            read = bytearray()
            for chunk in response.iter_raw():
                read += chunk
                if len(read) > most:
                    return NoAnswer("the answer is too long")
                if time.monotonic() > deadline:
                    return NoAnswer("the answer took too long")
            return Answer(response.status_code, bytes(read))
    except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL) as error:
        # the class alone: messages of lower floors may repeat what was sent
        return NoAnswer(f"no answer: {type(error).__name__}")
