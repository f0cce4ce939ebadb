"""Who may come in, and for how long."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from connectors.sandbox.exchange import Request

GRAPHQL = "/admin/api/2026-10/graphql.json"
SHOP = {"query": "{ shop { name } }"}


def granted(bench: Any, **other: str) -> Any:
    tokens = bench.store.tokens
    wish = {
        "grant_type": "client_credentials",
        "client_id": tokens.client_id,
        "client_secret": tokens.client_secret,
    } | other
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return bench.post("/admin/oauth/access_token", urlencode(wish).encode(), **headers)


def status(bench: Any, token: str) -> int:
    return int(bench.post(GRAPHQL, SHOP, **{"x-shopify-access-token": token}).status)


def test_the_permanent_token_opens_the_shop(bench: Any) -> None:
    assert bench.store.tokens.permanent.startswith("shpat_")
    assert status(bench, bench.store.tokens.permanent) == 200


@pytest.mark.parametrize("token", ["", "shpat_wrong"])
def test_a_wrong_token_is_told_in_a_string(token: str, bench: Any) -> None:
    response = bench.post(GRAPHQL, SHOP, **{"x-shopify-access-token": token})
    assert response.status == 401
    assert json.loads(response.body) == {
        "errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"
    }


def test_a_granted_token_lasts_a_day_by_the_worlds_clock(bench: Any) -> None:
    answer = json.loads(granted(bench).body)
    assert answer["expires_in"] == 86_399
    assert "read_customers" in answer["scope"].split(",")
    assert status(bench, answer["access_token"]) == 200
    bench.clock.sleep(86_398)
    assert status(bench, answer["access_token"]) == 200
    bench.clock.sleep(1)
    assert status(bench, answer["access_token"]) == 401


def test_every_grant_is_another_token(bench: Any) -> None:
    first, second = (json.loads(granted(bench).body)["access_token"] for _ in range(2))
    assert first != second
    assert status(bench, first) == status(bench, second) == 200


@pytest.mark.parametrize(
    ("wish", "code", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 400, "application_cannot_be_found"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_wrong_request_for_a_token_is_refused(wish: Any, code: int, error: str, bench: Any) -> None:
    response = granted(bench, **wish)
    assert response.status == code
    assert json.loads(response.body)["error"] == error


def test_tokens_can_be_revoked_and_restored(bench: Any) -> None:
    token = json.loads(granted(bench).body)["access_token"]
    bench.store.tokens.revoke("granted")
    assert status(bench, token) == 401
    assert status(bench, bench.store.tokens.permanent) == 200
    bench.store.tokens.revoke("all")
    assert status(bench, bench.store.tokens.permanent) == 401
    bench.store.tokens.restore()
    assert status(bench, bench.store.tokens.permanent) == 200
    assert status(bench, json.loads(granted(bench).body)["access_token"]) == 200


def test_two_shops_have_different_keys(bench_of: Any) -> None:
    one, two = bench_of(number=0, name="one"), bench_of(number=1, name="two")
    assert one.store.tokens.permanent != two.store.tokens.permanent
    assert status(two, one.store.tokens.permanent) == 401


def test_a_grant_may_be_asked_for_in_json(bench: Any) -> None:
    tokens = bench.store.tokens
    wish = {
        "grant_type": "client_credentials",
        "client_id": tokens.client_id,
        "client_secret": tokens.client_secret,
    }
    headers = {"content-type": "application/json"}
    assert bench.post("/admin/oauth/access_token", wish, **headers).status == 200
    assert bench.post("/admin/oauth/access_token", [1], **headers).status == 400


def test_only_post_is_answered(bench: Any) -> None:
    request = Request(method="GET", path=GRAPHQL, headers={})
    assert bench.store.answer(request).status == 405
