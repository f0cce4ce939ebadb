"""Metafields, anniversaries, companies and store credit: what each comparison finds, in both readings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest

from syncd.mirror.opening import open_mirror
from syncd.model import Companies, Credit, CreditAccount, Customer, Kind, Metafield, Metafields
from syncd.segments import RuleError, matches, parse
from syncd.segments.readings import judge
from tests.unit.segments.shop import FRAME, at
from tests.unit.segments.world import World, by_sql

Found = Callable[..., set[int]]


def fact(key: str, type_: str, *values: str) -> tuple[Metafield, ...]:
    return tuple(
        Metafield(namespace="facts", key=key, type=type_, value=value, place=place)
        for place, value in enumerate(values)
    )


def owner(number: int, *facts: tuple[Metafield, ...]) -> Metafields:
    return Metafields(id=number, updated_at=0, values=tuple(value for each in facts for value in each))


WORLD = World(
    customers=[Customer(id=number, created_at=0, updated_at=0) for number in range(1, 7)],
    metafields=[
        owner(
            1,
            fact("born", "date", "1990-11-21"),
            fact("size", "single_line_text_field", "XL"),
            fact("points", "number_integer", "12"),
            fact("member", "boolean", "true"),
            fact("likes", "single_line_text_field", "climbing", "ski, alpine"),
        ),
        owner(
            2,
            fact("born", "date", "1992-02-29"),
            fact("points", "number_decimal", "100.5"),
            fact("size", "single_line_text_field", "12"),
        ),
        owner(3, fact("born", "date", "1991-02-28"), fact("member", "boolean", "false")),
        owner(
            4, fact("born", "date_time", "1980-12-31T23:00:00-05:00"), fact("likes", "single_line_text_field", "run")
        ),
        owner(5, fact("born", "single_line_text_field", "1990-11-21"), fact("points", "number_integer", "many")),
    ],
    companies=[Companies(id=1, updated_at=0, companies=(7, 8)), Companies(id=2, updated_at=0, companies=(8,))],
    credit=[
        Credit(id=1, updated_at=0, accounts=(CreditAccount(id=1, currency="CAD", balance=1000),)),
        Credit(id=2, updated_at=0, accounts=(CreditAccount(id=2, currency="EUR", balance=5000),)),
        Credit(id=3, updated_at=0, accounts=(CreditAccount(id=3, currency="CAD", balance=0),)),
    ],
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Found]:
    mirror = open_mirror(tmp_path_factory.mktemp("extras") / "mirror.db")
    WORLD.save(mirror, FRAME.store)

    def find(query: str, day: str = "2026-11-21") -> set[int]:
        rule, frame = parse(query), msgspec.structs.replace(FRAME, now=at(day))
        assert parse(str(rule)).tree == rule.tree
        answer = {id_ for id_, person in WORLD.people().items() if matches(rule, person, frame)}
        assert by_sql(mirror, rule, frame) == answer
        return answer

    yield find
    mirror.close()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("metafields.facts.size = 'XL'", {1}),
        ("customer.metafields.facts.size != 'XL'", {2}),
        ("customer.facts_size IS NULL", {3, 4, 5, 6}),
        ("metafields.facts.size IN ('XL', '12')", {1, 2}),
        ("metafields.facts.size STARTS WITH 'X'", {1}),
        ("metafields.facts.size >= 5", set()),
        ("metafields.facts.points > 12", {2}),
        ("metafields.facts.points >= 12", {1, 2}),
        ("metafields.facts.points < 100.5", {1}),
        ("metafields.facts.points <= 100.5", {1, 2}),
        ("metafields.facts.points BETWEEN 12 AND 13", {1}),
        ("metafields.facts.points = 100.50", {2}),
        ("metafields.facts.points != 12", {2}),
        ("metafields.facts.points IN (12, 100.5)", {1, 2}),
        ("metafields.facts.points NOT IN (12, 13)", {2}),
        ("metafields.facts.points IS NOT NULL", {1, 2, 5}),
        ("metafields.facts.member = true", {1}),
        ("metafields.facts.member != true", {3}),
        ("metafields.facts.likes CONTAINS 'climbing'", {1}),
        ("metafields.facts.likes NOT CONTAINS 'climbing'", {2, 3, 4, 5, 6}),
        ("NOT metafields.facts.likes CONTAINS 'climbing'", {2, 3, 4, 5, 6}),
        ("metafields.facts.likes != 'climbing'", {1, 4}),
        ("metafields.facts.born = 1990-11-21", {1}),
        ("metafields.facts.born < 1990-11-21", {4}),
        ("metafields.facts.born > 1991-02-28", {2}),
        ("metafields.facts.born != 1990-11-21", {2, 3, 4}),
        ("metafields.facts.born IN (1990-11-21, 1991-02-28)", {1, 3}),
        ("metafields.facts.born = 1980-12-31", {4}),
        ("metafields.facts.born BETWEEN 1980-12-31T23:00:00 AND 1990-11-20", {4}),
        ("companies = 8", {1, 2}),
        ("companies != 8", {1}),
        ("companies CONTAINS 7", {1}),
        ("companies NOT CONTAINS 8", {3, 4, 5, 6}),
        ("companies IN (7, 9)", {1}),
        ("companies IS NULL", {3, 4, 5, 6}),
        ("store_credit_accounts MATCHES (balance > 0)", {1}),
        ("store_credit_accounts MATCHES (balance = 50, currency = 'EUR')", {2}),
        ("store_credit_accounts MATCHES ()", {1, 2, 3}),
        ("store_credit_accounts NOT MATCHES (balance >= 0)", {2, 4, 5, 6}),
    ],
)
def test_what_hangs_on_customers_is_found(found: Found, query: str, expected: set[int]) -> None:
    assert found(query) == expected


@pytest.mark.parametrize(
    ("test", "day", "expected"),
    [
        ("= today", "2026-11-21", {1}),
        ("= today", "2027-02-28", {2, 3}),
        ("= today", "2028-02-28", {3}),
        ("= today", "2028-02-29", {2}),
        ("= today", "2027-03-01", set()),
        ("!= today", "2026-11-21", {2, 3, 4}),
        ("BETWEEN today AND +7d", "2026-12-28", {4}),
        ("BETWEEN -7d AND today", "2027-01-02", {4}),
        ("BETWEEN +7d AND today", "2026-11-21", set()),
        ("BETWEEN 2025-01-01 AND 2026-12-31", "2026-11-21", {1, 2, 3, 4}),
        ("IN (today, 2027-02-28)", "2026-11-21", {1, 2, 3}),
        ("NOT IN (today, 2027-02-28)", "2026-11-21", {4}),
        ("> today", "2026-11-21", {4}),
        (">= today", "2026-11-21", {1, 4}),
        ("< today", "2026-11-21", {2, 3}),
        ("<= today", "2026-11-21", {1, 2, 3}),
        ("= last_month", "2026-12-05", {1}),
        ("IS NULL", "2026-11-21", {5, 6}),
        ("IS NOT NULL", "2026-11-21", {1, 2, 3, 4}),
    ],
)
def test_an_anniversary_looks_at_month_and_day_alone(found: Found, test: str, day: str, expected: set[int]) -> None:
    assert found(f"anniversary('metafields.facts.born') {test}", day) == expected


def test_what_must_have_been_read_goes_with_the_clause() -> None:
    asked = "metafields.a.b = 1 AND companies IS NULL AND store_credit_accounts MATCHES ()"
    assert parse(asked).kinds == {Kind.CUSTOMERS, Kind.METAFIELDS, Kind.COMPANIES, Kind.CREDIT}
    assert parse("anniversary('metafields.a.b') = 2026-11-21").kinds == {Kind.CUSTOMERS, Kind.METAFIELDS}


def test_the_values_that_decide_are_shown() -> None:
    person = WORLD.people()[1]
    rule = parse("metafields.facts.likes CONTAINS 'run' OR companies = 7 OR metafields.facts.x IS NULL")
    assert [verdict.value for verdict in judge(rule, person, FRAME)] == ["climbing, ski, alpine", "7, 8", "none"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("metafields.size = 'XL'", "'metafields.size' filter cannot be found"),
        ("metafields.a.b = XL", "XL is not a text in single quotes"),
        ("metafields.a.b IN (1, 'x')", "'x' is not a number"),
        ("metafields.a.b > 'x'", "metafields.a.b does not support operator '>'"),
        ("metafields.a.b MATCHES ()", "metafields.a.b is not a function"),
        ("companies > 5", "companies does not support operator '>'"),
        ("anniversary('birth_date') = today", "anniversary is of a date metafield"),
        ("anniversary() = today", "anniversary is of a date metafield"),
        ("anniversary('metafields.a.b') CONTAINS today", "anniversary does not support operator 'CONTAINS'"),
    ],
)
def test_what_is_wrong_is_said(query: str, message: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse(query)
    assert not caught.value.remote
    assert caught.value.problems[0].message.startswith(message)
