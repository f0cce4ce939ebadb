"""How a world changes: what people, merchants and other apps do. Whoever calls these holds the shop's lock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.world.records import Customer, Order, Product
from connectors.sandbox.world.shop import Record, Shop
from connectors.sandbox.world.tags import removed

_PLURAL: dict[type[Any], str] = {Customer: "customers", Order: "orders", Product: "products"}


def add_tags(shop: Shop, record: Record, tags: Sequence[str], now: int) -> None:
    """Give a record tags; its time of change moves if any was new.

    Raises:
        TagError: A tag is too long, or there would be too many; nothing was changed.
    """
    _retag(shop, record, shop.spellings.added(_tags(record), tags), now)


def remove_tags(shop: Shop, record: Record, tags: Sequence[str], now: int) -> None:
    """Take tags from a record; its time of change moves if it had any of them."""
    _retag(shop, record, removed(_tags(record), tags), now)


def _tags(record: Record) -> tuple[str, ...]:
    return getattr(record, "tags", ())


def _retag(shop: Shop, record: Record, tags: tuple[str, ...], now: int) -> None:
    if not isinstance(record, Customer | Order | Product) or tags == record.tags:
        return
    record.tags = tags
    record.updated_at = now
    shop.spellings.learn(tags)
    shop.changed(_PLURAL[type(record)])
