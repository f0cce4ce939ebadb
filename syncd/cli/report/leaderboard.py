"""`syncd report leaderboard`: the best customers."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from syncd.cli import completion
from syncd.cli.report.asking import Reading
from syncd.cli.report.options import OWN
from syncd.reports.answer import Answer


class By(StrEnum):
    """What people are compared by."""

    ORDERS = "orders"
    AVERAGE_ORDER = "average-order"
    AMOUNT_SPENT = "amount-spent"


def leaderboard(
    reading: Reading,
    *,
    by: Annotated[By, typer.Option("--by", help="What people are compared by.", rich_help_panel=OWN)] = By.AMOUNT_SPENT,
    top: Annotated[int, typer.Option("--top", metavar="N", min=1, help="How many.", rich_help_panel=OWN)] = 50,
    audience: Annotated[
        str | None,
        typer.Option(
            "--audience",
            metavar="NAME",
            help="Only people on this audience's list.",
            rich_help_panel=OWN,
            autocompletion=completion.audiences,
        ),
    ] = None,
) -> Answer:
    """Rank customers by number of orders, average order or amount spent.

    Equals share a place. Beside each stands how they moved since the period before.
    """
    from syncd.cli.cycling import must_exist  # noqa: PLC0415  # heavy
    from syncd.reports.leaderboard import Leaderboard  # noqa: PLC0415
    from syncd.reports.leaderboard import leaderboard as answered  # noqa: PLC0415

    must_exist("audience", audience, reading.settings.audiences)
    asked = Leaderboard(by=by.value, top=top, audience=audience or "")
    return answered(reading.raw, reading.question, asked)
