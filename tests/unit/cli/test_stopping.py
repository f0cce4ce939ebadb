"""SIGTERM ends a command wherever it is, even where Python loses what a signal raises."""

from __future__ import annotations

import subprocess
import sys

LOST = """
import os, signal, sys, typer
from syncd import cli
from syncd.cli import app

class Cleared:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(1000):
            pass

def busy(typed, **_):
    Cleared()
    while True:
        pass

cli._AGAIN = 0.1
app.app = busy
sys.exit(cli.main())
"""


def test_a_request_to_stop_that_was_lost_is_made_again() -> None:
    ended = subprocess.run([sys.executable, "-c", LOST], capture_output=True, timeout=60, check=False)

    assert ended.returncode == 143
    assert b"Exception ignored" in ended.stderr
