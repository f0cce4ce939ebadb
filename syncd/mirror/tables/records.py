"""What the services said: stores, customers, orders, products, checkouts, contacts, and how far they were read."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

_CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}


class StoreRow(SQLModel, table=True):
    """A store as it last described itself."""

    __tablename__ = "stores"
    store: str = Field(primary_key=True)
    account: str
    timezone: str
    currency: str
    orders_visible_from: int | None = None
    checked_at: int


class CursorRow(SQLModel, table=True):
    """How far a feed is read, and how its last pull ended. `feed` is a kind, or `contacts` of an audience."""

    __tablename__ = "cursors"
    owner: str = Field(primary_key=True)
    feed: str = Field(primary_key=True)
    at: int | None = None
    id: int = 0
    complete: bool = False
    pulled_at: int | None = None
    failed_at: int | None = None
    why: str = ""


class CustomerRow(SQLModel, table=True):
    """A customer record. `email_key` is the identity of the address; `email_domain` the part after its last @.

    `email_since` is the store's time of change at which the record was first seen with its present address; missing
    where it has had no other since it was first seen.
    """

    __tablename__ = "customers"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("customers_changed", "store", "updated_at"),
        Index("customers_email", "email_key", "store", "id"),
        Index("customers_added", "store", "created_at"),
        _CLUSTERED,
    )
    store: str = Field(primary_key=True)
    id: int = Field(primary_key=True)
    created_at: int
    updated_at: int
    email: str | None = None
    email_key: str | None = None
    email_domain: str | None = None
    email_consent: str | None = None
    email_consent_at: int | None = None
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
    last_order_at: int | None = None
    email_since: int | None = None


class CustomerAddressRow(SQLModel, table=True):
    """One postal address of a customer. `region` is `CC-PROV`, `city_key` is `CC-PROV-City` without spaces."""

    __tablename__ = "customer_addresses"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    store: str = Field(primary_key=True)
    customer_id: int = Field(primary_key=True)
    id: int = Field(primary_key=True)
    country: str | None = None
    province: str | None = None
    city: str | None = None
    region: str | None = None
    city_key: str | None = None
    zip: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class CustomerTagRow(SQLModel, table=True):
    """One tag of a customer, as the store spells it, and folded."""

    __tablename__ = "customer_tags"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("customer_tags_holders", "store", "tag_key", "customer_id"),
        _CLUSTERED,
    )
    store: str = Field(primary_key=True)
    customer_id: int = Field(primary_key=True)
    tag_key: str = Field(primary_key=True)
    tag: str


class MetafieldOwnerRow(SQLModel, table=True):
    """A customer whose metafields were read, and as of when."""

    __tablename__ = "metafield_owners"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("metafield_owners_changed", "store", "updated_at"),
        _CLUSTERED,
    )
    store: str = Field(primary_key=True)
    id: int = Field(primary_key=True)
    updated_at: int


class CustomerMetafieldRow(SQLModel, table=True):
    """One value of a metafield. `number` and `at` (an instant) are what the text means, where its type is such."""

    __tablename__ = "customer_metafields"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        # all that a rule about days looks at, which once a day reads those of everybody
        Index(
            "customer_metafields_days",
            "store",
            "namespace",
            "key",
            "type",
            "value",
            "at",
            sqlite_where=text("type IN ('date', 'date_time')"),
        ),
        _CLUSTERED,
    )
    store: str = Field(primary_key=True)
    customer_id: int = Field(primary_key=True)
    namespace: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    place: int = Field(primary_key=True)
    type: str
    value: str
    number: float | None = None
    at: int | None = None


class CompanyContactRow(SQLModel, table=True):
    """A customer whose companies were read, and as of when."""

    __tablename__ = "company_contacts"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("company_contacts_changed", "store", "updated_at"),
        _CLUSTERED,
    )
    store: str = Field(primary_key=True)
    id: int = Field(primary_key=True)
    updated_at: int


class CustomerCompanyRow(SQLModel, table=True):
    """One company that a customer is a contact of."""

    __tablename__ = "customer_companies"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    store: str = Field(primary_key=True)
    customer_id: int = Field(primary_key=True)
    company_id: int = Field(primary_key=True)


class CreditOwnerRow(SQLModel, table=True):
    """A customer whose store credit was read, and as of when."""

    __tablename__ = "credit_owners"
    __table_args__: ClassVar[tuple[Any, ...]] = (Index("credit_owners_changed", "store", "updated_at"), _CLUSTERED)
    store: str = Field(primary_key=True)
    id: int = Field(primary_key=True)
    updated_at: int


class CustomerCreditRow(SQLModel, table=True):
    """One store credit account of a customer."""

    __tablename__ = "customer_credit"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    store: str = Field(primary_key=True)
    customer_id: int = Field(primary_key=True)
    id: int = Field(primary_key=True)
    currency: str
    balance: int


class OrderRow(SQLModel, table=True):
    """An order. `counts` is 1 for an order that rules and reports look at: neither a test nor cancelled."""

    __tablename__ = "orders"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("orders_changed", "store", "updated_at"),
        # with what rules mostly ask of orders, and reports add up, over all customers: they read the index alone
        Index(
            "orders_of_customer",
            "store",
            "customer_id",
            "processed_at",
            "current_total",
            "currency",
            "counts",
            "source_name",
            "financial_status",
            sqlite_where=text("counts = 1"),
        ),
        Index(
            "orders_of_guests",
            "store",
            "email_key",
            "customer_id",
            "processed_at",
            "current_total",
            "currency",
            "counts",
            "source_name",
            "financial_status",
            sqlite_where=text("counts = 1 AND customer_id IS NULL"),
        ),
        Index("orders_by_day", "store", "processed_at", sqlite_where=text("counts = 1")),
        _CLUSTERED,
    )
    store: str = Field(primary_key=True)
    id: int = Field(primary_key=True)
    created_at: int
    processed_at: int
    updated_at: int
    cancelled_at: int | None = None
    test: bool = False
    counts: bool = True
    name: str | None = None
    customer_id: int | None = None
    email: str | None = None
    email_key: str | None = None
    currency: str
    total: int = 0
    current_total: int = 0
    refunded: int = 0
    financial_status: str | None = None
    source_name: str | None = None
    app_id: int | None = None
    location_id: int | None = None


class OrderTagRow(SQLModel, table=True):
    """One tag of an order."""

    __tablename__ = "order_tags"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    store: str = Field(primary_key=True)
    order_id: int = Field(primary_key=True)
    tag_key: str = Field(primary_key=True)
    tag: str


class OrderDiscountRow(SQLModel, table=True):
    """One discount code used on an order, folded and as written."""

    __tablename__ = "order_discounts"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    store: str = Field(primary_key=True)
    order_id: int = Field(primary_key=True)
    code_key: str = Field(primary_key=True)
    code: str


class LineRow(SQLModel, table=True):
    """One line of an order. `product_type` is the product's when the order was last read."""

    __tablename__ = "lines"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    store: str = Field(primary_key=True)
    order_id: int = Field(primary_key=True)
    id: int = Field(primary_key=True)
    product_id: int | None = None
    variant_id: int | None = None
    title: str | None = None
    vendor: str | None = None
    product_type: str | None = None
    sku: str | None = None
    quantity: int
    current_quantity: int
    amount: int = 0
    gift_card: bool = False


