"""errors.md: every code that an answer may carry; the API's problem documents link to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from baton.http.problems import STATUS, status_of
from baton.values.errors import BatonError, leaves
from tools.reference.markdown import head, load_everything, ours, prose, table

# Said by the web framework itself, and given our shape in http/problems.py.
FRAMEWORK = {
    "method_not_allowed": (405, "The address exists, and does not take this method."),
    "http_error": (400, "The request breaks HTTP itself; `status` says how."),
}


def page() -> str:
    """Codes by HTTP status. Each heading is a code, and so its anchor."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for code, kind in codes().items():
        where = kind.__module__.removeprefix("baton.")
        by_status[_status(kind)].append(f"### {code}\n\n{prose(kind)}\n\nFrom `{where}`.\n")
    for code, (status, said) in FRAMEWORK.items():
        by_status[status].append(f"### {code}\n\n{said}\n")
    rows = [(kind.__name__, status, prose(kind)) for kind, status in STATUS]
    parts = [
        head(
            "Errors",
            "A refusal is a problem document (RFC 9457): `type`, `title`, `status`, `code`, "
            "`detail` for a person, often `field` (the path of what to mend) and `parameters`. "
            "Programs go by `code`: it is stable, and `type` links to its entry here. The command "
            "line prints the same.",
        ),
        table(("family", "status", "meaning"), rows),
        "503 comes with `Retry-After`, 401 with `WWW-Authenticate`.\n",
    ]
    for status in sorted(by_status):
        parts += [f"## Status {status}\n", *sorted(by_status[status])]
    return "\n".join(parts)


def codes() -> Mapping[str, type[BatonError]]:
    """The class of every code. Raises ValueError where two classes have the same."""
    load_everything()
    found: dict[str, type[BatonError]] = {}
    for kind in leaves():
        if kind is BatonError or not ours(kind) or "code" not in vars(kind):
            continue
        if found.setdefault(kind.code, kind) is not kind:
            raise ValueError(f"{kind.code} is the code of {kind} and of {found[kind.code]}")
    return dict(sorted(found.items()))


def _status(kind: type[BatonError]) -> int:
    return status_of(kind("for its status alone"))
