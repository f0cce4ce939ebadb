"""`syncd report cohorts`: whether they come back."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd.cli.report.asking import Reading
from syncd.cli.report.options import OWN
from syncd.reports.answer import Answer


def cohorts(
    reading: Reading,
    *,
    months: Annotated[
        int,
        typer.Option("--months", metavar="N", min=1, max=60, help="How many months are told.", rich_help_panel=OWN),
    ] = 12,
) -> Answer:
    """Tell who came back: of those who first ordered in a month, how many ordered again in each month after it."""
    from syncd.reports.cohorts import cohorts as answered  # noqa: PLC0415  # heavy

    return answered(reading.raw, reading.question, months)
