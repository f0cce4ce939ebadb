"""Shopify's JSON, turned into syncd's values.

Whole numbers of 64 bits arrive as text (`"13"`), money as decimal text, ids as `gid://shopify/Customer/1`, times as
RFC 3339. Decode with `strict=False`. What is protected (names, addresses, phone numbers) comes as null to an app that
was not granted it, whatever the schema promises; so does everything below an object that the scopes do not open.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar

import msgspec

from syncd.model import Address, Checkout, Collection, Customer, Instant, LineItem, Order, Product, minor_units

N = TypeVar("N")
H = TypeVar("H", Customer, Order, Product)

_NUMBERS = msgspec.json.Decoder(list[int])

_ID = attrgetter("id")
"""Children come in any order; kept in one, a record that is read twice is the same record."""

_SUBSCRIPTIONS = {"ACTIVE": "SUBSCRIBED", "CANCELLED": "CANCELED"}
"""How the segment language spells `productSubscriberStatus`, where it differs."""

_SMS_STATES = {"NEVER_SUBSCRIBED": "NOT_SUBSCRIBED"}
"""Likewise the state of consent to text messages."""


class Node(msgspec.Struct, rename="camel", gc=False):
    """Anything with an id. In the lines of an export `parent` tells whose child it is."""

    id: str
    parent: str | None = msgspec.field(name="__parentId", default=None)

    @property
    def number(self) -> int:
        """Return the id without what goes before it."""
        return number(self.id)


class PageInfo(msgspec.Struct, rename="camel", gc=False):
    """Whether there is more of a connection, and from where."""

    has_next_page: bool
    end_cursor: str | None = None


class Connection(msgspec.Struct, Generic[N], rename="camel", gc=False):
    """One page of something."""

    nodes: list[N]
    page_info: PageInfo


class Money(msgspec.Struct, rename="camel", gc=False):
    """An amount; the currency is asked for once an object."""

    amount: str
    currency_code: str | None = None


class MoneyBag(msgspec.Struct, rename="camel", gc=False):
    """An amount in the shop's own currency."""

    shop_money: Money


class EmailAddress(msgspec.Struct, rename="camel", gc=False):
    """A customer's address, and what they said of mail to it."""

    email_address: str | None = None
    marketing_state: str | None = None
    marketing_updated_at: datetime | None = None


class SmsConsent(msgspec.Struct, rename="camel", gc=False):
    """What a customer said of text messages."""

    state: str | None = None


class PhoneNumber(msgspec.Struct, rename="camel", gc=False):
    """A customer's phone number."""

    phone_number: str | None = None
    sms_marketing_consent: SmsConsent | None = None


class Statistics(msgspec.Struct, rename="camel", gc=False):
    """What Shopify thinks of a customer."""

    predicted_spend_tier: str | None = None
    rfm_group: str | None = None


class LastOrder(msgspec.Struct, rename="camel", gc=False):
    """When the customer last ordered."""

    processed_at: datetime


class AddressNode(Node, gc=False):
    """A customer's postal address."""

    country_code_v2: str | None = None
    province_code: str | None = None
    city: str | None = None
    zip: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class CustomerNode(Node, kw_only=True, gc=False):
    """A customer."""

    created_at: datetime
    updated_at: datetime
    first_name: str | None = None
    last_name: str | None = None
    locale: str | None = None
    state: str | None = None
    verified_email: bool = False
    tags: list[str] = []
    number_of_orders: int = 0
    amount_spent: Money
    product_subscriber_status: str | None = None
    statistics: Statistics | None = None
    default_email_address: EmailAddress | None = None
    default_phone_number: PhoneNumber | None = None
    last_order: LastOrder | None = None
    children: Connection[AddressNode] | None = None


class ProductRef(Node, gc=False):
    """The product of a line; null once it is deleted."""

    product_type: str | None = None


class LineNode(Node, kw_only=True, gc=False):
    """A line of an order."""

    title: str | None = None
    vendor: str | None = None
    sku: str | None = None
    quantity: int
    current_quantity: int
    is_gift_card: bool = False
    discounted_total_set: MoneyBag
    product: ProductRef | None = None
    variant: Node | None = None


