"""Whom a service deletes or redacts is erased without any command, once no tag of ours is left on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.memory import Faults
from syncd.mirror import backups, departed, forgotten
from syncd.model import ContactStatus, Kind
from tests.support.household import Household
from tests.unit.cycle.test_forgetting import ADDRESS, CANARY, NEIGHBOUR, SEGMENT, left, person


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, SEGMENT)
    person(made, CANARY, ADDRESS, first_name="Zoë", last_name="Canarina", phone="+4915112345678")
    for number in range(40):
        person(made, NEIGHBOUR + number, f"p{number}@person.example")
    made.run()
    backups.make(made.mirror, made.clock.now())
    made.clock.sleep(600)
    yield made
    made.mirror.close()


def redact(house: Household, **more: object) -> None:
    """What a store leaves of a customer whom it has redacted."""
    nothing = dict.fromkeys(("email", "first_name", "last_name", "phone"))
    house.worlds["main"].put_customer(CANARY, **{**nothing, "email_consent": "REDACTED", **more})


def test_a_redaction_takes_the_tags_off_and_erases_everything(house: Household) -> None:
    redact(house)

    report = house.run()

    assert report.result == "done"
    assert house.worlds["main"].tags_of(CANARY) == ()
    assert house.lists["news"].labels_of(ADDRESS) == ()
    assert left(house) == {}
    assert set(left(house, [NEIGHBOUR])) >= {"syncd.db"}


def test_who_was_redacted_is_not_read_in_again_by_the_address(house: Household) -> None:
    redact(house)
    house.run()
    house.clock.sleep(600)
    person(house, CANARY + 1, ADDRESS)

    for full in (False, True):
        assert house.run(full=full).result == "done"

    assert left(house) == {}


def test_an_order_of_who_was_redacted_stays_for_the_totals_alone(house: Household) -> None:
    house.worlds["main"].put_order(1, customer_id=CANARY, email=ADDRESS, currency="EUR", total=1000)
    house.run()
    house.clock.sleep(600)
    redact(house)
    house.run()
    house.run(full=True)

    assert house.mirror.raw.execute("SELECT total, customer_id, email FROM orders").fetchall() == [(1000, None, None)]
    assert left(house) == {}


def test_somebody_with_the_same_address_in_another_store_stays_whole(tmp_path: Path) -> None:
    house = Household(tmp_path, SEGMENT, stores=("main", "other"))
    person(house, CANARY, ADDRESS)
    person(house, NEIGHBOUR, ADDRESS, "other")
    house.run()
    backups.make(house.mirror, house.clock.now())
    house.clock.sleep(600)
    redact(house)

    house.run()

    assert house.worlds["other"].tags_of(NEIGHBOUR) == ("buyer",)
    assert house.lists["news"].labels_of(ADDRESS) == ("buyer",)
    assert house.mirror.raw.execute("SELECT count(*) FROM customers WHERE email_key = ?", (ADDRESS,)).fetchone() == (1,)
    assert left(house, [CANARY]) == {}
    assert set(left(house, [ADDRESS])) >= {"syncd.db", "backups/" + backups.listed(house.mirror.path)[0].path.name}
    house.mirror.close()


def test_who_was_redacted_before_the_first_sync_is_never_taken_in(tmp_path: Path) -> None:
    house = Household(tmp_path, SEGMENT)
    person(house, NEIGHBOUR, "neighbour@person.example")
    person(house, CANARY, ADDRESS, first_name="Zoë", email_consent="REDACTED")

    assert house.run().result == "done"

    assert left(house) == {}
    assert house.worlds["main"].tags_of(CANARY) == ()
    house.mirror.close()


def test_a_deleted_customer_leaves_nothing_once_the_contact_is_gone_too(house: Household) -> None:
    house.worlds["main"].delete(Kind.CUSTOMERS, CANARY)
    house.run()
    assert left(house, [CANARY, "Canarina"]) == {}
    house.lists["news"].forget(ADDRESS)
    house.clock.sleep(600)
    house.run()
    assert departed.waiting(house.mirror) == 1  # once a day is enough
    house.clock.sleep(90_000)

    house.run()

    assert left(house) == {}
    assert forgotten.guard(house.mirror) is None  # no hash: they may come back


def test_nothing_is_erased_while_a_tag_of_ours_waits_to_be_taken_off(house: Household) -> None:
    house.lists["news"].faults = Faults(fail={ADDRESS: "later"})
    redact(house)

    house.run()

    assert departed.waiting(house.mirror) == 1
    assert house.lists["news"].labels_of(ADDRESS) == ("buyer",)
    house.lists["news"].faults = Faults()
    house.run()
    assert departed.waiting(house.mirror) == 0
    assert house.lists["news"].labels_of(ADDRESS) == ()
    assert left(house) == {}


def test_who_was_deleted_and_comes_back_is_there_as_before(house: Household) -> None:
    gone = house.worlds["main"].customer(CANARY)
    house.worlds["main"].delete(Kind.CUSTOMERS, CANARY)
    house.run()
    house.clock.sleep(600)
    assert gone is not None
    person(house, CANARY, ADDRESS)

    assert house.run().result == "done"

    assert house.worlds["main"].tags_of(CANARY) == ("buyer",)
    assert house.lists["news"].status_of(ADDRESS) is ContactStatus.SUBSCRIBED


def test_a_cycle_in_which_nobody_departed_reads_no_file_again(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("nobody departed")

    monkeypatch.setattr("syncd.cycle.departing.erase", asked)
    monkeypatch.setattr("syncd.cycle.departing.clean", asked)
    person(house, NEIGHBOUR, "p0@person.example", number_of_orders=7)

    assert house.run().result == "done"


def test_a_file_that_cannot_be_gone_through_now_fails_no_cycle_and_is_gone_through_in_the_next(
    house: Household,
) -> None:
    (copy,) = backups.listed(house.mirror.path)
    whole = copy.path.read_bytes()
    copy.path.write_bytes(b"this is a letter" * 1000)
    redact(house)

    assert house.run().result == "done"
    assert departed.waiting(house.mirror) == 1
    copy.path.write_bytes(whole)

    house.run()

    assert departed.waiting(house.mirror) == 0
    assert left(house) == {}
