"""Runs, what they changed, and what waits for a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from syncd.mirror.database import Mirror
from syncd.model import Hold, Instant, Outcome, fold


class Run(msgspec.Struct, frozen=True):
    """One cycle. `report` is the JSON that the command printed; `result` is `running` until it ended."""

    run: int
    command: str
    started_at: Instant
    ended_at: Instant | None
    result: str
    report: str


class RunChange(msgspec.Struct, frozen=True):
    """One change of a run and what came of it."""

    at: Instant
    target: str
    label: str
    segment: str
    subject: str
    action: str
    reason: str
    state: str
    answer: str


class Tally(msgspec.Struct, frozen=True):
    """How many changes of a run ended alike."""

    target: str
    label: str
    segment: str
    action: str
    state: str
    answer: str
    changes: int


def begin(mirror: Mirror, command: str, at: Instant) -> int:
    """Open a run and return its number. A run that a crash left open is closed as `killed`."""
    with mirror.transaction():
        mirror.raw.execute("UPDATE runs SET result = 'killed', ended_at = ? WHERE result = 'running'", (at,))
        insert = "INSERT INTO runs (command, started_at, result, report) VALUES (?, ?, 'running', '')"
        return int(mirror.raw.execute(insert, (command, at)).lastrowid or 0)


def end(mirror: Mirror, run: int, at: Instant, result: str, report: str) -> None:
    """Close a run with its result and its report."""
    with mirror.transaction():
        update = "UPDATE runs SET ended_at = ?, result = ?, report = ? WHERE run = ?"
        mirror.raw.execute(update, (at, result, report, run))


def last(mirror: Mirror, most: int) -> list[Run]:
    """Return the newest runs, newest first."""
    query = "SELECT run, command, started_at, ended_at, result, report FROM runs ORDER BY run DESC LIMIT ?"
    return [Run(*row) for row in mirror.raw.execute(query, (most,))]


def one(mirror: Mirror, run: int) -> Run | None:
    """Return a run by its number."""
    query = "SELECT run, command, started_at, ended_at, result, report FROM runs WHERE run = ?"
    found = mirror.raw.execute(query, (run,)).fetchone()
    return Run(*found) if found else None


def log(mirror: Mirror, run: int, at: Instant, outcomes: Iterable[Outcome]) -> None:
    """Write down what came of changes. Belongs into the transaction that settles them."""
    mirror.raw.executemany(
        "INSERT INTO run_changes (run, at, target, label, segment, subject, action, reason, state, answer) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                run,
                at,
                it.change.target,
                it.change.label,
                it.change.segment,
                it.change.subject,
                it.change.action.value,
                it.change.reason,
                it.state.value,
                it.answer,
            )
            for it in outcomes
        ),
    )


def changes(mirror: Mirror, run: int) -> list[RunChange]:
    """Return everything a run tried to change, in the order it was tried."""
    query = (
        "SELECT at, target, label, segment, subject, action, reason, state, answer "
        "FROM run_changes WHERE run = ? ORDER BY id"
    )
    return [RunChange(*row) for row in mirror.raw.execute(query, (run,))]


def tally(mirror: Mirror, run: int) -> list[Tally]:
    """Count what a run tried to change, by label and by how it ended."""
    query = (
        "SELECT target, label, segment, action, state, answer, count(*) FROM run_changes WHERE run = ? "
        "GROUP BY target, label, segment, action, state, answer ORDER BY target, label, action, state, count(*) DESC"
    )
    return [Tally(*row) for row in mirror.raw.execute(query, (run,))]


def keep_holds(
    mirror: Mirror, found: Collection[Hold], untouched: Collection[tuple[str, str]], run: int, at: Instant
) -> None:
    """Make `found` the holds that stand, beside those of labels (target, folded) that this run did not look at.

    One that is the same as before keeps its age, its run and its approval.
    """
    with mirror.transaction():  # from the reading on: an approval that comes in between must not be lost
        known = {(hold.target, fold(hold.label)): hold for hold in holds(mirror)}
        mirror.raw.execute("DELETE FROM holds")
        for key, hold in known.items():
            if key in untouched:
                _insert(mirror, hold)
        for hold in found:
            before = known.get((hold.target, fold(hold.label)))
            if before is not None and before.checksum == hold.checksum:
                kept = before
            else:
                kept = msgspec.structs.replace(hold, run=run, at=at, approved_at=None)
            _insert(mirror, kept)


def holds(mirror: Mirror) -> list[Hold]:
    """Return what waits for a person, or was approved and not yet applied."""
    query = (
        "SELECT target, label, segment, why, adds, removes, checksum, run, at, approved_at FROM holds "
        "ORDER BY target, label_key"
    )
    names = ("target", "label", "segment", "why", "adds", "removes", "checksum", "run", "at", "approved_at")
    return [Hold(**dict(zip(names, row, strict=True))) for row in mirror.raw.execute(query)]


def approve(mirror: Mirror, run: int, at: Instant) -> int:
    """Release what a run held, and return how many labels that were."""
    with mirror.transaction():
        update = "UPDATE holds SET approved_at = ? WHERE run = ? AND approved_at IS NULL"
        return mirror.raw.execute(update, (at, run)).rowcount


def release(mirror: Mirror, labels: Collection[tuple[str, str]], at: Instant) -> None:
    """Note that what was held of these (target, label) pairs is released; what was approved keeps its hour."""
    with mirror.transaction():
        mirror.raw.executemany(
            "UPDATE holds SET approved_at = ? WHERE target = ? AND label_key = ? AND approved_at IS NULL",
            ((at, target, fold(label)) for target, label in labels),
        )


def _insert(mirror: Mirror, hold: Hold) -> None:
    mirror.raw.execute(
        "INSERT INTO holds (target, label_key, label, segment, why, adds, removes, checksum, run, at, approved_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            hold.target,
            fold(hold.label),
            hold.label,
            hold.segment,
            hold.why,
            hold.adds,
            hold.removes,
            hold.checksum,
            hold.run,
            hold.at,
            hold.approved_at,
        ),
    )
