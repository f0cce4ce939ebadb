"""Of whom something changed since labels were last planned: the pairs of label and subject that a plan looks at.

What is asked of all labels of a target at once costs one look at each subject, and not one for each label: most of whom
something changed are at rest with most labels, and only who is not goes on (`temp.pairs`). What stands first in a join
is read first (`CROSS JOIN`), so that the work follows what changed; see `syncd.mirror.touched`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import msgspec

from syncd.mirror import exclusions, touched
from syncd.mirror.database import Mirror
from syncd.mirror.touched import ERASED
from syncd.model import Kind, Wish, fold

_KINDS = frozenset({Kind.CUSTOMERS.value, "contacts", ERASED})
"""Kinds of which single changes may not be known, and that plans are made from."""
_TEMPORARY = (
    "CREATE TEMP TABLE IF NOT EXISTS pairs (label INTEGER, subject TEXT, PRIMARY KEY (label, subject)) WITHOUT ROWID",
    "CREATE TEMP TABLE IF NOT EXISTS planning (label INTEGER PRIMARY KEY, label_key TEXT UNIQUE, adopt INTEGER)",
    "CREATE TEMP TABLE IF NOT EXISTS wanted "
    "(store TEXT, shelf INTEGER, bit INTEGER, label INTEGER, PRIMARY KEY (store, shelf, bit, label)) WITHOUT ROWID",
)
_SHELVES = "(SELECT DISTINCT store, shelf FROM temp.wanted)"
_WANTED = "w.store = s.store AND w.shelf = s.shelf AND (k.mask >> w.bit) & 1"
_OF_STORE = f"""
    SELECT w.label, c.subject, 1 AS desired, 0 AS current, 0 AS owned, 0 AS barred
    FROM temp.candidates c CROSS JOIN {_SHELVES} s CROSS JOIN masks k CROSS JOIN temp.wanted w
    WHERE k.shelf = s.shelf AND k.customer_id = CAST(c.subject AS INTEGER) AND {_WANTED}
    UNION ALL
    SELECT l.label, c.subject, 0, 1, 0, 0
    FROM temp.candidates c CROSS JOIN customer_tags t CROSS JOIN temp.planning l
    WHERE t.store = :target AND t.customer_id = CAST(c.subject AS INTEGER) AND l.label_key = t.tag_key
"""
_OF_AUDIENCE = f"""
    SELECT w.label, c.subject, 1 AS desired, 0 AS current, 0 AS owned, 0 AS barred
    FROM temp.candidates c CROSS JOIN customers r INDEXED BY customers_email CROSS JOIN {_SHELVES} s
    CROSS JOIN masks k CROSS JOIN temp.wanted w
    WHERE r.email_key = c.subject AND s.store = r.store AND k.shelf = s.shelf AND k.customer_id = r.id AND {_WANTED}
    UNION ALL
    SELECT l.label, c.subject, 0, 1, 0, 0
    FROM temp.candidates c CROSS JOIN contact_labels t CROSS JOIN temp.planning l
    WHERE t.target = :target AND t.subject = c.subject AND l.label_key = t.label_key
"""
_OURS = """
    UNION ALL
    SELECT l.label, c.subject, 0, 0, 1, 0 FROM temp.candidates c CROSS JOIN temp.planning l CROSS JOIN ledger g
    WHERE g.target = :target AND g.label_key = l.label_key AND g.subject = c.subject
    UNION ALL
    SELECT l.label, c.subject, 0, 0, 0, 1 FROM temp.candidates c CROSS JOIN temp.planning l CROSS JOIN undone u
    WHERE u.target = :target AND u.label_key = l.label_key AND u.subject = c.subject
