"""The root queries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from graphql import GraphQLResolveInfo

from connectors.sandbox.shopify.connections import connection, in_given_order, window_of
from connectors.sandbox.shopify.listing import count
from connectors.sandbox.shopify.paging import cut, refusal
from connectors.sandbox.shopify.query import Both, Node, Term, parse
from connectors.sandbox.shopify.scopes import TYPES, denial, held
from connectors.sandbox.shopify.segments import listing as segments
from connectors.sandbox.shopify.segments import saved
from connectors.sandbox.shopify.versions import published
from connectors.sandbox.shopify.wire import gid, read_gid

_KIND_OF = {"Customer": "customers", "Order": "orders", "Product": "products", "AbandonedCheckout": "checkouts"}


def _list(kind: str, _source: Any, info: GraphQLResolveInfo, **arguments: Any) -> dict[str, Any]:
    context = info.context
    query = arguments.get("query") or ""
    rows = context.listings.rows(context.view, kind, query, arguments["sortKey"])
    context.searched(info, rows.found, query)
    return connection(cut(rows, window_of(arguments)))


def _count(kind: str, _source: Any, info: GraphQLResolveInfo, **arguments: Any) -> dict[str, Any]:
    query = arguments.get("query") or ""
    context = info.context
    found, search = count(context.view, context.listings, kind, query, arguments.get("limit"))
    context.searched(info, search, query)
    return found


def _by_id(kind: str, _source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    named = read_gid(arguments["id"])
    if named is None or named[0] != kind:
        raise refusal(f"Invalid id: {arguments['id']}", "RESOURCE_NOT_FOUND")
    return _record(info, *named)


def _record(info: GraphQLResolveInfo, kind: str, number: int) -> Any:
    """Return the record of that name, None where it is gone, never was, or is too old to be seen."""
    view = info.context.view
    if kind == "Order":
        return view.order(number)
    if kind == "BulkOperation":
        return info.context.bulk.described(number)
    if kind in {"Collection", "Segment"}:
        return getattr(view.shop, f"{kind.lower()}s").get(number)
    plural = _KIND_OF.get(kind)
    return view.shop.records(plural).get(number) if plural else None


def _node(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    del source
    named = read_gid(arguments["id"])
    if named is None:
        raise refusal(f"Invalid global id '{arguments['id']}'", "argumentLiteralsIncompatible")
    scope = TYPES.get(named[0])
    if not held(scope, info.context.view.scopes):
        told = denial(info.field_name, scope or "")
        raise refusal(told["message"], "ACCESS_DENIED")
    return _record(info, *named)


def _nodes(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> list[Any]:
    return [_node(source, info, id=name) for name in arguments["ids"]]


def _by_identifier(_source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    wanted = arguments["identifier"]
    customers = info.context.view.shop.customers
    if "id" in wanted:
        return _by_id("Customer", None, info, id=wanted["id"])
    email = "".join((wanted.get("emailAddress") or "").split()).lower()
    phone = wanted.get("phoneNumber")
    for customer in customers.values():
        if (email and (customer.email or "").lower() == email) or (phone and customer.phone == phone):
            return customer
    return None


def _shop(_source: Any, info: GraphQLResolveInfo, **_: Any) -> dict[str, Any]:
    view = info.context.view
    profile = view.shop.profile
    zone = ZoneInfo(profile.timezone)
    return {
        "id": gid("Shop", 90_000_000_000 + profile.number),
        "name": profile.name,
        "email": f"owner@{profile.domain.removesuffix('.myshopify.com')}.example",
        "myshopifyDomain": profile.domain,
        "ianaTimezone": profile.timezone,
        "currencyCode": profile.currency,
        "taxesIncluded": True,
        "plan": {
            "displayName": profile.plan,
            "publicDisplayName": profile.plan,
            "partnerDevelopment": False,
            "shopifyPlus": profile.plan == "Plus",
        },
        "customerAccountsV2": {"customerAccountsVersion": "NEW_CUSTOMER_ACCOUNTS", "loginRequiredAtCheckout": False},
    } | _offset(zone, view.now)


def _offset(zone: ZoneInfo, now: int) -> dict[str, Any]:
    local = datetime.fromtimestamp(now, zone)
    offset = local.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    sign = "-" if minutes < 0 else "+"
    return {
        "timezoneAbbreviation": local.tzname(),
        "timezoneOffset": f"{sign}{abs(minutes) // 60:02}{abs(minutes) % 60:02}",
        "timezoneOffsetMinutes": minutes,
    }


def _installation(_source: Any, info: GraphQLResolveInfo, **_: Any) -> dict[str, Any]:
    view = info.context.view
    scopes = [{"handle": scope, "description": scope.replace("_", " ")} for scope in sorted(view.scopes)]
    return {"id": gid("AppInstallation", 600_000_000_000 + view.shop.profile.number), "accessScopes": scopes}


def _versions(_source: Any, _info: GraphQLResolveInfo, **_: Any) -> list[dict[str, Any]]:
    return published()


def _bulk_operations(_source: Any, info: GraphQLResolveInfo, **arguments: Any) -> dict[str, Any]:
    wanted = {term.field: term.value.upper() for term in _terms(parse(arguments.get("query") or ""))}
    found = [
        operation
        for operation in info.context.bulk.all()
        if wanted.get("status") in {None, operation["status"]}
        and wanted.get("operation_type") in {None, operation["type"]}
    ]
    newest_first = found[::-1] if not arguments.get("reverse") else found
    return connection(in_given_order(newest_first, window_of(arguments | {"reverse": False})))


def _terms(tree: Node | None) -> list[Term]:
    if isinstance(tree, Term):
        return [tree]
    return [term for item in tree.items for term in _terms(item)] if isinstance(tree, Both) else []


def _current(_source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
    found = [operation for operation in info.context.bulk.all() if operation["type"] == arguments["type"]]
    return found[-1] if found else None


RESOLVERS: Mapping[str, Callable[..., Any]] = {
    "customers": partial(_list, "customers"),
    "orders": partial(_list, "orders"),
    "products": partial(_list, "products"),
    "abandonedCheckouts": partial(_list, "checkouts"),
    "customersCount": partial(_count, "customers"),
    "ordersCount": partial(_count, "orders"),
    "productsCount": partial(_count, "products"),
    "abandonedCheckoutsCount": partial(_count, "checkouts"),
    "customer": partial(_by_id, "Customer"),
    "order": partial(_by_id, "Order"),
    "product": partial(_by_id, "Product"),
    "bulkOperation": partial(_by_id, "BulkOperation"),
    "bulkOperations": _bulk_operations,
    "currentBulkOperation": _current,
    "customerByIdentifier": _by_identifier,
    "segment": saved.by_id,
    "segments": segments.segments,
    "segmentsCount": segments.count,
    "customerSegmentMembers": segments.segment_members,
    "customerSegmentMembership": segments.membership,
    "node": _node,
    "nodes": _nodes,
    "shop": _shop,
    "currentAppInstallation": _installation,
    "publicApiVersions": _versions,
}
