"""One simulated store, as its HTTP paths show it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from graphql import OperationType

from connectors.sandbox.calls import Calls
from connectors.sandbox.exchange import Request, Response, json_response
from connectors.sandbox.faults.falling import Faults
from connectors.sandbox.faults.plan import Fault, FaultPlan
from connectors.sandbox.faults.spoiling import spoiled
from connectors.sandbox.shopify.bucket import Bucket
from connectors.sandbox.shopify.bulk.export import ROOTS
from connectors.sandbox.shopify.bulk.operations import BulkOperations
from connectors.sandbox.shopify.circumstances import Circumstances
from connectors.sandbox.shopify.execution import Asked, Context, RefusedError, answered, understood
from connectors.sandbox.shopify.files import Files
from connectors.sandbox.shopify.listing import Listings
from connectors.sandbox.shopify.mutations import READS
from connectors.sandbox.shopify.schema import schema
from connectors.sandbox.shopify.scopes import DEFAULT_SCOPES
from connectors.sandbox.shopify.tokens import Tokens
from connectors.sandbox.shopify.uploads import Uploads
from connectors.sandbox.shopify.versions import served
from connectors.sandbox.shopify.view import View
from connectors.sandbox.world.shop import Shop
from syncd.clock import Clock

_GRAPHQL = re.compile(r"/admin/api/([^/]+)/graphql\.json$")
_BAD_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105  # a message


class Store:
    """A shop behind its API: tokens, scopes, the bucket, lists, bulk operations."""

    def __init__(self, shop: Shop, *, seed: int, clock: Clock, files: Files, base_url: str) -> None:
        """Open `shop` for business at `base_url` (the server's own)."""
        name, number = shop.profile.name, shop.profile.number
        self.shop = shop
        self.tokens = Tokens(name, seed, clock)
        self.scopes = DEFAULT_SCOPES
        self.bucket = Bucket(clock)
        self.uploads = Uploads(90_000_000_000 + number, f"{base_url}/staged/{name}")
        self.faults = Faults(name)
        self.bulk = BulkOperations(number, clock, files, base_url, schema, self.faults)
        self.calls = Calls()
        self._circumstances = Circumstances(shop, self.bucket, self.faults)
        self._listings = Listings()
        self._clock = clock

    def answer(self, request: Request) -> Response:
        """Answer a request whose path is below the shop's (`/admin/…`)."""
        if request.path == "/admin/oauth/access_token":
            return self._noted("reads", "token", lambda: self.tokens.grant(request, self.scopes))
        found = _GRAPHQL.match(request.path)
        version = served(found[1]) if found else None
        if version is None:
            return json_response({"errors": "Not Found"}, 404)
        if request.method != "POST":
            return json_response({"errors": "Method Not Allowed"}, 405)
        response = self._graphql(request)
        return msgspec.structs.replace(response, headers={**response.headers, "X-Shopify-API-Version": version})

    def upload(self, request: Request) -> Response:
        """Answer a staged upload."""
        return self._noted("writes", "upload", lambda: self.uploads.answer(request))

    def follow(self, plan: FaultPlan) -> None:
        """Have a plan of faults befall the store, in place of the last one."""
        with self.shop.lock:
            self.faults.follow(plan)
            self._circumstances.begin(self._clock.now())

    def _noted(self, kind: str, what: str, answer: Callable[[], Response]) -> Response:
        """Count a call, and answer it unless it is to go wrong."""
        (self.calls.read if kind == "reads" else self.calls.write)(what)
        fault = self.faults.take("call", kind, what)
        if fault is None:
            return answer()
        if fault.kind == "token_revoked":
            self.tokens.revoke("granted")
        return spoiled(fault, answer, _words)

    def _graphql(self, request: Request) -> Response:
        if not self.tokens.open(request.headers.get("x-shopify-access-token")):
            return self._noted("reads", "refused token", lambda: json_response({"errors": _BAD_TOKEN}, 401))
        try:
            body = request.json()
        except msgspec.DecodeError:
            return json_response({"errors": "Bad Request: the body is not JSON"}, 400)
        if not isinstance(body, Mapping) or not isinstance(body.get("query"), str):
            return json_response({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        try:
            asked = understood(body)
        except RefusedError as refused:
            errors = refused.entries
            return self._noted("reads", "refused query", lambda: json_response({"errors": errors}))
        kind, what = _named(asked)
        self._move_rows(asked, what)
        return self._noted(kind, what, lambda: json_response(self._answered(asked)))

    def _move_rows(self, asked: Asked, what: str) -> None:
        """Let rows change between two pages of a list, where the plan says so."""
        kinds = [kind for root, kind in ROOTS.items() if root in _roots(asked)]
        if not kinds or not asked.variables.get("after"):
            return
        fault: Fault | None = self.faults.take("page", "reads", what)
        if fault is not None:
            with self.shop.lock:
                self._circumstances.move(kinds[0], fault, self._clock.now())

    def _answered(self, asked: Asked) -> dict[str, Any]:
        with self.shop.lock:
            view = View(self.shop, self.scopes, self._clock.now())
            return answered(asked, Context(view, self._listings, self.bulk, self.uploads), self.bucket)


def _named(asked: Asked) -> tuple[str, str]:
    """Return whether a request reads or writes, and what it is counted as."""
    operation = asked.operation
    roots = _roots(asked)
    name = operation.name.value if operation.name else "+".join(sorted(set(roots)))
    writes = operation.operation is OperationType.MUTATION and not READS.issuperset(roots)
    return ("writes" if writes else "reads"), name


def _roots(asked: Asked) -> list[str]:
    return [x.name.value for x in asked.operation.selection_set.selections if hasattr(x, "name")]


def _words(status: int) -> Response:
    """Return the store's own words for a status."""
    return json_response({"errors": _BAD_TOKEN if status == 401 else "Something went wrong"}, status)
