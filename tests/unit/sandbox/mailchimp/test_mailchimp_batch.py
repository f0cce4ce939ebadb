"""POST /lists/{id}: many contacts at once. The status is 200 even if every one of them was refused."""

from __future__ import annotations

import pytest

LIST = "/lists/abc123"


def person(email, **more):
    return {"email_address": email, "status_if_new": "subscribed"} | more


def test_newcomers_are_taken_in_and_named_in_full(api):
    answer = api.post(LIST, {"members": [person("Ann@Inbox.example", tags=["Big spender"])]})
    (made,) = answer["new_members"]
    assert made["email_address"] == "Ann@Inbox.example"
    assert made["id"] == api.at("ann@inbox.example").rpartition("/")[2]
    assert [tag["name"] for tag in made["tags"]] == ["Big spender"]
    assert (answer["total_created"], answer["total_updated"], answer["error_count"]) == (1, 0, 0)


def test_without_update_existing_somebody_there_is_an_error_and_stays_as_they_are(api):
    api.person("ann@inbox.example", status="unsubscribed")
    member = person("ANN@inbox.example", status="subscribed", merge_fields={"FNAME": "Ann"}, tags=["new"])
    answer = api.post(LIST, {"members": [member]})
    (error,) = answer["errors"]
    assert error["error_code"] == "ERROR_CONTACT_EXISTS"
    assert error["error"] == (
        "ANN@inbox.example is already a list member, do you want to update? "
        "please provide update_existing:true in the request body"
    )
    held = api.truth("ann@inbox.example")
    assert (held["status"], held["tags"], held["merge_fields"]) == ("unsubscribed", [], {})


def test_update_existing_without_a_status_keeps_everybodys_status(api):
    states = ["subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived"]
    for state in states:
        api.person(f"{state}@inbox.example", status=state)
    members = [person(f"{state}@inbox.example", merge_fields={"FNAME": "New"}, tags=["seen"]) for state in states]
    answer = api.post(LIST, {"members": members, "update_existing": True})
    assert answer["total_updated"] == len(states)
    held = [api.truth(f"{state}@inbox.example") for state in states]
    assert [each["status"] for each in held] == states
    assert all(each["tags"] == ["seen"] and each["merge_fields"] == {"FNAME": "New"} for each in held)


def test_with_a_status_the_status_of_those_there_changes(api):
    api.person("ann@inbox.example")
    api.post(
        LIST, {"members": [{"email_address": "ann@inbox.example", "status": "unsubscribed"}], "update_existing": True}
    )
    assert api.truth("ann@inbox.example")["history"][-1] == {
        "at": "2026-11-18T11:06:40+00:00",
        "was": "subscribed",
        "status": "unsubscribed",
        "by": "api",
    }


def test_the_status_if_new_wins_for_newcomers(api):
    member = person("ann@inbox.example", status="subscribed", status_if_new="transactional")
    api.post(LIST, {"members": [member], "update_existing": True})
    assert api.truth("ann@inbox.example")["status"] == "transactional"


def test_sync_tags_takes_off_what_others_put_on(api):
    api.person("ann@inbox.example", tags=["by hand", "Kept"])
    body = {"members": [person("ann@inbox.example", tags=["kept", "new"])], "update_existing": True}
    api.post(LIST, body)
    assert api.truth("ann@inbox.example")["tags"] == ["Kept", "by hand", "new"]
    api.post(LIST, body | {"sync_tags": True})
    assert api.truth("ann@inbox.example")["tags"] == ["Kept", "new"]


def test_sync_tags_leaves_a_contact_whose_tags_are_not_in_the_request(api):
    api.person("ann@inbox.example", tags=["by hand"])
    api.post(LIST, {"members": [person("ann@inbox.example")], "update_existing": True, "sync_tags": True})
    assert api.truth("ann@inbox.example")["tags"] == ["by hand"]


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        ("somebody@example.com", "somebody@example.com looks fake or invalid, please enter a real email address."),
        ("NoReply@inbox.example", "NoReply@inbox.example looks fake or invalid, please enter a real email address."),
        ("no address", "Please provide a valid email address."),
        (" ann@inbox.example", "Please provide a valid email address."),
        ("ann@inbox", "The domain portion of the email address is invalid (the portion after the @: inbox)"),
        ("", "The resource submitted could not be validated. For field-specific details, see the 'errors' array."),
    ],
)
def test_addresses_that_cannot_be_anybodys_are_errors_beside_the_rest(api, email, reason):
    answer = api.post(LIST, {"members": [person(email), person("ann@inbox.example")]})
    (error,) = answer["errors"]
    assert (error["email_address"], error["error"], error["error_code"]) == (email, reason, "ERROR_GENERIC")
    assert answer["total_created"] == 1


def test_somebody_forgotten_or_in_a_compliance_state_is_an_error_told_in_prose_only(api):
    api.person("gone@inbox.example")
    api.control("DELETE", "/lists/abc123/members/gone@inbox.example", permanent="true")
    api.person("left@inbox.example", status="unsubscribed", by="self")
    members = [person("gone@inbox.example"), person("left@inbox.example", status="subscribed")]
    answer = api.post(LIST, {"members": members, "update_existing": True})
    assert [(error["error_code"], error["error"]) for error in answer["errors"]] == [
        (
            "ERROR_GENERIC",
            "gone@inbox.example was permanently deleted and cannot be re-imported. "
            "The contact must re-subscribe to get back on the list.",
        ),
        (
            "ERROR_GENERIC",
            "left@inbox.example is in a compliance state due to unsubscribe, bounce, or compliance review "
            "and cannot be subscribed.",
        ),
    ]


