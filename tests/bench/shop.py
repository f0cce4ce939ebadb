"""A mirror of a large shop, made in one go: rows straight into its tables, in the order in which they lie there.

Sizes are those of a busy store: five orders a customer, very unevenly; two and a half lines an order; one order in
twenty a guest's; some test orders, some cancelled, some wholly returned; addresses in other letter case.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from syncd.mirror.opening import open_mirror
from syncd.mirror.stores import KnownStore, describe
from syncd.mirror.zones import keep_offsets

NOW = 1_795_000_000
ZONE = "Europe/Berlin"
_YEARS = 3 * 365 * 86_400
_VENDORS = [f"Vendor {number}" for number in range(60)]
_TYPES = [f"Type {number}" for number in range(40)]
_COUNTRIES = ["DE"] * 5 + ["AT", "CH", "FR", "NL", "GB", "US", "CA"]
_LANGUAGES = ["de"] * 6 + ["en", "fr", "nl"]
_CONSENTS = ["SUBSCRIBED"] * 3 + ["NOT_SUBSCRIBED"] * 2 + ["UNSUBSCRIBED"]
_SEGMENTS = ("repeat-buyers", "big-spenders", "lapsed")
SETTINGS = """
[syncd]
database = "syncd.db"
[stores.main]
kind = "shopify"
shop = "big-shop.myshopify.com"
access_token = { env = "NONE" }
[audiences.newsletter]
kind = "mailchimp"
api_key = { env = "NONE" }
list = "abc123"
[segments.repeat-buyers]
query = "number_of_orders > 1"
[segments.big-spenders]
query = "amount_spent > 1000"
[segments.lapsed]
query = "last_order_date < -180d"
"""


def build(folder: Path, customers: int) -> None:
    """Make a folder with settings and a mirror of so many customers, five times as many orders."""
    (folder / "syncd.toml").write_text(SETTINGS, encoding="utf-8")
    mirror = open_mirror(folder / "syncd.db")
    describe(mirror, KnownStore("main", "big-shop.myshopify.com", ZONE, "EUR", None, NOW))
    dice = random.Random(7)
    orders = 5 * customers
    with mirror.transaction():
        keep_offsets(mirror.raw, "main", ZONE)
        for table, rows in (
            ("customers", _customers(customers, dice)),
            ("customer_addresses", _addresses(customers, dice)),
            ("customer_tags", _tags(customers)),
            ("products", _products(customers // 100, dice)),
            ("product_collections", _collections(customers // 100)),
            ("orders", _orders(orders, customers, dice)),
            ("lines", _lines(orders, customers // 100, dice)),
            ("contacts", _contacts(customers)),
            ("masks", _masks(customers)),
            ("moves", _moves(customers, dice)),
            ("segments", _segments(customers)),
            ("cursors", _cursors()),
        ):
            _fill(mirror.raw, table, rows)
    mirror.close()


def _fill(raw: Any, table: str, rows: Iterator[dict[str, Any]]) -> None:
    first = next(rows)
    names, places = ", ".join(first), ", ".join(f":{name}" for name in first)
    insert = f"INSERT INTO {table} ({names}) VALUES ({places})"
    raw.execute(insert, first)
    raw.executemany(insert, rows)


def _email(number: int) -> str:
    return f"person{number}@inbox.example"


def _customers(count: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        # every hundredth is a second record of the person before, written otherwise
        email = _email(number - 1).upper() if number % 100 == 0 else _email(number)
        yield {
            "store": "main",
            "id": number,
            "created_at": NOW - _YEARS + number * (_YEARS // count),
            "updated_at": NOW,
            "email": email,
            "email_key": email.lower(),
            "email_domain": "inbox.example",
            "email_consent": dice.choice(_CONSENTS),
            "first_name": "Person",
            "last_name": f"Number {number}",
            "language": dice.choice(_LANGUAGES),
            "verified_email": 1,
            "number_of_orders": dice.randrange(12),
            "amount_spent": dice.randrange(200_000),
            "currency": "EUR",
            "rfm_group": dice.choice(["CHAMPIONS", "LOYAL", "DORMANT", None]),
        }


def _addresses(count: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        country = dice.choice(_COUNTRIES)
        city = f"City{dice.randrange(300)}"
        yield {
            "store": "main",
            "customer_id": number,
            "id": number,
            "country": country,
            "city": city,
            "city_key": f"{country}-{city}",
        }


def _tags(count: int) -> Iterator[dict[str, Any]]:
    for number in range(10, count + 1, 10):
        yield {"store": "main", "customer_id": number, "tag_key": f"tag{number % 70}", "tag": f"Tag{number % 70}"}


def _products(count: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        yield {
            "store": "main",
            "id": number,
            "updated_at": NOW,
            "title": f"Product {number}",
            "vendor": dice.choice(_VENDORS),
            "product_type": dice.choice(_TYPES),
            "status": "ACTIVE",
        }


def _collections(count: int) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        collection = number % 25
        yield {
            "store": "main",
            "product_id": number,
            "collection_id": collection,
            "title": f"Collection {collection}",
            "handle": f"collection-{collection}",
        }


def _orders(count: int, buyers: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(1, count + 1):
        at = NOW - _YEARS + number * (_YEARS // count)
        buyer = 1 + int(buyers * dice.random() ** 2)
        guest = number % 20 == 0
        cancelled, test = number % 50 == 1, number % 100 == 3
        yield {
            "store": "main",
            "id": number,
            "created_at": at,
            "processed_at": at,
            "updated_at": at,
            "cancelled_at": at if cancelled else None,
            "test": test,
            "counts": not (cancelled or test),
            "name": f"#{number}",
            "customer_id": None if guest else buyer,
            "email": _email(buyer),
            "email_key": _email(buyer),
            "currency": "EUR",
            "total": 9_000,
            "current_total": 0 if number % 200 == 5 else dice.randrange(500, 40_000),
            "refunded": 0,
        }


def _lines(orders: int, products: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    for order in range(1, orders + 1):
        for line in range(2 + order % 2):
            product = 1 + int(products * dice.random() ** 2)
            yield {
                "store": "main",
                "order_id": order,
                "id": order * 10 + line,
                "product_id": product,
                "title": f"Product {product}",
                "vendor": _VENDORS[product % len(_VENDORS)],
                "product_type": _TYPES[product % len(_TYPES)],
                "quantity": 2,
                "current_quantity": dice.choice((0, 1, 1, 2, 2, 2)),
                "amount": 4_000,
                "gift_card": 0,
            }


def _contacts(count: int) -> Iterator[dict[str, Any]]:
    for number in sorted(range(1, count + 1, 3), key=_email):
        status = "unsubscribed" if number % 7 == 0 else "subscribed"
        address = _email(number)
        yield {"target": "newsletter", "subject": address, "email": address, "status": status, "changed_at": NOW}


def _masks(count: int) -> Iterator[dict[str, Any]]:
    """Every second customer is in the first segment, every third in the second, and so on."""
    for number in range(1, count + 1):
        mask = sum(1 << bit for bit in range(len(_SEGMENTS)) if number % (bit + 2) == 0)
        if mask:
            yield {"shelf": 0, "customer_id": number, "mask": mask}


def _moves(count: int, dice: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(1, 2 * count + 1):
        yield {
            "run": number // 500,
            "at": NOW - _YEARS + number * (_YEARS // (2 * count)),
            "segment": dice.choice(_SEGMENTS),
            "store": "main",
            "customer_id": dice.randrange(1, count + 1),
            "entered": number % 3 != 0,
        }


def _segments(count: int) -> Iterator[dict[str, Any]]:
    for bit, segment in enumerate(_SEGMENTS):
        yield {
            "segment": segment,
            "store": "main",
            "shelf": 0,
            "bit": bit,
            "query": "number_of_orders > 1",
            "as_of": NOW,
            "why": "",
            "size": count // (bit + 2),
            "began": NOW - _YEARS,
            "began_run": 0,
            "basis": "",
        }


def _cursors() -> Iterator[dict[str, Any]]:
    for owner, feed in (*(("main", it) for it in ("customers", "orders", "products")), ("newsletter", "contacts")):
        yield {"owner": owner, "feed": feed, "at": NOW, "id": 1, "complete": 1, "pulled_at": NOW, "why": ""}
