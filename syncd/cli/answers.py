"""How a report's answer is shown: as a table, as CSV or JSON on standard output, as a page or a Parquet file."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from syncd.cli import words
from syncd.cli.screen import Cell, Column, Screen, Table
from syncd.cli.session import Session
from syncd.cli.writing import written
from syncd.reports.arrows import DOWN, UP

if TYPE_CHECKING:
    from syncd.reports.answer import Answer, Plot
    from syncd.reports.answer import Column as Heading
    from syncd.reports.telling import Teller

MOST = 1_000
"""Rows of a table on a screen; the other forms have them all."""
_GIVE_WAY = ("ids", "day", "share", "days", "money", "units", "count", "text")
"""The kinds of columns that a narrow terminal leaves out, in this order; before them the place of before, which the
arrow tells."""
_GAP = 2
_ROOM, _ROOM_OF_NAMES = 24, 40
"""A longer text is put on several lines before a column is left out for it; so is one that says what a row is of."""
_STYLES = {UP: "green", DOWN: "red"}


class Form(msgspec.Struct, frozen=True):
    """In what form an answer is wanted; nothing set is a table.

    Attributes:
        csv: As comma-separated values on standard output.
        html: The file to write a page to, `-` for standard output.
        parquet: Likewise for Parquet.
    """

    csv: bool = False
    html: str | None = None
    parquet: str | None = None


def form(session: Session, *, csv: bool, html: str | None, parquet: str | None) -> Form:
    """Return the form that was asked for.

    Raises:
        UsageError: More than one was; the rows are read once.
    """
    from syncd.cli.failing import UsageError  # noqa: PLC0415  # only when asked

    asked = {"--json": session.json, "--csv": csv, "--html": html is not None, "--parquet": parquet is not None}
    named = [option for option, is_set in asked.items() if is_set]
    if len(named) > 1:
        raise UsageError(f"a report takes one form at a time, not {words.listed(named)}", hint="ask for each by itself")
    return Form(csv, html, parquet)


def show(session: Session, answer: Answer, wanted: Form, timezones: Iterable[str]) -> None:
    """Show an answer while the mirror is open.

    Args:
        session: With `--json`, the answer is one document.
        answer: The answer.
        wanted: Its form.
        timezones: The zones of the stores looked at: numbers are written as in their country.

    Raises:
        FatalError: A file cannot be written, or pyarrow is missing.
    """
    from syncd.reports import columnar, document, page, sheet  # noqa: PLC0415  # heavy
    from syncd.reports.locales import locale_of  # noqa: PLC0415

    if session.json:
        document.write(answer, session.screen.out, apart=session.screen.terminal)
    elif wanted.csv:
        sheet.write(answer, session.screen.out)
    elif wanted.html is not None:
        locale = locale_of(timezones)
        with written(wanted.html) as file:
            file.writelines(line.encode() for line in page.lines(answer, locale))
    elif wanted.parquet is not None:
        with written(wanted.parquet) as file:
            columnar.write(answer, file)
    else:
        _show(session.screen, answer, locale_of(timezones))


def _show(screen: Screen, answer: Answer, locale: str) -> None:
    from syncd.reports.telling import Teller, circumstances  # noqa: PLC0415  # heavy

    tell = Teller(locale, answer.currency)
    rows = [tell.row(row, answer.columns) for row in islice(answer.rows, MOST)]
    screen.say(answer.title, "bold")
    screen.say(circumstances(answer), "dim")
    screen.say()
    if rows:
        below = _table(screen, answer, rows, tell)
    else:
        screen.say(answer.empty)
        below = []
    if rows and (below or answer.notes):
        screen.say()
    for line in below:
        screen.say(line, "dim")
    for note in answer.notes:
        screen.say(note, "yellow")


def _table(screen: Screen, answer: Answer, rows: list[list[str]], tell: Teller) -> list[str]:
    """Print the table, and return what is to be said below it."""
    from syncd.reports.telling import at_the_right  # noqa: PLC0415  # heavy

    totals = tell.totals(answer)
    everything = [*rows, totals] if totals else rows
    kept = _kept(screen, answer, everything)
    columns = [answer.columns[at] for at in kept]
    cells: list[list[str | Cell]] = [[Cell(row[at], _STYLES.get(row[at][:1], "")) for at in kept] for row in rows]
    if totals:
        cells.append([Cell(totals[at], "bold") for at in kept])
    screen.table(Table([Column(it.title, right=at_the_right(it), flexible=it.kind == "text") for it in columns], cells))
    return list(_unseen(answer, len(rows), [it.title for at, it in enumerate(answer.columns) if at not in kept], tell))


def _unseen(answer: Answer, rows: int, left_out: list[str], tell: Teller) -> Iterator[str]:
    if rows < answer.size:
        more = "the totals are of all; " if answer.totals else ""
        yield f"{tell.value(rows, 'count')} of {tell.value(answer.size, 'count')} rows; {more}--limit shows more"
    if left_out:
        yield f"Left out on a narrow screen: {words.listed(left_out)} (--csv and --html have all)"


def _kept(screen: Screen, answer: Answer, rows: Sequence[Sequence[str]]) -> list[int]:
    """Return which columns fit: a narrow terminal leaves out first what matters least, never what the rows are by."""
    kept = list(range(len(answer.columns)))
    if not screen.terminal:
        return kept
    room = shutil.get_terminal_size().columns
    widths = [
        min(max(len(it.title), *(len(row[at]) for row in rows)), _most(it, answer.plot))
        for at, it in enumerate(answer.columns)
    ]
    for at in _in_order_of_leaving(answer.columns, answer.plot):
        if sum(widths[it] + _GAP for it in kept) - _GAP <= room:
            break
        kept.remove(at)
    return kept


def _in_order_of_leaving(columns: Sequence[Heading], plot: Plot | None) -> list[int]:
    """Return the columns that may be left out, those of a grid before all others, from its end."""
    grid = plot.values if plot and plot.shape == "grid" else ()
    dear = {"rank", *((plot.along, *plot.values) if plot else ())}
    leaving = [at for at, it in enumerate(columns) if it.name not in dear]
    leaving.sort(key=lambda at: (columns[at].name != "before", _GIVE_WAY.index(columns[at].kind)))
    return [at for at, it in enumerate(columns) if it.name in grid][:0:-1] + leaving


def _most(column: Heading, plot: Plot | None) -> int:
    """Return how much room a column may ask for; only texts can be broken."""
    if column.kind != "text":
        return sys.maxsize
    return _ROOM_OF_NAMES if plot is not None and column.name == plot.along else _ROOM
