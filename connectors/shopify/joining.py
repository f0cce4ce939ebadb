"""The file of an export, joined while it streams by: each record with its children, in the order of the file.

A child's line comes *somewhere* after its parent's. In practice that is near, so the records of the last some thousand
lines wait in memory for their children and leave oldest first. A child that comes after its parent has left shows that
the file is `scattered`: it is then read once more from its beginning, through `staging`, which joins on disk whatever
the order. So memory is bounded either way, and the usual file is read once and written nowhere.

Whoever reads may be interrupted and go on later from a `Reach`, without the lines before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Generic, TypeVar

import msgspec

from connectors.shopify.lines import Counts, LostRowsError, decoding, whole_lines
from connectors.shopify.recipe import Recipe
from connectors.shopify.wire import Node

T = TypeVar("T")

WINDOW = 6_000
"""How many lines wait for others. Turned into values they take about half a KB each."""

TOGETHER = 3_000
"""How many lines leave together, for whoever stores them in one transaction."""

_IS_CHILD = b'"__parentId":'
"""Only a key can stand so in a line of JSON: within a text, quotes are escaped."""
_TAIL = 120


class Reach(msgspec.Struct, frozen=True):
    """How far a file is dealt with, so that reading can go on there.

    Attributes:
        at: The byte from which the file has to be read again: every record before it has left with its children.
        dealt: The byte up to which every child was given to its parent, also to one from before `at`.
        lines: How many lines there are before `at`.
        records: How many of them are records.
    """

    at: int = 0
    dealt: int = 0
    lines: int = 0
    records: int = 0


BEGINNING = Reach()


class Family(msgspec.Struct, gc=False):
    """A record that waits, and what came of its children so far, both turned already.

    Attributes:
        twice: Whether the record came a second time, and its children maybe with it.
    """

    head: Any
    children: list[Any]
    twice: bool = False


class ScatteredError(Exception):
    """Children are further from their parents than fits into memory."""


class _Block(msgspec.Struct, gc=False):
    """Lines that came together: where they begin, and how many of their records still wait."""

    start: Reach
    waiting: int


class Joining(Generic[T]):
    """One file, joined as it comes."""

    def __init__(
        self,
        service: str,
        recipe: Recipe[T],
        *,
        begin: Reach = BEGINNING,
        childless: bool = False,
        window: int | None = None,
    ) -> None:
        """Join nothing yet.

        Args:
            service: How messages call the store.
            recipe: How lines become values.
            begin: Where the file goes on, of which the lines before were dealt with.
            childless: Whether nothing hangs on any record, so that none has to wait.
            window: How many lines may wait; None for as many as fit into memory.
        """
        self.counts = Counts(begin.lines, begin.records)
        self._service = service
        self._recipe = recipe
        self._records = msgspec.json.Decoder(recipe.record, strict=False)
        self._children = None if childless else msgspec.json.Decoder(recipe.child or Node, strict=False)
        self._most = TOGETHER + (0 if childless else WINDOW if window is None else window)
        self._known_until = begin.dealt
        self._place = begin.at
        self._nobody_left = begin.at == 0
        self._waiting: dict[str, Family] = {}
        self._orphans: list[Any] = []
        self._lines = 0
        self._blocks: deque[_Block] = deque()

    @property
    def waiting(self) -> int:
        """How many lines wait."""
        return self._lines

    @property
    def reach(self) -> Reach:
        """How far the file is dealt with once everything that has left is stored."""
        if self._blocks:
            return msgspec.structs.replace(self._blocks[0].start, dealt=self._place)
        return Reach(self._place, self._place, self.counts.lines, self.counts.records)

    def values(self, chunks: Iterable[bytes]) -> Iterator[list[T]]:
        """Read the file from where it goes on, and yield what no longer waits; the `rest` is left to be asked for.

        Raises:
            ScatteredError: Children are too far from their parents.
            LostRowsError: A line is no JSON: the file is damaged.
            FatalError: A line is not what was asked for.
        """
        for block in whole_lines(chunks):
            known = self._known_until - self._place
            if 0 < known < len(block):
                self._take(block[:known])
                self._take(block[known:])
            else:
                self._take(block)
            while self._lines >= self._most and self._place >= self._known_until:
                yield self._leaving()

    def rest(self) -> Iterator[list[T]]:
        """Yield what waited until the end of the file.

        Raises:
            ScatteredError: A child's parent is not among those that waited.
            LostRowsError: A child's parent is not in the file.
        """
        if self._orphans:
            if not self._nobody_left:
                raise ScatteredError
            parents = len({child.parent for child in self._orphans})
            raise LostRowsError(f"{self._service}: the export lost rows ({parents} of them have children)")
        while self._waiting:
            yield self._leaving()

    def _take(self, block: bytes) -> None:
        start = Reach(self._place, self._place, self.counts.lines, self.counts.records)
        above, below = _sorted_out(block)
        if below and self._children is None:
            raise ScatteredError
        with decoding(self._service):
            records = self._records.decode_lines(b"\n".join(above))
            children = self._children.decode_lines(b"\n".join(below)) if self._children else []
        self.counts.lines += len(above) + len(below)
        self.counts.records += len(above)
        self._blocks.append(_Block(start, self._wait_for_children(records)))
        self._orphans = self._given([*self._orphans, *children])
        self._lines += len(children)
        self._place += len(block)
        if self._place == self._known_until:  # the parents of these left before, with them
            self._lines -= len(self._orphans)
            self._orphans = []

    def _wait_for_children(self, records: Sequence[Any]) -> int:
        """Let records wait, and return how many are new: one that changed while it was exported may come twice."""
        waiting = self._waiting
        before = len(waiting)
        for record, head in zip(records, self._recipe.heads(records), strict=True):
            there = waiting.get(record.id)
            if there is None:
                waiting[record.id] = Family(head, [])
            else:  # the later line holds
                there.head, there.twice = head, True
        new = len(waiting) - before
        self._lines += new
        return new

    def _given(self, children: Sequence[Any]) -> list[Any]:
        """Give children to their parents, and return those whose parent does not wait."""
        waiting = self._waiting
        orphans, given, families = [], [], []
        for child in children:
            family = waiting.get(child.parent)
            if family is None:
                orphans.append(child)
            else:
                given.append(child)
                families.append(family)
        turned = self._recipe.below(given, [family.head for family in families])
        for family, child in zip(families, turned, strict=True):
            family.children.append(child)
        return orphans

    def _leaving(self) -> list[T]:
        """Take out the oldest records, about `TOGETHER` lines of them."""
        if self._orphans or self._seems_scattered():
            raise ScatteredError
        self._nobody_left = False
        whole = self._recipe.whole
        leaving: list[T] = []
        lines = 0
        for gid in list(islice(self._waiting, TOGETHER)):
            family = self._waiting.pop(gid)
            lines += 1 + len(family.children)
            leaving.append(whole(family.head, _once_each(family.children) if family.twice else family.children))
            if lines >= TOGETHER:
                break
        self._lines -= lines
        self._let_go(len(leaving))
        return leaving

    def _seems_scattered(self) -> bool:
        """Whether a whole window went by without one child: they will come after all the records."""
        return self._children is not None and self._lines >= self._most and self._lines == len(self._waiting)

    def _let_go(self, records: int) -> None:
        while self._blocks and records >= self._blocks[0].waiting:
            records -= self._blocks.popleft().waiting
        if self._blocks:
            self._blocks[0].waiting -= records


def _sorted_out(block: bytes) -> tuple[list[bytes], list[bytes]]:
    """Return the lines of records and those of children; the key that tells them apart is usually the last."""
    above: list[bytes] = []
    below: list[bytes] = []
    for line in block.splitlines():
        (below if line.find(_IS_CHILD, -_TAIL) >= 0 or _IS_CHILD in line else above).append(line)
    return above, below


def _once_each(children: list[Any]) -> list[Any]:
    """Return children without those that came again with a record that came twice; the later line holds."""
    return list({child.id: child for child in children}.values())
