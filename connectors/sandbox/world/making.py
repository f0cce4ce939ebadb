"""What all makers of a world share: its dice, its ids, its hour."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

DAY = 86_400
STRIDE = 32_768
"""Distance between two ids of one kind, as in real shops."""

_BASES = {
    "Customer": 7_000_000_000_000,
    "MailingAddress": 9_000_000_000_000,
    "Order": 5_500_000_000_000,
    "LineItem": 14_000_000_000_000,
    "Refund": 900_000_000_000,
    "Product": 8_000_000_000_000,
    "Collection": 300_000_000_000,
    "AbandonedCheckout": 30_000_000_000_000,
    "AbandonedCheckoutLineItem": 40_000_000_000_000,
    "Location": 70_000_000_000,
    "Segment": 650_000_000_000,
    "Metafield": 20_000_000_000_000,
    "CompanyContact": 1_300_000_000,
    "StoreCreditAccount": 1_400_000_000,
}


def id_sequences(shop_number: int) -> dict[str, Iterator[int]]:
    """Return an endless ascending sequence of ids for every kind; no id is used by two shops."""
    return {kind: itertools.count(base + STRIDE + shop_number, STRIDE) for kind, base in _BASES.items()}


class Maker:
    """Dice, ids and the hour, for the makers of one shop's records."""

    def __init__(self, seed: str, shop_number: int, now: int) -> None:
        """Start the dice from `seed`: the same seed, number and hour make the same world."""
        self.random = Random(seed)  # noqa: S311  # a world to play in, not a secret
        self.ids = id_sequences(shop_number)
        self.number = shop_number
        self.now = now

    def id(self, kind: str) -> int:
        """Return the next id of a kind."""
        return next(self.ids[kind])

    def chance(self, share: float) -> bool:
        """Return True in `share` of the cases."""
        return self.random.random() < share

    def pick(self, things: Sequence[T]) -> T:
        """Return one of the things, each as likely as the others."""
        return things[int(self.random.random() * len(things))]

    def favourite(self, things: Sequence[T]) -> T:
        """Return one of the things, the first ones far more often."""
        share = self.random.random()
        return things[int(share * share * len(things))]

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` up to, not including, `high` (`low` where there is none)."""
        return low + int(self.random.random() * max(0, high - low))
