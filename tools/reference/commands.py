"""cli.md: every command with its arguments and options."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args, get_origin

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

from baton.cli import app
from tools.reference.markdown import head, table

# Declared once in cli/command.py for all commands, and so told once.
SHARED = ("data", "tenant", "as_json")

Command: TypeAlias = TyperCommand | TyperGroup
Parameter: TypeAlias = Any  # the kind that both have above them is private to typer


def page() -> str:
    """All commands, areas together, in the order in which help lists them."""
    found = dict(tree())
    parts = [
        head(
            "Command line",
            "`baton` is a client of the API. It talks to a running `baton serve` where it finds "
            "one (`BATON_URL`, or one on the same database), and else works in its own process on "
            "the same database. Permissions, audit and errors are the same either way.",
            "Exit codes: 0 done, 1 refused or failed (the reason is on standard error), 2 misuse. "
            "`--help` at any place tells what is here.",
        ),
        "## Options of many commands\n",
        _options(_shared(found.values())),
    ]
    for path, command in found.items():
        parts.append(_section(path, command))
    return "\n".join(parts)


def tree() -> Iterator[tuple[str, Command]]:
    """("order show", command) for every command there is."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    yield from _below(root, "")


def help_of(parameter: object) -> str:
    """What an option says of itself."""
    return str(getattr(parameter, "help", None) or "")


def _below(group: TyperGroup, path: str) -> Iterator[tuple[str, Command]]:
    for name, command in group.commands.items():
        full = f"{path} {name}".strip()
        if isinstance(command, TyperGroup):
            yield from _below(command, full)
        else:
            assert isinstance(command, TyperCommand)
            yield full, command


def _section(path: str, command: Command) -> str:
    arguments = [p for p in command.params if isinstance(p, TyperArgument)]
    options = [p for p in command.params if not isinstance(p, TyperArgument)]
    own = [p for p in options if p.name not in (*SHARED, "help")]
    shown = " ".join(_metavar(each) for each in arguments)
    usage = f"baton {path}" + (f" {shown}" if shown else "") + (" [OPTIONS]" if options else "")
    parts = [f"## baton {path}\n", f"    {usage}\n", f"{' '.join((command.help or '').split())}\n"]
    if arguments:
        rows = [(f"`{_metavar(each)}`", help_of(each)) for each in arguments]
        parts.append(table(("argument", "meaning"), rows))
    if own:
        parts.append(_options(own))
    shared = [f"`{p.opts[0]}`" for p in options if p.name in SHARED]
    if shared:
        parts.append(f"Also: {', '.join(shared)}.\n")
    if path == "demo":
        parts.append(_demo())
    return "\n".join(parts)


def _demo() -> str:
    """The demo's options are its own, and told in its own words."""
    said = importlib.import_module("example.demo").__doc__ or ""
    return f"```\n{said.partition(chr(10))[2].strip()}\n```\n"


def _shared(commands: Iterable[Command]) -> list[Parameter]:
    known: dict[str, Parameter] = {}
    for command in commands:
        for option in command.params:
            if option.name in SHARED:
                known.setdefault(option.name, option)
    return [known[name] for name in SHARED if name in known]


def _options(options: Iterable[Parameter]) -> str:
    rows = []
    for option in options:
        names = ", ".join(f"`{each}`" for each in (*option.opts, *option.secondary_opts))
        default = option.default
        said = help_of(option)
        said += "" if default in (None, False, "", ()) else f" Default: `{default}`."
        said += " Required." if option.required else ""
        rows.append((names, _takes(option), said))
    return table(("option", "takes", "meaning"), rows)


def _takes(option: Parameter) -> str:
    """What stands behind the option's name; nothing for a switch."""
    kind: Any = option.type_descriptor.annotation
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{each.value}`" for each in kind)
    if get_origin(kind) is Literal:
        return ", ".join(f"`{each}`" for each in get_args(kind))
    word = {str: "text", int: "number", float: "number", bool: "", Path: "path"}.get(kind, "text")
    return f"{word}, repeatable" if option.multiple else word


def _metavar(argument: TyperArgument) -> str:
    name = str(argument.name).upper() + ("…" if argument.nargs == -1 else "")
    return name if argument.required else f"[{name}]"
