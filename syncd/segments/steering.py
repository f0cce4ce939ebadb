"""Where SQLite is told which way to go.

Before a store was ever analysed, SQLite takes all orders (or lines) of a store for about as many as those of one
customer, and may read them all for every customer. These say the way instead of hoping for it: `Indexed` names the
index that a table is read by, `then` the order in which two tables are.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnClause, FromClause, Join, TableClause


class Indexed(TableClause):
    """A table that SQLite reads by one index, and no other way."""

    inherit_cache = True

    def __init__(self, name: str, index: str, *columns: ColumnClause[Any]) -> None:
        """Name the table, the index and the columns."""
        super().__init__(name, *columns)
        self.index = index


class _Then(Join):
    """A join that SQLite carries out from left to right."""

    inherit_cache = True


def then(left: FromClause, right: FromClause, on: ColumnElement[bool]) -> FromClause:
    """Return the join of two tables of which the left one is read first."""
    return _Then(left, right, on)


@compiles(Indexed, "sqlite")
def _indexed(table: Indexed, compiler: SQLCompiler, *, asfrom: bool = False, **more: Any) -> str:
    text = compiler.visit_table(table, asfrom=asfrom, **more)  # type: ignore[no-untyped-call]  # not typed there
    return f"{text} INDEXED BY {table.index}" if asfrom else str(text)


@compiles(_Then, "sqlite")
def _then(join: _Then, compiler: SQLCompiler, **more: Any) -> str:
    text = compiler.visit_join(join, **more)  # type: ignore[no-untyped-call]  # not typed there
    return str(text).replace(" JOIN ", " CROSS JOIN ", 1)
