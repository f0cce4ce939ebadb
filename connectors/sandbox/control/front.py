"""The front of the control API: the hour, the counts, and which shop or account is meant.

| call, below `/control` | what it does |
|---|---|
| GET /world | the hour; every shop with its counts |
| GET /settings | what a client needs, as `Running.settings` |
| POST /advance | `{"days", "seconds"}`: moves the hour forward |
| GET, DELETE /calls | requests by what they were for, reads and writes apart; begin again |
| GET, POST, DELETE /faults | what went wrong so far, by service and kind; `FaultPlan`, in place of the last; all well |
| /shops/NAME/… | `shop` |
| /mailchimp/… | `mailchimp.control` |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from connectors.sandbox.calls import Calls
from connectors.sandbox.clock import WorldClock
from connectors.sandbox.control.bodies import Advance, read
from connectors.sandbox.control.records import NotThereError
from connectors.sandbox.control.shop import ShopControl
from connectors.sandbox.exchange import Request, Response, json_response
from connectors.sandbox.faults.plan import FaultPlan
from connectors.sandbox.mailchimp import Account
from connectors.sandbox.shopify.files import Files
from connectors.sandbox.shopify.store import Store
from connectors.sandbox.world.shop import KINDS


class Control:
    """Answers below `/control`."""

    def __init__(
        self,
        stores: Mapping[str, Store],
        account: Account,
        clock: WorldClock,
        downloads: Calls,
        files: Files,
        settings: Callable[[], dict[str, Any]],
    ) -> None:
        """Look at these, and change them."""
        self._stores = stores
        self._account = account
        self._clock = clock
        self._downloads = downloads
        self._files = files
        self._settings = settings
        self._shops = {name: ShopControl(store, clock) for name, store in stores.items()}

    def answer(self, request: Request) -> Response:
        """Answer one call; what is wrong with it is told in `error`."""
        try:
            return self._answered(request)
        except NotThereError as error:
            return json_response({"error": str(error)}, 404)
        except (msgspec.DecodeError, ValueError) as error:
            return json_response({"error": str(error)}, 400)

    def _answered(self, request: Request) -> Response:
        head, _, rest = request.path.strip("/").partition("/")
        if head == "mailchimp":
            return self._account.control(msgspec.structs.replace(request, path=f"/{rest}"))
        if head == "shops":
            name, _, rest = rest.partition("/")
            if name not in self._shops:
                raise NotThereError(f"no shop {name}")
            return self._shops[name].answer(msgspec.structs.replace(request, path=f"/{rest}"))
        if head == "advance" and request.method == "POST":
            asked = read(request.body, Advance)
            self._clock.advance(int(asked.days * 86_400 + asked.seconds))
            return json_response(self._world())
        if head == "faults" and request.method in {"POST", "DELETE"}:
            self.follow(read(request.body, FaultPlan) if request.method == "POST" else FaultPlan())
        if head == "calls" and request.method == "DELETE":
            self._forget_calls()
        told = {
            "world": self._world,
            "calls": self._calls,
            "faults": self.faults,
            "settings": self._settings,
        }.get(head)
        if told is None:
            raise NotThereError(f"no control {request.method} {head}")
        return json_response(told())

    def follow(self, plan: FaultPlan) -> None:
        """Have a plan of faults befall all services, in place of the last one."""
        for name, store in self._stores.items():
            store.follow(plan.of("shops", name))
        self._account.follow(plan.of("mailchimp"))
        self._files.faults.follow(plan.of("files"))

    def faults(self) -> dict[str, Any]:
        """Return what went wrong since the plan was given: by service and kind, by kind, and how often in all."""
        told = {name: store.faults.told() for name, store in self._stores.items()}
        told |= {"mailchimp": self._account.faults.told(), "files": self._files.faults.told()}
        kinds = sum((Counter(counts) for counts in told.values()), Counter())
        return {"services": told, "kinds": dict(sorted(kinds.items())), "total": kinds.total()}

    def _world(self) -> dict[str, Any]:
        shops = {name: {kind: len(store.shop.records(kind)) for kind in KINDS} for name, store in self._stores.items()}
        return {"now": self._clock.now(), "shops": shops}

    def _calls(self) -> dict[str, Any]:
        body = self._mailchimp_calls("GET").body
        counts = {
            "shops": {name: store.calls.told() for name, store in self._stores.items()},
            "mailchimp": msgspec.json.decode(body) if isinstance(body, bytes) else {},
            "files": self._downloads.told(),
        }
        every = [*counts["shops"].values(), counts["mailchimp"]]
        return counts | {what: sum(told["total"][what] for told in every) for what in ("reads", "writes")}

    def _forget_calls(self) -> None:
        for store in self._stores.values():
            store.calls.forget()
        self._downloads.forget()
        self._mailchimp_calls("DELETE")

    def _mailchimp_calls(self, method: str) -> Response:
        return self._account.control(Request(method=method, path="/calls"))
