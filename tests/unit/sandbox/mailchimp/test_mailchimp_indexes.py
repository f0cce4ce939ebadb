"""Whatever happens, in whatever order, what the account answers agrees with what it holds."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

PEOPLE = [f"p{number}@inbox.example" for number in range(6)]
TAGS = ["a", "b", "A"]
STATES = ["subscribed", "unsubscribed", "cleaned", "pending", "transactional"]

people = st.sampled_from(PEOPLE)
tags = st.sampled_from(TAGS)
states = st.sampled_from(STATES)
happenings = st.one_of(
    st.tuples(st.just("upsert"), people, states, tags),
    st.tuples(st.just("patch"), people, states),
    st.tuples(st.just("archive"), people),
    st.tuples(st.just("forget"), st.just(PEOPLE[0])),
    st.tuples(st.just("readdress"), people, people | st.just("new@inbox.example")),
    st.tuples(st.just("tag"), people, tags, st.sampled_from(["active", "inactive"])),
    st.tuples(st.just("batch"), st.lists(people, max_size=3), st.lists(people, max_size=3)),
    st.tuples(st.just("empty"), tags),
    st.tuples(st.just("delete"), tags),
    st.tuples(st.just("hand"), people, states, tags),
    st.tuples(st.just("wait"), st.integers(-30, 60)),
)


def segment_of(api, name):
    found = api.get("/lists/abc123/segments", count="100")["segments"]
    return next(
        (f"/lists/abc123/segments/{each['id']}" for each in found if each["name"].lower() == name.lower()), None
    )


class Life:
    """Makes things happen, and is their clock; refusals are part of life."""

    def __init__(self, opened):
        self.instant = 1_795_000_000
        self.api = opened(self)
        for email in PEOPLE:
            self.api.person(email, tags=["a"])

    def now(self):
        return self.instant

    def upsert(self, email, status, tag):
        member = {"email_address": email, "status": status, "tags": [tag]}
        self.api.call("POST", "/lists/abc123", {"members": [member], "update_existing": True})

    def patch(self, email, status):
        self.api.call("PATCH", self.api.at(email), {"status": status})

    def archive(self, email):
        self.api.call("DELETE", self.api.at(email))

    def forget(self, email):
        self.api.call("POST", self.api.at(email) + "/actions/delete-permanent")

    def readdress(self, email, other):
        self.api.call("PATCH", self.api.at(email), {"email_address": other})

    def tag(self, email, tag, status):
        self.api.call("POST", self.api.at(email) + "/tags", {"tags": [{"name": tag, "status": status}]})

    def batch(self, add, remove):
        if path := segment_of(self.api, "a"):
            self.api.call("POST", path, {"members_to_add": add, "members_to_remove": remove})

    def empty(self, name):
        if path := segment_of(self.api, name):
            self.api.call("PATCH", path, {"name": name, "static_segment": []})

    def delete(self, name):
        if path := segment_of(self.api, name):
            self.api.call("DELETE", path)

    def hand(self, email, status, tag):
        if self.api.call("GET", self.api.at(email)).status == 200:
            edit = {"status": status, "by": "self", "add_tags": [tag]}
            self.api.control("PATCH", f"/lists/abc123/members/{email}", edit)
        else:
            self.api.person(email, status=status, tags=[tag])

    def wait(self, seconds):
        self.instant += seconds


@given(life=st.lists(happenings, min_size=3, max_size=25))
@settings(max_examples=60, deadline=None)
def test_every_answer_agrees_with_what_is_held(opened, life):
    lived = Life(opened)
    api = lived.api
    for name, *what in life:
        getattr(lived, name)(*what)
    held = [each for each in api.control("GET", "/lists/abc123/members")["members"] if each["status"] != "forgotten"]
    _members_agree(api, [each for each in held if each["status"] != "archived"])
    _segments_agree(api, held)
    for each in held:
        shown = api.get(f"/lists/abc123/members/{each['id']}")
        assert sorted(tag["name"] for tag in shown["tags"]) == each["tags"]
        assert shown["status"] == each["history"][-1]["status"]


def _members_agree(api, visible):
    page = api.get("/lists/abc123/members", count="100", sort_field="last_changed", sort_dir="ASC")
    assert page["total_items"] == len(visible)
    assert {each["id"] for each in page["members"]} == {each["id"] for each in visible}
    changes = [each["last_changed"] for each in page["members"]]
    assert changes == sorted(changes)
    for status, count in Counter(each["status"] for each in visible).items():
        assert api.get("/lists/abc123/members", status=status)["total_items"] == count


def _segments_agree(api, held):
    everybody = {f"include_{status}": "true" for status in ("unsubscribed", "cleaned", "transactional")}
    for segment in api.get("/lists/abc123/segments", count="100", **everybody)["segments"]:
        tagged = [each for each in held if segment["name"] in each["tags"] and each["status"] != "archived"]
        assert segment["member_count"] == sum(each["status"] != "pending" for each in tagged)
        members = api.get(f"/lists/abc123/segments/{segment['id']}/members", count="100", **everybody)["members"]
        assert {each["id"] for each in members} == {each["id"] for each in tagged}
