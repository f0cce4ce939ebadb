"""What the records of an address say about consent, all of them looked at once, in SQL.

Four answers in one whole number: each by itself would cost a look at all records, of everybody whom an audience does
not know.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from syncd.mirror import consents

BY_EMAIL = "customers AS r INDEXED BY customers_email"
"""A lookup by address. Without statistics SQLite prefers the key that begins with the store, and reads all of it."""
_SUBSCRIBED, _REFUSES, _FORBIDS, _DOUBTED = 1, 2, 4, 8


class Said(msgspec.Struct, frozen=True):
    """What counts of the records of an address.

    Attributes:
        consent: Whether one says SUBSCRIBED and none says otherwise (law 1).
        creatable: Whether none forbids to make a contact of it.
        doubted: Whether going over to consent waits for a person, of one of them.
    """

    consent: bool
    creatable: bool
    doubted: bool


def of_records(address: str, stores: Sequence[str]) -> str:
    """Say in SQL, as a number for `read`, what the records of an address say in these stores (`named`, with `f`)."""
    return f"""coalesce((
        SELECT max(c = '{consents.CONSENTS}') * {_SUBSCRIBED} | max(c IN {consents.REFUSES}) * {_REFUSES}
            | max(c IN ('REDACTED', 'INVALID')) * {_FORBIDS} | max(doubted) * {_DOUBTED}
        FROM (
            SELECT coalesce({consents.CONSENT}, '') AS c, {consents.DOUBTED_CUSTOMER} AS doubted FROM {BY_EMAIL}
            WHERE r.email_key = {address} AND r.store IN ({listed(stores, "f")})
        )
    ), 0)"""


def read(number: int) -> Said:
    """Return what the number tells."""
    return Said(
        consent=bool(number & _SUBSCRIBED) and not number & _REFUSES,
        creatable=not number & _FORBIDS,
        doubted=bool(number & _DOUBTED),
    )


def listed(names: Sequence[str], prefix: str) -> str:
    """Return placeholders for names, for an IN; with none, what nothing is in."""
    return ", ".join(f":{prefix}{at}" for at, _ in enumerate(names)) or "NULL"


def named(names: Sequence[str], prefix: str) -> dict[str, str]:
    """Return the values of these placeholders."""
    return {f"{prefix}{at}": name for at, name in enumerate(names)}
