"""What a store holds: customers, orders, products, abandoned checkouts.

One frozen value a record, as the mirror keeps it. Instants are UTC, whole seconds since 1970. Amounts are minor units
of the currency beside them, in the shop's own currency. A missing value is None (never an empty string).
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

import msgspec

Instant: TypeAlias = int
"""A moment: UTC, whole seconds since 1970-01-01T00:00:00Z."""


class Kind(StrEnum):
    """A kind of record that a source offers."""

    CUSTOMERS = "customers"
    ORDERS = "orders"
    PRODUCTS = "products"
    CHECKOUTS = "checkouts"
    METAFIELDS = "metafields"
    COMPANIES = "companies"
    CREDIT = "credit"


ON_DEMAND = frozenset({Kind.METAFIELDS, Kind.COMPANIES, Kind.CREDIT})
"""What hangs on customers and is read only once a segment looks at it; each by itself, for a store may refuse any."""


class Address(msgspec.Struct, frozen=True, gc=False):
    """A postal address, as far as segments look at it.

    Attributes:
        country: ISO 3166-1 alpha-2 (`CA`).
        province: The part after the dash of ISO 3166-2 (`ON`).
        latitude: Degrees north.
        longitude: Degrees east.
    """

    id: int
    country: str | None = None
    province: str | None = None
    city: str | None = None
    zip: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class Customer(msgspec.Struct, frozen=True, gc=False):
    """A customer record of one store.

    Attributes:
        email: The address as the store has it, trimmed; `identity(email)` is what two records are compared by.
        email_consent: SUBSCRIBED, NOT_SUBSCRIBED, PENDING, UNSUBSCRIBED, INVALID or REDACTED; None where unknown.
        account_state: ENABLED, DISABLED, INVITED or DECLINED.
        product_subscription: In the segment language's spelling (SUBSCRIBED, CANCELED, …).
        number_of_orders: The store's own lifetime figure.
        amount_spent: The store's own lifetime figure, minor units of `currency`.
        last_order_at: When the store's own last order was processed, where it says so.
    """

    id: int
    created_at: Instant
    updated_at: Instant
    email: str | None = None
    email_consent: str | None = None
    email_consent_at: Instant | None = None
    sms_consent: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    language: str | None = None
    account_state: str | None = None
    verified_email: bool = False
    number_of_orders: int = 0
    amount_spent: int = 0
    currency: str | None = None
    product_subscription: str | None = None
    spend_tier: str | None = None
    rfm_group: str | None = None
    last_order_at: Instant | None = None
    tags: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()


class Metafield(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One value of a metafield of a customer.

    Attributes:
        place: Which of several values it is, from 0, where the metafield is a list.
        type: Of the value, as the store names it (`date`, `number_integer`), of a list's elements without `list.`.
        value: As text, as the store keeps it (`true`, `1990-02-28`, `12.5`).
    """

    namespace: str
    key: str
    type: str
    value: str
    place: int = 0


class Metafields(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All metafields of a customer, whose id it bears."""

    id: int
    updated_at: Instant
    values: tuple[Metafield, ...] = ()


class Companies(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The companies (B2B) that a customer, whose id it bears, is a contact of."""

    id: int
    updated_at: Instant
    companies: tuple[int, ...] = ()


class CreditAccount(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A store credit account: one a currency. `balance` is in minor units of it."""

    id: int
    currency: str
    balance: int


class Credit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The store credit accounts of a customer, whose id it bears."""

    id: int
    updated_at: Instant
    accounts: tuple[CreditAccount, ...] = ()


class LineItem(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of an order.

    Attributes:
        product_id: None for a custom line or a product deleted since.
        quantity: Units ordered.
        current_quantity: Units left after removals and returns: what was bought.
        amount: The line's discounted total, minor units of the order's currency.
    """

    id: int
    quantity: int
    current_quantity: int
    product_id: int | None = None
    variant_id: int | None = None
    title: str | None = None
    vendor: str | None = None
    product_type: str | None = None
    sku: str | None = None
    amount: int = 0
    gift_card: bool = False


class Order(msgspec.Struct, frozen=True, gc=False):
    """An order of one store.

    Attributes:
        processed_at: The business date: what rules and reports go by.
        customer_id: None for a guest.
        email: May be there although `customer_id` is not.
        total: Before returns, minor units of `currency` (the shop's).
        current_total: After edits and returns: the amount of the order.
        refunded: What was paid back.
    """

    id: int
    created_at: Instant
    processed_at: Instant
    updated_at: Instant
    currency: str
    cancelled_at: Instant | None = None
    test: bool = False
    name: str | None = None
    customer_id: int | None = None
    email: str | None = None
    total: int = 0
    current_total: int = 0
    refunded: int = 0
    financial_status: str | None = None
    source_name: str | None = None
    app_id: int | None = None
    location_id: int | None = None
    tags: tuple[str, ...] = ()
    discount_codes: tuple[str, ...] = ()
    lines: tuple[LineItem, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether rules and reports look at it: neither a test nor cancelled (`docs/segments.md`)."""
        return not self.test and self.cancelled_at is None


class Collection(msgspec.Struct, frozen=True, gc=False):
    """A collection that a product is in."""

    id: int
    title: str
    handle: str


class Product(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A product of one store's catalogue.

    Attributes:
        category_id: The taxonomy id (`sg-4-17-2-17`), without the service's prefix.
        category: The full name of that category.
    """

    id: int
    updated_at: Instant
    title: str | None = None
    vendor: str | None = None
    product_type: str | None = None
    category_id: str | None = None
    category: str | None = None
    status: str | None = None
    tags: tuple[str, ...] = ()
    collections: tuple[Collection, ...] = ()


class Checkout(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A checkout that was begun; abandoned unless `completed_at` is set."""

    id: int
    created_at: Instant
    updated_at: Instant
    completed_at: Instant | None = None
    customer_id: int | None = None
    total: int = 0
    currency: str | None = None


def identity(email: str | None) -> str | None:
    """Return what makes two addresses one person: trimmed and lower-cased, nothing else folded; None for nothing."""
    if email is None:
        return None
    return email.strip().lower() or None


@lru_cache(maxsize=1_024)  # the same few labels, customer after customer
def fold(label: str) -> str:
    """Return the form in which two labels (tags) are the same: letter case aside, as both services do.

    By full case folding, so that `Straße` and `STRASSE` are one label, whatever a service makes of them: taking two for
    one leaves a label out at worst, taking one for two would have two segments take off what the other gives.
    """
    return label.strip().casefold()
