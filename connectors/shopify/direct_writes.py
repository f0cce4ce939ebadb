"""Tags of a few customers, written by mutations side by side in one call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.shopify import documents
from connectors.shopify.answers import said
from connectors.shopify.client import Ask, Client
from connectors.shopify.writes import NO_ANSWER, NOT_NAMED, Result, Write, judged, settled, unknown
from syncd.errors import RetriableError
from syncd.model import Outcome

_AT_ONCE = 25
"""Mutations a call. A hundred would be allowed, but they run one after the other and a call ends after ten seconds."""

_POINTS = 10
"""What a mutation costs."""

_LEAST = 25
_MOST = 200
"""Between these the bucket decides; beyond, a file is quicker whatever the plan."""


class DirectWriter:
    """Writes tags by calls of several mutations."""

    def __init__(self, client: Client) -> None:
        """Write nothing yet."""
        self._client = client

    def capacity(self) -> int:
        """Return how many mutations go out about as quickly as a file would: those that need not wait for points."""
        available = self._client.pace.available
        return _LEAST if available is None else max(_LEAST, min(_MOST, int(available) // _POINTS))

    def carry_out(self, todo: Sequence[Write]) -> Iterator[Outcome]:
        """Send the mutations, some at a time, and yield the outcome of each change.

        Raises:
            RetriableError: The store stopped answering; what was in flight has been told as unknown.
            FatalError: The store takes no writes from this app.
        """
        for start in range(0, len(todo), _AT_ONCE):
            yield from self._call(todo[start : start + _AT_ONCE])

    def _call(self, some: Sequence[Write]) -> Iterator[Outcome]:
        document = documents.write_tags(tuple(write.mutation for write in some))
        variables: dict[str, str | list[str]] = {}
        for n, write in enumerate(some):
            variables |= {f"i{n}": write.customer, f"t{n}": write.tags}
        ask = Ask(document, variables, "write", cost=_POINTS * len(some), partial=True, writes=True)
        try:
            reply = self._client.call(ask)
            results = self._client.decode(reply.data, dict[str, Result | None], what="write")
        except RetriableError as error:
            if error.unknown_fate:
                yield from unknown(some, NO_ANSWER)
            raise settled(error) from error
        reasons = {str(fault.path[0]): said(fault.message) for fault in reply.faults if fault.path}
        for n, write in enumerate(some):
            yield from judged(write, results.get(f"m{n}"), reasons.get(f"m{n}", NOT_NAMED))
