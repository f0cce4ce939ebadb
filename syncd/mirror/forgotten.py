"""Who is forgotten: keyed hashes that stop a re-import and tell nobody's name.

The key lies beside the database (`NAME.key`, mode 0600), is made when somebody is first forgotten and is never in the
database itself: a copy of the one tells nothing without the other. The table holds a hash of a fixed text as well, so
that a key that is lost or another one is noticed at the start, and not by people who come back.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from syncd.errors import FatalError
from syncd.mirror.database import Mirror
from syncd.model import Instant, identity

_CHECK = "check"
_KEY_BYTES = 32


class Whom(msgspec.Struct, frozen=True):
    """A person, by all names that are known of them.

    Attributes:
        customers: Pairs of a store and a customer's id there.
        addresses: Identities of addresses.
    """

    customers: frozenset[tuple[str, int]] = frozenset()
    addresses: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether there is any name."""
        return bool(self.customers or self.addresses)


def whom_sought(address: str | None, customer_id: int | None, stores: Iterable[str]) -> Whom:
    """Return a person by just the name that was asked for: an address, or an id in any of these stores."""
    customers = frozenset((store, customer_id) for store in stores) if customer_id is not None else frozenset()
    return Whom(customers, frozenset({address}) if address else frozenset())


class Guard:
    """Tells whether a name is that of somebody forgotten."""

    def __init__(self, key: bytes, persons: dict[str, str]) -> None:
        """Know the key, and the person of each hash."""
        self._key = key
        self._persons = persons

    def customer(self, store: str, customer_id: int) -> str | None:
        """Return the person whose customer record that is; None for anybody else."""
        return self._persons.get(self.of_customer(store, customer_id))

    def address(self, email: str | None) -> str | None:
        """Return the person whose address that is; None for anybody else."""
        key = identity(email)
        return self._persons.get(self.of_address(key)) if key else None

    def record(self, owner: str, key: Any) -> str | None:
        """Return the person whose customer's or contact's record has this key; None for anybody else."""
        return self._persons.get(self.of_record(owner, key))

    def persons(self, whom: Whom) -> set[str]:
        """Return the forgotten persons who bear any of these names."""
        return {self._persons[name] for name in self._names(whom) if name in self._persons}

    def rows(self, whom: Whom) -> Iterator[tuple[str, str]]:
        """Yield what is to be kept of a person: each name's hash, with one that they share."""
        names = sorted(self._names(whom))
        shared = min(self.persons(whom), default=names[0] if names else "")
        yield self.hash(_CHECK), ""
        yield from ((name, shared) for name in names)

    def of_customer(self, store: str, customer_id: int) -> str:
        """Return the hash of a customer's id."""
        return self.hash("customer", store, str(customer_id))

    def of_address(self, address: str) -> str:
        """Return the hash of an address's identity."""
        return self.hash("address", address)

    def of_record(self, owner: str, key: Any) -> str:
        """Return the hash of a record's key: a customer's id, or a contact's address."""
        return self.of_address(key) if isinstance(key, str) else self.of_customer(owner, key)

    def hash(self, *words: str) -> str:
        """Return 32 hex digits that nobody finds out without the key."""
        return blake2b("\0".join(words).encode(), key=self._key, digest_size=16).hexdigest()

    @property
    def fits(self) -> bool:
        """Whether the key is the one that the hashes were made with."""
        return self.hash(_CHECK) in self._persons

    def _names(self, whom: Whom) -> Iterator[str]:
        yield from (self.of_customer(*customer) for customer in whom.customers)
        yield from (self.of_address(address) for address in whom.addresses)


def key_file(database: Path) -> Path:
    """Return where the key of a database lies."""
    return database.with_name(f"{database.name}.key")


def guard(mirror: Mirror, database: Path | None = None) -> Guard | None:
    """Return what tells who is forgotten; None where nobody is.

    The key is that of `database` where the mirror's file does not stand in its place yet.

    Raises:
        FatalError: Somebody is, and the key is lost or another one.
    """
    persons = dict(mirror.raw.execute("SELECT hash, person FROM forgotten"))
    if not persons:
        return None
    found = Guard(_read_key(database or mirror.path), persons)
    if not found.fits:
        raise _lost(database or mirror.path, "is not the one that was used")
    return found


