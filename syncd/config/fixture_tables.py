"""What a `[[tests]]` table may hold: a person in a few keys, and the segments that they should be in.

A key for which the segment language has a filter is called as the filter is.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from syncd.config.fixture_words import (
    Amount,
    Count,
    Currency,
    Id,
    Metafields,
    Percentile,
    Place,
    Today,
    When,
    parse_word,
    words_of,
)
from syncd.config.tables import Names, Table
from syncd.segments.days import Offset, Unit

_TODAY = Offset(0, Unit.DAYS)


def _word(filter_: str, parameter: str = "") -> Any:
    """Return a key that holds one of the language's own words; none unless given."""
    enum: list[Any] = list(words_of(filter_, parameter))
    return Field(default=None, json_schema_extra={"enum": enum})


class FixtureProduct(Table):
    """A line of an order: a product, and how many of it."""

    title: str | None = None
    """The title of the line."""

    id: Id | None = None
    """The product's id, where a segment asks for it."""

    vendor: str | None = None
    """The vendor."""

    type: str | None = None
    """The product type."""

    tags: Names = ()
    """The product's tags."""

    collections: Names = ()
    """The titles of the collections that the product is in."""

    category: str | None = None
    """The product's category, by its id (sg-4-17) or by its full name."""

    quantity: Count = 1
    """How many were bought and kept."""


class FixtureOrder(Table):
    """An order of the person."""

    date: When = Field(default_factory=lambda: _TODAY, json_schema_extra={"default": "today"})
    """The day of the order: 2026-11-01, or counted from today: "-20d", "-3m"."""

    amount: Amount = Field(default_factory=lambda: Decimal(0), json_schema_extra={"default": 0})
    """What it came to, after returns: "49.90"."""

    currency: Currency | None = None
    """Its currency, where it is not the shop's: three letters."""

    products: Annotated[tuple[FixtureProduct, ...], Field(strict=False)] = ()
    """What was bought: a table for each line, with title, id, vendor, type, tags, collections, category, quantity."""

    tags: Names = ()
    """The order's tags."""

    discount_codes: Names = ()
    """The discount codes used on it."""

    source: str | None = None
    """Where it came from: "web", "pos" and the like."""

    financial_status: str | None = _word("orders_placed", "financial_status")
    """Whether it is paid."""

    app_id: Id | None = None
    """The app that it came through."""

    location_id: Id | None = None
    """The location that it was placed at."""

    cancelled: bool = False
    """Whether it was cancelled: then it does not count."""

    test: bool = False
    """Whether it is a test order: then it does not count."""

    @field_validator("financial_status")
    @classmethod
    def _known_word(cls, value: str | None) -> str | None:
        return parse_word(value, words_of("orders_placed", "financial_status"))


class FixtureAddress(Table):
    """An address of the person."""

    country: str | None = None
    """The country, two letters: "CA"."""

    region: str | None = None
    """The province or state: "ON", or with its country, "CA-ON"."""

    city: str | None = None
    """The city, as people write it: "Los Angeles"."""

    coordinates: Place | None = None
    """Latitude and longitude, where a segment asks for a distance: [45.42, -75.69]."""


class FixtureTable(FixtureAddress):
    """A test of the segments: a person in a few keys, and the segments that they should be in, or not be in."""

    name: str = ""
    """What the test is about, for people."""

    inside: Annotated[Names, Field(alias="in")] = ()
    """The segments that the person should be in."""

    not_in: Names = ()
    """The segments that the person should not be in."""

    today: Today | None = None
    """The day on which it is asked, like 2026-11-21. Left out: the present day."""

    email: str | None = None
    """Their address, where a segment asks for its domain."""

    tags: Names = ()
    """The customer's tags."""

    added: When = Field(default_factory=lambda: _TODAY, json_schema_extra={"default": "today"})
    """The day they were added to the store: 2026-11-01, or counted from today: "-10d"."""

    number_of_orders: Count | None = None
    """How many orders they have placed in all. Left out: as many as orders has."""

    amount_spent: Amount | None = None
    """What they have spent in all: "250.00". Left out: what orders come to."""

    currency: Currency | None = None
    """The shop's currency, three letters; matters where a segment asks for one."""

    orders: Annotated[tuple[FixtureOrder, ...], Field(strict=False)] = ()
    """Their orders, a table each: { date = "-20d", amount = "49.90", products = [{ vendor = "Acme" }] }."""

    abandoned_checkout: When | None = None
    """The day of a checkout that they began and did not complete: "-3d"."""

    addresses: Annotated[tuple[FixtureAddress, ...], Field(strict=False)] = ()
    """More addresses than the one of country, region and city."""

    email_subscription_status: str | None = _word("email_subscription_status")
    """Whether they accept e-mail marketing."""

    sms_subscription_status: str | None = _word("sms_subscription_status")
    """Whether they accept marketing by text message."""

    customer_account_status: str | None = _word("customer_account_status")
    """The state of their account in the store."""

    customer_language: str | None = None
    """Their language, as the store writes it: "fr-CA"."""

    product_subscription_status: str | None = _word("product_subscription_status")
    """The state of their product subscription."""

    predicted_spend_tier: str | None = _word("predicted_spend_tier")
    """What the store expects them to spend."""

    rfm_group: str | None = _word("rfm_group")
    """The store's own group of the customer by recency, frequency and money."""

    metafields: Metafields = Field(default=(), json_schema_extra={"default": {}})
    """The customer's metafields, by namespace and key: { facts = { birth_date = "1990-02-28", size = 42 } }."""

    companies: Annotated[tuple[Id, ...], Field(strict=False)] = ()
    """The ids of the companies (B2B) that they are a contact of."""

    store_credit: Amount | None = None
    """Their store credit: "20.00"."""

    orders_percentile: Percentile | None = None
    """How many of a hundred buyers of the store have placed fewer orders (0 to 99), where a segment asks for that."""

    spend_percentile: Percentile | None = None
    """How many of a hundred buyers have spent less (0 to 99), where a segment asks for that."""

    recency_percentile: Percentile | None = None
    """How many of a hundred buyers last ordered before them (0 to 99), where a segment asks for that."""

    @field_validator(
        "email_subscription_status",
        "sms_subscription_status",
        "customer_account_status",
        "product_subscription_status",
        "predicted_spend_tier",
        "rfm_group",
    )
    @classmethod
    def _known_word(cls, value: str | None, info: ValidationInfo) -> str | None:
        return parse_word(value, words_of(str(info.field_name)))
