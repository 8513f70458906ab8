"""settings.md: every environment variable that the program reads."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from baton.platform.settings import Settings
from tools.reference import commands
from tools.reference.markdown import head, table

# Read by the launcher, before there are settings.
LAUNCHER = {
    "BATON_PG_BIN": ("", "Folder of the PostgreSQL programs to use in place of the wheel's."),
    "BATON_PG_USER": (
        "nobody",
        "Account that root runs the embedded server as. Data that is there keeps its owner.",
    ),
    "BATON_PG_FSYNC": (
        "on",
        "`off` risks the data for speed: for tests only. Counts for whoever starts the server.",
    ),
}


def page() -> str:
    """Settings, what the launcher reads, and what commands read."""
    own = [
        (f"`{_variable(name, field)}`", _default(field), _said(field))
        for name, field in Settings.model_fields.items()
    ]
    launcher = [
        (f"`{name}`", f"`{default}`" if default else "", said)
        for name, (default, said) in LAUNCHER.items()
    ]
    given = sorted((f"`{variable}`", command, said) for variable, command, said in _of_commands())
    columns = ("variable", "default", "meaning")
    return "\n".join(
        [
            head(
                "Settings",
                "A process reads its settings once, from the environment, and never changes them. "
                "What a merchant chooses (channels, locations, rates) is data, and goes through "
                "the API.",
            ),
            table(columns, own),
            "## The embedded PostgreSQL\n",
            "Read by the launcher where `DATABASE_URL` is not set.\n",
            table(columns, launcher),
            "## The command line\n",
            "Stand in for options of commands.\n",
            table(("variable", "command", "meaning"), given),
        ]
    )


def variables() -> list[str]:
    """Every environment variable of the program."""
    own = [_variable(name, field) for name, field in Settings.model_fields.items()]
    return [*own, *LAUNCHER, *(variable for variable, _, _ in _of_commands())]


def _variable(name: str, field: FieldInfo) -> str:
    if isinstance(field.validation_alias, AliasChoices):
        return str(field.validation_alias.choices[0])
    return f"BATON_{name.upper()}"


def _default(field: FieldInfo) -> str:
    value: Any = field.default
    return "" if value in (None, "", PydanticUndefined) else f"`{value}`"


def _said(field: FieldInfo) -> str:
    limits = [
        f"{word} {limit}"
        for bound in field.metadata
        for sign, word in (("ge", "at least"), ("gt", "more than"), ("le", "at most"))
        if (limit := getattr(bound, sign, None)) is not None
    ]
    named = [
        f"`{each}`"
        for each in get_args(field.annotation)
        if isinstance(each, str | int) and not isinstance(each, bool)
    ]
    said = field.description or ""
    if limits:
        said += f" ({', '.join(limits)})"
    if named:
        said += f" One of {', '.join(named)}."
    return said


def _of_commands() -> list[tuple[str, str, str]]:
    """(variable, command, help), once for a variable that several commands share."""
    found: dict[str, tuple[str, str, str]] = {}
    for path, command in commands.tree():
        for option in command.params:
            names = option.envvar if isinstance(option.envvar, list) else [option.envvar]
            for name in filter(None, names):
                shared = name in found
                where = "most commands" if shared else f"`baton {path}`"
                found[str(name)] = (str(name), where, commands.help_of(option))
    return list(found.values())
