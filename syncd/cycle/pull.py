"""Pull: bring the mirror up to what a service now says.

The newest page of what changed since the cursor (less an overlap, for rows that a search index shows late) comes with
the service's own counts in one call. If that page is the whole window, it is all there is to read. If it is not, but
every row on it is known and the counts agree, nothing changed: what we see are our own writes. Else the whole window
is read. Counts decide at the end: more rows here than there means deletions, fewer means rows were lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

import msgspec

from syncd import log
from syncd.clock import Clock
from syncd.errors import FatalError
from syncd.mirror.listing import Listing
from syncd.mirror.looks import Look
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


class _Opening(msgspec.Struct, Generic[T], frozen=True):
    """How a first reading begins: one look, and what is read after it; None where that look showed everything."""

    peek: Peek[T]
    expected: int
    pages: Iterator[Page[T]] | None = None


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
        self.shelf = shelf
        self._feed = feed
        self._clock = clock
        self._progress = progress
        self._partial = partial
        self._rows = 0
        self._opened: _Opening[T] | None = None

    def begin(self, *, full: bool = False) -> None:
        """Let the service get ready what a first reading (or a `full` one) asks for, and wait for nothing.

        Raises:
            RetriableError: The service does not answer.
            FatalError: The service will not answer.
        """
        if full or self.shelf.cursor() is None:
            self._opened = self._open(full=full)

    def pull(self, *, full: bool = False) -> Pulled:
        """Read what changed, or everything, and compare the counts.

        Raises:
            RetriableError: The service stopped answering, or rows were lost; what was read is kept.
            FatalError: The service will not answer.
        """
        cursor = None if full else self.shelf.cursor()
        first = cursor is None
        was_empty = first and not self.shelf.count()
        if cursor is None:
            since, peek = self._read_everything(self._opened or self._open(full=full))
            cursor = self.shelf.cursor()
        else:
            since = max(0, cursor.at - OVERLAP)
            peek = self._catch_up(since, cursor)
        whole = self._whole(peek, first=first)
        removed = self._remove_ghosts(whole, full=full)
        if self._short(peek, whole, since):  # a count may be a moment ahead of the listing
            peek = self._catch_up(since, cursor)
            whole = self._whole(peek, first=first)
        self._refuse_loss(peek, whole, since)
        self._note(
            peek, whole, since, all_compared=was_empty or (first and whole is not None and self.shelf.count() == whole)
        )
        return Pulled(self._rows, removed)

    def compare(self, *, whole: bool, full: bool = False) -> Pulled:
        """Compare, key by key, what is here with all that the service lists: equal counts may hide a deletion.

        Belongs after a pull: what is here then is older than the listing. Of a feed that shows only some of its rows
        nothing is compared, for what is invisible is not gone.

        Args:
            whole: Read all rows anew for it: a service may change something without moving the time of change.
            full: Believe that very much is gone, too.

        Raises:
            RetriableError: The service stopped answering; nothing was deleted.
            FatalError: The listing is shorter than the service's own count, or very much would be gone.
        """
        found = msgspec.structs.replace(self.shelf.last_look(), reconciled_at=self._clock.now())
        removed = 0
        if not self._partial:
            with Listing() as there:
                counted = self._list(there, whole=whole)
                removed = self._remove(self._gone_for_good(there, counted), there, full=full)
                self._read_unread(len(there))
            found = msgspec.structs.replace(found, here=self.shelf.count(), counted=counted)
        self.shelf.look(found)
        return Pulled(self._rows, removed)

    def _open(self, *, full: bool) -> _Opening[T]:
        """Look how much there is, and begin to read it if it is more than a page. What broke off goes on."""
        peek = self._feed.peek(0)
        expected = peek.window if peek.whole is None else peek.whole
        if peek.whole is not None and len(peek.rows) >= peek.whole:
            return _Opening(peek, expected)
        return _Opening(peek, expected, self._feed.pages(None, expected, go_on=not full))

    def _read_everything(self, opening: _Opening[T]) -> tuple[Instant, Peek[T]]:
        """Read all there is; return the start of the window that was looked at last, and what was seen in it."""
        if opening.pages is None:
            self._store(Page(opening.peek.rows, self._newest(opening.peek, None)), opening.expected)
            return 0, opening.peek
        with self.shelf.filling():
            self._read(opening.pages, opening.expected)
        cursor = self.shelf.cursor()
        since = max(0, cursor.at - OVERLAP) if cursor else 0
        return since, self._catch_up(since, cursor)

    def _catch_up(self, since: Instant, cursor: Cursor | None) -> Peek[T]:
        peek = self._feed.peek(since)
        if len(peek.rows) >= peek.window:
            self._store(Page(peek.rows, self._newest(peek, cursor)), peek.window)
        elif not (self.shelf.knows(peek.rows) and self.shelf.count(since) - peek.window == self._surplus(since)):
            self._read(self._feed.pages(since, peek.window), peek.window)
        return peek

    def _surplus(self, since: Instant) -> int:
        """How many rows of a window are here and not in the service's count of it, as was found when it was read.

        An audience's peek does not count the archived: with them, a quiet audience would be read again each time.
        """
        last = self.shelf.last_look()
        return last.surplus if last.window_from == since else 0

    def _note(self, peek: Peek[T], whole: int | None, since: Instant, *, all_compared: bool) -> None:
        now = self._clock.now()
        last = self.shelf.last_look()
        self.shelf.pulled(now)
        self.shelf.look(
            Look(
                owner=self.shelf.owner,
                feed=self.shelf.feed,
                here=self.shelf.count(),
                counted=last.counted if whole is None else whole,
                looked_at=now,
                reconciled_at=now if all_compared else last.reconciled_at,
                window_from=since,
                surplus=max(0, self.shelf.count(since) - peek.window),
            )
        )

    def _newest(self, peek: Peek[T], cursor: Cursor | None) -> Cursor | None:
        """The newest row's time of change: where the next pull goes on."""
        changed = [self.shelf.changed_of(row) for row in peek.rows]
        newest = max(changed, default=0)
        return Cursor(newest) if cursor is None or newest > cursor.at else None

    def _read(self, pages: Iterator[Page[T]], expected: int | None) -> None:
        for page in pages:
            self._store(page, expected)

    def _store(self, page: Page[T], expected: int | None) -> None:
        now = self._clock.now()
        self.shelf.put(page.rows, _no_later(page.cursor, now), now)
        self._rows += len(page.rows)
        total = expected if page.left is None else self._rows + page.left
        self._progress(Progress(self._name, self._rows, total))

    def _whole(self, peek: Peek[T], *, first: bool) -> int | None:
        """Return how many rows there are by the service's own count, where it is told and all are shown."""
        if self._partial:
            return None
        return self._feed.count() if peek.whole is None and first else peek.whole

    def _short(self, peek: Peek[T], whole: int | None, since: Instant) -> bool:
        """Whether rows are missing; where not all are shown, the window's own count tells."""
        if self._partial:
            return self.shelf.count(since) < peek.window
        return whole is not None and self.shelf.count() < whole

    def _refuse_loss(self, peek: Peek[T], whole: int | None, since: Instant) -> None:
        if self._short(peek, whole, since):
            counted, here = (peek.window, self.shelf.count(since)) if whole is None else (whole, self.shelf.count())
            raise LostRowsError(
                f"{self._name}: the service counts {counted:,} rows, {here:,} arrived",
                hint="if it stays so, all of them are read again; syncd sync --full does it at once",
            )

    @property
    def _name(self) -> str:
        return f"{self.shelf.feed} of {self.shelf.owner}"

    def _remove_ghosts(self, whole: int | None, *, full: bool) -> int:
        """Delete what the service no longer has, and return how many rows that were."""
        if whole is None or self.shelf.count() <= whole:
            return 0
        with Listing() as there:
            for page in self._feed.ids():
                there.add(page.rows)
            self._refuse_cut(len(there), whole)
            return self._remove(list(there.lacks(self.shelf.all_keys())), there, full=full)

    def _list(self, there: Listing, *, whole: bool) -> int:
        """List everything, and return how many rows the service counts: the fewer of before and after."""
        before = self._feed.count()
        if whole:
            for page in self._feed.pages(None):
                self._store(page, before)
                there.add(self.shelf.keys_of(page.rows))
        else:
            for ids in self._feed.ids():
                there.add(ids.rows)
        counted = before if len(there) >= before else min(before, self._feed.count())
        self._refuse_cut(len(there), counted)
        return counted

    def _gone_for_good(self, there: Listing, counted: int) -> list[Any]:
        """Return what two listings lack, and what has not only just come: one page may always be a row short."""
        gone = list(there.lacks(self.shelf.all_keys()))
        gone = self.shelf.changed_before(gone, self._clock.now() - OVERLAP)
        if not gone:
            return []
        with Listing() as again:
            for page in self._feed.ids():
                again.add(page.rows)
            self._refuse_cut(len(again), min(counted, self._feed.count()))
            return list(again.lacks(gone))

    def _refuse_cut(self, listed: int, counted: int) -> None:
        if listed < counted:
            raise FatalError(
                f"{self._name}: the service counts {counted:,} rows and lists {listed:,}; nothing was deleted"
            )

    def _remove(self, gone: list[Any], there: Listing, *, full: bool) -> int:
        """Delete rows, unless it were very much at once: who shows nobody for a moment must not empty the mirror."""
        here = self.shelf.count()
        if len(gone) > max(FEW, here * MOST_GONE) and not full:
            raise FatalError(
                f"{self._name}: the service shows {here - len(gone):,} of {here:,} rows; nothing was deleted",
                hint="if they are really gone, say so with: syncd sync --full",
            )
        self.shelf.remove(gone)
        self.shelf.keep_only(there)
        if gone:
            log.get().info("ghosts_removed", feed=self.shelf.feed, rows=len(gone))
        return len(gone)

    def _read_unread(self, listed: int) -> None:
        """Read what is listed and not here: news, at best; rows that a deletion hid from the counts, at worst."""
        if self.shelf.count() < listed:
            self.pull()
        if self.shelf.count() < listed:
            self._read(self._feed.pages(None), listed)
        if self.shelf.count() < listed:
            raise LostRowsError(f"{self._name}: the service lists {listed:,} rows, {self.shelf.count():,} arrived")


def _no_later(cursor: Cursor | None, now: Instant) -> Cursor | None:
    """Let no row that says it changes in the future move the cursor past everything until then."""
    return cursor if cursor is None or cursor.at <= now else Cursor(now)


class LostRowsError(FatalError):
    """The service counts more rows than arrived: the pull failed, and if it stays so everything is read again."""
