"""Which part of the sandbox answers which path."""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.sandbox.calls import Calls
from connectors.sandbox.clock import WorldClock
from connectors.sandbox.control.front import Control
from connectors.sandbox.exchange import Request, Response, json_response
from connectors.sandbox.mailchimp import DEFAULT_KEY, Account, NewList
from connectors.sandbox.options import Options
from connectors.sandbox.shopify.files import Files
from connectors.sandbox.shopify.store import Store
from connectors.sandbox.world.generate import make_shop


class App:
    """Stores, mailing account, files and control, behind one function."""

    def __init__(self, options: Options, base_url: str) -> None:
        """Make the worlds; they live at `base_url`."""
        self._base_url = base_url
        self.clock = WorldClock(options.start)
        self.files = Files(self.clock)
        now = self.clock.now()
        self.stores: dict[str, Store] = {}
        for number, name in enumerate(options.shops):
            shop = make_shop(name, number, customers=options.customers, seed=options.seed, now=now)
            store = Store(shop, seed=options.seed, clock=self.clock, files=self.files, base_url=base_url)
            store.bulk.seconds = options.bulk_seconds
            self.stores[name] = store
        self.lists = [_new_list(text) for text in options.lists]
        self.account = Account(self.clock, self.lists, DEFAULT_KEY)
        self.downloads = Calls()
        self.control = Control(self.stores, self.account, self.clock, self.downloads, self.files, self.settings)

    def answer(self, request: Request) -> Response:
        """Answer any request."""
        head, _, rest = request.path.lstrip("/").partition("/")
        if head == "shops":
            name, _, rest = rest.partition("/")
            store = self.stores.get(name)
            return store.answer(_below(request, rest)) if store else json_response({"errors": "Not Found"}, 404)
        if head == "staged" and rest in self.stores:
            return self.stores[rest].upload(request)
        if head == "files":
            self.downloads.read("download")
            return self.files.answer(request)
        if head == "mailchimp" and rest.startswith("3.0"):
            return self.account.answer(_below(request, rest.removeprefix("3.0").lstrip("/")))
        if head == "control":
            return self.control.answer(_below(request, rest))
        return json_response({"errors": "Not Found"}, 404)

    def settings(self) -> dict[str, Any]:
        """Return what a client needs; see `Running.settings`."""
        stores = {
            name: {
                "kind": "shopify",
                "shop": store.shop.profile.domain,
                "api_url": f"{self._base_url}/shops/{name}",
                "api_version": "2026-10",
                "access_token": store.tokens.permanent,
                "client_id": store.tokens.client_id,
                "client_secret": store.tokens.client_secret,
            }
            for name, store in self.stores.items()
        }
        audiences = {
            each.id: {
                "kind": "mailchimp",
                "api_url": f"{self._base_url}/mailchimp/3.0",
                "api_key": self.account.api_key,
                "list": each.id,
            }
            for each in self.lists
        }
        return {"url": self._base_url, "now": self.clock.now(), "stores": stores, "audiences": audiences}

    def close(self) -> None:
        """End what runs, remove what lies on disk."""
        for store in self.stores.values():
            store.bulk.close()
        self.files.close()


def _below(request: Request, rest: str) -> Request:
    return msgspec.structs.replace(request, path=f"/{rest}")


def _new_list(text: str) -> NewList:
    name, _, title = text.partition("=")
    return NewList(id=name, name=title or name)
