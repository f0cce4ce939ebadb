"""Tags as static segments: created, found, filled, emptied, deleted."""

from __future__ import annotations

import pytest

SEGMENTS = "/lists/abc123/segments"
ANN, BOB = "ann@inbox.example", "bob@inbox.example"


def tag(api, name="tag", **more):
    return f"{SEGMENTS}/{api.post(SEGMENTS, {'name': name, 'static_segment': [], **more})['id']}"


def names(members):
    return [each["email_address"] for each in members]


def test_a_tag_is_created_found_and_shown(api):
    made = api.post(SEGMENTS, {"name": " Big Spender ", "static_segment": []})
    assert (made["name"], made["type"], made["member_count"]) == ("Big Spender", "static", 0)
    assert api.get(f"{SEGMENTS}/{made['id']}") == made
    assert api.get(SEGMENTS, type="static")["segments"] == [made]
    assert api.get("/lists/abc123/tag-search", name="big")["tags"] == [{"id": made["id"], "name": "Big Spender"}]
    assert api.get("/lists/abc123/tag-search", name="x")["total_items"] == 0
    assert api.get("/lists/abc123/tag-search")["total_items"] == 1


def test_a_tag_may_be_created_full_and_strangers_are_ignored(api):
    api.person(ANN)
    made = api.post(SEGMENTS, {"name": "a", "static_segment": [ANN, "nobody@inbox.example"]})
    assert made["member_count"] == 1
    assert api.truth(ANN)["tags"] == ["a"]


def test_a_name_that_is_there_in_any_letters_is_refused(api):
    tag(api, "Big Spender")
    for method, path in (("POST", SEGMENTS), ("PATCH", tag(api, "other"))):
        problem = api.refused(method, path, {"name": "BIG spender"})
        assert (problem["status"], problem["title"]) == (400, "Bad Request")
        assert problem["detail"] == "Sorry, that tag already exists."


def test_a_saved_segment_may_share_a_tags_name_and_is_no_tag(api):
    tag(api, "both")
    options = {"match": "any", "conditions": []}
    saved = api.post(SEGMENTS, {"name": "both", "options": options})
    assert (saved["type"], saved["options"]) == ("saved", options)
    assert api.get(SEGMENTS, type="saved")["segments"] == [saved]
    assert api.get(SEGMENTS, exclude_type="static")["total_items"] == 1
    problem = api.refused("POST", f"{SEGMENTS}/{saved['id']}", {"members_to_add": [ANN]})
    assert problem["detail"] == f"A Static Segment with an id of {saved['id']} does not exist for this list."
    renamed = api.patch(f"{SEGMENTS}/{saved['id']}", {"name": "else", "options": {"match": "all"}})
    assert (renamed["name"], renamed["options"]) == ("else", {"match": "all"})
    api.delete(f"{SEGMENTS}/{saved['id']}")


def test_members_and_conditions_cannot_be_mixed(api):
    problem = api.refused("POST", SEGMENTS, {"name": "a", "static_segment": [], "options": {}})
    assert problem["errors"][0]["field"] == "static_segment"


def test_segments_come_in_pages_with_filters_by_age(api, hours):
    for number in range(12):
        tag(api, f"t{number}")
        hours.instant += 60
    page = api.get(SEGMENTS)
    assert (len(page["segments"]), page["total_items"]) == (10, 12)
    assert len(api.get(SEGMENTS, count="10", offset="10")["segments"]) == 2
    late, early = "2026-11-18T11:16:00+00:00", "2026-11-18T11:08:00Z"
    assert api.get(SEGMENTS, since_created_at=late)["total_items"] == 2
    assert api.get(SEGMENTS, before_created_at=early)["total_items"] == 2
    assert api.get(SEGMENTS, since_updated_at=late, before_updated_at=early)["total_items"] == 0


@pytest.mark.parametrize("segment_id", ["1", "x", "99999999"])
def test_a_segment_that_is_not_there_is_not_found(api, segment_id):
    assert api.refused("GET", f"{SEGMENTS}/{segment_id}")["title"] == "Resource Not Found"


def test_many_are_put_in_and_taken_out_in_one_call_and_named_in_full(api):
    path = tag(api)
    api.person(ANN, tags=["tag"])
    api.person(BOB)
    answer = api.post(path, {"members_to_add": ["BOB@inbox.example"], "members_to_remove": [ANN]})
    assert (names(answer["members_added"]), names(answer["members_removed"])) == ([BOB], [ANN])
    assert (answer["total_added"], answer["total_removed"], answer["error_count"]) == (1, 1, 0)
    assert answer["members_added"][0]["tags"][0]["name"] == "tag"
    assert (api.truth(ANN)["tags"], api.truth(BOB)["tags"]) == ([], ["tag"])


def test_addresses_not_in_the_list_are_errors_grouped_by_reason_or_not_named_at_all(api):
    path = tag(api)
    api.person(ANN)
    api.person(BOB, status="archived")
    api.control("PATCH", "/", {"refuse": [{"email_address": "no@inbox.example", "when": "tagging", "detail": "No."}]})
    body = {"members_to_add": [ANN, BOB, "who@inbox.example", "no@inbox.example", "no address"]}
    answer = api.post(path, body)
    assert names(answer["members_added"]) == [ANN]
    assert answer["errors"] == [
        {"email_addresses": [BOB, "who@inbox.example", "no address"], "error": "Email address is not on this list"},
        {"email_addresses": ["no@inbox.example"], "error": "No."},
    ]
    api.control("PATCH", "/", {"options": {"absent": "silent"}})
    answer = api.post(path, {"members_to_add": ["who@inbox.example"], "members_to_remove": ["who@inbox.example"]})
    assert (answer["total_added"], answer["total_removed"], answer["errors"]) == (0, 0, [])


