"""All reports, put together."""

from __future__ import annotations

from collections.abc import Callable

import typer

from syncd.cli.calling import command
from syncd.cli.report.asking import reported
from syncd.cli.report.breakdown import breakdown
from syncd.cli.report.catalogue import catalogue
from syncd.cli.report.cohorts import cohorts
from syncd.cli.report.frequency import frequency
from syncd.cli.report.leaderboard import leaderboard
from syncd.cli.report.segments import segments
from syncd.reports.answer import Answer

report = typer.Typer(name="report", no_args_is_help=True, help="Ask who your customers are and what they do.")

_ANY_TIME: tuple[Callable[..., Answer], ...] = (leaderboard, breakdown, cohorts, segments)
_OF_A_PERIOD: tuple[Callable[..., Answer], ...] = (catalogue, frequency)
for _act in (*_ANY_TIME, *_OF_A_PERIOD):
    report.command()(command(reported(_act, of_a_period=_act in _OF_A_PERIOD)))
