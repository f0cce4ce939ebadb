"""What a query costs.

The published rule leaves the size of a connection open. This formula gives the requested cost of every recorded
answer: an object is 1, a root mutation 10 with its payload's objects free, a count 10, money and the default address
0, and a connection 2 + g(n) times what one row costs, with g(n) = n up to 2 and ⌊2 ln n⌋ above. `nodes` and `edges`
both selected are both paid. What is charged follows the same formula with the rows that came (g is 1 for one or two);
an empty list is charged as asked for, its rows as bare objects; a missing object is charged 1. That, too, gives every
recorded charge.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    value_from_ast_untyped,
)

HIGHEST = 1000
MUTATION = 10
COUNT = 10
_FREE = {"MoneyV2", "MoneyBag", "MailingAddress", "PageInfo", "UserError", "Count", "SearchResult"}


def _rows_price(number: int) -> int:
    return number if number <= 2 else math.floor(2 * math.log(number))


class Pricing:
    """Prices one operation."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], variables: Mapping[str, Any]
    ) -> None:
        """Price against `schema`, with the document's fragments and the request's variables."""
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def requested(self, operation: OperationDefinitionNode) -> int:
        """Return the requested cost."""
        root = self._schema.get_root_type(operation.operation)
        if operation.operation.value == "mutation":
            return sum(self._mutation(root, field) for field in self._fields(operation.selection_set))
        return max(1, self._selection(root, operation.selection_set))

    def charged(self, operation: OperationDefinitionNode, data: Any, requested: int) -> int:
        """Return the actual cost, given the answer."""
        if operation.operation.value == "mutation" or not isinstance(data, Mapping):
            return min(requested, max(1, requested))
        root = self._schema.get_root_type(operation.operation)
        return max(1, min(requested, self._selection(root, operation.selection_set, data)))

    def _mutation(self, root: Any, field: FieldNode) -> int:
        payload = get_named_type(root.fields[field.name.value].type)
        price = MUTATION
        for inner in self._fields(field.selection_set):
            if inner.name.value != "userErrors" and inner.selection_set:
                returned = get_named_type(payload.fields[inner.name.value].type)
                price += self._selection(returned, inner.selection_set)
        return price

    def _fields(self, selections: SelectionSetNode | None) -> list[FieldNode]:
        found: list[FieldNode] = []
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                found.append(node)
            elif isinstance(node, InlineFragmentNode):
                found += self._fields(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                found += self._fields(self._fragments[node.name.value].selection_set)
        return found

    def _selection(self, parent: Any, selections: SelectionSetNode | None, data: Any = ...) -> int:
        """Price what is selected of one object; `data` is its answer, where there is one."""
        price = 0
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                price += self._field(parent, node, data)
                continue
            inner = node if isinstance(node, InlineFragmentNode) else self._fragments[node.name.value]  # type: ignore[attr-defined]  # the only other kind
            condition = getattr(inner, "type_condition", None)
            kind = self._schema.type_map[condition.name.value] if condition else parent
            price += self._selection(kind, inner.selection_set, data)
        return price

    def _field(self, parent: Any, node: FieldNode, data: Any) -> int:
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) or node.name.value not in parent.fields:
            return 0
        returned = get_named_type(parent.fields[node.name.value].type)
        if returned.name == "Count":
            return COUNT
        if not node.selection_set:
            return 0
        answer = data
        if data is not ...:
            answer = (
                data.get(node.alias.value if node.alias else node.name.value) if isinstance(data, Mapping) else None
            )
            if answer is None:
                return 1
        if returned.name.endswith("Connection"):
            return self._connection(returned, node, answer)
        inner = answer[0] if isinstance(answer, list) and answer else answer
        own = 0 if returned.name in _FREE and not parent.name.endswith("Edge") else 1
        return own + self._selection(returned, node.selection_set, {} if isinstance(inner, list) else inner)

    def _connection(self, kind: Any, node: FieldNode, answer: Any) -> int:
        row = sum(self._row(kind, part) for part in self._fields(node.selection_set))
        if answer is ...:
            return 2 + _rows_price(self._size(node)) * row
        number = _rows_in(answer)
        if number == 0:
            return 2 + _rows_price(self._size(node)) * min(row, 1)
        return 2 + (_rows_price(number) if number > 2 else 1) * row

    def _row(self, kind: Any, part: FieldNode) -> int:
        if part.name.value not in {"nodes", "edges"}:
            return 0
        returned = get_named_type(kind.fields[part.name.value].type)
        if part.name.value == "nodes":
            return 1 + self._selection(returned, part.selection_set)
        price = 0
        for inner in self._fields(part.selection_set):
            if inner.name.value == "node":
                node_type = get_named_type(returned.fields["node"].type)
                price += 1 + self._selection(node_type, inner.selection_set)
        return price

    def _size(self, node: FieldNode) -> int:
        for argument in node.arguments:
            if argument.name.value in {"first", "last"}:
                found = value_from_ast_untyped(argument.value, dict(self._variables))
                if isinstance(found, int):
                    return found
        return 1


def _rows_in(answer: Any) -> int:
    if not isinstance(answer, Mapping):
        return 0
    return max((len(part) for part in answer.values() if isinstance(part, list)), default=0)