@pytest.mark.parametrize(("repeated", "named", "errors"), [("named", 1, 0), ("errors", 0, 1), ("silent", 0, 0)])
def test_somebody_tagged_already_is_named_refused_or_left_out(api, repeated, named, errors):
    path = tag(api)
    api.person(ANN, tags=["tag"])
    api.person(BOB)
    api.control("PATCH", "/", {"options": {"repeated": repeated}})
    answer = api.post(path, {"members_to_add": [ANN]})
    assert (answer["total_added"], answer["error_count"]) == (named, errors)
    answer = api.post(path, {"members_to_remove": [BOB]})
    assert (answer["total_removed"], answer["error_count"]) == (named, errors)
    assert api.mails() == []


@pytest.mark.parametrize("key", ["members_to_add", "members_to_remove"])
def test_five_hundred_are_taken_and_five_hundred_and_one_refused_in_the_services_words(api, key):
    path = tag(api)
    people = [f"p{number}@inbox.example" for number in range(501)]
    api.control("POST", "/lists/abc123/members", {"members": [{"email_address": each} for each in people]})
    problem = api.refused("POST", path, {key: people})
    assert (problem["title"], problem["detail"]) == (
        "Invalid Resource",
        "Maximum allowed member items exceeded, please provide at most 500 items "
        "in members_to_add field or members_to_remove field",
    )
    assert api.get(path)["member_count"] == 0
    api.post(path, {"members_to_add": people[:500], "members_to_remove": people[500:]})
    assert api.get(path)["member_count"] == 500


def test_tagging_many_begins_automations_for_everybody_who_had_not_the_tag(api):
    path = tag(api)
    api.person(ANN)
    api.person(BOB, tags=["tag"])
    api.control("DELETE", "/mail")
    api.post(path, {"members_to_add": [ANN, BOB]})
    assert api.mails() == [("automation", ANN)]


def test_unsubscribed_cleaned_and_transactional_members_are_hidden_unless_asked_for(api):
    for status in ("subscribed", "pending", "unsubscribed", "cleaned", "transactional", "archived"):
        api.person(f"{status}@inbox.example", status=status, tags=["tag"])
    path = f"{SEGMENTS}/{api.get(SEGMENTS)['segments'][0]['id']}"
    assert names(api.get(path + "/members")["members"]) == ["subscribed@inbox.example", "pending@inbox.example"]
    assert api.get(path)["member_count"] == 1
    hidden = {"include_unsubscribed": "true", "include_cleaned": "true", "include_transactional": "true"}
    assert api.get(path + "/members", **hidden)["total_items"] == 5
    assert api.get(path, **hidden)["member_count"] == 4
    page = api.get(
        path + "/members", include_cleaned="true", count="1", offset="2", fields="members.status,total_items"
    )
    assert page == {"members": [{"status": "cleaned"}], "total_items": 3}


def test_counts_follow_the_members_statuses(api):
    api.person(ANN, tags=["tag"])
    path = f"{SEGMENTS}/{api.get(SEGMENTS)['segments'][0]['id']}"
    api.patch(api.at(ANN), {"status": "unsubscribed"})
    assert api.get(path)["member_count"] == 0
    assert api.get(path, include_unsubscribed="true")["member_count"] == 1


def test_one_is_put_in_and_taken_out(api):
    path = tag(api)
    api.person(ANN)
    key = api.at(ANN).rpartition("/")[2]
    assert api.post(path + "/members", {"email_address": ANN})["email_address"] == ANN
    assert api.delete(f"{path}/members/{key}") is None
    assert api.refused("DELETE", f"{path}/members/{key}")["status"] == 404
    assert api.refused("POST", path + "/members", {"email_address": BOB})["status"] == 404


def test_patching_replaces_the_members_and_an_empty_list_takes_everybody_out(api):
    path = tag(api)
    api.person(ANN, tags=["tag"])
    api.person(BOB)
    assert api.patch(path, {"name": "tag", "static_segment": [BOB]})["member_count"] == 1
    assert (api.truth(ANN)["tags"], api.truth(BOB)["tags"]) == ([], ["tag"])
    assert api.patch(path, {"name": "Tag", "static_segment": []})["member_count"] == 0
    assert api.get(path)["name"] == "Tag"


def test_deleting_a_tag_takes_it_off_everybody_and_moves_nobodys_last_change(api, hours):
    api.person(ANN, tags=["tag"])
    path = f"{SEGMENTS}/{api.get(SEGMENTS)['segments'][0]['id']}"
    hours.instant += 60
    assert api.delete(path) is None
    assert api.truth(ANN)["tags"] == []
    assert api.get(api.at(ANN))["last_changed"] == "2026-11-18T11:06:40+00:00"
    assert api.refused("POST", path, {"members_to_add": [ANN]})["status"] == 404
    tag(api, "tag")
