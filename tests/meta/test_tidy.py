"""House rules that no linter knows, over every Python file of the program.

Where a rule allows a place, it is a floor or a part of the platform, never a single file; no
rule has a list of exceptions.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[2] / "src" / "baton"
FILES = sorted(PROGRAM.rglob("*.py"))

LINES_OF_A_FUNCTION = 70
LINES_OF_A_FILE = 500
EMPTY_WORDS = {"util", "helper", "manager", "service", "base", "common", "misc"}

CLOCK_AND_CHANCE = {
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "datetime.date.today",
    "numpy.random",
    "random",
    "time.time",
    "time.time_ns",
    "uuid.uuid1",
    "uuid.uuid4",
    "uuid.uuid6",
    "uuid.uuid7",
}
CATCH_ALL = {"Exception", "BaseException"}

Rule = Callable[[str, ast.Module], Iterator[str]]


def clock_and_chance(place: str, tree: ast.Module) -> Iterator[str]:
    """Time and ids are made in platform/clock and platform/ids; all others get them as values."""
    if place.startswith(("platform/clock", "platform/ids")):
        return
    for line, name in _names(tree):
        if any(f"{name}.".startswith(f"{banned}.") for banned in CLOCK_AND_CHANCE):
            yield f"line {line} uses {name}"


def catch_all(place: str, tree: ast.Module) -> Iterator[str]:
    """What nobody expected is caught by the loops alone that run jobs and reactions, for they
    park it where a person sees it. Elsewhere one may look at it on its way: `raise` at the end.
    """
    if place.startswith(("worker/", "platform/work/", "platform/journal/")):
        return
    for node in _nodes(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = {name.id for name in _walk(node.type) if isinstance(name, ast.Name)}
            if (node.type is None or caught & CATCH_ALL) and not _goes_on(node.body[-1]):
                yield f"line {node.lineno} catches everything"
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
            caught = {ast.unparse(argument) for argument in node.args}
            if caught & CATCH_ALL:
                yield f"line {node.lineno} suppresses everything"


def printing(place: str, tree: ast.Module) -> Iterator[str]:
    """Only the command line prints; all others write to the log."""
    if place.startswith("cli/"):
        return
    for node in _nodes(tree):
        if isinstance(node, ast.Name) and node.id == "print":
            yield f"line {node.lineno} prints"


def long_functions(place: str, tree: ast.Module) -> Iterator[str]:
    """A function is read at a glance: decorators aside, at most 70 lines."""
    for node in _nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LINES_OF_A_FUNCTION:
                yield f"{node.name} has {lines} lines"


def empty_words(place: str, tree: ast.Module) -> Iterator[str]:
    """Files and packages are named for what they hold: words that fit everything say nothing."""
    for part in Path(place).with_suffix("").parts:
        last = part.lower().rpartition("_")[2]
        if last in EMPTY_WORDS or last.removesuffix("s") in EMPTY_WORDS:
            yield f"{part} says nothing"


RULES: list[Rule] = [clock_and_chance, catch_all, printing, long_functions, empty_words]


@cache
def _nodes(tree: ast.Module) -> list[ast.AST]:
    """All of a file's nodes, walked once: every rule goes over them."""
    return list(ast.walk(tree))


def _goes_on(last: ast.stmt) -> bool:
    return isinstance(last, ast.Raise) and last.exc is None


def _walk(node: ast.AST | None) -> Iterator[ast.AST]:
    return iter(()) if node is None else ast.walk(node)


