"""Pulling: nothing is lost, nothing is read twice for nothing, nothing is deleted because a page was short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.memory import Faults, World, open_store
from syncd.cycle.pull import OVERLAP, LostRowsError, Pulled, Puller
from syncd.errors import FatalError, RetriableError
from syncd.mirror import shapes
from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.mirror.shelves import Shelf
from syncd.mirror.stores import saw_customer
from syncd.model import Customer, Kind
from syncd.ports import Page
from tests.conftest import StillClock

PAGE = 10


class Bench:
    """A world, its customers' feed, and the shelf they are pulled onto."""

    def __init__(self, clock: StillClock, mirror: Mirror) -> None:
        self.clock = clock
        self.mirror = mirror
        self.world = World(clock.now)
        self.calls = Counter[str]()
        self.feed: Any = open_store("main", self.world, calls=self.calls, page_size=PAGE).source.customers
        self.shelf = Shelf[Customer](mirror, "main", "customers", shapes.CUSTOMERS)

    def customers(self, first: int, last: int, **fields: Any) -> None:
        for number in range(first, last + 1):
            self.world.put_customer(number, **fields)

    def pull(self, **options: Any) -> Pulled:
        self.calls.clear()
        return Puller(self.shelf, self.feed, self.clock, lambda _: None).pull(**options)

    def mirrored(self) -> dict[int, tuple[int, int]]:
        query = "SELECT id, updated_at, number_of_orders FROM customers WHERE store = 'main'"
        return {row[0]: (row[1], row[2]) for row in self.mirror.raw.execute(query)}

    def truth(self) -> dict[int, tuple[int, int]]:
        customers = self.world.records(Kind.CUSTOMERS)
        return {number: (it.updated_at, it.number_of_orders) for number, it in customers.items()}


@pytest.fixture
def bench(clock: StillClock, tmp_path: Path) -> Iterator[Bench]:
    mirror = open_mirror(tmp_path / "syncd.db")
    yield Bench(clock, mirror)
    mirror.close()


def test_the_first_pull_brings_everything(bench: Bench) -> None:
    bench.customers(1, 35)

    bench.pull()

    assert bench.mirrored() == bench.truth()


def test_a_pull_of_an_empty_store_is_complete(bench: Bench) -> None:
    assert bench.pull() == Pulled(0)
    assert bench.pull() == Pulled(0)


def test_a_pull_with_nothing_new_is_one_call(bench: Bench) -> None:
    bench.customers(1, 5)
    bench.pull()
    bench.clock.instant += 2 * OVERLAP

    bench.pull()

    assert sum(bench.calls.values()) == 1


def test_our_own_writes_once_read_are_not_read_again(bench: Bench) -> None:
    bench.customers(1, 35)
    bench.pull()
    bench.clock.instant += 5
    for number in range(1, 36):
        bench.world.tag_by_hand(number, "ours")
    bench.pull()

    bench.pull()

    assert sum(bench.calls.values()) == 1


def test_an_edit_that_our_own_write_hides_is_found(bench: Bench) -> None:
    bench.customers(1, 35)
    bench.pull()
    bench.clock.instant += 5
    bench.world.put_customer(7, number_of_orders=3)
    bench.clock.instant += 5
    for number in range(1, 36):
        bench.world.tag_by_hand(number, "ours")
        with bench.mirror.transaction():
            saw_customer(bench.mirror, "main", str(number), ("ours",))

    bench.pull()

    assert bench.mirrored() == bench.truth()


def test_more_changes_than_a_page_are_all_read(bench: Bench) -> None:
    bench.customers(1, 40)
    bench.pull()
    bench.clock.instant += 60
    bench.customers(1, 33, number_of_orders=2)

    bench.pull()

    assert bench.mirrored() == bench.truth()


def test_many_rows_of_one_second_neither_stall_nor_skip(bench: Bench) -> None:
    bench.customers(1, 4 * PAGE)
    bench.pull()
    bench.customers(4 * PAGE + 1, 8 * PAGE)

    bench.pull()

    assert bench.mirrored() == bench.truth()


def test_a_row_that_an_index_shows_late_is_found_within_the_overlap(bench: Bench) -> None:
    bench.customers(1, 35)
    bench.clock.instant += 100
    bench.pull()
    bench.world.lag = 60
    bench.customers(36, 40)
    bench.pull()
    bench.clock.instant += 60

    bench.pull()

    assert bench.mirrored() == bench.truth()


def test_deleted_customers_leave_the_mirror_with_all_that_hangs_on_them(bench: Bench) -> None:
    bench.customers(1, 35, tags=("vip",))
    bench.pull()
    bench.clock.instant += 2 * OVERLAP
    bench.world.delete(Kind.CUSTOMERS, 3)
    bench.world.delete(Kind.CUSTOMERS, 30)

    assert bench.pull().removed == 2

    assert bench.mirrored() == bench.truth()
    orphans = "SELECT count(*) FROM customer_tags WHERE customer_id IN (3, 30)"
    assert bench.mirror.raw.execute(orphans).fetchone() == (0,)


