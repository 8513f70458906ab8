"""Where templates run: nothing but the fields of a message, and never without end.

A merchant's template comes from outside. What it may hold is a list, not what it may not: the
tags, filters and functions below. There is no arithmetic, no assignment, no macro and no range,
so that nothing can grow; loops run over lists of the message alone and every step is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

from jinja2 import PackageLoader, StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import BlockReference, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from baton.notifications.errors import TemplateFailed, TemplateInvalid
from baton.notifications.model import FIELDS

STEPS = 20_000
"""Steps of loops, and amounts and dates shown, that one message may take."""
OUTPUT = 200_000
"""Characters that one part of a message may have."""
SOURCE = 50_000
LOOPS = 20
FILTERS = ("capitalize", "default", "e", "escape", "first", "join", "last", "length", "lower",
           "round", "title", "trim", "truncate", "upper", "urlencode")  # fmt: skip
TESTS = ("defined", "undefined", "none", "even", "odd", "eq", "ne", "true", "false", "in")
FUNCTIONS = ("money", "day", "country")
NAMES = frozenset({*FIELDS, *FUNCTIONS, "words", "lang", "marks", "parts", "loop", "caller"})
LAYOUTS = frozenset({"layout.html", "parts.html", "parts.txt"})

_TAGS = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Block,
         nodes.Extends, nodes.Import, nodes.CallBlock)  # fmt: skip
_EXPRESSIONS = (nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem, nodes.Call, nodes.Filter,
                nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
                nodes.CondExpr, nodes.Concat, nodes.Keyword)  # fmt: skip
_FAILURES = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError,
             SyntaxError)  # fmt: skip
_LOOP = frozenset({"index", "index0", "revindex", "first", "last", "length"})

T = TypeVar("T")


class Sandbox(ImmutableSandboxedEnvironment):
    """Templates see fields of our own values, and call our own functions and parts."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping):
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        if is_dataclass(obj) and attribute in {f.name for f in fields(obj)}:
            return getattr(obj, attribute)
        if isinstance(obj, LoopContext):
            if attribute in _LOOP:
                return getattr(obj, attribute)
        elif type(obj).__module__ in ("jinja2.environment", "jinja2.runtime"):
            return super().getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, tuple) and isinstance(argument, int):
            return obj[argument] if -len(obj) <= argument < len(obj) else self.undefined(obj=obj)
        return self.getattr(obj, str(argument))

    def is_safe_callable(self, obj: Any) -> bool:
        return isinstance(obj, (Macro, BlockReference)) or hasattr(obj, "for_templates")


