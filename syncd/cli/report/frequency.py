"""`syncd report frequency`: how often people buy, and who has gone quiet."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

import typer

from syncd.cli.failing import UsageError
from syncd.cli.report.asking import Reading
from syncd.cli.report.options import OWN
from syncd.reports.answer import Answer

_DAYS = re.compile(r"([0-9]{1,4})d?")


def frequency(
    reading: Reading,
    *,
    min_orders: Annotated[
        int,
        typer.Option("--min-orders", metavar="N", min=1, help="So many orders or more.", rich_help_panel=OWN),
    ] = 1,
    min_amount: Annotated[
        str,
        typer.Option("--min-amount", metavar="AMOUNT", help="So much spent or more.", rich_help_panel=OWN),
    ] = "",
    no_order_since: Annotated[
        str,
        typer.Option(
            "--no-order-since", metavar="N|DAY", help="No order for N days, or since a day.", rich_help_panel=OWN
        ),
    ] = "",
) -> Answer:
    """Find who orders how often, and who has gone quiet.

    Orders, amount, first and last order are those of the time frame; whether somebody is quiet goes by their last order
    of all, also after it.
    """
    from syncd.reports.frequency import Frequency  # noqa: PLC0415  # heavy
    from syncd.reports.frequency import frequency as answered  # noqa: PLC0415

    quiet = _quiet(no_order_since) if no_order_since else None
    asked = Frequency(least_orders=min_orders, least_amount=min_amount, quiet=quiet)
    return answered(reading.raw, reading.question, asked)


def _quiet(text: str) -> int | date:
    if days := _DAYS.fullmatch(text):
        return int(days[1])
    try:
        return date.fromisoformat(text)
    except ValueError:
        hint = "a number of days (90), or a day (2026-08-01)"
        raise UsageError(f"--no-order-since {text!r} is neither days nor a day", hint=hint) from None
