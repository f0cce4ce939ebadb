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
_AT_ONCE = 62
"""Labels that are asked about together: a flag of one whole number each."""
_TEMPORARY = (
    "CREATE TEMP TABLE IF NOT EXISTS pairs (label INTEGER, subject TEXT, PRIMARY KEY (label, subject)) WITHOUT ROWID",
    "CREATE TEMP TABLE IF NOT EXISTS planning (label INTEGER PRIMARY KEY, label_key TEXT UNIQUE, flag INTEGER)",
    "CREATE TEMP TABLE IF NOT EXISTS wanted "
    "(store TEXT, shelf INTEGER, bit INTEGER, flag INTEGER, PRIMARY KEY (store, shelf, bit, flag)) WITHOUT ROWID",
    "CREATE TEMP TABLE IF NOT EXISTS shelves (store TEXT, shelf INTEGER, PRIMARY KEY (store, shelf)) WITHOUT ROWID",
)
_WANTED = "w.store = s.store AND w.shelf = s.shelf AND (k.mask >> w.bit) & 1"
_OF_STORE = f"""
    SELECT c.*, coalesce((
        SELECT sum(w.flag) FROM temp.shelves s CROSS JOIN masks k CROSS JOIN temp.wanted w
        WHERE k.shelf = s.shelf AND k.customer_id = CAST(c.subject AS INTEGER) AND {_WANTED}
    ), 0) AS desired, coalesce((
        SELECT sum(l.flag) FROM customer_tags t CROSS JOIN temp.planning l
        WHERE t.store = :target AND t.customer_id = CAST(c.subject AS INTEGER) AND l.label_key = t.tag_key
    ), 0) AS current FROM temp.candidates c
"""
_OF_AUDIENCE = f"""
    SELECT c.*, coalesce((
        SELECT sum(DISTINCT w.flag) FROM customers r INDEXED BY customers_email CROSS JOIN temp.shelves s
        CROSS JOIN masks k CROSS JOIN temp.wanted w
        WHERE r.email_key = c.subject AND s.store = r.store AND k.shelf = s.shelf AND k.customer_id = r.id AND {_WANTED}
    ), 0) AS desired, coalesce((
        SELECT sum(l.flag) FROM contact_labels t CROSS JOIN temp.planning l
        WHERE t.target = :target AND t.subject = c.subject AND l.label_key = t.label_key
    ), 0) AS current FROM temp.candidates c
"""
_RESTLESS = """
    WITH q AS MATERIALIZED ({of}), p AS MATERIALIZED (
        SELECT q.*, coalesce(CASE WHEN q.unsure THEN (
            SELECT sum(l.flag) FROM temp.planning l CROSS JOIN ledger g
            WHERE l.flag & q.unsure AND g.target = :target AND g.label_key = l.label_key AND g.subject = q.subject
        ) END, 0) AS owned, {excluded} AS excluded FROM (
            SELECT *, (~desired & (current | apart)) | (current & :adopt) AS unsure FROM q LIMIT -1
        ) AS q
    ), r AS MATERIALIZED (
        SELECT subject, (desired & ~current) | (owned & ~desired) | (desired & current & ~owned & :adopt)
            | CASE WHEN excluded THEN desired ELSE 0 END AS flags FROM p
    )
    INSERT OR IGNORE INTO temp.pairs
    SELECT l.label, r.subject FROM r CROSS JOIN temp.planning l WHERE r.flags AND r.flags & l.flag
"""
"""Who is restless, as `positions` has it, a flag a label. Whether a label is ours only matters where it is not wanted
or may be adopted; and where it is not there either, then only of those who moved, which are pairs by themselves, and of
those of whom more changed (`touched.make_candidates`): else a pair that was at rest would have to be wanted still."""
_BARRED = (
    "INSERT OR IGNORE INTO temp.pairs SELECT l.label, c.subject FROM temp.planning l CROSS JOIN undone u "
    "CROSS JOIN temp.candidates c WHERE u.target = :target AND u.label_key = l.label_key AND c.subject = u.subject"
)
_KEPT = (
    "INSERT OR IGNORE INTO temp.pairs SELECT u.label, u.subject FROM temp.planning l CROSS JOIN unsettled u "
    "WHERE u.label = l.label",
    "INSERT OR IGNORE INTO temp.pairs SELECT o.label, o.subject FROM temp.candidates c CROSS JOIN left_out o "
    "CROSS JOIN temp.planning l WHERE o.target = :target AND o.subject = c.subject AND l.label = o.label",
)
_MOVED = "FROM moves m INDEXED BY moves_of_segment WHERE m.segment = ? AND m.store = ? AND m.run >= ?"
_MOVED_CUSTOMERS = f"INSERT OR IGNORE INTO temp.pairs SELECT ?, CAST(m.customer_id AS TEXT) {_MOVED}"
_MOVED_ADDRESSES = (
    "INSERT OR IGNORE INTO temp.pairs SELECT ?, c.email_key FROM (SELECT m.store, m.customer_id "
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
    mirror.raw.execute("DELETE FROM temp.candidates")
    touched.candidates_of_store(mirror, store, since)
    for it in labels:
        mirror.raw.execute(_MOVED_CUSTOMERS, (it.number, it.wish.segment, store, run))
    own = "r.store = :target AND r.id = CAST(q.subject AS INTEGER)"
    listed = f"EXISTS (SELECT 1 FROM customers r WHERE {own} AND {exclusions.covered('r.email_key')})"
    _narrow(mirror, store, labels, _OF_STORE, listed)


def gather_of_audience(
    mirror: Mirror, target: str, stores: Collection[str], labels: Sequence[Follower], since: int, run: int
) -> None:
    """Add to `temp.pairs` who may be restless with these labels of an audience.

    `stores` are all that there are: what a refusal goes by is said in any of them.
    """
    mirror.raw.execute("DELETE FROM temp.candidates")
    touched.candidates_of_audience(mirror, target, stores, since)
    for it in labels:
        for store in it.wish.stores:
            mirror.raw.execute(_MOVED_ADDRESSES, (it.number, it.wish.segment, store, run))
    _narrow(mirror, target, labels, _OF_AUDIENCE, exclusions.covered("q.subject"))


def gather_opt_outs(mirror: Mirror, store: str, audience: str, label: Follower, since: int) -> None:
    """Add to `temp.pairs` the customers of a store whose unsubscribe in an audience may be news to the store."""
    _ask_for(mirror, [label])
    mirror.raw.execute("DELETE FROM temp.candidates")
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


def _narrow(mirror: Mirror, target: str, labels: Sequence[Follower], of: str, listed: str) -> None:
    """Carry over from the candidates who is not at rest, whoever was not, and whom a plan left out."""
    excluded = listed if exclusions.any_held(mirror) else "0"
    for start in range(0, len(labels), _AT_ONCE):
        adopt = _ask_for(mirror, labels[start : start + _AT_ONCE])
        mirror.raw.execute(_RESTLESS.format(of=of, excluded=excluded), {"target": target, "adopt": adopt})
        mirror.raw.execute(_BARRED, {"target": target})
        mirror.raw.execute(_KEPT[0])
        mirror.raw.execute(_KEPT[1], {"target": target})


def _ask_for(mirror: Mirror, labels: Sequence[Follower]) -> int:
    """Say which labels are asked about, with a flag for each, and which bit of a customer's masks wants it.

    Returns:
        The flags of those that adopt what is there already.
    """
    for table in ("planning", "wanted", "shelves"):
        mirror.raw.execute(f"DELETE FROM temp.{table}")
    flagged = [(1 << place, it) for place, it in enumerate(labels)]
    mirror.raw.executemany(
        "INSERT INTO temp.planning VALUES (?, ?, ?)",
        ((it.number, fold(it.wish.label), flag) for flag, it in flagged),
    )
    mirror.raw.executemany(
        "INSERT OR IGNORE INTO temp.wanted SELECT store, shelf, bit, ? FROM segments WHERE segment = ? AND store = ?",
        ((flag, it.wish.segment, store) for flag, it in flagged if not it.wish.withdrawn for store in it.wish.stores),
    )
    mirror.raw.execute("INSERT INTO temp.shelves SELECT DISTINCT store, shelf FROM temp.wanted")
    return sum(flag for flag, it in flagged if it.wish.adopt)
