"""Who is in which segment, and when they entered and left."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec
from sqlalchemy import Select, column, insert, table

from syncd.mirror.database import Mirror
from syncd.model import Instant

_FOUND = table("found", column("customer_id"))


class Moved(msgspec.Struct, frozen=True):
    """How a segment's membership in one store changed.

    Attributes:
        entered: How many customers came in.
        left: How many went out.
        size: How many are in it now.
    """

    entered: int
    left: int
    size: int


class Member(msgspec.Struct, frozen=True):
    """A customer who is in a segment."""

    store: str
    customer_id: int
    email: str | None
    since: Instant


class Standing(msgspec.Struct, frozen=True):
    """How a segment's last evaluation in a store ended."""

    segment: str
    store: str
    query: str
    as_of: Instant | None
    failed_at: Instant | None
    why: str


def renew(
    mirror: Mirror,
    segment: str,
    store: str,
    query: str,
    found: Select[tuple[int]] | Collection[int],
    run: int,
    at: Instant,
) -> Moved:
    """Make `found`, a query of customer ids or ids, the membership of a segment in a store, and log who moved.

    Of ids that were handed over, those of customers that the mirror does not know yet are left for the next time.
    Everything happens in one transaction: either the whole evaluation counts or none of it.
    """
    with mirror.transaction() as connection:
        mirror.raw.execute("CREATE TEMP TABLE IF NOT EXISTS found (customer_id INTEGER PRIMARY KEY)")
        mirror.raw.execute("DELETE FROM found")
        if isinstance(found, Select):
            connection.execute(insert(_FOUND).from_select(["customer_id"], found))
        else:
            known = "INSERT INTO found SELECT id FROM customers WHERE store = ? AND id = ?"
            mirror.raw.executemany(known, ((store, customer_id) for customer_id in found))
        entered = _enter(mirror, segment, store, run, at)
        left = _leave(mirror, segment, store, run, at, "customer_id NOT IN (SELECT customer_id FROM found)")
        _note(mirror, segment, store, query, at, "")
        size = mirror.raw.execute("SELECT count(*) FROM found").fetchone()[0]
        mirror.raw.execute("DELETE FROM found")
    return Moved(entered, left, int(size))


def keep(mirror: Mirror, segment: str, store: str, query: str, why: str, at: Instant) -> None:
    """Leave the membership as it last was, and note what kept it from being evaluated (law 5)."""
    with mirror.transaction():
        _note(mirror, segment, store, query, at, why)


def drop_all_but(mirror: Mirror, wanted: Collection[tuple[str, str]], run: int, at: Instant) -> list[tuple[str, str]]:
    """End the membership of every (segment, store) pair that the settings no longer have.

    Returns:
        The pairs that ended.
    """
    known = [(row[0], row[1]) for row in mirror.raw.execute("SELECT segment, store FROM segments ORDER BY 1, 2")]
    ended = [pair for pair in known if pair not in wanted]
    if ended:
        with mirror.transaction():
            for segment, store in ended:
                _leave(mirror, segment, store, run, at, "1")
                mirror.raw.execute("DELETE FROM segments WHERE segment = ? AND store = ?", (segment, store))
    return ended


def members(mirror: Mirror, segment: str) -> Iterator[Member]:
    """Stream the members of a segment, store by store, by customer id."""
    query = (
        "SELECT m.store, m.customer_id, c.email, m.since FROM members m "
        "LEFT JOIN customers c ON c.store = m.store AND c.id = m.customer_id "
        "WHERE m.segment = ? ORDER BY m.store, m.customer_id"
    )
    for row in mirror.raw.execute(query, (segment,)):
        yield Member(*row)


def as_of(mirror: Mirror, segment: str) -> Instant | None:
    """Return the hour of which a segment's membership is: the oldest of its stores'; None before its first one."""
    found = mirror.raw.execute("SELECT min(as_of) FROM segments WHERE segment = ?", (segment,)).fetchone()
    return None if found[0] is None else int(found[0])


def sizes(mirror: Mirror) -> dict[tuple[str, str], int]:
    """Count the members of every segment and store."""
    query = "SELECT segment, store, count(*) FROM members GROUP BY segment, store"
    return {(segment, store): size for segment, store, size in mirror.raw.execute(query)}


def standings(mirror: Mirror) -> list[Standing]:
    """Return how the last evaluation of every segment ended, store by store."""
    query = "SELECT segment, store, query, as_of, failed_at, why FROM segments ORDER BY segment, store"
    return [Standing(*row) for row in mirror.raw.execute(query)]


def moves_of_run(mirror: Mirror, run: int) -> dict[str, tuple[int, int]]:
    """Count who entered and who left each segment in a run."""
    query = "SELECT segment, sum(entered), sum(NOT entered) FROM moves WHERE run = ? GROUP BY segment"
    return {segment: (entered, left) for segment, entered, left in mirror.raw.execute(query, (run,))}


def _enter(mirror: Mirror, segment: str, store: str, run: int, at: Instant) -> int:
    fresh = (
        "FROM found WHERE customer_id NOT IN "
        "(SELECT customer_id FROM members WHERE segment = :segment AND store = :store)"
    )
    values = {"segment": segment, "store": store, "run": run, "at": at}
    mirror.raw.execute(
        "INSERT INTO moves (run, at, segment, store, customer_id, entered) "
        f"SELECT :run, :at, :segment, :store, customer_id, 1 {fresh}",
        values,
    )
    return mirror.raw.execute(
        f"INSERT INTO members (segment, store, customer_id, since) SELECT :segment, :store, customer_id, :at {fresh}",
        values,
    ).rowcount


def _leave(mirror: Mirror, segment: str, store: str, run: int, at: Instant, which: str) -> int:
    gone = f"FROM members WHERE segment = :segment AND store = :store AND {which}"
    values = {"segment": segment, "store": store, "run": run, "at": at}
    mirror.raw.execute(
        "INSERT INTO moves (run, at, segment, store, customer_id, entered) "
        f"SELECT :run, :at, :segment, :store, customer_id, 0 {gone}",
        values,
    )
    return mirror.raw.execute(f"DELETE {gone}", values).rowcount


def _note(mirror: Mirror, segment: str, store: str, query: str, at: Instant, why: str) -> None:
    """Note how an evaluation ended: `why` is empty for a good one."""
    mirror.raw.execute(
        "INSERT INTO segments (segment, store, query, as_of, failed_at, why) "
        "VALUES (:segment, :store, :query, CASE WHEN :why = '' THEN :at END, CASE WHEN :why != '' THEN :at END, :why) "
        "ON CONFLICT (segment, store) DO UPDATE SET why = :why, "
        "query = CASE WHEN :why = '' THEN :query ELSE query END, "
        "as_of = CASE WHEN :why = '' THEN :at ELSE as_of END, "
        "failed_at = CASE WHEN :why = '' THEN NULL ELSE coalesce(failed_at, :at) END",
        {"segment": segment, "store": store, "query": query, "at": at, "why": why},
    )
