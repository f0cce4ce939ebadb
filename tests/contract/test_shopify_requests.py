"""Every GraphQL document that the Shopify connector can send is valid by the published schema, variables and all.

Documents depend on the scopes that are held, so each is tried under every combination of them. Exports have rules of
their own, which the schema does not hold; they are checked as the service words them (recorded answers).
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec
import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    get_named_type,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from connectors.shopify import bulk_writes, documents, optouts, shapes, tags
from connectors.shopify.shapes import Shape
from connectors.shopify.writes import writes
from syncd.model import Action, Change

SHAPES = [
    shapes.CUSTOMERS,
    shapes.ORDERS,
    shapes.PRODUCTS,
    shapes.CHECKOUTS,
    shapes.METAFIELDS,
    shapes.COMPANIES,
    shapes.CREDIT,
]
SCOPES = ["read_customers", "read_orders", "read_products"]
HELD = [frozenset(some) for count in range(len(SCOPES) + 1) for some in combinations(SCOPES, count)]
SINCE = 1_795_000_000

by_shape = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.kind.value)
by_scopes = pytest.mark.parametrize("held", HELD, ids=lambda held: "+".join(sorted(held)) or "none")


@pytest.fixture(scope="session")
def schema(shared: Path) -> GraphQLSchema:
    return build_schema((shared / "api" / "shopify-admin-2026-10.graphql").read_text(), assume_valid=True)


def accepted(schema: GraphQLSchema, document: str, variables: dict[str, Any]) -> DocumentNode:
    """Return the parsed document; fail where the published schema refuses it or its variables."""
    parsed = parse(document)
    assert [error.message for error in validate(schema, parsed)] == []
    (operation,) = parsed.definitions
    assert isinstance(operation, OperationDefinitionNode)
    values = get_variable_values(schema, operation.variable_definitions or (), variables)
    assert not isinstance(values, list), values
    assert {node.variable.name.value for node in operation.variable_definitions} == set(variables)
    return parsed


@by_shape
@by_scopes
class TestReading:
    def test_a_page(self, schema: GraphQLSchema, shape: Shape[Any], held: frozenset[str]) -> None:
        for after, query in (("abc", documents.changed_since(SINCE)), (None, documents.changed_since(None))):
            variables = {"first": shape.size, "after": after, "query": query}
            accepted(schema, documents.page(shape, held), variables)

    def test_a_peek(self, schema: GraphQLSchema, shape: Shape[Any], held: frozenset[str]) -> None:
        variables = {"first": shape.size, "query": documents.changed_since(SINCE)}
        accepted(schema, documents.peek(shape, held), variables)

    def test_more_children(self, schema: GraphQLSchema, shape: Shape[Any], held: frozenset[str]) -> None:
        if shape.branch is not None:
            variables = {"id": "gid://shopify/Order/1", "first": 250, "after": "abc"}
            accepted(schema, documents.children(shape, held), variables)

    def test_an_export(self, schema: GraphQLSchema, shape: Shape[Any], held: frozenset[str]) -> None:
        for since in (None, SINCE):
            inner = documents.export(shape, held, since)
            exportable(schema, accepted(schema, inner, {}), inner)
            accepted(schema, documents.RUN_EXPORT, {"query": inner})

    def test_no_field_needs_a_scope_that_is_not_held(
        self, schema: GraphQLSchema, shape: Shape[Any], held: frozenset[str]
    ) -> None:
        opened = held | {SCOPE_OF[shape.kind.value]}
        if shape.root == "customers":
            opened |= {"read_customers"}
        for document in (documents.page(shape, opened), documents.export(shape, opened, None)):
            for field, scope in scoped_fields(schema, parse(document)):
                assert scope in opened, field


@by_shape
def test_counts_and_ids(schema: GraphQLSchema, shape: Shape[Any]) -> None:
    accepted(schema, documents.count(shape), {})
    accepted(schema, documents.id_page(shape), {"first": 250, "after": None})
    inner = documents.id_export(shape)
    exportable(schema, accepted(schema, inner, {}), inner)


def test_the_shop_and_bulk_operations(schema: GraphQLSchema) -> None:
    accepted(schema, documents.SHOP, {})
    accepted(schema, documents.POLL, {"id": "gid://shopify/BulkOperation/1"})
    accepted(schema, documents.WRITES_UNDER_WAY, {})
    accepted(schema, documents.CANCEL_OPERATION, {"id": "gid://shopify/BulkOperation/1"})


def test_reading_tags(schema: GraphQLSchema) -> None:
    assert tags.IDS_AT_ONCE <= 250
    accepted(schema, documents.READ_TAGS, {"ids": ["gid://shopify/Customer/1"] * tags.IDS_AT_ONCE})


@pytest.mark.parametrize("mutations", [("tagsAdd",), ("tagsRemove", "tagsAdd"), ("tagsAdd",) * 25])
def test_writing_tags_by_calls(schema: GraphQLSchema, mutations: tuple[str, ...]) -> None:
    variables: dict[str, Any] = {}
    for n in range(len(mutations)):
        variables |= {f"i{n}": "gid://shopify/Customer/1", f"t{n}": ["vip", 'quo"ted']}
    accepted(schema, documents.write_tags(mutations), variables)


@pytest.mark.parametrize("customers", [1, 25])
@pytest.mark.parametrize("at", [SINCE, None])
def test_writing_opt_outs(schema: GraphQLSchema, customers: int, at: int | None) -> None:
    change = Change(target="main", label="x, y", segment="", subject="1", action=Action.OPT_OUT, opted_out_at=at)
    variables = {f"i{n}": optouts.variables(change) for n in range(customers)}
    accepted(schema, documents.opt_out(customers), variables)


def test_writing_tags_by_a_file(schema: GraphQLSchema) -> None:
    accepted(schema, documents.STAGE_UPLOAD, {"input": [bulk_writes.UPLOAD]})
    for mutation in ("tagsAdd", "tagsRemove"):
        inner = documents.bulk_write(mutation)
        accepted(schema, inner, {"id": "gid://shopify/Customer/1", "tags": ["vip"]})
        accepted(schema, documents.RUN_BULK_WRITE, {"mutation": inner, "path": "tmp/1"})


def test_the_lines_of_a_file_are_the_variables_of_its_mutation(schema: GraphQLSchema) -> None:
    change = Change(target="main", label='größ"er', segment="s", subject="1", action=Action.ADD)
    ((lines, _),) = bulk_writes.files(writes([change]))
    accepted(schema, documents.bulk_write("tagsAdd"), msgspec.json.decode(lines))


def exportable(schema: GraphQLSchema, parsed: DocumentNode, text: str) -> None:
    """Hold a document against the rules of bulk queries, in the order of the recorded refusals."""
    (operation,) = parsed.definitions
    assert isinstance(operation, OperationDefinitionNode)
    connections = list(found_connections(schema, schema.query_type, operation, depth=0))
    assert 1 <= len(connections) <= 5
    assert max(depth for _, _, depth in connections) <= 2
    for field, parent, depth in connections:
        assert [node.name.value for node in selected(field)] == ["edges"]
        assert field.alias is None
        if depth > 0:
            assert any(node.name.value == "id" and node.alias is None for node in selected(parent))
    assert len(text.encode()) <= 65_535


def selected(node: Any) -> list[FieldNode]:
    return [each for each in node.selection_set.selections if isinstance(each, FieldNode)]


def found_connections(schema: GraphQLSchema, kind: Any, node: Any, depth: int) -> Any:
    """Yield (connection, the node around it, its depth)."""
    for field in selected(node):
        returned = get_named_type(kind.fields[field.name.value].type)
        if not field.selection_set:
            continue
        inside = field
        if returned.name.endswith("Connection"):
            yield field, node, depth
            (edges,) = selected(field)
            (inside,) = selected(edges)
            edge = get_named_type(returned.fields["edges"].type)
            returned = get_named_type(edge.fields["node"].type)
            assert any(interface.name == "Node" for interface in returned.interfaces)
        yield from found_connections(schema, returned, inside, depth + (inside is not field))


SCOPE_OF = {
    "customers": "read_customers",
    "orders": "read_orders",
    "products": "read_products",
    "checkouts": "read_orders",
    "metafields": "read_customers",
    "companies": "read_customers",
    "credit": "read_store_credit_accounts",
}

TYPE_SCOPES = {
    "Customer": "read_customers",
    "CompanyContact": "read_customers",
    "StoreCreditAccount": "read_store_credit_accounts",
    "CustomerEmailAddress": "read_customers",
    "CustomerStatistics": "read_customers",
    "Order": "read_orders",
    "OrderApp": "read_orders",
    "LineItem": "read_orders",
    "AbandonedCheckout": "read_orders",
    "Product": "read_products",
    "ProductVariant": "read_products",
    "Collection": "read_products",
}
"""What the types need, by the published descriptions (`../shared/api/shopify-operations/SCOPES.txt`)."""


def scoped_fields(schema: GraphQLSchema, parsed: DocumentNode) -> list[tuple[str, str]]:
    """Return every field whose type needs a scope, with the scope."""
    found = []

    def look(kind: Any, node: Any) -> None:
        for field in selected(node):
            returned = get_named_type(kind.fields[field.name.value].type)
            if returned.name in TYPE_SCOPES:
                found.append((field.name.value, TYPE_SCOPES[returned.name]))
            if isinstance(returned, GraphQLObjectType):
                look(returned, field)

    look(schema.query_type, parsed.definitions[0])
    return found
