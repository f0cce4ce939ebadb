"""From functions of a `Session` to commands of typer's, with the options that every command has.

`command` adds `--config`, `--json` and `--verbose` to a function's signature; they may stand before the command's name
as well (`syncd --config FILE status`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import typer

from syncd.cli import handing
from syncd.cli.options import Config, Json, Verbose
from syncd.cli.session import Session


def command(act: Callable[..., int]) -> Callable[..., int]:
    """Turn a function of a `Session` (and options of its own) into one that typer can call."""
    signature = inspect.signature(act, eval_str=True)
    own = list(signature.parameters.values())[1:]

    def called(**given: Any) -> int:
        context: typer.Context = given.pop("context")
        before: Session = context.obj or Session()
        config = given.pop("config") or before.config
        json, verbose = given.pop("json") or before.json, given.pop("verbose") or before.verbose
        name = context.command_path.partition(" ")[2]
        code = handing.elsewhere(config, name, given)
        if code is not None:
            raise SystemExit(code)  # all was said over there
        session = Session(handing.held_to(name, given) or config, json=json, verbose=verbose)
        return act(session, **given)

    common = inspect.signature(_common).parameters
    called.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # what typer reads instead of **given
        [
            inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context),
            *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own),
            *common.values(),
        ]
    )
    called.__name__ = act.__name__
    called.__doc__ = "\n\n".join(" ".join(part.split()) for part in (act.__doc__ or "").split("\n\n"))
    called.__annotations__ = {}
    return called


def _common(*, config: Config = None, json: Json = False, verbose: Verbose = False) -> None:
    """Only its signature matters."""


_common.__signature__ = inspect.signature(_common, eval_str=True)  # type: ignore[attr-defined]  # evaluated once
