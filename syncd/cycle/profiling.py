"""One person at a glance: what every report and command knows of them, put together from what those read.

A person is everybody who shares the address: customer records of every store, and who ordered with it as a guest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

import msgspec

from syncd.clock import iso
from syncd.config import Settings
from syncd.cycle.framing import frame_of
from syncd.cycle.recounting import Event, recount
from syncd.mirror import people, stores, traces
from syncd.mirror.database import Mirror
from syncd.mirror.people import Record, Sought
from syncd.model import Customer, Instant, Order, decimal_text, fold
from syncd.segments.days import day_of

SHOWN = 5
"""How many of the last orders and of the last changes are told."""


class Tag(msgspec.Struct, frozen=True):
    """A tag that somebody carries; `ours` if syncd gave it, or may have."""

    tag: str
    ours: bool


class CustomerPart(msgspec.Struct, frozen=True, kw_only=True):
    """A customer record: what its store says.

    Attributes:
        consent: What the store says of e-mail marketing; None where it says nothing.
        number_of_orders: The store's own figure; so is `amount_spent`, decimal text in `currency`.
    """

    store: str
    customer_id: int
    name: str | None
    email: str | None
    consent: str | None
    consent_at: str | None
    created_at: str | None
    language: str | None
    countries: tuple[str, ...]
    number_of_orders: int
    amount_spent: str | None
    currency: str | None
    tags: tuple[Tag, ...]


class ContactPart(msgspec.Struct, frozen=True, kw_only=True):
    """A contact of an audience: what the audience says."""

    audience: str
    status: str
    labels: tuple[Tag, ...]


class OrderPart(msgspec.Struct, frozen=True, kw_only=True):
    """An order that counts; `amount` after edits and returns, `day` of the shop."""

    store: str
    name: str | None
    day: date
    amount: str
    currency: str
    status: str | None
    guest: bool


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """All counted orders in one currency."""

    currency: str
    orders: int
    amount: str
    average: str
    first_order: date
    last_order: date


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """A segment that a record is in, as last evaluated, and since when."""

    segment: str
    store: str
    customer_id: int
    since: str | None


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything at a glance.

    Attributes:
        person: The address, or the id of who has none.
        totals: By currency, most orders first.
        orders: The last ones, the newest first.
        changes: The last things that were done to them, the newest last.
    """

    person: str
    customers: tuple[CustomerPart, ...]
    contacts: tuple[ContactPart, ...]
    totals: tuple[Sum, ...]
    orders: tuple[OrderPart, ...]
    segments: tuple[Seat, ...]
    changes: tuple[Event, ...]


class _Placed(msgspec.Struct, frozen=True):
    """An order with its store and its day there."""

    store: str
    order: Order
    day: date


def profile(settings: Settings, mirror: Mirror, now: Instant, who: Sought) -> Profile | None:
    """Return what is known of a person; None where nothing is.

    Args:
        settings: Whose stores and audiences are looked at.
        mirror: What is known.
        now: The moment; it only says what zone a store's days are in.
        who: An address, or a customer's id: then everybody of that customer's address.
    """
    found = people.records(mirror, who, settings.stores)
    address = who.address or next((it.address for it in found if it.address), None)
    if address is not None:
        who = Sought(address=address)
        found = people.records(mirror, who, settings.stores)
    contacts = tuple(_contacts(settings, mirror, address)) if address else ()
    placed = sorted(_orders(settings, mirror, now, found, address), key=lambda it: -it.order.processed_at)
    if not (found or contacts or placed):
        return None
    return Profile(
        person=str(who),
        customers=tuple(_customers(mirror, found)),
        contacts=contacts,
        totals=tuple(_totals(placed)),
        orders=tuple(_told(it) for it in placed[:SHOWN]),
        segments=tuple(_seats(mirror, found)),
        changes=recount(settings, mirror, who).events[-SHOWN:],
    )


def _customers(mirror: Mirror, found: Sequence[Record]) -> Iterator[CustomerPart]:
    for record in found:
        known = people.people(mirror, record.store, [record.customer_id])
        if record.customer_id in known:
            yield _customer(mirror, record, known[record.customer_id].customer)


def _customer(mirror: Mirror, record: Record, it: Customer) -> CustomerPart:
    ours = traces.given(mirror, record.store, str(it.id), [fold(tag) for tag in it.tags])
    money = it.currency
    return CustomerPart(
        store=record.store,
        customer_id=it.id,
        name=f"{it.first_name or ''} {it.last_name or ''}".strip() or None,
        email=it.email,
        consent=it.email_consent,
        consent_at=iso(it.email_consent_at),
        created_at=iso(it.created_at),
        language=it.language,
        countries=tuple(sorted({address.country for address in it.addresses if address.country})),
        number_of_orders=it.number_of_orders,
        amount_spent=decimal_text(it.amount_spent, money) if money else None,
        currency=money,
        tags=tuple(Tag(tag, fold(tag) in ours) for tag in it.tags),
    )


def _contacts(settings: Settings, mirror: Mirror, address: str) -> Iterator[ContactPart]:
    for audience in settings.audiences:
        status = traces.status(mirror, audience, address)
        if status is not None:
            labels = traces.labels(mirror, audience, address)
            ours = traces.given(mirror, audience, address, list(labels))
            carried = tuple(Tag(label, key in ours) for key, label in labels.items())
            yield ContactPart(audience=audience, status=status, labels=carried)


def _orders(
    settings: Settings, mirror: Mirror, now: Instant, found: Sequence[Record], address: str | None
) -> Iterator[_Placed]:
    for name, store in stores.known(mirror).items():
        if name not in settings.stores:
            continue
        zone = frame_of(settings, store, now).zone
        ids = [record.customer_id for record in found if record.store == name]
        of_records = [order for it in people.people(mirror, name, ids).values() for order in it.orders if order.counts]
        as_guest = people.guest_orders(mirror, name, address) if address else []
        yield from (_placed(name, order, zone) for order in (*of_records, *as_guest))


def _placed(store: str, order: Order, zone: ZoneInfo) -> _Placed:
    return _Placed(store, order, day_of(order.processed_at, zone))


def _totals(placed: Sequence[_Placed]) -> Iterator[Sum]:
    by_currency: dict[str, list[_Placed]] = defaultdict(list)
    for it in placed:
        by_currency[it.order.currency].append(it)
    for currency, its in sorted(by_currency.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        amount = sum(it.order.current_total for it in its)
        yield Sum(
            currency=currency,
            orders=len(its),
            amount=decimal_text(amount, currency),
            average=decimal_text(round(Fraction(amount, len(its))), currency),
            first_order=its[-1].day,
            last_order=its[0].day,
        )


def _told(it: _Placed) -> OrderPart:
    order = it.order
    return OrderPart(
        store=it.store,
        name=order.name,
        day=it.day,
        amount=decimal_text(order.current_total, order.currency),
        currency=order.currency,
        status=order.financial_status,
        guest=order.customer_id is None,
    )


def _seats(mirror: Mirror, found: Sequence[Record]) -> Iterator[Seat]:
    for record in found:
        for segment, since in traces.memberships(mirror, record.store, record.customer_id).items():
            yield Seat(segment=segment, store=record.store, customer_id=record.customer_id, since=iso(since))
