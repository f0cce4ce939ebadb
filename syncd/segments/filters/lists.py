"""Where a customer lives and how the store has tagged them: several values each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement

from syncd.model import Address, fold
from syncd.segments.comparisons import Type
from syncd.segments.filter import Filter, Listing
from syncd.segments.frame import Person
from syncd.segments.kin import rows_of
from syncd.segments.near import Near
from syncd.segments.places import city_key, region
from syncd.segments.schema import customer_addresses, customer_tags, members


def _addresses(column: ColumnElement[Any], name: Callable[[Address], str | None]) -> Listing:
    def values(person: Person) -> Iterator[str | None]:
        return (name(address) for record in person.records for address in record.addresses)

    return Listing(type=Type.TEXT, rows=partial(rows_of, customer_addresses), column=column, values=values)


FILTERS = (
    Filter(
        name="customer_tags",
        meaning="the customer's tags; whole tags, letter case aside",
        example="customer_tags CONTAINS 'vip'",
        reading=Listing(
            type=Type.TAG,
            rows=partial(rows_of, customer_tags),
            column=customer_tags.c.tag_key,
            values=lambda person: (fold(tag) for record in person.records for tag in record.tags),
        ),
        mistaken=("tag", "tags", "customer_tag", "tagged_with"),
    ),
    Filter(
        name="customer_countries",
        meaning="the countries of all the customer's addresses, two letters each",
        example="customer_countries CONTAINS 'CA'",
        reading=_addresses(customer_addresses.c.country, lambda address: address.country),
        mistaken=("country", "countries", "customer_country"),
    ),
    Filter(
        name="customer_regions",
        meaning="the provinces and states of all the customer's addresses, with their country",
        example="customer_regions CONTAINS 'US-CA'",
        reading=_addresses(customer_addresses.c.region, region),
        mistaken=("region", "province", "state", "customer_region", "customer_states"),
    ),
    Filter(
        name="customer_cities",
        meaning="the cities of all the customer's addresses, with country and province, without spaces",
        example="customer_cities CONTAINS 'US-CA-LosAngeles'",
        reading=_addresses(customer_addresses.c.city_key, city_key),
        mistaken=("city", "cities", "customer_city"),
    ),
    Filter(
        name="customer_within_distance",
        meaning="whether an address of the customer lies within a distance of a place, in a straight line",
        example="customer_within_distance MATCHES (coordinates = (45.4215, -75.6972), distance_km = 50)",
        reading=Near({"coordinates": Type.POINT, "distance_km": Type.DISTANCE, "distance_mi": Type.DISTANCE}),
        mistaken=("within_distance", "customer_distance", "distance", "near"),
    ),
    Filter(
        name="segments",
        meaning="the other segments of this file that the customer is in",
        example="segments CONTAINS 'repeat-buyers' AND customer_tags NOT CONTAINS 'vip'",
        reading=Listing(
            type=Type.TEXT,
            rows=partial(rows_of, members),
            column=members.c.segment,
            values=lambda person: person.segments,
            whole=True,
        ),
        own=True,
        mistaken=("segment", "in_segment", "member_of"),
    ),
)
