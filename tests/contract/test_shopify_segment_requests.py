"""What the Shopify connector asks about segments is valid by the published schema, variables and all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate
from graphql.execution.values import get_variable_values

from connectors.shopify import documents, segments


@pytest.fixture(scope="module")
def schema(shared: Path) -> GraphQLSchema:
    return build_schema((shared / "api" / "shopify-admin-2026-10.graphql").read_text(), assume_valid=True)


@pytest.mark.parametrize("after", [None, "abc"])
@pytest.mark.parametrize(
    ("document", "variables"),
    [
        (documents.SAVED_SEGMENTS, {"first": segments.SEGMENTS_AT_ONCE}),
        (
            documents.SEGMENT_MEMBERS,
            {"first": segments.MEMBERS_AT_ONCE, "query": "number_of_orders > 1", "timezone": "Asia/Tokyo"},
        ),
    ],
)
def test_a_question_about_segments(
    schema: GraphQLSchema, document: str, variables: dict[str, Any], after: str | None
) -> None:
    parsed: Any = parse(document)
    assert [error.message for error in validate(schema, parsed)] == []
    (operation,) = parsed.definitions
    values = get_variable_values(schema, operation.variable_definitions, variables | {"after": after})
    assert not isinstance(values, list), values
    assert {node.variable.name.value for node in operation.variable_definitions} == {*variables, "after"}


def test_no_page_is_larger_than_the_store_gives() -> None:
    assert segments.SEGMENTS_AT_ONCE <= 250
    assert segments.MEMBERS_AT_ONCE <= 1000
