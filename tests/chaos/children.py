"""Commands as processes of their own that start at once: forked from a server that has everything imported.

A child's clock waits by moving the simulated world's hour forward, so that hours of backing off pass in no time and
the world agrees that they passed.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import signal
import sys
import urllib.request
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, NamedTuple

from syncd import clock
from syncd.cli import main
from syncd.clock import SystemClock

_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(["tests.chaos.preload"])
LONGEST = 60
"""Seconds after which a command that has not ended by itself hangs."""


class Ended(NamedTuple):
    """How a command ended: a negative code is a signal's."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document that it printed."""
        return json.loads(self.out)


class Child:
    """A command that runs."""

    def __init__(self, typed: tuple[str, ...], folder: Path, control: str, hour: int) -> None:
        """Start it in a folder, at an hour of the world that `control` moves."""
        self._outputs = (folder / "out.txt", folder / "err.txt")
        self._process: ForkServerProcess = _FORKED.Process(
            target=_act, args=(typed, str(folder), [str(it) for it in self._outputs], control, hour), daemon=True
        )
        self._process.start()

    def kill(self, how: signal.Signals) -> None:
        """Send it a signal, if it still runs."""
        with suppress(ProcessLookupError):
            os.kill(self._process.pid or 0, how)

    def wait(self, seconds: float = LONGEST) -> bool:
        """Wait for its end; False where it still runs."""
        self._process.join(seconds)
        return self._process.exitcode is not None

    def ended(self) -> Ended:
        """Wait for its end and return what came of it.

        Raises:
            TimeoutError: It hangs; it is killed.
        """
        if not self.wait():
            self._process.kill()
            self._process.join()
            raise TimeoutError("a command did not end: " + self._outputs[1].read_text()[-2000:])
        out, err = (path.read_text(errors="replace") if path.exists() else "" for path in self._outputs)
        return Ended(self._process.exitcode or 0, out, err)


class WorldsClock(SystemClock):
    """Waits by moving the world's hour."""

    def __init__(self, control: str, hour: int) -> None:
        """Begin at the world's hour."""
        super().__init__(hour - SystemClock().now())
        self._control = control
        self._moved = 0

    def monotonic(self) -> float:
        """Return seconds that only grow, those that were waited included."""
        return super().monotonic() + self._moved

    def sleep(self, seconds: float) -> None:
        """Move the world's hour; not at all once the process is stopping."""
        if self._stop.is_set():
            return
        whole = math.ceil(seconds)
        body = json.dumps({"seconds": whole}).encode()
        request = urllib.request.Request(f"{self._control}/advance", data=body, method="POST")  # noqa: S310  # loopback
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30).close()
        self._moved += whole
        self.offset += whole


def _act(typed: tuple[str, ...], folder: str, outputs: list[str], control: str, hour: int) -> None:
    """Be the command: its arguments, its folder, its outputs, its clock."""
    os.setsid()
    os.chdir(folder)
    for stream, path in zip((1, 2), outputs, strict=True):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin = os.fdopen(0)
    sys.argv = ["syncd", *typed]
    clock.system_clock = lambda *_: WorldsClock(control, hour)  # type: ignore[assignment]
    sys.exit(main())
