"""Forgetting: nothing of the person is left in any file, nobody reads them in again, and everybody else stays whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Float, String
from sqlmodel import SQLModel

from connectors.memory import Faults
from syncd.cycle.forgetting import Forgot, forget
from syncd.errors import FatalError, RetriableError
from syncd.mirror import backups, forgotten
from syncd.mirror.database import connect
from syncd.mirror.erasing import Erasure, erase, unclean
from syncd.mirror.held import AmbiguousError, names_of, rows
from syncd.mirror.opening import open_mirror
from syncd.mirror.people import sought
from syncd.mirror.restoring import restore
from syncd.mirror.tables.persons import PERSONS, About, Hanging
from syncd.mirror.views.membership import INNER
from syncd.model import ContactStatus, Kind
from tests.support.household import Household
from tests.support.scanning import found_below

SEGMENT = '[segments.buyers]\nquery = "number_of_orders >= 1"\ntag = "buyer"\naudiences = ["news"]\n'
COUNT = "SELECT count(*) FROM {}"
RANK = "INSERT OR IGNORE INTO ranks VALUES (1, 'buyers', 'main', '', 2, 2, x'00', 0, 0)"
CANARY = 7_000_111_222_333
NEIGHBOUR = 7_000_444_555_666
ADDRESS = "zoe.canary@person.example"
MARKS: list[str | int] = [ADDRESS, "Zoë", "Canarina", "+4915112345678", "Canary Lane 7", CANARY]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, SEGMENT)
    world = made.worlds["main"]
    person(made, CANARY, ADDRESS, first_name="Zoë", last_name="Canarina", phone="+4915112345678")
    person(made, NEIGHBOUR, "neighbour@person.example", first_name="Nelly", last_name="Next")
    for number in range(1, 40):
        person(made, NEIGHBOUR + number, f"p{number}@person.example")
    world.put_order(1, customer_id=CANARY, email=ADDRESS, currency="EUR", total=1000, name="Canary Lane 7")
    yield made
    made.mirror.close()


def person(house: Household, number: int, email: str, store: str = "main", **more: Any) -> None:
    fields = {"email_consent": "SUBSCRIBED", "number_of_orders": 1, **more}
    house.worlds[store].put_customer(number, email=email, **fields)


def forgot(house: Household, who: str = ADDRESS, *, local: bool = False) -> Forgot:
    return forget(house.services(), names_of(house.mirror, sought(who)), local=local)


def left(house: Household, marks: list[str | int] = MARKS) -> dict[str, list[str | int]]:
    return found_below(house.folder, marks)


def counts(house: Household) -> dict[str, int]:
    return {name: house.mirror.raw.execute(COUNT.format(name)).fetchone()[0] for name in PERSONS}


def plant(mirror: Any, customer_id: int, address: str, words: str) -> None:
    """Put a row about somebody into every table, by every way in which it can name them.

    Masks are there: everybody is in a segment.
    """
    mirror.raw.execute(RANK)
    for table, about in PERSONS.items():
        if table in (*INNER, "masks", "ranks"):
            continue
        columns = SQLModel.metadata.tables[table].columns
        for names in ways(about, customer_id, address):
            row = {
                it.name: names.get(it.name, filled(it, words if not about.blanks or it.name in about.blanks else "x"))
                for it in columns
                if it.name in names or not numbered(it)
            }
            mirror.raw.execute(
                f"INSERT OR REPLACE INTO {table} ({', '.join(row)}) "  # noqa: S608  # our own names
                f"VALUES ({', '.join('?' * len(row))})",
                list(row.values()),
            )


def numbered(column: Any) -> bool:
    """Whether the table gives the number by itself."""
    return column.name == "id" and len(column.table.primary_key) == 1


def ways(about: About | Hanging, customer_id: int, address: str) -> Iterator[dict[str, Any]]:
    if isinstance(about, Hanging):
        yield {"store": "main", "order_id": customer_id % 1000, "product_id": None}
        return
    orders = {"id": customer_id % 1000} if about.blanks else {}
    for owner, key in about.customers:
        yield {owner: "main", key: customer_id, **orders}
    if about.subjects:
        yield {about.subjects[0]: "main", about.subjects[1]: str(customer_id)}
        yield {about.subjects[0]: "news", about.subjects[1]: address}
    for column in about.addresses:
        yield {"store": "main", "id": customer_id, "owner": "news", "record": address, column: address, **orders}


def filled(column: Any, words: str) -> Any:
    if column.nullable and not isinstance(column.type, String):
        return None
    return words if isinstance(column.type, String) else 0.5 if isinstance(column.type, Float) else 1


def test_no_byte_of_the_person_is_left_in_any_file_and_the_neighbour_is_whole(house: Household) -> None:
    house.run()
    plant(house.mirror, NEIGHBOUR, "neighbour@person.example", "Nelly Next")
    before = counts(house)
    backups.make(house.mirror, house.clock.now())
    plant(house.mirror, CANARY, ADDRESS, "Canary Lane 7")
    house.mirror.raw.execute("DELETE FROM departed")
    backups.make(house.mirror, house.clock.now() + 60)
    assert len(left(house)) >= 3  # the database, its log, a copy

    forgot(house, local=True)

    assert left(house) == {}
    after = counts(house)
    grown = {"orders", "order_tags", "order_discounts", "lines", "checkouts", "moves", "movements"}
    assert {name for name in after if after[name] > before[name]} <= grown
    told = rows(house.mirror, names_of(house.mirror, sought("neighbour@person.example")))
    assert [title for title, found in told.items() if not found] == []
    assert len(left(house, ["Nelly", NEIGHBOUR])) == 3


def test_a_copy_that_was_cut_short_goes_as_a_whole_and_one_being_made_is_waited_for(house: Household) -> None:
    house.run()
    made = backups.make(house.mirror, house.clock.now())
    part = made.with_name(f"{made.name}.1.part")  # process 1 is always there
    made.rename(part)
    with pytest.raises(RetriableError, match="being made"):
        forgot(house)
    part.rename(made.with_name(f"{made.name}.4194305.part"))

    forgot(house)

    assert left(house) == {}
    assert list(made.parent.iterdir()) == []


def test_our_tags_come_off_first_and_somebody_elses_stay(house: Household) -> None:
    house.worlds["main"].put_customer(CANARY, tags=("vip",))
    house.lists["news"].put_contact(ADDRESS, ContactStatus.SUBSCRIBED, ["friend"])
    house.run()

    done = forgot(house)

    assert (done.withdrawn, done.stay) == (2, 0)
    assert house.worlds["main"].tags_of(CANARY) == ("vip",)
    assert house.lists["news"].labels_of(ADDRESS) == ("friend",)
    assert house.worlds["main"].tags_of(NEIGHBOUR) == ("buyer",)


def test_where_a_service_cannot_be_reached_nothing_is_erased(house: Household) -> None:
    house.run()
    house.lists["news"].faults = Faults(unreachable=True)
    before = counts(house)

    with pytest.raises(RetriableError, match="nothing was erased") as caught:
        forgot(house)

    assert "--local" in caught.value.hint
    assert counts(house)["customers"] == before["customers"]
    assert forgotten.guard(house.mirror) is None
    house.lists["news"].faults = Faults()
    assert forgot(house).withdrawn == 1
    assert left(house) == {}


def test_erased_here_alone_the_tags_stay_and_are_told(house: Household) -> None:
    house.run()

    done = forgot(house, local=True)

    assert (done.withdrawn, done.stay) == (0, 2)
    assert house.worlds["main"].tags_of(CANARY) == ("buyer",)
    assert left(house) == {}


def test_who_is_forgotten_is_read_in_again_by_nothing_and_the_counts_agree(house: Household) -> None:
    house.run()
    forgot(house)
    world = house.worlds["main"]
    house.clock.sleep(600)
    person(house, CANARY, ADDRESS, number_of_orders=2)
    person(house, CANARY + 1, ADDRESS.upper())  # the same address again, as another customer
    world.put_order(2, customer_id=CANARY, email=ADDRESS, currency="EUR", total=500, name="Canary Lane 7")
    world.put_checkout(3, customer_id=CANARY)
    house.lists["news"].put_contact(ADDRESS, ContactStatus.SUBSCRIBED)

    for full in (False, True, False):
        report = house.run(full=full)
        assert (report.result, report.failures) == ("done", [])
        house.clock.sleep(600)

    assert left(house, [*MARKS, CANARY + 1]) == {}
    found = house.mirror.raw.execute("SELECT count(*), sum(total) FROM orders").fetchone()
    assert found == (2, 1500)
    assert house.worlds["main"].tags_of(CANARY) == ()
    assert sum(house.calls["main"].values()) <= 6  # an idle cycle stays one request a feed


def test_of_somebody_forgotten_whom_the_store_deletes_nothing_is_counted_any_more(house: Household) -> None:
    house.run()
    forgot(house)
    house.clock.sleep(600)
    house.run()
    house.worlds["main"].delete(Kind.CUSTOMERS, CANARY)
    house.clock.sleep(600)

    assert house.run().result == "done"
    assert house.mirror.raw.execute("SELECT count(*) FROM skipped WHERE owner = 'main'").fetchone() == (0,)


def test_who_is_let_in_again_comes_with_everything_the_services_have(house: Household) -> None:
    house.run()
    forgot(house)
    house.clock.sleep(600)
    house.run()

    assert forgotten.let_in(house.mirror, names_of(house.mirror, sought(ADDRESS))) == 1
    report = house.run()

    assert report.result == "done"
    assert house.worlds["main"].tags_of(CANARY) == ("buyer",)
    order = house.mirror.raw.execute("SELECT customer_id, email FROM orders").fetchone()
    assert order == (CANARY, ADDRESS)
    assert house.mirror.raw.execute("SELECT count(*) FROM forgotten").fetchone() == (0,)


def test_forgetting_twice_does_no_harm_and_finishes_what_was_cut_short(house: Household) -> None:
    house.run()
    with closing(sqlite3.connect(house.folder / "syncd.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM customers").fetchone()
        house.mirror.raw.execute("PRAGMA busy_timeout = 1")
        with pytest.raises(RetriableError, match="still lies in its log"):
            forgot(house)
    assert unclean(house.mirror)

    assert forgot(house).before

    assert not unclean(house.mirror)
    assert left(house) == {}


def test_what_was_cut_short_is_finished_by_the_next_cycle(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    house.run()
    monkeypatch.setattr("syncd.mirror.erasing.clean", lambda *_: None)  # the process was killed there
    forgot(house)
    monkeypatch.undo()
    house.restart()
    assert unclean(house.mirror)

    house.run()

    assert not unclean(house.mirror)
    assert left(house) == {}


def test_an_address_the_record_had_before_is_the_persons_as_well(house: Household) -> None:
    house.run()
    person(house, CANARY, "new.zoe@person.example")
    house.clock.sleep(600)
    house.run()

    whom = names_of(house.mirror, sought("new.zoe@person.example"))

    assert whom.addresses == {ADDRESS, "new.zoe@person.example"}
    forgot(house, "new.zoe@person.example")
    assert left(house, [*MARKS, "new.zoe@person.example"]) == {}


def test_a_former_address_that_somebody_else_has_now_is_theirs(house: Household) -> None:
    house.run()
    person(house, CANARY, "new.zoe@person.example")
    person(house, NEIGHBOUR, ADDRESS)
    house.clock.sleep(600)
    house.run()

    assert names_of(house.mirror, sought("new.zoe@person.example")).addresses == {"new.zoe@person.example"}


def test_an_id_of_two_people_in_two_stores_is_asked_about(tmp_path: Path) -> None:
    house = Household(tmp_path, SEGMENT, stores=("main", "other"))
    person(house, CANARY, ADDRESS)
    person(house, CANARY, "somebody@else.example", "other")
    house.run()

    with pytest.raises(AmbiguousError, match="main, other"):
        names_of(house.mirror, sought(str(CANARY)))

    assert names_of(house.mirror, sought(str(CANARY)), "main").addresses == {ADDRESS}
    house.mirror.close()


def test_all_records_of_an_address_are_forgotten_in_all_stores(tmp_path: Path) -> None:
    house = Household(tmp_path, SEGMENT, stores=("main", "other"))
    person(house, CANARY, ADDRESS)
    person(house, CANARY + 5, ADDRESS.upper(), "other")
    house.run()

    forgot(house, str(CANARY))

    assert left(house, [*MARKS, CANARY + 5]) == {}
    house.mirror.close()


def test_a_lost_or_another_key_is_said_at_the_start_and_lets_nobody_back_in(house: Household) -> None:
    house.run()
    forgot(house)
    path = house.folder / "syncd.db"
    key = forgotten.key_file(path)
    assert key.stat().st_mode & 0o777 == 0o600
    kept = key.read_text()
    for damage, words in ((None, "is gone"), ("00" * 32, "is not the one"), ("0", "cannot be read"), ("00", "damaged")):
        key.unlink(missing_ok=True)
        if damage is not None:
            key.write_text(damage)
        with pytest.raises(FatalError, match=words) as caught:
            open_mirror(path)
        assert "syncd remember --all" in caught.value.hint
    key.write_text(kept)
    open_mirror(path).close()
    key.unlink()
    mirror = connect(path)
    assert forgotten.let_in(mirror, None) == 1
    mirror.close()
    open_mirror(path).close()


def test_the_hashes_tell_nothing_without_the_key(house: Household) -> None:
    house.run()
    forgot(house)

    (key,) = {bytes.fromhex(forgotten.key_file(house.folder / "syncd.db").read_text())}
    assert len(key) == 32
    assert key.hex().encode() not in (house.folder / "syncd.db").read_bytes()
    other = forgotten.Guard(bytes(32), {})
    kept = {found for (found,) in house.mirror.raw.execute("SELECT hash FROM forgotten")}
    assert other.of_address(ADDRESS) not in kept


def test_a_restored_copy_from_elsewhere_is_rid_of_who_was_forgotten_since(house: Household, tmp_path: Path) -> None:
    house.run()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    copy = backups.make(house.mirror, house.clock.now(), elsewhere / "mine.bak")
    forgot(house)
    house.mirror.close()

    restore(house.folder / "syncd.db", backups.described(copy), house.clock.now())
    house.mirror = open_mirror(house.folder / "syncd.db")
    house.run()

    assert set(left(house)) == {"elsewhere/mine.bak"}


def test_erasing_many_rebuilds_the_file_without_looking_for_each(house: Household) -> None:
    house.run()
    many = tuple(names_of(house.mirror, sought(f"p{number}@person.example")) for number in range(1, 40)) * 3

    erase(house.mirror, Erasure(whom=many, marks=tuple(f"mark{number}" for number in range(200))))

    assert left(house, [f"p{number}@person.example" for number in range(1, 40)]) == {}
