"""What the store itself says of a customer: one value each."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, case, literal_column, or_
from sqlalchemy.sql.expression import FromClause

from syncd.segments.comparisons import Plain, Type
from syncd.segments.filter import Filter, Scalar
from syncd.segments.frame import Frame, Person
from syncd.segments.kin import Summed, records_of, summed
from syncd.segments.places import email_domain
from syncd.segments.schema import customers, guests, records

_MERGED = ("UNSUBSCRIBED", "INVALID", "REDACTED", "SUBSCRIBED", "PENDING", "NOT_SUBSCRIBED")
"""Which consent of several records is the person's: a refusal before a consent, either before what is neither."""
_CONSENT = ("SUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "UNSUBSCRIBED", "REDACTED")


def _column(name: str, field: str, type_: Type, choices: str = "") -> Scalar:
    """Read a column of the mirror and the field of the record that it holds."""
    get: Any = attrgetter(field)
    return Scalar(
        type=type_,
        sql=lambda _: customers.c[name],
        value=lambda person, _: get(person.customer),
        choices=tuple(choices.split()),
        column=name,
    )


def _consent(name: str, *more: str) -> Scalar:
    """Read a consent; a person by address has one, whatever their records say."""

    def sql(frame: Frame) -> ColumnElement[Any]:
        if frame.by != "email":
            return customers.c[name]
        said = records.c[name]
        place = case({state: at for at, state in enumerate(_MERGED)}, value=said, else_=len(_MERGED))
        found = records_of(frame).with_only_columns(said).where(said.is_not(None))
        return found.order_by(place, said).limit(1).scalar_subquery()

    def value(person: Person, _: Frame) -> Plain:
        said = {state for record in person.records if (state := getattr(record, name)) is not None}
        return min(
            said, key=lambda state: (_MERGED.index(state) if state in _MERGED else len(_MERGED), state), default=None
        )

    return Scalar(type=Type.TEXT, sql=sql, value=value, choices=(*_CONSENT, *more))


def placed(frame: Frame) -> ColumnElement[Any]:
    """Return how many orders a customer has placed, by the store's own figure; of a person, with those as a guest."""
    return summed(frame, _figures(frame), "placed")


def placed_of(person: Person) -> int:
    """Return the same of a person."""
    return sum(record.number_of_orders for record in person.records) + len(person.guest_orders)


def spent(frame: Frame) -> ColumnElement[Any]:
    """Return what a customer has spent, in the shop's currency; of a person, with what they spent as a guest.

    An amount in a currency that is not the shop's (any more) is as good as missing: it cannot be compared.
    """
    return summed(frame, _figures(frame), "spent")


def _figures(frame: Frame) -> dict[str, Summed]:
    def amount(its: FromClause) -> ColumnElement[Any]:
        ours = or_(its.c.currency.is_(None), its.c.currency == frame.currency)
        return case((ours, its.c.amount_spent))

    return {
        "placed": Summed(lambda its: its.c.number_of_orders, literal_column("1")),
        "spent": Summed(amount, case((guests.c.currency == frame.currency, guests.c.current_total))),
    }


def spent_of(person: Person, frame: Frame) -> Plain:
    """Return the same of a person."""
    own = [each.amount_spent for each in person.records if each.currency in {None, frame.currency}]
    amounts = own + [order.current_total for order in person.guest_orders if order.currency == frame.currency]
    return sum(amounts) if amounts else None


FILTERS = (
    Filter(
        name="amount_spent",
        meaning="what the customer has spent in all, by the store's own figure, in the shop's currency",
        example="amount_spent >= 250",
        reading=Scalar(type=Type.AMOUNT, sql=spent, value=spent_of),
        guests=True,
        mistaken=("total_spent", "lifetime_value", "ltv", "spent", "total_amount_spent"),
    ),
    Filter(
        name="number_of_orders",
        meaning="how many orders the customer has placed in all, by the store's own figure",
        example="number_of_orders > 1",
        reading=Scalar(type=Type.INTEGER, sql=placed, value=lambda person, _: placed_of(person)),
        guests=True,
        mistaken=("orders_count", "order_count", "total_orders", "orders"),
    ),
    Filter(
        name="customer_added_date",
        meaning="the day the customer was added to the store",
        example="customer_added_date >= -30d",
        reading=_column("created_at", "created_at", Type.DATE),
        mistaken=("created_at", "date_added", "customer_since", "customer_created_date"),
    ),
    Filter(
        name="email_subscription_status",
        meaning="whether the customer accepts e-mail marketing",
        example="email_subscription_status = 'SUBSCRIBED'",
        reading=_consent("email_consent", "INVALID"),
        mistaken=("email_marketing_status", "accepts_marketing", "email_marketing", "email_consent"),
    ),
    Filter(
        name="sms_subscription_status",
        meaning="whether the customer accepts marketing by text message",
        example="sms_subscription_status = 'SUBSCRIBED'",
        reading=_consent("sms_consent"),
        mistaken=("sms_marketing_status", "sms_consent", "sms_marketing"),
    ),
    Filter(
        name="customer_account_status",
        meaning="the state of the customer's account in the store",
        example="customer_account_status = 'ENABLED'",
        reading=_column("account_state", "account_state", Type.TEXT, "DECLINED DISABLED ENABLED INVITED"),
        mistaken=("account_status", "customer_state", "account_state"),
    ),
    Filter(
        name="customer_language",
        meaning="the customer's language, exactly as the store writes it",
        example="customer_language = 'fr-CA'",
        reading=_column("language", "language", Type.TEXT),
        mistaken=("language", "locale", "customer_locale"),
    ),
    Filter(
        name="customer_email_domain",
        meaning="what follows the last @ of the address, in small letters",
        example="customer_email_domain = 'gmail.com'",
        reading=Scalar(
            type=Type.TEXT,
            sql=lambda _: customers.c.email_domain,
            value=lambda person, _: email_domain(person.customer.email),
        ),
        mistaken=("email", "email_domain", "customer_email"),
    ),
    Filter(
        name="predicted_spend_tier",
        meaning="what the store expects the customer to spend (only in stores with more than 100 sales)",
        example="predicted_spend_tier = 'HIGH'",
        reading=_column("spend_tier", "spend_tier", Type.TEXT, "HIGH MEDIUM LOW"),
        mistaken=("spend_tier",),
    ),
    Filter(
        name="rfm_group",
        meaning="the store's own group of the customer by recency, frequency and money",
        example="rfm_group = 'CHAMPIONS'",
        reading=_column(
            "rfm_group",
            "rfm_group",
            Type.TEXT,
            "ACTIVE ALMOST_LOST AT_RISK CHAMPIONS DORMANT LOYAL NEEDS_ATTENTION NEW PREVIOUSLY_LOYAL PROMISING"
            " PROSPECTS",
        ),
        mistaken=("rfm",),
    ),
    Filter(
        name="product_subscription_status",
        meaning="the state of the customer's product subscription",
        example="product_subscription_status = 'SUBSCRIBED'",
        reading=_column(
            "product_subscription",
            "product_subscription",
            Type.TEXT,
            "SUBSCRIBED CANCELED EXPIRED FAILED NEVER_SUBSCRIBED PAUSED",
        ),
        mistaken=("subscription_status", "product_subscriber_status"),
    ),
)
