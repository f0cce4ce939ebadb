"""Whether the file can be trusted: what its first bytes tell at every opening, and the whole of it where that is due.

A file that was cut off or overwritten must be found out before anything is written to a service by it. To read all of
a large one takes long, and every backup does so: one that proved whole tells it of the file that it was made from.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from syncd.mirror import care
from syncd.mirror.database import Mirror, damaged, explained, is_there
from syncd.model import Instant

EVERY = 7 * 86_400
"""Seconds after which the whole file is checked, where no backup proved it whole since."""
_CHECKED = "checked"

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
    """Check the whole file where it is due.

    After a run that did not end by itself, where this is not the file that was checked last (it was copied, or put
    back), and where neither this nor a backup has found it whole for long.

    Raises:
        FatalError: It is damaged.
    """
    if not _is_due(mirror, now):
        return
    try:
        found = mirror.raw.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise explained(error, mirror.path) from error
    if found != ("ok",):
        raise damaged(mirror.path)
    found_whole(mirror, now)


def found_whole(mirror: Mirror, now: Instant) -> None:
    """Note that the whole file was read, and nothing was wrong with it."""
    care.done(mirror, _CHECKED, now, _identity(mirror.path))


def doubt(mirror: Mirror) -> None:
    """Let the next run check the whole file before it does anything."""
    care.forget(mirror, _CHECKED)


def _is_due(mirror: Mirror, now: Instant) -> bool:
    return (
        care.due(care.when(mirror, _CHECKED), EVERY, now)
        or care.note(mirror, _CHECKED) != _identity(mirror.path)
        or _ended_badly(mirror)
    )


def _identity(path: Path) -> str:
    """Return what tells a file from a copy of it."""
    status = path.stat()
    return f"{status.st_dev} {status.st_ino}"


def _ended_badly(mirror: Mirror) -> bool:
    return mirror.raw.execute("SELECT 1 FROM runs WHERE result = 'running'").fetchone() is not None


def _has_log(path: Path) -> bool:
    return path.with_name(f"{path.name}-wal").exists()
