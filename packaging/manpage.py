"""Prints the manual page syncd(1), from the same words as `--help`, in the environment that syncd is installed in."""

from __future__ import annotations

import inspect
import os
import re
import sys
import time
from collections.abc import Iterator
from typing import Any

import typer

from syncd import __version__
from syncd.cli.app import app
from syncd.clock import SystemClock

EVERYWHERE = frozenset({"--config", "--json", "--verbose", "--help"})

CODES = (
    ("0", "Done; single members whom a service refused are no failure."),
    ("1", "Done in part, or failed."),
    ("2", "The settings are wrong, or what was typed is."),
    ("3", "Something waits for approval."),
    ("4", "Credentials were refused, or a service could not be reached."),
    ("130, 143", "Stopped by Ctrl-C, by SIGTERM."),
)
FILES = (
    ("/etc/syncd/syncd.toml", "The settings; ./syncd.toml and $SYNCD_CONFIG come first, and --config before all."),
    ("/etc/syncd/credentials/", 'Secrets of the service, a file each: { credential = "name" } in the settings.'),
    ("/var/lib/syncd/", "The mirror of the service, and its backups."),
    ("/etc/syncd/NAME.toml, /etc/syncd/NAME.credentials/, /var/lib/syncd-NAME/", "The same of syncd@NAME.service."),
)


def page(built_at: int) -> Iterator[str]:
    """Write the lines of the page."""
    group: Any = typer.main.get_command(app)
    day = time.strftime("%Y-%m-%d", time.gmtime(built_at))
    yield f'.TH SYNCD 1 "{day}" "syncd {__version__}" "User Commands"'
    yield from (".SH NAME", r"syncd \- customer segments, kept as store tags and mailing\-list tags")
    yield from (".SH SYNOPSIS", r".B syncd", r"[\fIOPTIONS\fR] \fICOMMAND\fR [\fIARGUMENTS\fR]")
    yield from (".SH DESCRIPTION", _plain(group.help or ""))
    yield from (".SH OPTIONS", *_options(next(iter(group.commands.values())), wanted=EVERYWHERE))
    yield ".SH COMMANDS"
    for words, command in _commands(group, ()):
        yield from _command(words, command)
    yield from (".SH EXIT STATUS", *_table(CODES), ".SH FILES", *_table(FILES))
    yield from (".SH SEE ALSO", r"\fI/usr/share/doc/syncd/\fR, \fBsystemctl\fR(1), \fBjournalctl\fR(1)")


def _commands(group: Any, before: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*before, name))
        elif not command.hidden:
            yield (*before, name), command


def _command(words: tuple[str, ...], command: Any) -> Iterator[str]:
    arguments = [(it.metavar or it.name) for it in command.params if it.param_type_name == "argument"]
    line = " ".join([rf"\fB{_plain(' '.join(words))}\fR", *(rf"\fI{_plain(it.upper())}\fR" for it in arguments)])
    yield from (f".SS {line}", _plain(command.help or ""))
    yield from _options(command)


def _options(command: Any, wanted: frozenset[str] | None = None) -> Iterator[str]:
    for option in command.params:
        if option.param_type_name != "option" or option.hidden:
            continue
        if (option.opts[0] in EVERYWHERE) == (wanted is not None):
            names = ", ".join(rf"\fB{_plain(name)}\fR" for name in option.opts)
            value = rf" \fI{_plain(option.metavar)}\fR" if option.metavar else ""
            yield from (".TP", f"{names}{value}", _plain(option.help or ""))


def _table(rows: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for name, text in rows:
        yield from (".TP", rf"\fB{_plain(name)}\fR", _plain(text))


def _plain(text: str) -> str:
    """Return words of a help text as roff reads them: paragraphs kept, nothing taken for a request."""
    text = inspect.cleandoc(text).replace("\\", r"\e").replace("-", r"\-")
    lines = [f"\\&{line}" if line.startswith((".", "'")) else line for line in text.splitlines()]
    return re.sub(r"\n\n+", "\n.PP\n", "\n".join(line.strip() for line in lines))


if __name__ == "__main__":
    # A package that is built again is the same, byte for byte: its day is that of its changelog.
    built_at = int(os.environ.get("SOURCE_DATE_EPOCH") or SystemClock().now())
    sys.stdout.write("\n".join(page(built_at)) + "\n")
