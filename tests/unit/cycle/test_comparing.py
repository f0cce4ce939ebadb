"""Once a day all is compared with what the services list: what a count hides, and what a cursor cannot see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.memory import Faults, MailingList, World, open_store
from syncd.clock import iso
from syncd.cycle.health import health
from syncd.cycle.pull import OVERLAP, LostRowsError, Puller
from syncd.errors import FatalError, RetriableError
from syncd.mirror import drift, runs, shapes
from syncd.mirror.care import SLACK
from syncd.mirror.listing import Listing
from syncd.mirror.shelves import Shelf
from syncd.model import ContactStatus, Customer, Kind
from syncd.ports import Missing, Page
from tests.support.household import MANY, Household

DAY = 86_400


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    made = Household(tmp_path, MANY)
    for number in range(1, 41):
        made.worlds["main"].put_customer(
            number, email=f"p{number}@x.example", email_consent="SUBSCRIBED", number_of_orders=4
        )
    made.run()
    made.clock.instant += 3600
    made.worlds["main"].put_customer(40, number_of_orders=5)
    made.lists["news"].put_contact("late@x.example")
    made.run()
    yield made
    made.mirror.close()


def main(house: Household) -> World:
    return house.worlds["main"]


def news(house: Household) -> MailingList:
    return house.lists["news"]


def silently(people: MailingList, email: str, *labels: str) -> None:
    """Change a contact's labels as the services do at times: the time of change stays."""
    contact = people.contacts()[email]
    people.put_contact(contact.email, contact.status, labels, changed_at=contact.changed_at)


def test_a_deletion_that_an_arrival_hides_is_seen_within_a_day(house: Household) -> None:
    old = house.clock.now() - 7200  # what came to be shown though it changed long ago moves no window
    main(house).delete(Kind.CUSTOMERS, 1)
    main(house).put_customer(41, email="p41@x.example", number_of_orders=4, updated_at=old)
    assert house.run().removed == {}

    house.clock.instant += DAY
    report = house.run()

    assert report.removed["main"] == {"customers": 1}
    assert report.moved["many"] == {"entered": 1, "left": 1, "size": 40}
    assert "many" not in news(house).labels_of("p1@x.example")


def test_it_is_done_on_demand_and_then_not_again_for_a_day(house: Household) -> None:
    house.run()
    calls = sum(house.calls["main"].values())

    house.run(compare="now")
    assert sum(house.calls["main"].values()) > calls

    house.clock.instant += DAY - 1
    house.run()
    assert sum(house.calls["main"].values()) == calls


def test_a_contact_that_was_deleted_for_good_leaves_the_mirror(house: Household) -> None:
    news(house).forget("p7@x.example")
    news(house).put_contact("somebody@x.example")

    report = house.run(compare="now")

    assert report.removed["news"] == {"contacts": 1}


def test_a_contact_that_was_archived_is_known_to_be(house: Household) -> None:
    contact = news(house).contacts()["p7@x.example"]
    news(house).put_contact(contact.email, ContactStatus.ARCHIVED, contact.labels, changed_at=contact.changed_at)

    house.run(compare="now")

    status = "SELECT status FROM contacts WHERE subject = 'p7@x.example'"
    assert house.mirror.raw.execute(status).fetchone() == ("archived",)


def test_a_label_that_somebody_took_off_silently_comes_back_and_is_told(house: Household) -> None:
    silently(news(house), "p3@x.example")
    assert house.run().applied == {"add": 0, "remove": 0}

    report = house.run(compare="now")

    assert [(it.target, it.label, it.missing, it.foreign) for it in report.drift] == [("news", "many", 1, 0)]
    assert news(house).labels_of("p3@x.example") == ("many",)
    assert house.run(compare="now").drift == []


def test_a_label_that_somebody_gave_to_a_non_member_is_theirs_and_is_told(house: Household) -> None:
    main(house).put_customer(50, email="guest@x.example", number_of_orders=0, tags=("many",))
    news(house).put_contact("guest@x.example", labels=("many",))

    report = house.run(compare="now")

    assert {(it.target, it.missing, it.foreign) for it in report.drift} == {("main", 0, 1), ("news", 0, 1)}
    assert report.applied == {"add": 0, "remove": 0}
    assert 50 in main(house).holders("many")
    assert "guest@x.example" in news(house).holders("many")
    told = health(house.settings, house.mirror, house.clock.now()).drift
    assert [(it["target"], it["foreign"]) for it in told] == [("main", 1), ("news", 1)]


def test_the_drift_of_a_label_that_nobody_wants_any_more_is_not_told(house: Household) -> None:
    main(house).put_customer(50, tags=("many",))
    house.run(compare="now")
    house.write("")
    for _ in range(2):
        runs.approve(house.mirror, house.run().run, house.clock.now())

    assert drift.kept(house.mirror) == []


