"""How customers and tags change: what people, merchants and other apps do. Whoever calls holds the shop's lock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.world.records import Customer, Order, Product
from connectors.sandbox.world.shop import Record, Shop
from connectors.sandbox.world.tags import in_order, removed

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


def replace_tags(shop: Shop, record: Record, tags: Sequence[str], now: int) -> None:
    """Give a record exactly these tags.

    Raises:
        TagError: A tag is too long, or there are too many; nothing was changed.
    """
    _retag(shop, record, shop.spellings.added((), tags), now)


def _tags(record: Record) -> tuple[str, ...]:
    return getattr(record, "tags", ())


def _retag(shop: Shop, record: Record, tags: tuple[str, ...], now: int) -> None:
    if not isinstance(record, Customer | Order | Product) or tags == record.tags:
        return
    record.tags = tags
    record.updated_at = now
    shop.spellings.learn(tags)
    shop.changed(_PLURAL[type(record)])


def edit_customer(shop: Shop, customer: Customer, values: dict[str, Any], now: int) -> None:
    """Set fields of a customer. A new consent is dated, unless `values` dates it."""
    if "consent" in values and values["consent"] != customer.consent:
        customer.consent_at = now
    if isinstance(values.get("email"), str):
        values["email"] = "".join(values["email"].split())  # as the service does, recorded
    for name, value in values.items():
        setattr(customer, name, value)
    customer.updated_at = now
    shop.changed("customers")


def delete_customer(shop: Shop, customer: Customer, now: int) -> None:
    """Remove a customer; nothing of the list of changes tells. Their orders stay, as a guest's."""
    for order in shop.orders_of_customer(customer.id):
        order.customer_id = None
        order.updated_at = now
    shop.orders_of.pop(customer.id, None)
    for checkout in shop.checkouts.values():
        if checkout.customer_id == customer.id:
            checkout.customer_id = None
            checkout.updated_at = now
    del shop.customers[customer.id]
    for kind in ("customers", "orders", "checkouts"):
        shop.changed(kind)


def merge_customers(shop: Shop, winner: Customer, loser: Customer, now: int) -> None:
    """Make two customers one: orders, tags and addresses go to the winner, the loser's id vanishes."""
    for order in shop.orders_of_customer(loser.id):
        order.customer_id = winner.id
        order.updated_at = now
    shop.orders_of[winner.id] = sorted(shop.orders_of.get(winner.id, []) + shop.orders_of.pop(loser.id, []))
    for checkout in shop.checkouts.values():
        if checkout.customer_id == loser.id:
            checkout.customer_id = winner.id
            checkout.updated_at = now
    winner.tags = in_order({*winner.tags, *loser.tags})
    winner.addresses = (*winner.addresses, *loser.addresses)
    winner.email = winner.email or loser.email
    winner.phone = winner.phone or loser.phone
    winner.updated_at = now
    del shop.customers[loser.id]
    shop.merged[loser.id] = winner.id
    shop.count_again(winner)
    for kind in ("customers", "orders", "checkouts"):
        shop.changed(kind)
