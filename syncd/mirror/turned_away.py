"""Whom an audience would not take in as a contact, remembered for the contact and not for one label.

A contact who was deleted for good looks, in the service's answers, like one who never was: not found, and refused when
created. Asked for each label and segment anew, the service would be asked for ever.
"""

from __future__ import annotations

import msgspec

from syncd.mirror.database import Mirror
from syncd.model import Instant, Outcome


class TurnedAway(msgspec.Struct, frozen=True):
    """Somebody whom an audience would not take in.

    Attributes:
        final: Whether it stands until the audience itself shows the contact; else while `basis` does.
        basis: What was true of the address then, hashed.
        answer: The audience's own words.
    """

    final: bool
    basis: str
    answer: str
    label: str
    segment: str
    run: int
    at: Instant
    attempts: int

    def stands(self, basis: str) -> bool:
        """Whether it still stands, `basis` being what is true of the address now."""
        return self.final or self.basis == basis


def note(mirror: Mirror, outcome: Outcome, basis: str, run: int, at: Instant) -> None:
    """Remember a creation that was refused. Belongs into the transaction that settles the outcome."""
    change = outcome.change
    mirror.raw.execute(
        "INSERT INTO turned_away (target, subject, final, basis, answer, label, segment, run, at, attempts) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (target, subject) DO UPDATE SET "
        "final = max(final, excluded.final), basis = excluded.basis, answer = excluded.answer, "
        "label = excluded.label, segment = excluded.segment, attempts = attempts + (run != excluded.run), "
        "run = excluded.run, at = excluded.at",
        (
            change.target,
            change.subject,
            outcome.final,
            basis,
            outcome.answer,
            change.label,
            change.segment,
            run,
            at,
        ),
    )


def one(mirror: Mirror, target: str, subject: str) -> TurnedAway | None:
    """Return what is remembered of an address at an audience."""
    query = f"SELECT {', '.join(TurnedAway.__struct_fields__)} FROM turned_away WHERE target = ? AND subject = ?"
    found = mirror.raw.execute(query, (target, subject)).fetchone()
    return TurnedAway(bool(found[0]), *found[1:]) if found else None


def forget_shown(mirror: Mirror) -> None:
    """Forget those whom their audience shows by now: they came back by themselves."""
    with mirror.transaction():
        mirror.raw.execute(
            "DELETE FROM turned_away WHERE EXISTS "
            "(SELECT 1 FROM contacts k WHERE k.target = turned_away.target AND k.subject = turned_away.subject)"
        )


def count(mirror: Mirror) -> int:
    """Count those whom an audience would not take in."""
    return int(mirror.raw.execute("SELECT count(*) FROM turned_away").fetchone()[0])