def known(mirror: Mirror, whom: Whom) -> set[str]:
    """Return the forgotten persons who bear any of these names.

    Raises:
        FatalError: Somebody is forgotten, and the key is lost or another one.
    """
    found = guard(mirror)
    return found.persons(whom) if found else set()


def remember_hashes(mirror: Mirror, people: Iterable[Whom]) -> None:
    """Keep the hashes of people's names. Belongs into the transaction that erases them.

    Raises:
        FatalError: The key is lost, or cannot be written.
    """
    keeper = guard(mirror) or Guard(_made_key(mirror.path), {})
    for whom in people:
        mirror.raw.executemany("INSERT OR IGNORE INTO forgotten (hash, person) VALUES (?, ?)", keeper.rows(whom))


def leave_out(mirror: Mirror, guard: Guard, place: tuple[str, str], person: str, row: tuple[Any, Instant]) -> None:
    """Count a forgotten person's record as left out. Belongs into a transaction of the caller's.

    `place` is its owner and the feed, `row` its key and its time of change.
    """
    key, changed = row
    mirror.raw.execute(
        "INSERT OR REPLACE INTO skipped (owner, feed, hash, person, changed) VALUES (?, ?, ?, ?, ?)",
        (*place, guard.of_record(place[0], key), person, changed),
    )


def add_customer(mirror: Mirror, guard: Guard, person: str, store: str, customer_id: int) -> None:
    """Know a forgotten person by one more customer's record. Belongs into a transaction of the caller's."""
    insert = "INSERT OR IGNORE INTO forgotten (hash, person) VALUES (?, ?)"
    mirror.raw.execute(insert, (guard.of_customer(store, customer_id), person))


def let_in(mirror: Mirror, whom: Whom | None) -> int:
    """Let a person in again, or everybody with None, and have every feed read anew; return how many people that are."""
    persons = _everybody(mirror) if whom is None else known(mirror, whom)
    if not persons:
        return 0
    with mirror.transaction():
        for person in persons:
            mirror.raw.execute("DELETE FROM forgotten WHERE person = ?", (person,))
            mirror.raw.execute("DELETE FROM skipped WHERE person = ?", (person,))
        if not _everybody(mirror):
            mirror.raw.execute("DELETE FROM forgotten")
        mirror.raw.execute("UPDATE cursors SET at = NULL, complete = 0 WHERE feed != 'products'")
        mirror.raw.execute("DELETE FROM exclusion_lists")  # theirs was erased: the list is to be read again
    return len(persons)


def _everybody(mirror: Mirror) -> set[str]:
    return {person for (person,) in mirror.raw.execute("SELECT DISTINCT person FROM forgotten WHERE person != ''")}


def _read_key(database: Path) -> bytes:
    try:
        key = bytes.fromhex(key_file(database).read_text(encoding="ascii"))
    except FileNotFoundError:
        raise _lost(database, "is gone") from None
    except (OSError, ValueError) as error:
        raise _lost(database, "cannot be read") from error
    if len(key) != _KEY_BYTES:
        raise _lost(database, "is damaged")
    return key


def _made_key(database: Path) -> bytes:
    """Return the key, made whole and on the disk before anything rests on it."""
    with suppress(FatalError):
        return _read_key(database)
    path, part = key_file(database), key_file(database).with_suffix(".key.part")
    key = os.urandom(_KEY_BYTES)
    try:
        part.unlink(missing_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(key.hex())
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise FatalError(
            f"the key {path} cannot be written: {(error.strerror or 'unknown').lower()}; nobody was forgotten",
            hint="check who owns the folder of the database",
        ) from error
    return key


def _lost(database: Path, what: str) -> FatalError:
    return FatalError(
        f"the key {key_file(database)} {what}: without it, people who were forgotten would come back",
        hint="put the key back from where you keep copies of it; if it is lost for good, give up the hashes with: "
        "syncd remember --all",
    )
