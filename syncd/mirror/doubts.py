"""Going over to consent in masses: not believed until a person says so.

One person who subscribes is believed. Where many do within a day, it was most likely another app that wrote over what
they had said (Mailchimp's own app does so to Shopify's customers when it is connected). What is doubted counts as it
was before (`syncd.mirror.consents`); approving a doubt forgets it.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import msgspec

from syncd.mirror.database import Mirror
from syncd.model import Instant

if TYPE_CHECKING:
    from fractions import Fraction

WINDOW = 86_400
"""Seconds whose flips are counted together: an app that writes slowly is seen in many runs, a few in each."""

_KNOWN = {
    "store": "SELECT 1 FROM customers WHERE store = ? AND email_key NOT NULL",
    "audience": "SELECT 1 FROM contacts WHERE target = ?",
}


class Doubt(msgspec.Struct, frozen=True):
    """A mass of flips at one store or audience that waits for a person.

    Attributes:
        side: `store` or `audience`.
        run: The run that added to it last.
        flips: How many records went over.
    """

    owner: str
    side: str
    run: int
    flips: int


def judge(mirror: Mirror, *, min_size: int, share: Fraction, run: int, now: Instant) -> list[Doubt]:
    """Doubt what went over to consent within a day at one store or audience, where it is too much at once.

    Work follows what went over: of those known only so many are counted as would make it little enough.

    Returns:
        What is newly doubted.
    """
    since = now - WINDOW
    with mirror.transaction():
        mirror.raw.execute("DELETE FROM consent_flips WHERE doubted_in IS NULL AND seen_at < ?", (since,))
        query = (
            "SELECT owner, side, count(*) FROM consent_flips WHERE seen_at >= ? "
            "GROUP BY owner, side HAVING sum(doubted_in IS NULL) AND count(*) > ?"
        )
        many = mirror.raw.execute(query, (since, min_size)).fetchall()
        doubted = [owner for owner, side, flips in many if _too_many(mirror, owner, side, flips, share)]
        mirror.raw.executemany(
            "UPDATE consent_flips SET doubted_in = ? WHERE owner = ?", ((run, owner) for owner in doubted)
        )
    return [doubt for doubt in standing(mirror) if doubt.owner in doubted]


def standing(mirror: Mirror) -> list[Doubt]:
    """Return what waits for a person."""
    query = (
        "SELECT owner, side, max(doubted_in), count(*) FROM consent_flips WHERE doubted_in NOT NULL "
        "GROUP BY owner, side ORDER BY side DESC, owner"
    )
    return [Doubt(*row) for row in mirror.raw.execute(query)]


def approve(mirror: Mirror, run: int) -> list[Doubt]:
    """Believe what a run doubted, and return what that was; nothing where a later run has added to it."""
    with mirror.transaction():
        released = [doubt for doubt in standing(mirror) if doubt.run == run]
        mirror.raw.executemany(
            "DELETE FROM consent_flips WHERE owner = ? AND doubted_in NOT NULL", ((it.owner,) for it in released)
        )
    return released


def _too_many(mirror: Mirror, owner: str, side: str, flips: int, share: Fraction) -> bool:
    """Whether so many flips are more than a share of those known."""
    if not share:
        return True
    enough = ceil(flips / share)
    query = f"SELECT count(*) FROM ({_KNOWN[side]} LIMIT ?)"
    return int(mirror.raw.execute(query, (owner, enough)).fetchone()[0]) < enough
