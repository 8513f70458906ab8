"""The stages of `make check`, in one list: what passes here passes in CI, which runs the same.

    python -m tools.check                     every stage (but `quick`, which `tests` contains)
    python -m tools.check lint types          these stages
    python -m tools.check tests -- -k money   what follows -- goes to pytest

Every stage runs even if an earlier one failed, so that one run shows all there is to mend. The
exit code is 0 only if all passed. The last line printed is pytest's own summary.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORKERS = min(2, os.cpu_count() or 1)  # more would only wait for PostgreSQL
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
SUMMARY = re.compile(r"(=+ )?(\d+ \w+|no tests ran)\b.* in [\d.]+s.*")

PYTEST = [sys.executable, "-m", "pytest", "-n", str(WORKERS), "--dist", "worksteal"]
FOLDERS = ["tests/unit", "tests/meta/test_tidy.py", "tests/meta/test_import_contracts.py"]
MARKED = "not slow and not browser"
QUICK = [*PYTEST, "-p", "tools.quick", "-p", "no:schemathesis", "-m", MARKED, *FOLDERS]

STAGES: dict[str, list[str]] = {
    "lock": [os.environ.get("UV", "uv"), "lock", "--check", "--quiet"],
    "lint": ["ruff", "check", "--quiet"],
    "format": ["ruff", "format", "--check", "--quiet"],
    "types": ["mypy", "-p", "baton", "-p", "tools"],
    "imports": ["lint-imports", "--no-logo"],
    "console": [sys.executable, "-m", "tools.console", "--types"],
    "quick": QUICK,
    "tests": [*PYTEST, "--durations=15"],
}
WHOLE = [stage for stage in STAGES if stage != "quick"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a stage ended; `summary` is pytest's closing line and empty for all others."""

    stage: str
    code: int
    seconds: float
    summary: str = ""


def run(stage: str, more: list[str]) -> Outcome:
    """Runs one stage from the root of the checkout, passing on all it prints."""
    say(f"\n── {stage} " + "─" * (76 - len(stage)))
    started = time.monotonic()
    command = list(STAGES[stage])
    if "pytest" in command:
        command += [*more, "--color=yes"] if sys.stdout.isatty() else more
    code, summary = follow(command)
    outcome = Outcome(stage, code, time.monotonic() - started, summary)
    say(f"── {stage}: {verdict(outcome)} in {outcome.seconds:.1f} s")
    return outcome


def follow(command: list[str]) -> tuple[int, str]:
    """The exit code of a command, and the last line of pytest's kind among those it printed."""
    summary = ""
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8", errors="replace"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            if SUMMARY.fullmatch(COLOUR.sub("", line.strip())):
                summary = line.strip()
    return process.returncode, summary


def verdict(outcome: Outcome) -> str:
    return "passed" if outcome.code == 0 else f"FAILED (exit code {outcome.code})"


def report(outcomes: list[Outcome]) -> None:
    """Prints a line per stage with its seconds, and pytest's summary again below them."""
    total = sum(outcome.seconds for outcome in outcomes)
    say("\n  seconds  stage")
    for outcome in outcomes:
        say(f"{outcome.seconds:9.1f}  {outcome.stage:<9}{verdict(outcome)}")
    say(f"{total:9.1f}  in all")
    for outcome in outcomes:
        if outcome.summary:
            say(outcome.summary)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    wanted, more = arguments[:cut], arguments[cut + 1 :]
    unknown = [stage for stage in wanted if stage not in STAGES]
    if unknown:
        say(f"no stage {', '.join(unknown)}; there are: {', '.join(STAGES)}")
        return 2
    outcomes = [run(stage, more) for stage in wanted or WHOLE]
    report(outcomes)
    return 0 if all(outcome.code == 0 for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
