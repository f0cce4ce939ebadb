"""What a bulk query may look like; every text is the real service's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    parse,
    validate,
)

from connectors.sandbox.shopify.errors import syntax_error, validation_error

LARGEST = 65_535


class BulkQueryError(Exception):
    """The query is refused; `messages` say why."""

    def __init__(self, *messages: str) -> None:
        """Keep the messages."""
        super().__init__()
        self.messages = list(messages)


class Document(msgspec.Struct, frozen=True):
    """A bulk query that may run."""

    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]


class _Connection(msgspec.Struct, frozen=True):
    node: FieldNode
    depth: int
    within_list: bool
    rows: Any
    children: bool


def read(text: str, schema: GraphQLSchema) -> Document:
    """Return the query, ready to run.

    Raises:
        BulkQueryError: It is not one that the service runs.
    """
    size = len(text.encode())
    if size > LARGEST:
        raise BulkQueryError(f"Query is too large ({size} bytes; maximum is {LARGEST} bytes)")
    try:
        parsed = parse(text)
    except GraphQLSyntaxError as error:
        raise BulkQueryError(f"Invalid bulk query: {syntax_error(error).partition(' at [')[0]}") from error
    operation = _operation(parsed)
    problems = validate(schema, parsed)
    if problems:
        raise BulkQueryError(*(f"Invalid bulk query: {validation_error(x, parsed)['message']}" for x in problems))
    fragments = {x.name.value: x for x in parsed.definitions if isinstance(x, FragmentDefinitionNode)}
    document = Document(operation, fragments)
    messages = list(_complaints(document, schema))
    if messages:
        raise BulkQueryError(*messages)
    return document


def _operation(parsed: DocumentNode) -> OperationDefinitionNode:
    operations = [x for x in parsed.definitions if isinstance(x, OperationDefinitionNode)]
    if len(operations) != 1 or operations[0].operation is not OperationType.QUERY:
        raise BulkQueryError("Invalid operation type. Only `query` operations are supported.")
    if operations[0].variable_definitions:
        raise BulkQueryError("Invalid bulk query: variables are not supported")
    return operations[0]


def fields_of(selections: SelectionSetNode | None, document: Document) -> Iterator[FieldNode]:
    """Yield the fields of a selection, fragments opened."""
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from fields_of(node.selection_set, document)
        elif isinstance(node, FragmentSpreadNode):
            yield from fields_of(document.fragments[node.name.value].selection_set, document)


def _complaints(document: Document, schema: GraphQLSchema) -> Iterator[str]:
    root = schema.query_type
    roots = list(fields_of(document.operation.selection_set, document))
    for field in roots:
        if field.name.value in {"node", "nodes"}:
            yield f"Bulk queries cannot contain a top level `{field.name.value}` field."
    found = list(_connections(document, root, document.operation.selection_set, depth=0, within_list=False))
    if not found:
        yield "Bulk queries must contain at least one connection."
    yield from _complaints_of(found, document)


def _complaints_of(found: list[_Connection], document: Document) -> Iterator[str]:
    if len(found) > 5:
        yield "Bulk queries cannot contain more than 5 connections."
    if any(connection.depth > 2 for connection in found):
        yield "Bulk queries cannot contain connections with a nesting depth greater than 2."
    if any(connection.within_list for connection in found):
        yield "Queries that contain a connection field within a list field are not currently supported."
    by_nodes = [x.node.name.value for x in found if not _node_of(x.node, document)]
    if by_nodes:
        names = ", ".join(f"'{name}'" for name in by_nodes)
        yield (
            "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: "
            f"'{by_nodes[0]} {{ edges {{ node {{'. Selecting via 'nodes' is not supported. "
            f"Invalid connection fields: {names}."
        )
    not_nodes = [x.node.name.value for x in found if not _is_node(x.rows)]
    if not_nodes:
        yield f"Connection fields must be of a type implementing Node: {', '.join(not_nodes)}."
    nameless = [x.node.name.value for x in found if x.children and not _selects_id(x.node, document)]
    if nameless:
        yield (
            "The parent 'node' field for a nested connection must select the 'id' field without an alias and must be "
            f"of 'ID' return type. Connection fields without 'id': {', '.join(nameless)}."
        )


def _connections(
    document: Document, parent: Any, selections: SelectionSetNode | None, *, depth: int, within_list: bool
) -> Iterator[_Connection]:
    for field in fields_of(selections, document):
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) or field.name.value not in parent.fields:
            continue
        kind = parent.fields[field.name.value].type
        returned = get_named_type(kind)
        listed = within_list or (is_list_type(get_nullable_type(kind)) and not parent.name.endswith("Connection"))
        if not returned.name.endswith("Connection"):
            inner = _connections(document, returned, field.selection_set, depth=depth, within_list=listed)
            yield from inner
            continue
        below = list(_connections(document, returned, field.selection_set, depth=depth + 1, within_list=listed))
        rows = _row_type(returned)
        yield _Connection(field, depth, listed, rows, bool(below))
        yield from below


def _row_type(connection: Any) -> Any:
    edge = get_named_type(connection.fields["edges"].type)
    return get_named_type(edge.fields["node"].type)


def _is_node(kind: Any) -> bool:
    return isinstance(kind, GraphQLObjectType) and any(x.name == "Node" for x in kind.interfaces)


def _node_of(connection: FieldNode, document: Document) -> FieldNode | None:
    for edges in fields_of(connection.selection_set, document):
        if edges.name.value == "edges":
            for node in fields_of(edges.selection_set, document):
                if node.name.value == "node":
                    return node
    return None


def node_of(connection: FieldNode, document: Document) -> FieldNode:
    """Return the `node` field that a connection's rows are selected by."""
    found = _node_of(connection, document)
    if found is None:
        raise BulkQueryError("no node")
    return found


def _selects_id(connection: FieldNode, document: Document) -> bool:
    node = _node_of(connection, document)
    return node is None or any(
        field.name.value == "id" and field.alias is None for field in fields_of(node.selection_set, document)
    )
