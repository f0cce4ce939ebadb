"""Erasing people, so that no byte of them is left: from the tables, from the file's free space, from every copy.

The copies come first and the database last, so that an erasure that is cut short still finds whom it is about. Rows
that others count on (orders) stay, without what leads to the person. SQLite overwrites what it deletes (secure_delete),
but a page that was split once may keep an old copy of a row in its gap: so the file is rebuilt, always when somebody
asked for it, else where such a copy is found.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec

from syncd.errors import FatalError, RetriableError
from syncd.mirror import backups, touched
from syncd.mirror.beginnings import uncount
from syncd.mirror.database import Mirror, explained
from syncd.mirror.forgotten import Whom, guard, leave_out, remember_hashes
from syncd.mirror.shapes import FEEDS
from syncd.mirror.tables.persons import PERSONS, About, Hanging

_UNCLEAN = ("", "unclean")
"""The memo that stands while rows are deleted and the file may still hold copies of them."""
_SET_UNCLEAN = "INSERT OR REPLACE INTO memos (owner, key, value) VALUES (?, ?, '1')"
_CHUNK = 1 << 22
_SHORTEST = 4
"""A mark of fewer bytes is found everywhere and tells nothing."""
_MOST_MARKS = 200
_AT_ONCE = 400
"""Names in one statement."""
_COMPANIONS = ("-journal", "-wal", "-shm")
"""Files that SQLite keeps beside a database, and clears up itself once it opens that."""


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure is to do.

    Attributes:
        whom: The people, each by all names known.
        forgotten: Whether hashes are kept that stop a re-import.
        shown: Whether that goes as well which services still show of their addresses.
        marks: More texts that only they have, to be looked for in the files.
        thorough: Whether to rebuild the files without looking.
    """

    whom: tuple[Whom, ...]
    forgotten: bool = True
    shown: bool = True
    marks: tuple[str, ...] = ()
    thorough: bool = False

    @property
    def everybody(self) -> Whom:
        """All their names together."""
        return Whom(
            frozenset[tuple[str, int]]().union(*(it.customers for it in self.whom)),
            frozenset[str]().union(*(it.addresses for it in self.whom)),
        )


def erase(mirror: Mirror, erasure: Erasure) -> dict[str, int]:
    """Erase people from the copies of the database and from itself, and return how many rows of each table that were.

    Cut short, it is to be done again; done again, it does no harm.

    Raises:
        FatalError: A copy cannot be read or written, or the key of the hashes is lost.
        RetriableError: Another program reads the database at this moment; only its free space is not clean yet.
    """
    done = _erase_in_copies(mirror.path, erasure)
    with mirror.transaction():
        if erasure.forgotten:
            remember_hashes(mirror, erasure.whom)
        _leave_out(mirror, erasure)
        erased = _erase_rows(mirror.raw, erasure)
        if erased:
            touched.note_kinds(mirror, "", [touched.ERASED])
        mirror.raw.execute(_SET_UNCLEAN, _UNCLEAN)
    _erase_in_copies(mirror.path, erasure, done)  # one that was made meanwhile
    clean(mirror, erasure)
    return erased


def erase_forgotten(mirror: Mirror, database: Path) -> None:
    """Erase who is forgotten from a copy that is to be the database again. Belongs into a transaction.

    Without the key nobody can be told; the next start says so then.
    """
    try:
        keeper = guard(mirror, database)
    except FatalError:
        return
    if keeper is None:
        return
    whom = Whom(
        frozenset(
            (store, id_)
            for store, id_, address in mirror.raw.execute("SELECT store, id, email_key FROM customers")
            if keeper.customer(store, id_) or keeper.address(address)
        ),
        frozenset(
            address
            for query in (
                "SELECT email_key FROM customers",
                "SELECT email_key FROM orders",
                "SELECT subject FROM contacts",
            )
            for (address,) in mirror.raw.execute(query)
            if keeper.address(address)
        ),
    )
    if whom and _erase_rows(mirror.raw, Erasure(whom=(whom,))):
        mirror.raw.execute(_SET_UNCLEAN, _UNCLEAN)


def clean(mirror: Mirror, erasure: Erasure) -> None:
    """Fold the write-ahead log in, and rebuild the file where it may still hold what was deleted.

    Raises:
        RetriableError: Another program reads the database at this moment.
    """
    try:
        _fold(mirror)
        if erasure.thorough or _holds(mirror.path, _marks(mirror.raw, erasure)):
            mirror.raw.execute("VACUUM")
        mirror.raw.execute("DELETE FROM memos WHERE owner = ? AND key = ?", _UNCLEAN)
        _fold(mirror)
    except sqlite3.Error as error:
        raise explained(error, mirror.path) from error


