"""What one token may see of a shop."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.sandbox.shopify.wire import DAY, Money
from connectors.sandbox.world.records import Customer, Order
from connectors.sandbox.world.shop import Record, Shop

ORDER_DAYS = 60
"""Without `read_all_orders`, older orders are invisible, and nothing says so."""


class View:
    """A shop, as seen with some scopes at some hour."""

    def __init__(self, shop: Shop, scopes: frozenset[str], now: int) -> None:
        """Look at `shop` with `scopes`, at the world's hour `now`."""
        self.shop = shop
        self.scopes = scopes
        self.now = now
        self.currency = shop.profile.currency
        # to the minute, so that lists can be kept for a while
        self.orders_from = None if "read_all_orders" in scopes else (now - ORDER_DAYS * DAY) // 60 * 60

    def money(self, amount: int) -> Money:
        """Return an amount in the shop's currency."""
        return Money(amount, self.currency)

    def sees(self, order: Order) -> bool:
        """Whether an order is young enough to be visible."""
        return self.orders_from is None or order.created_at >= self.orders_from

    def order(self, order_id: int | None) -> Order | None:
        """Return a visible order."""
        order = None if order_id is None else self.shop.orders.get(order_id)
        return order if order is not None and self.sees(order) else None

    def orders_of(self, customer: Customer) -> list[Order]:
        """Return a customer's visible orders, by id."""
        return [order for order in self.shop.orders_of_customer(customer.id) if self.sees(order)]

    def everything(self, kind: str) -> Iterator[Record]:
        """Yield the visible records of a kind."""
        records = self.shop.records(kind).values()
        if kind != "orders" or self.orders_from is None:
            return iter(records)
        return (order for order in self.shop.orders.values() if self.sees(order))
