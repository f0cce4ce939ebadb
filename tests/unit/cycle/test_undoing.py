"""Undo: what a run did is put back where it still stands, and stays put back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.memory import Ending, Faults, Killed, Mishap
from syncd.cycle import Report, Undoing, exit_code, undo
from syncd.cycle.explaining import explain
from syncd.cycle.health import health
from syncd.errors import UnsafePlanError
from syncd.mirror import people, runs, undone
from syncd.model import ContactStatus, Kind
from syncd.plan import Plan
from tests.support.household import MANY, Household


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, MANY, batch_size=2)
    yield made
    made.mirror.close()


def buyers(house: Household, *numbers: int, orders: int = 4) -> None:
    house.clock.instant += 60
    for number in numbers:
        house.worlds["main"].put_customer(
            number, email=f"p{number}@x.example", email_consent="SUBSCRIBED", number_of_orders=orders
        )


def undo_run(house: Household, run: int, **how: Any) -> tuple[Report, Plan]:
    house.clock.instant += 60
    return undo(house.services(), Undoing(**({"run": run, "yes": True} | how)))


def tagged(house: Household) -> set[int]:
    return house.worlds["main"].holders("many")


def labelled(house: Household) -> set[str]:
    return house.lists["news"].holders("many")


def bars(house: Household) -> list[tuple[str, str, str]]:
    return house.mirror.raw.execute("SELECT target, subject, action FROM undone ORDER BY 1, 2").fetchall()


def left_out(report: Report) -> dict[tuple[str, str], int]:
    return {(it["target"], it["why"]): it["people"] for it in report.left_out}


def test_what_a_run_added_is_taken_off_and_what_it_took_off_is_given_back(house: Household) -> None:
    buyers(house, 1, 2)
    house.run()
    buyers(house, 3)
    buyers(house, 1, orders=0)
    second = house.run()
    assert tagged(house) == {2, 3}

    report, _ = undo_run(house, second.run)

    assert tagged(house) == {1, 2}
    assert labelled(house) == {"p1@x.example", "p2@x.example"}
    assert report.applied == {"add": 2, "remove": 2}
    assert (report.result, report.undoes) == ("done", second.run)


def test_the_next_syncs_leave_undone_what_was_undone_and_say_so(house: Household) -> None:
    buyers(house, 1, 2)
    first = house.run()
    report, _ = undo_run(house, first.run)

    for _ in range(2):
        house.clock.instant += 60
        again = house.run()
        assert again.applied == {"add": 0, "remove": 0}
        why = f"left out: undone by run {report.run}"
        assert left_out(again) == {("main", why): 2, ("news", why): 2}
    assert not tagged(house) | labelled(house)


def test_an_undo_is_undone_by_the_same_means(house: Household) -> None:
    buyers(house, 1, 2)
    first = house.run()
    report, _ = undo_run(house, first.run)

    undo_run(house, report.run)

    assert tagged(house) == {1, 2}
    assert house.run().applied == {"add": 0, "remove": 0}
    assert bars(house) == []


def test_nothing_is_done_without_a_persons_word(house: Household) -> None:
    buyers(house, 1, 2)
    first = house.run()

    report, plan = undo_run(house, first.run, yes=False)

    assert (report.result, exit_code(report), len(plan.changes)) == ("held", 3, 4)
    assert tagged(house) == {1, 2}
    assert bars(house) == []
    assert runs.holds(house.mirror) == []


def test_who_is_asked_sees_the_plan_and_decides(house: Household) -> None:
    buyers(house, 1, 2)
    first = house.run()
    asked: list[int] = []

    def no(plan: Plan, report: Report) -> bool:
        asked.append(len(plan.changes))
        return False

    undo_run(house, first.run, yes=False, ask=no)
    assert (asked, tagged(house)) == ([4], {1, 2})

    undo_run(house, first.run, yes=False, ask=lambda plan, report: bool(report.stays))
    assert tagged(house) == set()


def test_only_the_very_plan_that_was_reviewed_is_done(house: Household) -> None:
    buyers(house, 1, 2)
    first = house.run()
    _, plan = undo_run(house, first.run, yes=False)
    house.worlds["main"].untag_by_hand(1, "many")

    with pytest.raises(UnsafePlanError, match="no longer the one you reviewed"):
        undo_run(house, first.run, yes=False, checksum=plan.checksum)
    assert tagged(house) == {2}

    _, plan = undo_run(house, first.run, yes=False)
    undo_run(house, first.run, yes=False, checksum=plan.checksum)
    assert tagged(house) == set()


def test_what_a_later_run_changed_is_left_alone(house: Household) -> None:
    buyers(house, 1, 2)
    first = house.run()
    buyers(house, 1, orders=0)
    second = house.run()

    report, _ = undo_run(house, first.run)

    assert tagged(house) == set()
    assert left_out(report) == {
        ("main", f"left alone: changed again by run {second.run}"): 1,
        ("news", f"left alone: changed again by run {second.run}"): 1,
    }


def test_what_a_hand_changed_is_left_alone(house: Household) -> None:
    buyers(house, 1, 2)
    house.run()
    buyers(house, 1, 2, orders=0)
    buyers(house, 3, 4)
    second = house.run()
    house.clock.instant += 60
    house.worlds["main"].tag_by_hand(1, "many")
    house.worlds["main"].untag_by_hand(3, "many")

    report, _ = undo_run(house, second.run)

    assert tagged(house) == {1, 2}
    told = {why: count for (target, why), count in left_out(report).items() if target == "main"}
    assert told == {"left alone: the tag is there again already": 1, "left alone: the tag is not there any more": 1}
    house.clock.instant += 60
    house.run()
    assert 1 in tagged(house)


def test_undoing_twice_does_nothing_the_second_time(house: Household) -> None:
    buyers(house, 1, 2)
    first = house.run()
    undo_run(house, first.run)

    report, plan = undo_run(house, first.run, yes=False)

    assert (plan.changes, report.result, exit_code(report)) == ([], "done", 0)


def test_nobody_gets_a_label_back_who_may_not_carry_it_now(house: Household) -> None:
    buyers(house, 1, 2, 3, 4, 5)
    house.run()
    buyers(house, 1, 2, 3, 4, 5, orders=0)
    second = house.run()
    house.write(MANY + '[suppress]\naddresses = ["p1@x.example"]\n')
    house.lists["news"].set_status("p2@x.example", ContactStatus.UNSUBSCRIBED)
    house.lists["news"].forget("p3@x.example")
    house.worlds["main"].delete(Kind.CUSTOMERS, 4)

    report, _ = undo_run(house, second.run)

    assert tagged(house) == {2, 3, 5}
    assert labelled(house) == {"p4@x.example", "p5@x.example"}
    assert left_out(report) == {
        ("main", "left alone: not there any more"): 1,
        ("main", "left out: on the exclusion list"): 1,
        ("news", "left alone: not there any more"): 1,
        ("news", "left out: on the exclusion list"): 1,
        ("news", "left alone: the contact's status forbids it"): 1,
    }


def test_a_label_of_somebody_else_is_never_touched(house: Household) -> None:
    buyers(house, 1)
    house.worlds["main"].tag_by_hand(1, "VIP")
    first = house.run()

    undo_run(house, first.run)

    assert house.worlds["main"].customer(1).tags == ("VIP",)


def test_a_label_given_back_stays_with_somebody_who_is_no_member(house: Household) -> None:
    buyers(house, 1, 2)
    house.run()
    buyers(house, 1, orders=0)
    second = house.run()
    report, _ = undo_run(house, second.run)

    house.clock.instant += 60
    again = house.run()

    assert tagged(house) == {1, 2}
    assert left_out(again)["main", f"left out: undone by run {report.run}"] == 1


def test_another_rule_ends_what_was_undone(house: Household) -> None:
    buyers(house, 1, 2)
    undo_run(house, house.run().run)
    house.write(MANY.replace(">= 3", ">= 4"))
    house.clock.instant += 60

    house.run()

    assert tagged(house) == {1, 2}
    assert bars(house) == []


def test_a_look_at_what_another_rule_would_do_ends_nothing(house: Household) -> None:
    buyers(house, 1, 2)
    undo_run(house, house.run().run)
    house.write(MANY.replace(">= 3", ">= 4"))
    _, plan = house.run_and_plan(upto="plan")
    assert len(plan.changes) == 4
    house.write(MANY)

    house.run()

    assert not tagged(house) | labelled(house)


def test_who_leaves_and_comes_back_gets_the_label(house: Household) -> None:
    buyers(house, 1, 2)
    undo_run(house, house.run().run)
    buyers(house, 1, orders=0)
    house.run()
    buyers(house, 1)

    house.run()

    assert tagged(house) == {1}


def test_a_hand_that_takes_off_what_was_given_back_ends_it(house: Household) -> None:
    buyers(house, 1, 2)
    house.run()
    buyers(house, 1, orders=0)
    undo_run(house, house.run().run)
    house.clock.instant += 60
    house.worlds["main"].untag_by_hand(1, "many")

    house.run()

    assert tagged(house) == {2}
    assert ("main", "1", "remove") not in bars(house)


def test_what_was_undone_is_released_by_a_person(house: Household) -> None:
    buyers(house, 1, 2)
    report, _ = undo_run(house, house.run().run)

    assert undone.release(house.mirror, report.run) == 4
    house.clock.instant += 60
    house.run()

    assert tagged(house) == {1, 2}


def test_the_exclusion_list_is_stronger_than_an_undo(house: Household) -> None:
    buyers(house, 1, 2)
    house.run()
    buyers(house, 1, orders=0)
    undo_run(house, house.run().run)
    assert tagged(house) == {1, 2}
    house.write(MANY + '[suppress]\naddresses = ["p1@x.example"]\n')
    house.clock.instant += 60

    house.run()

    assert tagged(house) == {2}
    assert labelled(house) == {"p2@x.example"}


def test_a_label_that_the_settings_no_longer_write_is_given_back_and_stays(house: Household) -> None:
    buyers(house, 1, 2)
    house.run()
    house.write('[segments.other]\nquery = "number_of_orders >= 9"\n')
    house.clock.instant += 60
    gone = house.run()
    assert not tagged(house)

    report, _ = undo_run(house, gone.run)

    assert tagged(house) == {1, 2}
    house.clock.instant += 60
    assert left_out(house.run())["main", f"left out: undone by run {report.run}"] == 2
    assert tagged(house) == {1, 2}


def test_what_an_undo_cannot_take_back_is_said(house: Household) -> None:
    buyers(house, 1, 2)
    first = house.run()

    report, _ = undo_run(house, first.run)

    assert report.stays == [
        f"2 contacts that run {first.run} made: syncd deletes and archives nobody",
        f"mail that automations of news sent because run {first.run} added a tag, 2 times",
    ]
    assert len(house.lists["news"].contacts()) == 2


@pytest.mark.parametrize("ending", list(Ending))
def test_an_undo_cut_short_is_repeated_and_ends_the_same(ending: Ending, house: Household) -> None:
    buyers(house, 1, 2, 3, 4, 5)
    first = house.run()
    house.worlds["main"].faults = Faults(mishap=Mishap(ending, 1, 0))
    house.clock.instant += 60
    try:
        undo_run(house, first.run)
    except Killed:
        house.restart()
    house.worlds["main"].faults = Faults()

    house.clock.instant += 60
    house.run()
    undo_run(house, first.run)
    house.clock.instant += 60
    assert house.run().applied == {"add": 0, "remove": 0}

    assert not tagged(house) | labelled(house)


def test_a_service_that_is_away_leaves_its_part_to_a_second_go(house: Household) -> None:
    buyers(house, 1, 2)
    first = house.run()
    house.lists["news"].faults = Faults(unreachable=True)

    report, _ = undo_run(house, first.run)
    assert (report.result, tagged(house), len(labelled(house))) == ("partial", set(), 2)

    house.lists["news"].faults = Faults()
    undo_run(house, first.run)
    assert labelled(house) == set()


def test_what_the_service_refuses_is_kept_in_its_words_and_not_barred(house: Household) -> None:
    buyers(house, 1, 2)
    first = house.run()
    house.worlds["main"].faults = Faults(refuse={"1": "locked"})

    report, _ = undo_run(house, first.run)
    house.clock.instant += 60
    house.run()

    assert report.refused == 1
    assert tagged(house) == {1}
    assert ("main", "1", "add") not in bars(house)


def test_a_killed_run_is_undone_as_far_as_it_came(house: Household) -> None:
    buyers(house, 1, 2, 3, 4, 5)
    house.worlds["main"].faults = Faults(mishap=Mishap(Ending.KILLED, 1, 1))
    with pytest.raises(Killed):
        house.run()
    house.restart()
    house.worlds["main"].faults = Faults()
    run = runs.last(house.mirror, 1)[0].run
    came = tagged(house)
    assert came

    undo_run(house, run)

    assert tagged(house) == set()


def test_an_undo_is_a_run_in_the_books(house: Household) -> None:
    buyers(house, 1)
    first = house.run()
    report, _ = undo_run(house, first.run)

    last = runs.last(house.mirror, 1)[0]
    assert (last.run, last.command, last.result) == (report.run, "undo", "done")
    assert {it.reason for it in runs.changes(house.mirror, report.run)} == {f"run {first.run} undone"}


def test_explain_and_status_tell_what_stays_undone(house: Household) -> None:
    buyers(house, 1, 2)
    report, _ = undo_run(house, house.run().run)

    found = people.records(house.mirror, people.sought("1"), ["main"])
    told = explain(house.settings, house.mirror, house.clock.now(), found)

    assert {label.why for it in told for label in it.labels} == {
        f"taken off again by run {report.run}, and left so (syncd approve {report.run})"
    }
    assert health(house.settings, house.mirror, house.clock.now()).undone == {report.run: 4}
