"""What syncd owns at each target, what it was about to write, and what was refused.

A pair of label and subject is noted as `sending` before its label goes out, and becomes `owned` when the answer names
it as applied. It is deleted after its removal succeeded, or when the label is not there at the next look. So a crash
at any moment leaves neither an orphan that nobody removes nor a claim on somebody else's tag.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from syncd.mirror.database import Mirror
from syncd.model import Action, Change, Instant, Outcome, OutcomeState, fold

_OURS = (Action.ADD, OutcomeState.APPLIED)
_GIVEN_UP = frozenset(
    {
        (Action.ADD, OutcomeState.REFUSED),
        (Action.ADD, OutcomeState.FAILED),
        (Action.REMOVE, OutcomeState.APPLIED),
    }
)
_NOTE = (
    "INSERT INTO ledger (target, label_key, subject, state, segment, run, at) VALUES (?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (target, label_key, subject) DO UPDATE SET state = excluded.state, segment = excluded.segment, "
    "run = excluded.run, at = excluded.at"
)


PAUSES = (0, 300, 3600, 86_400, 2 * 86_400, 7 * 86_400)
"""Seconds until a change that failed is tried again: at the next cycle, then ever later; after these it is given up."""


class Standing(msgspec.Struct, frozen=True):
    """What keeps a change from being made: the service refused it, or it failed lately.

    Attributes:
        basis: What was true of the subject then; something else now lifts it.
        next_at: When it is tried again all the same; None for never.
    """

    basis: str
    next_at: Instant | None

    def holds(self, basis: str, now: Instant) -> bool:
        """Whether it still keeps the change from being made; `basis` is what is true of the subject now."""
        return self.basis == basis and (self.next_at is None or self.next_at > now)


class Refusal(msgspec.Struct, frozen=True):
    """A change that the service refused; it stands while `basis` does."""

    target: str
    label_key: str
    subject: str
    action: str
    basis: str
    answer: str
    segment: str
    at: Instant


def intend(mirror: Mirror, changes: Iterable[Change], run: int, at: Instant) -> None:
    """Note the additions that are about to be sent. Call it once a batch, before the batch goes out.

    When it returns, they are on the disk: a power cut after the sending must not make our labels somebody else's.
    """
    with mirror.durable():
        mirror.raw.executemany(
            _NOTE,
            (
                (change.target, fold(change.label), change.subject, "sending", change.segment, run, at)
                for change in changes
                if change.action is Action.ADD
            ),
        )


def settle(mirror: Mirror, outcomes: Sequence[Outcome]) -> None:
    """Carry outcomes into the ledger; unknown ones stay as they are until they were read back.

    Belongs into the transaction that also carries the outcomes into the mirror.
    """
    ended = [((it.change.action, it.state), _key(it.change)) for it in outcomes]
    where = "WHERE target = ? AND label_key = ? AND subject = ?"
    for statement, its in (
        ("DELETE FROM refusals", [key for (_, state), key in ended if state is OutcomeState.APPLIED]),
        ("UPDATE ledger SET state = 'owned'", [key for how, key in ended if how == _OURS]),
        ("DELETE FROM ledger", [key for how, key in ended if how in _GIVEN_UP]),
    ):
        mirror.raw.executemany(f"{statement} {where}", its)


def _key(change: Change) -> tuple[str, str, str]:
    return change.target, fold(change.label), change.subject


def own(mirror: Mirror, target: str, label: str, subjects: Iterable[str], segment: str, run: int, at: Instant) -> None:
    """Take over pairs that are there already: only where the segment says `adopt = true`."""
    with mirror.transaction():
        mirror.raw.executemany(
            _NOTE, ((target, fold(label), subject, "owned", segment, run, at) for subject in subjects)
        )


def lapse(mirror: Mirror, target: str, label: str, subjects: Iterable[str]) -> None:
    """Give up pairs whose label is neither wanted nor there any more."""
    with mirror.transaction():
        mirror.raw.executemany(
            "DELETE FROM ledger WHERE target = ? AND label_key = ? AND subject = ?",
            ((target, fold(label), subject) for subject in subjects),
        )


def in_doubt(mirror: Mirror, target: str) -> list[str]:
    """Return the subjects of which it is not known whether a label reached them."""
    query = "SELECT DISTINCT subject FROM ledger WHERE target = ? AND state = 'sending' ORDER BY subject"
    return [subject for (subject,) in mirror.raw.execute(query, (target,))]


def note_found(mirror: Mirror, target: str, subject: str, label_keys: Collection[str]) -> None:
    """Write into the run that sent them which pairs in doubt were found there after it was cut short.

    Belongs before `resolve`, into its transaction: so the books of that run, and `syncd undo`, know them.
    """
    mirror.raw.executemany(
        "INSERT INTO run_changes (run, at, target, label, segment, subject, action, reason, state, answer) "
        "SELECT l.run, l.at, l.target, coalesce(b.label, l.label_key), l.segment, l.subject, 'add', '', 'applied', "
        "'found there later' FROM ledger l LEFT JOIN labels b ON b.target = l.target AND b.label_key = l.label_key "
        "WHERE l.target = ? AND l.subject = ? AND l.label_key = ? AND l.state = 'sending'",
        ((target, subject, label_key) for label_key in label_keys),
    )


def resolve(mirror: Mirror, target: str, subject: str, label_keys: Collection[str]) -> None:
    """Settle a subject's pairs in doubt by the labels it was just seen to carry: there is owned, not there lapses."""
    where = "WHERE target = ? AND subject = ? AND state = 'sending'"
    rows = mirror.raw.execute(f"SELECT label_key FROM ledger {where}", (target, subject)).fetchall()
    for (label_key,) in rows:
        act = "UPDATE ledger SET state = 'owned'" if label_key in label_keys else "DELETE FROM ledger"
        mirror.raw.execute(f"{act} {where} AND label_key = ?", (target, subject, label_key))


