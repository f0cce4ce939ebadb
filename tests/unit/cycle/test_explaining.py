"""Why somebody is in a segment, and where they stand with its tags: what is told is what a sync does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.memory import Faults
from syncd.cycle.explaining import Explanation, explain
from syncd.cycle.labelled import Labelled
from syncd.mirror.people import Sought, records
from syncd.model import ContactStatus
from tests.support.household import Household

DAY = 86_400
SETTINGS = """
[segments.repeat]
title = "Came back"
query = "number_of_orders > 1 AND last_order_date >= -180d"
tag = "repeat"
audiences = ["news"]

[segments.quiet]
query = "segments NOT CONTAINS 'repeat' AND number_of_orders > 0"

[segments.best]
query = "spend_percentile >= 50"
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Household]:
    """Ada came back three weeks ago, Bo bought once long ago, Cy never."""
    made = Household(tmp_path, SETTINGS)
    now = made.clock.now()
    world = made.worlds["main"]
    world.put_customer(1, email="ada@x.example", email_consent="SUBSCRIBED", number_of_orders=2, amount_spent=90_00)
    world.put_customer(2, email="bo@x.example", email_consent="SUBSCRIBED", number_of_orders=1, amount_spent=20_00)
    world.put_customer(3, email="cy@x.example")
    world.put_order(11, customer_id=1, processed_at=now - 21 * DAY, current_total=50_00)
    world.put_order(12, customer_id=2, processed_at=now - 300 * DAY, current_total=20_00)
    yield made
    made.mirror.close()


def told(house: Household, number: int, segment: str | None = None) -> list[Explanation]:
    found = records(house.mirror, Sought(customer_id=number), list(house.settings.stores))
    return explain(house.settings, house.mirror, house.clock.now(), found, segment)


def one(house: Household, number: int, segment: str = "repeat") -> Explanation:
    (found,) = told(house, number, segment)
    return found


def label(house: Household, number: int, target: str = "news") -> Labelled:
    (found,) = [it for it in one(house, number).labels if it.target == target]
    return found


def test_after_a_sync_what_is_told_is_who_is_in(house: Household) -> None:
    house.run()
    for number in (1, 2, 3):
        for it in told(house, number):
            assert (it.member, it.live, it.differs, it.frozen) == (it.live, it.live, None, None)
    assert {it.segment for it in told(house, 1) if it.member} == {"repeat", "best"}
    assert {it.segment for it in told(house, 2) if it.member} == {"quiet"}
    assert [it.segment for it in told(house, 3)] == ["repeat", "quiet", "best"]


def test_the_clauses_are_told_with_the_values_that_decided(house: Household) -> None:
    house.run()
    it = one(house, 1)
    assert [(clause.text, clause.value, clause.holds, clause.decides) for clause in it.clauses] == [
        ("number_of_orders > 1", "2", True, True),
        ("last_order_date >= -180d", "2026-10-28", True, True),
    ]
    assert (it.store, it.customer_id, it.email, it.title) == ("main", 1, "ada@x.example", "Came back")
    assert it.why == "number_of_orders > 1 (2); last_order_date >= -180d (2026-10-28)"
    assert one(house, 2).why == "not number_of_orders > 1 (1); not last_order_date >= -180d (2026-01-22)"


def test_the_day_on_which_time_alone_changes_it_is_told_with_its_reason(house: Household) -> None:
    house.run()
    assert (one(house, 1).changes_at, one(house, 1).changes) == (
        "2027-04-27",
        "leaves on 2027-04-27, when the order of 2026-10-28 becomes older than 180 days, unless they order",
    )
    assert one(house, 1, "quiet").changes == ("enters on 2027-04-27, when they leave repeat, if nothing else changes")
    assert (one(house, 2).changes_at, one(house, 3).changes) == (None, None)


def test_on_that_day_a_sync_changes_it_and_not_a_day_before(house: Household) -> None:
    house.run()
    house.clock.instant += 159 * DAY
    assert house.run().moved["repeat"]["left"] == 0
    house.clock.instant += DAY
    assert house.run().moved["repeat"]["left"] == 1
    assert (one(house, 1).member, one(house, 1).differs) == (False, None)


def test_of_when_it_is_and_since_when_is_told(house: Household) -> None:
    house.run()
    it = one(house, 1)
    assert (it.evaluated_at, it.read_at, it.since) == ("2026-11-18T11:06:40Z",) * 3
    assert one(house, 2).since is None


