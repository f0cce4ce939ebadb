"""The simulated account keeps to the published description of the API.

Every answer in these folders is held against it as well, by the client of `conftest.py`.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sandbox.mailchimp.bodies import Upsert
from connectors.sandbox.mailchimp.routes import ROUTES
from syncd.clock import SystemClock

NOT_SHOWN = {"last_note", "unsubscribe_reason", "marketing_permissions"}
"""What a contact has of the description's fields only where there is something to say."""


@pytest.fixture
def published(shared, description):
    return description.document


def test_every_path_and_method_answered_is_published(published):
    for template, endpoints in ROUTES.items():
        assert {method.lower() for method in endpoints} <= published["paths"][template].keys(), template


def test_a_contact_shows_every_published_field(api, published):
    api.person("ann@inbox.example", tags=["a"])
    fields = published["components"]["schemas"]["ListMemberItem"]["properties"].keys()
    assert fields - api.get(api.at("ann@inbox.example")).keys() <= NOT_SHOWN


def test_every_published_key_of_a_batch_member_is_read_or_known_to_be_ignored(published):
    operation = published["paths"]["/lists/{list_id}"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    keys = schema["properties"]["members"]["items"]["properties"].keys()
    assert keys - set(Upsert.__struct_fields__) == {"location"}


def test_every_filter_of_the_members_is_answered_or_refused(api, published):
    operation = published["paths"]["/lists/{list_id}/members"]["get"]
    names = {each["name"] for each in operation["parameters"] if each["in"] == "query"}
    values = {"status": "unsubscribed", "sort_field": "last_changed", "sort_dir": "ASC", "count": "1", "offset": "0"}
    refused = set()
    for name in sorted(names):
        value = values.get(name, "2026-01-01T00:00:00+00:00")
        got = api.call("GET", "/lists/abc123/members", **{"status": "unsubscribed", name: value})
        refused |= {name} if got.status == 400 else set()
    assert refused == {"interest_category_id", "interest_ids", "interest_match", "since_last_campaign"}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["ann@inbox.example", "active"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
KEYS = (
    "email_address status status_if_new merge_fields interests tags members update_existing sync_tags name options "
    "static_segment members_to_add members_to_remove is_syncing operations timestamp_opt vip"
).split()
CALLS = [
    (method, template)
    for template, endpoints in ROUTES.items()
    for method in endpoints
    if method not in {"GET", "DELETE"}
]


@given(call=st.sampled_from(CALLS), body=ANYTHING | st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=5))
@settings(max_examples=150, deadline=None)
def test_no_body_whatever_it_holds_upsets_the_account(opened, call, body):
    settled = opened(SystemClock())
    settled.person("ann@inbox.example")
    settled.post("/lists/abc123/segments", {"name": "a"})
    method, template = call
    path = template.format(
        list_id="abc123",
        subscriber_hash=settled.at("ann@inbox.example").rpartition("/")[2],
        segment_id="1000001",
        batch_id="none",
    )
    got = settled.raw(method, path, json.dumps(body).encode(), {})
    assert got.status < 500
