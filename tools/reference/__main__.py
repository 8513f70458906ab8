"""`python -m tools.reference [--check]`."""

from __future__ import annotations

import sys

from tools.reference import stale, write


def main(arguments: list[str]) -> int:
    """0 where all pages are, or now are, up to date; 1 where --check found one that is not."""
    if arguments == ["--check"]:
        old = stale()
        for name in old:
            print(f"docs/reference/{name} is out of date: run `make docs`")
        return 1 if old else 0
    if arguments:
        print(f"unknown: {' '.join(arguments)}")
        return 2
    changed = write()
    print(f"written: {', '.join(changed)}" if changed else "all pages are up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
