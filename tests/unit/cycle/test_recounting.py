"""Everything that was ever done to somebody, run by run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.memory import Faults
from syncd.clock import iso
from syncd.cycle.recounting import Event, History, recount
from syncd.mirror.people import sought
from syncd.model import ContactStatus, Kind
from tests.support.household import Household

SETTINGS = """
[segments.many]
query = "number_of_orders >= 3"
tag = "many"
audiences = ["news"]
audience_tag = "Many"
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    """Ada enters, Bo's label is refused; later Ada leaves."""
    made = Household(tmp_path, SETTINGS)
    for number, name in ((1, "ada"), (2, "bo")):
        made.worlds["main"].put_customer(
            number, email=f"{name}@x.example", email_consent="SUBSCRIBED", number_of_orders=4
        )
    made.lists["news"].faults = Faults(refuse={"bo@x.example": "looks fake"})
    made.run()
    made.clock.instant += 60
    made.worlds["main"].put_customer(1, number_of_orders=0)
    made.run()
    yield made
    made.mirror.close()


def told(house: Household, person: str, store: str | None = None) -> History:
    return recount(house.settings, house.mirror, sought(person), store)


def brief(events: tuple[Event, ...]) -> list[str]:
    return [
        f"{it.run} {it.what} {it.segment} {it.store}"
        if it.target is None
        else f"{it.run} {it.what} {it.label} {it.target} {it.state}"
        for it in events
    ]


def test_entering_leaving_and_every_write_are_told_in_their_order(house: Household) -> None:
    assert brief(told(house, "Ada@x.example").events) == [
        "1 entered many main",
        "1 add many main applied",
        "1 add Many news applied",
        "2 left many main",
        "2 remove many main applied",
        "2 remove Many news applied",
    ]


def test_id_and_address_tell_the_same(house: Household) -> None:
    assert told(house, "1").events == told(house, "ada@x.example").events


def test_a_write_has_its_reason_its_answer_its_hour_and_its_command(house: Household) -> None:
    write = told(house, "2").events[-1]
    assert (write.state, write.answer, write.command, write.subject) == (
        "refused",
        "looks fake",
        "sync",
        "bo@x.example",
    )
    assert write.reason == "in many: number_of_orders >= 3; a new contact, subscribed"
    assert write.at == "2026-11-18T11:06:40Z"


def test_a_refusal_that_stands_is_told_with_the_label_as_it_is_spelt(house: Household) -> None:
    (refusal,) = told(house, "bo@x.example").refusals
    assert (refusal.target, refusal.label, refusal.answer, refusal.attempts) == ("news", "Many", "looks fake", 1)
    assert told(house, "ada@x.example").refusals == ()


def test_whom_the_store_deleted_is_nobody_any_more_and_was_counted(house: Household) -> None:
    house.worlds["main"].delete(Kind.CUSTOMERS, 2)
    house.clock.instant += 60
    house.run()
    by_id, by_address = told(house, "2"), told(house, "bo@x.example")
    assert (by_id.records, by_address.records) == ((), ())
    assert (by_id.events, by_address.events) == ((), ())
    moved = house.mirror.raw.execute("SELECT customer_id, entered FROM moves WHERE customer_id = 0 ORDER BY entered")
    assert moved.fetchall() == [(0, 0), (0, 1)]


def test_somebody_to_whom_nothing_was_done_has_an_empty_history(house: Household) -> None:
    nobody = told(house, "nobody@x.example")
    assert (nobody.records, nobody.events, nobody.refusals) == ((), (), ())


def test_another_customer_of_the_same_id_in_another_store_is_another_person(tmp_path: Path) -> None:
    house = Household(tmp_path, SETTINGS.replace('audiences = ["news"]\n', ""), stores=("main", "outlet"), audiences=())
    for name in ("main", "outlet"):
        house.worlds[name].put_customer(1, email=f"{name}@x.example", number_of_orders=4)
    house.run()
    assert brief(told(house, "main@x.example").events) == ["1 entered many main", "1 add many main applied"]
    assert brief(told(house, "1", "outlet").events) == ["1 entered many outlet", "1 add many outlet applied"]
    assert len(told(house, "1").events) == 4
    house.mirror.close()


def test_what_was_done_in_an_audience_stays_when_the_settings_lose_it(house: Household) -> None:
    house.settings_text = house.settings_text.replace('[audiences.news]\nkind = "memory-list"\n', "").replace(
        'audiences = ["news"]\naudience_tag = "Many"\n', ""
    )
    assert "1 add Many news applied" in brief(told(house, "ada@x.example").events)


def test_every_change_of_consent_that_was_seen_is_told_with_its_times_and_sides(house: Household) -> None:
    house.clock.instant += 60
    at = house.clock.now()
    house.worlds["main"].put_customer(1, email_consent="UNSUBSCRIBED", email_consent_at=at - 30)
    house.lists["news"].put_contact("ada@x.example", ContactStatus.UNSUBSCRIBED)
    run = house.run().run
    told_of = [it for it in told(house, "ada@x.example").events if it.what == "consent"]
    assert [(it.store, it.target, it.before, it.after, it.run) for it in told_of] == [
        ("main", None, "SUBSCRIBED", "UNSUBSCRIBED", run),
        (None, "news", "subscribed", "unsubscribed", run),
    ]
    assert [it.changed_at for it in told_of] == [iso(at - 30), iso(at)]


def test_a_change_of_address_is_told_of_both_addresses(house: Household) -> None:
    house.clock.instant += 60
    house.worlds["main"].put_customer(1, email="new@x.example")
    house.run()
    old, new = told(house, "ada@x.example").events, told(house, "new@x.example").events
    assert [(it.before, it.after) for it in old if it.what == "consent"] == [("SUBSCRIBED", None)]
    assert [(it.before, it.after) for it in new if it.what == "consent"] == [(None, "SUBSCRIBED")]