def test_a_deletion_and_a_new_customer_in_one_interval_are_both_noticed(bench: Bench) -> None:
    bench.customers(1, 35)
    bench.pull()
    bench.clock.instant += 2 * OVERLAP
    bench.world.delete(Kind.CUSTOMERS, 3)
    bench.customers(99, 99)

    bench.pull()

    assert bench.mirrored() == bench.truth()


class ShortIds:
    """A store whose list of ids ends early."""

    def __init__(self, feed: Any) -> None:
        self._feed = feed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._feed, name)

    def ids(self) -> Iterator[Page[int]]:
        yield Page([1, 2])


def test_a_list_of_ids_that_is_too_short_deletes_nothing(bench: Bench) -> None:
    bench.customers(1, 35)
    bench.pull()
    bench.world.delete(Kind.CUSTOMERS, 3)
    bench.feed = ShortIds(bench.feed)

    with pytest.raises(FatalError, match="nothing was deleted"):
        bench.pull()

    assert len(bench.mirrored()) == 35


def test_a_store_that_shows_nobody_for_a_moment_does_not_empty_the_mirror(bench: Bench) -> None:
    bench.customers(1, 35)
    bench.pull()
    everybody = bench.world.records(Kind.CUSTOMERS)
    for number in range(1, 36):
        bench.world.delete(Kind.CUSTOMERS, number)

    with pytest.raises(FatalError, match="shows 0 of 35 rows; nothing was deleted"):
        bench.pull()

    assert len(bench.mirrored()) == len(everybody) == 35
    bench.pull(full=True)
    assert bench.mirrored() == {}


class CountsAhead:
    """A store whose count is a moment ahead of its listing."""

    def __init__(self, feed: Any) -> None:
        self._feed = feed
        self._ahead = 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._feed, name)

    def peek(self, since: int) -> Any:
        peek = self._feed.peek(since)
        ahead, self._ahead = self._ahead, 0
        return msgspec.structs.replace(peek, whole=peek.whole + ahead)


def test_a_count_that_is_a_moment_ahead_of_the_listing_is_looked_at_again(bench: Bench) -> None:
    bench.customers(1, 35)
    bench.feed = CountsAhead(bench.feed)

    bench.pull()

    assert bench.mirrored() == bench.truth()


class LosesRows:
    """A store that counts more rows than it hands out."""

    def __init__(self, feed: Any) -> None:
        self._feed = feed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._feed, name)

    def peek(self, since: int) -> Any:
        peek = self._feed.peek(since)
        return msgspec.structs.replace(peek, whole=peek.whole + 1)


def test_lost_rows_fail_the_pull_and_the_next_one_reads_everything(bench: Bench) -> None:
    bench.customers(1, 35)
    whole = bench.feed
    bench.feed = LosesRows(whole)

    with pytest.raises(LostRowsError, match="counts 36 rows, 35 arrived"):
        bench.pull()
    bench.shelf.failed(bench.clock.now(), "lost", lost=True)

    assert bench.shelf.cursor() is None
    bench.feed = whole
    assert bench.pull().rows >= 35


def test_a_pull_that_breaks_off_keeps_its_pages_and_goes_on_from_there(bench: Bench) -> None:
    for number in range(1, 36):
        bench.clock.instant += OVERLAP
        bench.world.put_customer(number)
    bench.world.faults = Faults(break_off=2)

    with pytest.raises(RetriableError):
        bench.pull()
    kept = len(bench.mirrored())
    bench.pull()

    assert kept == 2 * PAGE
    assert bench.mirrored() == bench.truth()
    assert sum(bench.calls.values()) <= 4


def test_the_cursor_never_moves_without_its_rows(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.customers(1, 5)
    page = Page(list(bench.world.records(Kind.CUSTOMERS).values()), None)
    monkeypatch.setattr(bench.shelf, "_move", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))

    with pytest.raises(KeyboardInterrupt):
        bench.shelf.put(page.rows, next(iter(bench.feed.pages(None))).cursor)

    assert bench.mirrored() == {}


def test_a_full_pull_mends_a_mirror_that_missed_something(bench: Bench) -> None:
    bench.customers(1, 35)
    bench.pull()
    bench.mirror.raw.execute("UPDATE customers SET number_of_orders = 99, updated_at = 1 WHERE id = 4")

    bench.pull(full=True)

    assert bench.mirrored() == bench.truth()


def test_an_older_reading_of_a_row_never_overwrites_a_newer_one(bench: Bench) -> None:
    bench.customers(1, 1)
    older = bench.world.records(Kind.CUSTOMERS)[1]
    bench.clock.instant += 9
    bench.world.put_customer(1, number_of_orders=5)
    bench.pull()

    bench.shelf.put([older], None)

    assert bench.mirrored() == bench.truth()
