"""A plan of faults: one shape for all services, the same faults for the same seed, counted as they happen."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from typing import Any, get_args
from urllib.parse import urlsplit

import pytest

from connectors.sandbox import SANDBOX, Options
from connectors.sandbox.faults.falling import Faults
from connectors.sandbox.faults.plan import CallKind, Fault, FaultPlan
from connectors.sandbox.running import Running

GRAPHQL = "/shops/main/admin/api/2026-10/graphql.json"
COUNT = {"query": "query People { customersCount { count } }"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with SANDBOX.start(Options(customers=30, bulk_seconds=0)) as running:
        yield running


@pytest.fixture(autouse=True)
def _calm(sandbox: Running) -> Iterator[None]:
    yield
    sandbox.follow(FaultPlan())


class Client:
    """One connection a request, so that a reset ends no other."""

    def __init__(self, sandbox: Running) -> None:
        self.sandbox = sandbox
        self.host = urlsplit(sandbox.url).netloc

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self.host, timeout=10)
        try:
            raw = None if body is None else json.dumps(body)
            connection.request(method, path, raw, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def shop(self, body: Any = COUNT) -> tuple[int, dict[str, str], bytes]:
        token = self.sandbox.settings()["stores"]["main"]["access_token"]
        return self.ask("POST", GRAPHQL, body, X_Shopify_Access_Token=token)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        status, _, raw = self.ask(method, f"/control{path}", body)
        assert status == 200, raw
        return json.loads(raw)

    def outcome(self) -> str:
        """Return what became of one call, in a word."""
        try:
            status, _, body = self.shop()
            json.loads(body)
        except (ConnectionError, http.client.HTTPException) as error:
            return type(error).__name__
        except ValueError:
            return f"no JSON {status}"
        return str(status)


@pytest.fixture
def client(sandbox: Running) -> Client:
    return Client(sandbox)


def storm(seed: int) -> dict[str, Any]:
    kinds = ("page", "busy", "reset", "cut", "broken_off")
    return {"seed": seed, "rules": [{"kind": kind, "chance": 0.15, "calls": None} for kind in kinds]}


def test_a_plan_with_a_seed_falls_the_same_way_twice(client: Client) -> None:
    histories = []
    for seed in (7, 7, 8):
        client.control("POST", "/faults", storm(seed))
        histories.append([client.outcome() for _ in range(40)])
    assert histories[0] == histories[1] != histories[2]
    assert len(set(histories[0])) >= 5


def test_the_dice_of_one_kind_of_call_do_not_heed_what_else_is_called_at_the_same_time() -> None:
    plan = FaultPlan(seed=3, rules=(Fault(kind="reset", chance=0.5, calls=None),))

    def fallen(others: int) -> list[bool]:
        faults = Faults("main")
        faults.follow(plan)
        for number in range(others):
            faults.take("call", "reads", f"other {number % 3}")
        return [faults.take("call", "reads", "People") is not None for _ in range(50)]

    assert fallen(0) == fallen(17)
    assert 10 < sum(fallen(0)) < 40


def test_faults_are_shared_out_to_whom_they_befall_and_counted_as_they_happen(client: Client) -> None:
    plan = {
        "rules": [
            {"kind": "failure", "service": "mailchimp", "calls": 2},
            {"kind": "busy", "service": "main", "after": 1},
            {"kind": "throttled"},
        ]
    }
    client.control("POST", "/faults", plan)
    assert [client.shop()[0] for _ in range(3)] == [200, 429, 200]
    assert [client.ask("GET", "/mailchimp/3.0/ping")[0] for _ in range(3)] == [503, 503, 401]
    assert client.control("GET", "/faults") == {
        "services": {"main": {"throttled": 1, "busy": 1}, "mailchimp": {"failure": 2}, "files": {}},
        "kinds": {"busy": 1, "failure": 2, "throttled": 1},
        "total": 4,
    }
    assert client.control("DELETE", "/faults")["total"] == 0


def test_an_unknown_kind_or_key_is_told_and_changes_nothing(client: Client) -> None:
    client.control("POST", "/faults", {"rules": [{"kind": "busy"}]})
    for wrong in ({"rules": [{"kind": "bussy"}]}, {"rules": [{"chanse": 1}]}, {"rules": [{"chance": 2}]}):
        status, _, body = client.ask("POST", "/control/faults", wrong)
        assert status == 400, body
    assert client.shop()[0] == 429


EXPECTED = {
    "failure": "503",
    "page": "no JSON",
    "busy": "429",
    "busy_unsaid": "429",
    "busy_bare": "no JSON 429",
    "forbidden_bare": "200",
    "throttled": "200",
    "reset": "ConnectionResetError",
    "reset_after": "ConnectionResetError",
    "lost": "no JSON 504",
    "cut": "no JSON 200",
    "broken_off": "",
    "drip": "200",
    "token_revoked": "401",
}


@pytest.mark.parametrize("kind", get_args(CallKind))
def test_every_fault_of_a_call_happens_once_and_leaves_the_next_call_alone(client: Client, kind: str) -> None:
    client.control("POST", "/faults", {"rules": [{"kind": kind, "seconds": 0.1}]})
    first, second = client.outcome(), client.outcome()
    assert first.startswith(EXPECTED[kind])
    assert (kind == "broken_off") == (first in {"ConnectionResetError", "IncompleteRead"} and "reset" not in kind)
    assert second == "200"


def test_busy_tells_how_long_to_wait_and_busy_unsaid_does_not(client: Client) -> None:
    client.control("POST", "/faults", {"rules": [{"kind": "busy", "retry_after": 7}, {"kind": "busy_unsaid"}]})
    assert [client.shop()[1].get("retry-after") for _ in range(2)] == ["7", None]


def test_two_threads_share_a_plan_without_a_fault_too_many(client: Client) -> None:
    client.control("POST", "/faults", {"rules": [{"kind": "failure", "calls": 5}]})
    outcomes: list[str] = []
    threads = [threading.Thread(target=lambda: outcomes.append(client.outcome())) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["200"] * 7 + ["503"] * 5
    assert client.control("GET", "/faults")["kinds"] == {"failure": 5}
