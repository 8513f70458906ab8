"""A child process that the kernel signals when its parent dies (Linux only)."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import Literal

_PR_SET_PDEATHSIG = 1


def die_with_parent(name: Literal["SIGINT", "SIGKILL"]) -> Callable[[], None] | None:
    """A `preexec_fn` for a child of the *calling thread*, whose end is what counts.

    It has to run after the change of account, which would undo it; `subprocess` sees to that.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    parent, wanted = os.getpid(), int(signal.Signals[name])

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, wanted, 0, 0, 0)
        if os.getppid() != parent:  # it died before the question was put
            os.kill(os.getpid(), signal.SIGKILL)

    return ask
