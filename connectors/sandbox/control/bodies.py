"""What can be said to the control of a shop.

Amounts are decimal text or numbers of the shop's currency; instants are seconds since 1970 or ISO-8601 text; a field
that is left out stays as it is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from connectors.sandbox.faults.plan import Fault

T = TypeVar("T")

Moment = int | str
Amount = str | int | float


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body whose unknown fields are errors."""

    def given(self, *leaving: str) -> dict[str, Any]:
        """Return the fields that were said, but for `leaving`."""
        values = {name: getattr(self, name) for name in self.__struct_fields__ if name not in leaving}
        return {name: value for name, value in values.items() if value is not UNSET}


class NewLine(Body, frozen=True):
    """A line of an order or checkout; without a product, a custom one."""

    product_id: int | None = None
    quantity: int = 1
    price: Amount | None = None
    title: str | None = None


class NewOrder(Body, frozen=True):
    """An order; without lines, one unit of the first product. Without a customer, a guest's."""

    customer_id: int | None = None
    email: str | None = None
    lines: list[NewLine] = []
    processed_at: Moment | None = None
    created_at: Moment | None = None
    test: bool = False
    cancelled: bool = False
    source_name: str = "web"
    location_id: int | None = None
    tags: list[str] = []
    discount_codes: list[str] = []


class Returned(Body, frozen=True):
    """Units of a line given back, the line by its id or its place (from 0)."""

    line_id: int | None = None
    line: int = 0
    quantity: int = 1


class OrderEdit(Body, frozen=True):
    """What happens to an order."""

    cancel: bool = False
    refund: list[Returned] | Literal["all"] | None = None
    tags: list[str] | UnsetType = UNSET
    email: str | UnsetType | None = UNSET


class NewSegment(Body, frozen=True):
    """A segment saved in the admin."""

    name: str
    query: str


class NewAddress(Body, frozen=True):
    """A postal address."""

    country_code: str
    country: str = ""
    province_code: str | None = None
    province: str | None = None
    city: str = ""
    address1: str = "1 Main Street"
    zip: str | None = None
    latitude: float | None = None
    longitude: float | None = None


class CustomerEdit(Body, frozen=True):
    """Fields of a customer; `tags` replaces all, the two beside it change some."""

    email: str | UnsetType | None = UNSET
    consent: Literal["SUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "UNSUBSCRIBED", "INVALID"] | UnsetType = UNSET
    consent_at: int | UnsetType | None = UNSET
    opt_in_level: str | UnsetType | None = UNSET
    phone: str | UnsetType | None = UNSET
    sms_consent: str | UnsetType = UNSET
    first_name: str | UnsetType | None = UNSET
    last_name: str | UnsetType | None = UNSET
    locale: str | UnsetType = UNSET
    state: Literal["ENABLED", "DISABLED", "INVITED", "DECLINED"] | UnsetType = UNSET
    verified_email: bool | UnsetType = UNSET
    tax_exempt: bool | UnsetType = UNSET
    note: str | UnsetType | None = UNSET
    product_subscription: str | UnsetType = UNSET
    spend_tier: str | UnsetType | None = UNSET
    rfm_group: str | UnsetType | None = UNSET
    number_of_orders: int | UnsetType = UNSET
    amount_spent: int | UnsetType = UNSET
    created_at: Moment | UnsetType = UNSET
    addresses: list[NewAddress] | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    add_tags: list[str] = []
    remove_tags: list[str] = []


class Merge(Body, frozen=True):
    """Two customers that become one."""

    winner: int
    loser: int


class NewCheckout(Body, frozen=True):
    """A checkout that is begun."""

    customer_id: int | None = None
    lines: list[NewLine] = []
    created_at: Moment | None = None
    completed_at: Moment | None = None


class Completion(Body, frozen=True):
    """A checkout that is completed; `order` also places the order."""

    order: bool = False


class ProductEdit(Body, frozen=True):
    """Fields of a product."""

    title: str | UnsetType = UNSET
    vendor: str | UnsetType = UNSET
    product_type: str | UnsetType = UNSET
    category_id: str | UnsetType | None = UNSET
    category: str | UnsetType | None = UNSET
    status: Literal["ACTIVE", "ARCHIVED", "DRAFT"] | UnsetType = UNSET
    collection_ids: list[int] | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET


class ShopEdit(Body, frozen=True):
    """What of a shop and its app to change.

    Attributes:
        scopes: All of them; the two beside it change some.
        revoke: Which tokens stop working; `restore` brings the permanent one back.
        bucket: Points that fit, and points a second.
        bump_customers: Whether an order's change moves its customer's `updatedAt`.
        index_lag: Seconds by which lists and counts may be behind what was written.
        faults: Answers to go wrong from now on, in place of those still to come.
    """

    scopes: list[str] | None = None
    add_scopes: list[str] = []
    remove_scopes: list[str] = []
    revoke: Literal["permanent", "granted", "all"] | None = None
    restore: bool = False
    timezone: str | None = None
    currency: str | None = None
    plan: Literal["Basic", "Advanced", "Plus"] | None = None
    bucket: tuple[int, int] | None = None
    bulk_seconds: float | None = None
    bump_customers: bool | None = None
    index_lag: int | None = None
    faults: list[Fault] | None = None


class Advance(Body, frozen=True):
    """How far the world's hour moves."""

    days: float = 0
    seconds: float = 0


def read(body: bytes, kind: type[T]) -> T:
    """Return a body of a kind; an empty one is an empty object.

    Raises:
        msgspec.ValidationError: It is none; the message says where.
    """
    return msgspec.json.decode(body or b"{}", type=kind)


def instant(moment: Moment) -> int:
    """Return a moment as seconds since 1970.

    Raises:
        ValueError: The text is no instant with a zone.
    """
    if isinstance(moment, int):
        return moment
    parsed = datetime.fromisoformat(moment)
    if parsed.tzinfo is None:
        raise ValueError(f"{moment} has no zone; write it like 2026-11-21T08:00:00Z")
    return int(parsed.timestamp())
