"""A merchant's first week: plan, first push, nothing to do, a world that changes, and again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest

from connectors.sandbox import SANDBOX, Options
from syncd.cli.demo.folder import SETTINGS
from tests.acceptance.oracle import RULES, Truth
from tests.acceptance.place import Ended, Place

DAY = 86_400
TAGS = {
    "repeat-buyers": "repeat-buyer",
    "big-spenders": "big-spender",
    "new-this-month": "new",
    "lapsed": "lapsed",
    "left-a-basket": "left-a-basket",
    "berlin-or-paris": "Berlin/Paris",
    "canadians-this-quarter": "canada-90d",
}
AUDIENCE_TAGS = {
    "repeat-buyers": ("newsletter", "repeat-buyer"),
    "big-spenders": ("newsletter", "big-spender"),
    "new-this-month": ("newsletter", "New this month"),
    "lapsed": ("newsletter", "Win back"),
    "not-yet-bought": ("newsletter", "First order"),
    "berlin-or-paris": ("newsletter", "Berlin/Paris"),
    "wholesale": ("partners", "Wholesale"),
}
OURS = frozenset(TAGS.values())
LABELLED = frozenset({"subscribed", "transactional"})


class Moment(NamedTuple):
    """The truth of the services right before a sync and right after it, and what the sync said."""

    before: Truth
    listed: dict[str, dict[str, Any]]
    after: Truth
    lists: dict[str, dict[str, Any]]
    said: Ended


class Week(NamedTuple):
    """What happened, step by step."""

    place: Place
    plan: Ended
    writes_of_plan: int
    held: Ended
    first: Moment
    again: Ended
    calls_again: dict[str, Any]
    second: Moment
    members: dict[str, Ended]


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    options = Options(customers=400, bulk_seconds=0.0, lists=("newsletter", "partners"))
    with SANDBOX.start(options) as running:
        place = Place(tmp_path_factory.mktemp("week"), running)
        place.settings(SETTINGS.partition("[segments.")[2].join(("[segments.", "")))
        _fill_the_list(place)
        yield _played(place)


def _played(place: Place) -> Week:
    planned = place.run("plan", "--json")
    writes = place.writes()
    held = place.run("sync", "--json")
    first = _synced(place, "sync", "--yes", "--json")
    now = place.control("/advance", {"seconds": 60})["now"]  # the next cycle: the store's bucket is full again
    place.control("/calls", method="DELETE")
    again = place.run("sync", "--json", SYNCD_NOW=_iso(now))
    calls = place.control("/calls")
    _change_the_world(place)
    now = place.control("/advance", {"days": 7})["now"]
    second = _synced(place, "sync", "--yes", "--json", SYNCD_NOW=_iso(now))
    members = {name: place.run("members", name, "--json") for name in RULES}
    return Week(place, planned, writes, held, first, again, calls, second, members)


def _iso(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat()


def _synced(place: Place, *typed: str, **environment: str) -> Moment:
    before, listed = Truth(place.dump()), _lists(place)
    said = place.run(*typed, **environment)
    return Moment(before, listed, Truth(place.dump()), _lists(place), said)


def _lists(place: Place) -> dict[str, dict[str, Any]]:
    return {
        name: {it["email_address"].lower(): it for it in place.contacts(name) if it["email_address"]}
        for name in ("newsletter", "partners")
    }


def _fill_the_list(place: Place) -> None:
    """Some customers are on the list already: subscribed, unsubscribed, cleaned, with a tag of somebody else's."""
    emails = sorted({it["email"].lower() for it in place.dump() if it["kind"] == "customer" and it["email"]})
    states = ("subscribed", "subscribed", "unsubscribed", "cleaned", "transactional", "archived")
    people = [
        {"email_address": email, "status": states[n % len(states)], "by": "self", "tags": ["Spring sale"]}
        for n, email in enumerate(emails[:120])
    ]
    place.control("/mailchimp/lists/newsletter/members", {"members": people})


def _change_the_world(place: Place) -> None:
    """People order, sign up, unsubscribe here and there, lose a tag, are deleted."""
    truth, lists = Truth(place.dump()), _lists(place)
    ids = sorted(truth.customers)
    for customer in ids[:12]:
        place.control("/shops/main/orders", {"customer_id": customer, "lines": [{"title": "Sofa", "price": "1500"}]})
    for customer in sorted(truth.members("wholesale"))[:3]:
        place.control(f"/shops/main/customers/{customer}", {"remove_tags": ["wholesale"]}, "PATCH")
    for customer in sorted(truth.members("lapsed"))[:3]:
        place.control(f"/shops/main/customers/{customer}", {"consent": "UNSUBSCRIBED"}, "PATCH")
    for customer in sorted(truth.members("repeat-buyers"))[-4:]:
        place.control(f"/shops/main/customers/{customer}", None, "DELETE")
    tagged = [email for email, it in lists["newsletter"].items() if it["status"] == "subscribed" and it["tags"]]
    for email in sorted(tagged)[:5]:
        place.control(f"/mailchimp/lists/newsletter/members/{email}", {"status": "unsubscribed", "by": "self"}, "PATCH")
    for number in range(4):
        consent = "SUBSCRIBED" if number % 2 else "NOT_SUBSCRIBED"
        place.control("/shops/main/customers", {"email": f"fresh{number}@inbox.example", "consent": consent})


def test_a_plan_names_every_change_and_makes_none(week: Week) -> None:
    plan = week.plan.json
    wanted = {(TAGS[name], str(customer)) for name in TAGS for customer in week.first.before.members(name)}
    planned = {(it["label"], it["subject"]) for it in plan["changes"] if it["target"] == "main"}
    assert week.plan.code == 0
    assert planned == wanted
    assert plan["counts"]["add"] == len(plan["changes"])
    assert all(it["reason"] and it["segment"] for it in plan["changes"])
    assert len(plan["checksum"]) == 16
    assert week.writes_of_plan == 0


