"""Going back to a backup, so that a crash at any moment leaves either the old database or the new one.

What happened since the backup was made is not in it, but it happened at the services all the same. So what it brings
back is made fit to meet them (docs/adr/0010): everything is read anew, nothing that was approved back then goes out
by itself, and which labels are ours is taken from the database that is replaced, as far as that can be read.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from syncd.errors import FatalError
from syncd.mirror import backups, care, touched
from syncd.mirror.backups import Backup, Contents
from syncd.mirror.database import Mirror, connect, explained
from syncd.mirror.erasing import erase_forgotten
from syncd.mirror.opening import HEAD, migrate
from syncd.model import Instant

_LOGS = ("-wal", "-shm")
_CARRIED = (
    "labels",
    "ledger",
    "refusals",
    "pushes",
    "undone",
    "turned_away",
    "consent_changes",
    "consent_flips",
    "forgotten",
)
"""Tables that do not go back: what was done at the services, and whom people said no to, stays done and said."""


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What a restore did.

    Attributes:
        kept: Where the replaced database lies now; None where there was none.
        labels_known: Whether the replaced database still told which labels are ours. Where it did not, those that
            were written since the backup count as somebody else's.
    """

    backup: Backup
    contents: Contents
    kept: Path | None
    labels_known: bool


def restore(database: Path, backup: Backup, now: Instant) -> Restored:
    """Put a backup in the place of a database. Nobody else may have it open; the caller holds the lock of runs.

    Raises:
        FatalError: The backup is damaged or of a newer syncd, somebody has the database open, or the disk is full;
            the database is then as it was.
    """
    found = backups.contents(backup.path)
    if found.step > HEAD:
        raise FatalError(
            f"the backup {backup.path} was made by a newer syncd (its tables are at {found.step}, ours at {HEAD})",
            hint="install the newer syncd again, or take an older backup: syncd restore --list",
        )
    fresh = database.with_name(f"{database.name}.restoring")
    try:
        _remove(fresh)
        _close_for_good(database)
        labels_known = _prepare(fresh, backup, database, now)
        kept = _swap(database, fresh, now)
    except (OSError, sqlite3.Error) as error:
        raise explained(error, database) from error
    finally:
        with suppress(OSError):
            _remove(fresh)
    return Restored(backup=backup, contents=found, kept=kept, labels_known=labels_known)


def _prepare(fresh: Path, backup: Backup, database: Path, now: Instant) -> bool:
    """Make the file that is to be the database; say whether the present one told which labels are ours."""
    with closing(sqlite3.connect(f"{backup.path.absolute().as_uri()}?mode=ro", uri=True)) as source:
        backups.copy(source, fresh)
    mirror = connect(fresh)
    try:
        migrate(mirror)
        with mirror.transaction():
            _meet_the_world(mirror)
            labels_known = _take_over(mirror, database)
            touched.note_everything(mirror, _generation_of(database))
            erase_forgotten(mirror, database)
        care.done(mirror, "restored", now, backup.path.name)
        mirror.raw.execute("PRAGMA journal_mode = DELETE")
    finally:
        mirror.close()
    return labels_known


def _meet_the_world(mirror: Mirror) -> None:
    """Let everything be read anew, and nothing go out that was released before."""
    for statement in (
        "UPDATE cursors SET at = NULL, complete = 0",
        "DELETE FROM looks",
        "DELETE FROM care",
        "DELETE FROM released",
        "DELETE FROM skipped",
        "UPDATE holds SET approved_at = NULL",
        "UPDATE runs SET result = 'killed', ended_at = started_at WHERE result = 'running'",
    ):
        mirror.raw.execute(statement)


def _take_over(mirror: Mirror, database: Path) -> bool:
    """Carry over from the present database what must not go back; say whether it could be read."""
    if not database.exists():
        return True
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as old:
            for table in _CARRIED:
                _carry_over(mirror, old, table)
            _number_on(mirror, old)
    except sqlite3.Error:
        return False
    return True


def _generation_of(database: Path) -> int:
    """Return the generation of the present database; 0 where it cannot tell: then nothing of it was carried over."""
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as old:
            return int(old.execute("SELECT seq FROM generation").fetchone()[0])
    except (sqlite3.Error, TypeError):
        return 0


def _carry_over(mirror: Mirror, old: sqlite3.Connection, table: str) -> None:
    """Replace a table's rows, or leave them all as they are where the others cannot be read to their end."""
    there = {row[1] for row in old.execute(f"PRAGMA table_info({table})")}
    columns = [row[1] for row in mirror.raw.execute(f"PRAGMA table_info({table})") if row[1] in there]
    if not columns:
        return
    names = ", ".join(f'"{name}"' for name in columns)
    mirror.raw.execute("SAVEPOINT carried")
    try:
        mirror.raw.execute(f"DELETE FROM {table}")
        mirror.raw.executemany(
            f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' for _ in columns)})",
            old.execute(f"SELECT {names} FROM {table}"),
        )
    except sqlite3.Error:
        mirror.raw.execute("ROLLBACK TO carried")
        raise
    finally:
        mirror.raw.execute("RELEASE carried")


def _number_on(mirror: Mirror, old: sqlite3.Connection) -> None:
    """Let no run get the number of one that the replaced database had: logs and people know it by that."""
    newest = old.execute("SELECT max(run) FROM runs").fetchone()[0] or 0
    mirror.raw.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'runs'", (newest,))


def _close_for_good(database: Path) -> None:
    """Fold the write-ahead log into the database, which only works while nobody else has it open.

    A log that stays beside the file that takes its place would be played into that. What is damaged is left as it is.
    """
    if not database.exists():
        return
    try:
        with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as raw:
            raw.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise
    except sqlite3.DatabaseError:
        return


def _swap(database: Path, fresh: Path, now: Instant) -> Path | None:
    """Keep the present file aside and put the new one in its place, by one rename that holds or does not."""
    kept = None
    if database.exists():
        kept = backups.named(database, now, "replaced")
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        kept.unlink(missing_ok=True)
        os.link(database, kept)
    for log in _LOGS:
        left = database.with_name(database.name + log)
        if left.exists():
            left.replace((kept or fresh).with_name((kept or fresh).name + log))
    backups.settle(database.parent)
    fresh.replace(database)
    backups.settle(database.parent)
    return kept


def _remove(path: Path) -> None:
    for end in ("", *_LOGS, "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)
