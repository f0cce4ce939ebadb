"""Making a whole shop from a seed."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from connectors.sandbox.world.customers import make_customers
from connectors.sandbox.world.making import Maker
from connectors.sandbox.world.orders import make_checkouts, make_orders
from connectors.sandbox.world.products import make_collections, make_products
from connectors.sandbox.world.records import Location
from connectors.sandbox.world.segments import make_segments
from connectors.sandbox.world.shop import Profile, Shop

_ORDERS_PER_CUSTOMER = 4.0
_HOMES = (
    ("Europe/Berlin", "EUR"),
    ("America/New_York", "USD"),
    ("Europe/London", "GBP"),
    ("Asia/Tokyo", "JPY"),
    ("America/Toronto", "CAD"),
)


def make_shop(name: str, number: int, *, customers: int, seed: int, now: int) -> Shop:
    """Return the shop `name`, the same for the same arguments.

    Args:
        name: How the sandbox calls it; part of its `.myshopify.com` name.
        number: Its place among the shops, from 0: decides its zone and currency and keeps its ids apart.
        customers: How many customer records; orders follow, about four for each.
        seed: Of the dice.
        now: The hour before which everything happened.
    """
    timezone, currency = _HOMES[number % len(_HOMES)]
    domain = f"{name.lower().replace('_', '-')}.myshopify.com"
    maker = Maker(f"{seed}:{number}:{customers}", number, now)
    shop = Shop(Profile(name=name, number=number, domain=domain, timezone=timezone, currency=currency), maker)
    with _collector_off():
        _fill(shop, customers)
    return shop


def _fill(shop: Shop, number: int) -> None:
    maker = shop.maker
    collections = make_collections(maker)
    locations = [Location(id=maker.id("Location"), name=name) for name in ("Warehouse", "Corner shop")]
    products = make_products(maker, min(2000, 120 + number // 100), collections)
    customers = make_customers(maker, number)
    orders = make_orders(maker, customers, products, locations, _ORDERS_PER_CUSTOMER)
    checkouts = make_checkouts(maker, customers, products)
    shop.collections = {record.id: record for record in collections}
    shop.locations = {record.id: record for record in locations}
    shop.segments = {record.id: record for record in make_segments(maker)}
    shop.fill(customers, orders, products, checkouts)


@contextmanager
def _collector_off() -> Iterator[None]:
    """Keep the garbage collector from looking through a million new records again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
