"""Who is let in, how many at once, what is counted, and which answers go wrong because a test says so."""

from __future__ import annotations

import base64
import threading

import pytest

from connectors.sandbox.exchange import Request
from connectors.sandbox.mailchimp import DEFAULT_KEY, Account, NewList


def basic(user: str, key: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{key}".encode()).decode()}


def test_any_user_with_the_key_as_password_is_let_in(api):
    got = api.raw("GET", "/ping", b"", {}, **basic("whoever", DEFAULT_KEY))
    assert got.json == {"health_status": "Everything's Chimpy!"}


def test_the_key_as_a_bearer_token_is_let_in(api):
    assert api.get("/")["account_name"] == "Simulated account"


@pytest.mark.parametrize(
    ("headers", "title"),
    [
        (basic("user", "0" * 32 + "-us1"), "API Key Invalid"),
        (basic("user", DEFAULT_KEY.replace("us1", "us2")), "API Key Invalid"),
        ({"authorization": "Bearer nonsense"}, "API Key Invalid"),
        ({"authorization": "Basic §§§"}, "API Key Invalid"),
        ({"authorization": ""}, "API Key Missing"),
        ({"authorization": "Digest x"}, "API Key Missing"),
    ],
)
def test_everybody_else_is_told_401(api, headers, title):
    got = api.raw("GET", "/lists", b"", {}, **headers)
    assert (got.status, got.json["title"]) == (401, title)


def test_a_problem_names_its_occurrence_as_the_request_id_does(api):
    got = api.call("GET", "/lists/nowhere")
    assert got.json["instance"] == got.headers["X-Request-Id"]
    assert got.json["type"] == "https://mailchimp.com/developer/marketing/docs/errors/"


def test_unknown_paths_are_404_and_wrong_methods_405(api):
    assert api.refused("GET", "/nowhere")["title"] == "Resource Not Found"
    assert api.refused("DELETE", "/ping")["title"] == "Method Not Allowed"


def test_another_method_may_be_named_on_post_only(api):
    api.person("ann@inbox.example")
    path = "/lists/abc123/members/ann@inbox.example"
    override = {"x-http-method-override": "PATCH"}
    request = Request(method="POST", path=path, body=b'{"vip": true}', headers=override | basic("u", api.key))
    assert api.account.answer(request).status == 200
    assert api.get(path)["vip"] is True
    request = Request(method="GET", path=path, headers=override | basic("u", api.key))
    assert api.account.answer(request).status == 422


def test_paths_are_percent_decoded(api):
    api.person("ann+news@inbox.example")
    assert api.get("/lists/abc123/members/ann%2Bnews%40inbox.example")["email_address"] == "ann+news@inbox.example"


def test_a_body_that_is_no_json_is_refused(api):
    got = api.raw("POST", "/lists/abc123", b"{members:", {})
    assert (got.status, got.json["title"]) == (400, "JSON Parse Error")


class Held:
    """A clock that keeps whoever asks waiting."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.go_on.set()

    def now(self) -> int:
        self.go_on.wait(10)
        return 1_795_000_000


def test_the_eleventh_simultaneous_call_is_told_429():
    clock = Held()
    account = Account(clock, [NewList(id="abc123", name="Newsletter")])
    request = Request(method="GET", path="/lists", headers=basic("user", DEFAULT_KEY))
    clock.go_on.clear()
    answers = []
    done = threading.Semaphore(0)

    def call() -> None:
        answers.append(account.answer(request).status)
        done.release()

    calls = [threading.Thread(target=call) for _ in range(12)]
    for each in calls:
        each.start()
    refused = [done.acquire(timeout=10) for _ in range(2)]
    assert refused == [True, True]
    assert answers == [429, 429]
    clock.go_on.set()
    for each in calls:
        each.join(10)
    assert sorted(answers) == [200] * 10 + [429] * 2
    assert account.answer(request).status == 200


def test_what_other_apps_take_of_the_connections_is_missing(api):
    api.control("PATCH", "/", {"options": {"connections": 0}})
    assert api.refused("GET", "/ping")["title"] == "Too Many Requests"


@pytest.mark.parametrize(("kind", "status"), [("forbidden_bare", 403), ("busy_bare", 429)])
def test_answers_without_a_body_come_for_as_many_calls_as_asked(api, kind, status):
    api.control("PATCH", "/", {"faults": [{"kind": kind, "calls": 2, "after": 1}]})
    answers = [api.account.answer(Request(method="GET", path="/ping", headers=basic("u", api.key))) for _ in range(4)]
    assert [each.status for each in answers] == [200, status, status, 200]
    assert answers[1].body == b""
    assert api.control("GET", "/")["faults_left"] == 0


def test_a_fault_may_be_for_writes_only_or_for_one_kind_of_call(api):
    kind = "POST /lists/{list_id}"
    api.control("PATCH", "/", {"faults": [{"kind": "busy_unsaid", "only": "writes"}, {"only": kind, "status": 500}]})
    api.get("/ping")
    segment = Request(method="POST", path="/lists/abc123/segments", headers=basic("u", api.key), body=b'{"name": "a"}')
    batch = Request(method="POST", path="/lists/abc123", headers=basic("u", api.key), body=b'{"members": []}')
    assert [api.account.answer(each).status for each in (segment, batch, batch)] == [429, 500, 200]


def test_an_answer_may_be_lost_although_the_call_was_carried_out(api):
    api.control("PATCH", "/", {"faults": [{"kind": "lost", "status": 500}]})
    request = Request(
        method="POST",
        path="/lists/abc123/members",
        headers=basic("u", api.key),
        body=b'{"email_address": "ann@inbox.example", "status": "subscribed"}',
    )
    assert api.account.answer(request).status == 500
    assert api.truth("ann@inbox.example")["status"] == "subscribed"


def test_an_answer_may_be_cut_in_half_or_be_a_proxys_page(api):
    api.control("PATCH", "/", {"faults": [{"kind": "cut"}, {"kind": "page", "status": 200}]})
    request = Request(method="GET", path="/lists/abc123", headers=basic("u", api.key))
    cut, page = api.account.answer(request), api.account.answer(request)
    assert cut.status == page.status == 200
    assert cut.body.startswith(b'{"id":"abc123"')
    assert not cut.body.endswith(b"}")
    assert page.headers["Content-Type"].startswith("text/html")


def test_calls_are_counted_by_kind_with_reads_and_writes_apart(api):
    api.get("/lists/abc123")
    api.get("/lists/strict")
    api.call("GET", "/lists/nowhere")
    api.post("/lists/abc123/segments", {"name": "a", "static_segment": []})
    api.call("GET", "/else")
    counted = api.control("GET", "/calls")
    assert counted["reads"] == {"GET /lists/{list_id}": 3, "GET elsewhere": 1}
    assert counted["writes"] == {"POST /lists/{list_id}/segments": 1}
    assert counted["total"] == {"reads": 4, "writes": 1}
    api.control("DELETE", "/calls")
    assert api.control("GET", "/calls")["total"] == {"reads": 0, "writes": 0}


def test_the_account_can_be_used_from_many_threads(api):
    people = [f"p{number}@inbox.example" for number in range(200)]

    def subscribe(share: list[str]) -> None:
        for email in share:
            api.post("/lists/abc123/members", {"email_address": email, "status": "subscribed", "tags": ["a"]})

    threads = [threading.Thread(target=subscribe, args=(people[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert api.get("/lists/abc123/members")["total_items"] == 200
    assert api.get("/lists/abc123/segments")["segments"][0]["member_count"] == 200
