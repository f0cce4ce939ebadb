"""One contact: found, taken in, changed, archived, tagged."""

from __future__ import annotations

import pytest

ANN = "ann@inbox.example"
MEMBERS = "/lists/abc123/members"


def test_the_hash_is_the_one_of_the_documentation(api):
    made = api.post(MEMBERS, {"email_address": "Urist.McVankab@freddiesjokes.com", "status": "subscribed"})
    assert made["id"] == "62eeb292278cc15f5817cb78f7790b08"


def test_a_contact_is_found_by_hash_address_and_contact_id(api):
    api.person(ANN)
    found = api.get(api.at(ANN))
    assert api.get(f"{MEMBERS}/ANN@inbox.example") == found
    assert api.get(f"{MEMBERS}/{found['contact_id']}") == found
    assert api.refused("GET", f"{MEMBERS}/bob@inbox.example")["title"] == "Resource Not Found"


def test_tagging_and_forgetting_take_the_hash_only(api):
    api.person(ANN)
    body = {"tags": [{"name": "a", "status": "active"}]}
    assert api.refused("POST", f"{MEMBERS}/{ANN}/tags", body)["status"] == 404
    assert api.refused("POST", f"{MEMBERS}/{ANN}/actions/delete-permanent")["status"] == 404


def test_posting_somebody_who_is_there_is_refused(api):
    api.person(ANN)
    problem = api.refused("POST", MEMBERS, {"email_address": ANN, "status": "subscribed"})
    assert problem["title"] == "Member Exists"
    assert problem["detail"] == f"{ANN} is already a list member. Use PUT to insert or update list members."


def test_posting_somebody_archived_is_refused_unless_they_count_as_new(api):
    api.person(ANN, status="archived")
    body = {"email_address": ANN, "status": "transactional"}
    assert api.refused("POST", MEMBERS, body)["title"] == "Member Exists"
    api.control("PATCH", "/", {"options": {"archived": "new"}})
    assert api.post(MEMBERS, body)["status"] == "transactional"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email_address": ANN}, ""),
        ({"status": "subscribed"}, "email_address"),
        ({"email_address": None}, "email_address"),
    ],
)
def test_posting_needs_an_address_and_a_status(api, body, field):
    assert api.refused("POST", MEMBERS, body)["errors"][0]["field"] == field


def test_putting_takes_in_with_the_status_for_newcomers_and_else_keeps_it(api):
    body = {"email_address": ANN, "status_if_new": "transactional", "merge_fields": {"FNAME": "Ann", "X": 1}}
    made = api.put(api.at(ANN), body)
    assert (made["status"], made["full_name"]) == ("transactional", "Ann")
    assert made["merge_fields"] == {"FNAME": "Ann", "LNAME": "", "ADDRESS": "", "SPENT": ""}
    again = api.put(api.at(ANN), body | {"status_if_new": "subscribed", "vip": True, "language": "fr", "tags": ["a"]})
    assert (again["status"], again["vip"], again["language"]) == ("transactional", True, "fr")
    assert [tag["name"] for tag in again["tags"]] == ["a"]


def test_putting_somebody_new_without_any_status_is_refused(api):
    assert api.refused("PUT", api.at(ANN), {"email_address": ANN})["errors"][0]["field"] == "status_if_new"


def test_patching_cannot_make_somebody_transactional(api):
    api.person(ANN)
    assert api.refused("PATCH", api.at(ANN), {"status": "transactional"})["errors"][0]["field"] == "status"
    assert api.refused("PATCH", api.at("bob@inbox.example"), {"vip": True})["status"] == 404


def test_patching_reads_no_tags(api):
    api.person(ANN)
    api.patch(api.at(ANN), {"tags": ["a"], "vip": True})
    assert api.truth(ANN)["tags"] == []


def test_the_address_of_a_subscriber_can_be_changed_and_tags_go_along(api):
    api.person(ANN, tags=["a"])
    changed = api.patch(api.at(ANN), {"email_address": "anna@inbox.example"})
    assert changed["id"] in api.at("anna@inbox.example")
    assert api.refused("GET", api.at(ANN))["status"] == 404
    assert api.truth("anna@inbox.example")["tags"] == ["a"]
    (tag,) = api.get("/lists/abc123/segments")["segments"]
    (member,) = api.get(f"/lists/abc123/segments/{tag['id']}/members")["members"]
    assert member["email_address"] == "anna@inbox.example"


def test_an_address_cannot_be_changed_for_others_nor_to_one_that_is_there(api):
    api.person(ANN, status="transactional")
    api.person("bob@inbox.example")
    assert api.refused("PATCH", api.at(ANN), {"email_address": "a@inbox.example"})["title"] == "Invalid Resource"
    assert api.refused("PATCH", api.at("bob@inbox.example"), {"email_address": ANN})["title"] == "Member Exists"


