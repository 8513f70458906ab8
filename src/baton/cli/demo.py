"""`baton demo`: the example company of a checkout."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import typer

import baton
from baton.cli.command import ending
from baton.cli.problem import Problem


def add_to(app: typer.Typer) -> None:
    """Add the command; its options are the demo's own."""
    passed_on = {"allow_extra_args": True, "ignore_unknown_options": True}
    app.command("demo", context_settings=passed_on, add_help_option=False)(demo)


def demo(context: typer.Context) -> None:
    """Run the example company on a database of its own; --help tells its options."""
    root = Path(baton.__file__).resolve().parents[2]
    with ending():
        if not (root / "example" / "demo.py").is_file():
            raise Problem(
                "The demo is part of a checkout of the source, not of the installed package: "
                "clone the repository and run `make demo` there."
            )
    sys.path.insert(0, str(root))
    raise typer.Exit(importlib.import_module("example.demo").main(list(context.args)))
