"""The views of the mirror: what spreadsheets, Metabase and DuckDB read. They are a promise; the tables below are not.

A column may be added; one that is there keeps its name and its meaning. `docs/reports.md` lists them, and a test holds
that it does.
"""

from __future__ import annotations

from sqlite3 import Connection

from syncd.mirror.views import persons, shop, traces
from syncd.mirror.views.membership import INNER
from syncd.mirror.views.view import Column, View

VIEWS: tuple[View, ...] = (*shop.VIEWS, *persons.VIEWS, *traces.VIEWS)

__all__ = ["VIEWS", "Column", "View", "create", "drop"]


def create(raw: Connection) -> None:
    """Make all views anew. Belongs into a transaction of the caller's."""
    drop(raw)
    for statement in (*INNER.values(), *(view.statement for view in VIEWS)):
        raw.execute(statement)


def drop(raw: Connection) -> None:
    """Take all views away, those of an older syncd too; a step that alters a table below one begins with this."""
    found = raw.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()
    for (name,) in found:
        if name.startswith("v_") or name in INNER:
            raw.execute(f'DROP VIEW "{name}"')
