"""A first load fills bare tables, and ends with everything there, even if it was cut short on the way."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from syncd.errors import RetriableError
from syncd.mirror import backups, held, shapes, touched, touching
from syncd.mirror.database import Mirror, explaining
from syncd.mirror.filling import make_whole
from syncd.mirror.opening import open_mirror
from syncd.mirror.people import Sought
from syncd.mirror.restoring import restore
from syncd.mirror.shelves import Shelf
from tests.support.household import MANY, Household
from tests.unit.mirror.looked_at import customer, line, marks, order

PAGES = [
    [customer(number, f"{number % 40}@x.example", tags=("t",)) for number in range(at, at + 10)] for at in (1, 11, 21)
]


def built(mirror: Mirror) -> dict[str, str]:
    """Return the indexes and triggers that are there."""
    query = "SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql NOT NULL"
    return dict(mirror.raw.execute(query))


def customers(mirror: Mirror, store: str = "main") -> Shelf[Any]:
    return Shelf(mirror, store, "customers", shapes.CUSTOMERS)


def everything(mirror: Mirror) -> list[Any]:
    tables = shapes.CUSTOMERS.tables
    return [mirror.raw.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall() for table in tables]  # noqa: S608


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("new") / "syncd.db"
    open_mirror(path).close()
    return path


@pytest.fixture
def empty(new: Path, tmp_path: Path) -> Iterator[Mirror]:
    with closing(open_mirror(Path(shutil.copy(new, tmp_path / "syncd.db")))) as opened:
        yield opened


def cut_short(mirror: Mirror, to: Path) -> Path:
    """Load two pages, and return the mirror as a process would leave it that was killed then."""
    shelf = customers(mirror)
    with shelf.filling():
        shelf.put(PAGES[0], None)
        shelf.put(PAGES[1], None)
        to.mkdir()
        for end in ("", "-wal"):
            shutil.copy(mirror.path.with_name(mirror.path.name + end), to / f"syncd.db{end}")
    return to / "syncd.db"


@pytest.fixture
def killed(empty: Mirror, tmp_path: Path) -> Iterator[Mirror]:
    """The mirror as a process left it that was killed between two pages."""
    with closing(open_mirror(cut_short(empty, tmp_path / "killed"))) as opened:
        yield opened


def test_who_is_told_to_stop_makes_no_indexes_before_it_ends(empty: Mirror) -> None:
    before, shelf = built(empty), customers(empty)
    with pytest.raises(SystemExit), shelf.filling():
        shelf.put(PAGES[0], None)
        raise SystemExit

    assert built(empty) != before
    make_whole(empty)
    assert built(empty) == before


def test_a_first_load_leaves_the_indexes_and_triggers_that_were_there(empty: Mirror) -> None:
    before = built(empty)
    cache = empty.raw.execute("PRAGMA cache_size").fetchone()
    shelf = customers(empty)

    with shelf.filling():
        shelf.put(PAGES[0], None)
        bare = built(empty)
    assert built(empty) == before
    assert empty.raw.execute("PRAGMA cache_size").fetchone() == cache

    assert {"customers_email", "customers_changed", "customer_tags_holders"} <= before.keys() - bare.keys()
    assert not {it.name for it in touching.TRIGGERS if it.table in shapes.CUSTOMERS.tables} & bare.keys()
    assert {it.name for it in touching.TRIGGERS if it.table in shapes.ORDERS.tables} <= bare.keys()


def test_nobody_is_noted_one_by_one_but_that_all_are_new_and_they_are_counted(empty: Mirror) -> None:
    before = touched.generation(empty) - 1
    shelf = customers(empty)

    with shelf.filling():
        shelf.put(PAGES[0], None)

    assert marks(empty) == {("kind", "", "customers")}
    assert touched.kinds_touched(empty, "main", before) == {"customers"}
    assert shelf.count() == 10
    shelf.put(PAGES[1], None)
    assert len(marks(empty)) == 11


def test_a_load_that_fails_leaves_everything_in_place(empty: Mirror) -> None:
    before = built(empty)
    shelf = customers(empty)

    with suppress(RetriableError), shelf.filling():
        shelf.put(PAGES[0], None)
        raise RetriableError("the service went away")

    assert built(empty) == before
    assert shelf.count() == 10


def test_tables_with_rows_of_anybody_are_filled_as_they_are(empty: Mirror) -> None:
    customers(empty, "other").put(PAGES[0], None)
    before = built(empty)
    shelf = customers(empty)

    with shelf.filling():
        assert built(empty) == before
        shelf.put(PAGES[1], None)

    assert {it for it in marks(empty) if isinstance(it, int)} == set(range(1, 21))


def test_two_stores_that_are_loaded_at_once_are_both_counted_and_told_to_be_new(empty: Mirror) -> None:
    first, second = customers(empty), customers(empty, "other")

    with first.filling(), second.filling():
        first.put(PAGES[0], None)
        second.put(PAGES[1] + PAGES[2], None)

    assert (first.count(), second.count()) == (10, 20)
    for store in ("main", "other"):
        assert "customers" in touched.kinds_touched(empty, store, 0)


def test_other_kinds_are_noted_as_ever_while_one_is_loaded(empty: Mirror) -> None:
    with customers(empty).filling():
        Shelf(empty, "main", "orders", shapes.ORDERS).put([order(1, 5, lines=(line(1),))], None)

    assert 5 in marks(empty)


def test_a_load_that_was_killed_is_made_whole_and_goes_on_to_the_same_end(
    killed: Mirror, empty: Mirror, new: Path
) -> None:
    make_whole(killed)

    with closing(open_mirror(new)) as fresh:
        assert built(killed) == built(fresh)
    shelf = customers(killed)
    assert shelf.count() == 20
    assert touched.kinds_touched(killed, "main", 0) == {"customers"}
    with shelf.filling():
        for page in PAGES:
            shelf.put(page, None)
    assert shelf.count() == 30
    whole = customers(empty)
    for page in PAGES:
        whole.put(page, None)
    assert everything(killed) == everything(empty)
    assert killed.raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_making_whole_that_is_cut_short_itself_goes_on_where_it_was(killed: Mirror, new: Path) -> None:
    made: list[str] = []

    def only_one(action: int, name: str | None, *_: str | None) -> int:
        if action != sqlite3.SQLITE_CREATE_INDEX:
            return sqlite3.SQLITE_OK
        made.append(str(name))
        return sqlite3.SQLITE_OK if len(made) == 1 else sqlite3.SQLITE_DENY

    killed.raw.set_authorizer(only_one)
    with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
        make_whole(killed)
    killed.raw.set_authorizer(None)
    assert made[0] in built(killed)
    assert made[1] not in built(killed)

    make_whole(killed)

    with closing(open_mirror(new)) as fresh:
        assert built(killed) == built(fresh)


def test_a_question_that_needs_an_index_says_that_the_mirror_is_being_filled(killed: Mirror) -> None:
    with pytest.raises(RetriableError, match="filled for the first time") as caught, explaining(killed.path):
        held.names_of(killed, Sought(address="1@x.example"))

    assert "syncd sync" in caught.value.hint


def test_a_run_makes_whole_what_a_killed_one_left(tmp_path: Path) -> None:
    house = Household(tmp_path, MANY)
    for number in range(1, 30):
        house.worlds["main"].put_customer(number, email=f"{number}@x.example", number_of_orders=5)
    before = built(house.mirror)
    left = cut_short(house.mirror, tmp_path / "killed")
    house.mirror.close()
    house.mirror = open_mirror(left)
    assert built(house.mirror) != before

    report = house.run()

    assert report.result == "done"
    assert built(house.mirror) == before
    assert house.worlds["main"].tags_of(3) == ("many",)
    house.mirror.close()


def test_a_backup_made_while_a_mirror_is_filled_becomes_whole_when_it_is_restored(
    killed: Mirror, new: Path, tmp_path: Path
) -> None:
    copy = backups.described(backups.make(killed, 0, tmp_path / "copy.db"))
    killed.close()

    restore(killed.path, copy, 0)

    with closing(open_mirror(killed.path)) as restored, closing(open_mirror(new)) as fresh:
        assert built(restored) == built(fresh)
        assert customers(restored).count() == 20
