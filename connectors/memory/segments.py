"""What a store in memory says of segments: the answers that a world was given."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from syncd.errors import FatalError
from syncd.ports import Page, SavedSegment


class MemorySegments:
    """Segments that are saved under their queries, and whom they hold."""

    def __init__(
        self, name: str, answers: Mapping[str, Collection[int]], call: Callable[[], None], page_size: int
    ) -> None:
        """Tell nothing yet; `call` is made for each page."""
        self._name = name
        self._answers = answers
        self._call = call
        self._page_size = page_size

    def saved(self) -> Iterator[SavedSegment]:
        """Read all saved segments."""
        self._call()
        yield from (SavedSegment(query, query) for query in self._answers)

    def members(self, query: str, timezone: str) -> Iterator[Page[int]]:  # noqa: ARG002  # its answers know no days
        """Ask for the ids of the customers whom a query finds.

        Raises:
            FatalError: No answer to it is known.
        """
        self._call()
        if query not in self._answers:
            raise FatalError(f"the store {self._name} does not understand the query")
        found = sorted(self._answers[query])
        for start in range(0, len(found), self._page_size):
            if start:
                self._call()
            yield Page(found[start : start + self._page_size])
