"""Metafields, companies and store credit: read where a segment looks at them, and a trouble of those segments alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncd.cycle.checking import check_services, lacks
from syncd.model import CreditAccount, Kind, Metafield
from syncd.ports import Missing
from tests.support.household import Household

DAY = 86_400
WITHOUT = """
[segments.all]
title = "All"
query = "number_of_orders >= 0"
tag = "all"
"""
WITH = (
    WITHOUT
    + """
[segments.birthdays]
title = "Birthdays"
query = "anniversary('metafields.facts.born') = today"
tag = "birthday"

[segments.rich]
title = "Store credit"
query = "store_credit_accounts MATCHES (balance >= 10)"
tag = "rich"
"""
)
LACK = Missing("scope credit", "no credit", kinds=frozenset({Kind.CREDIT}), fix="add it")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    house = Household(tmp_path, WITH)
    world = house.worlds["main"]
    born = Metafield(namespace="facts", key="born", type="date", value="1990-" + _today(house))
    for number in (1, 2):
        world.put_customer(number, email=f"{number}@people.example")
        world.put_metafields(number, values=(born,) if number == 1 else ())
        account = CreditAccount(id=number, currency="EUR", balance=1000 if number == 2 else 999)
        world.put_credit(number, accounts=(account,))
    yield house
    house.mirror.close()


def _today(house: Household) -> str:
    return datetime.fromtimestamp(house.clock.now(), UTC).strftime("%m-%d")


def test_nothing_of_them_is_asked_for_where_no_segment_looks_at_them(house: Household) -> None:
    house.write(WITHOUT)
    house.run()
    assert set(house.calls["main"]).isdisjoint({"metafields", "companies", "credit"})


def test_only_what_a_segment_looks_at_is_asked_for(house: Household) -> None:
    house.run()
    assert {"metafields", "credit"} <= set(house.calls["main"])
    assert "companies" not in house.calls["main"]
    assert house.worlds["main"].holders("birthday") == {1}
    assert house.worlds["main"].holders("rich") == {2}


def test_a_birthday_is_over_the_next_day(house: Household) -> None:
    house.run()
    house.clock.instant += DAY
    house.run()
    assert house.worlds["main"].holders("birthday") == set()


def test_what_is_refused_keeps_the_members_of_its_segments_and_of_no_others(house: Household) -> None:
    house.run()
    world = house.worlds["main"]
    house.clock.instant += DAY
    world.put_credit(2, accounts=())
    world.missing = (LACK,)
    report = house.run()
    assert [kept["segment"] for kept in report.kept] == ["rich"]
    assert world.holders("rich") == {2}
    assert world.holders("birthday") == set()


def test_a_segment_that_comes_later_reads_them_from_the_first_on(house: Household) -> None:
    house.write(WITHOUT)
    house.run()
    house.write(WITH)
    house.run()
    assert house.worlds["main"].holders("birthday") == {1}


def test_what_is_missing_is_told_where_a_segment_looks_at_it(house: Household) -> None:
    house.worlds["main"].missing = (LACK,)
    services = house.services()
    checked = list(check_services(services))
    assert [it.check.missing for it in checked if it.name == "main" and it.check] == [(LACK,)]
    assert [lack.segment for lack in lacks(services, checked)] == ["rich"]
    house.write(WITHOUT)
    checked = list(check_services(house.services()))
    assert [it.check.missing for it in checked if it.name == "main" and it.check] == [()]
