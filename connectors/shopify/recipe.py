"""How a record and what hangs on it become one of syncd's values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from connectors.shopify.wire import Node

T = TypeVar("T")


class Recipe(msgspec.Struct, Generic[T], frozen=True):
    """The types of one kind's JSON, and the steps from it to the value.

    The JSON of a record is turned at once, and that of its children as soon as each is at hand: what waits for the rest
    of an export is then small, and nothing is looked at twice.

    Attributes:
        record: The type of a record's JSON.
        child: The type of the JSON of what hangs on it; None where nothing can.
        head: Turns a record's JSON into what waits for the children.
        below: Turns a child's JSON, given its parent's head.
        whole: Puts both together; children come in any order, but each once.
    """

    record: type[Node]
    child: type[Node] | None
    head: Callable[[Any], Any]
    below: Callable[[Any, Any], Any]
    whole: Callable[[Any, Sequence[Any]], T]

    def value(self, node: Any, children: Sequence[Any]) -> T:
        """Return the value of a record whose children are all there."""
        head = self.head(node)
        return self.whole(head, [self.below(child, head) for child in children])


def as_it_is(node: Any, _: object = None) -> Any:
    """Leave the JSON of a record or a child for the last step."""
    return node


def alone(head: T, _: Sequence[Any]) -> T:
    """Return the value of a record on which nothing hangs."""
    return head
