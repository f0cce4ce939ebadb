"""What every field of every type says, once: pages (through graphql-core) and exports (compiled) read this table.

A getter takes a record and the view. Text forms (ids, instants, amounts) are made there, so that both readings agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.sandbox.shopify import customer_fields, order_fields, product_fields
from connectors.sandbox.shopify.getters import Table, same
from connectors.sandbox.shopify.view import View
from connectors.sandbox.shopify.wire import decimal_text
from connectors.sandbox.world.records import (
    Address,
    Checkout,
    Collection,
    Customer,
    Line,
    Location,
    Order,
    Product,
    Refund,
    Segment,
)

GETTERS: Table = {
    **customer_fields.TABLE,
    **order_fields.TABLE,
    **product_fields.TABLE,
    "MoneyBag": {"presentmentMoney": same, "shopMoney": same},
    "MoneyV2": {"amount": lambda m, _: decimal_text(m), "currencyCode": lambda m, _: m.currency},
}
"""By type and field: everything but connections."""

CHILDREN: Mapping[tuple[str, str], Callable[[Any, View], Sequence[Any]]] = {
    ("Customer", "addressesV2"): lambda c, _: c.addresses,
    ("Customer", "metafields"): lambda c, _: c.metafields,
    ("Customer", "storeCreditAccounts"): lambda c, _: c.credit,
    ("Customer", "orders"): lambda c, view: view.orders_of(c),
    ("Order", "lineItems"): lambda o, _: o.lines,
    ("Refund", "refundLineItems"): order_fields.refund_lines,
    ("AbandonedCheckout", "lineItems"): lambda c, _: c.lines,
    ("Product", "collections"): lambda p, view: [view.shop.collections[x] for x in p.collection_ids],
}
"""By type and field: the whole of a nested connection."""

TYPE_OF: Mapping[type, str] = {
    Customer: "Customer",
    Order: "Order",
    Product: "Product",
    Checkout: "AbandonedCheckout",
    Collection: "Collection",
    Address: "MailingAddress",
    Line: "LineItem",
    Refund: "Refund",
    Location: "Location",
    Segment: "Segment",
}
"""The GraphQL type of a record, where it is asked for as a Node."""