def test_where_the_last_evaluation_said_otherwise_both_are_told(house: Household) -> None:
    house.run()
    house.clock.instant += 200 * DAY
    it = one(house, 1)
    assert (it.member, it.live) == (False, True)
    assert it.differs == "as of 2026-11-18T11:06:40Z they are in it; the next sync takes them out"


def test_a_query_that_was_changed_since_is_told(house: Household) -> None:
    house.run()
    house.write(SETTINGS.replace("number_of_orders > 1 AND", "number_of_orders > 0 AND").replace("-180d", "-400d"))
    assert one(house, 2).differs == (
        "as of 2026-11-18T11:06:40Z, when the rule was another one they are not in it; the next sync lets them in"
    )


def test_before_the_first_evaluation_nothing_is_compared(house: Household) -> None:
    house.run(upto="pull")
    it = one(house, 1)
    assert (it.member, it.live, it.evaluated_at) == (True, False, None)
    assert it.differs == "it was never evaluated; the next sync does"


def test_a_segment_that_could_not_be_evaluated_keeps_its_members_and_says_why(house: Household) -> None:
    house.run()
    house.worlds["main"].put_customer(1, number_of_orders=0)
    house.worlds["main"].faults = Faults(unreachable=True)
    house.clock.instant += 60
    house.run()
    it = one(house, 1)
    assert (it.member, it.live) == (True, True)
    assert it.frozen
    assert it.why == f"as last evaluated: {it.frozen}"
    assert (it.changes_at, it.differs) == (None, None)


def test_a_segment_that_rests_says_so(house: Household) -> None:
    house.run()
    house.write(SETTINGS.replace('tag = "repeat"', 'tag = "repeat"\nenabled = false'))
    assert one(house, 1).frozen == "it rests (enabled = false)"
    assert one(house, 1).member


def test_a_store_that_was_never_reached_gives_no_clauses(house: Household) -> None:
    house.run()
    house.mirror.raw.execute("DELETE FROM stores")
    it = one(house, 1)
    assert it.frozen == "the store main was never reached"
    assert (it.clauses, it.reason) == ((), None)


def test_somebody_who_is_gone_by_now_is_in_nothing(house: Household) -> None:
    house.run()
    found = records(house.mirror, Sought(customer_id=1), ["main"])
    house.mirror.raw.execute("DELETE FROM customers WHERE id = 1")
    assert explain(house.settings, house.mirror, house.clock.now(), found) == []


def test_a_label_that_is_where_it_should_be_needs_no_words(house: Household) -> None:
    house.run()
    for target, kind in (("main", "store"), ("news", "audience")):
        it = label(house, 1, target)
        assert (it.kind, it.label, it.wanted, it.there, it.ours) == (kind, "repeat", True, True, True)
        assert (it.next, it.why, it.refusal, it.hold) == (None, "", None, None)
    assert (label(house, 1).status, label(house, 1).consent) == ("subscribed", True)
    assert (label(house, 2).wanted, label(house, 2).there, label(house, 2).why) == (False, False, "")


def test_what_the_next_sync_does_is_told(house: Household) -> None:
    house.lists["news"].put_contact("bo@x.example", ContactStatus.SUBSCRIBED)
    house.run()
    house.worlds["main"].put_customer(1, number_of_orders=0)
    house.worlds["main"].put_customer(2, number_of_orders=5)
    house.worlds["main"].put_order(13, customer_id=2, processed_at=house.clock.now(), current_total=5)
    house.clock.instant += 60
    house.run(upto="plan")
    assert (label(house, 1).next, label(house, 1).why) == ("remove", "the next sync takes it away")
    assert (label(house, 2).next, label(house, 2).why) == ("add", "the next sync adds it")


def test_what_the_next_sync_does_goes_by_what_it_will_find(house: Household) -> None:
    house.run()
    house.clock.instant += 200 * DAY
    assert (label(house, 1).wanted, label(house, 1).there, label(house, 1).next) == (False, True, "remove")
    house.run()
    assert (label(house, 1).wanted, label(house, 1).there, label(house, 1).next) == (False, False, None)


def test_the_tags_of_a_segment_that_rests_stay_as_they_are(house: Household) -> None:
    house.run()
    house.worlds["main"].untag_by_hand(1, "repeat")
    house.clock.instant += 60
    house.run(upto="pull")
    assert label(house, 1, "main").next == "add"
    house.write(SETTINGS.replace('tag = "repeat"', 'tag = "repeat"\nenabled = false'))
    assert (label(house, 1, "main").next, label(house, 1).why) == (None, "")
    assert label(house, 1, "main").why == "the segment is not evaluated, so its tags stay as they are"


