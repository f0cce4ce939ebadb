"""A little shop in Toronto on 21 November 2026, ten in the morning. Small enough to know everybody in it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from syncd.model import Address, Checkout, Collection, Customer, LineItem, Order, Product
from syncd.segments import Frame
from tests.unit.segments.world import World

TORONTO = ZoneInfo("America/Toronto")


def at(text: str, zone: ZoneInfo = TORONTO) -> int:
    """Return the instant of a local time (`2026-11-21`, `2026-11-21T10:00:00`)."""
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp())


NOW = at("2026-11-21T10:00:00")
FRAME = Frame(store="main", now=NOW, zone=TORONTO, currency="CAD")

ADA = Customer(
    id=1,
    created_at=at("2025-01-10T12:00:00"),
    updated_at=NOW,
    email="Ada@Gmail.com",
    email_consent="SUBSCRIBED",
    sms_consent="SUBSCRIBED",
    language="en",
    account_state="ENABLED",
    number_of_orders=3,
    amount_spent=300_00,
    currency="CAD",
    product_subscription="SUBSCRIBED",
    spend_tier="HIGH",
    rfm_group="CHAMPIONS",
    tags=("VIP", "wholesale"),
    addresses=(
        Address(1, country="CA", province="ON", city="Ottawa", latitude=45.4215, longitude=-75.6972),
        Address(2, country="US", province="CA", city="Los Angeles", latitude=34.05, longitude=-118.24),
    ),
)
BO = Customer(
    id=2,
    created_at=at("2026-11-21T00:00:00"),
    updated_at=NOW,
    email="bo@example.com",
    email_consent="UNSUBSCRIBED",
    sms_consent="NOT_SUBSCRIBED",
    language="fr-CA",
    account_state="INVITED",
    number_of_orders=1,
    amount_spent=50_50,
    currency="CAD",
    product_subscription="NEVER_SUBSCRIBED",
    spend_tier="LOW",
    rfm_group="NEW",
    tags=("vip-lapsed", "it's"),
    addresses=(Address(3, country="FR", city="Paris", latitude=48.8566, longitude=2.3522),),
)
CY = Customer(id=3, created_at=at("2026-11-20T23:59:59"), updated_at=NOW)
"""Of whom nothing is known."""
DI = Customer(
    id=4,
    created_at=at("2024-02-29T09:00:00"),
    updated_at=NOW,
    email="di@mail.example",
    email_consent="PENDING",
    account_state="DISABLED",
    number_of_orders=2,
    amount_spent=1_000_00,
    currency="EUR",
    tags=("Straße",),
    addresses=(
        Address(4, country="CA", province="QC", city="Saint-Jean sur Richelieu", latitude=45.5),
        Address(5, longitude=-75.7),
    ),
    last_order_at=at("2026-01-01"),
)
"""Who spent in a currency that is not the shop's."""

SHIRT = Product(
    id=100,
    updated_at=0,
    tags=("Sports wear", "summer"),
    category_id="aa-1-13",
    category="Apparel & Accessories > Clothing > Shirts",
    collections=(Collection(7, "Summer 2026", "summer-2026"),),
)
BALL = Product(id=200, updated_at=0, category_id="sg-4", category="Sporting Goods > Balls")

SHIRTS = LineItem(
    id=1, quantity=3, current_quantity=2, product_id=100, title="Shirt", vendor="Acme", product_type="Shirts"
)
BALLS = LineItem(
    id=2, quantity=1, current_quantity=1, product_id=200, title="Red ball", vendor="Ballers", product_type="Balls"
)
RETURNED = LineItem(
    id=3, quantity=1, current_quantity=0, product_id=200, title="Red ball", vendor="Ballers", product_type="Balls"
)
GONE = LineItem(id=4, quantity=5, current_quantity=5, product_id=999, title="Gone", vendor="Ballers")
"""A line whose product was deleted since."""


def _order(id_: int, customer: int | None, day: str, amount: int, *lines: LineItem, **more: object) -> Order:
    values = {"currency": "CAD", "customer_id": customer, "current_total": amount, "lines": lines} | more
    return Order(id=id_, created_at=0, updated_at=0, processed_at=at(day), **values)


ORDERS = (
    _order(
        1,
        1,
        "2026-11-14",
        100_00,
        SHIRTS,
        tags=("Gift",),
        discount_codes=("WELCOME10",),
        source_name="web",
        financial_status="PAID",
        app_id=580111,
        location_id=11,
    ),
    _order(2, 1, "2026-11-13T23:59:59", 50_00, BALLS, source_name="pos", financial_status="PARTIALLY_REFUNDED"),
    _order(3, 1, "2025-11-21T12:00:00", 0, SHIRTS, RETURNED, financial_status="REFUNDED"),
    _order(4, 2, "2026-08-01T12:00:00", 50_50, GONE),
    _order(5, 4, "2026-11-20T12:00:00", 30_00, BALLS, cancelled_at=NOW),
    _order(6, 4, "2026-11-20T12:00:00", 30_00, BALLS, test=True),
    _order(7, None, "2026-11-20T12:00:00", 30_00, BALLS, email="ada@gmail.com"),
    _order(8, 4, "2026-10-01T12:00:00", 99_99, RETURNED, currency="EUR"),
)
CHECKOUTS = (
    Checkout(id=1, created_at=at("2026-11-14"), updated_at=0, customer_id=1),
    Checkout(id=2, created_at=at("2026-11-20"), updated_at=0, customer_id=1, completed_at=NOW),
    Checkout(id=3, created_at=at("2026-11-13T23:59:59"), updated_at=0, customer_id=2),
)
SHOP = World(
    customers=(ADA, BO, CY, DI),
    orders=ORDERS,
    products=(SHIRT, BALL),
    checkouts=CHECKOUTS,
    segments={1: frozenset({"vips", "Québec 'n' all"}), 2: frozenset({"Vips"})},
)
