"""The supervisor of DIR under odd circumstances.

embedded_odd_supervisor.py forgetful DIR    the kernel does not end the server with it
embedded_odd_supervisor.py port=N DIR       the port that the server had before is N
"""

from __future__ import annotations

import sys

from baton.platform.embedded import postmaster, supervisor
from baton.platform.embedded.folder import Folder


def main() -> int:
    circumstance, *arguments = sys.argv[1:]
    if circumstance == "forgetful":
        postmaster.die_with_parent = lambda name: None
    else:
        port = int(circumstance.removeprefix("port="))
        Folder.last_port = lambda self: port
    return supervisor.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
