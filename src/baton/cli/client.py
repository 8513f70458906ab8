"""The API as the command line calls it: over HTTP, or in this process."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

from baton.cli.place import Place, place_of
from baton.cli.problem import Problem
from baton.platform import ids

if TYPE_CHECKING:
    from baton.app import App

_WAIT_S = 300.0  # verify reads everything

Send = Callable[..., httpx2.Response]


class Client:
    """Calls the API with one key; every write carries an Idempotency-Key."""

    def __init__(self, send: Send) -> None:
        self._send = send

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The answer's JSON. Raises Problem with what the API says."""
        answer = self._answer(method, path, body, query)
        return answer.json() if answer.content else {}

    def file(self, path: str) -> bytes:
        """The content of a file, as it is sent. Raises Problem with what the API says."""
        return self._answer("GET", path, None, {}).content

    def _answer(self, method: str, path: str, body: Any, query: dict[str, Any]) -> httpx2.Response:
        headers = {} if method == "GET" else {"Idempotency-Key": ids.secret()}
        asked = {name: value for name, value in query.items() if value is not None}
        options = {} if body is None else {"json": body}
        try:
            answer = self._send(method, path, headers=headers, params=asked, **options)
        except httpx2.HTTPError as error:
            raise Problem(f"Baton does not answer: {error or type(error).__name__}") from error
        if answer.status_code >= 400:
            raise _problem(answer)
        return answer

    def get(self, path: str, **query: Any) -> Any:
        """Read something."""
        return self.call("GET", path, **query)

    def post(self, path: str, body: Any = None) -> Any:
        """Change something."""
        return self.call("POST", path, {} if body is None else body)

    def pages(self, path: str, **query: Any) -> Iterator[Any]:
        """All items of a list, page by page."""
        after = None
        while True:
            page = self.get(path, limit=200, after=after, **query)
            yield from page["data"]
            after = page["next"]
            if not after:
                return


@contextmanager
def connected(data: Path | None, tenant: str | None) -> Iterator[Client]:
    """A client of the server that runs on this database, else of the API in this process."""
    place = place_of(data)
    url = place.running()
    if url:
        with _over_http(url, _known_key(place, tenant)) as client:
            yield client
    else:
        with opened(place) as app, _inside(app, _own_key(place, app, tenant)) as client:
            yield client


@contextmanager
def opened(place: Place) -> Iterator[App]:
    """A running App on the place's database; warnings and worse go to standard error."""
    from baton.app import App
    from baton.platform import log

    log.configure("warning", place.settings.log_format)
    app = App.open(place.settings)
    try:
        yield app
    finally:
        app.close()


@contextmanager
def inside(place: Place, app: App, tenant: str | None) -> Iterator[Client]:
    """A client of the API in this process, for one merchant."""
    with _inside(app, _own_key(place, app, tenant)) as client:
        yield client


@contextmanager
def _over_http(url: str, key: str) -> Iterator[Client]:
    local = url.startswith(("http://127.0.0.1", "http://localhost", "http://[::1]"))
    with httpx2.Client(
        base_url=url, headers=_headers(key), timeout=_WAIT_S, trust_env=not local
    ) as http:
        yield Client(http.request)


@contextmanager
def _inside(app: App, key: str) -> Iterator[Client]:
    # The ASGI application stands above the command line, which knows it by name alone.
    asgi = importlib.import_module("baton.asgi").create(app)
    with asyncio.Runner() as runner:
        http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=asgi),
            base_url="http://baton",
            headers=_headers(key),
            timeout=None,
        )
        try:
            yield Client(lambda *a, **k: runner.run(http.request(*a, **k)))
        finally:
            runner.run(http.aclose())


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _known_key(place: Place, tenant: str | None) -> str:
    """BATON_API_KEY, the local operator's, or (where this machine has the database) a new one."""
    from baton.cli.local_keys import kept_key

    if place.settings.api_key is not None:
        return place.settings.api_key.get_secret_value()
    if kept := kept_key(place, tenant):
        return kept
    if place.settings.url:
        raise Problem(f"Which key for {place.settings.url}? Set BATON_API_KEY.")
    with opened(place) as app:
        return _own_key(place, app, tenant)


def _own_key(place: Place, app: App, tenant: str | None) -> str:
    from baton.cli.local_keys import chosen, first_run, key_for

    tenants = first_run(place, app.db)
    if place.settings.api_key is not None:
        return place.settings.api_key.get_secret_value()
    return key_for(place, app.db, chosen(tenants, tenant))


def _problem(answer: httpx2.Response) -> Problem:
    try:
        said = answer.json()
        return Problem(
            str(said["detail"]), field=said.get("field") or "", code=said["code"], answer=said
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return Problem(f"Baton answered with {answer.status_code}: {answer.text[:200]}")
