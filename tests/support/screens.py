"""The screens of `docs/reports.md`: what the commands there really print, on a terminal of 100 columns.

The shop is that of the demo, small, from one seed and one hour, so that the screens are the same on every machine.
`python -m tests.support.screens` writes them anew.
"""

from __future__ import annotations

import os
import pty
import re
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from connectors.sandbox import SANDBOX, Options
from syncd.cli.demo.folder import write_settings
from syncd.clock import instant_of, iso
from tests.conftest import ROOT
from tests.support.forked import Forked

PAGE = ROOT / "docs" / "reports.md"
COLUMNS = 100
_START = "2026-11-14T08:00:00Z"
_WEEK = 7 * 86_400
_BLOCK = re.compile(r"```console\n\$ (?P<typed>.*)\n(?P<screen>(?:(?!```).*\n)*)```\n")


@contextmanager
def shop(folder: Path) -> Iterator[Callable[[str], str]]:
    """Sync the demo's shop twice, a week apart, and give what prints a command's screen."""
    start = instant_of(_START, "the start")
    lists = ("newsletter", "partners")
    with SANDBOX.start(Options(customers=300, start=start, bulk_seconds=0.0, lists=lists)) as sandbox:
        write_settings(folder, sandbox.settings())
        for now in (start, start + _WEEK):
            _run(folder, now, "sync", "--yes", "--json")
            if now == start:
                sandbox.app.clock.advance(_WEEK)
    yield lambda typed: _screen(folder, start + _WEEK, typed)


def shown(page: str) -> list[tuple[str, str]]:
    """Return the commands that a page shows, each with its screen."""
    return [(it["typed"], it["screen"]) for it in _BLOCK.finditer(page)]


def _environment(now: int) -> dict[str, str]:
    terminal = {"TERM": "dumb", "COLUMNS": str(COLUMNS), "LINES": "60", "LANG": "C.UTF-8"}
    return {"PATH": os.environ["PATH"], "SYNCD_NOW": iso(now) or "", "SYNCD_CONFIG": "syncd.toml", **terminal}


def _run(folder: Path, now: int, *typed: str) -> None:
    ended = Forked(typed, folder, _environment(now)).ended()
    assert ended.code == 0, ended.err


def _screen(folder: Path, now: int, typed: str) -> str:
    """Return what a command prints on a terminal."""
    here, there = pty.openpty()
    chunks: list[bytes] = []
    reader = Thread(target=lambda: chunks.extend(_chunks(here)))
    reader.start()
    words = tuple(shlex.split(typed)[1:])
    ended = Forked(words, folder, _environment(now), (_sit_at, (os.ttyname(there),))).ended()
    os.close(there)
    reader.join()
    os.close(here)
    text = b"".join(chunks).decode()
    assert ended.code == 0, text
    lines = text.replace("\r\n", "\n").replace("\xa0", " ").split("\n")
    return "\n".join(line.rstrip() for line in lines)


def _sit_at(terminal: str) -> None:
    """Print to a terminal from now on."""
    handle = os.open(terminal, os.O_WRONLY | os.O_NOCTTY)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    # those of the server may have been files, which can be sought in
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)


def _chunks(handle: int) -> Iterator[bytes]:
    while True:
        try:
            chunk = os.read(handle, 65_536)
        except OSError:  # what Linux says when the other side of a terminal is gone
            return
        if not chunk:
            return
        yield chunk


def main() -> None:
    """Write the page's screens anew."""
    with tempfile.TemporaryDirectory() as folder, shop(Path(folder)) as screen:
        page = PAGE.read_text(encoding="utf-8")
        page = _BLOCK.sub(lambda it: f"```console\n$ {it['typed']}\n{screen(it['typed'])}```\n", page)
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
