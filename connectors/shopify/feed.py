"""One kind of record, read by time of change: the newest page, pages upward, or an export."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Generic, TypeVar

from connectors.shopify import documents
from connectors.shopify.account import Account
from connectors.shopify.bulk import Batch, Exports, Wanted
from connectors.shopify.paging import IDS_AT_ONCE, Pager
from connectors.shopify.recipe import Recipe, alone, as_it_is, each
from connectors.shopify.shapes import Row, Shape
from connectors.shopify.wire import Node, instant
from syncd.model import Instant
from syncd.ports import Cursor, Page, Peek

T = TypeVar("T", bound=Row)

_IDS = Recipe[int](Node, None, each(attrgetter("number")), as_it_is, alone)
_number = attrgetter("id")

PAGES = 4
"""Beyond so many pages an export takes fewer calls and far fewer points, and hardly longer."""

PAGED_AT_MOST = 20_000
"""The store refuses to page beyond 25,000 rows of one search."""


class ShopifyFeed(Generic[T]):
    """A feed of one shape."""

    def __init__(self, shape: Shape[T], pager: Pager[T], exports: Exports, account: Account) -> None:
        """Read nothing yet."""
        self._shape = shape
        self._pager = pager
        self._exports = exports
        self._account = account
        self._what = shape.kind.value

    def peek(self, since: Instant) -> Peek[T]:
        """Return the newest rows changed at or after `since`, and both counts, in a single call.

        One call more is made for each of these whose children do not fit the page (an order of over thirty lines).
        """
        rows, window, whole = self._pager.newest(since)
        return Peek(sorted(rows, key=_place, reverse=True), window, whole)

    def pages(self, since: Instant | None, expected: int | None = None, *, go_on: bool = False) -> Iterator[Page[T]]:
        """Read all rows changed at or after `since`, by pages or by an export, whichever is quicker.

        An export is begun at once, so that those of several kinds are made side by side.

        Raises:
            RetriableError: The store stopped answering; rows yielded so far are good.
        """
        few = self._shape.size * PAGES
        unknown = few + 1 if since is None else 0
        if (unknown if expected is None else expected) > few:
            return self._exported(since, expected, go_on=go_on)
        return self._upward(since) if self._shape.by_change else self._downward(since)

    def count(self) -> int:
        """Return how many rows there are, exactly."""
        return self._pager.count()

    def ids(self) -> Iterator[Page[int]]:
        """Read the ids of all rows that exist."""
        total = self.count()
        if total <= PAGES * IDS_AT_ONCE:
            yield from map(Page, self._pager.id_pages())
            return
        # not kept in the memo: taken up later, it would miss what was made since, which would then look deleted
        wanted = Wanted(documents.id_export(self._shape), f"{self._what} ids export", _IDS, total=total)
        for batch in self._exports.read(wanted):
            yield Page(batch.rows, left=batch.left)

    def _upward(self, since: Instant | None) -> Iterator[Page[T]]:
        """Read pages from the oldest change on, each with its cursor."""
        reached = Cursor(since or 0)
        read = 0
        for connection in self._pager.pages(since):
            places = [Cursor(instant(node.updated_at), node.number) for node in connection.nodes]
            last = not connection.page_info.has_next_page
            # rows out of order changed after the search index last saw them: their time says nothing of what follows
            if last or [reached, *places] == sorted([reached, *places]):
                reached = max([reached, *places])
            yield Page(self._pager.values(connection), reached)
            read += len(places)
            if read >= PAGED_AT_MOST and not last:
                yield from self._exported(reached.at, None)
                return

    def _downward(self, since: Instant | None) -> Iterator[Page[T]]:
        """Read pages of what cannot be sorted by time of change, newest made first.

        What changes while it is read changes after the first page was made; so the newest change on that page is as
        far as the whole reading is good for.
        """
        first: Cursor | None = None
        read = 0
        for connection in self._pager.pages(since):
            rows = self._pager.values(connection)
            first = first or max([Cursor(since or 0), *map(_place, rows)])
            last = not connection.page_info.has_next_page
            yield Page(rows, first if last else None)
            read += len(rows)
            if read >= PAGED_AT_MOST and not last:
                yield from self._exported(since, None)
                return

    def _exported(self, since: Instant | None, expected: int | None, *, go_on: bool = False) -> Iterator[Page[T]]:
        """Read an export; its one cursor is the moment at which it was begun."""
        shape = self._shape
        wanted = Wanted(
            documents.export(shape, self._account.scopes, since),
            f"{self._what} export",
            shape.recipe,
            key=f"export {self._what}",
            total=expected,
            go_on=go_on,
        )
        return (self._page(batch) for batch in self._exports.read(wanted))

    def _page(self, batch: Batch[T]) -> Page[T]:
        # ids are in order in the usual file; a mirror that is filled in their order grows at its end
        rows = sorted(batch.rows, key=_number)
        return Page(rows, None if batch.as_of is None else Cursor(batch.as_of), batch.left)


def _place(row: Row) -> Cursor:
    return Cursor(row.updated_at, row.id)
