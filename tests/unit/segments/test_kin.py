"""People by address, example by example; and that SQLite finds what is theirs by index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlalchemy import Select

from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.model import Address, Checkout, Customer, Kind, Order
from syncd.segments import Frame, Rank, matches, measured, members, needs, parse, rank_gaps, ranked, time_frame
from syncd.segments.days import Offset, Period, Unit
from syncd.segments.gaps import gaps
from tests.property.people_worlds import by_address
from tests.unit.segments.world import World, by_sql

DAY = 86_400
NOW = 1_795_000_000
FRAME = Frame(store="main", now=NOW, zone=ZoneInfo("UTC"), currency="EUR", by="email")


def _customer(id_: int, email: str | None, **more: object) -> Customer:
    return Customer(id=id_, created_at=NOW - id_ * DAY, updated_at=NOW, email=email, currency="EUR", **more)  # type: ignore[arg-type]  # whatever a test says


def _order(id_: int, email: str | None, customer_id: int | None, *, ago: int = 1, **more: object) -> Order:
    at = NOW - ago * DAY
    values = {"currency": "EUR", "current_total": 1_000, **more}
    return Order(id=id_, created_at=at, processed_at=at, updated_at=NOW, email=email, customer_id=customer_id, **values)  # type: ignore[arg-type]  # whatever a test says


SHOP = World(
    customers=[
        _customer(
            1,
            "ann@x.example",
            number_of_orders=1,
            amount_spent=2_000,
            email_consent="SUBSCRIBED",
            language="en",
            tags=("vip",),
            addresses=(Address(1, country="CA", province="ON", city="Ottawa"),),
        ),
        _customer(
            2,
            " ANN@x.example",
            number_of_orders=1,
            amount_spent=500,
            email_consent="UNSUBSCRIBED",
            language="fr",
            tags=("Early",),
            addresses=(Address(1, country="FR", city="Paris"),),
        ),
        _customer(3, "bob@x.example", number_of_orders=1, email_consent="SUBSCRIBED", language="en"),
        _customer(4, "bob@x.example", email_consent="PENDING", account_state="ENABLED"),
        _customer(5, None, number_of_orders=1, amount_spent=2_000),
        _customer(6, None, number_of_orders=1),
        _customer(7, "cat@x.example", email_consent="NOT_SUBSCRIBED"),
    ],
    orders=[
        _order(1, "ann@x.example", 1, ago=40),
        _order(2, "other@x.example", 2, ago=10),
        _order(3, "Ann@x.example", None, ago=90, current_total=700),
        _order(4, "ann@x.example", None, test=True),
        _order(5, "ann@x.example", 3, ago=5),
        _order(6, None, None),
        _order(7, "cat@x.example", None, ago=2, current_total=300, currency="USD"),
    ],
    checkouts=[Checkout(id=1, created_at=NOW - DAY, updated_at=NOW, customer_id=4)],
    segments={4: frozenset({"friends"})},
)


@pytest.fixture(scope="module")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    opened = open_mirror(tmp_path_factory.mktemp("kin") / "mirror.db")
    SHOP.save(opened, "main")
    SHOP.save(opened, "other")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("number_of_orders = 3", {1, 2}),
        ("number_of_orders = 1", {3, 4, 5, 6, 7}),
        ("amount_spent = 32", {1, 2}),
        ("amount_spent = 0", {3, 4, 6, 7}),
        ("orders_placed MATCHES (count = 3)", {1, 2}),
        ("orders_placed MATCHES (currency = 'USD')", {7}),
        ("first_order_date <= -90d", {1, 2}),
        ("last_order_date >= -5d", {3, 4, 7}),
        ("average_order_amount = 9", {1, 2}),
        ("customer_tags CONTAINS 'vip' AND customer_tags CONTAINS 'early'", {1, 2}),
        ("customer_tags NOT CONTAINS 'vip'", {3, 4, 5, 6, 7}),
        ("customer_countries CONTAINS 'FR' AND customer_countries CONTAINS 'CA'", {1, 2}),
        ("customer_regions CONTAINS 'CA-ON'", {1, 2}),
        ("customer_cities CONTAINS 'FR-Paris'", {1, 2}),
        ("email_subscription_status = 'SUBSCRIBED'", {3, 4}),
        ("email_subscription_status = 'UNSUBSCRIBED'", {1, 2}),
        ("email_subscription_status = 'NOT_SUBSCRIBED'", {7}),
        ("NOT (email_subscription_status = 'SUBSCRIBED')", {1, 2, 5, 6, 7}),
        ("customer_language = 'en' AND customer_language = 'fr'", {1, 2}),
        ("NOT (customer_language = 'en')", {5, 6, 7}),
        ("customer_account_status IS NULL", {1, 2, 5, 6, 7}),
        ("NOT (customer_account_status IS NULL)", {3, 4}),
        ("abandoned_checkout_date >= -7d", {3, 4}),
        ("segments CONTAINS 'friends'", {3, 4}),
        ("customer_added_date IS NULL", set()),
        ("spend_percentile >= 80", {1, 2}),
    ],
)
def test_a_person_is_every_record_and_guest_order_of_an_address(mirror: Mirror, query: str, found: set[int]) -> None:
    rule = parse(query)
    frame = measured(rule, FRAME, mirror.connection.execute)
    assert by_sql(mirror, rule, frame) == found
    views = [person for views in by_address(SHOP) for person in views]
    assert {person.customer.id for person in views if matches(rule, person, frame)} == found


def test_the_last_order_that_is_not_shown_is_the_latest_that_the_store_tells_of_any_record(mirror: Mirror) -> None:
    old, older, shown = (NOW - days * DAY for days in (50, 70, 5))
    world = World(
        customers=[
            _customer(1, "ann@x.example", last_order_at=older),
            _customer(2, "ann@x.example", last_order_at=old),
            _customer(3, "bob@x.example", last_order_at=shown),
        ]
    )
    world.save(mirror, "few")
    frame = msgspec.structs.replace(FRAME, store="few", orders_visible_from=NOW - 30 * DAY)
    found = {text: by_sql(mirror, parse(f"last_order_date {text}"), frame) for text in ("= -50d", "= -70d", "IS NULL")}
    assert found == {"= -50d": {1, 2}, "= -70d": set(), "IS NULL": {3}}
    views = [person for views in by_address(world) for person in views]
    assert {person.customer.id for person in views if matches(parse("last_order_date = -50d"), person, frame)} == {1, 2}


def test_buyers_are_counted_once_each(mirror: Mirror) -> None:
    rule = parse("orders_percentile >= 0")
    cuts = measured(rule, FRAME, mirror.connection.execute).cuts["orders"]
    assert (cuts[0], cuts[79], cuts[80]) == (2, 2, 4)  # 4 of 5 buyers, 80 of 100, have less than Ann's three orders


@pytest.mark.parametrize(
    ("query", "answered"),
    [
        ("number_of_orders > 1", False),
        ("amount_spent > 1", False),
        ("last_order_date < -90d", False),
        ("last_order_date >= -5d", True),
        ("days_since_last_order <= 5", True),
        ("days_since_last_order > 5", False),
        ("customer_tags CONTAINS 'vip'", True),
        ("orders_placed MATCHES (date >= -5d)", True),
    ],
)
def test_guest_orders_that_are_not_shown_are_a_gap(query: str, *, answered: bool) -> None:
    frame = msgspec.structs.replace(FRAME, orders_visible_from=NOW - 30 * DAY)
    rule = parse(query)
    assert (gaps(rule, frame) == ()) is answered
    assert gaps(rule, msgspec.structs.replace(frame, by="customer")) == ()


def test_orders_are_needed_where_guests_count() -> None:
    rule = parse("number_of_orders > 1")
    assert needs(rule, "customer") == {Kind.CUSTOMERS}
    assert needs(rule, "email") == {Kind.CUSTOMERS, Kind.ORDERS}
    assert needs(parse("customer_tags CONTAINS 'vip'"), "email") == {Kind.CUSTOMERS}


@pytest.mark.parametrize(
    ("rank", "by", "answered"),
    [
        (Rank(by="orders", top=5), "customer", True),
        (Rank(by="amount_spent", top=5), "customer", True),
        (Rank(by="amount_spent", top=5), "email", False),
        (Rank(by="average_order", top=5), "customer", False),
        (Rank(by="orders", over=Offset(-30, Unit.DAYS), top=5), "email", True),
        (Rank(by="orders", over=Offset(-31, Unit.DAYS), top=5), "customer", False),
        (Rank(by="orders", over=Period("last_year"), top=5), "customer", False),
    ],
)
def test_a_rank_over_orders_that_are_not_shown_is_a_gap(rank: Rank, by: str, *, answered: bool) -> None:
    frame = msgspec.structs.replace(FRAME, by=by, orders_visible_from=NOW - 31 * DAY)
    found = rank_gaps(rank, frame)
    assert (found == ()) is answered
    assert all("older orders than the store shows us" in why for why in found)
    assert rank_gaps(rank, msgspec.structs.replace(frame, orders_visible_from=None)) == ()


def _best(mirror: Mirror, frame: Frame, rank: Rank) -> set[int]:
    return set(mirror.connection.execute(ranked(parse("customer_added_date IS NOT NULL"), rank, frame)).scalars())


def test_averages_are_compared_before_they_are_rounded(mirror: Mirror) -> None:
    """3 in 2 orders is more than 4 in 3, although both are 1 rounded down, and the second amount is higher."""
    amounts = ((1, 1), (1, 2), (2, 1), (2, 1), (2, 2))
    world = World(
        customers=[_customer(1, "z@x.example"), _customer(2, "a@x.example")],
        orders=[_order(id_, None, its, current_total=amount) for id_, (its, amount) in enumerate(amounts)],
    )
    world.save(mirror, "averages")
    for by in ("customer", "email"):
        frame = msgspec.structs.replace(FRAME, store="averages", by=by)
        assert _best(mirror, frame, Rank(by="average_order", top=1)) == {1}
        assert _best(mirror, frame, Rank(by="amount_spent", over=Offset(-9, Unit.DAYS), top=1)) == {2}


def test_people_are_ranked_once_and_all_their_records_are_in(mirror: Mirror) -> None:
    by_orders = Rank(by="orders", over=Offset(-100, Unit.DAYS), top=1)
    assert _best(mirror, FRAME, by_orders) == {1, 2}
    assert _best(mirror, msgspec.structs.replace(FRAME, by="customer"), by_orders) == {1}
    assert _best(mirror, FRAME, Rank(by="orders", over=Offset(-100, Unit.DAYS), top=Fraction(1, 2))) == {1, 2, 3, 4}
    assert _best(mirror, FRAME, Rank(by="amount_spent", over=Offset(-3, Unit.DAYS), top=5)) == set()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("-90d", Offset(-90, Unit.DAYS)),
        ("-9999m", Offset(-9999, Unit.MONTHS)),
        ("last_quarter", Period("last_quarter")),
        ("today", Period("today")),
    ],
)
def test_a_time_frame_is_a_period_or_a_day_back(text: str, meant: Offset | Period) -> None:
    assert time_frame(text) == meant


@pytest.mark.parametrize("text", ["", "+90d", "90d", "-9999y", "last_century", "2026-01-01", "-1h"])
def test_another_time_frame_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="last_quarter"):
        time_frame(text)


def _steps(mirror: Mirror, query: Select[tuple[int]]) -> Sequence[str]:
    compiled = query.compile(mirror.connection.engine, compile_kwargs={"render_postcompile": True})
    values = tuple(compiled.params[name] for name in compiled.positiontup or ())
    rows = mirror.raw.execute(f"EXPLAIN QUERY PLAN {compiled}", values)
    return [row[3] for row in rows if row[3].startswith(("SEARCH", "SCAN"))]


FOUND_BY = (
    "SCAN CONSTANT ROW",
    "SCAN kin",
    "SEARCH kin",
    "SCAN parts",
    "SCAN found",
    "SEARCH found",
    "SCAN places",
    "SCAN (subquery",
    "SEARCH customers USING PRIMARY KEY (store=?)",
    "SEARCH mates USING COVERING INDEX customers_email (email_key=? AND store=?)",
    "SEARCH records USING PRIMARY KEY (store=? AND id=?)",
    "SEARCH own_orders USING INDEX orders_of_customer (store=? AND customer_id=?",
    "SEARCH own_orders USING COVERING INDEX orders_of_customer (store=? AND customer_id=?",
    "SEARCH guests USING COVERING INDEX orders_of_guests (store=? AND email_key=?",
    "SEARCH orders USING PRIMARY KEY (store=? AND id=?)",
    "SEARCH lines USING PRIMARY KEY (store=? AND order_id=?)",
    "SEARCH customer_tags USING PRIMARY KEY (store=? AND customer_id=? AND tag_key=?)",
    "SEARCH customer_addresses USING PRIMARY KEY (store=? AND customer_id=?",
    "SEARCH checkouts USING COVERING INDEX checkouts_of_customer (store=? AND customer_id=?)",
    "SEARCH s USING INDEX sqlite_autoindex_segments_1 (segment=? AND store=?)",
    "SEARCH k USING PRIMARY KEY (shelf=? AND customer_id=?)",
)


@pytest.mark.parametrize(
    "query",
    [
        "number_of_orders > 1",
        "email_subscription_status = 'SUBSCRIBED'",
        "customer_language = 'fr'",
        "last_order_date >= -30d",
        "products_purchased MATCHES (id = 5, date >= -30d, count > 1)",
        "customer_tags CONTAINS 'x' OR customer_countries CONTAINS 'CA'",
        "abandoned_checkout_date >= -7d",
        "segments CONTAINS 'x'",
    ],
)
def test_sqlite_looks_only_at_the_rows_of_one_person(mirror: Mirror, query: str) -> None:
    """On tables that were never analysed, where it knows least."""
    assert [step for step in _steps(mirror, members(parse(query), FRAME)) if not step.startswith(FOUND_BY)] == []


READ_ONCE = (
    "SEARCH orders USING COVERING INDEX orders_of_customer (store=? AND customer_id>?)",
    "SEARCH guests USING COVERING INDEX orders_of_guests (store=? AND email_key>?)",
)


@pytest.mark.parametrize("by", ["orders", "average_order", "amount_spent"])
@pytest.mark.parametrize("over", [None, Offset(-90, Unit.DAYS)])
def test_a_rank_reads_all_orders_once_and_then_one_row_for_each_person(
    mirror: Mirror, by: Literal["orders", "average_order", "amount_spent"], over: Offset | None
) -> None:
    steps = _steps(mirror, ranked(parse("customer_language = 'fr'"), Rank(by=by, over=over, top=5), FRAME))
    rows = [step for step in steps if "USING" in step and not step.startswith(FOUND_BY)]
    assert sorted(set(rows) - {"SEARCH each_record USING PRIMARY KEY (store=?)"}) == sorted(
        [
            *READ_ONCE,
            "SEARCH buyers USING PRIMARY KEY (store=? AND id=?)",
            "SEARCH customers USING PRIMARY KEY (store=? AND id=?)",
        ]
    )
    assert all(steps.count(step) == 1 for step in READ_ONCE)
