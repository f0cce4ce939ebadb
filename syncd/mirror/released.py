"""What was released to be pushed and is not settled yet.

A push that a crash or an outage cut short goes on by itself, but only with the very changes that were released: another
person, another action, or a contact to be made where none was to be made, has to pass the limits again.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from syncd.mirror.database import Mirror
from syncd.model import Change, Outcome, OutcomeState, fold


class Left(msgspec.Struct, frozen=True):
    """A change that was released and is not settled.

    Attributes:
        creation: The status that a new contact was to get, empty for none.
        by_person: Whether a person released it.
        quiet: Whether it must not set off mail of the merchant's.
    """

    creation: str
    by_person: bool
    quiet: bool


def begin(mirror: Mirror, target: str, label: str, changes: Iterable[Change], *, by_person: bool) -> None:
    """Note what a push of a label was released for; what an earlier one left open is void.

    Save what failed for now and has its hour at which it is tried again: that stays released, and as quiet as it was.
    Belongs into a transaction of the caller's.
    """
    mirror.raw.execute(
        "DELETE FROM released WHERE target = ? AND label_key = ? AND NOT EXISTS ("
        "SELECT 1 FROM refusals AS r WHERE r.target = released.target AND r.label_key = released.label_key "
        "AND r.subject = released.subject AND r.action = released.action AND r.next_at NOT NULL)",
        (target, fold(label)),
    )
    mirror.raw.executemany(
        "INSERT OR REPLACE INTO released (target, label_key, subject, action, creation, by_person, quiet) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((it.target, fold(it.label), it.subject, it.action.value, it.creation, by_person, it.quiet) for it in changes),
    )


def settle(mirror: Mirror, outcomes: Iterable[Outcome]) -> None:
    """Strike out changes that are done or refused. Belongs into the transaction that settles them."""
    mirror.raw.executemany(
        "DELETE FROM released WHERE target = ? AND label_key = ? AND subject = ? AND action = ?",
        (
            (it.change.target, fold(it.change.label), it.change.subject, it.change.action.value)
            for it in outcomes
            if it.state in {OutcomeState.APPLIED, OutcomeState.REFUSED}
        ),
    )


def left(mirror: Mirror, target: str, label: str) -> dict[tuple[str, str], Left]:
    """Return what is left of a label's last push, by subject and action."""
    query = "SELECT subject, action, creation, by_person, quiet FROM released WHERE target = ? AND label_key = ?"
    rows = mirror.raw.execute(query, (target, fold(label)))
    return {(row[0], row[1]): Left(row[2], bool(row[3]), bool(row[4])) for row in rows}


def unfinished(mirror: Mirror) -> dict[str, int]:
    """Count, by target, what was released and is not settled."""
    return dict(mirror.raw.execute("SELECT target, count(*) FROM released GROUP BY target ORDER BY target"))
