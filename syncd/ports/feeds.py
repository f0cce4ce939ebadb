"""What is read of a service by time of change: a feed, its pages, how far it was read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from syncd.model import Instant

T = TypeVar("T")


class Cursor(msgspec.Struct, frozen=True, order=True):
    """How far a feed has been read: every row up to this time of change (and, within that second, this id).

    Attributes:
        at: In the service's own clock.
        id: The last row's numeric id, 0 where the service has none.
    """

    at: Instant
    id: int = 0


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some rows, and how far the feed is read once they are stored.

    Attributes:
        rows: In any order within the page.
        cursor: To be saved in the transaction that stores the rows; None where reading must start over if it breaks
            off after this page (the inner pages of an unsorted export).
        left: How many rows are still to come after this page, where known.
    """

    rows: Sequence[T]
    cursor: Cursor | None = None
    left: int | None = None


class Peek(msgspec.Struct, Generic[T], frozen=True):
    """The newest rows of a window, and how many the service counts in it.

    Attributes:
        rows: The newest rows at or after the window's start, newest first; at most one page.
        window: How many rows the service counts at or after the window's start.
        whole: How many rows the service counts in all; None where it does not tell in the same call.
    """

    rows: Sequence[T]
    window: int
    whole: int | None = None


class Feed(Protocol[T]):
    """One kind of record of a service, readable by time of change."""

    def peek(self, since: Instant) -> Peek[T]:
        """Return the newest rows changed at or after `since`, and the counts, in a single call."""
        ...

    def pages(self, since: Instant | None, expected: int | None = None, *, go_on: bool = False) -> Iterator[Page[T]]:
        """Read all rows changed at or after `since` (all there are, with None), oldest change first where it can.

        What the service has to prepare is begun at the call, so that several feeds are prepared side by side. The last
        page carries a cursor. A row may come twice; a row that changes while being read comes again.

        Args:
            since: Where the window starts.
            expected: How many rows will come, where known: the connector chooses its way (pages, or an export) by it.
            go_on: Whether rows may be left out that the same reading gave before it broke off, maybe in another
                process: whoever asks for a page has stored the one before.

        Raises:
            RetriableError: The service stopped answering; rows yielded so far are good.
        """
        ...

    def count(self) -> int:
        """Return how many rows there are, by the service's own exact count."""
        ...

    def ids(self) -> Iterator[Page[Any]]:
        """Read the keys of all rows that exist (numeric ids; the subjects of contacts).

        What is mirrored and not among them was deleted or merged.
        """
        ...
