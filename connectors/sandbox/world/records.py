"""What a simulated shop holds. Instants are seconds since 1970; amounts are minor units of the shop's currency."""

from __future__ import annotations

import msgspec


class Address(msgspec.Struct, gc=False, kw_only=True):
    """A postal address of a customer."""

    id: int
    address1: str
    city: str
    province: str | None
    province_code: str | None
    country: str
    country_code: str
    zip: str | None
    latitude: float | None
    longitude: float | None


class Metafield(msgspec.Struct, gc=False, kw_only=True):
    """A metafield of a customer; the value of a list is JSON."""

    id: int
    namespace: str
    key: str
    type: str
    value: str


class Company(msgspec.Struct, gc=False, kw_only=True):
    """A company (B2B), as one of its contacts knows it: `contact` is the id of the tie between the two."""

    id: int
    contact: int
    name: str


class Credit(msgspec.Struct, gc=False, kw_only=True):
    """A store credit account of a customer."""

    id: int
    balance: int


class Customer(msgspec.Struct, gc=False, kw_only=True):
    """A customer record.

    Attributes:
        consent: The e-mail marketing state: SUBSCRIBED, NOT_SUBSCRIBED, PENDING, UNSUBSCRIBED or INVALID.
        sms_consent: The same for the phone number.
        number_of_orders: The shop's own lifetime figure: every order that is not a test, cancelled ones included.
        amount_spent: The shop's own lifetime figure: what was kept of orders neither cancelled nor a test.
        last_order_id: The order processed last that is not a test.
        addresses: The first is the default one.
    """

    id: int
    created_at: int
    updated_at: int
    email: str | None = None
    consent: str = "NOT_SUBSCRIBED"
    consent_at: int | None = None
    opt_in_level: str | None = None
    phone: str | None = None
    sms_consent: str = "NOT_SUBSCRIBED"
    first_name: str | None = None
    last_name: str | None = None
    locale: str = "en"
    state: str = "DISABLED"
    verified_email: bool = True
    tax_exempt: bool = False
    note: str | None = None
    product_subscription: str = "NEVER_SUBSCRIBED"
    spend_tier: str | None = None
    rfm_group: str | None = None
    number_of_orders: int = 0
    amount_spent: int = 0
    last_order_id: int | None = None
    tags: tuple[str, ...] = ()
    addresses: tuple[Address, ...] = ()
    metafields: tuple[Metafield, ...] = ()
    companies: tuple[Company, ...] = ()
    credit: tuple[Credit, ...] = ()


class Line(msgspec.Struct, gc=False, kw_only=True):
    """One line of an order or of a checkout.

    Attributes:
        product_id: None for a custom line.
        current_quantity: Units left after returns.
        price: Of one unit.
    """

    id: int
    product_id: int | None
    title: str
    quantity: int
    current_quantity: int
    price: int
    sku: str | None = None
    vendor: str | None = None


class Refund(msgspec.Struct, gc=False, kw_only=True):
    """Money given back for some units of some lines.

    Attributes:
        lines: Pairs of line id and number of units.
    """

    id: int
    order_id: int
    created_at: int
    amount: int = 0
    lines: tuple[tuple[int, int], ...] = ()


class Order(msgspec.Struct, gc=False, kw_only=True):
    """An order.

    Attributes:
        customer_id: None for a guest.
        total: Before returns.
        refunded: What was paid back.
    """

    id: int
    number: int
    created_at: int
    processed_at: int
    updated_at: int
    cancelled_at: int | None = None
    test: bool = False
    customer_id: int | None = None
    email: str | None = None
    total: int = 0
    refunded: int = 0
    source_name: str = "web"
    location_id: int | None = None
    tags: tuple[str, ...] = ()
    discount_codes: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    refunds: tuple[Refund, ...] = ()

    @property
    def current_total(self) -> int:
        """What is left of the total after returns."""
        return self.total - self.refunded

    @property
    def kept(self) -> int:
        """What the order adds to its customer's amount spent."""
        return 0 if self.test or self.cancelled_at is not None else self.current_total


class Collection(msgspec.Struct, gc=False, kw_only=True):
    """A collection of products."""

    id: int
    title: str
    handle: str
    updated_at: int


class Product(msgspec.Struct, gc=False, kw_only=True):
    """A product with a single variant, whose id is the product's own number again."""

    id: int
    created_at: int
    updated_at: int
    title: str
    handle: str
    vendor: str
    product_type: str
    price: int
    category_id: str | None = None
    category: str | None = None
    status: str = "ACTIVE"
    gift_card: bool = False
    tags: tuple[str, ...] = ()
    collection_ids: tuple[int, ...] = ()


class Checkout(msgspec.Struct, gc=False, kw_only=True):
    """A checkout that was begun; abandoned unless completed."""

    id: int
    created_at: int
    updated_at: int
    completed_at: int | None = None
    customer_id: int | None = None
    total: int = 0
    discount_codes: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()


class Location(msgspec.Struct, gc=False, kw_only=True):
    """A place where orders are taken."""

    id: int
    name: str


class Segment(msgspec.Struct, gc=False, kw_only=True):
    """A segment that somebody saved in the admin; its query is kept as it was written."""

    id: int
    name: str
    query: str
    created_at: int
    edited_at: int
