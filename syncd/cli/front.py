"""What is asked for most, answered without typer, which takes longer to load than the answer: help, and `status`.

Whatever is typed in any other way goes to typer, which also says what is wrong with it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from syncd.cli import handing
from syncd.cli.commands import PANELS
from syncd.cli.screen import Column, Screen, Table
from syncd.cli.session import Session
from syncd.control import HANDED

ABOUT = "Keep the tags of a store and of its mailing lists in step with segments written in one TOML file."
OPTIONS = {
    "--config FILE": "The settings file; else $SYNCD_CONFIG, ./syncd.toml, /etc/syncd/syncd.toml.",
    "--json": "Print one JSON document; logs go to standard error.",
    "--verbose, --debug, -v": "Log what happens, and show where an error came from.",
    "--version": "Print the version.",
    "--install-completion": "Install completion for the current shell.",
    "--show-completion": "Show completion for the current shell, to copy it or customize the installation.",
    "--help, -h": "Show this message and exit.",
}


def answered(typed: Sequence[str]) -> int | None:
    """Answer some words and return the exit code; None where typer is to.

    Raises:
        SyncdError: As the command does.
    """
    if list(typed) in (["--help"], ["-h"]):
        _help(Screen())
        return 0
    if HANDED in os.environ:
        return None
    return _status(typed)


def _help(screen: Screen) -> None:
    screen.say("Usage: syncd [OPTIONS] COMMAND [ARGS]...")
    screen.say()
    screen.say(ABOUT)
    screen.table(_table("Options", OPTIONS))
    for panel, commands in PANELS.items():
        screen.table(_table(panel, {name: command.line for name, command in commands.items()}))
    screen.say()
    screen.step("Read about one of them", "syncd COMMAND --help")


def _table(title: str, rows: dict[str, str]) -> Table:
    return Table((Column(""), Column("", flexible=True)), list(rows.items()), title)


def _status(typed: Sequence[str]) -> int | None:
    """Answer `status` with nothing but `--json` and `--config FILE`."""
    words = list(typed)
    config = None
    if "--config" in words[:-1]:
        at = words.index("--config")
        config = words[at + 1]
        del words[at : at + 2]
    if sorted(words) not in (["status"], ["--json", "status"]) or config == "":
        return None
    from syncd.cli.status import status  # noqa: PLC0415  # its own

    code = handing.elsewhere(config, "status", {})
    return status(Session(config, json="--json" in words)) if code is None else code
