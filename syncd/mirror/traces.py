"""What was ever done to one person, and what stands refused about them: the traces that runs left."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

import msgspec

from syncd.mirror.database import Mirror
from syncd.mirror.runs import RunChange
from syncd.model import Instant

Subjects = Collection[tuple[str, str]]
"""Pairs of a target and a subject there."""


class Move(msgspec.Struct, frozen=True):
    """A customer entered or left a segment."""

    run: int
    at: Instant
    segment: str
    store: str
    customer_id: int
    entered: bool


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


def moves(mirror: Mirror, customers: Collection[tuple[str, int]]) -> list[Move]:
    """Return every entering and leaving of some customers, oldest first."""
    query = (
        "SELECT run, at, segment, store, customer_id, entered FROM moves "
        "WHERE (store, customer_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?)) ORDER BY id"
    )
    rows = mirror.raw.execute(query, (json.dumps(sorted(customers)),))
    return [Move(*row[:5], bool(row[5])) for row in rows]


def writes(mirror: Mirror, subjects: Subjects) -> list[Write]:
    """Return every change of these subjects that was tried, oldest first."""
    columns = RunChange.__struct_fields__
    query = f"SELECT {', '.join(columns)}, run, id FROM run_changes WHERE {_ABOUT} ORDER BY id"
    return [Write(*row[:-2], run=row[-2]) for row in _rows(mirror, query, subjects)]


def refusals(mirror: Mirror, subjects: Subjects) -> list[Refused]:
    """Return the refusals that stand about these subjects, by target and label."""
    columns = Refused.__struct_fields__
    query = f"SELECT {', '.join(columns)} FROM refusals WHERE {_ABOUT} ORDER BY target, label_key, subject, action"
    return [Refused(*row) for row in _rows(mirror, query, subjects)]


_ABOUT = (
    "subject IN (SELECT value ->> 1 FROM json_each(:subjects)) "
    "AND (target, subject) IN (SELECT value ->> 0, value ->> 1 FROM json_each(:subjects))"
)
"""The first half is what an index of subjects serves."""


def _rows(mirror: Mirror, query: str, subjects: Subjects) -> Iterator[Any]:
    yield from mirror.raw.execute(query, {"subjects": json.dumps(sorted(subjects))})
