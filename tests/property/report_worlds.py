"""Random houses of two stores, in two zones, with guests, twins by letter case, returns, ties and another currency."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import strategies as st

from syncd.mirror.database import Mirror
from syncd.mirror.shapes import CONTACTS
from syncd.mirror.shelves import Shelf
from syncd.model import Address, Collection, Contact, ContactStatus, Customer, LineItem, Order, Product, identity
from syncd.reports import periods
from syncd.reports.periods import Period
from syncd.segments import Frame
from syncd.segments.days import Unit, day_of, shift, start_of, today
from tests.unit.segments.world import World

ADDRESSES = st.sampled_from(
    [None, "ann@x.example", " Ann@X.example", "bob@x.example", "ÉVE@x.example", "éve@x.example"]
)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu")
NOWS = ("2026-03-29", "2026-11-01", "2026-11-22", "2028-02-29", "2027-01-01")
NAMES = st.sampled_from([None, "", " ", "Ann", "Bo"])


class Person(msgspec.Struct):
    """Somebody, with their customer records, and their counted orders, each with the place of its store."""

    address: str | None
    records: list[tuple[int, Customer]] = []
    orders: list[tuple[int, Order]] = []


class House(msgspec.Struct, frozen=True):
    """Stores with their frames, and who is on a list."""

    worlds: tuple[World, ...]
    frames: tuple[Frame, ...]
    contacts: Mapping[str, ContactStatus]

    def save(self, mirror: Mirror, audience: str) -> None:
        """Write everything to the mirror, the way a pull does."""
        for frame, world in zip(self.frames, self.worlds, strict=True):
            world.save(mirror, frame.store)
        contacts = [
            Contact(subject=address, email=address, status=status, changed_at=0, labels=())
            for address, status in self.contacts.items()
        ]
        Shelf(mirror, audience, "contacts", CONTACTS).put(contacts, None)

    def people(self) -> list[Person]:
        """Return everybody who has a record or a counted order."""
        found: dict[object, Person] = {}
        for place, world in enumerate(self.worlds):
            known = {customer.id: customer for customer in world.customers}
            for customer in world.customers:
                address = identity(customer.email)
                key = address or (place, customer.id)
                found.setdefault(key, Person(address)).records.append((place, customer))
            for order in world.orders:
                if not order.counts:
                    continue
                owner = known.get(order.customer_id or -1)
                address = identity(order.email if order.customer_id is None else owner.email if owner else None)
                key = address or (order.customer_id is not None and (place, order.customer_id))
                if key:
                    found.setdefault(key, Person(address)).orders.append((place, order))
        return list(found.values())

    def lone_ids(self, person: Person) -> tuple[int, ...]:
        """Return the ids of somebody's records; of who has no address and no record, the one of their orders."""
        ids = {customer.id for _, customer in person.records}
        return tuple(
            sorted(ids or ({order.customer_id for _, order in person.orders} if not person.address else set()))
        )

    def day(self, place: int, instant: int) -> date:
        """Return the day of an instant in a store's zone."""
        return day_of(instant, self.frames[place].zone)

    def within(self, place: int, order: Order, period: Period | None) -> bool:
        """Return whether an order's day is one of the period's."""
        return period is None or period.span.first <= self.day(place, order.processed_at) <= period.span.last


@st.composite
def houses(draw: st.DrawFn, name: str, *, stores: int = 2, foreign: bool = True) -> House:
    """Yield a house whose stores are called by a name and their number; `foreign` orders are in another currency."""
    now = start_of(date.fromisoformat(draw(st.sampled_from(NOWS))), ZoneInfo("UTC")) + draw(st.integers(0, 86_399))
    frames = tuple(
        Frame(
            store=f"{name}-{number}",
            now=now,
            zone=ZoneInfo(draw(st.sampled_from(ZONES))),
            currency="EUR",
            week_starts=draw(st.sampled_from(["monday", "sunday"])),
        )
        for number in range(stores)
    )
    worlds = tuple(draw(_worlds(frame, foreign=foreign)) for frame in frames)
    addresses = st.sampled_from(["ann@x.example", "bob@x.example", "éve@x.example", "zoe@x.example"])
    contacts = draw(st.dictionaries(addresses, st.sampled_from(ContactStatus), max_size=4))
    return House(worlds, frames, contacts)


