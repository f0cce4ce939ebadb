"""Expressions over the mirror as SQL text: pieces that are written one by one, and put together by hand.

All values are bound, by number; equal ones share a number. So SQLite sees that two aggregates are the same one, and
works it out once.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from sqlalchemy import ClauseElement, ColumnElement, Select, select
from sqlalchemy.dialects import sqlite

from syncd.segments.schema import customers

_DIALECT = sqlite.dialect(paramstyle="named")
_NAMED = re.compile(r":([A-Za-z_]\w*)")
_AROUND = select(customers.c.id).select_from(customers)


class Statement(msgspec.Struct, frozen=True):
    """A statement ready to be carried out: `?1` stands for the first value."""

    text: str
    values: tuple[Any, ...]


class Writer:
    """Writes the pieces of one statement."""

    def __init__(self) -> None:
        """Begin without values."""
        self._numbers: dict[tuple[type, Any], int] = {}

    def value(self, it: Any) -> str:
        """Return what stands for a value."""
        return f"?{self._numbers.setdefault((type(it), it), len(self._numbers) + 1)}"

    def clause(self, it: ColumnElement[Any]) -> str:
        """Return an expression over the table `customers`."""
        around = _AROUND.with_only_columns(it.label("it")).select_from(customers)
        text = self._written(around)
        return text[len("SELECT ") : text.rindex(" AS it ")]

    def query(self, it: Select[Any]) -> str:
        """Return a query that stands by itself."""
        return self._written(it)

    def done(self, text: str) -> Statement:
        """Return the statement that the pieces were written for."""
        return Statement(text, tuple(value for _, value in self._numbers))

    def _written(self, it: Select[Any]) -> str:
        compiled = it.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
        values = compiled.params
        return _NAMED.sub(lambda name: self.value(values[name[1]]), str(compiled))


def key(it: ClauseElement) -> str:
    """Return what is the same for two expressions that say the same."""
    compiled = it.compile(dialect=_DIALECT)
    return f"{compiled} {compiled.params}"
