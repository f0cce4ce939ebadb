"""Answers go wrong when, and only when, a test says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.sandbox.faults.plan import Fault

GRAPHQL = "/admin/api/2026-10/graphql.json"
READ = {"query": "query People { customersCount { count } }"}


def write(bench: Any) -> dict[str, str]:
    customer = next(iter(bench.shop.customers))
    return {
        "query": f'mutation Tag {{ tagsAdd(id: "gid://shopify/Customer/{customer}", tags: ["x"]) {{ node {{ id }} }} }}'
    }


def tagged(bench: Any) -> bool:
    return "x" in next(iter(bench.shop.customers.values())).tags


def test_the_next_calls_go_wrong_then_all_is_well(bench: Any) -> None:
    bench.store.faults.expect([Fault(status=502, calls=2, retry_after=7)])
    first = bench.post(GRAPHQL, READ)
    assert (first.status, first.headers["Retry-After"]) == (502, "7")
    assert json.loads(first.body) == {"errors": "Something went wrong"}
    assert [bench.post(GRAPHQL, READ).status for _ in range(2)] == [502, 200]


def test_a_fault_may_wait_and_be_for_one_kind_of_call(bench: Any) -> None:
    bench.store.faults.expect([Fault(status=500, only="writes", after=1), Fault(kind="busy_bare", only="People")])
    assert bench.post(GRAPHQL, write(bench)).status == 200
    assert bench.post(GRAPHQL, READ).status == 429
    assert bench.post(GRAPHQL, write(bench)).status == 500
    assert bench.post(GRAPHQL, READ).status == 200


@pytest.mark.parametrize(("kind", "applied"), [("failure", False), ("lost", True)])
def test_a_write_may_be_carried_out_although_its_answer_is_lost(kind: Any, applied: bool, bench: Any) -> None:
    bench.store.faults.expect([Fault(kind=kind, status=504)])
    assert bench.post(GRAPHQL, write(bench)).status == 504
    assert tagged(bench) is applied


def test_an_answer_may_be_cut_in_half(bench: Any) -> None:
    bench.store.faults.expect([Fault(kind="cut")])
    response = bench.post(GRAPHQL, write(bench))
    assert response.status == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(response.body)
    assert tagged(bench)


def test_an_answer_may_be_another_pages_or_a_throttle(bench: Any) -> None:
    bench.store.faults.expect([Fault(kind="page", status=200), Fault(kind="throttled")])
    assert bench.post(GRAPHQL, READ).body.startswith(b"<!DOCTYPE")
    throttled = bench.post(GRAPHQL, READ)
    assert throttled.status == 200
    assert json.loads(throttled.body)["errors"][0]["extensions"]["code"] == "THROTTLED"
