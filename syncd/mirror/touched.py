"""Whose rows changed since somebody last looked: what an evaluation and a plan look at again.

Triggers (`syncd.mirror.touching`) note it with the number of the present *generation*. Who has looked at everything
ends the generation (`close`) in the transaction in which it keeps what it found, and keeps its number: what changes
from then on is newer. Who kept number N asks for what is newer than N.

What is asked for is put into temporary tables, which a join is to read first (`CROSS JOIN`). They have statistics of
their own: a table of which SQLite knows nothing counts as one of a million rows, and it would read the whole index of
the other side to build a filter for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from syncd.mirror.database import Mirror
from syncd.model import Kind

ERASED = "erased"
"""The kind that stands for people who were erased: nothing tells who they were, only that somebody is missing."""
EVERY_KIND = frozenset({*(kind.value for kind in Kind), "contacts", ERASED})
_MOST_NOTES = 50_000
"""So many notes are kept for who could not look for long; more, and they look at everybody."""
_FEW = 100
"""Rows that the temporary tables are said to have."""


def generation(mirror: Mirror) -> int:
    """Return the number of the present generation: whatever changes now belongs to it."""
    return int(mirror.raw.execute("SELECT seq FROM generation").fetchone()[0])


def close(mirror: Mirror) -> int:
    """End the present generation and return its number. Belongs into the transaction that keeps what was found."""
    mirror.raw.execute("UPDATE generation SET seq = seq + 1")
    return generation(mirror) - 1


def ask(mirror: Mirror, store: str, since: int, *, kin: bool) -> int:
    """Add to `temp.asked(customer_id)` the customers of a store that were touched after a generation.

    Deleted customers are among them: what they were counted for is to be looked at, too. The table is made where it
    is not there, and emptied by whoever uses it.

    Args:
        mirror: The mirror.
        store: The store.
        since: The last generation that was looked at.
        kin: Whether to add who shares an address with one of them, or has an address that was touched.

    Returns:
        How many customers are in the table now.
    """
    make_asked(mirror)
    _add(mirror, "asked", _CUSTOMERS, store, since)
    if kin:
        _add(mirror, "asked", _AT_ADDRESSES, store, since)
        ask_kin(mirror, store)
    return _size(mirror, "asked")


def ask_kin(mirror: Mirror, store: str) -> None:
    """Add to `temp.asked` whoever shares an address with somebody in it, in the same store."""
    _add(mirror, "asked", _KIN, store)


def make_asked(mirror: Mirror) -> None:
    """Make `temp.asked`, empty, unless it is there."""
    _make(mirror, "asked", "(customer_id INTEGER PRIMARY KEY)", "?")


def candidates_of_store(mirror: Mirror, store: str, since: int) -> int:
    """Add to `temp.candidates` the customers of a store, as text, of whom anything changed after a generation.

    Returns:
        How many subjects are in the table now.
    """
    make_candidates(mirror)
    _add(mirror, "candidates", _SUBJECTS, store, since)  # first: of two rows the one that may tell more stays
    _add(mirror, "candidates", _CUSTOMERS_AS_TEXT, store, since)
    return _size(mirror, "candidates")


def candidates_of_audience(mirror: Mirror, target: str, stores: Iterable[str], since: int) -> int:
    """Add to `temp.candidates` the addresses of which anything changed after a generation.

    At the audience, or at one of the stores: those whose members it gets and those whose word on consent counts.

    Returns:
        How many subjects are in the table now.
    """
    make_candidates(mirror)
    _add(mirror, "candidates", _SUBJECTS, target, since)
    names = list(stores)
    for query in (_ADDRESSES, _ADDRESSES_OF_CUSTOMERS):
        for store in names:
            _add(mirror, "candidates", query, store, since)
    return _size(mirror, "candidates")


def make_candidates(mirror: Mirror) -> None:
    """Make `temp.candidates(subject, apart)`, empty, unless it is there.

    `apart` are those of whom something changed at the target, or whom a record left: what is ours of theirs, or who
    wants it for them, may have changed without a trace in their labels or in who moved. It is -1, as a mask of all.
    """
    _make(mirror, "candidates", "(subject TEXT PRIMARY KEY, apart INTEGER NOT NULL) WITHOUT ROWID", "?, 0")


def kinds_touched(mirror: Mirror, owner: str, since: int) -> frozenset[str]:
    """Return the kinds of an owner of which more changed after a generation than the notes on single ones tell.

    Values of `Kind`, `contacts` or `ERASED`. `products` is there whenever a rule could see that one changed; any other
    after a first load, where a restored mirror met the world, and where the notes on single ones are gone.
    """
    if since < _pruned(mirror):
        return EVERY_KIND
    query = "SELECT kind FROM touched_kinds WHERE owner IN (?, '') AND seq > ?"
    return frozenset(kind for (kind,) in mirror.raw.execute(query, (owner, since)))


def note_kinds(mirror: Mirror, owner: str, kinds: Collection[str]) -> None:
    """Note that anything of these kinds may have changed; no owner means of every one. Belongs into a transaction."""
    mirror.raw.executemany(
        "INSERT OR IGNORE INTO touched_kinds SELECT ?, seq, ? FROM generation", ((owner, kind) for kind in kinds)
    )


def note_everything(mirror: Mirror, after: int = 0) -> None:
    """Let everybody look at everything again, in a generation newer than `after`. Belongs into a transaction.

    For a mirror in which numbers of another one's generations may stand: one that was restored.
    """
    mirror.raw.execute("UPDATE generation SET seq = max(seq, ?) + 1", (after,))
    note_kinds(mirror, "", EVERY_KIND)


def prune(mirror: Mirror, seen: Iterable[int | None]) -> None:
    """Forget what everybody has looked at, in a transaction.

    Whoever has not looked for so long that very many notes would have to be kept finds all kinds touched.

    Args:
        mirror: The mirror.
        seen: Up to which generation each segment and label has looked; None for who looks at everything next time.
    """
    ended = generation(mirror) - 1
    upto = min((it for it in seen if it is not None), default=ended)
    if upto < ended and mirror.raw.execute(_NOTES, (_MOST_NOTES + 1,)).fetchone()[0] > _MOST_NOTES:
        upto = ended
    if upto <= _pruned(mirror):
        return
    with mirror.transaction():
        mirror.raw.execute("UPDATE generation SET pruned = ?", (upto,))
        for what in ("customers", "addresses", "subjects", "kinds"):
            mirror.raw.execute(f"DELETE FROM touched_{what} WHERE seq <= ?", (upto,))


def _pruned(mirror: Mirror) -> int:
    return int(mirror.raw.execute("SELECT pruned FROM generation").fetchone()[0])


def _make(mirror: Mirror, name: str, columns: str, row: str) -> None:
    """Make a temporary table with statistics that say it is small."""
    if mirror.raw.execute("SELECT 1 FROM temp.sqlite_master WHERE name = ?", (name,)).fetchone():
        return
    mirror.raw.execute(f"CREATE TEMP TABLE {name} {columns}")
    mirror.raw.executemany(f"INSERT INTO temp.{name} VALUES ({row})", ((number,) for number in range(_FEW)))
    mirror.raw.execute(f"ANALYZE temp.{name}")
    mirror.raw.execute(f"DELETE FROM temp.{name}")


def _add(mirror: Mirror, table: str, query: str, *values: str | int) -> None:
    mirror.raw.execute(f"INSERT OR IGNORE INTO temp.{table} {query}", values)


def _size(mirror: Mirror, table: str) -> int:
    return int(mirror.raw.execute(f"SELECT count(*) FROM temp.{table}").fetchone()[0])


_NEWER = "WHERE t.store = ? AND t.seq > ?"
_CUSTOMERS = f"SELECT t.customer_id FROM touched_customers AS t {_NEWER}"
_CUSTOMERS_AS_TEXT = f"SELECT CAST(t.customer_id AS TEXT), 0 FROM touched_customers AS t {_NEWER}"
_ADDRESSES = f"SELECT t.address, -1 FROM touched_addresses AS t {_NEWER}"
_ADDRESSES_OF_CUSTOMERS = (
    "SELECT c.email_key, 0 FROM touched_customers AS t CROSS JOIN customers AS c ON c.store = t.store "
    f"AND c.id = t.customer_id {_NEWER} AND c.email_key NOT NULL"
)
_SUBJECTS = "SELECT t.subject, -1 FROM touched_subjects AS t WHERE t.target = ? AND t.seq > ?"
_AT_ADDRESSES = (
    "SELECT c.id FROM touched_addresses AS t CROSS JOIN customers AS c INDEXED BY customers_email "
    f"ON c.email_key = t.address AND c.store = t.store {_NEWER}"
)
_KIN = (
    "SELECT mate.id FROM temp.asked AS a CROSS JOIN customers AS c ON c.store = ?1 AND c.id = a.customer_id "
    "CROSS JOIN customers AS mate INDEXED BY customers_email ON mate.email_key = c.email_key AND mate.store = ?1"
)
_NOTES = (
    "SELECT count(*) FROM (SELECT 1 FROM touched_customers UNION ALL SELECT 1 FROM touched_addresses "
    "UNION ALL SELECT 1 FROM touched_subjects LIMIT ?)"
)
