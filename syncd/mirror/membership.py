"""Who is in which segment, since when, and how the evaluation of each segment ended."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

import msgspec

from syncd.mirror import masks
from syncd.mirror.database import Mirror
from syncd.mirror.masks import Place, places
from syncd.mirror.settling import Evaluated, Moved, settle
from syncd.model import Instant

if TYPE_CHECKING:
    from sqlalchemy import Select


class Member(msgspec.Struct, frozen=True):
    """A customer who is in a segment."""

    store: str
    customer_id: int
    email: str | None
    since: Instant


class Standing(msgspec.Struct, frozen=True):
    """How a segment's last evaluation in a store ended.

    Attributes:
        size: How many are in it.
        basis: A digest of what it went by; empty where that is not known.
        seen: The generation of changes up to which it is evaluated; None where it is to be evaluated in full.
        began_run: The run of its first evaluation; 0 where that is not known.
    """

    segment: str
    store: str
    query: str
    as_of: Instant | None
    failed_at: Instant | None
    why: str
    size: int = 0
    basis: str = ""
    seen: int | None = None
    began_run: int = 0


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
    with mirror.transaction():
        answer(mirror, places(mirror, store, [segment])[segment], store, found)
        return settle(mirror, store, {segment: Evaluated(query)}, run, at)[segment]


def answer(mirror: Mirror, place: Place, store: str, found: Select[tuple[int]] | Collection[int]) -> None:
    """Make one segment's members the only answers there are: those a query gives, or those of some ids we know."""
    masks.clear_answers(mirror)
    if not isinstance(found, Collection):
        _answer_by_query(mirror, place, found)
        return
    known = "INSERT OR IGNORE INTO temp.answers SELECT ?, id, ? FROM customers WHERE store = ? AND id = ?"
    mirror.raw.executemany(known, ((place.shelf, place.mask, store, customer_id) for customer_id in found))


def _answer_by_query(mirror: Mirror, place: Place, found: Select[tuple[int]]) -> None:
    from sqlalchemy import column, insert, literal, table  # noqa: PLC0415  # whoever only looks needs none of it

    names = ("customer_id", "shelf", "mask")
    rows = found.add_columns(literal(place.shelf), literal(place.mask))
    mirror.connection.execute(insert(table("answers", *map(column, names))).from_select(names, rows))


def keep(mirror: Mirror, segment: str, store: str, query: str, why: str, at: Instant) -> None:
    """Leave the membership as it last was, and note what kept it from being evaluated (law 5)."""
    with mirror.transaction():
        places(mirror, store, [segment])
        mirror.raw.execute(
            "UPDATE segments SET why = :why, failed_at = coalesce(failed_at, :at), "
            "query = CASE WHEN as_of IS NULL THEN :query ELSE query END WHERE segment = :segment AND store = :store",
            {"segment": segment, "store": store, "query": query, "at": at, "why": why},
        )


def drop_all_but(mirror: Mirror, wanted: Collection[tuple[str, str]], run: int, at: Instant) -> list[tuple[str, str]]:
    """End the membership of every (segment, store) pair that the settings no longer have.

    Returns:
        The pairs that ended.
    """
    ended = [it for it in standings(mirror) if (it.segment, it.store) not in wanted]
    pairs = [(it.segment, it.store) for it in ended]
    if ended:
        with mirror.transaction():
            masks.clear_answers(mirror)
            for store in sorted({it.store for it in ended}):
                settle(
                    mirror, store, {it.segment: Evaluated("") for it in ended if it.store == store and it.size}, run, at
                )
            mirror.raw.executemany("DELETE FROM segments WHERE segment = ? AND store = ?", pairs)
    return pairs


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
    """Return how many members every segment has in every store."""
    query = "SELECT segment, store, size FROM segments WHERE size > 0"
    return {(segment, store): size for segment, store, size in mirror.raw.execute(query)}


def standings(mirror: Mirror) -> list[Standing]:
    """Return how the last evaluation of every segment ended, store by store."""
    columns = ", ".join(Standing.__struct_fields__)
    return [Standing(*row) for row in mirror.raw.execute(f"SELECT {columns} FROM segments ORDER BY segment, store")]


def moves_of_run(mirror: Mirror, run: int) -> dict[str, tuple[int, int]]:
    """Count who entered and who left in a run, of each segment that there is."""
    query = (
        "SELECT segment, sum(entered), sum(gone) FROM ("
        "SELECT s.segment, m.entered, NOT m.entered AS gone FROM segments AS s CROSS JOIN moves AS m "
        "INDEXED BY moves_of_segment WHERE m.segment = s.segment AND m.store = s.store AND m.run = :run "
        "UNION ALL SELECT segment, b.size, 0 FROM segments JOIN beginnings AS b USING (segment, store) "
        "WHERE b.run = :run AND b.size > 0) GROUP BY segment"
    )
    return {segment: (entered, left) for segment, entered, left in mirror.raw.execute(query, {"run": run})}
