"""`syncd report breakdown`: how many customers of each kind."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from syncd.cli.report.asking import Reading
from syncd.cli.report.options import OWN
from syncd.reports.answer import Answer


class By(StrEnum):
    """What customers are counted by (`syncd.reports.breakdown.KINDS`; a test holds them equal)."""

    COUNTRY = "country"
    REGION = "region"
    CITY = "city"
    LANGUAGE = "language"
    TAG = "tag"
    CONSENT = "consent"
    RFM = "rfm"
    BUYER_KIND = "buyer-kind"
    VALUE_TIER = "value-tier"
    MONTH = "month"


def breakdown(
    reading: Reading,
    *,
    by: Annotated[By, typer.Option("--by", help="What customers are counted by.", rich_help_panel=OWN)] = By.COUNTRY,
) -> Answer:
    """Count customers by country, tag, consent, kind of buyer and more.

    With a time frame, only those who were added in it.
    """
    from syncd.reports.breakdown import breakdown as answered  # noqa: PLC0415  # heavy

    return answered(reading.raw, reading.question, by.value)
