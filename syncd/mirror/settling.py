"""Settling: answers become membership, and who moved is written down.

Of the first evaluation of a segment only its hour and its size are: who was in it then follows from who is in it now
and who moved since (the view `movements`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from syncd.mirror import masks
from syncd.mirror.database import Mirror
from syncd.mirror.masks import Place
from syncd.model import Instant

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
