"""Segments of people by address and of the best, from the settings to the tags and labels that they give."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.mirror import membership
from syncd.model import Kind
from syncd.ports import Missing
from tests.support.household import Household

DAY = 86_400
SETTINGS = """
[segments.loyal]
query = "number_of_orders >= 3"
tag = "loyal"
audiences = ["news"]
by = "email"

[segments.best]
query = "email_subscription_status = 'SUBSCRIBED'"
tag = "best"
rank = { by = "amount_spent", over = "-30d", top = 2 }
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, SETTINGS)
    yield made
    made.mirror.close()


def customer(house: Household, number: int, email: str | None, **fields: object) -> None:
    house.worlds["main"].put_customer(number, email=email, email_consent="SUBSCRIBED", **fields)


def order(house: Household, number: int, amount: int, *, ago: int = 1, **fields: object) -> None:
    then = house.clock.now() - ago * DAY
    house.worlds["main"].put_order(number, created_at=then, current_total=amount, **fields)


def test_of_a_segment_that_ranks_nobody_any_more_no_places_are_kept(house: Household) -> None:
    customer(house, 1, "ann@x.example")
    order(house, 1, 500, customer_id=1)
    house.run()
    house.settings_text = house.settings_text.replace("rank = {", "# rank = {")
    house.run()

    assert house.mirror.raw.execute("SELECT * FROM ranks").fetchall() == []
    assert house.mirror.raw.execute("SELECT * FROM contenders").fetchall() == []


def test_a_person_is_all_records_and_guest_orders_of_an_address(house: Household) -> None:
    customer(house, 1, "ann@x.example", number_of_orders=1)
    customer(house, 2, " Ann@X.example", number_of_orders=1)
    customer(house, 3, "bob@x.example", number_of_orders=2)
    customer(house, 4, None, number_of_orders=2)
    customer(house, 5, None, number_of_orders=3)
    order(house, 1, 500, email="ANN@x.example")
    order(house, 2, 500, email="bob@x.example", test=True)

    house.run(segment="loyal")

    assert house.worlds["main"].holders("loyal") == {1, 2, 5}
    assert house.lists["news"].holders("loyal") == {"ann@x.example"}


def test_a_guest_order_more_makes_a_member_and_a_cancelled_one_ends_it(house: Household) -> None:
    customer(house, 1, "ann@x.example", number_of_orders=2)
    house.run(segment="loyal")
    assert house.worlds["main"].holders("loyal") == set()
    house.clock.instant += 60
    order(house, 1, 500, email="ann@x.example", ago=0)
    house.run(segment="loyal")
    assert house.worlds["main"].holders("loyal") == {1}
    house.clock.instant += 60
    house.worlds["main"].put_order(1, cancelled_at=house.clock.now())
    house.run(segment="loyal")
    assert house.worlds["main"].holders("loyal") == set()


def test_who_is_overtaken_leaves_the_best(house: Household) -> None:
    for number, amount in ((1, 5_000), (2, 4_000), (3, 3_000)):
        customer(house, number, f"p{number}@x.example")
        order(house, number, amount, customer_id=number)
    house.run(segment="best")
    assert house.worlds["main"].holders("best") == {1, 2}

    house.clock.instant += 60
    order(house, 4, 1_001, customer_id=3, ago=0)
    house.run(segment="best")

    assert house.worlds["main"].holders("best") == {1, 3}


def test_the_best_of_a_time_frame_move_on_with_the_days(house: Household) -> None:
    for number, ago in ((1, 29), (2, 5), (3, 2)):
        customer(house, number, f"p{number}@x.example")
        order(house, number, 9_000 - number, customer_id=number, ago=ago)
    house.run(segment="best")
    assert house.worlds["main"].holders("best") == {1, 2}

    house.clock.instant += 2 * DAY
    house.run(segment="best")

    assert house.worlds["main"].holders("best") == {2, 3}


@pytest.mark.parametrize(
    ("segment", "why"), [("loyal", "counts orders of guests"), ("best", "a rank by amount_spent over -30d")]
)
def test_what_looks_at_orders_that_are_not_shown_keeps_its_members(house: Household, segment: str, why: str) -> None:
    customer(house, 1, "ann@x.example", number_of_orders=3)
    order(house, 1, 500, customer_id=1)
    house.run(segment=segment)
    assert house.worlds["main"].holders(segment) == {1}

    house.clock.instant += 60
    house.worlds["main"].put_customer(1, number_of_orders=0, email_consent="UNSUBSCRIBED")
    visible = house.clock.now() - 10 * DAY
    lacking = Missing(what="read_all_orders", kinds=frozenset(), costs="older orders", visible_from=visible)
    house.worlds["main"].missing = (lacking,)
    report = house.run(segment=segment)

    assert house.worlds["main"].holders(segment) == {1}
    (kept,) = report.kept
    assert why in kept["why"]


def test_people_by_address_wait_for_the_orders_too(house: Household) -> None:
    customer(house, 1, "ann@x.example", number_of_orders=3)
    assert house.settings.segments["loyal"].kinds == {Kind.CUSTOMERS, Kind.ORDERS}
    assert house.settings.segments["best"].kinds == {Kind.CUSTOMERS, Kind.ORDERS}
    house.run(segment="loyal")
    assert [member.customer_id for member in membership.members(house.mirror, "loyal")] == [1]


def test_the_reason_of_a_change_tells_of_whom_it_was_asked_and_of_the_rank(house: Household) -> None:
    customer(house, 1, "ann@x.example", number_of_orders=3)
    order(house, 1, 500, customer_id=1)
    _, plan = house.run_and_plan()
    reasons = {change.segment: change.reason for change in plan.changes}
    assert "number_of_orders >= 3 (people by address)" in reasons["loyal"]
    assert "'SUBSCRIBED'; the first 2 by amount_spent over -30d" in reasons["best"]
