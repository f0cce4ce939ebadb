"""The tables of the mirror, as SQLModel sees them. One SQLite file holds every store and every audience.

Instants are UTC seconds, amounts minor units of the currency beside them. `store` and `target` are the names in the
settings. Tables that a key finds are WITHOUT ROWID, so that a store's rows lie together in the order they are read.
The hot paths write through prepared statements; these classes say what the tables are, and read single rows.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Column, Index, Integer, text
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
    """A customer record. `email_key` is the identity of the address; `email_domain` the part after its last @."""

    __tablename__ = "customers"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("customers_changed", "store", "updated_at"),
        Index("customers_email", "email_key", "store", "id"),
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


class OrderRow(SQLModel, table=True):
    """An order. `counts` is 1 for an order that rules and reports look at: neither a test nor cancelled."""

    __tablename__ = "orders"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("orders_changed", "store", "updated_at"),
        Index("orders_of_customer", "store", "customer_id", "processed_at", sqlite_where=text("counts = 1")),
        Index("orders_of_email", "store", "email_key", "processed_at", sqlite_where=text("counts = 1")),
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
        Index("checkouts_of_customer", "store", "customer_id", "created_at", sqlite_where=text("completed_at IS NULL")),
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


class SegmentRow(SQLModel, table=True):
    """A segment that was ever evaluated, and how its last evaluation in a store ended.

    `why` says what keeps it from being evaluated; membership is then what it last was (law 5).
    """

    __tablename__ = "segments"
    segment: str = Field(primary_key=True)
    store: str = Field(primary_key=True)
    query: str
    as_of: int | None = None
    failed_at: int | None = None
    why: str = ""


class MemberRow(SQLModel, table=True):
    """A customer who is in a segment."""

    __tablename__ = "members"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("members_of_customer", "store", "customer_id", "segment"),
        _CLUSTERED,
    )
    segment: str = Field(primary_key=True)
    store: str = Field(primary_key=True)
    customer_id: int = Field(primary_key=True)
    since: int


class MoveRow(SQLModel, table=True):
    """A customer entered or left a segment."""

    __tablename__ = "moves"
    __table_args__: ClassVar[tuple[Any, ...]] = (Index("moves_of_customer", "store", "customer_id"),)
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    run: int
    at: int
    segment: str
    store: str
    customer_id: int
    entered: bool


class LabelRow(SQLModel, table=True):
    """A label that syncd has charge of at a target. `first_push_at` is missing until its first push went out.

    `open_adds` and `open_removes` are what a push was released for and has not finished: a push that a crash or an
    outage cut short goes on by itself, within what was released.
    """

    __tablename__ = "labels"
    target: str = Field(primary_key=True)
    label_key: str = Field(primary_key=True)
    label: str
    segment: str
    first_push_at: int | None = None
    open_adds: int = 0
    open_removes: int = 0


class LedgerRow(SQLModel, table=True):
    """A pair of label and subject that syncd owns or may own.

    `state` is `sending` from just before the label was sent until the answer is known, then `owned`. A row is deleted
    after its removal succeeded, or when the label is not there at the next look.
    """

    __tablename__ = "ledger"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    target: str = Field(primary_key=True)
    label_key: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    state: str
    segment: str
    run: int
    at: int


class RefusalRow(SQLModel, table=True):
    """A change that the service refused. Not tried again while `basis`, what was true of the subject, stands."""

    __tablename__ = "refusals"
    __table_args__: ClassVar[tuple[Any, ...]] = (_CLUSTERED,)
    target: str = Field(primary_key=True)
    label_key: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    action: str = Field(primary_key=True)
    basis: str
    answer: str
    segment: str
    run: int
    at: int
    attempts: int = 1


class RunRow(SQLModel, table=True):
    """One cycle. `report` is its JSON, as `syncd sync --json` printed it."""

    __tablename__ = "runs"
    __table_args__: ClassVar[tuple[Any, ...]] = ({"sqlite_autoincrement": True},)
    run: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True, autoincrement=True))
    command: str
    started_at: int
    ended_at: int | None = None
    result: str = "running"
    report: str = ""


class RunChangeRow(SQLModel, table=True):
    """One change of one run, and what came of it."""

    __tablename__ = "run_changes"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("run_changes_of_run", "run"),
        Index("run_changes_of_subject", "subject"),
    )
    id: int | None = Field(default=None, sa_column=Column(Integer, primary_key=True))
    run: int
    at: int
    target: str
    label: str
    segment: str
    subject: str
    action: str
    reason: str
    state: str
    answer: str


class HoldRow(SQLModel, table=True):
    """A label's part of a plan that waits for a person, with the checksum of what was reviewed."""

    __tablename__ = "holds"
    target: str = Field(primary_key=True)
    label_key: str = Field(primary_key=True)
    run: int
    at: int
    segment: str
    label: str
    why: str
    adds: int
    removes: int
    checksum: str
    approved_at: int | None = None


class MemoRow(SQLModel, table=True):
    """Small durable memory of a connector."""

    __tablename__ = "memos"
    owner: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: str
