"""The control of one shop: its world changed by hand, its truth told.

| call, below `/control/shops/NAME` | what it does |
|---|---|
| PATCH / | `ShopEdit`: scopes, tokens, zone, plan, bucket, time of bulk operations, faults |
| GET /dump | the whole truth, JSONL: one object a record, `kind` says which; amounts in minor units |
| GET /KIND/ID | one record; KIND is customers, orders, products or checkouts |
| POST /customers · PATCH, DELETE /customers/ID | `CustomerEdit` |
| POST /customers/merge | `Merge` |
| POST /orders · PATCH, DELETE /orders/ID | `NewOrder`, `OrderEdit` |
| POST /checkouts · POST /checkouts/ID/complete · DELETE /checkouts/ID | `NewCheckout`, `Completion` |
| PATCH, DELETE /products/ID | `ProductEdit` |
| GET, POST /segments · DELETE /segments/ID | saved segments; `NewSegment` |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from connectors.sandbox.control import bodies
from connectors.sandbox.control.people import PeopleDesk
from connectors.sandbox.control.records import SINGULAR, Desk, NotThereError, told
from connectors.sandbox.control.trade import TradeDesk
from connectors.sandbox.exchange import Request, Response, json_response
from connectors.sandbox.shopify.segments.saved import save
from connectors.sandbox.shopify.store import Store
from connectors.sandbox.world import change
from syncd.clock import Clock

_PLANS = {"Basic": (2000, 100), "Advanced": (4000, 200), "Plus": (20_000, 1000)}


class ShopControl(Desk):
    """Answers below `/control/shops/NAME`."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Play with this store."""
        super().__init__(store.shop, clock)
        self._store = store
        people, trade = PeopleDesk(store.shop, clock), TradeDesk(store.shop, clock)
        self._acts: dict[tuple[str, str], Callable[[Request, list[str]], Any]] = {
            ("PATCH", ""): self._edit_shop,
            ("GET", "dump"): self._dump,
            ("POST", "customers"): people.new_customer,
            ("POST", "customers/merge"): people.merge,
            ("PATCH", "customers/*"): people.edit_customer,
            ("DELETE", "customers/*"): people.delete_customer,
            ("POST", "orders"): trade.new_order,
            ("PATCH", "orders/*"): trade.edit_order,
            ("DELETE", "orders/*"): trade.delete_order,
            ("POST", "checkouts"): trade.new_checkout,
            ("POST", "checkouts/*/complete"): trade.complete_checkout,
            ("DELETE", "checkouts/*"): self._delete_plain,
            ("PATCH", "products/*"): self._edit_product,
            ("DELETE", "products/*"): self._delete_plain,
            ("GET", "segments"): self._segments,
            ("POST", "segments"): self._new_segment,
            ("DELETE", "segments/*"): self._delete_plain,
        } | {("GET", f"{kind}/*"): self._show for kind in SINGULAR}

    def answer(self, request: Request) -> Response:
        """Answer one call; what is wrong with it is told in `error`.

        Raises:
            NotThereError: There is no such record or call.
            ValueError: The body is not what the call takes.
        """
        parts = [part for part in request.path.split("/") if part]
        shape = "/".join("*" if part.isdigit() else part for part in parts)
        act = self._acts.get((request.method, shape))
        if act is None:
            raise NotThereError(f"no control {request.method} {shape}")
        with self.shop.lock:
            found = act(request, parts)
        return found if isinstance(found, Response) else json_response(found)

    def _show(self, _: Request, parts: list[str]) -> dict[str, Any]:
        return told(SINGULAR[parts[0]], self.record(parts))

    def _edit_shop(self, request: Request, _: list[str]) -> dict[str, Any]:
        edit = bodies.read(request.body, bodies.ShopEdit)
        for name in ("timezone", "currency", "plan", "bump_customers", "index_lag"):
            value = getattr(edit, name)
            if value is not None:
                setattr(self.shop.profile, name, value)
        self._edit_access(edit)
        bucket = edit.bucket or _PLANS.get(edit.plan or "")
        if bucket:
            self._store.bucket.resize(size=bucket[0], restore=bucket[1])
        if edit.bulk_seconds is not None:
            self._store.bulk.seconds = edit.bulk_seconds
        if edit.faults is not None:
            self._store.faults.expect(edit.faults)
        return self._about()

    def _edit_access(self, edit: bodies.ShopEdit) -> None:
        store = self._store
        if edit.scopes is not None:
            store.scopes = frozenset(edit.scopes)
        store.scopes = (store.scopes | set(edit.add_scopes)) - set(edit.remove_scopes)
        if edit.revoke:
            store.tokens.revoke(edit.revoke)
        if edit.restore:
            store.tokens.restore()

    def _about(self) -> dict[str, Any]:
        profile: dict[str, Any] = msgspec.to_builtins(self.shop.profile)
        return {"kind": "shop", "now": self.clock.now(), "scopes": sorted(self._store.scopes)} | profile

    def _dump(self, _: Request, _parts: list[str]) -> Response:
        shop = self.shop
        lists = {name: list(getattr(shop, plural).values()) for plural, name in SINGULAR.items()}
        about = self._about()

        def lines() -> Iterator[bytes]:
            yield msgspec.json.encode(about) + b"\n"
            for name, records in lists.items():
                for start in range(0, len(records), 500):
                    yield b"".join(msgspec.json.encode(told(name, x)) + b"\n" for x in records[start : start + 500])

        return Response(headers={"Content-Type": "application/jsonl"}, body=lines())

    def _edit_product(self, request: Request, parts: list[str]) -> dict[str, Any]:
        product = self.record(parts)
        edit = bodies.read(request.body, bodies.ProductEdit)
        values = edit.given("tags")
        if "collection_ids" in values:
            values["collection_ids"] = tuple(values["collection_ids"])
        for name, value in values.items():
            setattr(product, name, value)
        product.updated_at = self.clock.now()
        self.shop.changed("products")
        if isinstance(edit.tags, list):
            change.replace_tags(self.shop, product, edit.tags, self.clock.now())
        return told("product", product)

    def _segments(self, _: Request, _parts: list[str]) -> dict[str, Any]:
        return {"segments": [msgspec.to_builtins(it) for it in self.shop.segments.values()]}

    def _new_segment(self, request: Request, _: list[str]) -> dict[str, Any]:
        wanted = bodies.read(request.body, bodies.NewSegment)
        made, complaints = save(self.shop, wanted.name, wanted.query, self.clock.now())
        if made is None:
            raise ValueError("; ".join(it["message"] for it in complaints))
        found: dict[str, Any] = msgspec.to_builtins(made)
        return found

    def _delete_plain(self, _: Request, parts: list[str]) -> dict[str, Any]:
        record = self.record(parts)
        del self.shop.records(parts[0])[record.id]
        self.shop.changed(parts[0])
        return {"deleted": record.id}
