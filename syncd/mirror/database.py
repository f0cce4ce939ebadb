"""The file itself: opening, pragmas, one writer, backup.

One connection a process. Bulk work runs prepared statements on the driver's own connection (`raw`), everything else
goes through SQLAlchemy on the same one, so that both stand in the same transaction. SQLAlchemy takes longer to load
than most commands run, so that it is not loaded before something asks for it.
"""

from __future__ import annotations

import errno
import os
import pwd
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from syncd.errors import FatalError, MirrorError, RetriableError, SyncdError

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "foreign_keys = ON",
    "cache_size = -65536",
    "secure_delete = ON",
    "recursive_triggers = ON",  # else what a REPLACE takes away fires none
)
_NOT_OURS = frozenset({errno.EACCES, errno.EPERM, errno.EISDIR, errno.EROFS})
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
_COMPANIONS = ("-wal", "-shm", ".lock", ".key", ".daemon")
BUSY_SECONDS = 30
"""How long a statement waits for another process that holds the file."""
EACH = 1_000_000
"""Instructions of SQLite's machine, some hundredths of a second, after which a statement lets Python look up."""
OLDEST_SQLITE = (3, 35)
"""The first version that knows `RETURNING` and `MATERIALIZED`."""


class Mirror:
    """The mirror, open for reading and writing by this process.

    Attributes:
        path: The file.
        raw: The driver's connection, for bulk statements.
    """

    def __init__(self, path: Path, raw: sqlite3.Connection) -> None:
        """Wrap an open connection; use `open_mirror`."""
        self.path = path
        self.raw = raw

    @cached_property
    def connection(self) -> Connection:
        """SQLAlchemy's connection over the driver's; outside `transaction` each statement stands alone.

        It ends no transaction that is open when it is first asked for: it neither rolls back, as it would at its first
        look at a new connection, nor sets the driver's isolation level, which would commit.
        """
        from sqlalchemy import create_engine  # noqa: PLC0415  # 0.2 s
        from sqlalchemy.pool import StaticPool  # noqa: PLC0415

        own = {"creator": lambda: self.raw, "poolclass": StaticPool, "skip_autocommit_rollback": True}
        return create_engine("sqlite://", **own).connect()

    @contextmanager
    def durable(self) -> Iterator[None]:
        """Do as `transaction` does, and return only once everything until now would outlast a power cut.

        For what must be known before something irrevocable is done. Other commits outlast a kill of the process, and
        reach the disk a little later.

        Raises:
            FatalError: The file cannot be written; the message says why.
        """
        self._execute("PRAGMA synchronous = FULL")
        try:
            with self.transaction():
                yield
        finally:
            self._execute("PRAGMA synchronous = NORMAL")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Take the writer's place, commit at the end, undo everything on an error. Does not nest.

        Raises:
            FatalError: The file cannot be written; the message says why.
        """
        self._execute("BEGIN IMMEDIATE")
        try:
            yield
            self._execute("COMMIT")
        except BaseException as error:
            if self.raw.in_transaction:
                self.raw.execute("ROLLBACK")
            raise explained(error, self.path) from error

    def write(self, statement: str, values: tuple[object, ...]) -> int:
        """Carry out one statement, by itself or in the transaction that is open; return how many rows it concerned.

        Raises:
            FatalError: The file cannot be written; the message says why.
        """
        with explaining(self.path):
            return self.raw.execute(statement, values).rowcount

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Hold one state of the file while several things are read, whatever another process writes meanwhile.

        Within another snapshot, that one's state is held on.
        """
        if self.raw.in_transaction:
            yield
            return
        self._execute("BEGIN")
        try:
            yield
        finally:
            self._execute("ROLLBACK")

    def _execute(self, statement: str) -> None:
        with explaining(self.path):
            self.raw.execute(statement)

    def close(self) -> None:
        """Close the file; the write-ahead log is folded in by the last to leave."""
        if "connection" in self.__dict__:
            self.connection.close()
            self.connection.engine.dispose()
        self.raw.close()


def connect(path: Path) -> Mirror:
    """Open the file (made if missing, mode 0600) as it is, without bringing its tables up to date.

    Raises:
        FatalError: It cannot be opened or written, belongs to another user, or is no database; or SQLite is too old.
    """
    _refuse_old_sqlite()
    try:
        refuse_anothers(path)
        make_private(path)
        raw = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            for pragma in _PRAGMAS:
                raw.execute(f"PRAGMA {pragma}")
            _refuse_read_only(raw)
            raw.set_progress_handler(_look_up, EACH)
        except BaseException:
            raw.close()
            raise
    except Exception as error:
        raise explained(error, path) from error
    return Mirror(path, raw)


def _look_up() -> None:
    """Let Python hear signals while a long statement is at work: what one raises here cuts the statement off."""


def is_there(path: Path) -> bool:
    """Whether there is a file.

    Raises:
        FatalError: It is in a folder that only another user can look into.
    """
    try:
        return path.exists()
    except PermissionError as error:
        raise _of_another(path, _owner(path.parent)) from error


