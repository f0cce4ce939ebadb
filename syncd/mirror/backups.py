"""Copies of the mirror: made while it is in use, whole, checked, and few.

They lie in a folder `backups` beside the database, under its name with the hour (UTC), and hold personal data as it
does: mode 0600, and `copies` lists every file that an erasure has to go through.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from syncd.errors import FatalError
from syncd.mirror.cache import cache_of
from syncd.mirror.database import Mirror, make_private
from syncd.model import Instant

FOLDER = "backups"
_PAGES = 1024
"""Pages copied between two moments at which the process can be stopped."""
_CACHE = 2_048
"""KiB of the file in memory meanwhile: every page is read once."""
_NAME = re.compile(r"(?P<of>.+)\.(?P<at>\d{8}T\d{6}Z)(?P<why>\.before-\d+)?\.(?P<kind>bak|replaced)")
_HOUR = "%Y%m%dT%H%M%SZ"


class DamagedError(FatalError):
    """A copy is damaged, for what it was made from is."""


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """A copy of the mirror.

    Attributes:
        made_at: When it was made, by its name or else by its file; UTC seconds.
        why: `before-0006` where a migration made it; empty else.
        size: In bytes.
    """

    path: Path
    made_at: Instant
    why: str
    size: int


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    """What a copy of the mirror holds.

    Attributes:
        step: Its tables' migration step.
        run: Its newest run; None where it has none.
        run_at: When that began, in UTC seconds.
        stores: The names of the stores in it.
    """

    step: str
    run: int | None
    run_at: Instant | None
    stores: tuple[str, ...]


def home(database: Path) -> Path:
    """Return the folder of a database's backups."""
    return database.parent / FOLDER


def named(database: Path, at: Instant, suffix: str) -> Path:
    """Return where a copy that is made at an instant lies; `suffix` is `bak`, `before-0006.bak` or `replaced`."""
    return home(database) / f"{database.name}.{datetime.fromtimestamp(at, UTC):{_HOUR}}.{suffix}"


def listed(database: Path) -> list[Backup]:
    """Return the backups that syncd made of a database, newest first."""
    return sorted(_of_kind(database, "bak"), key=lambda it: (it.made_at, it.path.name), reverse=True)


def copies(database: Path) -> list[Path]:
    """Return every file that holds what the database held once; an erasure goes through all of them.

    Backups, what a restore replaced, and what a copy that was cut short left behind. Not those that `syncd backup --to`
    put elsewhere: nobody knows where they are by now.
    """
    beside = [*home(database).glob(f"{database.name}.*"), *database.parent.glob(f"{database.name}.restoring*")]
    return sorted(path for path in beside if path.is_file())


def make(mirror: Mirror, at: Instant, to: Path | None = None, *, why: str = "") -> Path:
    """Copy the mirror, in use as it may be, and put the copy in its place once it proved whole.

    Args:
        mirror: What to copy.
        at: The hour of which the name tells.
        to: A file, or a folder that is there; None for the folder of backups.
        why: Put into the name.

    Raises:
        DamagedError: The copy is damaged, as the mirror is.
        FatalError: The place cannot be written, or the disk is full.
    """
    place = _place(mirror.path, at, to, f"{why}.bak" if why else "bak")
    part = place.with_name(f"{place.name}.{os.getpid()}.part")
    try:
        copy(mirror.raw, part)
        part.replace(place)
        settle(place.parent)
    except (OSError, sqlite3.Error) as error:
        raise _unwritten(error, place) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return place


def copy(source: sqlite3.Connection, to: Path) -> None:
    """Write one state of a database into a file of its own, private and whole, and see it onto the disk.

    Raises:
        DamagedError: What was written is damaged, as its source is.
    """
    to.unlink(missing_ok=True)
    make_private(to)
    with closing(sqlite3.connect(to, isolation_level=None)) as target:
        with cache_of(source, _CACHE), _one_state(source):
            source.backup(target, pages=_PAGES)
        target.execute("PRAGMA journal_mode = DELETE")
        found = target.execute("PRAGMA integrity_check(1)").fetchone()
    if found != ("ok",):
        raise DamagedError("the copy is damaged, for the database is", hint="go back to a backup with: syncd restore")
    with to.open("rb") as written:
        os.fsync(written.fileno())


