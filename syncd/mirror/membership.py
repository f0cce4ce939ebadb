"""Who is in which segment, and when they entered and left.

Of the first evaluation of a segment only its hour and its size are written; who was in it then follows from who is in
it now and who moved since (the view `movements`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from syncd.mirror import masks
from syncd.mirror.database import Mirror
from syncd.mirror.masks import Place, places
from syncd.model import Instant

if TYPE_CHECKING:
    from sqlalchemy import Select

Scope = Literal["all", "asked"]


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


class Evaluated(msgspec.Struct, frozen=True):
    """What an evaluation of a segment went by.

    Attributes:
        query: Its query.
        basis: A digest of everything that the answers depend on.
        seen: The generation of changes up to which they stand; None where that is not known.
    """

    query: str
    basis: str = ""
    seen: int | None = None


class _Seat(msgspec.Struct, frozen=True):
    """A segment as its row has it: where its bit is, and whether it was ever evaluated."""

    segment: str
    place: Place
    begun: bool
    size: int


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


def settle(
    mirror: Mirror,
    store: str,
    segments: Mapping[str, Evaluated],
    run: int,
    at: Instant,
    *,
    scope: Scope = "all",
) -> dict[str, Moved]:
    """Take the answers in `temp.answers` over for these segments of a store, and log who moved. Inside a transaction.

    Args:
        mirror: The mirror.
        store: The store.
        segments: What each was evaluated by; all of them have places.
        run: The run that evaluated them.
        at: The hour of which the answers are.
        scope: Whether the answers are everybody's, or only of those in `temp.asked`; the others stay as they were.

    Returns:
        How each of them changed.
    """
    seats = [seat for seat in _seats(mirror, store) if seat.segment in segments]
    moved: dict[str, Moved] = {}
    for shelf in sorted({seat.place.shelf for seat in seats}):
        of_shelf = {seat.place.bit: seat for seat in seats if seat.place.shelf == shelf}
        entered, left = _settle_shelf(mirror, store, of_shelf, (run, at), scope)
        for bit, seat in of_shelf.items():
            moved[seat.segment] = Moved(entered[bit], left[bit], seat.size + entered[bit] - left[bit])
    for seat in seats:
        _note_good(mirror, store, seat, segments[seat.segment], moved[seat.segment], (run, at))
    return moved


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


def _seats(mirror: Mirror, store: str) -> Iterator[_Seat]:
    query = "SELECT segment, shelf, bit, began NOT NULL, size FROM segments WHERE store = ? ORDER BY segment"
    for segment, shelf, bit, begun, size in mirror.raw.execute(query, (store,)).fetchall():
        yield _Seat(segment, Place(shelf, bit), bool(begun), size)


def _settle_shelf(
    mirror: Mirror, store: str, seats: Mapping[int, _Seat], when: tuple[int, Instant], scope: Scope
) -> tuple[Counter[int], Counter[int]]:
    """Take the answers over for some bits of one shelf; return how many entered and left, by bit."""
    shelf = next(iter(seats.values())).place.shelf
    bits = sum(seat.place.mask for seat in seats.values())
    logged = {bit: seat.segment for bit, seat in seats.items() if seat.begun}
    entered: Counter[int] = Counter()
    left: Counter[int] = Counter()
    whom = masks.ASKED if scope == "asked" else masks.ALL if logged else masks.KNOWN
    for some in masks.turned(mirror, shelf, bits, whom):
        masks.write(mirror, shelf, bits, some)
        _tally(entered, [its & ~mask & bits for _, mask, its in some])
        _tally(left, [mask & ~its & bits for _, mask, its in some])
        _log(mirror, store, logged, when, some)
    if whom is masks.KNOWN:
        entered += masks.take_new(mirror, shelf, bits)
    return entered, left


def _tally(counts: Counter[int], found: Sequence[int]) -> None:
    """Add up how often each bit is set; the same masks come again and again."""
    for mask, times in Counter(found).items():
        for bit in masks.bits_of(mask):
            counts[bit] += times


def _log(
    mirror: Mirror,
    store: str,
    names: Mapping[int, str],
    when: tuple[int, Instant],
    some: Sequence[masks.Turned],
) -> None:
    bits = sum(1 << bit for bit in names)
    mirror.raw.executemany(
        "INSERT INTO moves (run, at, segment, store, customer_id, entered) VALUES (?, ?, ?, ?, ?, ?)",
        (
            (*when, names[bit], store, customer_id, its >> bit & 1)
            for customer_id, mask, its in some
            for bit in masks.bits_of((mask ^ its) & bits)
        ),
    )


def _note_good(mirror: Mirror, store: str, seat: _Seat, by: Evaluated, moved: Moved, when: tuple[int, Instant]) -> None:
    """Note that an evaluation ended well, and by what it went."""
    run, at = when
    mirror.raw.execute(
        "UPDATE segments SET query = ?, as_of = ?, failed_at = NULL, why = '', size = ?, basis = ?, seen = ? "
        "WHERE segment = ? AND store = ?",
        (by.query, at, moved.size, by.basis, by.seen, seat.segment, store),
    )
    if not seat.begun:
        where = (seat.segment, store)
        mirror.raw.execute(
            "UPDATE segments SET began = ?, began_run = ? WHERE segment = ? AND store = ?", (at, run, *where)
        )
        mirror.raw.execute(
            "INSERT OR REPLACE INTO beginnings (segment, store, run, at, size) VALUES (?, ?, ?, ?, ?)",
            (*where, run, at, moved.size),
        )
