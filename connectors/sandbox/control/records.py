"""What the desks of a shop's control share: the shop, the hour, and how a record is found and told."""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.sandbox.world.records import Order
from connectors.sandbox.world.shop import Record, Shop
from syncd.clock import Clock

SINGULAR = {
    "customers": "customer",
    "orders": "order",
    "products": "product",
    "collections": "collection",
    "checkouts": "checkout",
}


class NotThereError(LookupError):
    """There is no such record or call."""


class Desk:
    """A part of one shop's control."""

    def __init__(self, shop: Shop, clock: Clock) -> None:
        """Play with this shop."""
        self.shop = shop
        self.clock = clock

    def record(self, parts: list[str]) -> Any:
        """Return the record that a path (`customers`, `7000…`) names.

        Raises:
            NotThereError: There is none.
        """
        found: Any = self.shop.records(parts[0]).get(int(parts[1]))
        if found is None:
            raise NotThereError(f"no {parts[0].removesuffix('s')} {parts[1]}")
        return found


def told(kind: str, record: Record) -> dict[str, Any]:
    """Return a record as JSON, with its kind; an order also says its current total."""
    values: dict[str, Any] = {"kind": kind} | msgspec.to_builtins(record)
    if isinstance(record, Order):
        values["current_total"] = record.current_total
    return values
