"""Thirty segments of many kinds, with their settings: 25 of customers, five by e-mail address, four of them ranks."""

from __future__ import annotations

from pathlib import Path

RULES: dict[str, str] = {
    "repeat-buyers": "number_of_orders > 1 AND last_order_date >= -180d",
    "big-spenders": "amount_spent >= 1000",
    "lapsed": "last_order_date < -365d",
    "new": "customer_added_date >= -30d",
    "subscribed-germans": "customer_countries CONTAINS 'DE' AND email_subscription_status = 'SUBSCRIBED'",
    "three-lately": "orders_placed MATCHES (date >= -90d, count >= 3)",
    "spent-lately": "orders_placed MATCHES (date >= -365d, sum_amount >= 500)",
    "one-large-order": "orders_placed MATCHES (amount >= 300)",
    "from-the-till": "orders_placed MATCHES (source = 'pos', date >= -365d)",
    "refunded": "orders_placed MATCHES (financial_status = 'REFUNDED', count >= 2)",
    "last-month": "orders_placed MATCHES (date = last_month)",
    "vendor-lovers": "products_purchased MATCHES (vendor = 'Vendor 7', count >= 2)",
    "product-buyers": "products_purchased MATCHES (id = 7000000000011)",
    "sale-lately": "products_purchased MATCHES (tag = 'sale', date >= -30d)",
    "many-units": "products_purchased MATCHES (type = 'Type 3', sum_quantity >= 10)",
    "tagged": "customer_tags CONTAINS 'tag30' OR customer_tags CONTAINS 'tag60'",
    "left-in-cart": "abandoned_checkout_date >= -7d AND email_subscription_status = 'SUBSCRIBED'",
    "high-average": "average_order_amount >= 150 AND number_of_orders >= 2",
    "first-this-year": "first_order_date >= 2026-01-01",
    "not-for-a-while": "number_of_orders >= 3 AND orders_placed NOT MATCHES (date >= -120d)",
    "french-speaking": "customer_language = 'fr' AND customer_countries NOT CONTAINS 'FR'",
    "loyal-and-large": "segments CONTAINS 'repeat-buyers' AND segments CONTAINS 'big-spenders'",
    "champions": "rfm_group = 'CHAMPIONS' AND NOT (email_subscription_status = 'UNSUBSCRIBED')",
    "top-spenders": "email_subscription_status = 'SUBSCRIBED'",
    "top-of-the-quarter": "number_of_orders >= 1",
    "people-repeating": "number_of_orders > 1",
    "people-spending": "amount_spent >= 1500 AND customer_countries CONTAINS 'DE'",
    "people-lately": "orders_placed MATCHES (date >= -60d, count >= 2)",
    "people-on-top": "email_subscription_status = 'SUBSCRIBED'",
    "people-often": "number_of_orders >= 1",
}
RANKS: dict[str, str] = {
    "top-spenders": '{ by = "amount_spent", top = 1000 }',
    "top-of-the-quarter": '{ by = "amount_spent", over = "-90d", top = 500 }',
    "people-on-top": '{ by = "average_order", over = "-365d", top = 1000 }',
    "people-often": '{ by = "orders", over = "-365d", top = "1%" }',
}
MAILED = ("repeat-buyers", "left-in-cart", "people-lately", "top-spenders", "lapsed")
"""The segments that go to the audience, too."""
NEVER_HELD = "limits = { min_size = 1_000_000_000 }"

ACCOUNTS = """
[syncd]
database = "syncd.db"
[stores.main]
kind = "memory"
[audiences.news]
kind = "memory-list"
"""


REAL = """
[syncd]
database = "syncd.db"
[stores.main]
kind = "shopify"
shop = "big-shop.myshopify.com"
access_token = { env = "NONE" }
[audiences.news]
kind = "mailchimp"
api_key = { env = "NONE" }
list = "abc123"
"""
"""The same accounts, for commands that look at the mirror and ask no service."""


def settings(accounts: str = ACCOUNTS) -> str:
    """Return the settings of all of them, each with a tag of its own."""
    return accounts + "\n".join(_segment(name) for name in RULES)


def write_settings(folder: Path) -> Path:
    """Write the settings into a folder and return the file."""
    path = folder / "syncd.toml"
    path.write_text(settings(), encoding="utf-8")
    return path


def _segment(name: str) -> str:
    lines = [f"[segments.{name}]", f'query = "{RULES[name]}"', f'tag = "bench-{name}"', NEVER_HELD]
    if name in RANKS:
        lines.append(f"rank = {RANKS[name]}")
    if name.startswith("people"):
        lines.append('by = "email"')
    if name in MAILED:
        lines.append('audiences = ["news"]')
    return "\n".join(lines) + "\n"
