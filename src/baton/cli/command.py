"""How a command is declared: its own options, those that all have, and how errors end it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints
from urllib.parse import quote

import typer

from baton.cli.problem import Problem, as_document, as_text
from baton.values.errors import BatonError

if TYPE_CHECKING:
    from baton.cli.client import Client

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", help="Folder of the embedded database; else BATON_DATA or DATABASE_URL decide."
    ),
]
Tenant = Annotated[
    str | None,
    typer.Option("--tenant", envvar="BATON_TENANT", help="Merchant to work for, if several."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the API's answer as JSON.")]


@dataclass(frozen=True, slots=True)
class Here:
    """What every command is told: which database, which merchant, and how to answer."""

    data: Path | None = None
    tenant: str | None = None
    as_json: bool = False

    @contextmanager
    def client(self) -> Iterator[Client]:
        """The API, wherever it runs."""
        from baton.cli.client import connected

        with connected(self.data, self.tenant) as client:
            yield client

    def show(self, answer: Any, told: Callable[[Any], None]) -> None:
        """Print an answer of the API: as it is with --json, else as `told` puts it."""
        if self.as_json:
            typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        else:
            told(answer)

    def note(self, text: str) -> None:
        """Say something beside the answer, on standard error."""
        typer.echo(text, err=True)


_SHARED: Mapping[str, tuple[Any, Any]] = {
    "data": (Data, None),
    "tenant": (Tenant, None),
    "as_json": (AsJson, False),
}


def command(
    area: typer.Typer, name: str, *, tenant: bool = True
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare `work(here, …)` as a command; it also gets --data, --tenant and --json.

    Without `tenant` it concerns all merchants. What is expected to go wrong is said on standard
    error and ends the process with 1.
    """
    shared = {k: v for k, v in _SHARED.items() if tenant or k != "tenant"}

    def declare(work: Callable[..., None]) -> Callable[..., None]:
        hints = get_type_hints(work, include_extras=True)
        keyword = inspect.Parameter.KEYWORD_ONLY
        own = [
            parameter.replace(annotation=hints[parameter.name], kind=keyword)
            for parameter in list(inspect.signature(work).parameters.values())[1:]
        ]
        more = [
            inspect.Parameter(key, keyword, default=default, annotation=annotation)
            for key, (annotation, default) in shared.items()
        ]

        def run(**given: Any) -> None:
            here = Here(**{key: given.pop(key) for key in shared})
            with ending(here.as_json):
                work(here, **given)

        run.__doc__, run.__name__ = work.__doc__, work.__name__
        run.__annotations__ = {each.name: each.annotation for each in [*own, *more]}
        run.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
        area.command(name)(run)
        return work

    return declare


@contextmanager
def ending(as_json: bool = False) -> Iterator[None]:
    """What is expected to go wrong is said on standard error, and ends the process with 1."""
    try:
        yield
    except (Problem, BatonError) as error:
        said = json.dumps(as_document(error), ensure_ascii=False) if as_json else as_text(error)
        typer.echo(said, err=True)
        raise typer.Exit(1) from error


def part(text: str) -> str:
    """A text as one part of an address."""
    return quote(text, safe="")


def pairs(texts: list[str], what: str) -> dict[str, int]:
    """`["A=2", "B=1"]` as numbers by name. Ends with 2 where one is not like that."""
    found: dict[str, int] = {}
    for text in texts:
        name, _, number = text.rpartition("=")
        try:
            found[name] = found.get(name, 0) + int(number)
        except ValueError:
            name = ""
        if not name:
            raise typer.BadParameter(f"{text!r} is not like {what}")
    return found