class Feed:
    """A store's customers, whose listing can be made to lie."""

    def __init__(self, world: World) -> None:
        self._feed: Any = open_store("main", world, page_size=10).source.customers
        self.hidden: list[set[int]] = []
        self.more = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._feed, name)

    def count(self) -> int:
        return int(self._feed.count()) + self.more

    def ids(self) -> Iterator[Page[int]]:
        hidden = self.hidden.pop(0) if self.hidden else set()
        for page in self._feed.ids():
            yield Page([key for key in page.rows if key not in hidden])


def puller(house: Household, feed: Any, *, partial: bool = False) -> Puller[Customer]:
    shelf = Shelf(house.mirror, "main", "customers", shapes.CUSTOMERS)
    return Puller(shelf, feed, house.clock, lambda _: None, partial=partial)


def here(house: Household) -> int:
    return int(house.mirror.raw.execute("SELECT count(*) FROM customers").fetchone()[0])


def test_what_one_listing_lacks_and_the_next_has_is_not_deleted(house: Household) -> None:
    feed = Feed(main(house))
    feed.more = -1
    feed.hidden = [{5}]

    assert puller(house, feed).compare(whole=False).removed == 0
    assert here(house) == 40


def test_a_listing_shorter_than_the_count_deletes_nothing(house: Household) -> None:
    feed = Feed(main(house))
    feed.hidden = [{5, 6}, {5, 6}]

    with pytest.raises(FatalError, match="counts 40 rows and lists 38; nothing was deleted"):
        puller(house, feed).compare(whole=False)
    assert here(house) == 40


def test_a_reading_that_breaks_off_deletes_nothing(house: Household) -> None:
    main(house).faults = Faults(break_off=1)

    with pytest.raises(RetriableError):
        puller(house, Feed(main(house))).compare(whole=True)
    assert here(house) == 40


def test_a_comparison_that_breaks_off_is_told_and_what_was_pulled_is_used(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Puller[Customer], **_options: bool) -> None:
        raise RetriableError("the service stopped answering")

    monkeypatch.setattr(Puller, "compare", broken)
    main(house).put_customer(60, number_of_orders=4)

    report = house.run(compare="now")

    assert (report.result, report.moved["many"]["entered"]) == ("partial", 1)
    assert house.run(compare="never").result == "done"


def test_very_much_at_once_is_not_believed(house: Household) -> None:
    for number in range(1, 31):
        main(house).delete(Kind.CUSTOMERS, number)
        main(house).put_customer(100 + number)

    report = house.run(compare="now")

    assert report.result == "partial"
    assert "nothing was deleted" in report.failures[0].message
    assert report.applied == {"add": 0, "remove": 0}
    assert house.run(full=True).removed["main"] == {"customers": 30}


def test_what_has_only_just_come_is_not_taken_for_deleted(house: Household) -> None:
    main(house).put_customer(41)
    feed = Feed(main(house))
    puller(house, feed).pull()
    feed.more = -1
    feed.hidden = [{41}, {41}]

    assert puller(house, feed).compare(whole=False).removed == 0
    house.clock.instant += OVERLAP + 1
    feed.hidden = [{41}, {41}]
    assert puller(house, feed).compare(whole=False).removed == 1


def test_a_row_that_the_counts_hid_is_read_though_it_is_old(house: Household) -> None:
    house.mirror.raw.execute("DELETE FROM customers WHERE id = 9")
    main(house).delete(Kind.CUSTOMERS, 8)

    report = house.run(compare="now")

    assert report.result == "done"
    assert house.mirror.raw.execute("SELECT group_concat(id) FROM customers WHERE id IN (8, 9)").fetchone() == ("9",)


def test_a_row_that_is_listed_and_never_comes_fails_the_pull(house: Household) -> None:
    class Stingy(Feed):
        def pages(self, since: int | None, expected: int | None = None, **how: Any) -> Iterator[Page[Customer]]:
            for page in self._feed.pages(since, expected, **how):
                yield Page([row for row in page.rows if row.id != 9], page.cursor)

    house.mirror.raw.execute("DELETE FROM customers WHERE id = 9")

    with pytest.raises(LostRowsError, match="40 rows, 39 arrived"):
        puller(house, Stingy(main(house))).compare(whole=False)


def test_orders_that_are_only_invisible_are_not_deleted(house: Household) -> None:
    main(house).put_order(1, created_at=house.clock.now() - 100 * DAY, customer_id=1)
    main(house).put_order(2, customer_id=1)
    house.run()
    visible_from = house.clock.now() - 60 * DAY
    main(house).missing = (
        Missing("scope read_all_orders", costs="older orders are invisible", visible_from=visible_from),
    )

    report = house.run(compare="now")

    assert (report.result, report.removed) == ("done", {})
    assert house.mirror.raw.execute("SELECT count(*) FROM orders").fetchone() == (2,)