def test_an_address_twice_in_one_call_counts_once_and_is_an_error_unless_that_check_is_skipped(api):
    members = [person("ann@inbox.example"), person("Ann@inbox.example", status_if_new="transactional")]
    answer = api.post(LIST, {"members": members})
    assert (answer["total_created"], answer["error_count"]) == (1, 1)
    members = [person("bob@inbox.example"), person("Bob@inbox.example", status_if_new="transactional")]
    answer = api.post(LIST, {"members": members}, skip_duplicate_check="true")
    assert (answer["total_created"], answer["error_count"]) == (1, 0)
    assert api.truth("bob@inbox.example")["status"] == "subscribed"


def test_missing_and_malformed_merge_fields_are_named(api):
    answer = api.post("/lists/strict", {"members": [person("ann@inbox.example")]})
    (error,) = answer["errors"]
    assert error["error"] == "Your merge fields were invalid."
    assert (error["field"], error["field_message"]) == ("SHOP", "Please enter a value")
    member = person("ann@inbox.example", merge_fields={"ADDRESS": {"addr1": "1 Road"}})
    answer = api.post(LIST, {"members": [member]})
    assert answer["errors"][0]["field_message"] == "Please enter a complete address"


def test_required_fields_may_be_skipped(api):
    body = {"members": [person("ann@inbox.example")]}
    assert api.post("/lists/strict", body, skip_merge_validation="true")["total_created"] == 1


def test_a_capital_true_is_not_taken_for_true(api):
    body = {"members": [person("ann@inbox.example")]}
    assert api.post("/lists/strict", body, skip_merge_validation="True")["error_count"] == 1


def test_an_unknown_interest_fails_the_whole_contact(api):
    answer = api.post(LIST, {"members": [person("ann@inbox.example", interests={"hats": True})]})
    assert answer["errors"][0]["error"] == "Invalid interest ID: 'hats'."
    answer = api.post(LIST, {"members": [person("ann@inbox.example", interests={"shoes": True})]})
    assert answer["new_members"][0]["interests"] == {"shoes": True}


def test_a_contact_that_is_refused_is_not_half_written(api):
    api.person("ann@inbox.example", status="unsubscribed")
    member = person("ann@inbox.example", status="subscribed", tags=["a" * 101], merge_fields={"FNAME": "Ann"})
    answer = api.post(LIST, {"members": [member], "update_existing": True})
    assert answer["error_count"] == 1
    held = api.truth("ann@inbox.example")
    assert (held["status"], held["merge_fields"]) == ("unsubscribed", {})


def test_nulls_say_nothing(api):
    nulls = dict.fromkeys(("tags", "merge_fields", "status", "language", "vip", "timestamp_opt"))
    answer = api.post(LIST, {"members": [person("ann@inbox.example") | nulls], "update_existing": None})
    assert answer["total_created"] == 1


@pytest.mark.parametrize("when", ["2026-11-01 08:00:00", "2026-11-01T08:00:00+00:00", "2026-11-01T08:00:00Z", ""])
def test_the_two_forms_of_an_instant_are_taken(api, when):
    answer = api.post(LIST, {"members": [person("ann@inbox.example", timestamp_opt=when)]})
    shown = answer["new_members"][0]["timestamp_opt"]
    assert shown == ("2026-11-01T08:00:00+00:00" if when else "2026-11-18T11:06:40+00:00")


def test_an_instant_that_no_calendar_has_is_an_error(api):
    answer = api.post(LIST, {"members": [person("ann@inbox.example", timestamp_opt="2026-13-99 08:00:00")]})
    assert answer["errors"][0]["field"] == "timestamp_opt"


@pytest.mark.parametrize(
    ("members", "field", "message"),
    [
        ([{"email_address": "a@b.example"}], "members.item:0", None),
        ([person("a@b.example", status="gone")], "members.item:0.status", None),
        ([person(7)], "members.item:0.email_address", "Schema describes string, integer found instead"),
        ([person("a@b.example", tags="x")], "members.item:0.tags", "Schema describes array, string found instead"),
        ([person("a@b.example", timestamp_opt="2026-11-01T08:00:00.5+00:00")], "members.item:0.timestamp_opt", None),
        ([person(f"p{number}@b.example") for number in range(501)], "members", None),
        (None, "", "Required fields were not provided: members"),
    ],
)  # fmt: skip
def test_a_request_that_does_not_fit_is_refused_whole(api, members, field, message):
    fine = [person("fine@inbox.example")] if members else []
    problem = api.refused("POST", LIST, {"members": members and members + fine})
    assert problem["title"] == "Invalid Resource"
    (error,) = problem["errors"]
    assert error["field"] == field
    assert message is None or error["message"] == message
    assert api.get(LIST + "/members")["total_items"] == 0


def test_five_hundred_are_taken_at_once(api):
    answer = api.post(LIST, {"members": [person(f"p{number}@inbox.example") for number in range(500)]})
    assert answer["total_created"] == 500


def test_an_archived_contact_may_be_taken_for_new(api):
    api.person("ann@inbox.example", status="archived")
    api.control("PATCH", "/", {"options": {"archived": "new"}})
    api.post(LIST, {"members": [person("ann@inbox.example")], "update_existing": True})
    assert api.truth("ann@inbox.example")["status"] == "subscribed"
