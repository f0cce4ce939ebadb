"""Where SQLite is told which way to go.

Before a store was ever analysed, SQLite takes all orders (or lines) of a store for about as many as those of one
customer, and may read them all for every customer. These say the way instead of hoping for it: `Indexed` names the
index that a table is read by, `then` the order in which two tables are.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ColumnClause, FromClause, Join, TableClause


class Indexed(TableClause):
    """A table that SQLite reads by one index, and no other way; under another name, for a second look at a table."""

    inherit_cache = True

    def __init__(self, name: str, index: str, *columns: ColumnClause[Any], of: str = "") -> None:
        """Name the table (`of`, where it goes by another name here), the index and the columns."""
        super().__init__(name, *columns)
        self.index = index
        self.of = of


class _Then(Join):
    """A join that SQLite carries out from left to right."""

    inherit_cache = True
    keyed = False


class _Keyed(_Then):
    """A join whose right table is read by its key, whatever index it names."""

    inherit_cache = True
    keyed = True


def then(left: FromClause, right: FromClause, on: ColumnElement[bool], *, keyed: bool = False) -> FromClause:
    """Return the join of two tables of which the left one is read first; the right one by its own key, if `keyed`."""
    return (_Keyed if keyed else _Then)(left, right, on)


def by_key(text: str, table: Indexed) -> str:
    """Return a written query that reads a table without ROWID by its key, instead of by the index it names."""
    return text.replace(
        f"{table.name} INDEXED BY {table.index}", f"{table.name} INDEXED BY sqlite_autoindex_{table.name}_1"
    )


@compiles(Indexed, "sqlite")
def _indexed(table: Indexed, compiler: SQLCompiler, *, asfrom: bool = False, keyed: bool = False, **more: Any) -> str:
    text = compiler.visit_table(table, asfrom=asfrom, **more)  # type: ignore[no-untyped-call]  # not typed there
    if not asfrom or keyed:
        return str(text)
    return f"{table.of} AS {text} INDEXED BY {table.index}" if table.of else f"{text} INDEXED BY {table.index}"


@compiles(_Then, "sqlite")
def _then(join: _Then, compiler: SQLCompiler, **more: Any) -> str:
    more["asfrom"] = True
    left = compiler.process(join.left, **more)
    right = compiler.process(join.right, **more, **({"keyed": True} if join.keyed else {}))
    del more["asfrom"]
    return f"{left} CROSS JOIN {right} ON {compiler.process(cast('ColumnElement[bool]', join.onclause), **more)}"
