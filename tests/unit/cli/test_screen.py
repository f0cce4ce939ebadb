"""What is shown where nobody watches, and what is never shown."""

from __future__ import annotations

import io
import json

import pytest

from syncd.cli.screen import Cell, Column, Screen, Table


class Terminal(io.StringIO):
    """Somebody looks at it."""

    def isatty(self) -> bool:
        return True


def _shown(table: Table) -> list[str]:
    out = io.StringIO()
    Screen(out).table(table)
    return out.getvalue().splitlines()


def test_a_table_is_aligned_without_a_line_or_a_colour() -> None:
    table = Table((Column("who"), Column("orders", right=True)), [("anna", "1,200"), (Cell("bo", "red"), "7")])
    assert _shown(table) == ["who   orders", "anna   1,200", "bo         7"]


def test_a_table_without_headings_has_none() -> None:
    assert _shown(Table((Column(""), Column("")), [("+", "anna")])) == ["+  anna"]


def test_a_table_without_rows_is_not_shown() -> None:
    assert _shown(Table((Column("who"),), [], "Nobody")) == []


def test_a_title_stands_above_with_an_empty_line_before_it() -> None:
    assert _shown(Table((Column("who"),), [("anna",)], "People")) == ["", "People", "who", "anna"]


def test_what_a_terminal_would_act_upon_is_made_visible() -> None:
    out = io.StringIO()
    Screen(out).say("clear \x1b[2J the screen\x07\nnext line\ttab")
    assert out.getvalue() == "clear �[2J the screen�\nnext line\ttab\n"
    assert _shown(Table((Column(""),), [("\x9b2J",)])) == ["�2J"]


def test_nobodys_name_turns_the_rest_of_a_line_around() -> None:
    assert _shown(Table((Column(""), Column("")), [("\u202egnp.exe", "ok"), ("אבג", "ok")])) == [
        "�gnp.exe  ok",
        "אבג       ok",
    ]


def test_a_row_of_a_table_is_one_line() -> None:
    assert _shown(Table((Column(""), Column("")), [("a\nb\r\n\tc", "ok")])) == ["a b   c  ok"]


def test_what_is_to_be_pasted_is_not_broken_into_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    line = f'title = "{"word [red] " * 30}"'
    terminal = Terminal()
    Screen(terminal).copyable(line)
    assert terminal.getvalue() == f"{line}\n"


def test_a_document_is_one_line_for_programs() -> None:
    out = io.StringIO()
    Screen(out).document({"ok": True, "name": "é\x1b"})
    assert out.getvalue().count("\n") == 1
    assert json.loads(out.getvalue()) == {"ok": True, "name": "é\x1b"}


def test_the_next_step_names_what_to_type() -> None:
    out = io.StringIO()
    Screen(out).step("Look", "syncd plan")
    assert out.getvalue() == "Look: syncd plan\n"
