"""How orders and checkouts come and change. Whoever calls holds the shop's lock."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from connectors.sandbox.world.orders import refund
from connectors.sandbox.world.records import Checkout, Line, Order, Product, Refund
from connectors.sandbox.world.shop import Shop


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A line to be ordered; `price` of one unit, None for the product's own."""

    product: Product | None
    quantity: int = 1
    price: int | None = None
    title: str | None = None


def lines_of(shop: Shop, wanted: Sequence[Wanted], kind: str) -> tuple[Line, ...]:
    """Return lines, of orders (`LineItem`) or of checkouts (`AbandonedCheckoutLineItem`)."""
    return tuple(_line(shop, item, kind) for item in wanted)


def _line(shop: Shop, item: Wanted, kind: str) -> Line:
    product = item.product
    price = item.price if item.price is not None else product.price if product else 0
    return Line(
        id=shop.maker.id(kind),
        product_id=product.id if product else None,
        title=item.title or (product.title if product else "Custom"),
        quantity=item.quantity,
        current_quantity=item.quantity,
        price=price,
        sku=f"SKU-{product.id % 100_000}" if product else None,
        vendor=product.vendor if product else None,
    )


def place_order(shop: Shop, order: Order) -> None:
    """Take in an order; its customer's figures follow."""
    shop.orders[order.id] = order
    if order.customer_id is not None:
        shop.orders_of[order.customer_id].append(order.id)
    _settle(shop, order, order.updated_at)


def cancel_order(shop: Shop, order: Order, now: int) -> None:
    """Cancel an order; one that is cancelled stays as it is."""
    if order.cancelled_at is None:
        order.cancelled_at = order.updated_at = now
    _settle(shop, order, now)


def refund_order(shop: Shop, order: Order, units: dict[int, int] | None, now: int) -> Refund:
    """Give back the money of units of lines (by line id), of all that is left with None."""
    if units is None:
        units = {line.id: line.current_quantity for line in order.lines}
    record = Refund(id=shop.maker.id("Refund"), order_id=order.id, created_at=now)
    refund(order, record, units)
    _settle(shop, order, now)
    return record


def delete_order(shop: Shop, order: Order, now: int) -> None:
    """Remove an order; nothing of the list of changes tells."""
    del shop.orders[order.id]
    if order.customer_id is not None:
        shop.orders_of[order.customer_id].remove(order.id)
    _settle(shop, order, now)


def _settle(shop: Shop, order: Order, now: int) -> None:
    shop.changed("orders")
    customer = shop.customers.get(order.customer_id) if order.customer_id is not None else None
    if customer is None:
        return
    shop.count_again(customer)
    if shop.profile.bump_customers:
        customer.updated_at = max(customer.updated_at, now)
    shop.changed("customers")


def begin_checkout(shop: Shop, checkout: Checkout) -> None:
    """Take in a checkout."""
    shop.checkouts[checkout.id] = checkout
    shop.changed("checkouts")


def complete_checkout(shop: Shop, checkout: Checkout, now: int) -> None:
    """Complete a checkout; the list of abandoned checkouts goes on to hold it."""
    checkout.completed_at = checkout.updated_at = now
    shop.changed("checkouts")
