"""Membership as one integer a customer: where a segment's bit is, and how answers become masks.

Shelf and bit of a segment are its *place*. What an evaluation finds out stands in the temporary table
`answers(shelf, customer_id, mask)`, without a row for who is in nothing. Where an answer differs from the mask that is
kept, somebody moved; only such rows are read into Python and written, some thousands at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from itertools import count
from typing import TypeAlias

import msgspec

from syncd.mirror.database import Mirror

BITS = 62
"""Segments of one shelf: SQLite's whole numbers have 64 bits, and none is to be the sign's."""
_AT_ONCE = 20_000
"""Rows that are looked at together."""

Turned: TypeAlias = tuple[int, int, int]
"""A customer's id, their mask until now, and the answer; they differ."""

_OF_ALL = (
    "SELECT k.customer_id, k.mask, coalesce(a.mask, 0) FROM masks AS k "
    "LEFT JOIN temp.answers AS a ON a.shelf = k.shelf AND a.customer_id = k.customer_id "
    "WHERE k.shelf = :shelf AND k.customer_id > :after AND k.mask & :bits != coalesce(a.mask, 0) & :bits "
    "ORDER BY k.customer_id LIMIT :most"
)
_NEW = (
    "FROM temp.answers AS a WHERE a.shelf = :shelf AND a.mask & :bits "
    "AND NOT EXISTS (SELECT 1 FROM masks AS k WHERE k.shelf = a.shelf AND k.customer_id = a.customer_id)"
)
_OF_NEW = f"SELECT a.customer_id, 0, a.mask {_NEW} AND a.customer_id > :after ORDER BY a.customer_id LIMIT :most"
_OF_ASKED = (
    "SELECT customer_id, mask, answer FROM (SELECT q.customer_id, "
    "coalesce((SELECT k.mask FROM masks AS k WHERE k.shelf = :shelf AND k.customer_id = q.customer_id), 0) AS mask, "
    "coalesce((SELECT a.mask FROM temp.answers AS a WHERE a.shelf = :shelf AND a.customer_id = q.customer_id), 0) "
    "AS answer FROM temp.asked AS q WHERE q.customer_id > :after LIMIT -1) "
    "WHERE mask & :bits != answer & :bits ORDER BY customer_id LIMIT :most"
)
"""No join: for one, SQLite may read the whole shelf to build a filter. The inner limit keeps each from being looked up
twice."""
KNOWN = (_OF_ALL,)
"""Whom everybody's answers concern, of those who have a mask."""
ALL = (*KNOWN, _OF_NEW)
"""Whom everybody's answers concern: first who has a mask, then who has none yet."""
ASKED = (_OF_ASKED,)
"""Whom the answers of those in `temp.asked` concern."""
_HALF = 31
_TWO = 1 | 1 << _HALF
"""Two bits of a mask that are added up in one sum: there are never so many rows that the lower reaches the higher."""


class Place(msgspec.Struct, frozen=True):
    """Where a segment's members stand: bit number `bit` (from 0) of the masks of a shelf."""

    shelf: int
    bit: int

    @property
    def mask(self) -> int:
        """The mask of who is in this segment alone."""
        return 1 << self.bit


def places(mirror: Mirror, store: str, names: Collection[str]) -> dict[str, Place]:
    """Return the places of a store's segments; those that have none yet get one. Belongs into a transaction."""
    query = "SELECT segment, shelf, bit FROM segments WHERE store = ?"
    known = {segment: Place(shelf, bit) for segment, shelf, bit in mirror.raw.execute(query, (store,))}
    fresh = sorted(set(names) - known.keys())
    if fresh:
        free = _free(mirror, set(known.values()))
        made = {name: next(free) for name in fresh}
        mirror.raw.executemany(
            "INSERT INTO segments (segment, store, shelf, bit, query, why, size, began_run, basis) "
            "VALUES (?, ?, ?, ?, '', '', 0, 0, '')",
            [(name, store, place.shelf, place.bit) for name, place in made.items()],
        )
        known |= made
    return {name: known[name] for name in names}


def _free(mirror: Mirror, own: Collection[Place]) -> Iterator[Place]:
    """Yield places that nobody has: on the store's own shelves, then on shelves that no store has."""
    shelves = sorted({it.shelf for it in own})
    yield from (Place(shelf, bit) for shelf in shelves for bit in range(BITS) if Place(shelf, bit) not in own)
    taken = {shelf for (shelf,) in mirror.raw.execute("SELECT DISTINCT shelf FROM segments")}
    yield from (Place(shelf, bit) for shelf in count() if shelf not in taken for bit in range(BITS))


def clear_answers(mirror: Mirror) -> None:
    """Make the table `temp.answers`, or empty it."""
    mirror.raw.execute(
        "CREATE TEMP TABLE IF NOT EXISTS answers (shelf INTEGER NOT NULL, customer_id INTEGER NOT NULL, "
        "mask INTEGER NOT NULL, PRIMARY KEY (shelf, customer_id)) WITHOUT ROWID"
    )
    mirror.raw.execute("DELETE FROM temp.answers")


def turned(mirror: Mirror, shelf: int, bits: int, scope: tuple[str, ...]) -> Iterator[list[Turned]]:
    """Yield those of a scope whose answer differs from their mask in these bits, lists of them, in order of their ids.

    A list is to be written (`write`) before the next is asked for.
    """
    for query in scope:
        after = -1
        while True:
            values = {"shelf": shelf, "bits": bits, "after": after, "most": _AT_ONCE}
            found: list[Turned] = mirror.raw.execute(query, values).fetchall()
            if found:
                yield found
                after = found[-1][0]
            if len(found) < _AT_ONCE:
                break


def write(mirror: Mirror, shelf: int, bits: int, some: Collection[Turned]) -> None:
    """Take the answers over into the masks, in these bits."""
    made = [(shelf, customer_id, mask & ~bits | answer & bits) for customer_id, mask, answer in some]
    mirror.raw.executemany("INSERT OR REPLACE INTO masks (shelf, customer_id, mask) VALUES (?, ?, ?)", made)
    empty = [(shelf, customer_id) for _, customer_id, mask in made if not mask]
    mirror.raw.executemany("DELETE FROM masks WHERE shelf = ? AND customer_id = ?", empty)


def take_new(mirror: Mirror, shelf: int, bits: int) -> Counter[int]:
    """Give who has no mask yet the one that was answered, in these bits, all at once; return how many that are, by bit.

    For who need not be looked at one by one. Comes last: the others are written before (`KNOWN`).
    """
    values = {"shelf": shelf, "bits": bits}
    wanted = [bit for bit in range(_HALF) if bits >> bit & _TWO]
    sums = ", ".join(f"coalesce(sum(a.mask >> {bit} & {_TWO}), 0)" for bit in wanted)
    found = mirror.raw.execute(f"SELECT {sums} {_NEW}", values).fetchone()
    mirror.raw.execute(f"INSERT INTO masks SELECT a.shelf, a.customer_id, a.mask & :bits {_NEW}", values)
    low = {bit: both % (1 << _HALF) for bit, both in zip(wanted, found, strict=True)}
    high = {bit + _HALF: both >> _HALF for bit, both in zip(wanted, found, strict=True)}
    return Counter(low | high)


def bits_of(mask: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set, from the lowest."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
