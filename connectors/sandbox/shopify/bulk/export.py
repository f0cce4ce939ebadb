"""Selections compiled into functions: an export of a million rows cannot go through graphql-core field by field.

graphql-core has validated the query; what the fields say comes from the same table that its resolvers read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from random import Random
from typing import Any

import msgspec
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLSchema,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)
from graphql.execution.values import get_argument_values

from connectors.sandbox.shopify.bulk.rules import BulkQueryError, Document, fields_of, node_of
from connectors.sandbox.shopify.fields import CHILDREN, GETTERS
from connectors.sandbox.shopify.getters import Getter
from connectors.sandbox.shopify.scopes import held, needed
from connectors.sandbox.shopify.view import View

Build = Callable[[Any], dict[str, Any]]

WINDOW = 64
"""Parents after which the children of the ones before are written: never next to their own."""

ROOTS = {"customers": "customers", "orders": "orders", "products": "products", "abandonedCheckouts": "checkouts"}


class DeniedError(Exception):
    """A scope is missing; the whole operation fails."""


class Plan(msgspec.Struct, frozen=True):
    """How rows of one type are written, and which connections hang below."""

    build: Build
    children: tuple[Branch, ...]


Branch = tuple[Callable[[Any, View], Iterable[Any]], Plan]
"""How a connection's rows are found below a record, and written."""


class Export(msgspec.Struct, frozen=True):
    """One root connection of an export."""

    kind: str
    query: str
    sort_key: str
    plan: Plan


def compile_exports(document: Document, schema: GraphQLSchema, view: View) -> list[Export]:
    """Return the exports that a bulk query asks for.

    Raises:
        DeniedError: A scope is missing.
        BulkQueryError: A root field is none that the sandbox exports.
    """
    compiler = _Compiler(document, schema, view)
    return [compiler.root(field) for field in fields_of(document.operation.selection_set, document)]


class _Compiler:
    def __init__(self, document: Document, schema: GraphQLSchema, view: View) -> None:
        self._document = document
        self._schema = schema
        self._view = view
        self._names: dict[str, Any] = {"view": view, "islice": islice}

    def root(self, field: FieldNode) -> Export:
        """Compile a root connection."""
        if field.name.value not in ROOTS:
            raise BulkQueryError(f"the sandbox exports only {', '.join(ROOTS)} at the root, not {field.name.value}")
        parent: Any = self._schema.query_type
        self._allow("QueryRoot", field, parent)
        arguments = get_argument_values(parent.fields[field.name.value], field)
        rows = get_named_type(parent.fields[field.name.value].type)
        plan = self._rows(rows, field)
        return Export(ROOTS[field.name.value], arguments.get("query") or "", arguments["sortKey"], plan)

    def _rows(self, connection: Any, field: FieldNode) -> Plan:
        edge = get_named_type(connection.fields["edges"].type)
        kind = get_named_type(edge.fields["node"].type)
        return self._plan(kind, node_of(field, self._document).selection_set)

    def _plan(self, kind: Any, selections: SelectionSetNode | None) -> Plan:
        children: list[Branch] = []
        expression = self._object(kind, selections, "record", children)
        return Plan(self._function(expression), tuple(children))

    def _function(self, expression: str) -> Build:
        """Return a function of one record. The text holds nothing but names of our own and of the query's grammar."""
        made: dict[str, Any] = {}
        exec(f"def build(record): return {expression}", self._names, made)  # noqa: S102  # see above
        build: Build = made["build"]
        return build

    def _allow(self, parent: str, field: FieldNode, kind: Any) -> None:
        returned = get_named_type(kind.fields[field.name.value].type)
        scope = needed(parent, field.name.value, returned.name)
        if not held(scope, self._view.scopes):
            raise DeniedError(scope)

    def _object(self, kind: Any, selections: SelectionSetNode | None, source: str, children: list[Branch]) -> str:
        """Return the expression of what is selected of the object called `source`; note its connections."""
        parts = []
        for field in self._fields(kind, selections):
            name = field.alias.value if field.alias else field.name.value
            if field.name.value == "__typename":
                parts.append(f"{name!r}: {kind.name!r}")
                continue
            self._allow(kind.name, field, kind)
            returned = get_named_type(kind.fields[field.name.value].type)
            if returned.name.endswith("Connection"):
                children.append((CHILDREN[kind.name, field.name.value], self._rows(returned, field)))
            else:
                parts.append(f"{name!r}: {self._value(kind, field, returned, source)}")
        return f"{{{', '.join(parts)}}}"

    def _fields(self, kind: Any, selections: SelectionSetNode | None) -> Iterator[FieldNode]:
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                yield node
                continue
            fragment: Any = self._document.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            condition = fragment.type_condition
            if condition is None or condition.name.value in {kind.name, *(x.name for x in kind.interfaces)}:
                yield from self._fields(kind, fragment.selection_set)

    def _value(self, kind: Any, field: FieldNode, returned: Any, source: str) -> str:
        getter = GETTERS[kind.name].get(field.name.value)
        if getter is None:
            raise BulkQueryError(f"the sandbox does not export {kind.name}.{field.name.value}")
        call = f"{self._named(getter)}({source}, view)"
        if not field.selection_set:
            return call
        item = f"item{len(self._names)}"
        inner = self._object(returned, field.selection_set, item, [])
        if is_list_type(get_nullable_type(kind.fields[field.name.value].type)):
            limit = get_argument_values(kind.fields[field.name.value], field).get("first")
            return f"[{inner} for {item} in islice({call}, {limit!r})]"
        return f"None if ({item} := {call}) is None else {inner}"

    def _named(self, getter: Getter) -> str:
        name = f"get{len(self._names)}"
        self._names[name] = getter
        return name