class ProductRow(SQLModel, table=True):
    """A product of the catalogue."""

    __tablename__ = "products"
    __table_args__: ClassVar[tuple[Any, ...]] = (Index("products_changed", "store", "updated_at"), _CLUSTERED)
    store: str = Field(primary_key=True)
    id: int = Field(primary_key=True)
    updated_at: int
    title: str | None = None
    vendor: str | None = None
    product_type: str | None = None
    category_id: str | None = None
    category: str | None = None
    status: str | None = None


class ProductTagRow(SQLModel, table=True):
    """One tag of a product."""

    __tablename__ = "product_tags"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    store: str = Field(primary_key=True)
    product_id: int = Field(primary_key=True)
    tag_key: str = Field(primary_key=True)
    tag: str


class ProductCollectionRow(SQLModel, table=True):
    """One collection that a product is in."""

    __tablename__ = "product_collections"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    store: str = Field(primary_key=True)
    product_id: int = Field(primary_key=True)
    collection_id: int = Field(primary_key=True)
    title: str
    handle: str


class CheckoutRow(SQLModel, table=True):
    """A checkout that was begun; abandoned while `completed_at` is missing."""

    __tablename__ = "checkouts"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("checkouts_changed", "store", "updated_at"),
        # with what it is narrowed by, which SQLite asks of each row all the same
        Index(
            "checkouts_of_customer",
            "store",
            "customer_id",
            "created_at",
            "completed_at",
            sqlite_where=text("completed_at IS NULL"),
        ),
        Index("checkouts_begun", "store", "created_at", sqlite_where=text("completed_at IS NULL")),
        _CLUSTERED,
    )
    store: str = Field(primary_key=True)
    id: int = Field(primary_key=True)
    created_at: int
    updated_at: int
    completed_at: int | None = None
    customer_id: int | None = None
    total: int = 0
    currency: str | None = None


class ContactRow(SQLModel, table=True):
    """A contact of an audience, as the audience last said."""

    __tablename__ = "contacts"
    __table_args__: ClassVar[tuple[Any, ...]] = (Index("contacts_changed", "target", "changed_at"), _CLUSTERED)
    target: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    email: str
    status: str
    changed_at: int


class ContactLabelRow(SQLModel, table=True):
    """One label that a contact carries, ours or not."""

    __tablename__ = "contact_labels"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("contact_labels_holders", "target", "label_key", "subject"),
        _CLUSTERED,
    )
    target: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    label_key: str = Field(primary_key=True)
    label: str
