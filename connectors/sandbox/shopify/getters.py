"""What the tables of fields are made with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.shopify.view import View
from connectors.sandbox.shopify.wire import gid

Getter = Callable[[Any, View], Any]
"""What a field says of a record, as JSON has it, or the record that its own fields are read from."""

Table = Mapping[str, Mapping[str, Getter]]
"""Getters by type and field."""


def identity(kind: str) -> dict[str, Getter]:
    """Return the two fields that name a record."""
    return {
        "id": lambda record, _: gid(kind, record.id),
        "legacyResourceId": lambda record, _: str(record.id),
    }


def money(amount: Callable[[Any], int]) -> Getter:
    """Return the getter of an amount in the shop's currency."""
    return lambda record, view: view.money(amount(record))


def same(record: Any, _: View) -> Any:
    """Return the record itself: its fields are told by another type."""
    return record
