"""What lists are sorted by, and how a cursor holds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from connectors.sandbox.shopify.view import View


class SortKey(msgspec.Struct, frozen=True):
    """What a list is sorted by, before the id.

    Attributes:
        value: Of a record.
        show: The value as a cursor holds it.
        read: Back from the cursor.
    """

    value: Callable[[Any, View], Any]
    show: Callable[[Any], Any] = lambda value: value
    read: Callable[[Any], Any] = lambda value: value


def _moment(value: Callable[[Any], int]) -> SortKey:
    return SortKey(
        lambda record, _: value(record),
        lambda instant: datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%d %H:%M:%S"),
        lambda text: int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()),
    )


def _where(customer: Any, _: View) -> tuple[str, ...]:
    first = customer.addresses[0] if customer.addresses else None
    return (first.country.lower(), (first.province or "").lower(), first.city.lower()) if first else ("", "", "")


_ID = SortKey(lambda record, _: record.id, str, int)
_CREATED = _moment(lambda record: record.created_at)
_UPDATED = _moment(lambda record: record.updated_at)
_TOTAL = SortKey(lambda record, _: record.total)
_NAME = SortKey(lambda c, _: f"{c.last_name or ''}, {c.first_name or ''}".lower())

SORT_KEYS: Mapping[str, Mapping[str, SortKey]] = {
    "customers": {
        "ID": _ID,
        "RELEVANCE": _ID,
        "CREATED_AT": _CREATED,
        "UPDATED_AT": _UPDATED,
        "NAME": _NAME,
        "LOCATION": SortKey(_where, list, tuple),
    },
    "orders": {
        "ID": _ID,
        "RELEVANCE": _ID,
        "CREATED_AT": _CREATED,
        "UPDATED_AT": _UPDATED,
        "PROCESSED_AT": _moment(lambda record: record.processed_at),
        "ORDER_NUMBER": SortKey(lambda record, _: record.number),
        "TOTAL_PRICE": _TOTAL,
        "CURRENT_TOTAL_PRICE": SortKey(lambda record, _: record.current_total),
    },
    "products": {
        "ID": _ID,
        "RELEVANCE": _ID,
        "CREATED_AT": _CREATED,
        "UPDATED_AT": _UPDATED,
        "TITLE": SortKey(lambda record, _: record.title.lower()),
        "VENDOR": SortKey(lambda record, _: record.vendor.lower()),
        "PRODUCT_TYPE": SortKey(lambda record, _: record.product_type.lower()),
    },
    "checkouts": {
        "ID": _ID,
        "CHECKOUT_ID": _ID,
        "RELEVANCE": _ID,
        "CREATED_AT": _CREATED,
        "TOTAL_PRICE": _TOTAL,
    },
}
