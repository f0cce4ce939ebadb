"""The command line as typer has it: of one command, or of all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from syncd import __version__
from syncd.cli.calling import command
from syncd.cli.commands import of_panels
from syncd.cli.options import Config, Json, Verbose
from syncd.cli.session import Session


def app_of(names: Sequence[str]) -> typer.Typer:
    """Return the command line with some of the commands; only these are loaded."""
    made = typer.Typer(
        name="syncd",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    made.callback()(_root)
    for panel, name, it in of_panels(names):
        loaded = it.load()
        if isinstance(loaded, typer.Typer):
            made.add_typer(loaded, name=name, rich_help_panel=panel)
        else:
            made.command(name, rich_help_panel=panel)(command(loaded))
    return made


def _show_version(_: typer.Context, wanted: object) -> None:
    if wanted:
        typer.echo(f"syncd {__version__}")
        raise typer.Exit


def _root(
    context: typer.Context,
    *,
    config: Config = None,
    json: Json = False,
    verbose: Verbose = False,
    version: Annotated[  # noqa: ARG001  # its callback ends the command
        bool,
        typer.Option("--version", metavar="", help="Print the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Keep the tags of a store and of its mailing lists in step with segments written in one TOML file."""
    context.obj = Session(config, json=json, verbose=verbose)
