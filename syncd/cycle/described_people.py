"""A person of a `[[tests]]` table as the values that rules look at: no store, no mirror, no network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from syncd.config.fixture_tables import FixtureAddress, FixtureOrder, FixtureProduct, FixtureTable
from syncd.model import (
    Address,
    Checkout,
    Collection,
    CreditAccount,
    Customer,
    Instant,
    LineItem,
    Order,
    Product,
    minor_units,
)
from syncd.segments import Frame, Person
from syncd.segments.days import Day, Offset, Second, shift, start_of
from syncd.segments.frame import Weekday
from syncd.segments.spans import MOST

NOBODY = "XXX"
"""ISO 4217's code for no currency: of a test that names none."""

_NOON = 43_200
_MADE_UP = 10**12
"""Where the ids of products begin that a test gives none."""


def frame_of_test(table: FixtureTable, today: date, zone: ZoneInfo, week_starts: Weekday) -> Frame:
    """Return the frame of a test: its day at noon, and cut points that put the person where the test says."""
    given = {
        "orders": table.orders_percentile,
        "spend": table.spend_percentile,
        "recency": table.recency_percentile,
    }
    return Frame(
        store="tests",
        now=start_of(table.today or today, zone) + _NOON,
        zone=zone,
        currency=table.currency or NOBODY,
        week_starts=week_starts,
        cuts={scale: _cuts(percentile) for scale, percentile in given.items() if percentile is not None},
    )


def person_of_test(table: FixtureTable, today: date, frame: Frame) -> Person:
    """Return the person of a test, as their store would have them."""
    person = _Person(table.today or today, frame)
    orders = [person.order(number, order) for number, order in enumerate(table.orders, 1)]
    counted = [order for order in orders if order.counts]
    spent = sum(order.current_total for order in counted if order.currency == frame.currency)
    customer = Customer(
        id=1,
        created_at=person.instant(table.added),
        updated_at=frame.now,
        email=table.email,
        email_consent=table.email_subscription_status,
        sms_consent=table.sms_subscription_status,
        language=table.customer_language,
        account_state=table.customer_account_status,
        number_of_orders=len(counted) if table.number_of_orders is None else table.number_of_orders,
        amount_spent=spent if table.amount_spent is None else person.minor(table.amount_spent, frame.currency),
        currency=frame.currency,
        product_subscription=table.product_subscription_status,
        spend_tier=table.predicted_spend_tier,
        rfm_group=table.rfm_group,
        last_order_at=max((order.processed_at for order in counted), default=None),
        tags=table.tags,
        addresses=tuple(_addresses(table)),
    )
    return Person(
        customer=customer,
        orders=orders,
        checkouts=person.checkouts(table),
        products=person.products,
        metafields=table.metafields,
        companies=table.companies,
        credit=person.credit(table),
    )


class _Person:
    """Makes the records of a person at a day, each with an id of its own."""

    def __init__(self, today: date, frame: Frame) -> None:
        self.products: dict[int, Product] = {}
        self._today = today
        self._frame = frame

    def instant(self, when: Day | Second | Offset) -> Instant:
        """Return a moment: of a day, its noon."""
        if isinstance(when, Second):
            return int(when.moment.replace(tzinfo=self._frame.zone).timestamp())
        day = when.day if isinstance(when, Day) else shift(self._today, when.count, when.unit)
        return start_of(day, self._frame.zone) + _NOON

    def minor(self, amount: Decimal, currency: str) -> int:
        return minor_units(str(amount), currency)

    def order(self, number: int, order: FixtureOrder) -> Order:
        at = self.instant(order.date)
        currency = order.currency or self._frame.currency
        total = self.minor(order.amount, currency)
        return Order(
            id=number,
            created_at=at,
            processed_at=at,
            updated_at=at,
            cancelled_at=at if order.cancelled else None,
            test=order.test,
            customer_id=1,
            currency=currency,
            total=total,
            current_total=total,
            financial_status=order.financial_status,
            source_name=order.source,
            app_id=order.app_id,
            location_id=order.location_id,
            tags=order.tags,
            discount_codes=order.discount_codes,
            lines=tuple(self._line(at, product) for at, product in enumerate(order.products, 1)),
        )

    def checkouts(self, table: FixtureTable) -> Sequence[Checkout]:
        if table.abandoned_checkout is None:
            return ()
        at = self.instant(table.abandoned_checkout)
        return (Checkout(id=1, created_at=at, updated_at=at, customer_id=1),)

    def credit(self, table: FixtureTable) -> Sequence[CreditAccount]:
        if table.store_credit is None:
            return ()
        currency = self._frame.currency
        return (CreditAccount(id=1, currency=currency, balance=self.minor(table.store_credit, currency)),)

    def _line(self, number: int, product: FixtureProduct) -> LineItem:
        id_ = product.id or _MADE_UP + len(self.products)
        self.products[id_] = _product(id_, product)
        return LineItem(
            id=number,
            quantity=product.quantity,
            current_quantity=product.quantity,
            product_id=id_,
            title=product.title,
            vendor=product.vendor,
            product_type=product.type,
        )


def _product(id_: int, product: FixtureProduct) -> Product:
    return Product(
        id=id_,
        updated_at=0,
        title=product.title,
        vendor=product.vendor,
        product_type=product.type,
        category_id=product.category,
        category=product.category,
        tags=product.tags,
        collections=tuple(Collection(at, title, title) for at, title in enumerate(product.collections)),
    )


def _addresses(table: FixtureTable) -> Iterator[Address]:
    """Yield the address that the test itself says, if it says one, and those that it lists."""
    own = (table.country, table.region, table.city, table.coordinates) != (None,) * 4
    for number, it in enumerate([*([table] if own else []), *table.addresses], 1):
        yield _address(number, it)


def _address(number: int, it: FixtureAddress) -> Address:
    latitude, longitude = it.coordinates or (None, None)
    country, dash, province = (it.region or "").partition("-")
    return Address(
        number,
        country=it.country or (country if dash else None),
        province=(province if dash else country) or None,
        city=it.city,
        latitude=latitude,
        longitude=longitude,
    )


def _cuts(percentile: int) -> Sequence[int]:
    """Return cut points by which every figure has the same percentile."""
    return (*(-MOST for _ in range(percentile)), *(MOST for _ in range(99 - percentile)))
