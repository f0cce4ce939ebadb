"""Who can be subscribed, what each change of status sets off, and who would have been mailed."""

from __future__ import annotations

import pytest

ANN = "ann@inbox.example"


def subscribe(api, email=ANN):
    return api.call("PUT", api.at(email), {"email_address": email, "status": "subscribed"})


@pytest.mark.parametrize(
    "how",
    [
        {"status": "unsubscribed", "by": "self"},
        {"status": "cleaned", "by": "mailchimp"},
        {"status": "cleaned", "by": "admin"},
        {"under_review": True, "status": "unsubscribed"},
    ],
)
def test_who_left_bounced_or_is_under_review_cannot_be_subscribed(api, how):
    api.person(ANN)
    api.control("PATCH", f"/lists/abc123/members/{ANN}", how)
    got = subscribe(api)
    assert (got.status, got.json["title"]) == (400, "Member In Compliance State")
    assert got.json["detail"] == (
        f"{ANN} is in a compliance state due to unsubscribe, bounce, or compliance review and cannot be subscribed."
    )
    assert api.truth(ANN)["status"] != "subscribed"


@pytest.mark.parametrize("who", ["admin", "import"])
def test_whom_an_admin_unsubscribed_the_api_subscribes_and_greets_again(api, who):
    api.person(ANN)
    api.control("PATCH", f"/lists/abc123/members/{ANN}", {"status": "unsubscribed", "by": who})
    assert subscribe(api).status == 200
    assert api.mails() == [("welcome", ANN)]


def test_whom_the_api_unsubscribed_the_api_subscribes(api):
    api.person(ANN)
    api.patch(api.at(ANN), {"status": "unsubscribed"})
    assert subscribe(api).status == 200


def test_whom_the_api_cleaned_is_locked_out(api):
    api.person(ANN)
    api.patch(api.at(ANN), {"status": "cleaned"})
    assert subscribe(api).json["title"] == "Member In Compliance State"


def test_the_way_back_is_pending_and_the_persons_own_confirmation(api):
    api.person(ANN, status="unsubscribed", by="self")
    api.patch(api.at(ANN), {"status": "pending"})
    assert api.mails() == [("confirmation", ANN)]
    assert subscribe(api).json["title"] == "Member In Compliance State"
    api.control("PATCH", f"/lists/abc123/members/{ANN}", {"status": "subscribed", "by": "self"})
    assert api.truth(ANN)["locked"] is None
    api.patch(api.at(ANN), {"status": "unsubscribed"})
    assert subscribe(api).status == 200


def test_a_review_may_end_well(api):
    api.person(ANN, status="transactional")
    path = f"/lists/abc123/members/{ANN}"
    assert api.control("PATCH", path, {"under_review": True})["locked"] == "review"
    api.control("PATCH", path, {"under_review": False})
    assert subscribe(api).status == 200


def test_somebody_locked_can_still_be_changed_and_tagged(api):
    api.person(ANN, status="unsubscribed", by="self")
    api.put(api.at(ANN), {"email_address": ANN, "status_if_new": "subscribed", "merge_fields": {"FNAME": "Ann"}})
    api.post(api.at(ANN) + "/tags", {"tags": [{"name": "a", "status": "active"}]})
    assert api.truth(ANN)["status"] == "unsubscribed"
    assert api.truth(ANN)["tags"] == ["a"]


def test_an_archived_contact_comes_back_as_subscribed_whatever_it_was(api):
    api.person(ANN, status="unsubscribed")
    api.control("DELETE", f"/lists/abc123/members/{ANN}")
    assert subscribe(api).status == 200
    steps = [(step["status"], step["by"]) for step in api.truth(ANN)["history"]]
    assert steps == [("unsubscribed", "admin"), ("archived", "admin"), ("subscribed", "api")]


def test_an_archived_contact_that_had_left_stays_locked(api):
    api.person(ANN, status="unsubscribed", by="self")
    api.control("DELETE", f"/lists/abc123/members/{ANN}")
    assert subscribe(api).json["title"] == "Member In Compliance State"


