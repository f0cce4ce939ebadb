"""What is answered without typer, and that it is what typer would answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from syncd.cli import front
from syncd.cli.app import app
from syncd.cli.commands import COMMANDS, PANELS, named
from tests.support.household import MANY, Household

GROUP: Any = typer.main.get_command(app)
HEAVY = (
    *("alembic", "apscheduler", "lark", "mailchimp_marketing", "pydantic", "requests", "rich", "shopify"),
    *("sqlalchemy", "sqlmodel", "structlog", "typer", "urllib3"),
)
LOADED = f"""
import sys
sys.argv = ["syncd", *sys.argv[1:]]
from syncd.cli import main
code = main()
print([name for name in {HEAVY!r} if name in sys.modules], code, file=sys.stderr)
"""


def loaded(folder: Path, *typed: str) -> str:
    """Return which heavy packages a command loads, and its exit code."""
    ended = subprocess.run([sys.executable, "-c", LOADED, *typed], cwd=folder, capture_output=True, check=True)
    return ended.stderr.decode().strip()


@pytest.fixture
def synced(tmp_path: Path) -> Household:
    house = Household(tmp_path, MANY)
    settings = house.settings
    (tmp_path / "syncd.toml").chmod(0o600)
    house.run()
    house.mirror.close()
    assert settings.digest
    return house


def test_every_command_stands_in_the_help_with_the_line_that_it_has_itself() -> None:
    lines = {name: " ".join((it.help or "").split("\n\n")[0].split()) for name, it in GROUP.commands.items()}
    assert {name: it.line for name, it in COMMANDS.items()} == lines
    assert {name: panel for panel, names in PANELS.items() for name in names} == {
        name: it.rich_help_panel for name, it in GROUP.commands.items()
    }


def test_the_help_names_every_option_of_the_whole() -> None:
    words = {word for text in front.OPTIONS for word in text.replace(",", "").split() if word.startswith("-")}
    assert words == {name for option in GROUP.params for name in option.opts} | {"--help", "-h"}
    assert GROUP.help.strip() == front.ABOUT


@pytest.mark.parametrize("typed", [["--help"], ["-h"]])
def test_help_shows_every_command(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert front.answered(typed) == 0
    shown = capsys.readouterr().out
    assert all(f"\n{name} " in shown and it.line in shown for name, it in COMMANDS.items())


@pytest.mark.parametrize(
    "typed",
    [
        [],
        ["sync", "--help"],
        ["status", "--help"],
        ["status", "--verbose"],
        ["status", "status"],
        ["--config"],
        ["status", "--config"],
        ["status", "--config", ""],
        ["status", "--jsn"],
        ["--json"],
        ["segments"],
    ],
)
def test_what_is_not_plain_is_left_to_typer(typed: list[str]) -> None:
    assert front.answered(typed) is None


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        (["sync", "--yes"], "sync"),
        (["--config", "status", "sync"], "sync"),
        (["--json", "status"], "status"),
        (["report", "segments"], "report"),
        (["--config=x", "plan"], "plan"),
        (["plann"], None),
        (["--config"], None),
        ([], None),
    ],
)
def test_the_command_that_words_name(typed: list[str], name: str | None) -> None:
    assert named(typed) == name


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    assert loaded(tmp_path, "--help") == "[] 0"


@pytest.mark.parametrize("typed", [("status",), ("status", "--json"), ("--config", "syncd.toml", "status")])
def test_status_loads_nothing_heavy_once_something_was_synced(synced: Household, typed: tuple[str, ...]) -> None:
    assert loaded(synced.folder, *typed).startswith("[] ")


def test_status_reads_the_settings_where_they_changed_since(synced: Household) -> None:
    file = synced.folder / "syncd.toml"
    file.write_text(file.read_text() + "\n[segments.other]\nquery = 'nonsense'\n")
    ended = subprocess.run(
        [sys.executable, "-m", "syncd.cli", "status"], cwd=synced.folder, capture_output=True, check=False
    )
    assert ended.returncode == 2
