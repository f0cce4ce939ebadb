"""The mirror's tables and columns that rules look at, by name only.

The rules' room lies below the mirror's and must not import it; a test holds these names against the real tables.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Float, Integer, String, column, table
from sqlalchemy.sql.expression import ColumnClause, TableClause

from syncd.segments.steering import Indexed


def _columns(*, integers: str = "", texts: str = "", floats: str = "", flags: str = "") -> list[ColumnClause[Any]]:
    types = ((integers, Integer()), (texts, String()), (floats, Float()), (flags, Boolean()))
    return [column(each, kind) for names, kind in types for each in names.split()]


def _table(name: str, **columns: str) -> TableClause:
    return table(name, *_columns(**columns))


customers = _table(
    "customers",
    integers="id created_at number_of_orders amount_spent last_order_at",
    texts=(
        "store email_key email_domain email_consent sms_consent language account_state currency product_subscription"
        " spend_tier rfm_group"
    ),
)
dated_customers = Indexed(
    "dated_customers", "customers_added", *_columns(integers="id created_at", texts="store"), of="customers"
)
mates = Indexed("mates", "customers_email", *_columns(integers="id", texts="store email_key"), of="customers")
"""The other records of a customer's address (`syncd.segments.kin`)."""
records = customers.alias("records")
"""The records of one person."""
customer_addresses = _table(
    "customer_addresses",
    integers="customer_id id",
    texts="store country region city_key",
    floats="latitude longitude",
)
customer_metafields = _table(
    "customer_metafields",
    integers="customer_id place at",
    texts="store namespace key type value",
    floats="number",
)
customer_companies = _table("customer_companies", integers="customer_id company_id", texts="store")
customer_credit = _table("customer_credit", integers="customer_id id balance", texts="store currency")
customer_tags = _table("customer_tags", integers="customer_id", texts="store tag_key")
orders = Indexed(
    "orders",
    "orders_of_customer",
    *_columns(
        integers="id processed_at customer_id current_total app_id location_id",
        texts="store currency financial_status source_name",
        flags="counts",
    ),
)
"""Always looked at as the counted orders of one customer; the index holds no others."""
own_orders = Indexed(
    "own_orders",
    "orders_of_customer",
    *_columns(
        integers="id customer_id processed_at current_total",
        texts="store currency source_name financial_status",
        flags="counts",
    ),
    of="orders",
)
guests = Indexed(
    "guests",
    "orders_of_guests",
    *_columns(
        integers="id customer_id processed_at current_total",
        texts="store email_key currency source_name financial_status",
        flags="counts",
    ),
    of="orders",
)
"""The counted orders of an address that belong to no customer; the index holds no others."""
dated_orders = Indexed(
    "dated_orders",
    "orders_by_day",
    *_columns(integers="id customer_id processed_at", texts="store email_key", flags="counts"),
    of="orders",
)
"""The counted orders of a store by time; likewise `dated_customers`, `dated_checkouts` (`syncd.segments.stirring`)."""
order_tags = _table("order_tags", integers="order_id", texts="store tag_key")
order_discounts = _table("order_discounts", integers="order_id", texts="store code_key")
lines = _table(
    "lines",
    integers="order_id id product_id current_quantity amount",
    texts="store title vendor product_type",
)
products = _table("products", integers="id", texts="store category_id category")
product_tags = _table("product_tags", integers="product_id", texts="store tag_key")
product_collections = _table("product_collections", integers="product_id collection_id", texts="store title handle")
checkouts = Indexed(
    "checkouts",
    "checkouts_of_customer",
    *_columns(integers="id created_at completed_at customer_id", texts="store"),
)
"""Always looked at as the abandoned ones of one customer; the index holds no others."""
dated_checkouts = Indexed(
    "dated_checkouts",
    "checkouts_begun",
    *_columns(integers="id created_at completed_at customer_id", texts="store"),
    of="checkouts",
)
members = _table("members", integers="customer_id", texts="segment store")

TABLES = (
    customers,
    customer_addresses,
    customer_metafields,
    customer_companies,
    customer_credit,
    customer_tags,
    orders,
    order_tags,
    order_discounts,
    lines,
    products,
    product_tags,
    product_collections,
    checkouts,
    members,
)
