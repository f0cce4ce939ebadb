"""Options that several commands have, so that they read the same everywhere."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from syncd.cli import completion


def flag(*names: str, help: str, panel: str | None = None) -> Any:  # noqa: A002  # typer's own word
    """Return an option that is there or not; help shows no value after it."""
    return typer.Option(*names, metavar="", help=help, rich_help_panel=panel)


Config = Annotated[
    str | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="The settings file; else $SYNCD_CONFIG, ./syncd.toml, /etc/syncd/syncd.toml.",
        autocompletion=completion.settings_files,
    ),
]
Json = Annotated[bool, flag("--json", help="Print one JSON document; logs go to standard error.")]
Verbose = Annotated[
    bool, flag("--verbose", "--debug", "-v", help="Log what happens, and show where an error came from.")
]
Full = Annotated[bool, flag("--full", help="Read everything again and look at everybody, whatever is known of before.")]
OneStore = Annotated[
    str | None,
    typer.Option("--store", metavar="NAME", help="Only this store's part.", autocompletion=completion.stores),
]
OneSegment = Annotated[
    str | None,
    typer.Option("--segment", metavar="NAME", help="Only this segment.", autocompletion=completion.segments),
]
