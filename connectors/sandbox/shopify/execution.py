"""One GraphQL request: parsed, validated, priced, paid for, executed, answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSyntaxError,
    ListValueNode,
    OperationDefinitionNode,
    execute,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values
from graphql.language import Visitor, visit

from connectors.sandbox.shopify.bucket import Bucket
from connectors.sandbox.shopify.cost import HIGHEST, Pricing
from connectors.sandbox.shopify.errors import execution_error, parse_error, validation_error, variable_error
from connectors.sandbox.shopify.listing import Listings
from connectors.sandbox.shopify.schema import schema
from connectors.sandbox.shopify.search import Found
from connectors.sandbox.shopify.view import View

if TYPE_CHECKING:
    from connectors.sandbox.shopify.bulk.operations import BulkOperations
    from connectors.sandbox.shopify.uploads import Uploads

LONGEST_INPUT = 250
_RATE_LIMITS = "https://shopify.dev/api/usage/rate-limits"


class Context:
    """What resolvers see of a request."""

    def __init__(self, view: View, listings: Listings, bulk: BulkOperations, uploads: Uploads) -> None:
        """Bind a request to its shop."""
        self.view = view
        self.listings = listings
        self.bulk = bulk
        self.uploads = uploads
        self.searches: list[dict[str, Any]] = []

    def afresh(self, now: int) -> Context:
        """Return the same, at a later hour."""
        view = View(self.view.shop, self.view.scopes, now)
        return Context(view, self.listings, self.bulk, self.uploads)

    def searched(self, info: GraphQLResolveInfo, found: Found, query: str | None) -> None:
        """Note a search that was understood in part only."""
        if found.warnings:
            told = {"path": info.path.as_list(), "query": query, "parsed": found.parsed}
            self.searches.append(told | {"warnings": list(found.warnings)})


class Asked(msgspec.Struct, frozen=True):
    """A request that can be executed."""

    document: DocumentNode
    operation: OperationDefinitionNode
    variables: Mapping[str, Any]
    pricing: Pricing


class RefusedError(Exception):
    """The request is not executed; `entries` are its errors."""

    def __init__(self, *entries: dict[str, Any]) -> None:
        """Keep the errors."""
        super().__init__()
        self.entries = list(entries)


@lru_cache(maxsize=256)
def _document(text: str) -> DocumentNode:
    try:
        document = parse(text)
    except GraphQLSyntaxError as error:
        raise RefusedError(parse_error(error)) from error
    problems = validate(schema(), document)
    if problems:
        raise RefusedError(*(validation_error(problem, document) for problem in problems))
    return document


def understood(body: Mapping[str, Any]) -> Asked:
    """Return the request, ready to be executed.

    Raises:
        RefusedError: It is not GraphQL, not allowed by the schema, or its variables are wrong.
    """
    document = _document(body["query"])
    operation = get_operation_ast(document, body.get("operationName"))
    if operation is None:
        raise RefusedError({"message": "An operation name is required", "extensions": {"code": "BAD_REQUEST"}})
    given = body.get("variables") or {}
    _refuse_long_input(given, operation)
    variables = get_variable_values(schema(), operation.variable_definitions or (), given)
    if isinstance(variables, list):
        raise RefusedError(*(variable_error(error, operation, given) for error in variables))
    fragments = {x.name.value: x for x in document.definitions if isinstance(x, FragmentDefinitionNode)}
    return Asked(document, operation, given, Pricing(schema(), fragments, variables))


def _refuse_long_input(given: Mapping[str, Any], operation: OperationDefinitionNode) -> None:
    lengths = [*_lengths(given), *_literal_lengths(operation)]
    if not lengths or (longest := max(lengths)) <= LONGEST_INPUT:
        return
    message = f"The input array size of {longest} is greater than the maximum allowed of {LONGEST_INPUT}."
    first = operation.selection_set.selections[0]
    path = [first.name.value] if hasattr(first, "name") else []
    raise RefusedError({"message": message, "path": path, "extensions": {"code": "MAX_INPUT_SIZE_EXCEEDED"}})


def _lengths(value: Any) -> Iterator[int]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _lengths(inner)
    elif isinstance(value, list):
        yield len(value)
        for inner in value:
            yield from _lengths(inner)


def _literal_lengths(operation: OperationDefinitionNode) -> list[int]:
    found: list[int] = []

    class Lists(Visitor):
        def enter_list_value(self, node: ListValueNode, *_: Any) -> None:
            found.append(len(node.values))

    visit(operation, Lists())
    return found


def answered(asked: Asked, context: Context, bucket: Bucket) -> dict[str, Any]:
    """Return the answer; what it costs is taken from `bucket`."""
    requested = asked.pricing.requested(asked.operation)
    if requested > HIGHEST:
        return {"errors": [_too_dear(requested)]}
    if not bucket.take(requested):
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": _RATE_LIMITS}}
        return {"errors": [error], "extensions": {"cost": bucket.status(requested, None)}}
    result: Any = execute(
        schema(),
        asked.document,
        context_value=context,
        variable_values=dict(asked.variables),
        operation_name=asked.operation.name.value if asked.operation.name else None,
    )
    charged = asked.pricing.charged(asked.operation, result.data, requested)
    bucket.give_back(requested - charged)
    searches = {"search": context.searches} if context.searches else {}
    return _errors(result.errors) | {
        "data": result.data,
        "extensions": {"cost": bucket.status(requested, charged)} | searches,
    }


def _errors(errors: list[GraphQLError] | None) -> dict[str, Any]:
    for error in errors or ():
        if not error.extensions:
            raise error.original_error or error  # a fault of the sandbox: its own refusals carry a code
    return {"errors": [execution_error(error) for error in errors]} if errors else {}


def _too_dear(cost: int) -> dict[str, Any]:
    message = (
        f"Query cost is {cost}, which exceeds the single query max cost limit ({HIGHEST}).\n\n"
        f"See {_RATE_LIMITS} for more information on how the\ncost of a query is calculated.\n\n"
        "To query larger amounts of data with fewer limits, bulk operations should be used instead."
    )
    told = {"code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": HIGHEST, "documentation": _RATE_LIMITS}
    return {"message": message, "extensions": told}
