"""The control of a shop's orders and checkouts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from connectors.sandbox.control import bodies
from connectors.sandbox.control.records import Desk, told
from connectors.sandbox.exchange import Request
from connectors.sandbox.world import change, trade
from connectors.sandbox.world.records import Checkout, Order
from connectors.sandbox.world.trade import Wanted
from syncd.model import minor_units


class TradeDesk(Desk):
    """Answers what is about orders and checkouts."""

    def new_order(self, request: Request, _: list[str]) -> dict[str, Any]:
        """Place an order."""
        wish = bodies.read(request.body, bodies.NewOrder)
        now = self.clock.now()
        customer = None if wish.customer_id is None else self.record(["customers", str(wish.customer_id)])
        lines = trade.lines_of(self.shop, self._wanted(wish.lines), "LineItem")
        order = Order(
            id=self.shop.maker.id("Order"),
            number=1001 + len(self.shop.orders),
            created_at=now if wish.created_at is None else bodies.instant(wish.created_at),
            processed_at=now if wish.processed_at is None else bodies.instant(wish.processed_at),
            updated_at=now,
            cancelled_at=now if wish.cancelled else None,
            test=wish.test,
            customer_id=wish.customer_id,
            email=wish.email or (customer.email if customer else None),
            total=sum(line.price * line.quantity for line in lines),
            source_name=wish.source_name,
            location_id=wish.location_id,
            tags=self.shop.spellings.added((), wish.tags),
            discount_codes=tuple(wish.discount_codes),
            lines=lines,
        )
        trade.place_order(self.shop, order)
        return told("order", order)

    def _wanted(self, lines: Sequence[bodies.NewLine]) -> list[Wanted]:
        if not lines:
            return [Wanted(product=next(iter(self.shop.products.values())))]
        return [self._wish(line) for line in lines]

    def _wish(self, line: bodies.NewLine) -> Wanted:
        product = None if line.product_id is None else self.record(["products", str(line.product_id)])
        price = None if line.price is None else minor_units(str(line.price), self.shop.profile.currency)
        return Wanted(product=product, quantity=line.quantity, price=price, title=line.title)

    def edit_order(self, request: Request, parts: list[str]) -> dict[str, Any]:
        """Cancel, refund or change an order."""
        order = self.record(parts)
        edit = bodies.read(request.body, bodies.OrderEdit)
        now = self.clock.now()
        if edit.cancel:
            trade.cancel_order(self.shop, order, now)
        if edit.refund is not None:
            units = None if edit.refund == "all" else _units(order, edit.refund)
            trade.refund_order(self.shop, order, units, now)
        if isinstance(edit.tags, list):
            change.replace_tags(self.shop, order, edit.tags, now)
        if edit.email is not msgspec.UNSET:
            order.email, order.updated_at = edit.email, now
            self.shop.changed("orders")
        return told("order", order)

    def delete_order(self, _: Request, parts: list[str]) -> dict[str, Any]:
        """Remove an order."""
        order = self.record(parts)
        trade.delete_order(self.shop, order, self.clock.now())
        return {"deleted": order.id}

    def new_checkout(self, request: Request, _: list[str]) -> dict[str, Any]:
        """Begin a checkout."""
        wish = bodies.read(request.body, bodies.NewCheckout)
        begun = self.clock.now() if wish.created_at is None else bodies.instant(wish.created_at)
        completed = None if wish.completed_at is None else bodies.instant(wish.completed_at)
        lines = trade.lines_of(self.shop, self._wanted(wish.lines), "AbandonedCheckoutLineItem")
        checkout = Checkout(
            id=self.shop.maker.id("AbandonedCheckout"),
            created_at=begun,
            updated_at=self.clock.now(),
            completed_at=completed,
            customer_id=wish.customer_id,
            total=sum(line.price * line.quantity for line in lines),
            lines=lines,
        )
        trade.begin_checkout(self.shop, checkout)
        return told("checkout", checkout)

    def complete_checkout(self, request: Request, parts: list[str]) -> dict[str, Any]:
        """Complete a checkout."""
        checkout: Checkout = self.record(parts)
        wish = bodies.read(request.body, bodies.Completion)
        trade.complete_checkout(self.shop, checkout, self.clock.now())
        if not wish.order:
            return told("checkout", checkout)
        lines = [bodies.NewLine(product_id=x.product_id, quantity=x.quantity) for x in checkout.lines]
        order = bodies.NewOrder(customer_id=checkout.customer_id, lines=lines)
        body = msgspec.json.encode(order)
        placed = self.new_order(msgspec.structs.replace(request, body=body), ["orders"])
        return told("checkout", checkout) | {"order": placed}


def _units(order: Order, returned: Sequence[bodies.Returned]) -> dict[int, int]:
    units: dict[int, int] = {}
    for item in returned:
        line_id = item.line_id if item.line_id is not None else order.lines[item.line].id
        units[line_id] = units.get(line_id, 0) + item.quantity
    return units
