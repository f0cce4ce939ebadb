"""Which fields lists and counts can be searched by, as the published schema lists them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.sandbox.shopify.fields import GETTERS
from connectors.sandbox.shopify.search import Field
from connectors.sandbox.shopify.view import View
from connectors.sandbox.shopify.wire import decimal_text


def _amount(value: int, view: View) -> Decimal:
    return Decimal(decimal_text(view.money(value)))


def _said(kind: str, name: str) -> Any:
    return GETTERS[kind][name]


def _accepts(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ID = Field("number", lambda record, _: record.id)
_CREATED = Field("time", lambda record, _: record.created_at)
_UPDATED = Field("time", lambda record, _: record.updated_at)
_TAG = Field("tags", lambda record, _: record.tags)
_TAG_NOT = Field("without", lambda record, _: record.tags)


def _unknown(names: str) -> dict[str, Field | None]:
    return dict.fromkeys(names.split())


FIELDS: Mapping[str, Mapping[str, Field | None]] = {
    "customers": {
        "id": _ID,
        "updated_at": Field("day", lambda c, _: c.updated_at),
        "customer_date": Field("time", lambda c, _: c.created_at),
        "email": Field("text", lambda c, _: c.email),
        "phone": Field("text", lambda c, _: c.phone),
        "first_name": Field("text", lambda c, _: c.first_name),
        "last_name": Field("text", lambda c, _: c.last_name),
        "country": Field("word", lambda c, _: tuple(x for a in c.addresses for x in (a.country, a.country_code))),
        "state": Field("word", lambda c, _: c.state, _accepts("enabled disabled invited declined")),
        "accepts_marketing": Field("boolean", lambda c, _: c.consent == "SUBSCRIBED"),
        "orders_count": Field("number", lambda c, _: c.number_of_orders),
        "total_spent": Field("number", lambda c, view: _amount(c.amount_spent, view)),
        "order_date": Field("time", lambda c, view: tuple(o.processed_at for o in view.orders_of(c))),
        "tag": _TAG,
        "tag_not": _TAG_NOT,
    }
    | _unknown("last_abandoned_order_date"),
    "orders": {
        "id": _ID,
        "created_at": _CREATED,
        "updated_at": _UPDATED,
        "processed_at": Field("time", lambda o, _: o.processed_at),
        "customer_id": Field("number", lambda o, _: o.customer_id),
        "email": Field("text", lambda o, _: o.email),
        "name": Field("text", lambda o, _: f"#{o.number}"),
        "current_total_price": Field("number", lambda o, view: _amount(o.current_total, view)),
        "discount_code": Field("word", lambda o, _: o.discount_codes[:1]),
        "financial_status": Field("word", _said("Order", "displayFinancialStatus")),
        "location_id": Field("number", lambda o, _: o.location_id),
        "sku": Field("word", lambda o, _: tuple(line.sku for line in o.lines)),
        "source_name": Field("word", lambda o, _: o.source_name),
        "status": Field(
            "word",
            lambda o, _: ("open", "not_closed") if o.cancelled_at is None else ("cancelled", "closed"),
            _accepts("open closed cancelled not_closed any"),
        ),
        "test": Field("boolean", lambda o, _: o.test),
        "tag": _TAG,
        "tag_not": _TAG_NOT,
    }
    | _unknown(
        "cart_token channel channel_id chargeback_status checkout_token confirmation_number credit_card_last4 "
        "delivery_method fraud_protection_level fulfillment_location_id fulfillment_status gateway payment_id "
        "payment_provider_id po_number reference_location_id return_status risk_level sales_channel "
        "source_identifier subtotal_line_items_quantity total_weight"
    ),
    "products": {
        "id": _ID,
        "created_at": _CREATED,
        "updated_at": _UPDATED,
        "title": Field("text", lambda p, _: p.title),
        "handle": Field("word", lambda p, _: p.handle),
        "vendor": Field("word", lambda p, _: p.vendor),
        "product_type": Field("word", lambda p, _: p.product_type),
        "status": Field("word", lambda p, _: p.status, _accepts("active archived draft")),
        "category_id": Field("word", lambda p, _: p.category_id),
        "collection_id": Field("number", lambda p, _: p.collection_ids),
        "gift_card": Field("boolean", lambda p, _: p.gift_card),
        "tag": _TAG,
        "tag_not": _TAG_NOT,
    }
    | _unknown(
        "barcode bundles combined_listing_role delivery_profile_id error_feedback has_only_composites "
        "has_only_default_variant has_variant_with_components inventory_total is_price_reduced "
        "out_of_stock_somewhere price product_configuration_owner product_publication_status publication_ids "
        "publishable_status published_at published_status sku tracks_inventory variant_id variant_title"
    ),
    "checkouts": {
        "id": _ID,
        "created_at": _CREATED,
        "updated_at": _UPDATED,
        "recovery_state": Field(
            "word",
            lambda c, _: "not_recovered" if c.completed_at is None else "recovered",
            _accepts("recovered not_recovered"),
        ),
        "status": Field("word", lambda c, _: "open" if c.completed_at is None else "closed", _accepts("open closed")),
    }
    | _unknown("email_state"),
}
"""By kind of record and name; None for what the real service knows and the sandbox does not."""

CUSTOMERS_COUNT: Mapping[str, Field | None] = {"id": _ID, "created_at": _CREATED, "updated_at": _UPDATED}
"""The count of customers knows only these; anything else it ignores, and counts everybody."""

WORDS: Mapping[str, Field] = {
    "customers": Field("text", lambda c, _: (c.first_name, c.last_name, c.email, c.phone, _full_name(c))),
    "orders": Field("text", lambda o, _: (f"#{o.number}", str(o.number), o.email)),
    "products": Field("text", lambda p, _: (p.title, p.vendor, p.product_type)),
    "checkouts": Field("text", lambda c, _: (f"#{c.id}",)),
}
"""What a bare word looks at."""


def _full_name(customer: Any) -> str:
    return f"{customer.first_name or ''} {customer.last_name or ''}".strip()