def contents(path: Path) -> Contents:
    """Look into a copy from end to end and say what it holds.

    Raises:
        FatalError: It cannot be read, is damaged, or is no mirror.
    """
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as raw:
            whole = raw.execute("PRAGMA integrity_check(1)").fetchone()
            if whole != ("ok",):
                raise FatalError(f"the backup {path} is damaged", hint="take another one: syncd restore --list")
            step = raw.execute("SELECT version_num FROM alembic_version").fetchone()
            run = raw.execute("SELECT run, started_at FROM runs ORDER BY run DESC LIMIT 1").fetchone()
            stores = tuple(name for (name,) in raw.execute("SELECT store FROM stores ORDER BY store"))
    except sqlite3.Error as error:
        raise FatalError(
            f"{path} is no whole backup of syncd's", hint="take another one: syncd restore --list"
        ) from error
    return Contents(
        step=str(step[0]) if step else "", run=run[0] if run else None, run_at=run[1] if run else None, stores=stores
    )


def described(path: Path) -> Backup:
    """Return what a file's name and date tell of the copy in it.

    Raises:
        FatalError: There is no such file.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise FatalError(f"there is no backup {path}", hint="see which there are: syncd restore --list") from error
    match = _NAME.fullmatch(path.name)
    made_at = int(status.st_mtime)
    if match is not None:
        made_at = int(datetime.strptime(match["at"], _HOUR).replace(tzinfo=UTC).timestamp())
    why = (match["why"] or "").strip(".") if match else ""
    return Backup(path=path, made_at=made_at, why=why, size=status.st_size)


def prune(database: Path, keep: int) -> list[Path]:
    """Delete all but the newest `keep` backups, and of the files that restores replaced; return what is gone."""
    gone = []
    for kind in ("bak", "replaced"):
        found = sorted(_of_kind(database, kind), key=lambda it: (it.made_at, it.path.name), reverse=True)
        gone += [it.path for it in found[keep:]]
    stale = [path for path in home(database).glob(f"{database.name}.*.part") if not at_work(path)]
    for path in [*gone, *stale]:
        path.unlink(missing_ok=True)
    return gone


def settle(folder: Path) -> None:
    """See a folder's names onto the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _of_kind(database: Path, kind: str) -> Iterator[Backup]:
    for path in home(database).glob(f"{database.name}.*.{kind}"):
        match = _NAME.fullmatch(path.name)
        if match is not None and match["of"] == database.name:
            yield described(path)


def _place(database: Path, at: Instant, to: Path | None, suffix: str) -> Path:
    if to is not None and not to.is_dir():
        return to
    folder = to or home(database)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise _unwritten(error, folder) from error
    return folder / named(database, at, suffix).name


def _unwritten(error: OSError | sqlite3.Error, place: Path) -> FatalError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return FatalError(
        f"the backup {place} cannot be written: {reason.lower()}", hint="check the folder, who owns it and its disk"
    )


def at_work(part: Path) -> bool:
    """Whether the process that writes a part is still there."""
    number = part.name.split(".")[-2]
    return number.isdecimal() and Path(f"/proc/{number}").exists()


@contextmanager
def _one_state(source: sqlite3.Connection) -> Iterator[None]:
    """Hold one state of the source while it is copied: what another process commits meanwhile starts nothing anew."""
    if source.in_transaction:
        yield
        return
    source.execute("BEGIN")
    source.execute("SELECT count(*) FROM sqlite_master").fetchone()
    try:
        yield
    finally:
        source.execute("ROLLBACK")
