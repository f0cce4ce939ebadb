"""The root mutations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo

from connectors.sandbox.shopify.paging import refusal
from connectors.sandbox.shopify.scopes import TAGGABLE, denial, held
from connectors.sandbox.shopify.segments import saved
from connectors.sandbox.shopify.wire import read_gid
from connectors.sandbox.world.change import add_tags, edit_customer, remove_tags
from connectors.sandbox.world.records import Customer
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


def _update_consent(_source: Any, info: GraphQLResolveInfo, **arguments: Any) -> dict[str, Any]:
    """Set a customer's consent to marketing mail; the word with the latest date is the one that counts."""
    wanted = arguments["input"]["emailMarketingConsent"]
    named = read_gid(arguments["input"]["customerId"])
    view = info.context.view
    customer = view.shop.customers.get(named[1]) if named and named[0] == "Customer" else None
    problem = _consent_problem(customer, wanted["marketingState"])
    if customer is None or problem is not None:
        return {"customer": None, "userErrors": [problem]}
    at = _instant(wanted.get("consentUpdatedAt"), view.now)
    if customer.consent_at is None or at >= customer.consent_at:
        values = {"consent": wanted["marketingState"], "opt_in_level": wanted.get("marketingOptInLevel")}
        edit_customer(view.shop, customer, values, view.now)
        customer.consent_at = at
    return {"customer": customer, "userErrors": []}


def _consent_problem(customer: Customer | None, state: str) -> dict[str, Any] | None:
    if customer is None:
        return _complaint(["input", "customerId"], "Customer not found") | {"code": "INVALID"}
    if state not in {"SUBSCRIBED", "UNSUBSCRIBED", "PENDING"}:
        place = ["input", "emailMarketingConsent", "marketingState"]
        return _complaint(place, f"Cannot specify {state} as a marketing state input") | {"code": "INVALID"}
    if not customer.email:
        told = "The customer must have a unique email address associated to the record"
        return _complaint(["input", "customerId"], told) | {"code": "INVALID"}
    return None


def _instant(text: str | None, now: int) -> int:
    return int(datetime.fromisoformat(text).timestamp()) if text else now


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
    "customerEmailMarketingConsentUpdate": _update_consent,
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
