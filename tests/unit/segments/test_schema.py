"""The rules name the mirror's tables without knowing the mirror: here both are held against each other."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from syncd.mirror import tables
from syncd.mirror.database import Mirror
from syncd.mirror.shapes import _address, _customer
from syncd.mirror.views import membership
from syncd.model import Address, Customer
from syncd.segments import Rule, members, parse
from syncd.segments.places import city_key, email_domain, region
from syncd.segments.schema import TABLES, orders
from syncd.segments.steering import Indexed
from tests.unit.segments.shop import FRAME


def test_every_table_and_column_that_rules_name_is_there(mirror: Mirror) -> None:
    assert tables.CustomerRow.metadata is SQLModel.metadata
    views = [table for table in TABLES if table.name in membership.INNER]
    assert [view.name for view in views] == ["members"]
    for view in views:
        mirror.connection.execute(select(*view.c))
    for table in set(TABLES) - set(views):
        real = SQLModel.metadata.tables[table.name]
        for column in table.c:
            assert column.name in real.c
            assert real.c[column.name].type._type_affinity is column.type._type_affinity


def test_the_index_that_rules_insist_on_is_there_and_holds_just_what_counts() -> None:
    assert isinstance(orders, Indexed)
    (index,) = [each for each in SQLModel.metadata.tables["orders"].indexes if each.name == orders.index]
    assert [column.name for column in index.columns][:3] == ["store", "customer_id", "processed_at"]
    assert str(index.dialect_options["sqlite"]["where"]) == "counts = 1"


def test_the_mirror_and_python_name_places_and_domains_alike() -> None:
    address = Address(1, country="US", province="CA", city="Los Angeles")
    assert {region(address), city_key(address)} <= set(_address(address))
    paris = Address(1, country="FR", city="Paris")
    assert (region(paris), city_key(paris)) == (None, "FR-Paris")
    assert city_key(Address(1, city="Paris")) is city_key(Address(1, country="FR", province="X")) is None
    assert email_domain(" A@b@Gmail.COM ") == "gmail.com"
    assert email_domain(None) is email_domain("nobody") is email_domain("nobody@") is None
    assert "gmail.com" in _customer(Customer(id=1, created_at=0, updated_at=0, email="a@Gmail.com"))


def _plan(mirror: Mirror, rule: Rule) -> list[str]:
    """Return SQLite's steps on tables that were never analysed, where it knows least."""
    query = members(rule, FRAME).compile(mirror.connection.engine, compile_kwargs={"render_postcompile": True})
    values = tuple(query.params[name] for name in query.positiontup or ())
    steps = [row[3] for row in mirror.raw.execute(f"EXPLAIN QUERY PLAN {query}", values)]
    return [step for step in steps if step.startswith(("SEARCH", "SCAN"))][1:]


ORDERS_OF_ONE = "SEARCH orders USING INDEX orders_of_customer (store=? AND customer_id=?"
LINES_OF_ONE = "SEARCH lines USING PRIMARY KEY (store=? AND order_id=?)"


@pytest.mark.parametrize(
    ("query", "steps"),
    [
        ("last_order_date >= -30d", [ORDERS_OF_ONE]),
        ("first_order_date >= -30d", [ORDERS_OF_ONE]),
        ("average_order_amount > 5", [ORDERS_OF_ONE]),
        ("orders_placed MATCHES (amount > 5)", [ORDERS_OF_ONE]),
        ("orders_placed MATCHES (date >= -30d, count > 2)", [f"{ORDERS_OF_ONE} AND processed_at>?)"]),
        (
            "orders_placed MATCHES (tag = 'x', discount_code = 'y')",
            [
                ORDERS_OF_ONE,
                "SEARCH order_tags USING PRIMARY KEY (store=? AND order_id=? AND tag_key=?)",
                "SEARCH order_discounts USING PRIMARY KEY (store=? AND order_id=? AND code_key=?)",
            ],
        ),
        ("products_purchased MATCHES (id = 5)", [ORDERS_OF_ONE, LINES_OF_ONE]),
        ("products_purchased MATCHES (id = 5, sum_quantity > 2)", [ORDERS_OF_ONE, LINES_OF_ONE]),
        (
            "products_purchased MATCHES (tag = 'x', date >= -30d)",
            [
                f"{ORDERS_OF_ONE} AND processed_at>?)",
                LINES_OF_ONE,
                "SEARCH product_tags USING PRIMARY KEY (store=? AND product_id=? AND tag_key=?)",
            ],
        ),
        (
            "products_purchased MATCHES (category = 'x', collection = 'y')",
            [
                ORDERS_OF_ONE,
                LINES_OF_ONE,
                "SEARCH products USING PRIMARY KEY (store=? AND id=?)",
                "SEARCH product_collections USING PRIMARY KEY (store=? AND product_id=?)",
            ],
        ),
        ("favourite_vendor = 'x'", [ORDERS_OF_ONE, LINES_OF_ONE]),
        (
            "customer_tags CONTAINS 'x'",
            ["SEARCH customer_tags USING PRIMARY KEY (store=? AND customer_id=? AND tag_key=?)"],
        ),
        (
            "customer_countries CONTAINS 'x'",
            ["SEARCH customer_addresses USING PRIMARY KEY (store=? AND customer_id=?)"],
        ),
        (
            "abandoned_checkout_date >= -7d",
            ["SEARCH checkouts USING COVERING INDEX checkouts_of_customer (store=? AND customer_id=?)"],
        ),
        (
            "segments CONTAINS 'x'",
            [
                "SEARCH s USING INDEX sqlite_autoindex_segments_1 (segment=? AND store=?)",
                "SEARCH k USING PRIMARY KEY (shelf=? AND customer_id=?)",
            ],
        ),
    ],
)
def test_sqlite_looks_only_at_the_rows_of_one_customer(mirror: Mirror, query: str, steps: list[str]) -> None:
    found = _plan(mirror, parse(query))
    assert len(found) == len(steps)
    for step, start in zip(found, steps, strict=True):
        assert step.replace("COVERING INDEX orders_of", "INDEX orders_of").startswith(start)
