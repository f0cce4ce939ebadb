"""Finding the one that a whole batch is refused for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from connectors.mailchimp.judge import RefusedError

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def halved(
    items: Sequence[Item], call: Callable[[Sequence[Item]], Answer]
) -> Iterator[tuple[Sequence[Item], Answer | RefusedError]]:
    """Make a call for all items; where it is refused as a whole, for each half of them, down to the single item.

    Yields what was sent and what came of it, as each call ends. Only a single item is ever yielded as refused.
    """
    try:
        answer = call(items)
    except RefusedError as refusal:
        if len(items) == 1:
            yield items, refusal
            return
    else:
        yield items, answer
        return
    middle = len(items) // 2
    yield from halved(items[:middle], call)
    yield from halved(items[middle:], call)
