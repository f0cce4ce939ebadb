"""`syncd report catalogue`: who bought this."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd.cli.report.asking import Reading
from syncd.cli.report.options import OWN
from syncd.reports.answer import Answer


def catalogue(
    reading: Reading,
    *,
    product: Annotated[
        list[str] | None,
        typer.Option("--product", metavar="ID|TITLE", help="This product.", rich_help_panel=OWN),
    ] = None,
    vendor: Annotated[
        list[str] | None, typer.Option("--vendor", metavar="NAME", help="Of this brand.", rich_help_panel=OWN)
    ] = None,
    type_: Annotated[
        list[str] | None, typer.Option("--type", metavar="NAME", help="Of this product type.", rich_help_panel=OWN)
    ] = None,
    collection: Annotated[
        list[str] | None,
        typer.Option("--collection", metavar="NAME", help="In this collection: title or handle.", rich_help_panel=OWN),
    ] = None,
) -> Answer:
    """Find who bought a product, a brand or a category in some time.

    One line a person, with the orders, units and amount of what matches. An option may be given several times: one of
    those named; different options must hold of the same line.
    """
    from syncd.reports.catalogue import Catalogue  # noqa: PLC0415  # heavy
    from syncd.reports.catalogue import catalogue as answered  # noqa: PLC0415

    asked = Catalogue(
        products=tuple(product or ()),
        vendors=tuple(vendor or ()),
        types=tuple(type_ or ()),
        collections=tuple(collection or ()),
    )
    return answered(reading.raw, reading.question, asked)