class OrderNode(Node, kw_only=True, gc=False):
    """An order."""

    created_at: datetime
    processed_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None = None
    test: bool = False
    name: str | None = None
    email: str | None = None
    source_name: str | None = None
    app: Node | None = None
    tags: list[str] = []
    discount_codes: list[str] = []
    display_financial_status: str | None = None
    customer: Node | None = None
    total_price_set: MoneyBag
    current_total_price_set: MoneyBag
    total_refunded_set: MoneyBag
    children: Connection[LineNode] | None = None


class CategoryRef(Node, gc=False):
    """A product's place in Shopify's taxonomy."""

    full_name: str | None = None


class CollectionNode(Node, kw_only=True, gc=False):
    """A collection that a product is in."""

    title: str
    handle: str


class ProductNode(Node, kw_only=True, gc=False):
    """A product."""

    updated_at: datetime
    title: str | None = None
    vendor: str | None = None
    product_type: str | None = None
    status: str | None = None
    tags: list[str] = []
    category: CategoryRef | None = None
    children: Connection[CollectionNode] | None = None


class CheckoutNode(Node, kw_only=True, gc=False):
    """A checkout that was begun."""

    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None = None
    customer: Node | None = None
    total_price_set: MoneyBag


def number(gid: str) -> int:
    """Return the number of a global id; addresses have more behind it (`…/MailingAddress/1?model_name=Customer`).

    Raises:
        ValueError: It has none.
    """
    tail = gid[gid.rindex("/") + 1 :]
    try:
        return int(tail)
    except ValueError:
        return int(tail.partition("?")[0])


def numbers(gids: Sequence[str]) -> list[int]:
    """Return the numbers of global ids, usually of one kind: read together, they cost a third of what each would.

    Raises:
        ValueError: One has none.
    """
    if not gids:
        return []
    before = gids[0][: gids[0].rindex("/") + 1]
    try:
        return _NUMBERS.decode(f"[{','.join(gids).replace(before, '')}]")
    except msgspec.DecodeError:  # of several kinds, or with more behind
        return list(map(number, gids))


def gid(kind: str, subject: str | int) -> str:
    """Return the global id of a number (`gid("Customer", 1)`)."""
    return f"gid://shopify/{kind}/{subject}"


def instant(moment: datetime) -> Instant:
    """Return a time as seconds."""
    return int(moment.timestamp())


def maybe_instant(moment: datetime | None) -> Instant | None:
    """Return a time as seconds, None for none."""
    return None if moment is None else int(moment.timestamp())


def customer(node: CustomerNode) -> Customer:
    """Return a customer, without addresses."""
    email = node.default_email_address or EmailAddress()
    phone = node.default_phone_number or PhoneNumber()
    sms = phone.sms_marketing_consent.state if phone.sms_marketing_consent else None
    statistics = node.statistics or Statistics()
    currency = node.amount_spent.currency_code or ""
    subscription = node.product_subscriber_status
    return Customer(
        number(node.id),  # some by place, as in `_order`
        instant(node.created_at),
        instant(node.updated_at),
        (email.email_address or "").strip() or None,
        email.marketing_state,
        maybe_instant(email.marketing_updated_at),
        _SMS_STATES.get(sms, sms) if sms else None,
        phone.phone_number or None,
        node.first_name or None,
        node.last_name or None,
        node.locale or None,
        node.state,
        verified_email=node.verified_email,
        number_of_orders=node.number_of_orders,
        amount_spent=minor_units(node.amount_spent.amount, currency),
        currency=currency or None,
        product_subscription=_SUBSCRIPTIONS.get(subscription, subscription) if subscription else None,
        spend_tier=statistics.predicted_spend_tier,
        rfm_group=statistics.rfm_group,
        last_order_at=instant(node.last_order.processed_at) if node.last_order else None,
        tags=tuple(node.tags),
    )


def address(node: AddressNode, _: Customer) -> Address:
    """Return an address of a customer's."""
    return Address(
        number(node.id),
        node.country_code_v2,
        node.province_code or None,
        node.city or None,
        node.zip or None,
        node.latitude,
        node.longitude,
    )


def with_addresses(head: Customer, addresses: Sequence[Address]) -> Customer:
    """Return a customer with all addresses."""
    return _completed(head, "addresses", addresses)