"""
_RESTLESS = (
    "max(barred) OR (NOT (max(desired) AND max(current) AND max(owned) AND NOT {excluded}) "
    "AND NOT (max(current) AND NOT max(owned) AND NOT (max(desired) AND l.adopt)))"
)
"""As `positions` has it; one pair too many does no harm."""
_KEPT = (
    "INSERT OR IGNORE INTO temp.pairs SELECT u.label, u.subject FROM temp.planning l CROSS JOIN unsettled u "
    "WHERE u.label = l.label",
    "INSERT OR IGNORE INTO temp.pairs SELECT o.label, o.subject FROM temp.candidates c CROSS JOIN left_out o "
    "CROSS JOIN temp.planning l WHERE o.target = :target AND o.subject = c.subject AND l.label = o.label",
)
_MOVED = "FROM moves m INDEXED BY moves_of_segment WHERE m.segment = ? AND m.store = ? AND m.run >= ?"
_MOVED_CUSTOMERS = f"INSERT OR IGNORE INTO temp.candidates SELECT CAST(m.customer_id AS TEXT) {_MOVED}"
_MOVED_ADDRESSES = (
    "INSERT OR IGNORE INTO temp.candidates SELECT c.email_key FROM (SELECT m.store, m.customer_id "
    f"{_MOVED}) AS n CROSS JOIN customers c WHERE c.store = n.store AND c.id = n.customer_id AND c.email_key NOT NULL"
)


class Follower(msgspec.Struct, frozen=True):
    """A label that is planned by what changed. `number` is that of its rows."""

    number: int
    wish: Wish


def begin(mirror: Mirror) -> None:
    """Make the tables that `gather_…` fills, or empty them."""
    touched.make_candidates(mirror)
    for statement in _TEMPORARY:
        mirror.raw.execute(statement)
    mirror.raw.execute("DELETE FROM temp.pairs")


def unknown(mirror: Mirror, owners: Iterable[str], since: int) -> bool:
    """Tell whether it cannot be told what changed at these stores and audiences since a generation."""
    return any(touched.kinds_touched(mirror, owner, since) & _KINDS for owner in owners)


def gather_of_store(mirror: Mirror, store: str, labels: Sequence[Follower], since: int, run: int) -> None:
    """Add to `temp.pairs` who may be restless with these tags of a store: touched since, moved in `run` or later."""
    _ask_for(mirror, labels, [store])
    touched.candidates_of_store(mirror, store, since)
    for it in labels:
        mirror.raw.execute(_MOVED_CUSTOMERS, (it.wish.segment, store, run))
    own = "r.store = :target AND r.id = CAST(subject AS INTEGER)"
    listed = f"EXISTS (SELECT 1 FROM customers r WHERE {own} AND {exclusions.covered('r.email_key')})"
    _narrow(mirror, store, _OF_STORE, listed)


def gather_of_audience(
    mirror: Mirror, target: str, stores: Collection[str], labels: Sequence[Follower], since: int, run: int
) -> None:
    """Add to `temp.pairs` who may be restless with these labels of an audience.

    `stores` are all that there are: what a refusal goes by is said in any of them.
    """
    _ask_for(mirror, labels, sorted({store for it in labels for store in it.wish.stores}))
    touched.candidates_of_audience(mirror, target, stores, since)
    for it in labels:
        for store in it.wish.stores:
            mirror.raw.execute(_MOVED_ADDRESSES, (it.wish.segment, store, run))
    _narrow(mirror, target, _OF_AUDIENCE, exclusions.covered("subject"))


def gather_opt_outs(mirror: Mirror, store: str, audience: str, label: Follower, since: int) -> None:
    """Add to `temp.pairs` the customers of a store whose unsubscribe in an audience may be news to the store."""
    _ask_for(mirror, [label], [])
    touched.candidates_of_audience(mirror, audience, [store], since)
    mirror.raw.execute(
        "INSERT OR IGNORE INTO temp.pairs SELECT ?, CAST(r.id AS TEXT) FROM temp.candidates c "
        "CROSS JOIN customers r INDEXED BY customers_email WHERE r.email_key = c.subject AND r.store = ?",
        (label.number, store),
    )
    mirror.raw.execute(_KEPT[0])


def among(mirror: Mirror, label: int) -> bool:
    """Tell whether anybody is to be looked at for a label."""
    return mirror.raw.execute("SELECT 1 FROM temp.pairs WHERE label = ? LIMIT 1", (label,)).fetchone() is not None


def _ask_for(mirror: Mirror, labels: Sequence[Follower], stores: Sequence[str]) -> None:
    """Say which labels are asked about, and which bit of a customer's masks wants each."""
    for table in ("candidates", "planning", "wanted"):
        mirror.raw.execute(f"DELETE FROM temp.{table}")
    mirror.raw.executemany(
        "INSERT INTO temp.planning VALUES (?, ?, ?)", ((it.number, fold(it.wish.label), it.wish.adopt) for it in labels)
    )
    mirror.raw.executemany(
        "INSERT OR IGNORE INTO temp.wanted SELECT store, shelf, bit, ? FROM segments WHERE segment = ? AND store = ?",
        (
            (it.number, it.wish.segment, store)
            for it in labels
            if not it.wish.withdrawn
            for store in stores
            if store in it.wish.stores
        ),
    )


def _narrow(mirror: Mirror, target: str, where: str, listed: str) -> None:
    """Carry over from the candidates who is not at rest, whoever was not, and whom a plan left out."""
    excluded = listed if exclusions.any_held(mirror) else "0"
    mirror.raw.execute(
        f"INSERT OR IGNORE INTO temp.pairs SELECT f.label, f.subject FROM ({where}{_OURS}) AS f "
        f"CROSS JOIN temp.planning l WHERE l.label = f.label GROUP BY f.label, f.subject "
        f"HAVING {_RESTLESS.format(excluded=excluded)}",
        {"target": target},
    )
    mirror.raw.execute(_KEPT[0])
    mirror.raw.execute(_KEPT[1], {"target": target})
