"""`baton serve` and `baton worker`: the processes that stay."""

from __future__ import annotations

import importlib
import json
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from baton import __version__
from baton.cli.command import AsJson, Data, ending
from baton.cli.problem import Problem

if TYPE_CHECKING:
    from baton.app import App
    from baton.cli.place import Place

_GRACE_S = 20  # for requests that run when the server is told to end
_ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  what to call them from here


def add_to(app: typer.Typer) -> None:
    """Add both commands."""
    app.command("serve")(serve)
    app.command("worker")(worker)


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; default: BATON_HOST, 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port; 0 takes a free one. Default: BATON_PORT, 8321."),
    ] = None,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave the jobs to other processes.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Run Baton: API, pages, worker and the embedded database, until Ctrl-C or SIGTERM."""
    from baton.cli.place import place_of

    with ending(as_json), _told_to_end() as on_end:
        changed = {k: v for k, v in (("host", host), ("port", port)) if v is not None}
        place = place_of(data, **changed)
        listener = _listening(place.settings.host, place.settings.port)
        number = listener.getsockname()[1]
        place = place_of(data, **changed | {"port": number})
        with listener, _opened(place) as app:
            _serve(place, app, listener, on_end, worker=not no_worker, as_json=as_json)


def worker(
    threads: Annotated[
        int | None, typer.Option(min=1, max=32, help="Threads; default: BATON_WORKERS, 2.")
    ] = None,
    data: Data = None,
) -> None:
    """Run jobs, without an API, until Ctrl-C or SIGTERM."""
    from baton.cli.place import place_of

    with ending(), _told_to_end() as on_end:
        place = place_of(data)
        count = threads or place.settings.workers
        with _opened(place) as app, _crew(app, count):
            ended = threading.Event()
            on_end(ended.set)
            typer.echo(f"Baton {__version__} works with {count} threads. Ctrl-C ends it.")
            ended.wait()


def _serve(
    place: Place,
    app: App,
    listener: socket.socket,
    on_end: Callable[[Callable[[], object]], None],
    *,
    worker: bool,
    as_json: bool,
) -> None:
    import uvicorn

    from baton.platform import ids

    asgi = importlib.import_module("baton.asgi").create(app)
    asgi.state.instance = instance = ids.secret()
    config = uvicorn.Config(
        asgi,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=_GRACE_S,
    )
    server = uvicorn.Server(config)
    on_end(lambda: setattr(server, "should_exit", True))
    facts = _facts(place, app, listener)
    with _crew(app, app.settings.workers if worker else 0), _announced(place, facts, instance):
        _say(facts, as_json)
        server.run(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Problem(
            f"{host}:{port} can't be listened on ({error.strerror or error}): choose another.",
            field="--port",
        ) from error


@contextmanager
def _told_to_end() -> Iterator[Callable[[Callable[[], object]], None]]:
    """Ctrl-C and SIGTERM end the process with 0; what is handed in is called in its place."""
    ends: list[Callable[[], object]] = []

    def end(*_: object) -> None:
        if not ends:
            raise typer.Exit(0)
        ends[-1]()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield ends.append
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _opened(place: Place) -> Iterator[App]:
    """A running App with a merchant to sign in to."""
    from baton.app import App
    from baton.cli.local_keys import first_run
    from baton.platform import log

    log.configure(place.settings.log_level, place.settings.log_format)
    app = App.open(place.settings)
    try:
        first_run(place, app.db)
        yield app
    finally:
        app.close()


@contextmanager
def _crew(app: App, threads: int) -> Iterator[None]:
    """Workers run behind this, and finish what they are at before it ends."""
    if not threads:
        yield
        return
    crew = importlib.import_module("baton.worker").Crew(app, threads)
    crew.start()
    try:
        yield
    finally:
        crew.stop()


@contextmanager
def _announced(place: Place, facts: dict[str, Any], instance: str) -> Iterator[None]:
    """The command line finds this server by a file, as long as it runs."""
    from baton.cli.place import read, write

    write(place.serve_file, {"url": facts["url"], "instance": instance})
    try:
        yield
    finally:
        if read(place.serve_file).get("instance") == instance:
            with suppress(OSError):
                place.serve_file.unlink()


def _facts(place: Place, app: App, listener: socket.socket) -> dict[str, Any]:
    from baton import access
    from baton.platform.db import Caller

    host, port = listener.getsockname()[:2]
    host = _ANYWHERE.get(host, host)
    url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    with app.db.transaction(Caller(0, "serve")) as tx:
        tenants = access.all_tenants(tx)
    signs_in = []
    for tenant in tenants[:20]:
        with app.db.transaction(Caller(tenant.id, "serve")) as tx:
            signs_in += [(tenant.handle, user.email) for user in access.page_of_users(tx, "", 3)]
    server = app.server
    return {
        "url": url,
        "console": f"{url}/console/",
        "data": str(server.data_dir) if server else None,
        "operator_file": str(place.operator_file),
        "merchants": [tenant.handle for tenant in tenants],
        "users": signs_in,
    }


def _say(facts: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(facts), flush=True)
        return
    several = len(facts["merchants"]) > 1
    known = [f"{mail} ({handle})" if several else mail for handle, mail in facts["users"]]
    signs_in = ", ".join(known[:5]) or "nobody yet: baton user add you@example.com"
    lines = [
        f"Baton {__version__} is serving. Ctrl-C ends it.",
        f"  Console   {facts['console']}",
        f"  Sign in   {signs_in}",
        f"  API       {facts['url']}/v1   keys: baton key add",
        f"  Data      {facts['data'] or 'the server of DATABASE_URL'}",
    ]
    print("\n".join(lines), flush=True)