def test_an_address_keeps_its_label_while_another_record_of_it_is_in(house: Household) -> None:
    house.worlds["main"].put_customer(9, email="ADA@x.example", number_of_orders=5)
    house.worlds["main"].put_order(19, customer_id=9, processed_at=house.clock.now())
    house.run()
    house.worlds["main"].put_customer(1, number_of_orders=0)
    house.clock.instant += 60
    house.run(upto="pull")
    assert (label(house, 1, "main").next, label(house, 1).next) == ("remove", None)


def test_a_contact_who_unsubscribed_is_left_alone(house: Household) -> None:
    house.lists["news"].put_contact("ada@x.example", ContactStatus.UNSUBSCRIBED)
    house.run()
    it = label(house, 1)
    assert (it.wanted, it.there, it.status, it.next) == (True, False, "unsubscribed", None)
    assert it.why == "the contact is unsubscribed there, and is left alone"


@pytest.mark.parametrize("consent", ["UNSUBSCRIBED", None, "PENDING"])
def test_without_consent_nobody_is_put_into_an_audience(house: Household, consent: str | None) -> None:
    house.worlds["main"].put_customer(1, email_consent=consent)
    house.run()
    it = label(house, 1)
    assert (it.there, it.consent, it.status) == (False, False, None)
    assert it.why == "they are not in the audience, and without consent nobody is put there"
    assert [(record.store, record.consent) for record in it.records] == [("main", consent)]


def test_an_audience_that_takes_nobody_new_says_so(house: Household) -> None:
    house.settings_text = house.settings_text.replace(
        'kind = "memory-list"\n', 'kind = "memory-list"\nnew_contacts = "never"\n'
    )
    house.run()
    assert label(house, 1).why == 'they are not in the audience, and new_contacts = "never" adds nobody'


def test_a_new_contact_is_told_before_it_is_made(house: Household) -> None:
    house.run(upto="plan")
    assert (label(house, 1).next, label(house, 1).why) == (
        "create",
        "the next sync makes a contact of them, subscribed",
    )


def test_a_tag_that_somebody_else_set_is_left(house: Household) -> None:
    house.worlds["main"].tag_by_hand(1, "repeat")
    house.run()
    it = label(house, 1, "main")
    assert (it.there, it.ours) == (True, False)
    assert it.why == "it was not syncd that set it, so syncd will not take it away"


def test_a_tag_that_will_be_adopted_says_so(house: Household) -> None:
    house.worlds["main"].tag_by_hand(1, "repeat")
    house.write(SETTINGS.replace('tag = "repeat"', 'tag = "repeat"\nadopt = true'))
    house.run(upto="plan")
    assert "adopt" in label(house, 1, "main").why


def test_a_hold_is_told_to_everybody_it_keeps_from_their_label(house: Household) -> None:
    house.settings_text += "\n[limits]\nmin_size = 0\n"
    house.run(yes=False)
    it = label(house, 1)
    assert it.next is None
    assert (it.hold or "").startswith("first push of this label, to 1 people;")
    assert (it.hold or "").endswith("(syncd approve 1)")
    assert it.why.startswith("waits for a person since run 1: first push")
    assert label(house, 2).hold is None


def test_a_refusal_is_told_in_the_services_own_words_until_something_changes(house: Household) -> None:
    house.lists["news"].faults = Faults(refuse={"ada@x.example": "looks fake or invalid"})
    house.run()
    it = label(house, 1)
    assert it.refusal is not None
    assert (it.refusal.answer, it.refusal.again, it.next) == ("looks fake or invalid", False, None)
    assert it.why == "refused: looks fake or invalid"
    house.lists["news"].put_contact("ada@x.example", ContactStatus.SUBSCRIBED)
    house.clock.instant += 60
    house.run(upto="pull")
    assert (label(house, 1).refusal, label(house, 1).next) == (None, "add")


def test_each_record_of_several_stores_is_told_for_itself(tmp_path: Path) -> None:
    house = Household(tmp_path, SETTINGS, stores=("main", "outlet"))
    for name, orders in (("main", 0), ("outlet", 3)):
        house.worlds[name].put_customer(7, email="Ada@x.example", number_of_orders=orders)
        house.worlds[name].put_order(1, customer_id=7, processed_at=house.clock.now())
    house.run()
    found = records(house.mirror, Sought(address="ada@x.example"), ["main", "outlet"])
    both = explain(house.settings, house.mirror, house.clock.now(), found, "repeat")
    assert [(it.store, it.member) for it in both] == [("main", False), ("outlet", True)]
    assert all(len(it.labels[-1].records) == 2 for it in both)
    only = explain(house.settings, house.mirror, house.clock.now(), found[1:], "repeat")
    assert [it.store for it in only] == ["outlet"]
    house.mirror.close()


