"""Going over to consent in masses is not believed before a person has looked; one by one, and away from it, always."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.cycle import Report, exit_code
from syncd.cycle.auditing import audit
from syncd.cycle.health import health
from syncd.mirror import doubts
from syncd.mirror.stores import saw_contact
from syncd.model import ContactStatus
from tests.support.household import Household

SETTINGS = """
[limits]
min_size = 3
max_consent_changes = "40%"

[segments.buyers]
query = "number_of_orders > 0"
audiences = ["news"]
audience_tag = "Buyer"
limits = { min_size = 1000 }
"""
DAY = 86_400


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, SETTINGS)
    yield made
    made.mirror.close()


def say(house: Household, consent: str | None, *numbers: int) -> None:
    house.clock.instant += 10
    for number in numbers:
        house.worlds["main"].put_customer(
            number,
            email=f"p{number}@x.example",
            email_consent=consent,
            email_consent_at=house.clock.now(),
            number_of_orders=1,
        )


def be(house: Household, status: ContactStatus, *numbers: int) -> None:
    house.clock.instant += 10
    for number in numbers:
        email = f"p{number}@x.example"
        house.lists["news"].put_contact(email, status, house.lists["news"].labels_of(email))


def labelled(house: Household) -> set[str]:
    return {subject.partition("@")[0] for subject in house.lists["news"].holders("Buyer")}


def doubted(report: Report) -> list[tuple[str, int]]:
    return [(row["target"], row["people"]) for row in report.held if not row["label"]]


def test_a_mass_change_to_subscribed_by_another_app_subscribes_nobody_until_a_person_says_so(house: Household) -> None:
    say(house, "NOT_SUBSCRIBED", *range(1, 11))
    house.run()
    say(house, "SUBSCRIBED", *range(1, 6))

    report = house.run()

    assert doubted(report) == [("main", 5)]
    assert (report.result, exit_code(report)) == ("held", 3)
    assert house.lists["news"].contacts() == {}
    house.clock.instant += 7 * DAY
    assert (doubted(house.run()), house.lists["news"].contacts()) == ([("main", 5)], {})
    assert [it.flips for it in doubts.approve(house.mirror, report.run)] == [5]
    assert doubted(house.run()) == []
    assert labelled(house) == {"p1", "p2", "p3", "p4", "p5"}


def test_few_who_subscribe_are_believed_at_once(house: Household) -> None:
    say(house, "NOT_SUBSCRIBED", *range(1, 11))
    house.run()
    say(house, "SUBSCRIBED", 1, 2, 3, 4)  # more than min_size, and not more than 40 %

    assert doubted(house.run()) == []
    assert labelled(house) == {"p1", "p2", "p3", "p4"}


def test_a_first_pull_of_subscribed_customers_doubts_nobody_and_notes_nothing(house: Household) -> None:
    say(house, "SUBSCRIBED", *range(1, 31))

    assert doubted(house.run()) == []
    assert house.mirror.raw.execute("SELECT count(*) FROM consent_changes").fetchone() == (0,)
    assert len(labelled(house)) == 30


def test_an_app_that_writes_slowly_is_noticed_over_several_runs(house: Household) -> None:
    say(house, "NOT_SUBSCRIBED", *range(1, 11))
    house.run()
    for numbers in ((1, 2), (3, 4)):
        say(house, "SUBSCRIBED", *numbers)
        assert doubted(house.run()) == []
    say(house, "SUBSCRIBED", 5)

    assert doubted(house.run()) == [("main", 5)]
    assert labelled(house) == {"p1", "p2", "p3", "p4"}
    house.clock.instant += 2 * DAY
    say(house, "SUBSCRIBED", 6)
    assert doubted(house.run()) == [("main", 5)]
    assert "p6" in labelled(house)


def test_consent_taken_back_is_believed_at_once_and_ends_the_doubt(house: Household) -> None:
    say(house, "UNSUBSCRIBED", *range(1, 6))
    house.run()
    say(house, "SUBSCRIBED", *range(1, 6))
    run = house.run().run
    say(house, "UNSUBSCRIBED", *range(1, 5))

    assert doubted(house.run()) == [("main", 1)]
    doubts.approve(house.mirror, run)
    house.run()
    assert labelled(house) == {"p5"}


def test_a_doubted_refusal_still_refuses_for_the_other_record_of_the_address(house: Household) -> None:
    say(house, "UNSUBSCRIBED", *range(1, 6))
    house.worlds["main"].put_customer(9, email="P1@x.example", email_consent="SUBSCRIBED", number_of_orders=1)
    house.run()
    say(house, "SUBSCRIBED", *range(1, 6))

    house.run()

    assert house.lists["news"].contacts() == {}


def test_doubted_people_are_not_made_contacts_without_consent_either(house: Household) -> None:
    house.write(SETTINGS)
    house.settings_text = house.settings_text.replace(
        'kind = "memory-list"\n', 'kind = "memory-list"\nnew_contacts = "transactional"\n'
    )
    house.worlds["main"].put_customer(7, email="seven@x.example", number_of_orders=1)
    say(house, "UNSUBSCRIBED", *range(1, 6))
    house.run(upto="pull")
    say(house, "SUBSCRIBED", *range(1, 6))

    house.run()

    assert labelled(house) == {"seven"}


def test_a_mass_return_of_the_unsubscribed_in_an_audience_gives_nobody_a_label(house: Household) -> None:
    say(house, "SUBSCRIBED", *range(1, 6))
    be(house, ContactStatus.UNSUBSCRIBED, 1, 2)
    be(house, ContactStatus.ARCHIVED, 3, 4)
    house.run()
    be(house, ContactStatus.SUBSCRIBED, 1, 2, 3, 4)

    report = house.run()

    assert doubted(report) == [("news", 4)]
    assert labelled(house) == {"p5"}
    assert {row["why"]: row["people"] for row in report.left_out} == {
        "left as before: many changed to subscribed at once, and that waits for a person": 4
    }
    doubts.approve(house.mirror, report.run)
    house.run()
    assert labelled(house) == {"p1", "p2", "p3", "p4", "p5"}


def test_a_label_of_ours_is_still_taken_off_a_contact_who_is_doubted(house: Household) -> None:
    say(house, "SUBSCRIBED", *range(1, 6))
    house.run()
    be(house, ContactStatus.UNSUBSCRIBED, *range(1, 6))
    house.run()
    be(house, ContactStatus.SUBSCRIBED, *range(1, 6))
    house.clock.instant += 1
    house.worlds["main"].put_customer(1, number_of_orders=0)

    assert doubted(house.run()) == [("news", 5)]
    assert labelled(house) == {"p2", "p3", "p4", "p5"}


def test_a_flip_seen_in_an_answer_to_our_own_write_is_doubted_as_well(house: Household) -> None:
    say(house, "SUBSCRIBED", *range(1, 6))
    be(house, ContactStatus.UNSUBSCRIBED, *range(1, 6))
    house.run()
    with house.mirror.transaction():
        for number in range(1, 6):
            contact = house.lists["news"].put_contact(f"p{number}@x.example", ContactStatus.SUBSCRIBED)
            saw_contact(house.mirror, "news", contact)

    assert doubted(house.run()) == [("news", 5)]
    assert labelled(house) == set()


def test_a_later_run_that_adds_to_a_doubt_needs_a_new_approval(house: Household) -> None:
    say(house, "NOT_SUBSCRIBED", *range(1, 11))
    house.run()
    say(house, "SUBSCRIBED", *range(1, 6))
    first = house.run().run
    say(house, "SUBSCRIBED", 6)
    second = house.run().run

    assert doubts.approve(house.mirror, first) == []
    assert [it.flips for it in doubts.approve(house.mirror, second)] == [6]


def test_a_crash_between_reading_and_judging_lets_nobody_through(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(house, "NOT_SUBSCRIBED", *range(1, 11))
    house.run()
    say(house, "SUBSCRIBED", *range(1, 6))
    monkeypatch.setattr("syncd.cycle.doubting.doubts.judge", _killed)
    with pytest.raises(KeyboardInterrupt):
        house.run()
    monkeypatch.undo()
    house.restart()

    assert doubted(house.run()) == [("main", 5)]
    assert house.lists["news"].contacts() == {}


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_doubt_shows_in_status_and_in_the_audit(house: Household) -> None:
    say(house, "NOT_SUBSCRIBED", *range(1, 11))
    house.run()
    say(house, "SUBSCRIBED", *range(1, 6))
    run = house.run().run

    (held,) = health(house.settings, house.mirror, house.clock.now()).holds
    assert (held["target"], held["run"], held["people"]) == ("main", run, 5)
    assert {(it.kind, it.address) for it in audit(house.settings, house.mirror)} == {
        ("doubted", f"p{number}@x.example") for number in range(1, 6)
    }
