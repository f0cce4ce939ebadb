"""What a sandbox can be told when it starts."""

from __future__ import annotations

import msgspec


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """A sandbox's size, seed and hour.

    Attributes:
        port: On 127.0.0.1; 0 takes any free one.
        shops: Names of the simulated stores.
        customers: Customer records of each store; about four orders for each follow.
        seed: The same seed, size and hour make the same stores.
        lists: The lists of the Mailchimp account, `id` or `id=Name`.
        start: The world's hour at the beginning (seconds since 1970); None for the machine's own.
        bulk_seconds: How long a bulk operation takes at least.
    """

    port: int = 0
    shops: tuple[str, ...] = ("main",)
    customers: int = 1000
    seed: int = 1
    lists: tuple[str, ...] = ("newsletter",)
    start: int | None = None
    bulk_seconds: float = 0.5
