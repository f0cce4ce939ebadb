"""What the fields of orders, refunds and checkouts say."""

from __future__ import annotations

from typing import NamedTuple

from connectors.sandbox.shopify.getters import Getter, Table, identity, money
from connectors.sandbox.shopify.product_fields import product_of
from connectors.sandbox.shopify.view import View
from connectors.sandbox.shopify.wire import gid, instant_text, maybe_instant_text
from connectors.sandbox.world.records import Line, Location, Order, Refund


class App(NamedTuple):
    """The app that an order came through."""

    id: int
    name: str


class RefundLine(NamedTuple):
    """Some units of a line, given back."""

    line: Line
    quantity: int


_APPS = {
    "web": App(580111, "Online Store"),
    "pos": App(129785, "Point of Sale"),
    "shopify_draft_order": App(1354745, "Draft Orders"),
}


def _financial_status(order: Order, _: View) -> str:
    if order.cancelled_at is not None:
        return "VOIDED"
    if not order.refunded:
        return "PAID"
    return "REFUNDED" if order.refunded >= order.total else "PARTIALLY_REFUNDED"


def app_of(order: Order) -> App:
    """Return the app that an order came through."""
    known = _APPS.get(order.source_name)
    return known or App(int(order.source_name) if order.source_name.isdigit() else 1, "Field sales")


def _location(order: Order, view: View) -> Location | None:
    return None if order.location_id is None else view.shop.locations.get(order.location_id)


def refund_lines(refund: Refund, view: View) -> list[RefundLine]:
    """Return what a refund gave back."""
    lines = {line.id: line for line in view.shop.orders[refund.order_id].lines}
    return [RefundLine(lines[line_id], number) for line_id, number in refund.lines]


_ORDER: dict[str, Getter] = identity("Order") | {
    "app": lambda o, _: app_of(o),
    "cancelReason": lambda o, _: None if o.cancelled_at is None else "CUSTOMER",
    "cancelledAt": lambda o, _: maybe_instant_text(o.cancelled_at),
    "closed": lambda o, _: o.cancelled_at is not None,
    "closedAt": lambda o, _: maybe_instant_text(o.cancelled_at),
    "confirmed": lambda _o, _: True,
    "createdAt": lambda o, _: instant_text(o.created_at),
    "currencyCode": lambda _o, view: view.currency,
    "currentSubtotalPriceSet": money(lambda o: o.current_total),
    "currentTotalPriceSet": money(lambda o: o.current_total),
    "customer": lambda o, view: view.shop.customers.get(o.customer_id),
    "customerLocale": lambda _o, _: "en",
    "discountCode": lambda o, _: o.discount_codes[0] if o.discount_codes else None,
    "discountCodes": lambda o, _: o.discount_codes,
    "displayFinancialStatus": _financial_status,
    "displayFulfillmentStatus": lambda o, _: "UNFULFILLED" if o.cancelled_at else "FULFILLED",
    "edited": lambda _o, _: False,
    "email": lambda o, _: o.email,
    "fullyPaid": lambda o, _: o.cancelled_at is None,
    "name": lambda o, _: f"#{o.number}",
    "netPaymentSet": money(lambda o: o.current_total),
    "note": lambda _o, _: None,
    "number": lambda o, _: o.number,
    "originalTotalPriceSet": money(lambda o: o.total),
    "phone": lambda _o, _: None,
    "physicalLocation": _location,
    "presentmentCurrencyCode": lambda _o, view: view.currency,
    "processedAt": lambda o, _: instant_text(o.processed_at),
    "refunds": lambda o, _: o.refunds,
    "retailLocation": _location,
    "sourceIdentifier": lambda _o, _: None,
    "sourceName": lambda o, _: o.source_name,
    "subtotalPriceSet": money(lambda o: o.total),
    "tags": lambda o, _: o.tags,
    "test": lambda o, _: o.test,
    "totalPriceSet": money(lambda o: o.total),
    "totalReceivedSet": money(lambda o: o.total),
    "totalRefundedSet": money(lambda o: o.refunded),
    "updatedAt": lambda o, _: instant_text(o.updated_at),
}

_LINE: dict[str, Getter] = {
    "product": product_of,
    "quantity": lambda x, _: x.quantity,
    "sku": lambda x, _: x.sku,
    "title": lambda x, _: x.title,
    "variant": product_of,
    "variantTitle": lambda _x, _: None,
}

TABLE: Table = {
    "Order": _ORDER,
    "OrderApp": {"id": lambda a, _: gid("App", a.id), "name": lambda a, _: a.name},
    "Location": identity("Location") | {"name": lambda x, _: x.name, "isActive": lambda _x, _: True},
    "LineItem": _LINE
    | {
        "id": lambda x, _: gid("LineItem", x.id),
        "currentQuantity": lambda x, _: x.current_quantity,
        "discountedTotalSet": money(lambda x: x.price * x.quantity),
        "discountedUnitPriceSet": money(lambda x: x.price),
        "isGiftCard": lambda x, view: bool((product := product_of(x, view)) and product.gift_card),
        "name": lambda x, _: x.title,
        "originalTotalSet": money(lambda x: x.price * x.quantity),
        "originalUnitPriceSet": money(lambda x: x.price),
        "refundableQuantity": lambda x, _: x.current_quantity,
        "requiresShipping": lambda x, _: x.product_id is not None,
        "vendor": lambda x, _: x.vendor,
    },
    "Refund": identity("Refund")
    | {
        "createdAt": lambda r, _: instant_text(r.created_at),
        "note": lambda _r, _: None,
        "order": lambda r, view: view.shop.orders[r.order_id],
        "processedAt": lambda r, _: instant_text(r.created_at),
        "totalRefundedSet": money(lambda r: r.amount),
        "updatedAt": lambda r, _: instant_text(r.created_at),
    },
    "RefundLineItem": {
        "id": lambda r, _: gid("RefundLineItem", r.line.id),
        "lineItem": lambda r, _: r.line,
        "quantity": lambda r, _: r.quantity,
        "restockType": lambda _r, _: "RETURN",
        "subtotalSet": money(lambda r: r.line.price * r.quantity),
    },
    "AbandonedCheckout": {
        "id": lambda c, _: gid("AbandonedCheckout", c.id),
        "abandonedCheckoutUrl": lambda c, view: f"https://{view.shop.profile.domain}/checkouts/{c.id}/recover",
        "completedAt": lambda c, _: maybe_instant_text(c.completed_at),
        "createdAt": lambda c, _: instant_text(c.created_at),
        "customer": lambda c, view: view.shop.customers.get(c.customer_id),
        "defaultCursor": lambda c, _: str(c.id),
        "discountCodes": lambda c, _: c.discount_codes,
        "lineItemsQuantity": lambda c, _: sum(x.quantity for x in c.lines),
        "name": lambda c, _: f"#{c.id}",
        "note": lambda _c, _: "",
        "subtotalPriceSet": money(lambda c: c.total),
        "taxesIncluded": lambda _c, _: True,
        "totalPriceSet": money(lambda c: c.total),
        "updatedAt": lambda c, _: instant_text(c.updated_at),
    },
    "AbandonedCheckoutLineItem": _LINE
    | {
        "id": lambda x, _: gid("AbandonedCheckoutLineItem", x.id),
        "originalTotalPriceSet": money(lambda x: x.price * x.quantity),
        "originalUnitPriceSet": money(lambda x: x.price),
    },
}
