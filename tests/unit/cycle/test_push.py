"""Pushing: only what an answer names counts as done, and what was released goes on by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.memory import Ending, Faults, Killed, Mishap
from syncd.cycle import exit_code
from syncd.errors import FatalError, UnsafePlanError
from syncd.mirror import ledger, runs, turned_away
from syncd.model import ContactStatus, Kind
from tests.support.household import MANY, Household


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, MANY)
    yield made
    made.mirror.close()


def buyers(house: Household, first: int, last: int, *, consent: str = "SUBSCRIBED") -> None:
    for number in range(first, last + 1):
        house.worlds["main"].put_customer(
            number, email=f"p{number}@x.example", email_consent=consent, number_of_orders=4
        )


def tagged(house: Household) -> int:
    return len(house.worlds["main"].holders("many"))


def labelled(house: Household) -> int:
    return len(house.lists["news"].holders("many"))


def test_members_get_the_tag_and_the_label_and_leavers_lose_both(house: Household) -> None:
    buyers(house, 1, 5)
    house.run()
    house.clock.instant += 60
    house.worlds["main"].put_customer(2, number_of_orders=0)

    report = house.run()

    assert house.worlds["main"].holders("many") == {1, 3, 4, 5}
    assert house.lists["news"].holders("many") == {f"p{n}@x.example" for n in (1, 3, 4, 5)}
    assert report.applied == {"add": 0, "remove": 2}


def test_a_cycle_with_nothing_to_do_writes_nothing_and_reads_each_kind_once(house: Household) -> None:
    buyers(house, 1, 40)
    house.run()

    report = house.run()

    assert report.calls["main"] == {"check": 1, "customers": 1, "orders": 1, "products": 1, "checkouts": 1}
    assert report.calls["news"] == {"contacts": 1}
    assert report.result == "done"


def test_an_answer_that_names_nobody_is_read_back_and_told_truly(house: Household) -> None:
    buyers(house, 1, 3)
    house.worlds["main"].faults = Faults(unnamed={"1": True, "2": False})

    report = house.run()

    assert report.applied["add"] == 5
    assert (report.failed, report.unknown, report.result) == (1, 0, "partial")
    assert house.worlds["main"].holders("many") == {1, 3}


def test_a_lost_answer_is_read_back_and_nothing_is_sent_twice(house: Household) -> None:
    buyers(house, 1, 3)
    house.worlds["main"].faults = Faults(mishap=Mishap(Ending.LOST, done=2, told=1))

    report = house.run()
    house.run()

    added = [event.subject for event in house.worlds["main"].history if event.what == "added"]
    assert (report.applied["add"], report.failed) == (5, 1)
    assert sorted(added) == ["1", "2", "3"]


def test_a_refusal_keeps_the_services_words_and_is_not_tried_again_until_something_changes(house: Household) -> None:
    buyers(house, 1, 3)
    house.lists["news"].faults = Faults(refuse={"p2@x.example": "looks fake"})

    report = house.run()
    again = house.run()

    assert (report.refused, report.result, exit_code(report)) == (1, "done", 0)
    assert turned_away.one(house.mirror, "news", "p2@x.example").answer == "looks fake"
    assert again.calls["news"] == {"contacts": 1}
    house.lists["news"].faults = Faults()
    house.clock.instant += 60
    house.lists["news"].put_contact("p2@x.example", ContactStatus.SUBSCRIBED)
    house.run()
    assert labelled(house) == 3
    assert turned_away.one(house.mirror, "news", "p2@x.example") is None


def test_a_first_push_waits_for_a_person_and_is_released_by_an_approval(house: Household) -> None:
    buyers(house, 1, 30)

    report = house.run(yes=False)

    assert (report.result, exit_code(report), tagged(house), labelled(house)) == ("held", 3, 0, 0)
    assert runs.approve(house.mirror, report.run, house.clock.now()) == 2
    house.run(yes=False)
    assert (tagged(house), labelled(house)) == (30, 30)


def test_an_approval_is_good_for_the_reviewed_changes_only(house: Household) -> None:
    buyers(house, 1, 30)
    report = house.run(yes=False)
    runs.approve(house.mirror, report.run, house.clock.now())
    house.clock.instant += 60
    buyers(house, 31, 31)

    assert house.run(yes=False).result == "held"
    assert tagged(house) == 0


def test_a_reviewed_plan_is_applied_exactly_or_not_at_all(house: Household) -> None:
    buyers(house, 1, 30)
    _, plan = house.run_and_plan(upto="plan", yes=False)
    house.clock.instant += 60
    buyers(house, 31, 31)

    with pytest.raises(UnsafePlanError, match="no longer the one you reviewed"):
        house.run(checksum=plan.checksum, yes=False)
    assert tagged(house) == 0

    _, plan = house.run_and_plan(upto="plan", yes=False)
    house.run(checksum=plan.checksum, yes=False)
    assert tagged(house) == 31


def test_a_plan_changes_nothing_at_any_service(house: Household) -> None:
    buyers(house, 1, 30)

    house.run(upto="plan")

    assert (tagged(house), labelled(house)) == (0, 0)
    assert "write" not in house.calls["main"] + house.calls["news"]


def test_a_released_push_that_was_killed_goes_on_by_itself(house: Household) -> None:
    buyers(house, 1, 60)
    house.batch_size = 10
    house.lists["news"].faults = Faults(mishap=Mishap(Ending.KILLED, done=5, told=2))
    with pytest.raises(Killed):
        house.run()
    house.restart()

    report = house.run(yes=False)

    assert (report.result, tagged(house), labelled(house)) == ("done", 60, 60)


def test_what_a_crash_left_in_doubt_is_read_at_the_store_itself_and_not_in_a_listing_that_lags(
    house: Household,
) -> None:
    buyers(house, 1, 3)
    house.clock.instant += 200
    world = house.worlds["main"]
    world.faults = Faults(mishap=Mishap(Ending.KILLED, done=3, told=0))
    with pytest.raises(Killed):
        house.run()
    house.restart()
    world.lag = 100
    house.write(MANY.replace(">= 3", ">= 9"))
    house.run()
    house.clock.instant += 200

    house.run()

    assert tagged(house) == 0


def test_a_person_new_to_the_audience_is_created_once_however_many_labels_they_get(house: Household) -> None:
    house.write(MANY + '\n[segments.any]\nquery = "number_of_orders > 0"\ntag = "any"\naudiences = ["news"]\n')
    house.batch_size = 2
    buyers(house, 1, 5)

    report = house.run()

    created = [event.subject for event in house.lists["news"].history if event.what == "created"]
    assert len(created) == len(set(created)) == report.created == 5


def test_too_many_leavers_are_held_and_nobody_loses_anything(house: Household) -> None:
    buyers(house, 1, 60)
    house.run()
    house.clock.instant += 60
    for number in range(1, 41):
        house.worlds["main"].put_customer(number, number_of_orders=0)

    report = house.run()

    assert report.result == "held"
    assert "from 40 of 60" in report.held[0]["why"]
    assert (tagged(house), labelled(house)) == (60, 60)


def test_a_segment_taken_out_of_the_file_has_its_labels_withdrawn(house: Household) -> None:
    buyers(house, 1, 5)
    house.worlds["main"].put_customer(9, tags=("many",))
    house.run()
    house.write('[segments.other]\nquery = "number_of_orders > 90"\ntag = "other"\naudiences = ["news"]')

    house.run()

    assert house.worlds["main"].holders("many") == {9}
    assert labelled(house) == 0


def test_a_disabled_segment_rests(house: Household) -> None:
    buyers(house, 1, 5)
    house.run()
    house.write(MANY + "enabled = false\n")
    house.worlds["main"].put_customer(2, number_of_orders=0)
    house.clock.instant += 60

    house.run()

    assert (tagged(house), labelled(house)) == (5, 5)


def test_what_goes_on_by_itself_is_what_was_released_and_nobody_else(house: Household) -> None:
    buyers(house, 1, 60)
    house.batch_size = 10
    house.lists["news"].faults = Faults(mishap=Mishap(Ending.KILLED, done=5, told=2))
    with pytest.raises(Killed):
        house.run()
    house.restart()
    house.clock.instant += 60
    for number in range(31, 61):
        house.worlds["main"].put_customer(number, number_of_orders=0)
    buyers(house, 101, 130)

    report = house.run(yes=False)

    assert {hold["target"] for hold in report.held} == {"main", "news"}
    assert labelled(house) == 5


def test_people_who_carry_the_tag_by_hand_do_not_water_the_limits_down(house: Household) -> None:
    buyers(house, 1, 30)
    house.run()
    for number in range(1_000, 1_400):
        house.worlds["main"].put_customer(number, tags=("many",))
    house.clock.instant += 60
    for number in range(1, 31):
        house.worlds["main"].put_customer(number, number_of_orders=0)

    house.run()

    assert len(house.worlds["main"].holders("many")) == 430


def test_an_error_of_the_mirror_in_mid_push_settles_nothing(house: Household, monkeypatch: pytest.MonkeyPatch) -> None:
    buyers(house, 1, 3)

    def locked(*_: object) -> None:
        raise FatalError("the database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "settle", locked)
        report = house.run()
    house.write(MANY.replace(">= 3", ">= 9"))
    house.run()

    assert report.applied == {"add": 0, "remove": 0}
    assert (tagged(house), labelled(house)) == (0, 0)


def test_the_merchants_own_tag_is_never_ours(house: Household) -> None:
    buyers(house, 1, 2)
    house.worlds["main"].tag_by_hand(1, "MANY")
    house.run()
    house.clock.instant += 60
    for number in (1, 2):
        house.worlds["main"].put_customer(number, number_of_orders=0)

    house.run()

    assert house.worlds["main"].holders("many") == {1}


def test_a_segment_whose_input_failed_keeps_members_and_labels_and_says_why(house: Household) -> None:
    buyers(house, 1, 5)
    house.run()
    house.worlds["main"].delete(Kind.CUSTOMERS, 1)
    house.worlds["main"].faults = Faults(unreachable=True)

    report = house.run()

    assert (tagged(house), labelled(house)) == (4, 5)
    assert report.kept[0]["segment"] == "many"
    assert exit_code(report) == 4


def test_one_store_that_fails_leaves_the_others_alone(tmp_path: Path) -> None:
    text = '[segments.many]\nquery = "number_of_orders >= 3"\ntag = "many"\n'
    house = Household(tmp_path, text, stores=("north", "south"), audiences=())
    for world in house.worlds.values():
        world.put_customer(1, number_of_orders=5)
    house.worlds["north"].faults = Faults(key_refused=True)

    report = house.run()
    house.mirror.close()

    assert house.worlds["south"].holders("many") == {1}
    assert (report.result, exit_code(report)) == ("partial", 4)


def test_a_store_that_came_back_catches_up(house: Household) -> None:
    buyers(house, 1, 5)
    house.worlds["main"].faults = Faults(unreachable=True)
    house.run()
    house.worlds["main"].faults = Faults()

    assert house.run().result == "done"
    assert (tagged(house), labelled(house)) == (5, 5)


def test_nobody_is_created_without_the_stores_consent_and_nobodys_status_is_changed(house: Household) -> None:
    buyers(house, 1, 1)
    for number, consent in enumerate(("NOT_SUBSCRIBED", "PENDING", "UNSUBSCRIBED", "INVALID", "REDACTED", None), 2):
        buyers(house, number, number, consent=consent)
    house.lists["news"].put_contact("p4@x.example", ContactStatus.UNSUBSCRIBED)

    report = house.run()

    statuses = {it.subject: it.status for it in house.lists["news"].contacts().values()}
    assert statuses == {"p1@x.example": ContactStatus.SUBSCRIBED, "p4@x.example": ContactStatus.UNSUBSCRIBED}
    assert labelled(house) == 1
    assert {row["why"]: row["people"] for row in report.left_out} == {
        "left out: no consent in the store": 4,  # who is redacted is not in the mirror at all
        "left alone: the contact's status forbids it": 1,
    }


def test_a_refusal_on_any_record_of_an_address_wins(house: Household) -> None:
    buyers(house, 1, 1)
    house.worlds["main"].put_customer(2, email="P1@X.example", email_consent="UNSUBSCRIBED", number_of_orders=0)

    house.run()

    assert house.lists["news"].contacts() == {}


def test_a_customer_in_several_segments_carries_all_their_tags(house: Household) -> None:
    house.write(MANY + '\n[segments.any]\nquery = "number_of_orders > 0"\ntag = "Any"\naudiences = ["news"]\n')
    buyers(house, 1, 2)

    house.run()

    assert set(house.worlds["main"].tags_of(1)) == {"many", "Any"}
    assert set(house.lists["news"].labels_of("p1@x.example")) == {"many", "Any"}


def test_a_deleted_customer_leaves_the_segment_and_the_audience_loses_the_label(house: Household) -> None:
    buyers(house, 1, 5)
    house.run()
    house.clock.instant += 600
    house.worlds["main"].delete(Kind.CUSTOMERS, 3)

    house.run()

    assert house.lists["news"].labels_of("p3@x.example") == ()
    assert house.lists["news"].status_of("p3@x.example") is ContactStatus.SUBSCRIBED


def test_a_label_that_was_there_becomes_ours_where_the_segment_adopts(house: Household) -> None:
    house.write(MANY + "adopt = true\n")
    buyers(house, 1, 1)
    house.worlds["main"].tag_by_hand(1, "many")
    house.run()
    house.clock.instant += 60
    house.worlds["main"].put_customer(1, number_of_orders=0)

    house.run()

    assert tagged(house) == 0


def test_only_one_segment_and_only_the_pull_can_be_asked_for(house: Household) -> None:
    house.write(MANY + '\n[segments.any]\nquery = "number_of_orders > 0"\ntag = "any"\n')
    buyers(house, 1, 2)

    assert house.run(upto="pull").pulled["main"]["customers"] >= 2
    assert house.worlds["main"].tags_of(1) == ()
    house.run(segment="any")
    assert house.worlds["main"].tags_of(1) == ("any",)


def test_a_run_for_one_segment_leaves_what_others_wait_for_as_it_is(house: Household) -> None:
    house.write(MANY + '\n[segments.any]\nquery = "number_of_orders > 0"\ntag = "any"\n')
    buyers(house, 1, 30)
    first = house.run(yes=False)
    runs.approve(house.mirror, first.run, house.clock.now())

    house.run(yes=False, segment="any")
    house.run(yes=False)

    assert (tagged(house), labelled(house), len(house.worlds["main"].holders("any"))) == (30, 30, 30)


def test_a_hold_goes_with_its_segment(house: Household) -> None:
    buyers(house, 1, 30)
    house.run(yes=False)
    house.write('[segments.other]\nquery = "number_of_orders > 90"\ntag = "other"\n')

    house.run(yes=False)

    assert runs.holds(house.mirror) == []


def test_a_run_for_one_store_writes_to_that_store_only(tmp_path: Path) -> None:
    text = '[segments.many]\nquery = "number_of_orders >= 3"\ntag = "many"\n'
    house = Household(tmp_path, text, stores=("north", "south"), audiences=())
    for world in house.worlds.values():
        world.put_customer(1, number_of_orders=5)
    house.run(upto="plan")

    house.run(store="south")
    house.mirror.close()

    assert (house.worlds["north"].holders("many"), house.worlds["south"].holders("many")) == (set(), {1})


def test_rows_that_stay_lost_are_all_read_again(house: Household) -> None:
    buyers(house, 1, 3)
    house.run()
    house.clock.instant += 1_000
    house.worlds["main"].put_customer(3, number_of_orders=5)
    house.run()
    house.mirror.raw.execute("DELETE FROM customers WHERE id = 2")

    first = house.run()
    house.clock.instant += 400
    house.run()
    third = house.run()

    assert (first.result, exit_code(first)) == ("partial", 1)
    assert third.result == "done"
    assert third.pulled["main"]["customers"] >= 3


def test_a_run_for_one_store_makes_no_contact_without_the_other_stores_word(tmp_path: Path) -> None:
    house = Household(tmp_path, MANY, stores=("a", "b"))
    house.worlds["a"].put_customer(1, email="p@x.example", email_consent="SUBSCRIBED", number_of_orders=5)
    house.worlds["b"].put_customer(1, email="p@x.example", email_consent="UNSUBSCRIBED", number_of_orders=5)

    house.run(store="a")
    house.run()
    house.mirror.close()

    assert house.lists["news"].contacts() == {}


def test_a_rule_that_asks_for_a_segment_waits_until_that_one_is_evaluated(house: Household) -> None:
    house.write(
        '[segments.y]\nquery = "number_of_orders > 0"\n[segments.x]\nquery = "segments NOT CONTAINS \'y\'"\ntag = "x"\n'
    )
    buyers(house, 1, 3)

    report = house.run(segment="x")

    assert "y, which it asks for, is not evaluated" in report.kept[0]["why"]
    assert house.worlds["main"].holders("x") == set()


def test_a_refusal_is_forgotten_once_nobody_wants_the_change(house: Household) -> None:
    buyers(house, 1, 3)
    house.lists["news"].faults = Faults(refuse={"p2@x.example": "looks fake"})
    house.run()
    house.lists["news"].faults = Faults()
    house.clock.instant += 60
    house.worlds["main"].put_customer(2, number_of_orders=0)
    house.run()

    assert list(ledger.refusals(house.mirror)) == []


def test_an_answer_that_cannot_be_understood_ends_one_service_only(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyers(house, 1, 3)
    services = house.services()
    monkeypatch.setattr(type(services.audiences["news"].contacts), "peek", lambda *_: 1 / 0 if _ else None)

    report = house.run()

    assert report.result == "failed"
    assert all("ZeroDivisionError" in failure.message for failure in report.failures)


def test_another_list_under_a_known_name_is_neither_read_nor_written(house: Household) -> None:
    buyers(house, 1, 5)
    house.run()
    house.settings_text = house.settings_text.replace('kind = "memory-list"', 'kind = "memory-list"\nlist = "second"')

    report = house.run()

    assert [failure.where for failure in report.failures] == ["news"]
    assert "another account than before" in report.failures[0].message
    assert house.calls["news"] == {}


def test_a_fatal_error_after_a_write_leaves_it_in_doubt_until_it_was_read_back(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyers(house, 1, 3)
    kind = type(house.services().stores["main"].tags)
    apply = kind.apply

    def applied_and_then_fatal(target: object, changes: object) -> Iterator[object]:
        list(apply(target, changes))
        raise FatalError("the answer was of another version")
        yield

    with monkeypatch.context() as patch:
        patch.setattr(kind, "apply", applied_and_then_fatal)
        report = house.run()
    house.write(MANY.replace(">= 3", ">= 9"))
    house.run()

    assert report.failures[0].where == "main"
    assert tagged(house) == 0