_encode = msgspec.json.Encoder().encode


def _line(row: dict[str, Any]) -> bytes:
    return _encode(row).replace(b"/", b"\\/") + b"\n"


def written(export: Export, records: Iterable[Any], view: View, *, grouped: bool) -> Iterator[tuple[int, list[bytes]]]:
    """Yield pairs of how many roots, and lines, of one export.

    Ungrouped, children come somewhere after their parent and among others', in no order: the worst that the service
    allows itself.
    """
    dice = Random(f"{export.kind}{export.query}")  # noqa: S311  # an order to be repeated, not a secret
    waiting: list[tuple[dict[str, Any], Plan, Any]] = []
    source = iter(records)
    while batch := list(islice(source, WINDOW)):
        lines: list[bytes] = []
        later: list[tuple[dict[str, Any], Plan, Any]] = []
        for record in batch:
            row = export.plan.build(record)
            lines.append(_line(row))
            below = _children(row, export.plan, record, view)
            if grouped:
                lines += _nested(below, view)
            else:
                later += below
        lines += _released(waiting, later, view, dice)
        waiting = later
        yield len(batch), lines
    while waiting:
        later = []
        lines = _released(waiting, later, view, dice)
        waiting = later
        yield 0, lines


def spread(batches: Iterable[tuple[int, int, list[bytes]]]) -> Iterator[tuple[int, int, list[bytes]]]:
    """Put the same lines in another order: all records first, then all children, as far from their own as may be."""
    roots, objects, lines = 0, 0, list[bytes]()
    for some_roots, some_objects, some_lines in batches:
        roots, objects = roots + some_roots, objects + some_objects
        lines += some_lines
    children = [line for line in lines if b'"__parentId"' in line]
    Random(len(children)).shuffle(children)  # noqa: S311  # an order to be repeated, not a secret
    yield roots, objects, [line for line in lines if b'"__parentId"' not in line] + children


def _children(row: dict[str, Any], plan: Plan, record: Any, view: View) -> list[tuple[dict[str, Any], Plan, Any]]:
    found = []
    for children, below in plan.children:
        for child in children(record, view):
            child_row = below.build(child)
            child_row["__parentId"] = row["id"]
            found.append((child_row, below, child))
    return found


def _nested(below: list[tuple[dict[str, Any], Plan, Any]], view: View) -> list[bytes]:
    lines = []
    for row, plan, record in below:
        lines.append(_line(row))
        lines += _nested(_children(row, plan, record, view), view)
    return lines


def _released(
    waiting: list[tuple[dict[str, Any], Plan, Any]],
    later: list[tuple[dict[str, Any], Plan, Any]],
    view: View,
    dice: Random,
) -> list[bytes]:
    """Write waiting children in any order; their own children wait in turn."""
    dice.shuffle(waiting)
    for row, plan, record in waiting:
        if plan.children:
            later += _children(row, plan, record, view)
    return [_line(row) for row, _, _ in waiting]
