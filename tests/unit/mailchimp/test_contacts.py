"""Reading an audience: everybody once, by time of change, though there are offsets only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest

from connectors.mailchimp.audience import MailchimpAudience
from connectors.sandbox.faults.plan import Fault, FaultPlan
from syncd.errors import FatalError, RetriableError
from syncd.model import Contact, ContactStatus
from syncd.ports import Host, Progress
from tests.conftest import StillClock
from tests.unit.mailchimp.simulated import LIST, Reply, Sent, Simulated, open_simulated, paths

ARCHIVED_READ = "archived read up to"


def emails(count: int, start: int = 0) -> list[str]:
    return [f"{number}@people.example" for number in range(start, start + count)]


def everybody(audience: MailchimpAudience, since: int | None = None) -> list[str]:
    return [contact.email for page in audience.contacts.pages(since) for contact in page.rows]


def query(request: Sent) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(str(request.url)).query))


def doctored(service: Simulated, doctor: Callable[[Sent, dict[str, Any]], None]) -> Callable[[Sent], Reply | None]:
    """Return a reply that changes what a listing of members truly says."""

    def reply(request: Sent) -> Reply | None:
        status, headers, body = service.forward(request)
        answer = msgspec.json.decode(body)
        doctor(request, answer)
        return status, headers, msgspec.json.encode(answer)

    return reply


def test_a_glance_is_one_call_for_just_the_fields_that_matter(
    service: Simulated, audience: MailchimpAudience, clock: StillClock
) -> None:
    service.put(*emails(3))
    audience.contacts.peek(clock.now())
    (request,) = service.sent
    asked = query(request)
    assert asked.pop("since_last_changed").endswith("+00:00")
    assert asked == {
        "fields": "members.id,members.email_address,members.status,members.last_changed,members.tags,"
        "members.tags_count,total_items",
        "count": "1000",
        "offset": "0",
        "sort_field": "last_changed",
        "sort_dir": "DESC",
    }


def test_a_glance_counts_the_same_whether_after_means_after_or_at(
    service: Simulated, audience: MailchimpAudience, clock: StillClock
) -> None:
    service.put("early@people.example")
    clock.instant += 1
    since = clock.now()
    service.put("late@people.example")

    def inclusive(request: Sent) -> Reply | None:
        request.url = str(request.url).replace("since_last_changed", "unheard_of")
        request.url = request.url.split("&unheard_of")[0]
        return service.forward(request)

    for reply in (lambda _: None, inclusive):
        service.reply = reply
        peek = audience.contacts.peek(since)
        assert ([contact.email for contact in peek.rows], peek.window) == (["late@people.example"], 1)


def test_pages_start_again_at_the_last_moment_instead_of_counting_on(service: Simulated, clock: StillClock) -> None:
    for email in emails(10):
        service.put(email)
        clock.instant += 1
    assert everybody(open_simulated(clock, page=3)) == emails(10)
    listings = [query(request) for request in service.sent if "status" not in query(request)]
    assert {asked["offset"] for asked in listings} == {"0"}
    assert len({asked.get("since_last_changed") for asked in listings}) == len(listings)


def test_only_inside_one_crowded_moment_the_offset_grows(service: Simulated, clock: StillClock) -> None:
    service.put(*emails(8))
    clock.instant += 1
    service.put("late@people.example")
    assert everybody(open_simulated(clock, page=3)) == [*emails(8), "late@people.example"]


def test_the_archived_come_first_and_carry_no_cursor(
    service: Simulated, audience: MailchimpAudience, clock: StillClock
) -> None:
    service.put("here@people.example")
    service.put("archived@people.example", status="archived")
    pages = list(audience.contacts.pages(None))
    assert [[contact.email for contact in page.rows] for page in pages] == [
        ["archived@people.example"],
        ["here@people.example"],
    ]
    assert pages[0].cursor is None
    assert pages[1].cursor is not None
    assert pages[0].rows[0].status is ContactStatus.ARCHIVED


def test_a_listing_that_shows_the_archived_too_does_no_harm(
    service: Simulated, audience: MailchimpAudience, clock: StillClock
) -> None:
    service.put("here@people.example")
    service.put("archived@people.example", status="archived")

    def all_in_one(request: Sent) -> Reply | None:
        if "status=" in str(request.url):
            return None
        status, headers, body = service.forward(request)
        request.url = f"{request.url}&status=archived"
        here, archived = (msgspec.json.decode(each) for each in (body, service.forward(request)[2]))
        merged = {"members": archived["members"] + here["members"], "total_items": 2}
        return status, headers, msgspec.json.encode(merged)

    service.reply = all_in_one
    assert sorted(set(everybody(audience))) == ["archived@people.example", "here@people.example"]
    assert audience.contacts.count() == 2


def test_fewer_contacts_than_counted_fail_the_reading(service: Simulated, clock: StillClock) -> None:
    service.put(*emails(5))

    def short(request: Sent, answer: dict[str, Any]) -> None:
        answer["members"] = answer["members"][:2] if query(request)["offset"] == "0" else []

    service.reply = doctored(service, short)
    with pytest.raises(RetriableError, match="counts 5 contacts and gave 2"):
        everybody(open_simulated(clock))


def test_a_contact_that_no_page_shows_fails_the_reading(service: Simulated, clock: StillClock) -> None:
    for email in emails(5):
        service.put(email)
        clock.instant += 1

    def forgetful(_: Sent, answer: dict[str, Any]) -> None:
        answer["members"] = [each for each in answer["members"] if each["email_address"] != "2@people.example"]

    service.reply = doctored(service, forgetful)
    with pytest.raises(RetriableError, match=r"counts 5 contacts and gave [45]"):
        everybody(open_simulated(clock, page=2))


def test_a_contact_deleted_before_its_page_came_is_not_missed(service: Simulated, clock: StillClock) -> None:
    for email in emails(5):
        service.put(email)
        clock.instant += 1
    pages = open_simulated(clock, page=2).contacts.pages(None)
    read = [contact.email for contact in next(pages).rows]
    service.edit("4@people.example", status="forgotten")
    read += [contact.email for page in pages for contact in page.rows]
    assert read == emails(4)


def test_a_reading_tells_how_far_it_is(service: Simulated, clock: StillClock) -> None:
    for email in emails(5):
        service.put(email)
        clock.instant += 1
    told: list[Progress] = []
    host = Host(clock=clock, memo={}, progress=told.append)
    everybody(open_simulated(clock, host, page=2))
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert told[-1] == Progress("contacts of newsletter", 5, 5)


def test_tags_that_a_listing_cuts_short_are_asked_for(
    service: Simulated, audience: MailchimpAudience, host: Host
) -> None:
    tags = [f"tag {number}" for number in range(60)]
    service.put("many@people.example", tags=tags)
    service.put("few@people.example", tags=["vip"])
    contacts = {contact.email: contact for page in audience.contacts.pages(None) for contact in page.rows}
    assert contacts["many@people.example"].labels == tuple(tags)
    assert contacts["few@people.example"].labels == ("vip",)
    assert host.calls["contact tags"] == 1


def test_tags_of_one_contact_are_read_to_the_end(service: Simulated, clock: StillClock, host: Host) -> None:
    service.control("PATCH", "/", {"options": {"tags_shown": 1}})
    service.put("many@people.example", tags=["a", "b", "c"])

    def one_a_page(request: Sent) -> Reply | None:
        if "/tags" not in str(request.url):
            return None
        request.url = str(request.url).replace("count=1000", "count=1")
        return service.forward(request)

    service.reply = one_a_page
    assert [contact.labels for contact in open_simulated(clock, host).read(["many@people.example"])] == [
        ("a", "b", "c")
    ]


def test_counting_asks_for_every_status(service: Simulated, audience: MailchimpAudience) -> None:
    for status in ContactStatus:
        service.put(f"{status.value}@people.example", status=status.value)
    assert audience.contacts.count() == len(ContactStatus)
    assert {query(request)["status"] for request in service.sent} == {status.value for status in ContactStatus}


def test_the_ids_are_the_subjects_of_everybody_whatever_their_status(
    service: Simulated, audience: MailchimpAudience
) -> None:
    for status in ContactStatus:
        service.put(f"{status.value}@people.example", status=status.value)
    found = {subject for page in audience.contacts.ids() for subject in page.rows}
    assert found == {f"{status.value}@people.example" for status in ContactStatus}


def test_an_empty_audience_ends_with_a_cursor_that_promises_nothing(
    service: Simulated, audience: MailchimpAudience
) -> None:
    (page,) = audience.contacts.pages(None)
    assert page.cursor is not None
    assert page.cursor.at == 0


def test_reading_back_a_stranger_makes_sure_that_the_list_is_there(service: Simulated, clock: StillClock) -> None:
    gone = open_simulated(clock, list="0000000000")
    with pytest.raises(FatalError):
        list(gone.read(["nobody@people.example"]))
    assert list(open_simulated(clock).read(["nobody@people.example"])) == []


def test_reading_back_many_keeps_to_the_connections_that_we_may_have(
    service: Simulated, audience: MailchimpAudience
) -> None:
    service.control("PATCH", "/", {"options": {"connections": 4}})
    service.put(*emails(60))
    assert sorted(contact.email for contact in audience.read(emails(60))) == sorted(emails(60))
    assert service.statuses == {200: 60}


def test_up_to_where_the_archived_are_known_is_remembered_once_a_reading_is_stored(
    service: Simulated, audience: MailchimpAudience, clock: StillClock, host: Host
) -> None:
    service.put("archived@people.example", status="archived")
    at = clock.now()
    pages = audience.contacts.pages(None)
    next(pages)
    assert ARCHIVED_READ not in host.memo
    list(pages)
    assert host.memo[ARCHIVED_READ] == str(at)


def test_a_window_that_does_not_join_on_moves_nothing_of_what_is_known_of_the_archived(
    service: Simulated, audience: MailchimpAudience, clock: StillClock, host: Host
) -> None:
    service.put("archived@people.example", status="archived")
    known = clock.now()
    list(audience.contacts.pages(clock.now()))
    assert ARCHIVED_READ not in host.memo
    list(audience.contacts.pages(None))
    clock.instant += 100
    service.put("between@people.example", status="archived")
    clock.instant += 100
    service.put("late@people.example", status="archived")
    list(audience.contacts.pages(clock.now()))
    assert host.memo[ARCHIVED_READ] == str(known)
    list(audience.contacts.pages(known))
    assert host.memo[ARCHIVED_READ] == str(clock.now())


def test_a_page_that_is_lost_on_the_way_is_asked_for_again(
    service: Simulated, audience: MailchimpAudience, clock: StillClock
) -> None:
    service.put(*emails(3))
    service.fail({"kind": "busy_bare", "calls": 2}, {"kind": "page", "status": 200, "after": 1})
    assert everybody(audience) == emails(3)
    assert len(clock.waits) == 3


@pytest.mark.parametrize("seed", range(6))
def test_contacts_who_move_between_two_pages_are_met_all_the_same(clock: StillClock, seed: int) -> None:
    service = Simulated(clock)
    service.put(*emails(60))
    service.account.follow(FaultPlan(seed=seed, rules=(Fault(kind="rows_move", chance=0.6, calls=None, rows=5),)))

    def later(request: Sent) -> Reply | None:
        clock.instant += 1
        return None

    service.reply = later
    with service.reachable():
        met = everybody(open_simulated(clock, page=7))
    assert {*met} == {*emails(60)}
    assert service.account.faults.told()["rows_move"]


def test_a_contact_is_what_the_listing_says(service: Simulated, audience: MailchimpAudience, clock: StillClock) -> None:
    service.put("Anna.Meyer@People.example", status="unsubscribed", by="self", tags=["VIP"])
    (page,) = audience.contacts.pages(None)
    assert list(page.rows) == [
        Contact(
            subject="anna.meyer@people.example",
            email="Anna.Meyer@People.example",
            status=ContactStatus.UNSUBSCRIBED,
            changed_at=clock.now(),
            labels=("VIP",),
        )
    ]
    assert paths(service.sent) == [f"GET /lists/{LIST}/members"] * 2


def test_a_contact_that_is_deleted_while_its_tags_are_asked_for_is_left_out(
    service: Simulated, audience: MailchimpAudience
) -> None:
    service.control("PATCH", "/", {"options": {"tags_shown": 0}})
    service.put("gone@people.example", "here@people.example", tags=["vip"])

    def deleted(request: Sent) -> Reply | None:
        if "/tags" in str(request.url) and service.truth("gone@people.example"):
            service.edit("gone@people.example", status="forgotten")
        return None

    service.reply = deleted
    assert everybody(audience) == ["here@people.example"]
