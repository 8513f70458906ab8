"""A client of Baton's API inside the demo's process: the same requests, without a socket."""

from __future__ import annotations

import asyncio
import threading
import uuid
from typing import Any

import httpx2


class Refused(Exception):
    """The API said no, with a problem document."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status, self.problem = status, problem

    @property
    def code(self) -> str:
        return str(self.problem.get("code", ""))


class Client:
    """Safe to share among threads. Every write carries an Idempotency-Key."""

    def __init__(self, asgi: Any, key: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=asgi),
            base_url="http://baton",
            headers={"Authorization": f"Bearer {key}"},
            timeout=120,
        )

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The parsed answer. Raises Refused for every problem."""
        headers = {"Idempotency-Key": uuid.uuid4().hex} if method != "GET" else {}
        request = self._http.request(method, path, json=body, headers=headers)
        response = asyncio.run_coroutine_threadsafe(request, self._loop).result()
        parsed = response.json() if response.content else {}
        if response.status_code >= 400:
            raise Refused(response.status_code, parsed)
        return parsed

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.call("POST", path, body if body is not None else {})

    def pages(self, path: str) -> Any:
        """All items of a list, page by page."""
        joint = "&" if "?" in path else "?"
        after = ""
        while True:
            page = self.get(f"{path}{joint}limit=200{after}")
            yield from page["data"]
            if not page["next"]:
                return
            after = f"&after={page['next']}"

    def close(self) -> None:
        """Let go of connections and of the thread."""
        asyncio.run_coroutine_threadsafe(self._http.aclose(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
