"""How a record and what hangs on it become one of syncd's values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from connectors.shopify.wire import Node

T = TypeVar("T")


class Recipe(msgspec.Struct, Generic[T], frozen=True):
    """The types of one kind's JSON, and the steps from it to the value.

    The JSON of records is turned at once, and that of their children as soon as it is at hand: what waits for the rest
    of an export is then small, and nothing is looked at twice. Many are turned together, for much of it costs less so.

    Attributes:
        record: The type of a record's JSON.
        child: The type of the JSON of what hangs on it; None where nothing can.
        heads: Turns the JSON of records into what waits for the children.
        below: Turns the JSON of children, given the head of each one's parent.
        whole: Puts both together; children come in any order, but each once.
    """

    record: type[Node]
    child: type[Node] | None
    heads: Callable[[Sequence[Any]], Sequence[Any]]
    below: Callable[[Sequence[Any], Sequence[Any]], Sequence[Any]]
    whole: Callable[[Any, Sequence[Any]], T]

    def value(self, node: Any, children: Sequence[Any]) -> T:
        """Return the value of a record whose children are all there."""
        (head,) = self.heads([node])
        return self.whole(head, self.below(children, [head] * len(children)))


def each(turn: Callable[..., Any]) -> Callable[..., list[Any]]:
    """Turn records or children one by one."""
    return lambda *them: list(map(turn, *them))


def as_it_is(nodes: Sequence[Any], _: object = None) -> Sequence[Any]:
    """Leave the JSON of records or children for the last step."""
    return nodes


def alone(head: T, _: Sequence[Any]) -> T:
    """Return the value of a record on which nothing hangs."""
    return head