def test_a_segment_about_another_store_tells_nothing(tmp_path: Path) -> None:
    settings = SETTINGS.replace('title = "Came back"', 'stores = ["outlet"]')
    house = Household(tmp_path, settings, stores=("main", "outlet"))
    house.worlds["main"].put_customer(1)
    house.run()
    found = records(house.mirror, Sought(customer_id=1), ["main", "outlet"])
    assert explain(house.settings, house.mirror, house.clock.now(), found, "repeat") == []
    house.mirror.close()


RANK = """
[segments.best]
query = "email_subscription_status = 'SUBSCRIBED'"
rank = { by = "amount_spent", over = "-30d", top = "50%" }
"""


def test_a_rank_is_told_with_the_clauses_of_its_query_and_its_own(house: Household) -> None:
    house.worlds["main"].put_order(13, customer_id=2, processed_at=house.clock.now(), current_total=20_00)
    house.write(RANK)
    house.run()
    first, second, third = (one(house, number, "best") for number in (1, 2, 3))
    assert (first.member, second.member, third.member) == (True, False, False)
    assert [(it.text, it.value, it.holds, it.decides) for it in first.clauses] == [
        ("email_subscription_status = 'SUBSCRIBED'", "SUBSCRIBED", True, True),
        ("among the top 50% by amount_spent over -30d", "among them", True, True),
    ]
    assert second.why == "not among the top 50% by amount_spent over -30d (not among them)"
    assert third.why == "not email_subscription_status = 'SUBSCRIBED' (none)"
    assert (first.elsewhere, first.changes_at, first.differs) == ("a rank depends on everybody else too", None, None)


def test_a_rank_is_told_as_it_is_now(house: Household) -> None:
    house.write(RANK)
    house.run()
    house.worlds["main"].put_order(13, customer_id=2, processed_at=house.clock.now(), current_total=99_00)
    house.clock.instant += 60
    house.run(upto="pull")
    assert (one(house, 2, "best").member, one(house, 2, "best").live) == (True, False)
    assert one(house, 1, "best").differs == "as of 2026-11-18T11:06:40Z they are in it; the next sync takes them out"
    house.write(RANK + "enabled = false\n")
    assert (one(house, 1, "best").member, one(house, 1, "best").frozen) == (True, "it rests (enabled = false)")


def test_what_the_store_itself_answers_is_told_as_it_last_did(tmp_path: Path) -> None:
    house = Household(
        tmp_path,
        '[segments.openers]\nquery = "shopify_email.opened MATCHES (date >= -30d)"\nsource = "memory"\n'
        "[segments.both]\nquery = \"segments CONTAINS 'openers' AND number_of_orders > 1\"\n",
    )
    for number in (1, 2):
        house.worlds["main"].put_customer(number, number_of_orders=2)
    house.worlds["main"].segments = {"shopify_email.opened MATCHES (date >= -30d)": {1}}
    house.run()
    it = one(house, 1, "openers")
    assert (it.member, it.frozen, it.elsewhere) == (True, None, "the store itself answers this query")
    assert [(clause.text, clause.value, clause.holds) for clause in it.clauses] == [
        ("shopify_email.opened MATCHES (date >= -30d)", "as the store last answered", True)
    ]
    assert it.why == "as last evaluated: the store itself answers this query"
    assert not one(house, 2, "openers").member
    assert (one(house, 1, "both").member, one(house, 2, "both").member) == (True, False)
    house.mirror.close()


def test_people_by_address_are_told_once_with_all_their_records_and_guest_orders(tmp_path: Path) -> None:
    house = Household(tmp_path, '[segments.loyal]\nquery = "number_of_orders >= 3"\nby = "email"\ntag = "loyal"\n')
    for number in (1, 2):
        house.worlds["main"].put_customer(number, email="Ann@x.example", number_of_orders=1)
    house.worlds["main"].put_customer(3, number_of_orders=3)
    house.worlds["main"].put_order(9, email="ann@X.example", processed_at=house.clock.now())
    house.run()
    found = records(house.mirror, Sought(address="ann@x.example"), ["main"])
    (it,) = explain(house.settings, house.mirror, house.clock.now(), found, "loyal")
    assert (it.member, it.live, [clause.value for clause in it.clauses]) == (True, True, ["3"])
    assert one(house, 2, "loyal").member
    assert one(house, 3, "loyal").member
    house.mirror.close()
