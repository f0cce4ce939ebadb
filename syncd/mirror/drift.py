"""Drift: who really carries the labels in our charge, against what the ledger says of them."""

from __future__ import annotations

import msgspec

from syncd.mirror.database import Mirror
from syncd.mirror.stores import OwnedLabel
from syncd.model import Instant, fold

_OF_STORE = """
    SELECT (
        SELECT count(*) FROM ledger l JOIN customers c ON c.store = l.target AND c.id = CAST(l.subject AS INTEGER)
        WHERE l.target = :target AND l.label_key = :label AND l.state = 'owned' AND NOT EXISTS (
            SELECT 1 FROM customer_tags t
            WHERE t.store = l.target AND t.customer_id = c.id AND t.tag_key = l.label_key
        )
    ), (
        SELECT count(*) FROM customer_tags t WHERE t.store = :target AND t.tag_key = :label AND NOT EXISTS (
            SELECT 1 FROM ledger l
            WHERE l.target = t.store AND l.label_key = t.tag_key AND l.subject = CAST(t.customer_id AS TEXT)
        )
    )
"""
_OF_AUDIENCE = """
    SELECT (
        SELECT count(*) FROM ledger l JOIN contacts c ON c.target = l.target AND c.subject = l.subject
        WHERE l.target = :target AND l.label_key = :label AND l.state = 'owned' AND NOT EXISTS (
            SELECT 1 FROM contact_labels t
            WHERE t.target = l.target AND t.subject = l.subject AND t.label_key = l.label_key
        )
    ), (
        SELECT count(*) FROM contact_labels t WHERE t.target = :target AND t.label_key = :label AND NOT EXISTS (
            SELECT 1 FROM ledger l
            WHERE l.target = t.target AND l.label_key = t.label_key AND l.subject = t.subject
        )
    )
"""


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """What a label's carriers really were when everything was last compared.

    Attributes:
        missing: People who had it from us, are still there, and carry it no more: somebody took it away.
        foreign: People who carry it and not from us.
    """

    target: str
    label: str
    run: int
    at: Instant
    missing: int
    foreign: int


def measure(mirror: Mirror, label: OwnedLabel, run: int, at: Instant, *, audience: bool) -> Drift:
    """Compare who carries a label, as just read, with the ledger, and keep the result."""
    key = {"target": label.target, "label": fold(label.label)}
    missing, foreign = mirror.raw.execute(_OF_AUDIENCE if audience else _OF_STORE, key).fetchone()
    with mirror.transaction():
        mirror.raw.execute(
            "INSERT OR REPLACE INTO drift (target, label_key, label, run, at, missing, others) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (label.target, fold(label.label), label.label, run, at, missing, foreign),
        )
    return Drift(target=label.target, label=label.label, run=run, at=at, missing=missing, foreign=foreign)


def kept(mirror: Mirror) -> list[Drift]:
    """Return the last comparison of each label in our charge, where something differed."""
    query = (
        "SELECT d.target, d.label, d.run, d.at, d.missing, d.others FROM drift d "
        "JOIN labels l ON l.target = d.target AND l.label_key = d.label_key "
        "WHERE d.missing > 0 OR d.others > 0 ORDER BY d.target, d.label"
    )
    names = ("target", "label", "run", "at", "missing", "foreign")
    return [Drift(**dict(zip(names, row, strict=True))) for row in mirror.raw.execute(query)]
