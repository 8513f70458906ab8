"""The example company at work: every story told, every figure that of the outside world."""

from __future__ import annotations

import subprocess
import sys

import pytest

from api import ROOT
from example.shoppers import STORIES


@pytest.mark.slow
def test_the_demo_judges_itself(server: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "example.demo", "--orders", "40", "--seed", "11", "--exit"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "All of it holds." in done.stdout
    for story in STORIES:
        assert story.value in done.stdout