def test_first_pushes_wait_where_nobody_can_be_asked(week: Week) -> None:
    assert week.held.code == 3
    assert week.held.json["result"] == "held"
    assert {(it["target"], it["label"]) for it in week.held.json["held"]} >= {("main", "repeat-buyer")}
    assert all("first push" in it["why"] for it in week.held.json["held"])


def test_a_sync_tells_what_it_did(week: Week) -> None:
    said = week.first.said.json
    assert week.first.said.code == 0, week.first.said.err
    assert said["result"] == "done"
    assert (said["refused"], said["unknown"], said["failed"], said["held"]) == (0, 0, 0, [])
    assert said["applied"]["add"] > 400
    assert set(said["pulled"]["main"]) == {"customers", "orders", "products", "checkouts"}


def test_without_a_change_nothing_is_written_and_at_most_a_page_of_each_kind_read(week: Week) -> None:
    assert week.again.code == 0
    assert week.again.json["applied"] == {"add": 0, "remove": 0}
    assert week.calls_again["writes"] == 0
    assert all(count <= 1 for calls in week.again.json["calls"].values() for count in calls.values())


@pytest.mark.parametrize("segment", sorted(RULES))
@pytest.mark.parametrize("moment", ["first", "second"])
def test_store_and_audience_tags_are_what_an_independent_computation_says(
    week: Week, moment: str, segment: str
) -> None:
    then: Moment = getattr(week, moment)
    expected = then.before.members(segment)
    if segment in TAGS:
        held = {it for it, tags in then.after.tags().items() if TAGS[segment] in tags}
        assert held == expected
    if segment in AUDIENCE_TAGS:
        name, tag = AUDIENCE_TAGS[segment]
        tagged = {email for email, it in then.lists[name].items() if tag in it["tags"]}
        assert tagged == _taggable(then, name, tag, then.before.addresses(expected))
    assert expected or segment == "left-a-basket", "a world in which nobody is in the segment proves nothing"


def _taggable(then: Moment, name: str, tag: str, wanted: set[str]) -> set[str]:
    """Who may carry a tag: contacts whose status allows it, those who had it, and new ones with consent."""
    listed = then.listed[name]
    may = {email for email in wanted if email in listed and listed[email]["status"] in LABELLED}
    had = {email for email in wanted if email in listed and tag in listed[email]["tags"]}
    return may | had | {email for email in wanted if email not in listed and email in then.before.consented()}


@pytest.mark.parametrize("moment", ["first", "second"])
def test_nobody_is_subscribed_without_the_stores_word(week: Week, moment: str) -> None:
    then: Moment = getattr(week, moment)
    for name, people in then.lists.items():
        for email, contact in people.items():
            before = then.listed[name].get(email)
            if before is None:
                assert contact["status"] == "transactional" or email in then.before.consented()
            else:
                assert contact["status"] == before["status"]


@pytest.mark.parametrize("moment", ["first", "second"])
def test_the_merchants_own_tags_are_left_alone(week: Week, moment: str) -> None:
    then: Moment = getattr(week, moment)
    for customer, tags in then.after.tags().items():
        assert tags - OURS == then.before.tags()[customer] - OURS
    for email, contact in then.listed["newsletter"].items():
        assert ("Spring sale" in contact["tags"]) == ("Spring sale" in then.lists["newsletter"][email]["tags"])


@pytest.mark.parametrize("segment", sorted(RULES))
def test_members_are_what_an_independent_computation_says(week: Week, segment: str) -> None:
    document = week.members[segment].json
    assert document["segment"] == segment
    assert {it["customer_id"] for it in document["members"]} == week.second.before.members(segment)
    emails = {it["customer_id"]: it["email"] for it in document["members"]}
    assert all(week.second.before.customers[it]["email"] == email for it, email in emails.items())
    assert document["as_of"].endswith("Z")


def test_status_is_well_and_knows_every_part(week: Week) -> None:
    ended = week.place.run("status", "--json", SYNCD_NOW=_iso(week.place.control("/world")["now"]))
    document = ended.json
    assert ended.code == 0, document
    assert document["ok"]
    assert set(document["segments"]) == set(RULES)
    for part in (*document["stores"].values(), *document["audiences"].values(), *document["segments"].values()):
        assert part["ok"]
        assert part["why"] == ""
        assert part["as_of"].endswith("Z")
        assert part["age_s"] >= 0
    assert document["holds"] == []
    assert document["last_run"]["result"] == "done"


def test_runs_tell_every_change_and_its_answer(week: Week) -> None:
    listed = week.place.run("runs", "--json").json["runs"]
    assert [it["result"] for it in listed] == ["done", "done", "done", "held", "held"]
    number = listed[0]["run"]
    one = week.place.run("runs", str(number), "--json").json
    assert one["report"] == week.second.said.json
    removed = [it for it in one["changes"] if it["action"] == "remove"]
    assert len(removed) == week.second.said.json["applied"]["remove"] > 0
    assert all(it["state"] == "applied" and it["reason"] for it in one["changes"])


def test_segments_tell_who_came_and_went(week: Week) -> None:
    rows = {it["segment"]: it for it in week.place.run("segments", "--json").json["segments"]}
    for name in RULES:
        assert rows[name]["size"] == len(week.second.before.members(name))
    moved = week.second.said.json["moved"]
    assert {name: (it["entered"], it["left"]) for name, it in rows.items()} == {
        name: (it["entered"], it["left"]) for name, it in moved.items()
    }
    assert any(it["left"] for it in rows.values())
