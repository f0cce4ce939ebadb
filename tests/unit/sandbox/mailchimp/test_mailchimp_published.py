"""The simulated account keeps to the published description of the API.

Every answer in these folders is held against it as well, by the client of `conftest.py`.
"""

from __future__ import annotations

import pytest

from connectors.sandbox.mailchimp.bodies import Upsert
from connectors.sandbox.mailchimp.routes import ROUTES

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
