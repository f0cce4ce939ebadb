"""All commands, put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from syncd import __version__
from syncd.cli import (
    alerts,
    approve,
    audit,
    backup,
    check,
    explain,
    export,
    forget,
    history,
    import_segments,
    init,
    members,
    plan,
    remember,
    restore,
    run,
    runs,
    sandbox,
    segments,
    show,
    status,
    sync,
    test,
    undo,
    verify,
)
from syncd.cli.demo import command as demo
from syncd.cli.options import Config, Json, Verbose
from syncd.cli.report.app import report
from syncd.cli.session import Session, command

app = typer.Typer(
    name="syncd",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_PANELS: dict[str, tuple[Callable[..., int], ...]] = {
    "Set up": (init.init, check.check, test.test, import_segments.import_segments),
    "Every day": (plan.plan, sync.sync, approve.approve, undo.undo, run.run),
    "Look": (
        status.status,
        segments.segments,
        members.members,
        show.show,
        explain.explain,
        history.history,
        runs.runs,
        verify.verify,
        audit.audit,
        alerts.alerts,
    ),
    "Keep safe": (backup.backup, restore.restore),
    "A person's rights": (export.export, forget.forget, remember.remember),
    "Try it": (demo.demo, sandbox.sandbox),
}
for _panel, _commands in _PANELS.items():
    for _act in _commands:
        app.command(rich_help_panel=_panel)(command(_act))
app.add_typer(report, rich_help_panel="Look")


def _show_version(_: typer.Context, wanted: object) -> None:
    if wanted:
        typer.echo(f"syncd {__version__}")
        raise typer.Exit


@app.callback()
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
