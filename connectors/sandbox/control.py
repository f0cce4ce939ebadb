"""The control API, first part: the hour, the counts, and which shop's control is meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from connectors.sandbox.calls import Calls
from connectors.sandbox.clock import WorldClock
from connectors.sandbox.exchange import Request, Response, json_response
from connectors.sandbox.mailchimp import Account
from connectors.sandbox.shopify.store import Store


class Control:
    """Answers below `/control`."""

    def __init__(self, stores: Mapping[str, Store], account: Account, clock: WorldClock, downloads: Calls) -> None:
        """Look at these, and change them."""
        self._stores = stores
        self._account = account
        self._clock = clock
        self._downloads = downloads

    def answer(self, request: Request) -> Response:
        """Answer one call."""
        head, _, rest = request.path.lstrip("/").partition("/")
        if head == "mailchimp":
            return self._account.control(msgspec.structs.replace(request, path=f"/{rest}"))
        if head == "world":
            return json_response(self._world())
        if head == "advance":
            asked = request.json() or {}
            self._clock.advance(int(asked.get("days", 0) * 86_400 + asked.get("seconds", 0)))
            return json_response({"now": self._clock.now()})
        return json_response({"error": "no such control"}, 404)

    def _world(self) -> dict[str, Any]:
        shops = {
            name: {kind: len(store.shop.records(kind)) for kind in ("customers", "orders", "products", "checkouts")}
            for name, store in self._stores.items()
        }
        return {"now": self._clock.now(), "shops": shops}
