"""The segments that a shop's people saved in the admin, and whom they write to through the shop's own mailings."""

from __future__ import annotations

from connectors.sandbox.world.making import DAY, STRIDE, Maker
from connectors.sandbox.world.records import Customer, Segment
from connectors.sandbox.world.shop import Shop

_SAVED = (
    ("Customers who have purchased at least once", "number_of_orders > 0"),
    ("Customers who haven't purchased", "number_of_orders = 0"),
    ("Email subscribers", "email_subscription_status = 'SUBSCRIBED'"),
    ("Abandoned checkouts in the last 30 days", "abandoned_checkout_date >= -30d"),
    (
        "Repeat buyers of this year",
        "number_of_orders > 1 AND\n  orders_placed MATCHES (date >= -12m, count >= 2)",
    ),
    (
        "VIP & O'Reilly's \"friends\"",
        "customer_tags CONTAINS 'VIP' OR customer_tags CONTAINS 'O\\'Reilly\\'s friends'",
    ),
    ("Opened an e-mail lately", "shopify_email.opened MATCHES (date >= -30d)"),
)


def make_segments(maker: Maker) -> list[Segment]:
    """Return the saved segments, oldest first; no dice are thrown for them."""
    return [
        Segment(id=maker.id("Segment"), name=name, query=query, created_at=at, edited_at=at)
        for at, (name, query) in enumerate(_SAVED, maker.now - 300 * DAY)
    ]


def opened(shop: Shop, customer: Customer) -> list[int]:
    """Return when a customer opened mails of the shop's own mailings: what no API tells, and a segment may ask."""
    n = customer.id // STRIDE
    if customer.consent != "SUBSCRIBED" or n % 3:
        return []
    times = (shop.maker.now - (n % 37 + 11 * k) * DAY - n % DAY for k in range(n % 5 + 1))
    return [at for at in times if at >= customer.created_at]
