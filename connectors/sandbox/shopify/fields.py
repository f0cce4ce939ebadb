"""What every field of every type says, once: pages (through graphql-core) and exports (compiled) read this table.

A getter takes a record and the view. Text forms (ids, instants, amounts) are made here, so that both readings agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from connectors.sandbox.shopify.view import View
from connectors.sandbox.shopify.wire import decimal_text, gid, instant_text, maybe_instant_text
from connectors.sandbox.world.records import (
    Address,
    Checkout,
    Collection,
    Customer,
    Line,
    Location,
    Order,
    Product,
    Refund,
)

Getter = Callable[[Any, View], Any]


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


def _identity(kind: str) -> dict[str, Getter]:
    return {
        "id": lambda record, _: gid(kind, record.id),
        "legacyResourceId": lambda record, _: str(record.id),
    }


def _money(amount: Callable[[Any], int]) -> Getter:
    return lambda record, view: view.money(amount(record))


def _display_name(customer: Customer, _: View) -> str:
    name = " ".join(part for part in (customer.first_name, customer.last_name) if part)
    return name or customer.email or customer.phone or ""


def _area(address: Address, _: View) -> str:
    where = " ".join(part for part in (address.city, address.province_code) if part)
    return f"{where}, {address.country}"


def _financial_status(order: Order, _: View) -> str:
    if order.cancelled_at is not None:
        return "VOIDED"
    if not order.refunded:
        return "PAID"
    return "REFUNDED" if order.refunded >= order.total else "PARTIALLY_REFUNDED"


def _app(order: Order, _: View) -> App:
    known = _APPS.get(order.source_name)
    return known or App(int(order.source_name) if order.source_name.isdigit() else 1, "Field sales")


def _location(order: Order, view: View) -> Location | None:
    return None if order.location_id is None else view.shop.locations.get(order.location_id)


def _refund_lines(refund: Refund, view: View) -> list[RefundLine]:
    lines = {line.id: line for line in view.shop.orders[refund.order_id].lines}
    return [RefundLine(lines[line_id], number) for line_id, number in refund.lines]


def _product_of(line: Line, view: View) -> Product | None:
    return None if line.product_id is None else view.shop.products.get(line.product_id)


def _same(record: Any, _: View) -> Any:
    return record


_CUSTOMER: dict[str, Getter] = _identity("Customer") | {
    "addresses": lambda c, _: c.addresses[:250],
    "amountSpent": _money(lambda c: c.amount_spent),
    "canDelete": lambda c, _: c.number_of_orders == 0,
    "createdAt": lambda c, _: instant_text(c.created_at),
    "dataSaleOptOut": lambda _c, _: False,
    "defaultAddress": lambda c, _: c.addresses[0] if c.addresses else None,
    "defaultEmailAddress": lambda c, _: c if c.email else None,
    "defaultPhoneNumber": lambda c, _: c if c.phone else None,
    "displayName": _display_name,
    "email": lambda c, _: c.email,
    "emailMarketingConsent": lambda c, _: c if c.email else None,
    "firstName": lambda c, _: c.first_name,
    "lastName": lambda c, _: c.last_name,
    "lastOrder": lambda c, view: view.order(c.last_order_id),
    "locale": lambda c, _: c.locale,
    "note": lambda c, _: c.note,
    "numberOfOrders": lambda c, _: str(c.number_of_orders),
    "phone": lambda c, _: c.phone,
    "productSubscriberStatus": lambda c, _: c.product_subscription,
    "state": lambda c, _: c.state,
    "statistics": _same,
    "tags": lambda c, _: c.tags,
    "taxExempt": lambda c, _: c.tax_exempt,
    "updatedAt": lambda c, _: instant_text(c.updated_at),
    "validEmailAddress": lambda c, _: c.consent != "INVALID",
    "verifiedEmail": lambda c, _: c.verified_email,
}

_ORDER: dict[str, Getter] = _identity("Order") | {
    "app": _app,
    "cancelReason": lambda o, _: None if o.cancelled_at is None else "CUSTOMER",
    "cancelledAt": lambda o, _: maybe_instant_text(o.cancelled_at),
    "closed": lambda o, _: o.cancelled_at is not None,
    "closedAt": lambda o, _: maybe_instant_text(o.cancelled_at),
    "confirmed": lambda _o, _: True,
    "createdAt": lambda o, _: instant_text(o.created_at),
    "currencyCode": lambda _o, view: view.currency,
    "currentSubtotalPriceSet": _money(lambda o: o.current_total),
    "currentTotalPriceSet": _money(lambda o: o.current_total),
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
    "netPaymentSet": _money(lambda o: o.current_total),
    "note": lambda _o, _: None,
    "number": lambda o, _: o.number,
    "originalTotalPriceSet": _money(lambda o: o.total),
    "phone": lambda _o, _: None,
    "physicalLocation": _location,
    "presentmentCurrencyCode": lambda _o, view: view.currency,
    "processedAt": lambda o, _: instant_text(o.processed_at),
    "refunds": lambda o, _: o.refunds,
    "retailLocation": _location,
    "sourceIdentifier": lambda _o, _: None,
    "sourceName": lambda o, _: o.source_name,
    "subtotalPriceSet": _money(lambda o: o.total),
    "tags": lambda o, _: o.tags,
    "test": lambda o, _: o.test,
    "totalPriceSet": _money(lambda o: o.total),
    "totalReceivedSet": _money(lambda o: o.total),
    "totalRefundedSet": _money(lambda o: o.refunded),
    "updatedAt": lambda o, _: instant_text(o.updated_at),
}

_LINE: dict[str, Getter] = {
    "product": _product_of,
    "quantity": lambda x, _: x.quantity,
    "sku": lambda x, _: x.sku,
    "title": lambda x, _: x.title,
    "variant": _product_of,
    "variantTitle": lambda _x, _: None,
}

GETTERS: Mapping[str, Mapping[str, Getter]] = {
    "Customer": _CUSTOMER,
    "CustomerEmailAddress": {
        "emailAddress": lambda c, _: c.email,
        "marketingOptInLevel": lambda c, _: c.opt_in_level,
        "marketingState": lambda c, _: c.consent,
        "marketingUnsubscribeUrl": lambda c, view: f"https://{view.shop.profile.domain}/unsubscribe/{c.id}",
        "marketingUpdatedAt": lambda c, _: maybe_instant_text(c.consent_at),
        "validFormat": lambda c, _: c.consent != "INVALID",
    },
    "CustomerEmailMarketingConsentState": {
        "consentUpdatedAt": lambda c, _: maybe_instant_text(c.consent_at),
        "marketingOptInLevel": lambda c, _: c.opt_in_level,
        "marketingState": lambda c, _: c.consent,
    },
    "CustomerPhoneNumber": {
        "marketingCollectedFrom": lambda _c, _: "OTHER",
        "marketingOptInLevel": lambda _c, _: None,
        "marketingState": lambda c, _: c.sms_consent,
        "marketingUpdatedAt": lambda _c, _: None,
        "phoneNumber": lambda c, _: c.phone,
        "smsMarketingConsent": _same,
    },
    "CustomerSmsMarketingConsent": {
        "collectedFrom": lambda _c, _: "OTHER",
        "optInLevel": lambda _c, _: None,
        "state": lambda c, _: "NEVER_SUBSCRIBED" if c.sms_consent == "NOT_SUBSCRIBED" else c.sms_consent,
        "updatedAt": lambda _c, _: None,
    },
    "CustomerStatistics": {
        "predictedSpendTier": lambda c, _: c.spend_tier,
        "rfmGroup": lambda c, _: c.rfm_group,
    },
    "MailingAddress": {
        "id": lambda a, _: gid("MailingAddress", a.id),
        "address1": lambda a, _: a.address1,
        "city": lambda a, _: a.city,
        "coordinatesValidated": lambda a, _: a.latitude is not None,
        "country": lambda a, _: a.country,
        "countryCodeV2": lambda a, _: a.country_code,
        "formattedArea": _area,
        "latitude": lambda a, _: a.latitude,
        "longitude": lambda a, _: a.longitude,
        "province": lambda a, _: a.province,
        "provinceCode": lambda a, _: a.province_code,
        "zip": lambda a, _: a.zip,
    },
    "MoneyBag": {"presentmentMoney": _same, "shopMoney": _same},
    "MoneyV2": {"amount": lambda m, _: decimal_text(m), "currencyCode": lambda m, _: m.currency},
    "Order": _ORDER,
    "OrderApp": {"id": lambda a, _: gid("App", a.id), "name": lambda a, _: a.name},
    "Location": _identity("Location") | {"name": lambda x, _: x.name, "isActive": lambda _x, _: True},
    "LineItem": _LINE
    | {
        "id": lambda x, _: gid("LineItem", x.id),
        "currentQuantity": lambda x, _: x.current_quantity,
        "discountedTotalSet": _money(lambda x: x.price * x.quantity),
        "discountedUnitPriceSet": _money(lambda x: x.price),
        "isGiftCard": lambda x, view: bool((product := _product_of(x, view)) and product.gift_card),
        "name": lambda x, _: x.title,
        "originalTotalSet": _money(lambda x: x.price * x.quantity),
        "originalUnitPriceSet": _money(lambda x: x.price),
        "refundableQuantity": lambda x, _: x.current_quantity,
        "requiresShipping": lambda x, _: x.product_id is not None,
        "vendor": lambda x, _: x.vendor,
    },
    "Refund": _identity("Refund")
    | {
        "createdAt": lambda r, _: instant_text(r.created_at),
        "note": lambda _r, _: None,
        "order": lambda r, view: view.shop.orders[r.order_id],
        "processedAt": lambda r, _: instant_text(r.created_at),
        "totalRefundedSet": _money(lambda r: r.amount),
        "updatedAt": lambda r, _: instant_text(r.created_at),
    },
    "RefundLineItem": {
        "id": lambda r, _: gid("RefundLineItem", r.line.id),
        "lineItem": lambda r, _: r.line,
        "quantity": lambda r, _: r.quantity,
        "restockType": lambda _r, _: "RETURN",
        "subtotalSet": _money(lambda r: r.line.price * r.quantity),
    },
    "Product": _identity("Product")
    | {
        "category": lambda p, _: p if p.category_id else None,
        "createdAt": lambda p, _: instant_text(p.created_at),
        "handle": lambda p, _: p.handle,
        "isGiftCard": lambda p, _: p.gift_card,
        "productType": lambda p, _: p.product_type,
        "status": lambda p, _: p.status,
        "tags": lambda p, _: p.tags,
        "title": lambda p, _: p.title,
        "updatedAt": lambda p, _: instant_text(p.updated_at),
        "vendor": lambda p, _: p.vendor,
    },
    "ProductVariant": _identity("ProductVariant")
    | {"sku": lambda p, _: f"SKU-{p.id % 100_000}", "title": lambda _p, _: "Default Title"},
    "TaxonomyCategory": {
        "id": lambda p, _: f"gid://shopify/TaxonomyCategory/{p.category_id}",
        "fullName": lambda p, _: p.category,
        "isLeaf": lambda _p, _: True,
        "isRoot": lambda p, _: "-" not in p.category_id,
        "level": lambda p, _: p.category_id.count("-") + 1,
        "name": lambda p, _: p.category.rpartition(" > ")[2],
    },
    "Collection": _identity("Collection")
    | {
        "handle": lambda c, _: c.handle,
        "title": lambda c, _: c.title,
        "updatedAt": lambda c, _: instant_text(c.updated_at),
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
        "subtotalPriceSet": _money(lambda c: c.total),
        "taxesIncluded": lambda _c, _: True,
        "totalPriceSet": _money(lambda c: c.total),
        "updatedAt": lambda c, _: instant_text(c.updated_at),
    },
    "AbandonedCheckoutLineItem": _LINE
    | {
        "id": lambda x, _: gid("AbandonedCheckoutLineItem", x.id),
        "originalTotalPriceSet": _money(lambda x: x.price * x.quantity),
        "originalUnitPriceSet": _money(lambda x: x.price),
    },
}
"""By type and field: everything but connections."""

CHILDREN: Mapping[tuple[str, str], Callable[[Any, View], Sequence[Any]]] = {
    ("Customer", "addressesV2"): lambda c, _: c.addresses,
    ("Customer", "orders"): lambda c, view: view.orders_of(c),
    ("Order", "lineItems"): lambda o, _: o.lines,
    ("Refund", "refundLineItems"): _refund_lines,
    ("AbandonedCheckout", "lineItems"): lambda c, _: c.lines,
    ("Product", "collections"): lambda p, view: [view.shop.collections[x] for x in p.collection_ids],
}
"""By type and field: the whole of a nested connection."""

TYPE_OF: Mapping[type, str] = {
    Customer: "Customer",
    Order: "Order",
    Product: "Product",
    Checkout: "AbandonedCheckout",
    Collection: "Collection",
    Address: "MailingAddress",
    Line: "LineItem",
    Refund: "Refund",
    Location: "Location",
}
"""The GraphQL type of a record, where it is asked for as a Node."""
