"""The simulated store's schema is a part of the published one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    parse,
    validate,
)

from connectors.sandbox.shopify.fields import CHILDREN, GETTERS
from connectors.sandbox.shopify.schema import schema

OPERATIONS = (
    "customers_bulk customers_page orders_bulk orders_page order_line_items_page order_refunds products_bulk "
    "abandoned_checkouts_bulk abandoned_checkouts_page shop_and_app customers_count customers_by_ids "
    "customer_by_email customer_sms_consent_2026_10 tags_add tags_remove tags_swap_two_aliases bulk_run_query "
    "bulk_run_mutation bulk_poll bulk_list bulk_cancel bulk_inner_tags_add bulk_inner_tags_remove "
    "staged_uploads_create segments_page segment_create segment_update segment_delete customer_segment_members "
    "customer_segment_membership"
).split()


@pytest.fixture(scope="module")
def published(shared: Path) -> GraphQLSchema:
    text = (shared / "api" / "shopify-admin-2026-10.graphql").read_text("utf-8")
    return build_schema(text, assume_valid=True)


def ours() -> list[Any]:
    return [kind for name, kind in schema().type_map.items() if not name.startswith("__")]


def test_every_type_field_argument_and_value_is_published_with_the_same_shape(published: GraphQLSchema) -> None:
    differences = []
    for kind in ours():
        real: Any = published.type_map.get(kind.name)
        if type(real) is not type(kind):
            differences.append(kind.name)
        elif isinstance(kind, GraphQLEnumType):
            differences += [f"{kind.name}.{value}" for value in kind.values if value not in real.values]
        elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            differences += list(field_differences(kind, real))
        elif isinstance(kind, GraphQLInputObjectType):
            differences += [
                f"{kind.name}.{name}" for name, field in kind.fields.items() if same_input(field, real.fields.get(name))
            ]
    assert differences == []


def field_differences(kind: Any, real: Any) -> list[str]:
    found = []
    for name, field in kind.fields.items():
        theirs = real.fields.get(name)
        if theirs is None or str(theirs.type) != str(field.type):
            found.append(f"{kind.name}.{name}")
            continue
        found += [
            f"{kind.name}.{name}({argument})"
            for argument, value in field.args.items()
            if same_input(value, theirs.args.get(argument))
        ]
        # an argument that the published schema requires must be required here too
        found += [
            f"{kind.name}.{name}({argument}) is missing"
            for argument, value in theirs.args.items()
            if str(value.type).endswith("!") and argument not in field.args
        ]
    return found + [x.name for x in kind.interfaces if x.name not in {y.name for y in real.interfaces}]


def same_input(mine: Any, theirs: Any) -> bool:
    return theirs is None or str(theirs.type) != str(mine.type) or theirs.default_value != mine.default_value


def test_every_field_of_a_record_has_a_source() -> None:
    told_elsewhere = set(
        "QueryRoot Mutation Shop ShopPlan CustomerAccountsV2 AppInstallation AccessScope ApiVersion Count PageInfo "
        "BulkOperation StagedMediaUploadTarget StagedUploadParameter UserError BulkOperationUserError "
        "BulkMutationUserError CustomerEmailMarketingConsentUpdateUserError".split()
    )
    for kind in ours():
        plumbing = kind.name.endswith(("Connection", "Edge", "Payload")) or kind.name in told_elsewhere
        if not isinstance(kind, GraphQLObjectType) or plumbing:
            continue
        known = set(GETTERS[kind.name]) | {field for owner, field in CHILDREN if owner == kind.name}
        assert set(kind.fields) == known, kind.name


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_sample_operation_is_valid(name: str, shared: Path) -> None:
    text = (shared / "api" / "shopify-operations" / f"{name}.graphql").read_text("utf-8")
    assert validate(schema(), parse(text)) == []
