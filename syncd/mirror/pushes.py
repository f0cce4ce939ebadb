"""How much of a label syncd changed within a day without a person: what the limits over a day are held against.

A push is noted before its first call, with what it sets out to do: a crash must not make syncd forget what it may have
done. So a limit is never passed; at worst it is reached early. What is left of a push that was cut short is noted anew,
with the day on which it goes on, and no longer with the day on which it began.
"""

from __future__ import annotations

import msgspec

from syncd.mirror.database import Mirror
from syncd.model import Action, Change, Instant, Lately, fold

DAY = 86_400


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """A push of a label begins.

    Attributes:
        ours: How many have the label as ours now.
        adds: How many are to gain it; likewise `removes`.
        again_adds: How many of them an earlier push set out to give it, unasked; likewise `again_removes`.
        by_person: Whether a person released it.
    """

    target: str
    label: str
    run: int
    at: Instant
    ours: int
    adds: int
    removes: int
    again_adds: int
    again_removes: int
    by_person: bool


def begin(mirror: Mirror, push: Push) -> None:
    """Note a push, and forget what is older than a day. Belongs into a transaction of the caller's."""
    key = fold(push.label)
    mirror.raw.execute(
        "DELETE FROM pushes WHERE target = ? AND label_key = ? AND at <= ?", (push.target, key, push.at - DAY)
    )
    _take_over(mirror, push, "adds", push.again_adds)
    _take_over(mirror, push, "removes", push.again_removes)
    mirror.raw.execute(
        "INSERT OR REPLACE INTO pushes (target, label_key, run, at, ours, adds, removes, by_person) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (push.target, key, push.run, push.at, push.ours, push.adds, push.removes, push.by_person),
    )


def _take_over(mirror: Mirror, push: Push, column: str, number: int) -> None:
    """Strike off the earlier pushes, the newest first, what goes on with this one."""
    found = mirror.raw.execute(
        f"SELECT run, {column} FROM pushes WHERE target = ? AND label_key = ? AND NOT by_person ORDER BY run DESC",
        (push.target, fold(push.label)),
    ).fetchall()
    for run, noted in found:
        taken = min(number, noted)
        number -= taken
        mirror.raw.execute(
            f"UPDATE pushes SET {column} = {column} - ? WHERE target = ? AND label_key = ? AND run = ?",
            (taken, push.target, fold(push.label), run),
        )


def strike(mirror: Mirror, change: Change) -> None:
    """Take back from the newest push that set out to make it a change that was refused.

    Belongs into the transaction that settles the refusal.
    """
    column = "adds" if change.action is Action.ADD else "removes"
    key = (change.target, fold(change.label))
    mirror.raw.execute(
        f"UPDATE pushes SET {column} = {column} - 1 WHERE target = ?1 AND label_key = ?2 AND run = ("
        f"SELECT max(run) FROM pushes WHERE target = ?1 AND label_key = ?2 AND {column} > 0)",
        key,
    )


def lately(mirror: Mirror, target: str, label: str, ours: int, now: Instant) -> Lately:
    """Add up the pushes of a label within the last day; `ours` is how many have it as ours now."""
    query = (
        "SELECT ours, adds, removes, by_person FROM pushes WHERE target = ? AND label_key = ? AND at > ? ORDER BY run"
    )
    rows = mirror.raw.execute(query, (target, fold(label), now - DAY)).fetchall()
    if not rows:
        return Lately(ours)
    after = [*(row[0] for row in rows[1:]), ours]
    released = sum(end - row[0] for row, end in zip(rows, after, strict=True) if row[3])
    unasked = [row for row in rows if not row[3]]
    return Lately(rows[0][0] + released, sum(row[1] for row in unasked), sum(row[2] for row in unasked))
