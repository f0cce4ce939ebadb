"""Whether the file can be trusted: what its first bytes tell at every opening, and the whole of it once a day.

A file that was cut off or overwritten must be found out before anything is written to a service by it.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from syncd.mirror import care
from syncd.mirror.database import Mirror, damaged, explained, is_there
from syncd.model import Instant

EVERY = 86_400
"""Seconds between two checks of the whole file."""

_MAGIC = b"SQLite format 3\x00"
_HEADER = 100
_BIGGEST_PAGE = 65_536


def refuse_cut_off(path: Path) -> None:
    """Look at the head of a file, where there is one, before SQLite does.

    SQLite itself notices a file that ends too early only once it needs what is missing.

    Raises:
        FatalError: It is no database, or shorter than it says.
    """
    if not is_there(path):
        return
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(_HEADER)
        waiting = path.with_name(f"{path.name}-wal").stat().st_size if _has_log(path) else 0
    except OSError as error:
        raise explained(error, path) from error
    if not size:
        return
    if len(head) < _HEADER or not head.startswith(_MAGIC):
        raise damaged(path)
    page = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    told = head[24:28] == head[92:96]  # else an old SQLite wrote it, and the number of pages says nothing
    if told and not waiting and (_BIGGEST_PAGE if page == 1 else page) * pages > size:
        raise damaged(path)


def look_over(mirror: Mirror, now: Instant) -> None:
    """Check the whole file where it was not for a day, or where the last run did not end by itself.

    Raises:
        FatalError: It is damaged.
    """
    if not care.due(care.when(mirror, "checked"), EVERY, now) and not _ended_badly(mirror):
        return
    try:
        found = mirror.raw.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise explained(error, mirror.path) from error
    if found != ("ok",):
        raise damaged(mirror.path)
    care.done(mirror, "checked", now)


def _ended_badly(mirror: Mirror) -> bool:
    return mirror.raw.execute("SELECT 1 FROM runs WHERE result = 'running'").fetchone() is not None


def _has_log(path: Path) -> bool:
    return path.with_name(f"{path.name}-wal").exists()
