"""Reading a list: pages, filters, order, chosen fields; lists and their statistics."""

from __future__ import annotations

import pytest

MEMBERS = "/lists/abc123/members"
START = 1_795_000_000


def fill(api, number, **more):
    people = [{"email_address": f"p{n:04}@inbox.example", "at": START - 1000 + n, **more} for n in range(number)]
    api.control("POST", MEMBERS, {"members": people})


def emails(answer):
    return [each["email_address"].partition("@")[0] for each in answer["members"]]


def test_ten_are_shown_when_nothing_is_said_and_the_total_is_of_all(api):
    fill(api, 25)
    page = api.get(MEMBERS)
    assert (len(page["members"]), page["total_items"]) == (10, 25)


def test_pages_by_offset_show_everybody_once(api):
    fill(api, 2345)
    pages = [api.get(MEMBERS, count="1000", offset=str(offset)) for offset in (0, 1000, 2000, 3000)]
    assert [len(page["members"]) for page in pages] == [1000, 1000, 345, 0]
    assert len({email for page in pages for email in emails(page)}) == 2345


@pytest.mark.parametrize("query", [{"count": "1001"}, {"count": "-1"}, {"offset": "-1"}, {"count": "many"}])
def test_paging_out_of_range_is_refused(api, query):
    assert api.refused("GET", MEMBERS, **query)["errors"][0]["field"] == next(iter(query))


def test_a_list_that_shrinks_while_being_paged_by_offset_skips_rows(api):
    fill(api, 20)
    first = api.get(MEMBERS, count="10")
    api.delete(api.at("p0000@inbox.example"))
    second = api.get(MEMBERS, count="10", offset="10")
    assert "p0010" not in emails(first) + emails(second)


def test_statuses_are_filtered_and_archived_ones_left_out_unless_asked_for(api):
    for status in ("subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived"):
        api.person(f"{status}@inbox.example", status=status)
    assert emails(api.get(MEMBERS)) == ["subscribed", "unsubscribed", "cleaned", "pending", "transactional"]
    assert emails(api.get(MEMBERS, status="archived")) == ["archived"]
    assert emails(api.get(MEMBERS, status="pending")) == ["pending"]
    assert api.refused("GET", MEMBERS, status="gone")["errors"][0]["field"] == "status"


def test_changes_since_and_before_are_strict(api):
    fill(api, 10)
    since, before = "2026-11-18T10:50:03+00:00", "2026-11-18T10:50:06Z"
    assert emails(api.get(MEMBERS, since_last_changed=since)) == [f"p{n:04}" for n in range(4, 10)]
    assert emails(api.get(MEMBERS, before_last_changed=before)) == [f"p{n:04}" for n in range(6)]
    both = api.get(MEMBERS, since_last_changed=since, before_last_changed=before, count="0")
    assert (both["total_items"], both["members"]) == (2, [])


@pytest.mark.parametrize("text", ["yesterday", "2026-11-18T10:50:03 00:00"])
def test_what_is_no_instant_is_refused(api, text):
    assert api.refused("GET", MEMBERS, since_last_changed=text)["errors"][0]["field"] == "since_last_changed"


def test_the_order_of_the_last_change_follows_every_change(api, hours):
    fill(api, 5)
    hours.instant += 10
    api.patch(api.at("p0001@inbox.example"), {"vip": True})
    order = emails(api.get(MEMBERS, sort_field="last_changed", sort_dir="ASC"))
    assert order == ["p0000", "p0002", "p0003", "p0004", "p0001"]
    assert emails(api.get(MEMBERS, sort_field="last_changed", sort_dir="DESC")) == order[::-1]
    assert emails(api.get(MEMBERS)) == sorted(order)


def test_the_order_holds_when_the_clock_was_set_back(api, hours):
    fill(api, 3)
    hours.instant = START - 999
    api.patch(api.at("p0002@inbox.example"), {"vip": True})
    order = emails(api.get(MEMBERS, sort_field="last_changed", sort_dir="ASC"))
    assert order == ["p0000", "p0001", "p0002"]
    api.person("early@inbox.example", at=START - 5000)
    assert emails(api.get(MEMBERS, sort_field="last_changed", sort_dir="ASC"))[0] == "early"
    assert emails(api.get(MEMBERS, since_last_changed="2026-11-18T10:40:00Z", sort_field="last_changed")) == order


def test_the_order_of_opting_in_and_its_filters(api, hours):
    for number, when in enumerate(("2026-03-01 00:00:00", "2026-01-01 00:00:00", "2026-02-01 00:00:00")):
        email = f"p{number}@inbox.example"
        api.post(
            MEMBERS, {"email_address": email, "status": "subscribed", "timestamp_opt": when, "timestamp_signup": when}
        )
    for field in ("timestamp_opt", "timestamp_signup"):
        assert emails(api.get(MEMBERS, sort_field=field, sort_dir="ASC")) == ["p1", "p2", "p0"]
    assert emails(api.get(MEMBERS, since_timestamp_opt="2026-01-15T00:00:00Z")) == ["p0", "p2"]
    assert emails(api.get(MEMBERS, before_timestamp_opt="2026-01-15")) == ["p1"]


