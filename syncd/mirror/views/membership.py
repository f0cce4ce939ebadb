"""Membership as rows, over the masks that it is kept as: views for our own statements, not for spreadsheets.

By store and customer a row is found through the few segments of the table; the members of one segment are found in one
scan of its shelf. CROSS JOIN keeps SQLite from reading a shelf first.
"""

from __future__ import annotations

_SINCE = """coalesce(
    (SELECT e.at FROM moves AS e INDEXED BY moves_of_customer
     WHERE e.store = s.store AND e.customer_id = k.customer_id AND e.segment = s.segment AND e.entered
     AND e.run >= s.began_run ORDER BY e.id DESC LIMIT 1),
    s.began)"""
"""Of who was in a segment from its first evaluation on no entering is written."""

MEMBERS = f"""CREATE VIEW members AS
SELECT s.segment, s.store, k.customer_id, s.shelf, {_SINCE} AS since
FROM segments AS s CROSS JOIN masks AS k WHERE k.shelf = s.shelf AND (k.mask >> s.bit) & 1"""

_FIRST = """NOT EXISTS (
    SELECT 1 FROM moves AS e INDEXED BY moves_of_customer
    WHERE e.store = m.store AND e.customer_id = m.customer_id AND e.segment = m.segment
    AND e.run >= b.run AND e.id < m.id
)"""
_LIFE = "SELECT max(x.run) FROM beginnings AS x WHERE x.segment = m.segment AND x.store = m.store AND x.run <= m.run"

FROM_THE_BEGINNING = f"""
SELECT b.run, b.at, m.segment, m.store, m.customer_id, 1 AS entered, 0 AS id
FROM moves AS m CROSS JOIN beginnings AS b
WHERE b.segment = m.segment AND b.store = m.store AND b.run = ({_LIFE})
AND NOT m.entered AND m.customer_id != 0 AND {_FIRST}
UNION ALL
SELECT b.run, b.at, s.segment, s.store, k.customer_id, 1, 0
FROM segments AS s CROSS JOIN beginnings AS b CROSS JOIN masks AS k
WHERE b.segment = s.segment AND b.store = s.store AND b.run = s.began_run
AND k.shelf = s.shelf AND (k.mask >> s.bit) & 1 AND NOT EXISTS (
    SELECT 1 FROM moves AS e INDEXED BY moves_of_customer
    WHERE e.store = s.store AND e.customer_id = k.customer_id AND e.segment = s.segment
    AND e.run >= s.began_run
)"""
"""Who was in a segment from its first evaluation on: who has left it since without an entering, and who has not moved.
Customer 0 stands for everybody who was erased."""

MOVEMENTS = f"""CREATE VIEW movements AS
SELECT run, at, segment, store, customer_id, entered, id FROM moves
UNION ALL{FROM_THE_BEGINNING}"""
"""Every entering and leaving, those of first evaluations too; in order by run and id."""

INNER = {"members": MEMBERS, "movements": MOVEMENTS}
"""Each view by its name."""
