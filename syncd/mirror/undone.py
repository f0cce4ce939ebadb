"""What a person undid: changes that the next sync would make again, and must not.

A bar is noted before the undoing change is sent. The next sync drops one whose change did not come about, that nobody
wants any more, or whose label is written by another rule or setting than then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from syncd.mirror.database import Mirror
from syncd.model import Action, Change, Instant, Wish, fold

OPPOSITE = {Action.ADD: Action.REMOVE, Action.REMOVE: Action.ADD}


def basis(wish: Wish) -> str:
    """Return what tells the rule and the settings of a label from any others, hashed for it is kept."""
    told = (wish.segment, wish.stores, wish.why, wish.adopt, wish.withdrawn)
    return hashlib.blake2s(repr(told).encode(), digest_size=8).hexdigest()


def bar(mirror: Mirror, wish: Wish, changes: Iterable[Change], run: int, at: Instant) -> None:
    """Bar the opposite of what is about to be done; an older bar of the same pair is void."""
    with mirror.transaction():
        mirror.raw.executemany(
            "INSERT OR REPLACE INTO undone (target, label_key, subject, action, run, basis, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (it.target, fold(it.label), it.subject, OPPOSITE[it.action].value, run, basis(wish), at)
                for it in changes
            ),
        )


def keep_only(mirror: Mirror, wish: Wish, freed: Iterable[str]) -> None:
    """Drop what was undone under another rule or other settings of the label, and the bars of those set free.

    Called when a plan is carried out, not when it is made: a look at what another rule would do ends nothing.
    """
    key = (wish.target, fold(wish.label))
    with mirror.transaction():
        mirror.raw.execute("DELETE FROM undone WHERE target = ? AND label_key = ? AND basis <> ?", (*key, basis(wish)))
        mirror.raw.executemany(
            "DELETE FROM undone WHERE target = ? AND label_key = ? AND subject = ?",
            ((*key, subject) for subject in freed),
        )


def release(mirror: Mirror, run: int) -> int:
    """Let syncd do again what a run undid, and return how many changes that are."""
    with mirror.transaction():
        return mirror.raw.execute("DELETE FROM undone WHERE run = ?", (run,)).rowcount


def by_run(mirror: Mirror) -> dict[int, int]:
    """Count the changes that stay undone, by the run that undid them."""
    return dict(mirror.raw.execute("SELECT run, count(*) FROM undone GROUP BY run ORDER BY run"))


class Done(msgspec.Struct, frozen=True):
    """What a run did first to a pair of label and subject: its opposite is the state before.

    Attributes:
        later: The last run that changed the pair after it; None where none did.
    """

    target: str
    label: str
    segment: str
    subject: str
    action: Action
    later: int | None


def of_run(mirror: Mirror, run: int) -> list[Done]:
    """Return what a run did, or may have done, each pair once; where it stands now, the mirror tells."""
    query = """
        SELECT c.target, c.label, c.segment, c.subject, c.action, (
            SELECT max(l.run) FROM run_changes l WHERE l.subject = c.subject AND l.target = c.target
            AND l.label = c.label COLLATE NOCASE AND l.run > c.run AND l.state IN ('applied', 'unknown')
        )
        FROM run_changes c
        WHERE c.run = ? AND c.action IN ('add', 'remove') AND c.state IN ('applied', 'unknown') ORDER BY c.id
    """
    found: dict[tuple[str, str, str], Done] = {}
    for target, label, segment, subject, action, later in mirror.raw.execute(query, (run,)):
        done = Done(target, label, segment, subject, Action(action), later)
        found.setdefault((target, fold(label), subject), done)
    return list(found.values())
