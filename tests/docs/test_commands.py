"""docs/commands.md names every command and every option, and none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from syncd.cli import failing
from syncd.cli.app import app

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
COMMON = {"--config", "--json", "--verbose", "--debug", "-v", "--help", "-h"}
GROUP = typer.main.get_command(app)
REPORTS = {f"report {name}": it for name, it in GROUP.commands["report"].commands.items()}  # type: ignore[attr-defined]
COMMANDS = {name: it for name, it in GROUP.commands.items() if name != "report"} | REPORTS  # type: ignore[attr-defined]


def _section(title: str) -> str:
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def _options(text: str) -> set[str]:
    """Return the options that a table documents: those in its first column."""
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", cell)}


def _has(command: str) -> set[str]:
    return {name for option in COMMANDS[command].params for name in option.opts if name.startswith("-")} - COMMON


def _of_all_reports() -> set[str]:
    return set.intersection(*(_has(report) for report in REPORTS))


def test_every_command_has_its_section_and_no_other_is_there() -> None:
    assert sorted(re.findall(r"^## syncd (.+)$", TEXT, re.MULTILINE)) == sorted([*COMMANDS, "report"])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_a_command_is_documented_and_no_other(command: str) -> None:
    elsewhere = _of_all_reports() if command in REPORTS else set()
    assert _options(_section(f"syncd {command}")) == _has(command) - elsewhere


def test_the_options_of_all_reports_are_documented_once() -> None:
    assert _options(_section("syncd report")) == _of_all_reports()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_argument_of_a_command_is_documented(command: str) -> None:
    for argument in COMMANDS[command].params:
        if argument.param_type_name == "argument":
            name = re.escape(argument.metavar.strip("[]."))
            assert re.search(rf"`syncd {command} ([A-Z]+ )*{name}\b", _section(f"syncd {command}"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_the_common_options(command: str) -> None:
    found = {name for option in COMMANDS[command].params for name in option.opts}
    assert COMMON - {"--help", "-h"} <= found


def test_the_common_options_are_documented() -> None:
    common = TEXT.partition("\n## What all have in common\n")[2].partition("\n## ")[0]
    assert _options(common) == COMMON
    for option in GROUP.params:
        assert f"{option.opts[0]}" in TEXT


def test_every_exit_code_is_documented() -> None:
    table = {int(code) for line in re.findall(r"^\| ([\d, ]+) \|", TEXT, re.MULTILINE) for code in line.split(",")}
    codes = {value for name, value in vars(failing).items() if name.isupper() and isinstance(value, int)}
    assert table == codes