def refuse_anothers(path: Path) -> None:
    """Refuse files of another user's: as root, SQLite could write them, and leave files that the owner then cannot.

    Raises:
        FatalError: The database, its log, its lock or its key is somebody else's; the message says how to go on.
    """
    me = os.geteuid()
    owner = _owner(path)
    if owner not in {None, me}:
        raise _of_another(path, owner)
    for end in _COMPANIONS:
        beside = path.with_name(path.name + end)
        if _owner(beside) not in {None, me}:
            raise FatalError(
                f"{beside} belongs to {_named(_owner(beside))}, and the database to {_named(me)}",
                hint=f"somebody else ran syncd there; give it back: sudo chown {_named(me)} {beside}",
            )


def _of_another(path: Path, owner: int | None) -> FatalError:
    return FatalError(
        f"the database {path} belongs to {_named(owner)}, and this is {_named(os.geteuid())}",
        hint="start its daemon, which runs commands for its group, or run it as its owner: "
        f"sudo -u {_named(owner)} syncd …",
    )


def _owner(path: Path) -> int | None:
    try:
        return path.stat().st_uid
    except OSError:
        return None


def _named(user: int | None) -> str:
    """Return a user's name, or the number where the machine knows no name for it."""
    try:
        return pwd.getpwuid(user or 0).pw_name
    except KeyError:
        return str(user)


def make_private(path: Path) -> None:
    """Make the file with mode 0600 before anything is written, and mend the mode of one that is there.

    Raises:
        FatalError: Its folder does not exist.
    """
    if not path.parent.is_dir():
        raise FatalError(
            f"the folder of the database does not exist: {path.parent}",
            hint=f"make it (mkdir -p {path.parent}) or set [syncd] database to another place",
        )
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.fstat(handle).st_mode & 0o077:
            os.fchmod(handle, 0o600)
    finally:
        os.close(handle)


def _refuse_old_sqlite() -> None:
    """Say so at once: a Python that is new enough may come with a SQLite that fails in the middle of a cycle."""
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        needed = ".".join(map(str, OLDEST_SQLITE))
        raise FatalError(
            f"this Python comes with SQLite {sqlite3.sqlite_version}, and syncd needs {needed} or newer",
            hint="install it with another Python: make install PYTHON=/path/to/python3",
        )


def _refuse_read_only(raw: sqlite3.Connection) -> None:
    """Find out at once, not after an hour of pulling, that the file cannot be written."""
    raw.execute("BEGIN IMMEDIATE")
    raw.execute("ROLLBACK")


@contextmanager
def explaining(path: Path) -> Iterator[None]:
    """Let no error of the file out but in words.

    Raises:
        FatalError: The file cannot be read or written.
        KeyboardInterrupt: A statement was cut off, for the process is to stop.
    """
    try:
        yield
    except Exception as error:
        if not of_the_file(error):
            raise
        raise explained(error, path) from error


def of_the_file(error: BaseException) -> bool:
    """Whether an error is one of the file, not yet in words; SQLAlchemy's own hold the driver's as `orig`."""
    return isinstance(error, sqlite3.Error) or isinstance(getattr(error, "orig", None), sqlite3.Error)


def explained(error: BaseException, path: Path) -> BaseException:
    """Say what happened to the file in words, with what to do; errors of any other kind pass as they are.

    That a statement was cut off is none: the process is to stop, and SQLite has lost what the signal raised.
    """
    cause = error.__cause__ if isinstance(error.__cause__, sqlite3.Error) else error
    text = str(cause).lower() if isinstance(cause, sqlite3.Error) else ""
    if text == "interrupted":
        return KeyboardInterrupt()
    return _in_words(text, cause.errno if isinstance(cause, OSError) else None, path) or error


def _in_words(text: str, number: int | None, path: Path) -> SyncdError | None:
    """Return the error that SQLite's words, or the system's number, tell of; None where neither tells of the file."""
    if number in _NOT_OURS or "readonly" in text or "unable to open" in text:
        return MirrorError(
            f"the database {path} cannot be written",
            hint="check who owns the file and its folder, or set [syncd] database to another place",
        )
    if "not a database" in text or "malformed" in text:
        return damaged(path)
    if number in _NO_SPACE or "is full" in text or "disk i/o" in text:
        return MirrorError(f"the disk of the database {path} is full or failing", hint="free some space and run again")
    if "no such index" in text:
        return RetriableError(
            f"the database {path} is being filled for the first time, and this question needs all of it",
            hint="ask again when that is done (syncd status); if no syncd is at work, go on with: syncd sync",
        )
    if "locked" in text:
        return FatalError(
            f"the database {path} is locked by another program",
            hint="another syncd may be at work (syncd status), or a database browser holds it open",
        )
    return None


def damaged(path: Path) -> MirrorError:
    """Return the error for a database that cannot be trusted any more, with the ways back."""
    return MirrorError(
        f"the database {path} is damaged",
        hint="go back to the newest backup with: syncd restore. Where there is none, move the file away with its -wal "
        "and -shm files and start anew: the next sync pulls everything again",
    )
