from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from connectors.http import Answer
from connectors.shopify.answers import Reply, TooCostlyError, UnauthorizedError, understand
from connectors.shopify.pace import Cost
from syncd.errors import CredentialsError, FatalError, RetriableError
from tests.unit.shopify.scripted import cost, data, fails

VERSION = "2026-10"


def answer(body: Any, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, body if isinstance(body, bytes) else msgspec.json.encode(body))


def understood(body: Any, status: int = 200, *, partial: bool = False, **headers: str) -> Reply:
    return understand(answer(body, status, **headers), "the store main", VERSION, learn=lambda _: None, partial=partial)


def test_data_is_let_through_with_its_cost_told() -> None:
    told: list[Cost] = []
    reply = understand(answer(data(shop={"name": "x"})), "the store main", VERSION, learn=told.append)
    assert msgspec.json.decode(reply.data) == {"shop": {"name": "x"}}
    assert told[0].requested_query_cost == 10
    assert told[0].throttle_status is not None
    assert told[0].throttle_status.restore_rate == 100


@pytest.mark.parametrize(
    ("status", "kind", "says"),
    [
        (401, UnauthorizedError, "does not accept the access token"),
        (402, FatalError, "frozen"),
        (403, CredentialsError, "refuses this app"),
        (404, FatalError, "not found at this address"),
        (423, FatalError, "locked"),
        (418, FatalError, "status 418"),
        (429, RetriableError, "too busy"),
        (430, RetriableError, "too busy"),
        (500, RetriableError, "failed"),
        (504, RetriableError, "failed"),
    ],
)
def test_each_status_has_its_meaning(status: int, kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says):
        understood({"errors": "[API] Invalid API key or access token"}, status)


def test_a_failure_inside_the_service_leaves_open_whether_it_was_done() -> None:
    for status in (500, 502, 504):
        with pytest.raises(RetriableError) as caught:
            understood(b"<html>", status)
        assert caught.value.unknown_fate
    with pytest.raises(RetriableError) as caught:
        understood({}, 429, retry_after="4.5")
    assert not caught.value.unknown_fate
    assert caught.value.retry_after == 4.5


def test_throttling_says_how_long_to_wait() -> None:
    with pytest.raises(RetriableError) as caught:
        understood(fails("THROTTLED", "Throttled", cost_told=cost(requested=500, available=100, rate=50)))
    assert caught.value.retry_after == 8
    assert not caught.value.unknown_fate


