"""What each label was last planned by, and what of that plan stands: so that the next one looks only at what changed.

Of everybody with whom something was to be done a row is kept (`unsettled`), and they are looked at each time; of
everybody who was left out, one with the reason (`left_out`), and they are looked at once something of theirs changes.
Whoever is in neither was at rest. A label's rows change in one transaction with the note up to which generation of
changes they stand.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable

import msgspec

from syncd.mirror.database import Mirror
from syncd.model import Instant, fold

_AT_ONCE = 5_000
"""Notes written to the temporary table at a time."""
_FOUND = (
    "CREATE TEMP TABLE IF NOT EXISTS found (subject TEXT PRIMARY KEY, reason TEXT NOT NULL, settled INTEGER NOT NULL) "
    "WITHOUT ROWID"
)
_NOTE = (
    "INSERT INTO temp.found (subject, reason, settled) VALUES (?, ?, ?) "
    "ON CONFLICT (subject) DO UPDATE SET reason = excluded.reason, settled = excluded.settled"
)
_ASKED = " AND subject IN (SELECT subject FROM temp.pairs WHERE label = :label)"


class Planned(msgspec.Struct, frozen=True):
    """How a label was last planned.

    Attributes:
        id: The number under which its rows stand.
        basis: A digest of the wish and the settings that it went by.
        seen: The generation of changes up to which the rows stand; None where they do not.
        run: The run of that plan: whoever moved in it or later is looked at again.
    """

    id: int
    target: str
    label_key: str
    basis: str
    seen: int | None
    run: int
    at: Instant


def known(mirror: Mirror) -> dict[tuple[str, str], Planned]:
    """Return how each label was last planned, by target and folded label."""
    query = f"SELECT {', '.join(Planned.__struct_fields__)} FROM planned"
    return {(row[1], row[2]): Planned(*row) for row in mirror.raw.execute(query)}


def digest(*told: object) -> str:
    """Return what tells what a plan goes by from anything else."""
    return hashlib.blake2s(repr(told).encode(), digest_size=8).hexdigest()


def begin(mirror: Mirror, target: str, label: str, run: int, at: Instant) -> Planned:
    """Give a label that was never planned its number. Belongs into a transaction."""
    insert = "INSERT INTO planned (target, label_key, basis, run, at) VALUES (?, ?, '', ?, ?)"
    number = mirror.raw.execute(insert, (target, fold(label), run, at)).lastrowid or 0
    return Planned(number, target, fold(label), "", None, run, at)


def looked(mirror: Mirror, numbers: Collection[int], seen: int, run: int, at: Instant) -> None:
    """Note up to where the rows of labels stand by now; their basis is what it was."""
    with mirror.transaction():
        mirror.raw.executemany(
            "UPDATE planned SET seen = ?, run = ?, at = ? WHERE id = ?", ((seen, run, at, number) for number in numbers)
        )


def keep_only(mirror: Mirror, labels: Collection[tuple[str, str]]) -> None:
    """Forget how labels were planned that nobody wishes for any more, by target and folded label."""
    gone = [(it.id,) for key, it in known(mirror).items() if key not in labels]
    if gone:
        with mirror.transaction():
            for statement in (
                "DELETE FROM unsettled WHERE label = ?",
                "DELETE FROM left_out WHERE label = ?",
                "DELETE FROM left_out_counts WHERE label = ?",
                "DELETE FROM planned WHERE id = ?",
            ):
                mirror.raw.executemany(statement, gone)


def forget_before(mirror: Mirror, before: Instant) -> None:
    """Let labels that were not planned since an instant be planned in full. Belongs into a transaction.

    For who moved before that is no longer known.
    """
    mirror.raw.execute("UPDATE planned SET seen = NULL WHERE at < ?", (before,))


def seen(mirror: Mirror) -> list[int | None]:
    """Return up to which generation of changes each label was planned; None for one that is planned in full."""
    return [upto for (upto,) in mirror.raw.execute("SELECT seen FROM planned")]


class Book:
    """Takes down, while a label is planned, with whom something is to be done and who is left out.

    Everything happens in the transaction of the caller's.
    """

    def __init__(self, mirror: Mirror, label: Planned) -> None:
        """Open an empty page for a label."""
        self._mirror = mirror
        self._label = label
        self._waiting: list[tuple[str, str, bool]] = []
        self._passing: Counter[str] = Counter()
        mirror.raw.execute(_FOUND)
        mirror.raw.execute("DELETE FROM temp.found")

    def note(self, subject: str, reason: str, *, settled: bool) -> None:
        """Take a subject down, as `syncd.plan.Note` says; what is said of somebody last counts."""
        if reason and not settled:
            self._passing[reason] += 1
        self._waiting.append((subject, reason, settled))
        if len(self._waiting) >= _AT_ONCE:
            self._write()

    def keep(self, basis: str, seen: int, run: int, at: Instant, *, whole: bool) -> None:
        """Make what was taken down what is kept: of everybody where it is the `whole` label, else of `temp.pairs`."""
        self._write()
        raw, values = self._mirror.raw, {"label": self._label.id, "target": self._label.target}
        asked = "" if whole else _ASKED
        raw.execute(
            f"DELETE FROM unsettled WHERE label = :label{asked} "
            "AND NOT EXISTS (SELECT 1 FROM temp.found f WHERE f.subject = unsettled.subject AND NOT f.settled)",
            values,
        )
        raw.execute(
            "INSERT INTO unsettled (label, subject, target) SELECT :label, subject, :target FROM temp.found "
            "WHERE NOT settled ON CONFLICT DO NOTHING",
            values,
        )
        raw.execute(
            "INSERT INTO left_out_counts (label, reason, people) SELECT DISTINCT :label, reason, 0 FROM temp.found "
            "WHERE settled ON CONFLICT DO NOTHING",
            values,
        )
        if not whole or self._left():
            raw.execute(
                f"DELETE FROM left_out WHERE target = :target AND label = :label{asked} "
                "AND NOT EXISTS (SELECT 1 FROM temp.found f WHERE f.subject = left_out.subject AND f.settled)",
                values,
            )
        raw.execute(
            "INSERT INTO left_out (target, subject, label, reason) SELECT :target, f.subject, :label, r.id "
            "FROM temp.found f CROSS JOIN left_out_counts r WHERE f.settled AND r.label = :label "
            "AND r.reason = f.reason "
            "ON CONFLICT DO UPDATE SET reason = excluded.reason WHERE reason <> excluded.reason",
            values,
        )
        raw.execute(
            "UPDATE planned SET basis = ?, seen = ?, run = ?, at = ? WHERE id = ?",
            (basis, seen, run, at, self._label.id),
        )

    def left_out(self) -> dict[str, int]:
        """Count who is left out, by reason, as it is kept and as it was taken down for this time alone."""
        return _total((self._passing, self._left()))

    def _left(self) -> dict[str, int]:
        return left_out(self._mirror, self._label.id)

    def _write(self) -> None:
        self._mirror.raw.executemany(_NOTE, self._waiting)
        self._waiting.clear()


def left_out(mirror: Mirror, label: int) -> dict[str, int]:
    """Count who is left out of a label until something of theirs changes, by reason."""
    query = "SELECT reason, people FROM left_out_counts WHERE label = ? AND people > 0"
    return dict(mirror.raw.execute(query, (label,)))


def _total(counts: Iterable[dict[str, int] | Counter[str]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for it in counts:
        total.update(it)
    return dict(total)
