"""The options that every report has."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from syncd.cli import completion
from syncd.cli.options import flag

OWN = "What is asked"
_ORDERS = "Which orders"
_SHOWN = "How it is shown"


class PeriodName(StrEnum):
    """The time frames that have a name (`syncd.reports.periods.NAMED`; a test holds them equal)."""

    LAST_WEEK = "last_week"
    WEEK_TO_DATE = "week_to_date"
    LAST_MONTH = "last_month"
    MONTH_TO_DATE = "month_to_date"
    LAST_QUARTER = "last_quarter"
    QUARTER_TO_DATE = "quarter_to_date"
    LAST_YEAR = "last_year"
    YEAR_TO_DATE = "year_to_date"


PeriodOption = Annotated[
    PeriodName | None,
    typer.Option(
        "--period",
        metavar="NAME",
        help="The time frame: last_week, last_month, last_quarter, last_year, or week_to_date, month_to_date, "
        "quarter_to_date, year_to_date.",
        rich_help_panel=_ORDERS,
    ),
]
First = Annotated[
    str | None,
    typer.Option("--from", metavar="DAY", help="Its first day instead, like 2026-10-01.", rich_help_panel=_ORDERS),
]
Last = Annotated[
    str | None,
    typer.Option("--to", metavar="DAY", help="Its last day, which counts too; else today.", rich_help_panel=_ORDERS),
]
StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="NAME",
        help="Only this store's orders; else those of all.",
        rich_help_panel=_ORDERS,
        autocompletion=completion.stores,
    ),
]
CurrencyOption = Annotated[
    str | None,
    typer.Option(
        "--currency", metavar="CODE", help="Only orders in it; needed where there are several.", rich_help_panel=_ORDERS
    ),
]
SortOption = Annotated[
    str,
    typer.Option(
        "--sort", metavar="COLUMNS", help="Like -amount,email; a minus puts the largest first.", rich_help_panel=_SHOWN
    ),
]
LimitOption = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=1, help="How many rows.", rich_help_panel=_SHOWN)
]
CsvOption = Annotated[bool, flag("--csv", help="Print comma-separated values, with a heading.", panel=_SHOWN)]
HtmlOption = Annotated[
    str | None,
    typer.Option("--html", metavar="FILE", help="Write a page with a plot; - prints it.", rich_help_panel=_SHOWN),
]
ParquetOption = Annotated[
    str | None,
    typer.Option("--parquet", metavar="FILE", help="Write a Parquet file; - prints it.", rich_help_panel=_SHOWN),
]
AsSegment = Annotated[
    str | None,
    typer.Option(
        "--as-segment",
        metavar="NAME",
        help="Print the segment of the same people, for the settings file.",
        rich_help_panel=_SHOWN,
    ),
]
