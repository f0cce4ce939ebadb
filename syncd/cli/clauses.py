"""A rule's clauses with what came of them, in the rule's own shape."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from syncd.cli.screen import INDENT, Cell, Column, Table

if TYPE_CHECKING:
    from syncd.segments.reasons import Reason

_GROUPS = {"all of": "all of these:", "any of": "at least one of these:", "not": "not:"}


def clause_table(reason: Reason, *, indent: int = 0) -> Table:
    """Return the clauses under their connectors, each with its mark and the value that decided it.

    Where some decide and others do not, those that do have an arrow and the others are dim. `indent` counts spaces.
    """
    told = not all(clause.decides for clause in reason.clauses())
    margin = " " * indent
    rows = [(_put(margin, row[0] if told else ""), *row[1:]) for row in _rows(reason, "", told=told)]
    columns = (Column(""), Column(""), Column("", flexible=True), Column("", flexible=True))
    return Table(columns, rows) if told or margin else Table(columns[1:], [row[1:] for row in rows])


def _put(margin: str, cell: str | Cell) -> str | Cell:
    return margin + cell if isinstance(cell, str) else Cell(margin + cell.text, cell.style)


def mark(*, holds: bool) -> str:
    """Return the sign of yes or no; a word where the output cannot show signs."""
    signs = ("✓", "✗") if (sys.stdout.encoding or "").lower().startswith("utf") else ("yes", "no")
    return signs[0] if holds else signs[1]


def _rows(reason: Reason, indent: str, *, told: bool) -> Iterator[tuple[str | Cell, ...]]:
    dim = "" if reason.decides else "dim"
    sign = Cell(mark(holds=reason.holds), dim or ("green" if reason.holds else "red"))
    arrow = Cell("→", "bold") if told and reason.decides and not reason.parts else ""
    text = _GROUPS.get(reason.text, reason.text) if reason.parts else reason.text
    yield arrow, sign, Cell(indent + text, dim or ("" if reason.parts else "bold")), Cell(reason.value, dim or "cyan")
    for part in reason.parts:
        yield from _rows(part, indent + INDENT, told=told)
