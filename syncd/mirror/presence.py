"""The daemon's own small file beside the mirror: that it lives, what it does, what it told whom.

It is locked while the daemon lives, so that the lock tells what a process id alone cannot. It is no part of the mirror:
a damaged mirror is among the things that it has to remember having told, and a restored one must not make it forget.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from syncd.clock import Clock
from syncd.errors import FatalError
from syncd.mirror.lock import taken
from syncd.model import Instant

PATIENCE = 2.0
"""Seconds to wait for whoever only looks whether the file is held."""
_MOST = 1 << 20
"""Bytes read of the file at most."""


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong in the settings, which are therefore not in force.

    Attributes:
        line: From 1; 0 where it has none.
        since: Since when the settings are refused.
    """

    file: str
    line: int
    key: str
    message: str
    fix: str
    since: Instant


class Failing(msgspec.Struct, frozen=True, kw_only=True):
    """Work that failed the last time.

    Attributes:
        code: Of the alert that it is worth.
        turns: How many times in a row.
        since: Since when.
        why: What happened.
        fix: What to do.
    """

    code: str
    turns: int
    since: Instant
    why: str
    fix: str = ""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What the file holds.

    Attributes:
        pid: The process.
        started_at: Since when it runs.
        seen_at: When it last wrote here.
        stopped_at: When it ended of its own accord; None while it runs, and where it was killed.
        doing: What it does, in words.
        next_work: What comes up next.
        next_at: And when.
        trouble: What is wrong with the settings; empty where they are in force.
        told: When each alert that stands was last told, by the way it took.
        failing: Work that failed the last time, by its name.
    """

    pid: int = 0
    started_at: Instant = 0
    seen_at: Instant = 0
    stopped_at: Instant | None = None
    doing: str = ""
    next_work: str = ""
    next_at: Instant | None = None
    trouble: tuple[Trouble, ...] = ()
    told: Mapping[str, Mapping[str, Instant]] = {}
    failing: Mapping[str, Failing] = {}


class Presence:
    """The file, held by the daemon that writes it. Safe to share between threads."""

    def __init__(self, database: Path, clock: Clock) -> None:
        """Take it, and go on from what an earlier daemon left there.

        Raises:
            FatalError: Another daemon holds it, or it cannot be written.
        """
        self._path = _path(database)
        self._lock = threading.Lock()
        self._handle = self._opened(clock)
        self.state = _read(self._handle)

    def change(self, **fields: Any) -> None:
        """Write some fields anew. A disk that takes nothing keeps nobody from working."""
        with self._lock:
            self.state = msgspec.structs.replace(self.state, **fields)
            text = msgspec.json.encode(self.state)
            try:
                os.pwrite(self._handle, text, 0)
                os.truncate(self._handle, len(text))
            except OSError:
                return

    def close(self) -> None:
        """Give it free."""
        os.close(self._handle)

    def _opened(self, clock: Clock) -> int:
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise FatalError(
                f"{self._path} cannot be written: {(error.strerror or 'unknown').lower()}",
                hint="another user may own it; it can be deleted while no syncd runs",
            ) from error
        until = clock.monotonic() + PATIENCE
        while not taken(handle):
            if clock.monotonic() >= until:
                pid = _read(handle).pid
                os.close(handle)
                raise FatalError(
                    f"another daemon (process {pid}) works on this mirror already",
                    hint="see what it does with: syncd status",
                )
            clock.sleep(0.1)
        return handle


def presence(database: Path) -> tuple[State, bool] | None:
    """Return what the daemon of a mirror last wrote, and whether it lives; None where there never was one."""
    try:
        handle = os.open(_path(database), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return _read(handle), not taken(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)


def _path(database: Path) -> Path:
    return database.with_name(database.name + ".daemon")


def _read(handle: int) -> State:
    try:
        return msgspec.json.decode(os.pread(handle, _MOST, 0), type=State)
    except msgspec.DecodeError:  # new, or cut off by a crash
        return State()
