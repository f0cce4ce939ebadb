"""`syncd report segments`: sizes over time, overlap, and what members bought."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd.cli import completion
from syncd.cli.failing import UsageError
from syncd.cli.report.asking import Reading
from syncd.cli.report.options import OWN
from syncd.reports.answer import Answer


def segments(
    reading: Reading,
    *,
    segment: Annotated[
        str | None,
        typer.Option(
            "--segment",
            metavar="NAME",
            help="How the size of this one went, day by day.",
            rich_help_panel=OWN,
            autocompletion=completion.segments,
        ),
    ] = None,
    overlap: Annotated[
        tuple[str, str] | None,
        typer.Option("--overlap", metavar="NAME NAME", help="Whom these two share.", rich_help_panel=OWN),
    ] = None,
) -> Answer:
    """Tell how segments grow, who entered and left, what their members buy, and whom two of them share."""
    from syncd.cli.cycling import must_exist  # noqa: PLC0415  # heavy
    from syncd.reports import segments as answered  # noqa: PLC0415

    known = reading.settings.segments
    if segment is not None and overlap is not None:
        raise UsageError("--segment and --overlap are two different questions", hint="ask one after the other")
    for name in (segment, *(overlap or ())):
        must_exist("segment", name, known)
    if overlap is not None and overlap[0] == overlap[1]:
        raise UsageError("a segment shares everybody with itself", hint="name two different segments")
    if segment is not None:
        return answered.course(reading.raw, reading.question, segment)
    if overlap is not None:
        return answered.overlap(reading.raw, reading.question, *overlap)
    return answered.overview(reading.raw, reading.question, list(known))
