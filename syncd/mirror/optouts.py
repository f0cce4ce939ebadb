"""Whose unsubscribe in an audience a store does not know of yet, straight from the tables."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from syncd.mirror.database import Mirror
from syncd.model import Change, Instant

_CONSENTING = "r.store = :store AND r.email_consent IN ('SUBSCRIBED', 'PENDING')"
_BY_EMAIL = "customers AS r INDEXED BY customers_email ON r.email_key = k.subject"
_ASKED = "temp.pairs AS q CROSS JOIN customers AS r CROSS JOIN contacts AS k"
_LEFT_AT = """coalesce((
    SELECT max(h.at) FROM consent_changes h WHERE h.address = k.subject
    AND h.owner = k.target AND h.record = k.subject AND h.after = 'unsubscribed'
), k.changed_at)"""
"""When a contact unsubscribed: as it was seen to happen, for its time of change moves on with every later change."""


class OptOut(msgspec.Struct, frozen=True):
    """A customer who counts as consenting in a store and has unsubscribed in an audience.

    Attributes:
        at: When they unsubscribed, as far as the audience tells.
        newer: Whether the store's word was given after that.
    """

    customer_id: int
    email: str
    at: Instant
    newer: bool


def unknown_to(mirror: Mirror, store: str, audience: str, number: int | None = None) -> Iterator[OptOut]:
    """Stream the customers of a store who unsubscribed in an audience, and whom the store counts as consenting.

    All of them; or, with the `number` under which the rows of the opting out stand, those in `temp.pairs`.
    """
    there = f"contacts AS k JOIN {_BY_EMAIL}" if number is None else f"{_ASKED} ON k.subject = r.email_key"
    asked = "" if number is None else "q.label = :number AND r.id = CAST(q.subject AS INTEGER) AND "
    query = f"""
        SELECT p.id, p.email, p.left_at, coalesce(p.said_at, 0) > p.left_at FROM (
            SELECT r.id, r.email, r.email_consent_at AS said_at, {_LEFT_AT} AS left_at
            FROM {there}
            WHERE {asked}k.target = :audience AND k.status = 'unsubscribed' AND {_CONSENTING}
        ) AS p ORDER BY p.id
    """
    for row in mirror.raw.execute(query, {"store": store, "audience": audience, "number": number}):
        yield OptOut(row[0], row[1], row[2], bool(row[3]))


def consenting(mirror: Mirror, store: str, audience: str) -> int:
    """Count the customers whom a store counts as consenting and who are in an audience: what shares are of."""
    query = (
        f"SELECT count(*) FROM contacts AS k JOIN {_BY_EMAIL} "
        f"WHERE k.target = :audience AND k.status != 'archived' AND {_CONSENTING}"
    )
    return int(mirror.raw.execute(query, {"store": store, "audience": audience}).fetchone()[0])


def carried(mirror: Mirror, change: Change) -> None:
    """Let the mirror show an opt-out that the store took. Belongs into a transaction of the caller's."""
    mirror.raw.execute(
        "UPDATE customers SET email_consent = 'UNSUBSCRIBED', email_consent_at = coalesce(?, email_consent_at) "
        "WHERE store = ? AND id = ?",
        (change.opted_out_at, change.target, int(change.subject)),
    )
