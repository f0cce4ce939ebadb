"""The whole command line: for completion, for words that name no command, and for whoever looks all of it over."""

from __future__ import annotations

from syncd.cli.commands import COMMANDS
from syncd.cli.line import app_of

app = app_of(tuple(COMMANDS))