@st.composite
def _worlds(draw: st.DrawFn, frame: Frame, *, foreign: bool) -> World:
    moments = instants(frame)
    currencies = st.sampled_from(["EUR"] * 9 + ["JPY"] * foreign)
    return World(
        customers=draw(st.lists(_customers(moments), max_size=5, unique_by=lambda it: it.id)),
        orders=draw(st.lists(_orders(moments, currencies), max_size=9, unique_by=lambda it: it.id)),
        products=draw(st.lists(_PRODUCTS, max_size=3, unique_by=lambda it: it.id)),
    )


def instants(frame: Frame) -> st.SearchStrategy[int]:
    """Yield moments around the midnights with which periods begin and end."""
    now = today(frame)
    days = {date(now.year, month, 1) for month in (1, 4, 7, 10)} | {now.replace(day=1), now, shift(now, 1, Unit.DAYS)}
    days |= {shift(now.replace(day=1), -1, Unit.MONTHS), date(now.year - 1, 1, 1), now - timedelta(days=now.weekday())}
    midnights = st.sampled_from(sorted(days)).map(lambda day: start_of(day, frame.zone))
    return st.builds(lambda midnight, seconds: midnight + seconds, midnights, st.sampled_from([-1, 0, 0, 1, 40_000]))


def _customers(moments: st.SearchStrategy[int]) -> st.SearchStrategy[Customer]:
    return st.builds(
        Customer,
        id=st.integers(1, 6),
        created_at=moments,
        updated_at=st.just(0),
        email=ADDRESSES,
        email_consent=st.sampled_from([None, "SUBSCRIBED", "UNSUBSCRIBED", "NOT_SUBSCRIBED"]),
        first_name=NAMES,
        last_name=NAMES,
        language=st.sampled_from([None, "de", "fr"]),
        number_of_orders=st.integers(0, 6),
        spend_tier=st.sampled_from([None, "HIGH", "LOW"]),
        rfm_group=st.sampled_from([None, "LOYAL"]),
        tags=st.lists(st.sampled_from(["vip", "VIP", "new"]), max_size=2).map(tuple),
        addresses=st.lists(_PLACES, max_size=2, unique_by=lambda it: it.id).map(tuple),
    )


_PLACES = st.builds(
    Address,
    id=st.integers(1, 3),
    country=st.sampled_from([None, "DE", "CA"]),
    province=st.sampled_from([None, "QC"]),
    city=st.sampled_from([None, "Bad Aibling"]),
)
_LINES = st.builds(
    LineItem,
    id=st.integers(1, 4),
    quantity=st.integers(1, 3),
    current_quantity=st.integers(0, 3),
    product_id=st.none() | st.integers(1, 3),
    title=st.sampled_from([None, "Cup", "cup", "O'Hara's"]),
    vendor=st.sampled_from([None, "Acme", "Bolt"]),
    product_type=st.sampled_from([None, "Mugs"]),
    amount=st.integers(0, 7),
)
_PRODUCTS = st.builds(
    Product,
    id=st.integers(1, 3),
    updated_at=st.just(0),
    collections=st.lists(
        st.sampled_from([Collection(1, "Summer", "summer"), Collection(2, "Cup", "cups")]), max_size=2, unique=True
    ).map(tuple),
)


def _orders(moments: st.SearchStrategy[int], currencies: st.SearchStrategy[str]) -> st.SearchStrategy[Order]:
    return st.builds(
        Order,
        id=st.integers(1, 99),
        created_at=st.just(0),
        processed_at=moments,
        updated_at=st.just(0),
        cancelled_at=st.sampled_from([None, None, None, None, 5]),
        test=st.sampled_from([False, False, False, False, True]),
        customer_id=st.none() | st.integers(1, 7),
        email=ADDRESSES,
        currency=currencies,
        total=st.just(99),
        current_total=st.integers(-1, 4),
        lines=st.lists(_LINES, max_size=3, unique_by=lambda it: it.id).map(tuple),
    )


@st.composite
def asked_periods(draw: st.DrawFn, frame: Frame) -> Period:
    """Yield a period by name or by two days."""
    if draw(st.booleans()):
        return periods.named(draw(st.sampled_from(periods.NAMED)), frame)
    first = shift(today(frame), draw(st.integers(-400, 0)), Unit.DAYS)
    return periods.between(first, first + timedelta(days=draw(st.integers(0, 400))))
