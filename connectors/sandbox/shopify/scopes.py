"""Which scope which type and field needs, as the published schema says."""

from __future__ import annotations

from typing import Any

DEFAULT_SCOPES = frozenset(
    {
        "read_customers",
        "write_customers",
        "read_orders",
        "read_all_orders",
        "read_products",
        "read_locations",
        "read_store_credit_accounts",
    }
)

_CUSTOMERS = "read_customers"
_ORDERS = "read_orders"
_PRODUCTS = "read_products"

TYPES = {
    "Customer": _CUSTOMERS,
    "CustomerEmailAddress": _CUSTOMERS,
    "CustomerPhoneNumber": _CUSTOMERS,
    "CustomerStatistics": _CUSTOMERS,
    "CustomerSegmentMember": _CUSTOMERS,
    "Segment": _CUSTOMERS,
    "SegmentMembership": _CUSTOMERS,
    "SegmentMembershipResponse": _CUSTOMERS,
    "Order": _ORDERS,
    "LineItem": _ORDERS,
    "Refund": _ORDERS,
    "AbandonedCheckout": _ORDERS,
    "AbandonedCheckoutLineItem": _ORDERS,
    "OrderApp": _ORDERS,
    "Product": _PRODUCTS,
    "ProductVariant": _PRODUCTS,
    "Collection": _PRODUCTS,
    "Location": "read_locations",
    "StoreCreditAccount": "read_store_credit_accounts",
    "CompanyContact": _CUSTOMERS,
}
"""The scope without which no field of that type may be selected."""

FIELDS = {
    ("QueryRoot", "customersCount"): _CUSTOMERS,
    ("QueryRoot", "ordersCount"): _ORDERS,
    ("QueryRoot", "abandonedCheckoutsCount"): _ORDERS,
    ("QueryRoot", "productsCount"): _PRODUCTS,
    ("QueryRoot", "segmentsCount"): _CUSTOMERS,
    ("Mutation", "customerEmailMarketingConsentUpdate"): "write_customers",
    ("Mutation", "segmentCreate"): "write_customers",
    ("Mutation", "segmentDelete"): "write_customers",
    ("Mutation", "segmentUpdate"): "write_customers",
    ("Shop", "customerTags"): _CUSTOMERS,
    ("CustomerEmailAddress", "marketingUnsubscribeUrl"): "write_customers",
}
"""The scope that one field needs, whatever its type."""

TAGGABLE = {"Customer": "write_customers", "Order": "write_orders", "Product": "write_products"}
"""The scope that tagging a record of that type needs."""


def needed(parent: str, field: str, returned: str) -> str | None:
    """Return the scope for selecting `field` of `parent`, whose type (bare of list and connection) is `returned`."""
    return FIELDS.get((parent, field)) or TYPES.get(returned.removesuffix("Connection"))


def held(scope: str | None, scopes: frozenset[str]) -> bool:
    """Whether `scopes` give `scope`; to write includes to read."""
    if scope is None or scope in scopes:
        return True
    return scope.startswith("read_") and f"write_{scope.removeprefix('read_')}" in scopes


def denial(field: str, scope: str) -> dict[str, Any]:
    """Return message and extensions of a refusal."""
    required = f"`{scope}` access scope."
    return {
        "message": f"Access denied for {field} field. Required access: {required}",
        "extensions": {
            "code": "ACCESS_DENIED",
            "documentation": "https://shopify.dev/api/usage/access-scopes",
            "requiredAccess": required,
        },
    }
