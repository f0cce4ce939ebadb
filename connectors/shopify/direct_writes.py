"""Tags of a few customers, written by mutations side by side in one call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.halving import halved
from connectors.shopify import documents
from connectors.shopify.answers import RefusedCallError, Reply, said
from connectors.shopify.client import Ask, Client
from connectors.shopify.price import MUTATION, by_calls
from connectors.shopify.writes import NO_ANSWER, NOT_NAMED, Result, Write, judged, refused, settled, unknown
from syncd.errors import RetriableError
from syncd.model import Outcome
from syncd.ports import Price

AT_ONCE = 25
"""Mutations a call. A hundred would be allowed, but they run one after the other and a call ends after ten seconds."""

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
        return _LEAST if available is None else max(_LEAST, min(_MOST, int(available) // MUTATION))

    def price(self, mutations: int) -> Price:
        """Say what so many mutations take."""
        return by_calls(mutations, AT_ONCE, self._client.pace.wait_for(MUTATION * mutations))

    def carry_out(self, todo: Sequence[Write]) -> Iterator[Outcome]:
        """Send the mutations, some at a time, and yield the outcome of each change.

        Raises:
            RetriableError: The store stopped answering; what was in flight has been told as unknown.
            FatalError: The store takes no writes from this app.
        """
        for start in range(0, len(todo), AT_ONCE):
            yield from self._some(todo[start : start + AT_ONCE])

    def _some(self, some: Sequence[Write]) -> Iterator[Outcome]:
        """Send one call's mutations; where the store refuses the call, find the one that it is refused for."""
        for sent, answer in halved(some, self._call, RefusedCallError):
            if isinstance(answer, RefusedCallError):
                yield from refused(sent[0], answer.words)
            elif isinstance(answer, RetriableError):
                if answer.unknown_fate:
                    yield from unknown(sent, NO_ANSWER)
                raise settled(answer)
            else:
                yield from _told(sent, *answer)

    def _call(self, some: Sequence[Write]) -> tuple[Reply, dict[str, Result | None]] | RetriableError:
        document = documents.write_tags(tuple(write.mutation for write in some))
        variables: dict[str, str | list[str]] = {}
        for n, write in enumerate(some):
            variables |= {f"i{n}": write.customer, f"t{n}": write.tags}
        ask = Ask(document, variables, "write", cost=MUTATION * len(some), partial=True, writes=True)
        try:
            reply = self._client.call(ask)
            return reply, self._client.decode(reply.data, dict[str, Result | None], what="write")
        except RetriableError as error:
            return error


def _told(some: Sequence[Write], reply: Reply, results: dict[str, Result | None]) -> Iterator[Outcome]:
    reasons = {str(fault.path[0]): said(fault.message) for fault in reply.faults if fault.path}
    for n, write in enumerate(some):
        yield from judged(write, results.get(f"m{n}"), reasons.get(f"m{n}", NOT_NAMED))