def test_a_stored_bad_address_refuses_an_update_that_does_not_mention_it(api):
    api.person(ANN, merge_fields={"ADDRESS": {"addr1": "1 Road"}})
    problem = api.refused("PATCH", api.at(ANN), {"vip": True})
    assert problem["detail"] == "Your merge fields were invalid."
    assert problem["errors"] == [{"field": "ADDRESS", "message": "Please enter a complete address"}]
    assert api.patch(api.at(ANN), {"vip": True}, skip_merge_validation="true")["vip"] is True


def test_archiving_hides_and_keeps_the_data(api):
    api.person(ANN, tags=["a"], merge_fields={"FNAME": "Ann"})
    api.delete(api.at(ANN))
    found = api.get(api.at(ANN))
    assert (found["status"], found["merge_fields"]["FNAME"], found["tags_count"]) == ("archived", "Ann", 1)
    assert api.get(MEMBERS)["total_items"] == 0
    assert api.get(MEMBERS, status="archived")["total_items"] == 1


@pytest.mark.parametrize("status", ["archived", "pending", "cleaned"])
def test_archived_pending_and_cleaned_contacts_cannot_be_archived(api, status):
    api.person(ANN, status=status)
    problem = api.refused("DELETE", api.at(ANN))
    assert (problem["status"], problem["title"]) == (405, "Method Not Allowed")


def test_tags_are_put_on_and_taken_off_one_contact(api):
    api.person(ANN, tags=["old"])
    marks = [
        {"name": "New", "status": "active"},
        {"name": "OLD", "status": "inactive"},
        {"name": "none", "status": "inactive"},
    ]
    assert api.post(api.at(ANN) + "/tags", {"tags": marks}) is None
    assert api.truth(ANN)["tags"] == ["New"]
    answer = api.get(api.at(ANN) + "/tags")
    assert answer["total_items"] == 1
    assert answer["tags"][0]["date_added"] == "2026-11-18T11:06:40+00:00"
    assert [each["name"] for each in api.get("/lists/abc123/segments")["segments"]] == ["old", "New"]


def test_the_spelling_of_a_tag_that_is_there_wins(api):
    api.person("bob@inbox.example", tags=["Big Spender"])
    api.put(api.at(ANN), {"email_address": ANN, "status_if_new": "subscribed", "tags": [" big spender "]})
    assert api.truth(ANN)["tags"] == ["Big Spender"]


def test_a_tag_begins_an_automation_unless_syncing(api):
    api.person(ANN)
    api.person("bob@inbox.example", status="unsubscribed")
    for email, syncing in ((ANN, False), ("bob@inbox.example", False), (ANN, True)):
        marks = [{"name": f"t{syncing}", "status": "active"}]
        api.post(api.at(email) + "/tags", {"tags": marks, "is_syncing": syncing})
    mails = api.control("GET", "/mail", by="api")
    assert [(mail["email_address"], mail["tag"], mail["delivered"]) for mail in mails["mails"]] == [
        (ANN, "tFalse", True),
        ("bob@inbox.example", "tFalse", False),
    ]
    assert mails["counts"] == {"automation": 2}


def test_a_tag_that_is_there_already_begins_nothing(api):
    api.person(ANN, tags=["a"])
    api.post(api.at(ANN) + "/tags", {"tags": [{"name": "A", "status": "active"}]})
    assert api.mails() == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
def test_empty_and_overlong_tags_are_refused_and_nothing_of_the_call_is_done(api, name):
    api.person(ANN)
    marks = [{"name": "fine", "status": "active"}, {"name": name, "status": "active"}]
    assert api.refused("POST", api.at(ANN) + "/tags", {"tags": marks})["title"] == "Invalid Resource"
    assert api.truth(ANN)["tags"] == []


def test_a_contact_shows_fifty_tags_and_its_tags_page_all(api):
    api.person(ANN, tags=[f"t{number:02}" for number in range(60)])
    found = api.get(api.at(ANN))
    assert (len(found["tags"]), found["tags_count"]) == (50, 60)
    page = api.get(api.at(ANN) + "/tags", count="1000")
    assert (len(page["tags"]), page["total_items"]) == (60, 60)
    assert len(api.get(api.at(ANN) + "/tags")["tags"]) == 10


def test_tagging_moves_the_last_change_unless_told_otherwise(api, hours):
    api.person(ANN)
    hours.instant += 60
    marks = {"tags": [{"name": "a", "status": "active"}]}
    api.post(api.at(ANN) + "/tags", marks)
    assert api.get(api.at(ANN))["last_changed"] == "2026-11-18T11:07:40+00:00"
    api.control("PATCH", "/", {"options": {"tagging_moves_last_changed": False}})
    hours.instant += 60
    api.post(api.at(ANN) + "/tags", {"tags": [{"name": "a", "status": "inactive"}]})
    assert api.get(api.at(ANN))["last_changed"] == "2026-11-18T11:07:40+00:00"


def test_a_write_that_changes_nothing_moves_nothing(api, hours):
    body = {"email_address": ANN, "status": "subscribed", "merge_fields": {"FNAME": "Ann"}, "tags": ["a"]}
    before = api.put(api.at(ANN), body)
    hours.instant += 60
    assert api.put(api.at(ANN), body) == before
