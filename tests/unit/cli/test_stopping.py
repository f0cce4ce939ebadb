"""SIGTERM ends a command wherever it is, even where Python or SQLite loses what a signal raises."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LOST = """
import os, signal, sys, typer
from syncd import cli
from syncd.cli import app

class Cleared:
    def __del__(self):
        os.kill(os.getpid(), signal.{signal})
        for _ in range(1000):
            pass

def busy(typed, **_):
    lost = sys.unraisablehook
    sys.unraisablehook = lambda it: (print("lost", file=sys.stderr), lost(it))
    Cleared()
    while True:
        pass

app.app = busy
sys.exit(cli.main())
"""


@pytest.mark.parametrize(("signal", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_request_to_stop_that_was_lost_is_made_again(signal: str, code: int) -> None:
    command = [sys.executable, "-c", LOST.format(signal=signal)]
    ended = subprocess.run(command, capture_output=True, timeout=60, check=False)

    assert ended.returncode == code
    assert b"lost" in ended.stderr
    assert b"Exception ignored" not in ended.stderr


ENDLESS = """
import os, pathlib, signal, sys, threading, typer
from syncd import cli
from syncd.cli import app
from syncd.mirror.database import connect

def busy(typed, **_):
    mirror = connect(pathlib.Path(sys.argv[1]))
    threading.Timer(0.1, os.kill, (os.getpid(), signal.{signal})).start()
    with mirror.transaction():
        mirror.raw.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")

app.app = busy
sys.exit(cli.main())
"""


@pytest.mark.parametrize(("signal", "code"), [("SIGTERM", 143), ("SIGINT", 130)])
def test_a_statement_without_an_end_is_cut_off(tmp_path: Path, signal: str, code: int) -> None:
    command = [sys.executable, "-c", ENDLESS.format(signal=signal), str(tmp_path / "syncd.db")]
    ended = subprocess.run(command, capture_output=True, timeout=60, check=False)

    assert (ended.returncode, b"Traceback" in ended.stderr) == (code, False)
