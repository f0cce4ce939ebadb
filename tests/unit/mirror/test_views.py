"""The views: every one answers, tells days of the shop and amounts in major units, and is read while a sync writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from syncd.mirror import membership, shapes, views
from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.mirror.shelves import Shelf
from syncd.mirror.stores import KnownStore, describe
from syncd.mirror.views.membership import INNER
from syncd.mirror.zones import keep_offsets
from syncd.model import Customer, LineItem, Order
from tests.support.older import mirror_of

NOW = 1_795_000_000


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def order(number: int, processed: str, amount: int, **more: Any) -> Order:
    values = {"currency": "EUR"} | more
    when = at(processed)
    return Order(id=number, created_at=when, processed_at=when, updated_at=when, current_total=amount, **values)


def customer(number: int, email: str | None, consent: str = "SUBSCRIBED") -> Customer:
    return Customer(id=number, created_at=NOW, updated_at=NOW, email=email, email_consent=consent, currency="EUR")


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path / "syncd.db")
    for store, zone in (("berlin", "Europe/Berlin"), ("tokyo", "Asia/Tokyo")):
        describe(opened, KnownStore(store, store, zone, "EUR", None, NOW))
        with opened.transaction():
            keep_offsets(opened.raw, store, zone)
    yield opened
    opened.close()


def put(mirror: Mirror, store: str, customers: list[Customer], orders: list[Order]) -> None:
    Shelf(mirror, store, "customers", shapes.CUSTOMERS).put(customers, None)
    Shelf(mirror, store, "orders", shapes.ORDERS).put(orders, None)


def rows(mirror: Mirror, query: str) -> list[Any]:
    return mirror.raw.execute(query).fetchall()


@pytest.mark.parametrize("view", views.VIEWS, ids=lambda view: view.name)
def test_every_view_has_the_columns_that_it_is_said_to_have(view: views.View, mirror: Mirror) -> None:
    found = [row[1] for row in mirror.raw.execute(f"PRAGMA table_info({view.name})")]

    assert found == [column.name for column in view.columns]
    assert rows(mirror, f"SELECT * FROM {view.name}") is not None  # noqa: S608  # our own names


def test_the_file_has_the_views_that_are_declared_and_no_other(mirror: Mirror) -> None:
    found = rows(mirror, "SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name")

    assert [name for (name,) in found] == sorted([*INNER, *(view.name for view in views.VIEWS)])


def test_an_order_is_of_the_shops_own_day(mirror: Mirror) -> None:
    orders = [
        order(1, "2026-03-28T22:59:59", 1),
        order(2, "2026-03-28T23:00:00", 1),  # midnight in Berlin, in winter
        order(3, "2026-03-29T21:59:59", 1),
        order(4, "2026-03-29T22:00:00", 1),  # midnight in Berlin, the clocks went forward that night
    ]
    put(mirror, "berlin", [], orders)
    put(mirror, "tokyo", [], [order(1, "2026-03-28T15:00:00", 1)])

    found = rows(mirror, "SELECT store, order_id, day FROM v_orders ORDER BY store, order_id")

    assert found == [
        ("berlin", 1, "2026-03-28"),
        ("berlin", 2, "2026-03-29"),
        ("berlin", 3, "2026-03-29"),
        ("berlin", 4, "2026-03-30"),
        ("tokyo", 1, "2026-03-29"),
    ]


def test_instants_are_iso_texts_in_utc(mirror: Mirror) -> None:
    put(mirror, "berlin", [], [order(1, "2026-03-28T22:59:59", 1)])

    assert rows(mirror, "SELECT ordered_at, cancelled_at FROM v_orders") == [("2026-03-28T22:59:59Z", None)]


@pytest.mark.parametrize(("currency", "major"), [("EUR", 1234.56), ("JPY", 123456.0), ("KWD", 123.456)])
def test_amounts_are_told_in_major_and_in_minor_units(currency: str, major: float, mirror: Mirror) -> None:
    put(mirror, "berlin", [], [order(1, "2026-03-28T22:59:59", 123456, currency=currency)])

    found = rows(mirror, "SELECT amount, amount_minor, currency FROM v_orders")

    assert found == [(pytest.approx(major), 123456, currency)]


def test_a_person_is_all_records_and_guest_orders_of_an_address_over_all_stores(mirror: Mirror) -> None:
    put(
        mirror,
        "berlin",
        [customer(1, "Ada@Shop.example"), customer(2, "ada@shop.example "), customer(3, None)],
        [
            order(1, "2026-03-28T12:00:00", 100, customer_id=1),
            order(2, "2026-04-28T12:00:00", 200, email="ADA@shop.example"),
            order(3, "2026-05-28T12:00:00", 400, customer_id=2, test=True),
            order(4, "2026-05-29T12:00:00", 800, customer_id=2, cancelled_at=NOW),
            order(5, "2026-05-30T12:00:00", 1600, customer_id=3, email="ada@shop.example"),
        ],
    )
    put(mirror, "tokyo", [], [order(1, "2026-06-28T12:00:00", 3200, email="guest@shop.example")])

    found = rows(
        mirror,
        "SELECT person, records, orders, guest_orders, amount, currency, first_order_day, last_order_day, subscribed "
        "FROM v_people ORDER BY person",
    )

    assert found == [
        ("ada@shop.example", 2, 2, 1, 3.0, "EUR", "2026-03-28", "2026-04-28", 1),
        ("guest@shop.example", 0, 1, 1, 32.0, "EUR", "2026-06-28", "2026-06-28", 0),
    ]


def test_amounts_in_several_currencies_are_not_added(mirror: Mirror) -> None:
    bought = [
        order(1, "2026-03-28T12:00:00", 100, email="ada@shop.example"),
        order(2, "2026-03-29T12:00:00", 100, email="ada@shop.example", currency="JPY"),
    ]
    put(mirror, "berlin", [], bought)

    assert rows(mirror, "SELECT orders, amount, currency FROM v_people") == [(2, None, None)]
    assert rows(mirror, "SELECT currency, amount FROM v_people_money ORDER BY 1") == [("EUR", 1.0), ("JPY", 100.0)]


@pytest.mark.parametrize(
    ("consents", "subscribed"),
    [
        (["SUBSCRIBED", "NOT_SUBSCRIBED"], 1),
        (["SUBSCRIBED", "UNSUBSCRIBED"], 0),
        (["SUBSCRIBED", "INVALID"], 0),
        (["PENDING"], 0),
    ],
)
def test_who_took_consent_back_anywhere_is_not_subscribed(consents: list[str], subscribed: int, mirror: Mirror) -> None:
    records = [customer(number, "ada@shop.example", consent) for number, consent in enumerate(consents, 1)]
    put(mirror, "berlin", records, [])

    assert rows(mirror, "SELECT subscribed FROM v_people") == [(subscribed,)]


def test_lines_tell_the_day_and_whether_their_order_counts(mirror: Mirror) -> None:
    line = LineItem(id=1, quantity=3, current_quantity=2, amount=500)
    put(mirror, "berlin", [], [order(1, "2026-03-28T23:30:00", 500, test=True, lines=(line,))])

    found = rows(mirror, "SELECT ordered, bought, amount, day, counts FROM v_lines")

    assert found == [(3, 2, 5.0, "2026-03-29", 0)]


def test_members_and_moves_are_told_with_their_address(mirror: Mirror) -> None:
    put(mirror, "berlin", [customer(1, "Ada@shop.example")], [])
    membership.renew(mirror, "vip", "berlin", "q", [1], run=7, at=at("2026-03-28T23:30:00"))

    assert rows(mirror, "SELECT segment, person, since_day FROM v_segment_members") == [
        ("vip", "ada@shop.example", "2026-03-29")
    ]
    assert rows(mirror, "SELECT run, person, move, day FROM v_segment_moves") == [
        (7, "ada@shop.example", "entered", "2026-03-29")
    ]
    assert rows(mirror, "SELECT segment, store, members FROM v_segments") == [("vip", "berlin", 1)]


def test_the_file_is_read_read_only_while_a_sync_writes(mirror: Mirror) -> None:
    put(mirror, "berlin", [customer(1, "ada@shop.example")], [])
    with mirror.transaction():
        mirror.raw.execute("DELETE FROM customers")
        with closing(sqlite3.connect(f"file:{mirror.path}?mode=ro", uri=True)) as reader:
            assert reader.execute("SELECT customer_id FROM v_customers").fetchall() == [(1,)]
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                reader.execute("DELETE FROM customers")


def test_a_view_cannot_be_written_through(mirror: Mirror) -> None:
    with pytest.raises(sqlite3.OperationalError, match="because it is a view"):
        mirror.raw.execute("DELETE FROM v_customers")


def test_a_file_from_before_the_views_gets_them_and_the_days_of_its_stores(tmp_path: Path) -> None:
    old = mirror_of(tmp_path / "old.db", "0005")
    store = ("tokyo", "tokyo", "Asia/Tokyo", "JPY", NOW)
    old.raw.execute("INSERT INTO stores (store, account, timezone, currency, checked_at) VALUES (?, ?, ?, ?, ?)", store)
    when = at("2026-03-28T15:00:00")
    old.raw.execute(
        "INSERT INTO orders (store, id, created_at, processed_at, updated_at, test, counts, currency, total, "
        "current_total, refunded) VALUES ('tokyo', 1, ?, ?, ?, 0, 1, 'JPY', 1, 1, 0)",
        (when, when, when),
    )
    old.close()

    opened = open_mirror(old.path)
    found = rows(opened, "SELECT day FROM v_orders")
    opened.close()

    assert found == [("2026-03-29",)]


def test_views_of_an_older_version_go_when_they_are_made_anew(mirror: Mirror) -> None:
    mirror.raw.execute("CREATE VIEW v_gone AS SELECT 1")
    views.create(mirror.raw)

    assert rows(mirror, "SELECT count(*) FROM sqlite_master WHERE name = 'v_gone'") == [(0,)]