def refuse(mirror: Mirror, outcome: Outcome, basis: str, run: int, at: Instant) -> None:
    """Keep a refusal with the service's own words, and what was true of the subject when it was given."""
    change = outcome.change
    mirror.raw.execute(
        "INSERT INTO refusals (target, label_key, subject, action, basis, answer, segment, run, at, attempts) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1) ON CONFLICT (target, label_key, subject, action) DO UPDATE SET "
        "basis = excluded.basis, answer = excluded.answer, segment = excluded.segment, run = excluded.run, "
        "at = excluded.at, attempts = attempts + 1, next_at = NULL",
        (
            change.target,
            fold(change.label),
            change.subject,
            change.action.value,
            basis,
            outcome.answer,
            change.segment,
            run,
            at,
        ),
    )


def postpone(mirror: Mirror, outcome: Outcome, basis: str, run: int, at: Instant) -> None:
    """Note that a change failed for now, and when it is tried again; one that failed too often stands as refused."""
    change = outcome.change
    key = (change.target, fold(change.label), change.subject, change.action.value)
    found = mirror.raw.execute(
        "SELECT attempts FROM refusals WHERE target = ? AND label_key = ? AND subject = ? AND action = ? AND basis = ?",
        (*key, basis),
    ).fetchone()
    before = int(found[0]) if found else 0
    next_at = at + PAUSES[before] if before < len(PAUSES) else None
    mirror.raw.execute(
        "INSERT OR REPLACE INTO refusals "
        "(target, label_key, subject, action, basis, answer, segment, run, at, attempts, next_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*key, basis, outcome.answer, change.segment, run, at, before + 1, next_at),
    )


def refusals(mirror: Mirror, target: str | None = None) -> Iterator[Refusal]:
    """Stream the refusals that stand, of one target or all."""
    query = (
        "SELECT target, label_key, subject, action, basis, answer, segment, at FROM refusals "
        "WHERE ?1 IS NULL OR target = ?1 ORDER BY target, label_key, subject"
    )
    for row in mirror.raw.execute(query, (target,)):
        yield Refusal(*row)


def refused(mirror: Mirror) -> int:
    """Count the refusals that stand, those given up included."""
    return int(mirror.raw.execute("SELECT count(*) FROM refusals WHERE next_at IS NULL").fetchone()[0])


def standing(mirror: Mirror, target: str, label: str, number: int | None = None) -> dict[tuple[str, str], Standing]:
    """Return what keeps changes of a label from being made, by subject and action.

    Of everybody; or, with the `number` under which the label's rows stand, of those in `temp.pairs`.
    """
    there = "refusals r" if number is None else "temp.pairs q CROSS JOIN refusals r"
    asked = "" if number is None else "q.label = :number AND r.subject = q.subject AND "
    query = (
        f"SELECT r.subject, r.action, r.basis, r.next_at FROM {there} "
        f"WHERE {asked}r.target = :target AND r.label_key = :label"
    )
    values = {"target": target, "label": fold(label), "number": number}
    return {(row[0], row[1]): Standing(*row[2:]) for row in mirror.raw.execute(query, values)}


def owned(mirror: Mirror, target: str, label: str) -> int:
    """Count the pairs of a label that are ours, or may be."""
    query = "SELECT people FROM holdings WHERE target = ? AND label_key = ?"
    found = mirror.raw.execute(query, (target, fold(label))).fetchone()
    return int(found[0]) if found else 0


def count(mirror: Mirror) -> int:
    """Count the pairs of all labels that are ours, or may be."""
    return int(mirror.raw.execute("SELECT coalesce(sum(people), 0) FROM holdings").fetchone()[0])


def forget_refusals(mirror: Mirror, target: str, label: str, pairs: Iterable[tuple[str, str]]) -> None:
    """Forget refusals, by subject and action, of changes that nobody wants any more. Belongs into a transaction."""
    mirror.raw.executemany(
        "DELETE FROM refusals WHERE target = ? AND label_key = ? AND subject = ? AND action = ?",
        ((target, fold(label), subject, action) for subject, action in pairs),
    )