@pytest.mark.parametrize("status", ["subscribed", "pending", "transactional", "unsubscribed"])
def test_whoever_was_forgotten_is_not_found_and_never_taken_in_again(api, status):
    api.person(ANN, tags=["a"])
    api.post(api.at(ANN) + "/actions/delete-permanent")
    assert api.refused("GET", api.at(ANN))["title"] == "Resource Not Found"
    for method, path in (("POST", "/lists/abc123/members"), ("PUT", api.at(ANN))):
        problem = api.refused(method, path, {"email_address": ANN, "status": status})
        assert problem["title"] == "Forgotten Email Not Subscribed"
        assert problem["detail"].startswith(f"{ANN} was permanently deleted and cannot be re-imported.")
    held = api.truth(ANN)
    assert (held["status"], held["email_address"], held["by"]) == ("forgotten", None, "api")
    assert api.get("/lists/abc123/segments")["segments"][0]["member_count"] == 0


def test_whoever_was_forgotten_can_come_back_by_themselves(api):
    api.person(ANN)
    api.control("PATCH", f"/lists/abc123/members/{ANN}", {"status": "forgotten"})
    api.person(ANN, by="self")
    assert api.get(api.at(ANN))["source"] == "Hosted Signup Form"
    assert len(api.control("GET", "/lists/abc123/members")["members"]) == 1


def test_an_address_that_joined_many_lists_is_refused_for_a_while(api):
    refuse = {"email_address": ANN, "reason": "many_lists", "times": 2}
    api.control("PATCH", "/", {"refuse": [refuse]})
    answers = [subscribe(api) for _ in range(3)]
    assert [got.status for got in answers] == [400, 400, 200]
    assert answers[0].json["detail"] == (
        f"{ANN} has signed up to a lot of lists very recently; we're not allowing more signups for now."
    )


@pytest.mark.parametrize(
    ("reason", "title"),
    [
        ("fake", "Invalid Resource"),
        ("compliance", "Member In Compliance State"),
        ("forgotten", "Forgotten Email Not Subscribed"),
    ],
)
def test_an_address_may_be_refused_for_any_of_the_known_reasons(api, reason, title):
    api.control("PATCH", "/", {"refuse": [{"email_address": ANN, "reason": reason}]})
    assert subscribe(api).json["title"] == title


def test_an_address_may_be_refused_in_words_nobody_has_seen_before(api):
    api.control("PATCH", "/", {"refuse": [{"email_address": ANN, "reason": "other", "detail": "Not today."}]})
    assert subscribe(api).json["detail"] == "Not today."


def test_somebody_there_is_refused_only_when_subscribed_anew(api):
    api.person(ANN, status="transactional")
    api.control("PATCH", "/", {"refuse": [{"email_address": ANN, "reason": "many_lists"}]})
    api.patch(api.at(ANN), {"vip": True})
    assert subscribe(api).status == 400


def test_subscribing_greets_and_pending_asks_each_time(api):
    subscribe(api)
    api.post("/lists/abc123/members", {"email_address": "bob@inbox.example", "status": "pending"})
    api.patch(api.at("bob@inbox.example"), {"status": "pending"})
    assert api.mails() == [
        ("welcome", ANN),
        ("confirmation", "bob@inbox.example"),
        ("confirmation", "bob@inbox.example"),
    ]


def test_transactional_and_unsubscribed_newcomers_are_not_mailed(api):
    for number, status in enumerate(("transactional", "unsubscribed", "cleaned")):
        email = f"p{number}@inbox.example"
        api.post("/lists/abc123/members", {"email_address": email, "status": status})
    assert api.mails() == []


def test_a_list_without_a_welcome_greets_nobody(api):
    api.control("POST", "/lists", {"id": "quiet", "name": "Quiet", "welcome": False})
    api.post("/lists/quiet/members", {"email_address": ANN, "status": "subscribed"})
    assert api.mails() == []
    assert api.get("/lists/quiet")["has_welcome"] is False


def test_writing_what_is_there_greets_nobody_again(api):
    subscribe(api)
    subscribe(api)
    assert api.mails() == [("welcome", ANN)]


def test_double_opt_in_does_not_stop_the_api(api):
    api.control("POST", "/lists", {"id": "double", "name": "Double", "double_optin": True})
    assert api.get("/lists/double")["double_optin"] is True
    made = api.post("/lists/double/members", {"email_address": ANN, "status": "subscribed"})
    assert made["status"] == "subscribed"
