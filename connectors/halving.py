"""Finding the one that a whole batch is refused for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Refused = TypeVar("Refused", bound=Exception)


def halved(
    items: Sequence[Item], call: Callable[[Sequence[Item]], Answer], refused: type[Refused]
) -> Iterator[tuple[Sequence[Item], Answer | Refused]]:
    """Make a call for all items; where it is refused as a whole, for each half of them, down to the single item.

    Yields what was sent and what came of it, as each call ends. Only a single item is ever yielded as refused.

    Args:
        items: What to send.
        call: Sends some of them.
        refused: The error which says that nothing was done because of what was sent.
    """
    try:
        answer = call(items)
    except refused as refusal:
        if len(items) == 1:
            yield items, refusal
            return
    else:
        yield items, answer
        return
    middle = len(items) // 2
    yield from halved(items[:middle], call, refused)
    yield from halved(items[middle:], call, refused)
