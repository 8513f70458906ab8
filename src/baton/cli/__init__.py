"""`baton`: everything one does at a terminal.

A client of the API, so that permissions, audit and errors have one path: by HTTP where a
`baton serve` runs, else with the API in this process, on the same database. Each area is a
file; heavy parts of the program are imported by the command that needs them, so that help is
there at once.
"""

from baton.cli.program import app, main

__all__ = ["app", "main"]
