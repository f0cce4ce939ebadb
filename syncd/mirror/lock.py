"""One run at a time on one mirror, across processes: a lock beside the file, freed by the system when a process dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from syncd.clock import Clock
from syncd.errors import RetriableError

LOOK_AGAIN = 0.5
"""Seconds between two looks at a lock that somebody else holds."""


@contextmanager
def run_lock(database: Path, clock: Clock, *, patience: float, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold the right to run. `waiting` is told once who is waited for, as its process id.

    Raises:
        RetriableError: Another run was still at work after `patience` seconds.
    """
    path = database.with_name(database.name + ".lock")
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        until = clock.monotonic() + patience
        told = False
        while not _taken(handle):
            holder = os.pread(handle, 32, 0).decode(errors="replace").strip() or "unknown"
            if not told:
                waiting(holder)
                told = True
            if clock.monotonic() >= until:
                raise RetriableError(
                    f"another run (process {holder}) is still at work on {database}",
                    hint="wait for it to end, or see what it does with: syncd status",
                )
            clock.sleep(LOOK_AGAIN)
        os.truncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