def test_throttling_without_a_bucket_waits_a_second() -> None:
    with pytest.raises(RetriableError) as caught:
        understood({"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]})
    assert caught.value.retry_after == 1


def test_a_missing_scope_is_named() -> None:
    body = fails(
        "ACCESS_DENIED",
        "Access denied for orders field. Required access: `read_orders` access scope.",
        requiredAccess="`read_orders` access scope or `read_marketplace_orders` access scope.",
    )
    body["errors"][0]["path"] = ["orders"]  # type: ignore[index]
    with pytest.raises(CredentialsError, match="orders: it needs the scope read_orders or read_marketplace_orders"):
        understood(body)


def test_a_scope_is_found_in_the_message_where_it_stands_nowhere_else() -> None:
    with pytest.raises(CredentialsError, match="write_orders"):
        understood(fails("ACCESS_DENIED", "Access denied for x field. Required access: `write_orders` access scope."))


def test_data_that_the_app_is_not_approved_for_leads_to_the_page_that_tells_how() -> None:
    with pytest.raises(CredentialsError, match="not approved") as caught:
        understood(fails("ACCESS_DENIED", "This app is not approved to access the Customer object."))
    assert "protected-customer-data" in caught.value.hint


def test_an_error_of_plain_text_is_an_error() -> None:
    with pytest.raises(FatalError, match="Not allowed"):
        understood({"errors": "Not allowed"})
    with pytest.raises(FatalError, match="base"):
        understood({"errors": {"base": ["wrong"]}})


def test_a_call_that_is_too_costly_is_told_apart() -> None:
    with pytest.raises(TooCostlyError):
        understood(
            fails("MAX_COST_EXCEEDED", "Query cost is 2000, which exceeds the single query max cost limit (1000).")
        )


def test_an_internal_error_may_be_tried_again() -> None:
    with pytest.raises(RetriableError) as caught:
        understood(fails("INTERNAL_SERVER_ERROR"))
    assert caught.value.unknown_fate


def test_errors_beside_data_are_errors_unless_parts_are_of_use() -> None:
    body: dict[str, Any] = {
        "data": {"m0": {"node": None}, "m1": None},
        "errors": [{"message": "boom", "path": ["m1"], "extensions": {"code": "INTERNAL_SERVER_ERROR"}}],
    }
    with pytest.raises(RetriableError):
        understood(body)
    reply = understood(body, partial=True)
    assert [fault.path for fault in reply.faults] == [["m1"]]


def test_what_concerns_the_whole_call_is_an_error_even_where_parts_are_of_use() -> None:
    body = {
        "data": {"m0": None},
        "errors": [{"message": "no", "path": ["m0"], "extensions": {"code": "ACCESS_DENIED"}}],
    }
    with pytest.raises(CredentialsError):
        understood(body, partial=True)


def test_an_empty_answer_is_none() -> None:
    for body in ({"data": None}, {}, {"data": None, "errors": []}):
        with pytest.raises(RetriableError):
            understood(body)


def test_a_page_of_something_else_is_no_answer() -> None:
    for body in (b"<html>", b"[]", b""):
        with pytest.raises(RetriableError) as caught:
            understood(body)
        assert caught.value.unknown_fate


def test_an_ignored_filter_is_an_error() -> None:
    body = data(customers={}) | {
        "extensions": {"search": [{"path": ["customers"], "warnings": [{"field": "nope", "code": "invalid_field"}]}]}
    }  # type: ignore[operator]
    with pytest.raises(FatalError, match=r"ignored a filter \(nope: invalid_field\)"):
        understood(body)


def test_a_search_without_warnings_is_none() -> None:
    understood(data(customers={}) | {"extensions": {"search": [{"path": ["customers"], "parsed": {}}]}})  # type: ignore[operator]


def test_another_version_than_asked_is_noticed() -> None:
    with pytest.raises(FatalError, match="asked by API version 2026-10 and answered by 2027-01") as caught:
        understood(data(shop={}), x_shopify_api_version="2027-01")
    assert 'api_version = "2027-01"' in caught.value.hint
    understood(data(shop={}), x_shopify_api_version=VERSION)


def test_the_services_words_are_kept_short_and_on_one_line() -> None:
    with pytest.raises(FatalError) as caught:
        understood({"errors": [{"message": "a\n" * 5000}]})
    assert len(caught.value.message) < 300
    assert "\n" not in caught.value.message


def recorded_answers(shared: Path, name: str) -> list[tuple[int, Any]]:
    """Return every answer in a recorded file, with its status."""
    found = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            body = value.get("payload") or value.get("response") or value.get("body")
            if isinstance(body, dict) and ("data" in body or "errors" in body):
                found.append((int(value.get("status", 200)), body))
            for inner in value.values():
                look(inner)
        elif isinstance(value, list):
            for inner in value:
                look(inner)

    look(json.loads((shared / "api" / "recorded" / name).read_text()))
    return found


def test_the_recorded_answers_are_understood(shared: Path) -> None:
    judged = 0
    for file in sorted((shared / "api" / "recorded").glob("*.json")):
        for status, body in recorded_answers(shared, file.name):
            judged += 1
            warned = any(each.get("warnings") for each in body.get("extensions", {}).get("search", []))
            if body.get("errors") or body.get("data") is None or warned:
                with pytest.raises((FatalError, RetriableError)):
                    understood(body, status)
            else:
                understood(body, status)
    assert judged > 100
