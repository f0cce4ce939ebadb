"""One kind of record, read page by page by time of change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from operator import attrgetter
from typing import Any, Generic, TypeVar

from syncd.errors import RetriableError
from syncd.model import Instant
from syncd.ports import Cursor, Page, Peek

T = TypeVar("T")


class MemoryFeed(Generic[T]):
    """A feed over whatever `listed` shows at the moment a page is asked for.

    Pages follow (time of change, number), each from where the last one ended: a row that changes while the feed is
    read moves behind the reader and comes again, and any number of rows may share one moment.
    """

    def __init__(
        self,
        listed: Callable[[], Mapping[int, T]],
        changed_at: Callable[[T], Instant],
        call: Callable[[], None],
        break_off: Callable[[], int | None],
        page_size: int,
        key: str = "id",
    ) -> None:
        """Read nothing yet.

        Args:
            listed: The rows by number, as the service shows them now.
            changed_at: When a row last changed.
            call: To be called before each look; raises what the service's state wants raised.
            break_off: Tells, once, after how many pages this reading is to break off.
            page_size: Most rows in a page.
            key: The field of a row that `ids` tells.
        """
        self._listed = listed
        self._changed_at = changed_at
        self._call = call
        self._break_off = break_off
        self._page_size = page_size
        self._key = attrgetter(key)

    def peek(self, since: Instant) -> Peek[T]:
        """Return the newest rows changed at or after `since`, and both counts."""
        self._call()
        rows = self._sorted(Cursor(since))
        newest = [row for _, row in reversed(rows[-self._page_size :])]
        return Peek(newest, window=len(rows), whole=len(self._listed()))

    def pages(
        self,
        since: Instant | None,
        expected: int | None = None,  # noqa: ARG002
        *,
        go_on: bool = False,  # noqa: ARG002
    ) -> Iterator[Page[T]]:
        """Read all rows changed at or after `since`; the last page may be empty and still carries a cursor."""
        broken = self._break_off()
        reached = Cursor(0 if since is None else since)
        after: Cursor | None = None
        for number in count():
            if number == broken:
                raise RetriableError("the service stopped answering between two pages")
            self._call()
            rows = self._sorted(reached if after is None else after, behind=after is not None)[: self._page_size]
            if rows:
                after = reached = rows[-1][0]
            yield Page([row for _, row in rows], reached)
            if len(rows) < self._page_size:
                return

    def count(self) -> int:
        """Return how many rows there are."""
        self._call()
        return len(self._listed())

    def ids(self) -> Iterator[Page[Any]]:
        """Read the keys of all rows, in the order in which they came to be."""
        last = -1
        while True:
            self._call()
            listed = self._listed()
            numbers = sorted(number for number in listed if number > last)[: self._page_size]
            yield Page([self._key(listed[number]) for number in numbers])
            if len(numbers) < self._page_size:
                return
            last = numbers[-1]

    def _sorted(self, start: Cursor, *, behind: bool = False) -> list[tuple[Cursor, T]]:
        """Return the rows from `start` on (or behind it), each with its place, oldest change first."""
        placed = [(Cursor(self._changed_at(row), number), row) for number, row in self._listed().items()]
        return sorted(
            (pair for pair in placed if (pair[0] > start if behind else pair[0] >= start)), key=lambda pair: pair[0]
        )
