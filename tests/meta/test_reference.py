"""docs/reference/ says what the program is today, and leaves nothing out."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

from baton.platform.settings import Settings
from tools.reference import FOLDER, PAGES, ROOT, api, commands, errors, events, settings, states
from tools.reference.__main__ import main

PROGRAM = ROOT / "src" / "baton"


def text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def headings(name: str) -> set[str]:
    return set(re.findall(r"^#{2,3} (.+)$", text(name), re.MULTILINE))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_program_would_write_today(name: str) -> None:
    assert text(name) == PAGES[name](), "run `make docs`"


def test_check_finds_a_stale_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in PAGES:
        (tmp_path / name).write_text(text(name), encoding="utf-8")
    with (tmp_path / "settings.md").open("a", encoding="utf-8") as page:
        page.write("an old word\n")
    package = sys.modules["tools.reference"]
    monkeypatch.setattr(package.stale, "__defaults__", (tmp_path,))
    monkeypatch.setattr(package.write, "__defaults__", (tmp_path,))
    assert main(["--check"]) == 1
    assert "settings.md" in capsys.readouterr().out
    assert main([]) == 0
    assert main(["--check"]) == 0


def test_every_setting_is_told() -> None:
    assert {name for name, field in Settings.model_fields.items() if not field.description} == set()
    assert [
        name for name in settings.variables() if f"| `{name}` |" not in text("settings.md")
    ] == []


def test_no_variable_is_read_that_is_not_told() -> None:
    """Names in the source that look like ours are settings, or the launcher's, or a command's."""
    known = {*settings.variables(), *(f"BATON_{name.upper()}" for name in Settings.model_fields)}
    named: set[str] = set()
    for file in PROGRAM.rglob("*.py"):
        named |= set(re.findall(r"\bBATON_[A-Z][A-Z_]*[A-Z]\b", file.read_text(encoding="utf-8")))
    assert len(named) > 5
    assert named - known == set()


def test_every_fact_is_told() -> None:
    kinds = list(events.facts())
    assert len(kinds) > 80
    assert {kind.fact for kind in kinds} - headings("events.md") == set()
    assert [k.fact for k in kinds if not (k.__doc__ or "").strip() or _made_up(k)] == []
    assert [k.fact for k in kinds if not k.subject] == []


def _made_up(kind: type) -> bool:
    """Whether the docstring is the one that dataclasses make for whoever has none."""
    return (kind.__doc__ or "").startswith(f"{kind.__name__}(")


def test_every_error_code_is_told_and_belongs_to_one_error() -> None:
    codes = errors.codes()
    assert len(codes) > 100
    assert set(codes) - headings("errors.md") == set()
    assert [code for code, kind in codes.items() if not vars(kind).get("__doc__")] == []
    assert [code for code in codes if not re.fullmatch(r"[a-z][a-z0-9_]*", code)] == []


def test_every_code_that_http_makes_up_is_told() -> None:
    """Codes written as text where problem documents are made."""
    source = (PROGRAM / "http" / "problems.py").read_text(encoding="utf-8")
    named = set(re.findall(r'problem\(\s*\d+,\s*"([a-z_]+)"', source))
    named |= set(re.findall(r'\d{3}: "([a-z_]+)"', source))
    assert "method_not_allowed" in named
    assert named - headings("errors.md") == set()


def test_two_errors_of_one_code_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from baton.orders.errors import OutOfStock
    from baton.values.errors import BatonError, Refused

    twin = type("Twin", (Refused,), {"code": OutOfStock.code, "__module__": "baton.orders.errors"})
    monkeypatch.setattr(errors, "leaves", lambda: [BatonError, OutOfStock, twin])
    with pytest.raises(ValueError, match=OutOfStock.code):
        errors.codes()


def test_every_command_is_told_with_its_options() -> None:
    found = dict(commands.tree())
    assert {"serve", "order show", "verify"} <= set(found)
    assert {f"baton {path}" for path in found} - headings("cli.md") == set()
    silent = [
        f"{path} {option.name}"
        for path, command in found.items()
        for option in command.params
        if option.name != "help" and not commands.help_of(option)
    ]
    assert silent == []
    assert [path for path, command in found.items() if not command.help] == []


def test_every_endpoint_is_told_and_explained() -> None:
    found = list(api.operations())
    assert len(found) > 60
    assert {f"{method} {path}" for method, path, _ in found} - headings("api.md") == set()
    silent = [
        f"{method} {path}"
        for method, path, operation in found
        if not operation.get("description") and not operation.get("summary")
    ]
    assert silent == []


def test_every_endpoint_but_signing_in_and_out_needs_a_permission() -> None:
    page = text("api.md")
    open_to_all = {
        "POST /v1/sessions",
        "GET /v1/session",
        "DELETE /v1/session",
        "POST /v1/webhooks/{provider}/{address}",  # what comes there is signed
    }
    sections = re.findall(r"^### ([A-Z]+ /\S+)\n(.*?)(?=^##)", page, re.MULTILINE | re.DOTALL)
    assert {name for name, said in sections if "Permission:" not in said} == open_to_all


def test_every_state_table_is_drawn() -> None:
    modules = {file.parent.name for file in PROGRAM.glob("*/states.py")}
    machines = states.machines()
    assert {machine.module for machine in machines} == modules
    assert {machine.title for machine in machines} <= headings("states.md")
    for machine in machines:
        for start, action, end in machine.edges:
            row = rf"^\| {start} \| {str(action).replace('_', ' ')} \| .*\b{end}\b"
            assert re.search(row, text("states.md"), re.MULTILINE), (start, action, end)


def test_every_module_says_what_it_is() -> None:
    """Whatever holds code begins with a docstring; a private or empty file may be silent."""
    silent = [
        file.relative_to(PROGRAM).as_posix()
        for file in PROGRAM.rglob("*.py")
        if (tree := ast.parse(file.read_text(encoding="utf-8"))).body
        and not ast.get_docstring(tree)
        and not file.is_relative_to(PROGRAM / "migrations" / "versions")
        and file.name != "__main__.py"
    ]
    assert silent == []
