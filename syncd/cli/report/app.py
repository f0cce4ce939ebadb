"""All reports, put together."""

from __future__ import annotations

import typer

from syncd.cli.report.asking import reported
from syncd.cli.report.leaderboard import leaderboard
from syncd.cli.session import command

report = typer.Typer(name="report", no_args_is_help=True, help="Ask who your customers are and what they do.")

for _act in (leaderboard,):
    report.command()(command(reported(_act)))
