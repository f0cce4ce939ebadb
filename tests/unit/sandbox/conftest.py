"""A simulated store without sockets, and the way to ask it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.sandbox.exchange import Request, Response
from connectors.sandbox.shopify.files import Files
from connectors.sandbox.shopify.store import Store
from connectors.sandbox.world.generate import make_shop

GRAPHQL = "/admin/api/2026-10/graphql.json"


class Bench:
    """A store, a clock that stands still, and what tests say to both."""

    def __init__(self, store: Store, clock: Any) -> None:
        self.store = store
        self.shop = store.shop
        self.clock = clock

    def post(self, path: str, body: Any, **headers: str) -> Response:
        encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"x-shopify-access-token": self.store.tokens.permanent} | headers
        return self.store.answer(Request(method="POST", path=path, headers=given, body=encoded))

    def whole(self, query: str, **variables: Any) -> dict[str, Any]:
        """Return the whole answer; the bucket is full again before each."""
        self.clock.sleep(30)
        response = self.post(GRAPHQL, {"query": query, "variables": variables})
        assert response.status == 200
        assert isinstance(response.body, bytes)
        answer: dict[str, Any] = json.loads(response.body)
        return answer

    def ask(self, query: str, **variables: Any) -> Any:
        """Return the data of an answer without errors."""
        answer = self.whole(query, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def only_error(self, query: str, **variables: Any) -> dict[str, Any]:
        """Return the single error of an answer."""
        errors: list[dict[str, Any]] = self.whole(query, **variables)["errors"]
        assert len(errors) == 1, errors
        return errors[0]

    def run_bulk(self, query: str, **arguments: Any) -> dict[str, Any]:
        """Return the payload of a bulk query's start."""
        run = (
            "mutation($q: String!, $g: Boolean!) { bulkOperationRunQuery(query: $q, groupObjects: $g) { bulkOperation"
            " { id status objectCount url createdAt } userErrors { field message code } } }"
        )
        payload: dict[str, Any] = self.ask(run, q=query, g=arguments.get("grouped", False))["bulkOperationRunQuery"]
        return payload

    def finished(self, operation: str) -> dict[str, Any]:
        """Return an operation once its work and its time are over."""
        self.store.bulk.settle()
        self.clock.sleep(60)
        fields = "id status errorCode objectCount rootObjectCount fileSize url partialDataUrl completedAt type"
        return dict(self.ask(f'{{ bulkOperation(id: "{operation}") {{ {fields} }} }}')["bulkOperation"])

    def downloaded(self, url: str, files: Files) -> bytes:
        """Return the file behind a link."""
        path = url.removeprefix("http://sandbox").partition("?")[0]
        return body_of(files.answer(Request(method="GET", path=path)))


def body_of(response: Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b"".join(response.body)


@pytest.fixture
def files(clock: Any) -> Iterator[Files]:
    made = Files(clock)
    yield made
    made.close()


@pytest.fixture
def bench_of(clock: Any, files: Files) -> Iterator[Callable[..., Bench]]:
    """Return a way to open a store of any size."""
    opened: list[Store] = []

    def make(customers: int = 60, number: int = 0, name: str = "main") -> Bench:
        shop = make_shop(name, number, customers=customers, seed=7, now=clock.now())
        store = Store(shop, seed=7, clock=clock, files=files, base_url="http://sandbox")
        opened.append(store)
        return Bench(store, clock)

    yield make
    for store in opened:
        store.bulk.close()


@pytest.fixture
def bench(bench_of: Callable[..., Bench]) -> Bench:
    return bench_of()