def test_a_row_dated_in_the_future_keeps_no_later_change_out(house: Household) -> None:
    main(house).put_customer(5, number_of_orders=4, updated_at=house.clock.now() + 400 * DAY)
    house.run()
    house.clock.instant += 7200
    main(house).put_customer(5, number_of_orders=0)
    main(house).put_customer(6, number_of_orders=0)

    house.run()

    counts = house.mirror.raw.execute("SELECT number_of_orders FROM customers WHERE id IN (5, 6)").fetchall()
    assert counts == [(0,), (0,)]


def test_an_audience_that_does_not_count_its_archived_is_not_read_again_while_it_is_quiet(house: Household) -> None:
    class Hiding:
        """An audience's contacts as Mailchimp shows them: a peek knows nothing of the archived."""

        def __init__(self, feed: Any) -> None:
            self._feed = feed
            self.read = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(self._feed, name)

        def peek(self, since: int) -> Any:
            found = self._feed.peek(since)
            rows = [row for row in found.rows if row.status is not ContactStatus.ARCHIVED]
            return msgspec.structs.replace(found, rows=rows[:5], window=len(rows), whole=None)

        def pages(self, since: int | None, expected: int | None = None, **how: Any) -> Any:
            self.read += 1
            return self._feed.pages(since, expected, **how)

    people = news(house)
    for number in range(8):
        people.put_contact(f"new{number}@x.example")
    people.put_contact("gone@x.example", ContactStatus.ARCHIVED)
    feed = Hiding(house.services().audiences["news"].contacts)
    shelf = Shelf(house.mirror, "news", shapes.CONTACTS_FEED, shapes.CONTACTS)

    for _ in range(4):
        Puller(shelf, feed, house.clock, lambda _: None).pull()
    quiet = feed.read
    people.set_status("new3@x.example", ContactStatus.ARCHIVED)
    Puller(shelf, feed, house.clock, lambda _: None).pull()

    assert quiet <= 2
    assert feed.read == quiet + 1


def test_a_clock_that_went_back_is_told_once_and_nothing_is_lost(house: Household) -> None:
    house.run()
    house.clock.instant -= 60 * DAY
    main(house).put_customer(60, number_of_orders=4, updated_at=house.clock.now() + 60 * DAY + 10)

    report = house.run()

    assert [(it.where, it.stage) for it in report.failures] == [("clock", "check")]
    assert report.moved["many"]["entered"] == 1
    assert house.run().failures == []


def test_a_clock_that_went_back_hides_no_age(house: Household) -> None:
    house.run()
    house.clock.instant -= 3 * DAY

    found = health(house.settings, house.mirror, house.clock.now())

    assert not found.ok
    for part in (found.stores["main"], found.audiences["news"], found.segments["many"]):
        assert part.age_s == 0
        assert part.why.endswith("the clock of this machine went back")
    house.run()
    assert health(house.settings, house.mirror, house.clock.now()).stores["main"].ok


def test_status_tells_the_rows_of_both_sides_and_since_when_something_fails(house: Household) -> None:
    house.run()
    kinds = health(house.settings, house.mirror, house.clock.now()).stores["main"].kinds
    assert (kinds["customers"].rows, kinds["customers"].counted) == (40, 40)
    assert kinds["customers"].counted_at is not None
    assert kinds["customers"].compared_at is not None
    main(house).faults = Faults(unreachable=True)
    began = house.clock.now()
    for _ in range(3):
        house.run()
        house.clock.instant += 600

    found = health(house.settings, house.mirror, house.clock.now())

    assert found.segments["many"].size == 40
    assert found.segments["many"].failing_since == iso(began)
    assert "could not be reached" in found.segments["many"].why
    assert not found.ok


def test_a_clock_that_is_set_right_by_a_little_is_not_told(house: Household) -> None:
    house.run()
    house.clock.instant -= SLACK

    assert house.run().failures == []


def test_an_odd_answer_to_the_check_of_one_store_ends_only_its_part(
    house: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(_: object) -> None:
        raise LookupError("never thought of")

    monkeypatch.setattr("connectors.memory.store.MemorySource.check", odd)
    main(house).put_customer(1, number_of_orders=0)

    report = house.run()

    assert report.failures[0].message == "the check of main: an answer was not understood (LookupError)"
    assert "news" in report.pulled
    assert report.applied == {"add": 0, "remove": 0}


def test_a_listing_finds_what_it_lacks_among_numbers_and_texts() -> None:
    with Listing() as numbers, Listing() as texts:
        numbers.add([5, 3, 9, 3])
        texts.add(["é@x", "b@x"])

        assert (len(numbers), list(numbers), 5 in numbers, 4 in numbers) == (3, [3, 5, 9], True, False)
        assert list(numbers.lacks([1, 3, 4, 9, 12])) == [1, 4, 12]
        assert list(texts.lacks(sorted(["a@x", "b@x", "é@x", "ü@x"]))) == ["a@x", "ü@x"]
