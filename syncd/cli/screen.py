"""What is shown: tables and colours on a terminal, plain lines elsewhere, one JSON document with `--json`.

Rich is imported only where there is a terminal: a pipe should not pay for colours.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, TextIO

import msgspec

INDENT = "  "
ROOMY = 110
"""Columns from which on a terminal is wide."""
_TURNING = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""What makes the rest of a line run the other way, words of ours included."""
_VISIBLE = dict.fromkeys((*range(9), *range(11, 32), *range(127, 160), *_TURNING), "�")
"""What a terminal would act upon, were it in somebody's name or in a service's words."""
_IN_A_CELL = {**_VISIBLE, ord("\t"): " ", ord("\n"): " ", ord("\r"): " "}
"""A row of a table is one line."""


class Cell(msgspec.Struct, frozen=True):
    """A text of a table with a style of its own (rich's words: `green`, `bold red`)."""

    text: str
    style: str = ""


class Column(msgspec.Struct, frozen=True):
    """A column of a table.

    Attributes:
        right: Whether its texts stand at the right, as numbers do.
        flexible: Whether it gives way where the terminal is narrow; the others keep their width.
    """

    name: str
    right: bool = False
    flexible: bool = False


class Table(msgspec.Struct, frozen=True):
    """Rows under headings; a cell is a text, or a text with its style."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str | Cell]]
    title: str = ""


class Screen:
    """Where a command's words go. Results on standard output, everything else on standard error."""

    def __init__(self, out: TextIO | None = None) -> None:
        """Write to standard output unless told otherwise."""
        self.out = out or sys.stdout
        self.terminal = self.out.isatty()
        self._console: Any = None

    @property
    def wide(self) -> bool:
        """Whether there is room for what is only good to have."""
        if not self.terminal:
            return True
        import shutil  # noqa: PLC0415  # likewise

        return shutil.get_terminal_size().columns >= ROOMY

    def say(self, text: str = "", style: str = "") -> None:
        """Print a line (or several)."""
        visible = text.translate(_VISIBLE)
        if self.terminal:
            self._rich().print(visible, style=style, markup=False, highlight=False)
        else:
            print(visible, file=self.out)

    def copyable(self, text: str) -> None:
        """Print lines that are to be pasted elsewhere: however narrow the terminal, none is broken."""
        visible = text.translate(_VISIBLE)
        if self.terminal:
            self._rich().print(visible, markup=False, highlight=False, soft_wrap=True)
        else:
            print(visible, file=self.out)

    def heading(self, text: str) -> None:
        """Print what the next lines are about."""
        self.say()
        self.say(text, "bold")

    def step(self, text: str, command: str) -> None:
        """Print what can be done next, and what to type for it."""
        if self.terminal:
            from rich.text import Text  # noqa: PLC0415  # see above

            self._rich().print(Text.assemble((f"{text}: ", ""), (command, "bold cyan")), soft_wrap=True)
        else:
            self.say(f"{text}: {command}")

    def table(self, table: Table) -> None:
        """Print a table; one without rows is not printed."""
        if not table.rows:
            return
        if table.title:
            self.heading(table.title)
        if self.terminal:
            self._rich().print(_rich_table(table))
        else:
            self.say("\n".join(_plain_lines(table)))

    def document(self, value: Any) -> None:
        """Print one JSON document: indented for people, on one line for programs."""
        text = msgspec.json.encode(value)
        if self.terminal:
            text = msgspec.json.format(text, indent=2)
        print(text.decode(), file=self.out)

    def rule(self, title: str) -> None:
        """Print a line across, with a title in it."""
        if self.terminal:
            self._rich().rule(f" {title} ", style="cyan", align="left")
        else:
            self.say(f"== {title} ==")

    def _rich(self) -> Any:
        if self._console is None:
            from rich.console import Console  # noqa: PLC0415  # see above

            self._console = Console(file=self.out)
        return self._console


def error_screen() -> Screen:
    """Return the screen for what is no result: questions, warnings, errors."""
    return Screen(sys.stderr)


def _rich_table(table: Table) -> Any:
    from rich import box  # noqa: PLC0415  # see above
    from rich.table import Table as RichTable  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    named = any(column.name for column in table.columns)
    drawn = RichTable(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        header_style="dim",
        show_edge=False,
        show_header=named,
        padding=(0, 1, 0, 0),
    )
    for column in table.columns:
        drawn.add_column(
            column.name,
            justify="right" if column.right else "left",
            no_wrap=not column.flexible,
            overflow="fold",
            ratio=1 if column.flexible and _wide(table, column) else None,
        )
    for row in table.rows:
        drawn.add_row(*(Text(_text(cell), style=_style(cell)) for cell in row))
    return drawn


def _wide(table: Table, column: Column) -> bool:
    at = list(table.columns).index(column)
    return max((len(_text(row[at])) for row in table.rows), default=0) > 40


def _plain_lines(table: Table) -> list[str]:
    names = [column.name for column in table.columns]
    rows = [*([names] if any(names) else []), *([_text(cell) for cell in row] for row in table.rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(table.columns))]
    return [
        INDENT.join(
            cell.rjust(width) if column.right else cell.ljust(width)
            for cell, width, column in zip(row, widths, table.columns, strict=True)
        ).rstrip()
        for row in rows
    ]


def _text(cell: str | Cell) -> str:
    return (cell if isinstance(cell, str) else cell.text).translate(_IN_A_CELL)


def _style(cell: str | Cell) -> str:
    return "" if isinstance(cell, str) else cell.style