def unclean(mirror: Mirror) -> bool:
    """Whether an erasure was cut short before the file was clean."""
    query = "SELECT count(*) FROM memos WHERE owner = ? AND key = ?"
    return bool(mirror.raw.execute(query, _UNCLEAN).fetchone()[0])


def rows_of(table: str, whom: Whom, *, shown: bool = True) -> Iterator[tuple[str, list[Any]]]:
    """Yield conditions, each with its values, that together find a table's rows about a person."""
    about = PERSONS[table]
    if isinstance(about, Hanging):
        for condition, values in rows_of(about.parent, whom, shown=shown):
            here = ", ".join(key for key, _ in about.keys)
            there = ", ".join(key for _, key in about.keys)
            extra = f" AND {about.where}" if about.where else ""
            yield f"({here}) IN (SELECT {there} FROM {about.parent} WHERE {condition}){extra}", values
        return
    for store, of_store in groupby(sorted(whom.customers), key=itemgetter(0)):
        ids = [id_ for _, id_ in of_store]
        for owner, key in about.customers:
            yield from _among(f"{owner} = ? AND {key}", [store], ids)
        if about.subjects:
            yield from _among(f"{about.subjects[0]} = ? AND {about.subjects[1]}", [store], [str(id_) for id_ in ids])
    if shown or not about.shown:
        for column in sorted({*about.addresses, *([about.subjects[1]] if about.subjects else [])}):
            yield from _among(column, [], sorted(whom.addresses))