def _names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every imported name and every use of one, with its line, by its full dotted name."""
    full: dict[str, str] = {}
    for node in _nodes(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                full[alias.asname or first] = alias.name if alias.asname else first
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                full[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                yield node.lineno, f"{node.module}.{alias.name}"
    for node in _nodes(tree):
        if isinstance(node, ast.Attribute):
            root, _, rest = ast.unparse(node).partition(".")
            if root in full:
                yield node.lineno, f"{full[root]}.{rest}"


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def test_the_program_is_found() -> None:
    assert PROGRAM / "values" / "money.py" in FILES


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_file_keeps(rule: Rule) -> None:
    faults = [
        f"{file.relative_to(PROGRAM)}: {fault}"
        for file in FILES
        for fault in rule(file.relative_to(PROGRAM).as_posix(), parsed(file))
    ]
    assert not faults, f"{rule.__doc__}\n" + "\n".join(faults)


def test_every_file_is_read_at_a_sitting() -> None:
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in FILES}
    long = {str(f.relative_to(PROGRAM)): n for f, n in lengths.items() if n > LINES_OF_A_FILE}
    assert not long, "a file over 500 lines becomes a folder of the same name"


LONG = "def f():\n" + "    x = 1\n" * 70
FAULTS = [
    (clock_and_chance, "orders/rules.py", "from datetime import datetime\ndatetime.now()"),
    (clock_and_chance, "orders/rules.py", "import datetime as dt\nx = dt.datetime.utcnow"),
    (clock_and_chance, "orders/rules.py", "from datetime import date\ndate.today()"),
    (clock_and_chance, "platform/log.py", "import time\ntime.time()"),
    (clock_and_chance, "flows/ship.py", "from time import time as now"),
    (clock_and_chance, "flows/ship.py", "from uuid import uuid4"),
    (clock_and_chance, "access/actions.py", "import uuid\nfield(default_factory=uuid.uuid4)"),
    (clock_and_chance, "routing/rules.py", "import random"),
    (clock_and_chance, "routing/rules.py", "import numpy as np\nnp.random.default_rng()"),
    (catch_all, "flows/ship.py", "try:\n    f()\nexcept Exception:\n    pass"),
    (catch_all, "flows/ship.py", "try:\n    f()\nexcept (OSError, BaseException):\n    g()"),
    (catch_all, "flows/ship.py", "try:\n    f()\nexcept Exception as e:\n    raise Odd() from e"),
    (catch_all, "platform/net.py", "try:\n    f()\nexcept:\n    return"),
    (catch_all, "platform/net.py", "with contextlib.suppress(Exception):\n    f()"),
    (printing, "platform/log.py", "print('here')"),
    (printing, "platform/log.py", "write = print"),
    (long_functions, "orders/rules.py", LONG),
    (long_functions, "orders/rules.py", "class A:\n    async " + LONG.replace("\n", "\n    ")),
    (empty_words, "orders/utils.py", ""),
    (empty_words, "orders/order_service.py", ""),
    (empty_words, "common/money.py", ""),
    (empty_words, "connectors/bases/client.py", ""),
]


@pytest.mark.parametrize(("rule", "place", "source"), FAULTS)
def test_a_rule_finds_what_it_forbids(rule: Rule, place: str, source: str) -> None:
    assert len(list(rule(place, ast.parse(source)))) >= 1


FINE = [
    (clock_and_chance, "platform/clock.py", "import time\ntime.time()"),
    (clock_and_chance, "platform/ids/uuid7.py", "import random"),
    (clock_and_chance, "orders/rules.py", "import time\ntime.monotonic()"),
    (clock_and_chance, "orders/rules.py", "from uuid import UUID\nfrom datetime import datetime"),
    (clock_and_chance, "orders/rules.py", "def f(now): return now.time()"),
    (catch_all, "worker/loop.py", "try:\n    f()\nexcept Exception:\n    park()"),
    (catch_all, "platform/work/queue.py", "try:\n    f()\nexcept Exception:\n    park()"),
    (catch_all, "platform/embedded.py", "try:\n    f()\nexcept BaseException:\n    g()\n    raise"),
    (catch_all, "flows/ship.py", "try:\n    f()\nexcept OSError:\n    pass"),
    (printing, "cli/order.py", "print('here')"),
    (printing, "orders/rules.py", "blueprint(x)"),
    (long_functions, "orders/rules.py", LONG.rpartition("    x")[0]),
    (empty_words, "platform/db/database.py", ""),
    (empty_words, "orders/service_level.py", ""),
]


@pytest.mark.parametrize(("rule", "place", "source"), FINE)
def test_a_rule_lets_pass_what_it_allows(rule: Rule, place: str, source: str) -> None:
    assert not list(rule(place, ast.parse(source)))
