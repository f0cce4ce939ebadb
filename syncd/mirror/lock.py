"""One run at a time on one mirror, across processes: a lock beside the file, freed when its process dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from syncd.clock import Clock
from syncd.errors import FatalError, RetriableError

LOOK_AGAIN = 0.5
"""Seconds between two looks at a lock that somebody else holds."""


@contextmanager
def run_lock(database: Path, clock: Clock, *, patience: float, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold the right to run. `waiting` is told once who is waited for, as its process id.

    Raises:
        RetriableError: Another run was still at work after `patience` seconds.
        FatalError: The file of the lock cannot be written.
    """
    handle = _open(database)
    try:
        until = clock.monotonic() + patience
        told = False
        while not taken(handle):
            holder = _holder(handle)
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


def at_work(database: Path) -> str:
    """Return the process id of the run that is at work on a mirror; empty where none is."""
    try:
        handle = os.open(_path(database), os.O_RDONLY)
    except OSError:
        return ""
    try:
        return "" if taken(handle) else _holder(handle)
    finally:
        os.close(handle)


def _path(database: Path) -> Path:
    return database.with_name(database.name + ".lock")


def _open(database: Path) -> int:
    try:
        return os.open(_path(database), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise FatalError(
            f"the lock {_path(database)} cannot be written: {(error.strerror or 'unknown').lower()}",
            hint="another user may own it; it can be deleted while no syncd runs",
        ) from error


def _holder(handle: int) -> str:
    return os.pread(handle, 32, 0).decode(errors="replace").strip() or "unknown"


def taken(handle: int, way: int = fcntl.LOCK_EX) -> bool:
    """Take a lock without waiting, for oneself or (`LOCK_SH`) beside others; tell whether that was to be had."""
    try:
        fcntl.flock(handle, way | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