def _among(those: str, values: list[Any], names: Sequence[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Yield conditions for some names, many at once: not every column that names people has an index."""
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        yield f"{those} IN ({', '.join('?' * len(some))})", [*values, *some]


def _leave_out(mirror: Mirror, erasure: Erasure) -> None:
    """Count what is about to be erased and not let in again as left out: the services go on counting it (law 4)."""
    keeper = guard(mirror)
    for feed, shape in FEEDS.items() if keeper else ():
        if keeper is None or shape.personal is None or shape.personal.stripped is not None:
            continue
        columns = f"{shape.owner}, {shape.key}, {shape.changed}"
        for condition, values in rows_of(shape.table, erasure.everybody, shown=erasure.shown):
            query = f"SELECT {columns} FROM {shape.table} WHERE {condition}"
            for owner, key, changed in mirror.raw.execute(query, values).fetchall():
                person = keeper.record(owner, key)
                if person is not None:
                    leave_out(mirror, keeper, (owner, feed), person, (key, changed))


def _erase_rows(raw: sqlite3.Connection, erasure: Erasure) -> dict[str, int]:
    erased: dict[str, int] = {}
    there = dict(raw.execute("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"))
    if "masks" in there:
        for condition, values in rows_of("members", erasure.everybody):
            uncount(raw, condition, values)
    for table, about in PERSONS.items():
        if there.get(table) != "table" or (isinstance(about, Hanging) and about.parent not in there):
            continue
        act = _act(raw, table, about.blanks)
        for condition, values in rows_of(table, erasure.everybody, shown=erasure.shown):
            if _columns_there(raw, table, about):
                done = raw.execute(f"{act} WHERE {condition}", values).rowcount
                erased[table] = erased.get(table, 0) + done
    return {table: count for table, count in erased.items() if count}


def _act(raw: sqlite3.Connection, table: str, blanks: Collection[str]) -> str:
    """Return the statement that erases rows, up to its WHERE."""
    if not blanks:
        return f"DELETE FROM {table}"
    needed = {row[1]: row[3] for row in raw.execute(f"PRAGMA table_info({table})")}
    empty = {name: "0" if needed[name] else "NULL" for name in blanks if name in needed}
    return f"UPDATE {table} SET {', '.join(f'{name} = {value}' for name, value in empty.items())}"


def _columns_there(raw: sqlite3.Connection, table: str, about: About | Hanging) -> bool:
    """Whether a copy of an older version has the columns that name a person."""
    named: set[str] = set()
    if isinstance(about, About):
        named |= {name for pair in about.customers for name in pair} | set(about.addresses) | set(about.subjects or ())
    return named <= _columns(raw, table)


def _columns(raw: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in raw.execute(f"PRAGMA table_info({table})")}


def _erase_in_copies(database: Path, erasure: Erasure, done: Collection[Path] = ()) -> list[Path]:
    """Go through the copies but those that are done, and return them all. What one cut short left is deleted whole.

    Raises:
        RetriableError: A copy is being made at this moment.
    """
    found = [path for path in backups.copies(database) if path not in done]
    for path in found:
        if path.suffix == ".part":
            if backups.at_work(path):
                raise RetriableError(
                    "a backup is being made at this moment, and whom to erase would be in it",
                    hint="wait for it to end, and do the same again",
                )
            path.unlink(missing_ok=True)
        elif not path.name.endswith(_COMPANIONS):
            _erase_in_copy(path, erasure)
    return [*done, *found]


def _erase_in_copy(path: Path, erasure: Erasure) -> None:
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as raw:
            raw.execute("PRAGMA secure_delete = ON")
            here = erasure
            if erasure.thorough:
                here = msgspec.structs.replace(erasure, whom=tuple(_known_in(raw, it) for it in erasure.whom))
            raw.execute("BEGIN IMMEDIATE")
            erased = _erase_rows(raw, here)
            raw.execute("COMMIT")
            if erasure.thorough or erased or _holds(path, _marks(raw, here)):
                raw.execute("VACUUM")
    except sqlite3.Error as error:
        raise FatalError(
            f"the copy {path} cannot be gone through; nothing was erased in the database yet",
            hint="if it is of no use, delete it and do the same again",
        ) from error


def _known_in(raw: sqlite3.Connection, whom: Whom) -> Whom:
    """Return a person by all names that this file knows of them."""
    addresses = set(whom.addresses)
    for customer in whom.customers:
        query = "SELECT email_key FROM customers WHERE store = ? AND id = ? AND email_key NOT NULL"
        addresses |= {address for (address,) in raw.execute(query, customer)}
    customers = set(whom.customers)
    for address in addresses:
        customers |= set(raw.execute("SELECT store, id FROM customers WHERE email_key = ?", (address,)))
    return Whom(frozenset(customers), frozenset(addresses))


def _fold(mirror: Mirror) -> None:
    busy, *_ = mirror.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise RetriableError(
            f"another program reads {mirror.path}, so what was erased still lies in its log",
            hint="close it and do the same again; the next sync does it, too",
        )


def _marks(raw: sqlite3.Connection, erasure: Erasure) -> list[bytes] | None:
    """Return the bytes to look for; None where they are too many to be looked for one by one.

    An address that somebody still shows (a contact of an audience) is no mark.
    """
    marks = {text.encode() for text in erasure.marks}
    for whom in erasure.whom:
        for address in whom.addresses:
            if not _still_shown(raw, address):
                marks.add(address.encode())
        for _, customer_id in whom.customers:
            marks |= {str(customer_id).encode(), _as_stored(customer_id)}
    found = sorted(mark for mark in marks if len(mark) >= _SHORTEST)
    return found if len(found) <= _MOST_MARKS else None


def _still_shown(raw: sqlite3.Connection, address: str) -> bool:
    conditions = [
        f"SELECT 1 FROM {table} WHERE {column} = :address"
        for table, about in PERSONS.items()
        if isinstance(about, About) and about.shown
        for column in {*about.addresses, *([about.subjects[1]] if about.subjects else [])}
    ]
    found = raw.execute(f"SELECT EXISTS ({' UNION ALL '.join(conditions)})", {"address": address}).fetchone()
    return bool(found[0])


def _as_stored(number: int) -> bytes:
    """Return a whole number as a row holds it: big-endian, in the smallest of SQLite's sizes."""
    size = next(size for size in (1, 2, 3, 4, 6, 8) if -(1 << 8 * size - 1) <= number < 1 << 8 * size - 1)
    return number.to_bytes(size, "big", signed=True)


def _holds(path: Path, marks: Collection[bytes] | None) -> bool:
    """Whether any of the marks is anywhere in a file; without marks, it may be."""
    if marks is None:
        return True
    return any(mark in chunk for chunk in _chunks(path, max(map(len, marks), default=1)) for mark in marks)


def _chunks(path: Path, overlap: int) -> Iterable[bytes]:
    with path.open("rb") as file:
        tail = b""
        while chunk := file.read(_CHUNK):
            yield tail + chunk
            tail = chunk[-overlap:]
