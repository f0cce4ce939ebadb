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
from syncd.errors import FatalError
from syncd.mirror.shelves import Shelf
from syncd.model import Instant
from syncd.ports import Cursor, Feed, Page, Peek, Progress

T = TypeVar("T")

OVERLAP = 300
"""Seconds read again before the cursor: search indexes lag by seconds, at worst by minutes."""

FEW = 20
"""So many rows may always be found deleted at once."""
MOST_GONE = 0.3
"""A larger share of a feed than this is only taken for deleted when everything is read again on purpose."""


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
        whole = self._whole(self._catch_up(since, cursor), first=first)
        removed = self._remove_ghosts(whole, full=full)
        if self._short(whole):  # a count may be a moment ahead of the listing
            whole = self._whole(self._catch_up(since, cursor), first=first)
        self._refuse_loss(whole)
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

    def _whole(self, peek: Peek[T], *, first: bool) -> int | None:
        """Return how many rows there are by the service's own count, where it is told and all are shown."""
        if self._partial:
            return None
        return self._feed.count() if peek.whole is None and first else peek.whole

    def _short(self, whole: int | None) -> bool:
        return whole is not None and self._shelf.count() < whole

    def _refuse_loss(self, whole: int | None) -> None:
        if whole is not None and self._short(whole):
            raise LostRowsError(
                f"{self._shelf.feed} of {self._shelf.owner}: the service counts {whole:,} rows, "
                f"{self._shelf.count():,} arrived",
                hint="if it stays so, all of them are read again; syncd sync --full does it at once",
            )

    def _remove_ghosts(self, whole: int | None, *, full: bool) -> int:
        """Delete what the service no longer has, and return how many rows that were.

        Nothing is deleted where its list of ids is shorter than its count, nor, unless everything was asked for, where
        it is very much at once: a service that shows nobody for a moment must not empty the mirror.
        """
        here = self._shelf.count()
        if whole is None or here <= whole:
            return 0
        there = {key for page in self._feed.ids() for key in page.rows}
        name = f"{self._shelf.feed} of {self._shelf.owner}"
        if len(there) < whole:
            raise FatalError(f"{name}: the service counts {whole:,} rows and lists {len(there):,}; nothing was deleted")
        ghosts = [key for key in self._shelf.all_keys() if key not in there]
        if len(ghosts) > max(FEW, here * MOST_GONE) and not full:
            raise FatalError(
                f"{name}: the service shows {here - len(ghosts):,} of {here:,} rows; nothing was deleted",
                hint="if they are really gone, say so with: syncd sync --full",
            )
        self._shelf.remove(ghosts)
        self._shelf.keep_only(there)
        log.get().info("ghosts_removed", owner=self._shelf.owner, feed=self._shelf.feed, rows=len(ghosts))
        return len(ghosts)


class LostRowsError(FatalError):
    """The service counts more rows than arrived: the pull failed, and if it stays so everything is read again."""
