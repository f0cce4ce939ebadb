"""How customers, orders, products, checkouts and contacts lie in their tables.

What is true or false is handed over as a number: for anything but numbers and text the driver first looks for an
adapter, which takes ten times as long as the value itself.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import msgspec

from syncd.mirror import consents, merges
from syncd.mirror.gate import Personal, depart_contacts, depart_customers
from syncd.mirror.shape import Child, Row, Shape, Watch
from syncd.model import (
    Address,
    Checkout,
    Companies,
    Contact,
    Credit,
    Customer,
    Kind,
    LineItem,
    Metafield,
    Metafields,
    Order,
    Product,
    fold,
    identity,
)
from syncd.segments.extras import instant_of, number_of
from syncd.segments.places import city_key, email_domain, region


def _customer(it: Customer) -> Row:
    return (
        it.id,
        it.created_at,
        it.updated_at,
        it.email,
        identity(it.email),
        email_domain(it.email),
        it.email_consent,
        it.email_consent_at,
        it.sms_consent,
        it.phone,
        it.first_name,
        it.last_name,
        it.language,
        it.account_state,
        int(it.verified_email),
        it.number_of_orders,
        it.amount_spent,
        it.currency,
        it.product_subscription,
        it.spend_tier,
        it.rfm_group,
        it.last_order_at,
    )


def _order(it: Order) -> Row:
    return (
        it.id,
        it.created_at,
        it.processed_at,
        it.updated_at,
        it.cancelled_at,
        int(it.test),
        int(it.counts),
        it.name,
        it.customer_id,
        it.email,
        identity(it.email),
        it.currency,
        it.total,
        it.current_total,
        it.refunded,
        it.financial_status,
        it.source_name,
        it.app_id,
        it.location_id,
    )


def _line(it: LineItem) -> Row:
    return (
        it.id,
        it.quantity,
        it.current_quantity,
        it.product_id,
        it.variant_id,
        it.title,
        it.vendor,
        it.product_type,
        it.sku,
        it.amount,
        int(it.gift_card),
    )


def _nobodys_order(it: Order) -> Order:
    """Return an order without whatever leads to the person who placed it; amounts and products stay."""
    lines = tuple(
        line if line.product_id is not None else msgspec.structs.replace(line, title=None, sku=None)
        for line in it.lines
    )
    return msgspec.structs.replace(it, name=None, customer_id=None, email=None, tags=(), discount_codes=(), lines=lines)


def _address(it: Address) -> Row:
    return (it.id, it.country, it.province, it.city, region(it), city_key(it), it.zip, it.latitude, it.longitude)


def _hanging(it: Metafields | Companies | Credit) -> Row:
    return (it.id, it.updated_at)


def _metafield(it: Metafield) -> Row:
    return (it.namespace, it.key, it.place, it.type, it.value, number_of(it), instant_of(it))


def _labels(labels: tuple[str, ...]) -> list[Row]:
    return [(fold(label), label) for label in labels]


_ID = attrgetter("id")
_UPDATED_AT = attrgetter("updated_at")


CUSTOMERS = Shape[Customer](
    table="customers",
    owner="store",
    key="id",
    changed="updated_at",
    columns=tuple(
        "id created_at updated_at email email_key email_domain email_consent email_consent_at sms_consent phone "
        "first_name last_name language account_state verified_email number_of_orders amount_spent currency "
        "product_subscription spend_tier rfm_group last_order_at".split()
    ),
    row=_customer,
    key_of=_ID,
    changed_of=_UPDATED_AT,
    children=(
        Child("customer_tags", "customer_id", ("tag_key", "tag"), lambda it: _labels(it.tags)),
        Child(
            "customer_addresses",
            "customer_id",
            ("id", "country", "province", "city", "region", "city_key", "zip", "latitude", "longitude"),
            lambda it: map(_address, it.addresses),
        ),
    ),
    since={"email_since": "email_key"},
    watch=Watch(frozenset({"email_key", "email_consent"}), consents.customers_changing, consents.customers_going),
    personal=Personal(
        customer=lambda it: it.id,
        email=lambda it: it.email,
        redacted=lambda it: it.email_consent == "REDACTED" or it.sms_consent == "REDACTED",
        departs=depart_customers,
    ),
)

METAFIELDS = Shape[Metafields](
    table="metafield_owners",
    owner="store",
    key="id",
    changed="updated_at",
    columns=("id", "updated_at"),
    row=_hanging,
    key_of=_ID,
    changed_of=_UPDATED_AT,
    children=(
        Child(
            "customer_metafields",
            "customer_id",
            ("namespace", "key", "place", "type", "value", "number", "at"),
            lambda it: map(_metafield, it.values),
            keys=3,
        ),
    ),
    personal=Personal(customer=lambda it: it.id),
)

COMPANIES = Shape[Companies](
    table="company_contacts",
    owner="store",
    key="id",
    changed="updated_at",
    columns=("id", "updated_at"),
    row=_hanging,
    key_of=_ID,
    changed_of=_UPDATED_AT,
    children=(
        Child(
            "customer_companies",
            "customer_id",
            ("company_id",),
            lambda it: ((company,) for company in it.companies),
        ),
    ),
    personal=Personal(customer=lambda it: it.id),
)

CREDIT = Shape[Credit](
    table="credit_owners",
    owner="store",
    key="id",
    changed="updated_at",
    columns=("id", "updated_at"),
    row=_hanging,
    key_of=_ID,
    changed_of=_UPDATED_AT,
    children=(
        Child(
            "customer_credit",
            "customer_id",
            ("id", "currency", "balance"),
            lambda it: ((each.id, each.currency, each.balance) for each in it.accounts),
        ),
    ),
    personal=Personal(customer=lambda it: it.id),
)

ORDERS = Shape[Order](
    table="orders",
    owner="store",
    key="id",
    changed="updated_at",
    columns=tuple(
        "id created_at processed_at updated_at cancelled_at test counts name customer_id email email_key currency "
        "total current_total refunded financial_status source_name app_id location_id".split()
    ),
    row=_order,
    key_of=_ID,
    changed_of=_UPDATED_AT,
    children=(
        Child(
            "lines",
            "order_id",
            LineItem.__struct_fields__,
            lambda it: map(_line, it.lines),
        ),
        Child("order_tags", "order_id", ("tag_key", "tag"), lambda it: _labels(it.tags)),
        Child("order_discounts", "order_id", ("code_key", "code"), lambda it: _labels(it.discount_codes)),
    ),
    watch=Watch(frozenset({"customer_id"}), merges.orders_changing),
    personal=Personal(customer=lambda it: it.customer_id, email=lambda it: it.email, stripped=_nobodys_order),
)

PRODUCTS = Shape[Product](
    table="products",
    owner="store",
    key="id",
    changed="updated_at",
    columns=("id", "updated_at", "title", "vendor", "product_type", "category_id", "category", "status"),
    row=lambda it: (
        it.id,
        it.updated_at,
        it.title,
        it.vendor,
        it.product_type,
        it.category_id,
        it.category,
        it.status,
    ),
    key_of=_ID,
    changed_of=_UPDATED_AT,
    children=(
        Child("product_tags", "product_id", ("tag_key", "tag"), lambda it: _labels(it.tags)),
        Child(
            "product_collections",
            "product_id",
            ("collection_id", "title", "handle"),
            lambda it: ((found.id, found.title, found.handle) for found in it.collections),
        ),
    ),
)

CHECKOUTS = Shape[Checkout](
    table="checkouts",
    owner="store",
    key="id",
    changed="updated_at",
    columns=("id", "created_at", "updated_at", "completed_at", "customer_id", "total", "currency"),
    row=lambda it: (
        it.id,
        it.created_at,
        it.updated_at,
        it.completed_at,
        it.customer_id,
        it.total,
        it.currency,
    ),
    key_of=_ID,
    changed_of=_UPDATED_AT,
    personal=Personal(
        customer=lambda it: it.customer_id,
        stripped=lambda it: msgspec.structs.replace(it, customer_id=None),
    ),
)

CONTACTS = Shape[Contact](
    table="contacts",
    owner="target",
    key="subject",
    changed="changed_at",
    columns=("subject", "email", "status", "changed_at"),
    row=lambda it: (it.subject, it.email, it.status.value, it.changed_at),
    key_of=lambda it: it.subject,
    changed_of=lambda it: it.changed_at,
    children=(Child("contact_labels", "subject", ("label_key", "label"), lambda it: _labels(it.labels)),),
    watch=Watch(frozenset({"status"}), consents.contacts_changing, consents.contacts_going),
    personal=Personal(email=lambda it: it.subject, departs=depart_contacts),
)

OF_KIND: dict[Kind, Shape[Any]] = {
    Kind.CUSTOMERS: CUSTOMERS,
    Kind.ORDERS: ORDERS,
    Kind.PRODUCTS: PRODUCTS,
    Kind.CHECKOUTS: CHECKOUTS,
    Kind.METAFIELDS: METAFIELDS,
    Kind.COMPANIES: COMPANIES,
    Kind.CREDIT: CREDIT,
}
CONTACTS_FEED = "contacts"

FEEDS: dict[str, Shape[Any]] = {kind.value: shape for kind, shape in OF_KIND.items()} | {CONTACTS_FEED: CONTACTS}
"""Every feed of a store or an audience."""