def sandbox(*, html: bool) -> Sandbox:
    """An environment for the HTML part, in which what people typed is escaped, or for text."""
    made = Sandbox(
        loader=PackageLoader("baton.notifications"),
        autoescape=lambda name: html if name is None else name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals.clear()
    return made


def check(source: str, field: str) -> None:
    """Pass a template that holds nothing but what templates may.

    Raises TemplateInvalid, which names the line and what is wrong there.
    """
    if len(source) > SOURCE:
        raise TemplateInvalid(f"A template has at most {SOURCE} characters.", field=field, line=1)
    try:
        tree = _HTML.parse(source)
    except TemplateSyntaxError as error:
        raise TemplateInvalid(
            f"Line {error.lineno}: {error.message}", field=field, line=error.lineno
        ) from error
    except (RecursionError, ValueError) as error:
        raise TemplateInvalid("It can't be read: too deep, or a number too long.", field=field,
                              line=1) from error  # fmt: skip
    for line, wrong in _faults(tree):
        raise TemplateInvalid(f"Line {line}: {wrong}", field=field, line=line)


def _faults(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    loops = list(tree.find_all(nodes.For))
    if len(loops) > LOOPS:
        yield loops[LOOPS].lineno, f"a template has at most {LOOPS} loops."
    own = {name.name for loop in loops for name in loop.target.find_all(nodes.Name)} | {
        loop.target.name for loop in loops if isinstance(loop.target, nodes.Name)
    }
    yield from _in(tree, NAMES | own, 0)


def _in(
    node: nodes.Node, names: frozenset[str] | set[str], depth: int
) -> Iterator[tuple[int, str]]:
    for child in node.iter_child_nodes():
        wrong = _fault(child, names, depth)
        if wrong:
            yield child.lineno or 1, wrong
            return
        yield from _in(child, names, depth + isinstance(child, nodes.For))


def _fault(node: nodes.Node, names: frozenset[str] | set[str], depth: int) -> str:
    """What is wrong with one node of a template; empty where nothing is."""
    match node:
        case nodes.Name(name=name) if name not in names:
            return f"there is no field {name!r}; the fields are {', '.join(sorted(FIELDS))}."
        case nodes.Filter(name=name) if name not in FILTERS:
            return f"there is no filter {name!r}; use one of {', '.join(FILTERS)}."
        case nodes.Test(name=name) if name not in TESTS:
            return f"there is no test {name!r}; use one of {', '.join(TESTS)}."
        case nodes.Getattr(attr=name) if name.startswith("_"):
            return f"{name!r} is no field."
        case nodes.Getitem(arg=argument) if not isinstance(argument, nodes.Const):
            return "an index is a number."
        case nodes.Call() if not _callable(node):
            return f"only {', '.join(FUNCTIONS)} and parts can be called."
        case nodes.For(iter=over) if not isinstance(over, (nodes.Name, nodes.Getattr)):
            return "a loop runs over a list of the message."
        case nodes.For(recursive=True):
            return "a loop does not run in itself."
        case nodes.For() if depth >= 2:
            return "loops stand in one another twice at most."
        case nodes.Extends(template=nodes.Const(value="layout.html")):
            return ""
        case nodes.Import(template=nodes.Const(value=name), target="parts") if name in LAYOUTS:
            return ""
        case nodes.Extends() | nodes.Import():
            return "only layout.html can be extended, and parts.html or parts.txt imported."
        case _ if isinstance(node, (*_TAGS, *_EXPRESSIONS)):
            return ""
    return f"{type(node).__name__.lower()} is not for templates."


def _callable(node: nodes.Call) -> bool:
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        return False
    match node.node:
        case nodes.Name(name=name):
            return name in (*FUNCTIONS, "caller")
        case nodes.Getattr(node=nodes.Name(name="parts")):
            return True
    return False


# ── running ────────────────────────────────────────────────────────────────────────────────


class Steps:
    """How much one message may still do."""

    def __init__(self, left: int = STEPS) -> None:
        self.left = left

    def take(self) -> None:
        """One step. Raises SecurityError where there is none left."""
        self.left -= 1
        if self.left < 0:
            raise SecurityError("the message takes too many steps")


class _Counted(tuple[Any, ...]):
    """A list of the message: each step over it counts."""

    steps: Steps

    def __iter__(self) -> Iterator[Any]:
        for each in super().__iter__():
            self.steps.take()
            yield each


def counted(value: T, steps: Steps) -> T:
    """The value with every list in it counting the steps over it."""
    if isinstance(value, tuple):
        made = _Counted(counted(each, steps) for each in value)
        made.steps = steps
        return made  # type: ignore[return-value]
    if is_dataclass(value) and not isinstance(value, type):
        parts = {f.name: counted(getattr(value, f.name), steps) for f in fields(value)}
        return replace(value, **parts)
    return value


def function(work: Callable[[Any], str], steps: Steps) -> Callable[[Any], str]:
    """A function that templates may call."""

    def called(value: Any) -> str:
        steps.take()
        return work(value)

    called.for_templates = True  # type: ignore[attr-defined]
    return called


def rendered(source: str, context: Mapping[str, Any], field: str) -> str:
    """A template, filled in. Raises TemplateFailed with the line and what went wrong there."""
    parts, size = list[str](), 0
    try:
        for part in _compiled(source, field == "html").generate(context):
            parts.append(part)
            size += len(part)
            if size > OUTPUT:
                raise TemplateFailed(f"The {field} has over {OUTPUT} characters.", field=field)
    except _FAILURES as error:
        line = _line(error)
        raise TemplateFailed(f"Line {line}: {_said(error)}", field=field, line=line) from error
    return "".join(parts)


@lru_cache(maxsize=512)
def _compiled(source: str, html: bool) -> Any:
    return (_HTML if html else _TEXT).from_string(source)


def _line(error: BaseException) -> int:
    """The line of the template in which it went wrong, the innermost one of its own."""
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    found, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _said(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:300]


_HTML, _TEXT = sandbox(html=True), sandbox(html=False)
