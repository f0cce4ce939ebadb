"""The root mutations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo

from connectors.sandbox.shopify.paging import refusal
from connectors.sandbox.shopify.scopes import TAGGABLE, denial, held
from connectors.sandbox.shopify.segments import saved
from connectors.sandbox.shopify.wire import read_gid
from connectors.sandbox.world.change import add_tags, remove_tags
from connectors.sandbox.world.shop import Record, Shop
from connectors.sandbox.world.tags import TagError

_PLURALS = {"Customer": "customers", "Order": "orders", "Product": "products"}


def _complaint(field: list[str] | None, message: str) -> dict[str, Any]:
    return {"field": field, "message": message}


def _change_tags(
    change: Callable[[Shop, Record, list[str], int], None],
    _source: Any,
    info: GraphQLResolveInfo,
    **arguments: Any,
) -> dict[str, Any]:
    kind, number = _taggable(arguments["id"])
    _refuse_without_scope(kind, info)
    view = info.context.view
    record = view.shop.records(_PLURALS[kind]).get(number)
    if record is None:
        return {"node": None, "userErrors": [_complaint(["id"], f"{kind} does not exist")]}
    try:
        change(view.shop, record, arguments["tags"], view.now)
    except TagError as error:
        return {"node": None, "userErrors": [_complaint(["tags"], str(error))]}
    return {"node": record, "userErrors": []}


def _taggable(text: str) -> tuple[str, int]:
    named = read_gid(text)
    if named is None or named[0] not in TAGGABLE:
        raise refusal("invalid id", "RESOURCE_NOT_FOUND")
    return named


def _refuse_without_scope(kind: str, info: GraphQLResolveInfo) -> None:
    scope = TAGGABLE[kind]
    if not held(scope, info.context.view.scopes):
        told = denial(info.field_name, scope)
        raise GraphQLError(told["message"], extensions=told["extensions"])


def _staged_uploads(_source: Any, info: GraphQLResolveInfo, **arguments: Any) -> dict[str, Any]:
    targets, complaints = [], []
    for place, wanted in enumerate(arguments["input"]):
        if wanted["resource"] != "BULK_MUTATION_VARIABLES":
            raise refusal(f"the sandbox does not stage {wanted['resource']}", "NOT_SIMULATED")
        if wanted["mimeType"] != "text/jsonl":
            complaints.append(_complaint(["input", str(place), "mimeType"], "mimeType must be text/jsonl"))
            continue
        targets.append(info.context.uploads.target(wanted["filename"], put=wanted["httpMethod"] == "PUT"))
    return {"stagedTargets": targets, "userErrors": complaints}


def _run_query(_source: Any, info: GraphQLResolveInfo, **arguments: Any) -> dict[str, Any]:
    operation, complaints = info.context.bulk.run_query(
        info.context, arguments["query"], grouped=arguments["groupObjects"]
    )
    return {"bulkOperation": operation, "userErrors": complaints}


def _run_mutation(_source: Any, info: GraphQLResolveInfo, **arguments: Any) -> dict[str, Any]:
    operation, complaints = info.context.bulk.run_mutation(
        info.context, arguments["mutation"], arguments["stagedUploadPath"], arguments.get("clientIdentifier")
    )
    return {"bulkOperation": operation, "userErrors": complaints}


def _cancel(_source: Any, info: GraphQLResolveInfo, **arguments: Any) -> dict[str, Any]:
    named = read_gid(arguments["id"])
    if named is None or named[0] != "BulkOperation":
        raise refusal("invalid id", "RESOURCE_NOT_FOUND")
    operation, problem = info.context.bulk.cancel(named[1])
    complaints = [_complaint(["id"] if operation is None else None, problem)] if problem else []
    return {"bulkOperation": operation, "userErrors": complaints}


RESOLVERS: Mapping[str, Callable[..., Any]] = {
    "tagsAdd": partial(_change_tags, add_tags),
    "tagsRemove": partial(_change_tags, remove_tags),
    "segmentCreate": saved.create,
    "segmentDelete": saved.delete,
    "segmentUpdate": saved.update,
    "stagedUploadsCreate": _staged_uploads,
    "bulkOperationRunQuery": _run_query,
    "bulkOperationRunMutation": _run_mutation,
    "bulkOperationCancel": _cancel,
}

READS = frozenset({"bulkOperationRunQuery", "bulkOperationCancel"})
"""Mutations that change nothing in the shop."""
