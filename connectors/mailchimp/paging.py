"""Reading a listing to its end, though Mailchimp offers offsets only.

Rows that change while they are read move, and an offset then skips others. Listings of members are therefore read by
time of change: each page starts again at the moment where the last one ended, at offset 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from connectors.mailchimp.shapes import Member, Members
from connectors.mailchimp.wire import instant
from syncd.errors import RetriableError
from syncd.model import Instant

T = TypeVar("T")


_WALKS = 4
"""How often a listing is gone through for those who were skipped."""


def everything(what: str, fetch: Callable[[int], tuple[Sequence[T], int]]) -> Iterator[T]:
    """Read a short listing. `fetch` takes an offset and returns rows and how many there are in all.

    Raises:
        RetriableError: Fewer rows came than were counted.
    """
    offset = 0
    while True:
        rows, total = fetch(offset)
        yield from rows
        offset += len(rows)
        if offset >= total:
            return
        if not rows:
            raise _short(what, offset, total)


class Walk:
    """One reading of the members of a list, oldest change first.

    `fetch` takes the moment to start at (None: the beginning of time) and an offset, and returns a page of members
    changed then or later, oldest change first.
    """

    def __init__(self, what: str, fetch: Callable[[Instant | None, int], Members], since: Instant | None) -> None:
        """Read nothing yet. `what` is how messages and the progress call the listing."""
        self._what = what
        self._fetch = fetch
        self._since = since
        self._seen: set[str] = set()
        self.total = 0
        """How many rows the service counted at the start."""

    @property
    def done(self) -> int:
        """How many rows were read."""
        return len(self._seen)

    def pages(self) -> Iterator[list[Member]]:
        """Yield pages of members not seen before in this walk, each by time of change.

        Inside one crowded moment there are offsets only, and who leaves it while it is read makes others be skipped:
        a walk that came out short is gone again for those.

        Raises:
            RetriableError: Fewer members came than were counted.
        """
        for left in reversed(range(_WALKS)):
            yield from self._once()
            if self._is_whole(last=not left):
                return

    def _once(self) -> Iterator[list[Member]]:
        anchor, offset = self._since, 0
        page = self._fetch(anchor, offset)
        self.total = page.total_items
        while True:
            fresh = [member for member in page.members if member.id not in self._seen]
            self._seen.update(member.id for member in fresh)
            if fresh:
                yield fresh
            if offset + len(page.members) >= page.total_items:
                break
            if not page.members:
                raise _short(self._what, self.done, self.total)
            anchor, offset = _next_place(anchor, offset, page)
            page = self._fetch(anchor, offset)

    def _is_whole(self, *, last: bool) -> bool:
        """Compare with the count; who was deleted meanwhile is not missed."""
        if self.done >= self.total:
            return True
        left = self._fetch(self._since, 0).total_items
        if self.done < left and last:
            raise _short(self._what, self.done, left)
        return self.done >= left


def _next_place(anchor: Instant | None, offset: int, page: Members) -> tuple[Instant, int]:
    """Start again at the last moment of the page; only inside one crowded moment does the offset grow."""
    last = instant(page.members[-1].last_changed)
    if anchor is None or last > anchor:
        return last, 0
    return anchor, offset + len(page.members)


def _short(what: str, done: int, total: int) -> RetriableError:
    return RetriableError(f"Mailchimp counts {total} {what} and gave {done} of them")
