"""The control API: the world as people and chance change it, and the truth that tests read."""

from __future__ import annotations

import json

import pytest

from connectors.sandbox.exchange import Request

ANN = "ann@inbox.example"
MEMBERS = "/lists/abc123/members"


def refused(api, method, path, body=None):
    raw = b"" if body is None else json.dumps(body).encode()
    response = api.account.control(Request(method=method, path=path, body=raw))
    assert response.status >= 400
    return json.loads(response.body)


def test_people_are_put_in_one_by_one_and_by_the_thousand(api):
    assert api.control("POST", MEMBERS, {"email_address": ANN, "tags": ["a"]}) == {"added": 1}
    many = [{"email_address": f"p{number}@inbox.example", "status": "transactional"} for number in range(1000)]
    assert api.control("POST", MEMBERS, {"members": many}) == {"added": 1000}
    assert api.get(MEMBERS)["total_items"] == 1001
    assert refused(api, "POST", MEMBERS, {"email_address": ANN})["title"] == "Member Exists"


def test_people_may_have_come_long_ago_and_any_address_goes(api):
    api.person("somebody@example.com", at=1_700_000_000, status="unsubscribed", by="self")
    held = api.truth("somebody@example.com")
    assert held["last_changed"] == held["history"][0]["at"] == "2023-11-14T22:13:20+00:00"
    assert held["locked"] == "unsubscribe"


def test_the_truth_tells_who_did_what_when(api, hours):
    api.person(ANN, by="self")
    hours.instant += 60
    api.control("PATCH", f"{MEMBERS}/{ANN}", {"status": "unsubscribed", "by": "self"})
    hours.instant += 60
    api.control("DELETE", f"{MEMBERS}/{ANN}")
    held = api.truth(ANN)
    assert held["history"] == [
        {"at": "2026-11-18T11:06:40+00:00", "was": None, "status": "subscribed", "by": "self"},
        {"at": "2026-11-18T11:07:40+00:00", "was": "subscribed", "status": "unsubscribed", "by": "self"},
        {"at": "2026-11-18T11:08:40+00:00", "was": "unsubscribed", "status": "archived", "by": "admin"},
    ]
    assert (held["status"], held["by"], held["locked"]) == ("archived", "admin", "unsubscribe")


def test_people_are_tagged_by_hand(api, hours):
    api.person(ANN, tags=["old", "kept"])
    hours.instant += 60
    shown = api.control("PATCH", f"{MEMBERS}/{ANN}", {"add_tags": ["new", "KEPT"], "remove_tags": ["OLD", "none"]})
    assert shown["tags"] == ["kept", "new"]
    assert shown["last_changed"] == "2026-11-18T11:07:40+00:00"
    assert api.mails("admin") == [("automation", ANN)]
    assert api.mails("api") == []


def test_fields_are_stored_as_they_are(api):
    api.person(ANN, merge_fields={"FNAME": "Ann"})
    shown = api.control("PATCH", f"{MEMBERS}/{ANN}", {"merge_fields": {"ADDRESS": {"addr1": "1 Road"}}})
    assert shown["merge_fields"] == {"FNAME": "Ann", "ADDRESS": {"addr1": "1 Road"}}


def test_an_admin_adding_people_mails_nobody_and_a_form_does(api):
    api.person(ANN)
    api.person("bob@inbox.example", by="import", status="pending")
    assert api.control("GET", "/mail")["mails"] == []
    api.person("eve@inbox.example", by="self")
    assert api.mails("self") == [("welcome", "eve@inbox.example")]
    api.control("DELETE", "/mail")
    assert api.control("GET", "/mail")["total_items"] == 0


def test_lists_are_opened(api):
    api.control("POST", "/lists", {"id": "more", "name": "More", "merge_fields": [{"tag": "A", "required": True}]})
    assert api.get("/lists/more")["name"] == "More"
    assert [each["id"] for each in api.control("GET", "/")["lists"]] == ["abc123", "strict", "more"]
    assert "more" in refused(api, "POST", "/lists", {"id": "more", "name": "More"})["detail"]


def test_the_key_changes_at_once(api):
    api.control("PATCH", "/", {"api_key": "f" * 32 + "-us2"})
    assert api.call("GET", "/ping").json["title"] == "API Key Invalid"
    api.key = "f" * 32 + "-us2"
    assert api.call("GET", "/ping").status == 200


def test_one_option_leaves_the_others(api):
    api.control("PATCH", "/", {"options": {"absent": "silent"}})
    options = api.control("PATCH", "/", {"options": {"connections": 4}})["options"]
    assert (options["absent"], options["connections"]) == ("silent", 4)


def test_a_refusal_is_ended_by_refusing_no_times(api):
    api.control("PATCH", "/", {"refuse": [{"email_address": ANN}]})
    api.control("PATCH", "/", {"refuse": [{"email_address": ANN, "times": 0}]})
    api.post(MEMBERS, {"email_address": ANN, "status": "subscribed"})


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/nowhere", None),
        ("GET", "/lists/nowhere/members", None),
        ("PATCH", f"{MEMBERS}/{ANN}", {"status": "subscribed"}),
        ("PATCH", "/", {"optoins": {}}),
        ("PATCH", "/", {"options": {"connectoins": 1}}),
        ("PATCH", "/", {"faults": [{"kind": "torn"}]}),
        ("POST", MEMBERS, {"email_address": ANN, "status": "gone"}),
        ("POST", "/lists", {"id": "x", "name": "X", "merge_fields": [{"tag": "lower"}]}),
    ],
)
def test_what_the_control_api_does_not_know_is_refused(api, method, path, body):
    assert refused(api, method, path, body)["status"] in {400, 404}
