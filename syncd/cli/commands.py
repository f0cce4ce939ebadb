"""All commands by name: which panel of the help they stand in, where they are, and their line of it.

Only what is typed is loaded, so that each command costs what it needs and no more. A test holds each line true.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any, NamedTuple


class Command(NamedTuple):
    """A command: its module below `syncd.cli`, the function in it, and what it does in one sentence."""

    module: str
    act: str
    line: str

    def load(self) -> Any:
        """Return the function, or, of a group of commands, the group."""
        return getattr(import_module(f"syncd.cli.{self.module}"), self.act)


PANELS: dict[str, dict[str, Command]] = {
    "Set up": {
        "init": Command("init", "init", "Write a commented settings file to begin with."),
        "check": Command("check", "check", "Check the settings, and ask each service whether the keys fit."),
        "test": Command(
            "test", "test", "Check that the people described in [[tests]] are in the segments they should be in."
        ),
        "import-segments": Command(
            "import_segments",
            "import_segments",
            "Print the store's own saved segments as tables for the settings file.",
        ),
    },
    "Every day": {
        "plan": Command("plan", "plan", "Show what a sync would change, and why; change nothing."),
        "sync": Command("sync", "sync", "Bring tags and audiences up to date."),
        "approve": Command(
            "approve", "approve", "Release what a run held, or what `syncd undo` keeps undone; the next sync does it."
        ),
        "undo": Command("undo", "undo", "Put tags back as they were before a run."),
        "run": Command("run", "run", "Keep everything up to date until stopped: the daemon."),
    },
    "Look": {
        "status": Command("status", "status", "Show how old everything is, what failed, and what waits for you."),
        "segments": Command(
            "segments",
            "segments",
            "List the segments: how many are in each, who came and went in the last run, where it is written.",
        ),
        "members": Command("members", "members", "Show who is in a segment, as of its last evaluation."),
        "show": Command(
            "show",
            "show",
            "Show somebody: orders and totals, segments, tags, consent in stores and audiences, the last changes.",
        ),
        "explain": Command(
            "explain",
            "explain",
            "Show why somebody is in a segment or not, clause by clause, and when time alone will change it.",
        ),
        "history": Command(
            "history",
            "history",
            "Show every entering and leaving of somebody, every tag that was written to them, and every change of "
            "consent.",
        ),
        "runs": Command(
            "runs",
            "runs",
            "List the last runs, or show one in full: what was read, who moved, every change and its answer.",
        ),
        "verify": Command(
            "verify", "verify", "Compare our members with the store's own answer to the same query, person by person."
        ),
        "audit": Command(
            "audit", "audit", "Show where an audience and the stores that feed it do not agree on consent."
        ),
        "alerts": Command("alerts", "alerts", "Show whom the daemon tells when it is unwell, and what it told."),
        "report": Command("report.app", "report", "Ask who your customers are and what they do."),
    },
    "Keep safe": {
        "backup": Command("backup", "backup", "Copy the mirror into a file of its own, whole and checked."),
        "restore": Command(
            "restore",
            "restore",
            "Put a backup in the place of the mirror; the replaced file is kept beside the backups.",
        ),
    },
    "A person's rights": {
        "export": Command(
            "export", "export", "Print everything that syncd holds about a person, as one JSON document."
        ),
        "forget": Command(
            "forget", "forget", "Erase a person from every table, history, log and backup that syncd made."
        ),
        "remember": Command(
            "remember", "remember", "Let in again who was forgotten: the next sync reads them as if they were new."
        ),
    },
    "Try it": {
        "demo": Command("demo.command", "demo", "Show the whole job against a simulated shop and mailing list."),
        "sandbox": Command(
            "sandbox", "sandbox", "Run a simulated shop and mailing list on this machine, until Ctrl-C."
        ),
    },
}
COMMANDS = {name: command for panel in PANELS.values() for name, command in panel.items()}
_WITH_A_VALUE = ("--config",)
"""Options before the command's name that take the next word."""


def named(typed: Sequence[str]) -> str | None:
    """Return the command that some words name; None where that is not plain."""
    words = iter(typed)
    for word in words:
        if word in _WITH_A_VALUE:
            next(words, None)
        elif not word.startswith("-"):
            return word if word in COMMANDS else None
    return None


def of_panels(names: Sequence[str]) -> Iterator[tuple[str, str, Command]]:
    """Yield some commands with their panels and names, in the order of the help."""
    for panel, commands in PANELS.items():
        for name, command in commands.items():
            if name in names:
                yield panel, name, command
