"""Pull: bring the mirror up to what a service now says.

The newest page of what changed since the cursor (less an overlap, for rows that a search index shows late) comes with
the service's own counts in one call. If that page is the whole window, it is all there is to read. If it is not, but
every row on it is known and the counts agree, nothing changed: what we see are our own writes. Else the whole window
is read. Counts decide at the end: more rows here than there means deletions, fewer means rows were lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

import msgspec

from syncd import log
from syncd.clock import Clock
from syncd.errors import RetriableError
from syncd.mirror.shelves import Shelf
from syncd.model import Instant
from syncd.ports import Cursor, Feed, Page, Peek, Progress

T = TypeVar("T")

OVERLAP = 300
"""Seconds read again before the cursor: search indexes lag by seconds, at worst by minutes."""


class Pulled(msgspec.Struct, frozen=True):
    """What a pull did.

    Attributes:
        rows: Rows read.
        removed: Rows deleted, for the service no longer has them.
    """

    rows: int
    removed: int = 0


class Puller(Generic[T]):
    """Pulls one feed onto its shelf."""

    def __init__(
        self,
        shelf: Shelf[T],
        feed: Feed[T],
        clock: Clock,
        progress: Callable[[Progress], None],
        *,
        partial: bool = False,
    ) -> None:
        """Know both sides. `partial` says that the service shows only some of its rows (a limited history)."""
        self._shelf = shelf
        self._feed = feed
        self._clock = clock
        self._progress = progress
        self._partial = partial
        self._rows = 0

    def pull(self, *, full: bool = False) -> Pulled:
        """Read what changed, or everything, and compare the counts.

        Raises:
            RetriableError: The service stopped answering, or rows were lost; what was read is kept.
            FatalError: The service will not answer.
        """
        cursor = None if full else self._shelf.cursor()
        first = cursor is None
        if first:
            self._read(self._feed.pages(None), None)
            cursor = self._shelf.cursor()
        since = max(0, cursor.at - OVERLAP) if cursor else 0
        peek = self._catch_up(since, cursor)
        removed = self._compare(peek, first=first)
        self._shelf.pulled(self._clock.now())
        return Pulled(self._rows, removed)

    def _catch_up(self, since: Instant, cursor: Cursor | None) -> Peek[T]:
        peek = self._feed.peek(since)
        if len(peek.rows) >= peek.window:
            self._store(Page(peek.rows, self._newest(peek, cursor)), peek.window)
        elif not (self._shelf.knows(peek.rows) and self._shelf.count(since) == peek.window):
            self._read(self._feed.pages(since, peek.window), peek.window)
        return peek

    def _newest(self, peek: Peek[T], cursor: Cursor | None) -> Cursor | None:
        """The newest row's time of change: where the next pull goes on."""
        changed = [self._shelf.changed_of(row) for row in peek.rows]
        newest = max(changed, default=0)
        return Cursor(newest) if cursor is None or newest > cursor.at else None

    def _read(self, pages: Iterator[Page[T]], expected: int | None) -> None:
        for page in pages:
            self._store(page, expected)

    def _store(self, page: Page[T], expected: int | None) -> None:
        self._shelf.put(page.rows, page.cursor)
        self._rows += len(page.rows)
        self._progress(Progress(f"{self._shelf.feed} of {self._shelf.owner}", self._rows, expected))

    def _compare(self, peek: Peek[T], *, first: bool) -> int:
        """Compare the service's count with ours; return how many of ours it no longer has."""
        whole = peek.whole
        if whole is None and first:
            whole = self._feed.count()
        if whole is None or self._partial:
            return 0
        here = self._shelf.count()
        removed = self._reconcile(whole) if here > whole else 0
        here -= removed
        if here < whole:
            raise LostRowsError(
                f"{self._shelf.feed} of {self._shelf.owner}: the service counts {whole:,} rows, {here:,} arrived",
                hint="the next sync reads all of them again",
            )
        return removed

    def _reconcile(self, whole: int) -> int:
        """Delete what the service no longer has; nothing, where its list of ids is shorter than its count."""
        there = {key for page in self._feed.ids() for key in page.rows}
        if len(there) < whole:
            raise RetriableError(
                f"{self._shelf.feed} of {self._shelf.owner}: the service counts {whole:,} rows and lists "
                f"{len(there):,}; nothing was deleted",
            )
        ghosts = [key for key in self._shelf.all_keys() if key not in there]
        self._shelf.remove(ghosts)
        log.get().info("ghosts_removed", owner=self._shelf.owner, feed=self._shelf.feed, rows=len(ghosts))
        return len(ghosts)


class LostRowsError(RetriableError):
    """The service counts more rows than arrived: the pull failed, and everything is read again."""
