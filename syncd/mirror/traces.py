"""What was ever done to one person, and what stands refused about them: the traces that runs left."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec

from syncd.mirror.database import Mirror
from syncd.mirror.runs import RunChange
from syncd.model import Instant

Subjects = Collection[tuple[str, str]]
"""Pairs of a target and a subject there."""


class Move(msgspec.Struct, frozen=True):
    """A customer entered (1) or left (0) a segment."""

    run: int
    at: Instant
    segment: str
    store: str
    customer_id: int
    entered: int


class Write(RunChange, frozen=True, kw_only=True):
    """A change that was tried, and what came of it."""

    run: int


class Refused(msgspec.Struct, frozen=True):
    """A refusal that stands: not tried again while `basis`, what was true of the subject, does."""

    target: str
    label_key: str
    subject: str
    action: str
    basis: str
    answer: str
    segment: str
    run: int
    at: Instant
    attempts: int


def status(mirror: Mirror, target: str, address: str) -> str | None:
    """Return what an audience says of a contact; None where it knows none."""
    query = "SELECT status FROM contacts WHERE target = ? AND subject = ?"
    found = mirror.raw.execute(query, (target, address)).fetchone()
    return str(found[0]) if found else None


def labels(mirror: Mirror, target: str, address: str) -> dict[str, str]:
    """Return the labels that a contact carries, folded and as the audience spells them."""
    query = "SELECT label_key, label FROM contact_labels WHERE target = ? AND subject = ? ORDER BY label_key"
    return dict(mirror.raw.execute(query, (target, address)))


def given(mirror: Mirror, target: str, subject: str, label_keys: Collection[str]) -> set[str]:
    """Return which of these labels syncd gave a subject, or may have."""
    query = (
        "SELECT label_key FROM ledger WHERE target = ? AND subject = ? "
        "AND label_key IN (SELECT value FROM json_each(?))"
    )
    return {key for (key,) in mirror.raw.execute(query, (target, subject, json.dumps(list(label_keys))))}


def memberships(mirror: Mirror, store: str, customer_id: int) -> dict[str, Instant]:
    """Return the segments that a customer is in, as last evaluated, each with since when."""
    query = "SELECT segment, since FROM members WHERE store = ? AND customer_id = ? ORDER BY segment"
    return dict(mirror.raw.execute(query, (store, customer_id)))


def moves(mirror: Mirror, customers: Collection[tuple[str, int]]) -> list[Move]:
    """Return every entering and leaving of some customers, oldest first."""
    columns = ", ".join(Move.__struct_fields__)
    query = f"SELECT {columns} FROM movements WHERE store = ? AND customer_id = ? ORDER BY run, id"
    found = [Move(*row) for whom in sorted(customers) for row in mirror.raw.execute(query, whom)]
    return sorted(found, key=lambda it: it.run)


def writes(mirror: Mirror, subjects: Subjects) -> list[Write]:
    """Return every change of these subjects that was tried, oldest first."""
    columns = (*RunChange.__struct_fields__, "run")
    rows = _about(mirror, columns, "run_changes", ("target", "subject"), subjects, ("id",))
    return [Write(*row[:-1], run=row[-1]) for row in rows]


def refusals(mirror: Mirror, subjects: Subjects) -> list[Refused]:
    """Return the refusals that stand about these subjects, by target and label."""
    order = ("target", "label_key", "subject", "action")
    rows = _about(mirror, Refused.__struct_fields__, "refusals", ("target", "subject"), subjects, order)
    return [Refused(*row) for row in rows]


def _about(
    mirror: Mirror,
    columns: Sequence[str],
    table: str,
    key: tuple[str, str],
    whom: Collection[Any],
    order: Sequence[str],
) -> Iterable[Any]:
    """Select the rows about some pairs of a place and a subject, each found by the table's index of subjects.

    CROSS JOIN keeps SQLite from reading the table first.
    """
    place, subject = key
    query = (
        f"SELECT {', '.join(f't.{name}' for name in columns)} FROM json_each(?) AS whom CROSS JOIN {table} AS t "
        f"ON t.{place} = json_extract(whom.value, '$[0]') AND t.{subject} = json_extract(whom.value, '$[1]') "
        f"ORDER BY {', '.join(f't.{name}' for name in order)}"
    )
    return mirror.raw.execute(query, (json.dumps(sorted(whom)),))
