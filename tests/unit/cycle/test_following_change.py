"""An evaluation asks whom it has to, everybody where anything is in doubt, and says which and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.memory import Faults
from syncd.cycle.basis import Basis
from syncd.cycle.extent import FEW, beyond
from syncd.cycle.forgetting import forget
from syncd.cycle.framing import Measuring, frame_of
from syncd.cycle.keeping import make_backup
from syncd.cycle.report import LookedAt, Report
from syncd.cycle.whom import find_whom
from syncd.mirror import backups, membership, stores
from syncd.mirror.held import names_of
from syncd.mirror.opening import open_mirror
from syncd.mirror.people import sought
from syncd.mirror.restoring import restore
from syncd.model import Kind, LineItem
from tests.support.household import Household

DAY = 86_400
TWO = """
[segments.many]
query = "number_of_orders >= 3"
[segments.lately]
query = "last_order_date >= -7d"
"""
CHAIN = """
[segments.a]
query = "number_of_orders >= 3"
[segments.b]
query = "segments CONTAINS 'a'"
[segments.c]
query = "segments NOT CONTAINS 'b'"
"""
SOLD = "[segments.sold]\nquery = \"products_purchased MATCHES (tag = 'sale')\"\n"


@pytest.fixture
def house(tmp_path: Path) -> Household:
    """Nine customers; the n-th has n orders to their name, the last one of n days ago."""
    made = Household(tmp_path, TWO, audiences=())
    _settle(made)
    return made


def _settle(house: Household) -> None:
    world = house.worlds["main"]
    for number in range(1, 10):
        world.put_customer(number, email=f"p{number}@x.example", number_of_orders=number)
        world.put_order(number, customer_id=number, created_at=house.clock.now() - number * DAY)


def _looked_at(report: Report) -> LookedAt:
    assert report.result == "done"
    return report.looked_at["main"]


def _members(house: Household, segment: str) -> set[int]:
    rows = house.mirror.raw.execute("SELECT customer_id FROM members WHERE segment = ?", (segment,))
    return {id_ for (id_,) in rows}


def test_the_first_evaluation_is_of_everybody(house: Household) -> None:
    first = "evaluated for the first time"
    assert _looked_at(house.run()).in_full == {"many": first, "lately": first}
    assert _members(house, "lately") == set(range(1, 8))


def test_nobody_is_asked_where_nothing_changed(house: Household) -> None:
    house.run()
    report = house.run()
    assert _looked_at(report) == LookedAt(0, {})
    assert report.moved["many"] == {"entered": 0, "left": 0, "size": 7}


def test_who_changed_is_asked_and_nobody_else(house: Household) -> None:
    house.run()
    house.worlds["main"].put_customer(1, number_of_orders=5)
    report = house.run()
    assert _looked_at(report) == LookedAt(1, {})
    assert report.moved["many"] == {"entered": 1, "left": 0, "size": 8}
    assert 1 in _members(house, "many")


def test_whom_a_day_passes_is_asked(house: Household) -> None:
    house.run()
    house.clock.instant += DAY
    report = house.run()
    assert _looked_at(report) == LookedAt(1, {})
    assert _members(house, "lately") == set(range(1, 7))


def test_a_segment_whose_query_changed_is_evaluated_in_full_and_no_other(house: Household) -> None:
    house.run()
    house.write(TWO.replace(">= 3", ">= 4"))
    report = house.run()
    assert list(_looked_at(report).in_full) == ["many"]
    assert _members(house, "many") == set(range(4, 10))


def test_days_that_mean_something_else_are_looked_at_in_full(house: Household) -> None:
    house.run()
    house.worlds["main"].timezone = "Asia/Tokyo"
    assert set(_looked_at(house.run()).in_full) == {"many", "lately"}


def test_a_clock_that_went_back_is_told_and_everybody_looked_at(house: Household) -> None:
    house.run()
    house.clock.instant -= 2 * DAY
    report = house.run()
    assert report.looked_at["main"].in_full == dict.fromkeys(("many", "lately"), "the clock went back")
    assert any("went back" in failure.message for failure in report.failures)


def test_everybody_is_looked_at_where_that_is_asked_for(house: Household) -> None:
    house.run()
    assert _looked_at(house.run(full=True)).in_full == dict.fromkeys(("many", "lately"), "asked for")


def test_a_segment_that_was_kept_catches_up_with_all_that_happened_meanwhile(house: Household) -> None:
    house.run()
    world = house.worlds["main"]
    world.put_customer(1, number_of_orders=7)
    world.faults = Faults(unreachable=True)
    assert {row["segment"] for row in house.run().kept} == {"many", "lately"}
    world.faults = Faults()
    house.clock.instant += 2 * DAY
    report = house.run()
    assert _looked_at(report) == LookedAt(3, {})
    assert 1 in _members(house, "many")
    assert _members(house, "lately") == set(range(1, 6))


def test_whom_time_stirred_is_asked_only_about_the_segments_whose_dates_did_so(house: Household) -> None:
    house.run()
    house.clock.instant += 2 * DAY
    mirror, settings, now = house.mirror, house.services().settings, house.clock.now()
    measuring = Measuring(mirror, frame_of(settings, stores.known(mirror)["main"], now))
    standings = {it.segment: it for it in membership.standings(mirror)}
    mirror.raw.execute("UPDATE customers SET number_of_orders = 9 WHERE id = 9")

    asked = {
        name: {id_ for (id_,) in mirror.raw.execute("SELECT customer_id FROM temp.asked")}
        for whom in find_whom(mirror, measuring, list(settings.segments.values()), standings, now)
        for name in whom.since
    }

    assert asked == {"many": set(), "lately": {6, 7}}
    mirror.raw.execute("UPDATE customers SET number_of_orders = 8 WHERE id = 9")
    for whom in find_whom(mirror, measuring, list(settings.segments.values()), standings, now):
        assert whom.asked == (3 if "lately" in whom.since else len(whom.since))


def test_a_part_that_is_evaluated_alone_leaves_the_others_to_catch_up(house: Household) -> None:
    house.run()
    house.worlds["main"].put_customer(1, number_of_orders=7)
    assert _looked_at(house.run(segment="lately")) == LookedAt(1, {})
    assert 1 not in _members(house, "many")
    assert _looked_at(house.run()) == LookedAt(1, {})
    assert 1 in _members(house, "many")


def test_segments_that_ask_for_segments_follow_in_the_same_cycle(house: Household) -> None:
    house.write(CHAIN)
    house.run()
    house.worlds["main"].put_customer(1, number_of_orders=7)
    report = house.run()
    assert _looked_at(report) == LookedAt(1, {})
    assert 1 in _members(house, "b")
    assert _members(house, "c") == {2}


def test_a_segment_learns_of_who_moved_in_another_while_it_could_not_look(house: Household) -> None:
    house.write(CHAIN)
    house.run()
    house.worlds["main"].put_customer(1, number_of_orders=7)
    house.run(segment="a")
    assert 1 not in _members(house, "b")
    house.run(segment="c")
    house.run()
    assert 1 in _members(house, "b")
    assert _members(house, "c") == {2}


def test_who_asks_for_a_segment_that_begins_anew_looks_at_everybody(house: Household) -> None:
    house.write(CHAIN)
    house.run()
    house.write(CHAIN.replace("[segments.a]", "[segments.x]").replace("'a'", "'x'"))
    house.run()
    house.write(CHAIN)
    assert set(_looked_at(house.run()).in_full) == {"a", "b"}
    assert _members(house, "b") == set(range(3, 10))


def test_products_that_change_are_looked_at_for_everybody(house: Household) -> None:
    house.write(TWO + SOLD)
    world = house.worlds["main"]
    world.put_product(5, tags=("new",))
    line = LineItem(id=1, quantity=1, current_quantity=1, product_id=5)
    world.put_order(3, lines=(line,))
    house.run()
    world.put_product(5, tags=("new", "sale"))
    report = house.run()
    assert _looked_at(report).in_full == {"sold": "products changed"}
    assert _members(house, "sold") == {3}


def test_who_compares_with_buyers_is_looked_at_once_their_figures_move(house: Household) -> None:
    house.write('[segments.upper]\nquery = "orders_percentile >= 50"\n')
    house.run()
    world = house.worlds["main"]
    world.put_customer(1, tags=("x",))
    assert _looked_at(house.run()) == LookedAt(1, {})
    world.put_customer(1, number_of_orders=100)
    assert _looked_at(house.run()).in_full == {"upper": "what it compares the store's buyers with moved"}
    assert _members(house, "upper") == {1, 7, 8, 9}


@pytest.mark.parametrize(
    "lost",
    ["UPDATE segments SET seen = NULL WHERE segment = 'many'", "UPDATE segments SET basis = '' WHERE segment = 'many'"],
)
def test_everybody_is_looked_at_where_it_is_not_known_what_was_looked_at(house: Household, lost: str) -> None:
    house.run()
    house.mirror.write(lost, ())
    why = "what changed since the last evaluation is not known"
    assert _looked_at(house.run()).in_full == {"many": why}
    assert _looked_at(house.run()).in_full == {}


def test_a_mirror_that_was_restored_is_looked_at_anew(house: Household) -> None:
    house.run()
    make_backup(house.services())
    house.worlds["main"].put_customer(1, number_of_orders=7)
    house.run()
    house.mirror.close()
    path = house.folder / "syncd.db"
    restore(path, backups.listed(path)[0], house.clock.now())
    house.mirror = open_mirror(path)
    report = house.run()
    assert set(report.looked_at["main"].in_full) == {"many", "lately"}
    assert 1 in _members(house, "many")


def test_who_was_erased_leaves_their_place_in_a_rank(house: Household) -> None:
    rank = '{ by = "orders", top = 2 }'
    house.write(f'[segments.best]\nquery = "number_of_orders >= 1"\nrank = {rank}\n' + TWO)
    house.run()
    forget(house.services(), names_of(house.mirror, sought("p9@x.example")), local=True)
    assert _looked_at(house.run()).in_full == {"best": "people were erased"}
    assert _members(house, "best") == {7, 8}


@pytest.mark.parametrize("basis", [Basis("a"), Basis("a", 0), Basis("a", 1_795_000_000, "c")])
def test_a_basis_is_read_as_it_was_written(basis: Basis) -> None:
    assert Basis.read(str(basis)) == basis


def test_who_falls_out_of_a_rank_makes_room_for_the_next_whom_nobody_asked(house: Household) -> None:
    rank = '{ by = "orders", top = 2 }'
    house.write(f'[segments.best]\nquery = "number_of_orders >= 1"\nrank = {rank}\n')
    house.run()
    assert _members(house, "best") == {8, 9}
    house.worlds["main"].put_customer(9, number_of_orders=1)
    report = house.run()
    assert _looked_at(report) == LookedAt(1, {})
    assert report.moved["best"] == {"entered": 1, "left": 1, "size": 2}
    assert _members(house, "best") == {7, 8}


def test_a_deleted_customer_leaves(house: Household) -> None:
    house.run()
    house.worlds["main"].delete(Kind.CUSTOMERS, 9)
    report = house.run()
    assert _looked_at(report).in_full == {}
    assert report.moved["many"]["left"] == 1


def test_a_segment_that_was_taken_out_of_a_store_is_not_asked_for_there_any_more(tmp_path: Path) -> None:
    both = CHAIN.replace("[segments.a]\n", '[segments.a]\nstores = ["main", "side"]\n')
    house = Household(tmp_path, both, audiences=(), stores=("main", "side"))
    house.worlds["side"].put_customer(1, number_of_orders=5)
    house.run()
    assert _members(house, "b") == {1}
    house.write(both.replace('"main", "side"', '"main"'))
    house.run()
    assert _members(house, "b") == set()
    assert _members(house, "c") == {1}


@pytest.mark.parametrize(
    ("asked", "customers", "everybody"), [(FEW, 1, False), (FEW + 1, FEW, True), (50_000, 1_000_000, False)]
)
def test_beyond_some_share_everybody_is_less_work(asked: int, customers: int, everybody: bool) -> None:
    assert bool(beyond(asked, customers)) is everybody