def test_who_left_since_is_asked_among_the_unsubscribed_only(api, hours):
    fill(api, 2, status="unsubscribed")
    hours.instant += 100
    api.control("PATCH", f"{MEMBERS}/p0001@inbox.example", {"status": "subscribed"})
    api.control("PATCH", f"{MEMBERS}/p0001@inbox.example", {"status": "unsubscribed", "by": "self"})
    since = "2026-11-18T11:00:00Z"
    assert emails(api.get(MEMBERS, status="unsubscribed", unsubscribed_since=since)) == ["p0001"]
    assert api.refused("GET", MEMBERS, status="subscribed", unsubscribed_since=since)["status"] == 400


def test_the_other_filters(api):
    fill(api, 3)
    api.patch(api.at("p0001@inbox.example"), {"vip": True, "email_type": "text"})
    unique = api.get(api.at("p0002@inbox.example"))["unique_email_id"]
    assert emails(api.get(MEMBERS, vip_only="true")) == ["p0001"]
    assert emails(api.get(MEMBERS, email_type="text")) == ["p0001"]
    assert emails(api.get(MEMBERS, unique_email_id=unique)) == ["p0002"]


def test_a_filter_that_is_not_simulated_is_refused_rather_than_ignored(api):
    assert "interest_ids" in api.refused("GET", MEMBERS, interest_ids="a")["detail"]


def test_fields_are_chosen_with_dots(api):
    fill(api, 1, tags=["a"])
    page = api.get(MEMBERS, fields="members.email_address,members.tags.name,total_items")
    assert page == {"members": [{"email_address": "p0000@inbox.example", "tags": [{"name": "a"}]}], "total_items": 1}
    assert api.get(MEMBERS, fields="total_items") == {"total_items": 1}
    assert api.get(api.at("p0000@inbox.example"), fields="status") == {"status": "subscribed"}
    assert list(api.get(MEMBERS, fields="members.id,members")["members"][0]) == list(api.get(MEMBERS)["members"][0])


def test_fields_below_what_has_none_or_is_not_there_change_nothing(api):
    fill(api, 1)
    page = api.get(MEMBERS, fields="members,members.id.length,lists.id,list_id.first")
    assert page.keys() == {"members", "list_id"}
    assert "email_address" in page["members"][0]
    assert api.get(MEMBERS, fields="total_items.x,members.vip.x") == {"members": [{"vip": False}], "total_items": 1}
    assert api.get(MEMBERS, exclude_fields="total_items.x")["total_items"] == 1


def test_fields_are_left_out_with_dots(api):
    fill(api, 1)
    whole = api.get(MEMBERS)
    part = api.get(MEMBERS, exclude_fields="members._links,members.location.gmtoff,_links")
    assert whole["members"][0].keys() - part["members"][0].keys() == {"_links"}
    assert "gmtoff" not in part["members"][0]["location"]
    assert "_links" not in part


def test_lists_are_shown_in_pages_and_by_who_is_in_them(api):
    api.person("ann@inbox.example")
    assert [each["id"] for each in api.get("/lists")["lists"]] == ["abc123", "strict"]
    assert [each["id"] for each in api.get("/lists", count="1", offset="1")["lists"]] == ["strict"]
    assert [each["id"] for each in api.get("/lists", email="Ann@inbox.example")["lists"]] == ["abc123"]


def test_the_statistics_of_a_list_are_up_to_five_minutes_old(api, hours):
    fill(api, 3)
    assert api.get("/lists/abc123")["stats"]["member_count"] == 3
    api.patch(api.at("p0000@inbox.example"), {"status": "unsubscribed"})
    hours.instant += 299
    assert api.get("/lists/abc123")["stats"]["member_count"] == 3
    hours.instant += 1
    assert api.get("/lists/abc123", fields="stats.member_count,stats.unsubscribe_count") == {
        "stats": {"member_count": 2, "unsubscribe_count": 1}
    }


def test_merge_fields_are_shown_with_what_is_required(api):
    page = api.get("/lists/strict/merge-fields", count="100")
    assert [field["tag"] for field in page["merge_fields"] if field["required"]] == ["SHOP"]
    assert page["total_items"] == 5
    assert api.get("/lists/strict/merge-fields", type="address")["merge_fields"][0]["tag"] == "ADDRESS"
    assert api.get("/lists/strict/merge-fields", required="true")["total_items"] == 1