def orders(nodes: Sequence[OrderNode]) -> list[Order]:
    """Return orders, without lines."""
    ids = numbers([node.id for node in nodes])
    customers = _references([node.customer for node in nodes])
    apps = _references([node.app for node in nodes])
    return list(map(_order, nodes, ids, customers, apps))


def lines(nodes: Sequence[LineNode], heads: Sequence[Order]) -> list[LineItem]:
    """Return lines of orders, each one's amount in its order's currency."""
    ids = numbers([node.id for node in nodes])
    products = _references([node.product for node in nodes])
    variants = _references([node.variant for node in nodes])
    return [
        LineItem(
            id=own,
            quantity=node.quantity,
            current_quantity=node.current_quantity,
            product_id=product,
            variant_id=variant,
            title=node.title or None,
            vendor=node.vendor or None,
            product_type=None if node.product is None else node.product.product_type or None,
            sku=node.sku or None,
            amount=minor_units(node.discounted_total_set.shop_money.amount, head.currency),
            gift_card=node.is_gift_card,
        )
        for node, head, own, product, variant in zip(nodes, heads, ids, products, variants, strict=True)
    ]


def with_lines(head: Order, lines: Sequence[LineItem]) -> Order:
    """Return an order with all its lines."""
    return _completed(head, "lines", lines)


def product(node: ProductNode) -> Product:
    """Return a product, without collections."""
    category = node.category
    return Product(
        id=number(node.id),
        updated_at=instant(node.updated_at),
        title=node.title or None,
        vendor=node.vendor or None,
        product_type=node.product_type or None,
        category_id=category.id.rpartition("/")[2] if category else None,
        category=(category.full_name or None) if category else None,
        status=node.status,
        tags=tuple(node.tags),
    )


def collection(node: CollectionNode, _: Product) -> Collection:
    """Return a collection that a product is in."""
    return Collection(node.number, node.title, node.handle)


def with_collections(head: Product, collections: Sequence[Collection]) -> Product:
    """Return a product with all its collections."""
    return _completed(head, "collections", collections)


def checkout(node: CheckoutNode) -> Checkout:
    """Return a checkout."""
    total = node.total_price_set.shop_money
    return Checkout(
        id=number(node.id),
        created_at=instant(node.created_at),
        updated_at=instant(node.updated_at),
        completed_at=maybe_instant(node.completed_at),
        customer_id=_ref(node.customer),
        total=minor_units(total.amount, total.currency_code or ""),
        currency=total.currency_code,
    )


def _completed(head: H, field: str, below: Sequence[Any]) -> H:
    """Put the last field into a value that nobody has seen yet; to copy it would cost ten times as much."""
    msgspec.structs.force_setattr(head, field, tuple(sorted(below, key=_ID)))
    return head


def _ref(node: Node | None) -> int | None:
    return None if node is None else number(node.id)


def _references(nodes: Sequence[Node | None]) -> Sequence[int | None]:
    """Return the numbers of what is referred to, None for nothing."""
    found = numbers([node.id for node in nodes if node is not None])
    if len(found) == len(nodes):
        return found
    those = iter(found)
    return [None if node is None else next(those) for node in nodes]


def _order(node: OrderNode, own: int, customer: int | None, app: int | None) -> Order:
    present = node.current_total_price_set.shop_money
    currency = present.currency_code or ""
    total = node.total_price_set.shop_money.amount
    current_total = minor_units(present.amount, currency)
    created_at = int(node.created_at.timestamp())
    email = node.email
    return Order(
        own,  # some by place: with more than thirty names and values Python puts them into a dict first
        created_at,
        created_at if node.processed_at == node.created_at else instant(node.processed_at),
        int(node.updated_at.timestamp()),
        currency,
        maybe_instant(node.cancelled_at),
        test=node.test,
        name=node.name or None,
        customer_id=customer,
        email=(email.strip() or None) if email else None,
        total=current_total if total == present.amount else minor_units(total, currency),
        current_total=current_total,
        refunded=minor_units(node.total_refunded_set.shop_money.amount, currency),
        financial_status=node.display_financial_status,
        source_name=node.source_name or None,
        app_id=app,
        tags=tuple(node.tags),
        discount_codes=tuple(node.discount_codes),
    )
