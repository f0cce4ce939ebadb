"""A first reading: begun for all kinds before one is read, told how far it is, gone on with when it broke off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.memory import World, open_store
from syncd.clock import Clock
from syncd.cycle.pull import Puller
from syncd.cycle.reading import read_all
from syncd.cycle.report import Report
from syncd.errors import RetriableError
from syncd.mirror import shapes
from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.mirror.shelves import Shelf
from syncd.model import Customer, Instant, Kind
from syncd.ports import Cursor, Page, Peek, Progress
from tests.conftest import StillClock
from tests.support.household import Household

PAGE = 10


class Exporting:
    """A feed that reads everything from a file: no page but the last has a cursor, and it may go on within the file."""

    def __init__(self, clock: Clock, feed: Any) -> None:
        self._clock = clock
        self._feed = feed
        self.broken_after: int | None = None
        self.read: list[int] = []
        self._stored = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._feed, name)

    def peek(self, since: Instant) -> Peek[Customer]:
        found: Peek[Customer] = self._feed.peek(since)
        return found

    def pages(
        self, since: Instant | None, expected: int | None = None, *, go_on: bool = False
    ) -> Iterator[Page[Customer]]:
        rows = [row for page in self._feed.pages(since, expected) for row in page.rows]
        rows.sort(key=lambda row: int(row.id))
        start = self._stored if go_on else 0
        return self._pages(rows, start, Cursor(self._clock.now()))

    def _pages(self, rows: list[Customer], start: int, as_of: Cursor) -> Iterator[Page[Customer]]:
        for number, at in enumerate(range(start, len(rows), PAGE)):
            if number == self.broken_after:
                raise RetriableError("the file broke off")
            some = rows[at : at + PAGE]
            self.read += [row.id for row in some]
            yield Page(some, left=len(rows) - at - len(some))
            self._stored = at + len(some)
        yield Page((), as_of, left=0)
        self._stored = 0


class Bench:
    """A world, its customers' feed as an export, and the shelf they are pulled onto."""

    def __init__(self, clock: StillClock, mirror: Mirror) -> None:
        self.clock = clock
        self.world = World(clock.now)
        self.feed = Exporting(clock, open_store("main", self.world, page_size=PAGE).source.customers)
        self.shelf = Shelf[Customer](mirror, "main", "customers", shapes.CUSTOMERS)
        self.told: list[Progress] = []
        for number in range(1, 36):
            self.world.put_customer(number)

    def pull(self, **options: Any) -> None:
        Puller(self.shelf, self.feed, self.clock, self.told.append).pull(**options)

    def interrupted(self) -> None:
        self.feed.broken_after = 2
        with pytest.raises(RetriableError):
            self.pull()
        self.feed.broken_after = None
        self.feed.read.clear()
        self.told.clear()


@pytest.fixture
def bench(clock: StillClock, tmp_path: Path) -> Iterator[Bench]:
    mirror = open_mirror(tmp_path / "syncd.db")
    yield Bench(clock, mirror)
    mirror.close()


def test_what_was_stored_is_not_read_again(bench: Bench) -> None:
    bench.interrupted()
    bench.pull()
    assert bench.feed.read == list(range(21, 36))
    assert bench.shelf.count() == 35


def test_a_reading_that_went_on_counts_as_compared_like_one_in_a_piece(bench: Bench) -> None:
    bench.interrupted()
    bench.pull()
    assert bench.shelf.last_look().reconciled_at == bench.clock.now()


def test_one_that_is_to_read_everything_goes_on_with_nothing(bench: Bench) -> None:
    bench.interrupted()
    bench.pull(full=True)
    assert bench.feed.read == list(range(1, 36))


def test_the_share_that_is_told_is_of_what_this_reading_has_to_do(bench: Bench) -> None:
    bench.pull()
    assert [(it.done, it.total) for it in bench.told[:4]] == [(10, 35), (20, 35), (30, 35), (35, 35)]


def test_who_goes_on_is_told_a_share_of_the_rest(bench: Bench) -> None:
    bench.interrupted()
    bench.pull()
    assert [(it.done, it.total) for it in bench.told[:2]] == [(10, 15), (15, 15)]


def test_a_kind_that_one_look_shows_whole_is_not_read_at_length(bench: Bench) -> None:
    for number in range(9, 36):
        bench.world.delete(Kind.CUSTOMERS, number)
    bench.pull()
    assert bench.feed.read == []
    assert bench.shelf.count() == 8


class Noted:
    """A feed that notes when it is begun and when it is read."""

    def __init__(self, name: str, feed: Any, notes: list[tuple[str, str]]) -> None:
        self._name = name
        self._feed = feed
        self._notes = notes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._feed, name)

    def peek(self, since: Instant) -> Any:
        found = self._feed.peek(since)
        return msgspec.structs.replace(found, rows=found.rows[:1])

    def pages(self, *args: Any, **options: Any) -> Iterator[Page[Any]]:
        self._notes.append(("begun", self._name))
        return self._each(self._feed.pages(*args, **options))

    def _each(self, pages: Iterator[Page[Any]]) -> Iterator[Page[Any]]:
        self._notes.append(("read", self._name))
        yield from pages


class Source:
    """A source whose feeds note."""

    def __init__(self, name: str, source: Any, notes: list[tuple[str, str]]) -> None:
        self._source = source
        self.customers = Noted(f"{name} customers", source.customers, notes)
        self.orders = Noted(f"{name} orders", source.orders, notes)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)


def test_all_kinds_of_all_stores_are_begun_before_one_is_read(tmp_path: Path) -> None:
    house = Household(
        tmp_path, '[segments.some]\nquery = "orders_placed MATCHES (amount > 1)"\n', stores=("main", "other")
    )
    for world in house.worlds.values():
        for number in range(1, 4):
            world.put_customer(number)
            world.put_order(number, customer_id=number)
    notes: list[tuple[str, str]] = []
    services = house.services()
    stores = {
        name: msgspec.structs.replace(store, source=Source(name, store.source, notes))
        for name, store in services.stores.items()
    }
    report = Report(run=1)
    read_all(msgspec.structs.replace(services, stores=stores), report)
    house.mirror.close()
    assert report.failures == []
    kinds = [f"{store} {kind}" for store in ("main", "other") for kind in ("customers", "orders")]
    assert notes == [("begun", kind) for kind in kinds] + [("read", kind) for kind in kinds]


def test_one_kind_that_cannot_be_begun_leaves_the_others_alone_and_is_told_once(tmp_path: Path) -> None:
    house = Household(tmp_path, '[segments.some]\nquery = "orders_placed MATCHES (amount > 1)"\n')
    house.worlds["main"].put_customer(1)
    services = house.services()
    source = services.stores["main"].source
    broken = Source("main", source, [])
    broken.orders = Broken()  # type: ignore[assignment]
    stores = {"main": msgspec.structs.replace(services.stores["main"], source=broken)}
    report = Report(run=1)
    readiness = read_all(msgspec.structs.replace(services, stores=stores), report)
    house.mirror.close()
    assert report.pulled["main"]["customers"] == 1
    assert [failure.where for failure in report.failures] == ["orders of main"]
    assert set(readiness.unfit) == {("main", "orders")}


class Broken:
    """A feed that answers oddly."""

    def peek(self, since: Instant) -> Any:
        raise KeyError(since)
