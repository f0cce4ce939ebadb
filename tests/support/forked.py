"""Commands as processes of their own that start at once: forked from a server that has everything imported.

What a fresh interpreter does is the same; only the importing was done before. A few tests start one all the same.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, NamedTuple

from syncd import clock
from syncd.cli import main
from syncd.clock import SystemClock

_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(["tests.support.preload"])
LONGEST = 300
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


class Forked:
    """A command that runs.

    `begin` is called in the new process before the command: a function of a module, with its arguments.
    """

    def __init__(
        self,
        typed: tuple[str, ...],
        folder: Path,
        environment: Mapping[str, str],
        begin: tuple[Callable[..., None], tuple[Any, ...]] | None = None,
    ) -> None:
        """Start it in a folder."""
        self._outputs = tempfile.TemporaryDirectory(prefix="syncd-said-")
        self._said = [Path(self._outputs.name) / name for name in ("out", "err")]
        self._process: ForkServerProcess = _FORKED.Process(
            target=_act,
            args=(typed, str(folder), dict(environment), [str(path) for path in self._said], begin),
            daemon=True,
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
            raise TimeoutError("a command did not end: " + self._said[1].read_text()[-2000:])
        out, err = (path.read_text() if path.exists() else "" for path in self._said)
        self._outputs.cleanup()
        return Ended(self._process.exitcode or 0, out, err)


class LeapingClock(SystemClock):
    """Waits in no time: for commands that give a service up only after having tried for long."""

    def __init__(self, offset: int = 0) -> None:
        """Begin at the machine's hour, unless told."""
        super().__init__(offset)
        self._waited = 0.0

    def monotonic(self) -> float:
        """Return seconds that only grow, those that were waited included."""
        return super().monotonic() + self._waited

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self._waited += seconds


def leap() -> None:
    """Give the command that is about to begin a clock that leaps."""
    clock.system_clock = lambda *_: LeapingClock()  # type: ignore[assignment]


def _act(
    typed: tuple[str, ...],
    folder: str,
    environment: dict[str, str],
    said: list[str],
    begin: tuple[Callable[..., None], tuple[Any, ...]] | None,
) -> None:
    """Be the command: its arguments, its folder, its environment, its outputs."""
    os.setsid()
    os.umask(0o022)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for stream, path in zip((1, 2), said, strict=True):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin = os.fdopen(0)
    sys.argv = ["syncd", *typed]
    warnings.simplefilter("error")
    if begin is not None:
        begin[0](*begin[1])
    sys.exit(main())
