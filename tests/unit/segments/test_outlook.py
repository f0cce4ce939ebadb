"""What time alone will do to somebody's answers, and how it is told."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import msgspec
import pytest

from syncd.model import Customer
from syncd.segments import CATALOGUE, Frame, Person, parse
from syncd.segments.filter import Scalar
from syncd.segments.foretelling import EVENTS, foretold
from syncd.segments.kin import united
from syncd.segments.outlook import Asked, Outlook, Seat, outlook
from syncd.segments.rows import Rows
from tests.unit.segments.shop import FRAME, SHOP, at

ADA, BO, CY, DI = (SHOP.people()[number] for number in (1, 2, 3, 4))
BY_ADDRESS = msgspec.structs.replace(FRAME, by="email")


def look(person: Person, *queries: str, frame: Frame = FRAME, ahead: int = 1098) -> Outlook:
    rules = {f"s{number}": Asked(parse(query)) for number, query in enumerate(queries)}
    return outlook(rules, [Seat(person, frame)], ahead=ahead)[0]


def told(person: Person, query: str, frame: Frame = FRAME) -> str:
    found = look(person, query, frame=frame)
    turn = found.turns["s0"]
    assert turn.holds is not found.answers["s0"]
    return f"{turn.day} {foretold(turn, found.person)}"


@pytest.mark.parametrize(
    ("person", "query", "expected"),
    [
        (BO, "last_order_date >= -180d", "2027-01-29 when the order of 2026-08-01 becomes older than 180 days"),
        (ADA, "last_order_date > -1m", "2026-12-14 when the order of 2026-11-14 becomes 1 month old"),
        (ADA, "last_order_date < -2w", "2026-11-29 when the order of 2026-11-14 becomes older than 2 weeks"),
        (ADA, "last_order_date <= -2w", "2026-11-28 when the order of 2026-11-14 becomes 2 weeks old"),
        (ADA, "last_order_date = -2w", "2026-11-28 when the order of 2026-11-14 becomes 2 weeks old"),
        (ADA, "last_order_date = -7d", "2026-11-22 when the order of 2026-11-14 becomes older than 7 days"),
        (ADA, "last_order_date != -2w", "2026-11-28 when the order of 2026-11-14 becomes 2 weeks old"),
        (ADA, "days_since_last_order >= 30", "2026-12-14 when the order of 2026-11-14 becomes 30 days old"),
        (ADA, "days_since_last_order > 30", "2026-12-15 when the order of 2026-11-14 becomes older than 30 days"),
        (ADA, "days_since_last_order < 8", "2026-11-22 when the order of 2026-11-14 becomes 8 days old"),
        (ADA, "days_since_last_order <= 8", "2026-11-23 when the order of 2026-11-14 becomes older than 8 days"),
        (
            ADA,
            "orders_placed MATCHES (date >= -90d)",
            "2027-02-13 when the order of 2026-11-14 becomes older than 90 d",
        ),
        (
            ADA,
            "orders_placed NOT MATCHES (date >= -90d, count > 1)",
            "2027-02-12 when the order of 2026-11-13 becomes older than 90 days",
        ),
        (BO, "products_purchased MATCHES (date > -1y)", "2027-08-01 when the order of 2026-08-01 becomes 1 year old"),
    ],
)
def test_an_order_grows_older_unless_they_order(person: Person, query: str, expected: str) -> None:
    assert told(person, query).startswith(expected)
    assert told(person, query).endswith(", unless they order")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("customer_added_date >= -2y", "2027-01-11 when the customer record of 2025-01-10 becomes older than 2 years"),
        ("first_order_date < -2y", "2027-11-22 when the first order (2025-11-21) becomes older than 2 years"),
        ("customer_added_date = last_year",
         "2027-01-01 when customer_added_date = last_year ceases to hold (2025-01-10)"),
        ("customer_added_date > +30d OR customer_added_date < 2025-01-01 OR customer_added_date = -2y",
         "2027-01-10 when the customer record of 2025-01-10 becomes 2 years old"),
    ],
)  # fmt: skip
def test_what_nothing_can_prevent_is_told_so(query: str, expected: str) -> None:
    assert told(ADA, query) == f"{expected}, if nothing else changes"


def test_a_checkout_grows_older_unless_they_go_on_with_it() -> None:
    assert told(ADA, "abandoned_checkout_date >= -30d") == (
        "2026-12-15 when the checkout of 2026-11-14 becomes older than 30 days, "
        "unless they complete it or begin another"
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("last_order_date BETWEEN -30d AND -9d",
         "2026-11-23 when last_order_date BETWEEN -30d AND -9d begins to hold (2026-11-14), unless they order"),
        ("days_since_last_order BETWEEN 20 AND 30",
         "2026-12-04 when days_since_last_order BETWEEN 20 AND 30 begins to hold (19 → 20), unless they order"),
        ("last_order_date IN (-9d, -100d)",
         "2026-11-23 when last_order_date IN (-9d, -100d) begins to hold (2026-11-14), unless they order"),
        ("orders_placed MATCHES (date = last_month)",
         "2026-12-01 when orders_placed MATCHES (date = last_month) begins to hold (0 orders → 2 orders), "
         "unless they order"),
    ],
)  # fmt: skip
def test_what_is_no_plain_age_is_told_by_its_clause(query: str, expected: str) -> None:
    assert told(ADA, query) == expected


def test_several_clauses_that_change_on_one_day_are_all_told() -> None:
    assert told(ADA, "last_order_date >= -10d OR abandoned_checkout_date >= -10d") == (
        "2026-11-25 when the order of 2026-11-14 becomes older than 10 days "
        "and the checkout of 2026-11-14 becomes older than 10 days, unless they order"
    )


def test_a_clause_that_changes_and_does_not_decide_is_not_told() -> None:
    query = "last_order_date >= -10d AND (abandoned_checkout_date >= -10d OR number_of_orders > 1)"
    assert told(ADA, query) == "2026-11-25 when the order of 2026-11-14 becomes older than 10 days, unless they order"


def test_what_stands_under_a_negation_is_told_too() -> None:
    assert told(ADA, "NOT (last_order_date >= -10d OR amount_spent > 1000)") == (
        "2026-11-25 when the order of 2026-11-14 becomes older than 10 days, unless they order"
    )


def test_every_event_belongs_to_a_filter_with_a_day() -> None:
    for name in EVENTS:
        reading = CATALOGUE[name].reading
        assert isinstance(reading, Scalar) or (isinstance(reading, Rows) and "date" in reading.parameters)


def test_an_answer_may_change_twice_and_the_first_change_counts() -> None:
    found = look(ADA, "last_order_date BETWEEN -30d AND -9d", "last_order_date BETWEEN -9d AND -8d")
    assert {name: turn.day for name, turn in found.turns.items()} == {
        "s0": date(2026, 11, 23),
        "s1": date(2026, 11, 22),
    }


@pytest.mark.parametrize("query", ["number_of_orders > 1", "last_order_date < 2027-01-01", "last_order_date >= -199y"])
def test_what_time_does_not_change_has_no_turn(query: str) -> None:
    assert look(ADA, query).turns == {}


def test_only_so_many_days_are_looked_at() -> None:
    assert look(BO, "last_order_date >= -180d", ahead=68).turns == {}
    assert look(BO, "last_order_date >= -180d", ahead=69).turns


def test_who_never_ordered_never_changes_by_time() -> None:
    assert look(CY, "last_order_date >= -180d", "days_since_last_order > 5").turns == {}


def test_a_segment_that_is_asked_for_draws_those_that_ask_for_it_along() -> None:
    rules = {
        "lapsed": Asked(parse("last_order_date < -30d")),
        "won": Asked(parse("segments CONTAINS 'lapsed' AND number_of_orders > 1")),
        "fresh": Asked(parse("segments NOT CONTAINS 'lapsed'")),
    }
    (found,) = outlook(rules, [Seat(ADA, FRAME)])
    assert found.answers == {"lapsed": False, "won": False, "fresh": True}
    assert {turn.day for turn in found.turns.values()} == {date(2026, 12, 15)}
    assert foretold(found.turns["won"], found.person) == "when they enter lapsed, if nothing else changes"
    assert foretold(found.turns["fresh"], found.person) == "when they enter lapsed, if nothing else changes"


def test_leaving_a_segment_that_is_asked_for_is_told_as_leaving() -> None:
    rules = {"new": Asked(parse("last_order_date >= -30d")), "x": Asked(parse("segments CONTAINS 'new'"))}
    (found,) = outlook(rules, [Seat(ADA, FRAME)])
    assert foretold(found.turns["x"], found.person) == "when they leave new, if nothing else changes"


def test_segments_that_are_not_read_stay_as_they_are() -> None:
    assert look(ADA, "segments CONTAINS 'vips'").answers == {"s0": True}
    assert "vips" in look(ADA, "segments CONTAINS 'vips'").person.segments


def test_what_a_record_is_in_counts_for_its_address_and_the_other_way_round() -> None:
    rules = {
        "spender": Asked(parse("amount_spent >= 300")),
        "ours": Asked(parse("segments CONTAINS 'spender'"), "email"),
        "late": Asked(parse("last_order_date < -30d"), "email"),
        "mine": Asked(parse("segments CONTAINS 'ours' AND segments NOT CONTAINS 'late'")),
    }
    both = united([BO, ADA], ())
    bo, ada, address = outlook(rules, [Seat(BO, FRAME), Seat(ADA, FRAME), Seat(both, BY_ADDRESS)])
    assert (bo.answers, ada.answers) == ({"spender": False, "mine": True}, {"spender": True, "mine": True})
    assert address.answers == {"ours": True, "late": False}
    assert bo.turns["mine"].day == address.turns["late"].day == date(2026, 12, 15)


def test_the_orders_of_other_records_of_the_address_are_looked_at() -> None:
    rules = {"recent": Asked(parse("last_order_date >= -30d"), "email")}
    (found,) = outlook(rules, [Seat(united([CY, ADA], ()), BY_ADDRESS)])
    assert found.answers == {"recent": True}
    assert found.turns["recent"].day == date(2026, 12, 15)


def test_a_day_that_the_zone_skipped_is_no_day() -> None:
    apia = ZoneInfo("Pacific/Apia")
    frame = Frame(store="main", now=at("2011-12-29T12:00:00", apia), zone=apia, currency="WST")
    person = Person(customer=Customer(id=1, created_at=at("2011-12-28T12:00:00", apia), updated_at=0))
    found = look(person, "customer_added_date >= -1d", frame=frame)
    assert found.turns["s0"].day == date(2011, 12, 31)
