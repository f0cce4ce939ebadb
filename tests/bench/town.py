"""A mirror of a large shop, made in one go: rows straight into its tables, in the order in which they lie there.

Sizes are those of busy stores: five orders a customer, lognormally uneven; two and a half lines an order; of a hundred
orders fifteen are a guest's (half of these of somebody who is a customer, too), four are cancelled, six refunded; one
customer in a hundred is a second record of somebody else's address. Ids have thirteen digits, as the store's have.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import msgspec

from syncd.mirror import touching
from syncd.mirror.opening import open_mirror
from syncd.mirror.stores import KnownStore, describe
from syncd.mirror.zones import keep_offsets

NOW = 1_795_000_000
ZONE = "Europe/Berlin"
STORE = "main"
BASE = 7_000_000_000_000
DAY = 86_400
YEARS = 4 * 365 * DAY
VENDORS = tuple(f"Vendor {number}" for number in range(60))
TYPES = tuple(f"Type {number}" for number in range(40))
_COUNTRIES = ("DE", "DE", "DE", "DE", "DE", "AT", "CH", "FR", "NL", "GB", "US", "CA")
_LANGUAGES = ("de", "de", "de", "de", "en", "fr", "nl")
_CONSENTS = ("SUBSCRIBED", "SUBSCRIBED", "SUBSCRIBED", "NOT_SUBSCRIBED", "NOT_SUBSCRIBED", "UNSUBSCRIBED")
_GROUPS = ("CHAMPIONS", "LOYAL", "DORMANT", "NEW", None)
Rows = Iterable[tuple[Any, ...]]


class Size(msgspec.Struct, frozen=True):
    """How large a shop is."""

    name: str
    customers: int

    @property
    def orders(self) -> int:
        """Five a customer."""
        return 5 * self.customers

    @property
    def products(self) -> int:
        """One for a hundred customers, and not above 20,000."""
        return max(20, min(20_000, self.customers // 100))


SIZES = {size.name: size for size in (Size("XS", 2_000), Size("S", 10_000), Size("M", 200_000), Size("L", 1_000_000))}


def email(number: int) -> str:
    """Return the address of a customer; every hundredth is the one before, who has two records."""
    return f"person{number - 1 if number % 100 == 0 else number}@inbox.example"


def build(path: Path, size: Size, seed: int = 7) -> None:
    """Make a mirror of a shop that was read to its end, with no segment evaluated yet."""
    mirror = open_mirror(path)
    describe(mirror, KnownStore(STORE, "big-shop.myshopify.com", ZONE, "EUR", None, NOW))
    shop = _Shop(size, random.Random(seed))
    with mirror.transaction(), bare(mirror.raw, "index", "trigger"):
        keep_offsets(mirror.raw, STORE, ZONE)
        for table, columns, rows in shop.tables():
            names = ("store", *columns.split())
            places = ", ".join("?" for _ in names)
            insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})"
            mirror.raw.executemany(insert, ((STORE, *row) for row in rows))
        for kind, key, changed in _FEEDS:
            touching.count(mirror.raw, kind)
            mirror.raw.execute(
                "INSERT INTO cursors (owner, feed, at, id, complete, pulled_at, why) "
                f"SELECT ?, ?, max({changed}), max({key}), 1, ?, '' FROM {kind}",
                (STORE, kind, NOW),
            )
    mirror.raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    mirror.close()


_FEEDS = tuple((kind, "id", "updated_at") for kind in ("customers", "orders", "products", "checkouts"))


@contextmanager
def bare(raw: Connection, *without: str) -> Iterator[None]:
    """Fill tables without what would slow it down (`index`, `trigger`); it is made again at the end."""
    query = "SELECT type, name, sql FROM sqlite_master WHERE type IN (?, ?) AND sql IS NOT NULL"
    found = raw.execute(query, (without[0], without[-1])).fetchall()
    for kind, name, _ in found:
        raw.execute(f"DROP {kind} {name}")
    yield
    for _, _, sql in found:
        raw.execute(sql)


class _Shop:
    """The rows of a shop, drawn from one source of chance."""

    def __init__(self, size: Size, dice: random.Random) -> None:
        self._size = size
        self._dice = dice
        self._placed = array("i", bytes(4 * (size.customers + 1)))
        self._spent = array("q", bytes(8 * (size.customers + 1)))
        self._last = array("q", bytes(8 * (size.customers + 1)))

    def tables(self) -> Iterator[tuple[str, str, Rows]]:
        """Yield tables with their columns and rows; orders first, for customers' own figures follow from them."""
        size = self._size
        yield (
            "orders",
            "id created_at processed_at updated_at cancelled_at test counts name customer_id email email_key currency"
            " total current_total refunded financial_status source_name",
            self._orders(),
        )
        yield (
            "lines",
            "order_id id product_id title vendor product_type quantity current_quantity amount gift_card",
            self._lines(),
        )
        yield (
            "customers",
            "id created_at updated_at email email_key email_domain email_consent language verified_email"
            " number_of_orders amount_spent currency rfm_group last_order_at first_name last_name",
            self._customers(),
        )
        yield "customer_addresses", "customer_id id country city city_key", self._addresses()
        yield "customer_tags", "customer_id tag_key tag", self._tags()
        yield "products", "id updated_at title vendor product_type status", self._products()
        yield (
            "product_tags",
            "product_id tag_key tag",
            ((BASE + it, "sale", "Sale") for it in range(7, size.products, 7)),
        )
        yield "checkouts", "id created_at updated_at completed_at customer_id total currency", self._checkouts()

    def _buyers(self) -> array[int]:
        """Return who placed which order: lognormal numbers of orders, in no order of time."""
        drawn = array("i")
        while len(drawn) < self._size.orders:
            for number in range(1, self._size.customers + 1):
                drawn.extend([number] * int(self._dice.lognormvariate(0.6, 1.2)))
        self._dice.shuffle(drawn)
        return drawn[: self._size.orders]

    def _orders(self) -> Rows:
        chance = self._dice.random
        step = YEARS // self._size.orders or 1
        for number, buyer in enumerate(self._buyers(), 1):
            at = NOW - YEARS + number * YEARS // self._size.orders + int(chance() * step)
            guest, cancelled = number % 20 in {3, 9, 15}, number % 25 == 1
            total = 500 + int(40_000 * chance() ** 3)
            left = total // 2 if number % 50 in {7, 23, 41} else total
            address = f"guest{number}@inbox.example" if guest and number % 40 < 20 else email(buyer)
            if not (guest or cancelled):
                self._placed[buyer] += 1
                self._spent[buyer] += left
                self._last[buyer] = at
            state = "REFUNDED" if left < total else "PAID"
            yield (
                BASE + number, at, at, at, at if cancelled else None, 0, 0 if cancelled else 1, f"#{number}",
                None if guest else BASE + buyer, address, address, "EUR", total, left, total - left, state,
                "pos" if number % 9 == 0 else "web",
            )  # fmt: skip

    def _lines(self) -> Rows:
        chance = self._dice.random
        products = self._size.products
        for order in range(1, self._size.orders + 1):
            for line in range(2 + order % 2):
                product = 1 + int(products * chance() ** 2)
                left = 0 if order % 50 in {7, 23} else 1 + (order + line) % 3
                yield (
                    BASE + order, BASE + order * 3 + line, BASE + product, f"Product {product}",
                    VENDORS[product % 60], TYPES[product % 40], 3, left, 4_000, 0,
                )  # fmt: skip

    def _customers(self) -> Rows:
        pick = self._dice.choice
        for number in range(1, self._size.customers + 1):
            at = NOW - YEARS + number * YEARS // self._size.customers
            address = email(number)
            yield (
                BASE + number, at, max(at, self._last[number]), address, address, "inbox.example", pick(_CONSENTS),
                pick(_LANGUAGES), 1, self._placed[number], self._spent[number], "EUR", pick(_GROUPS),
                self._last[number] or None, "Person", f"Number {number}",
            )  # fmt: skip

    def _addresses(self) -> Rows:
        for number in range(1, self._size.customers + 1):
            country, city = self._dice.choice(_COUNTRIES), f"City{number % 300}"
            yield BASE + number, BASE + number, country, city, f"{country}-{city}"

    def _tags(self) -> Rows:
        for number in range(10, self._size.customers + 1, 10):
            yield BASE + number, f"tag{number % 70}", f"Tag{number % 70}"

    def _products(self) -> Rows:
        for number in range(1, self._size.products + 1):
            yield (
                BASE + number,
                NOW - number * 600,
                f"Product {number}",
                VENDORS[number % 60],
                TYPES[number % 40],
                "ACTIVE",
            )

    def _checkouts(self) -> Rows:
        for number in range(1, self._size.customers // 2 + 1):
            at = NOW - int(90 * DAY * self._dice.random())
            buyer = 1 + int(self._size.customers * self._dice.random())
            yield BASE + number, at, at, at + 600 if number % 3 == 0 else None, BASE + buyer, 5_000, "EUR"
