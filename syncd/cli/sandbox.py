"""`syncd sandbox`: the simulated services by themselves."""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import Annotated, Any

import typer

from syncd.cli.options import flag
from syncd.cli.session import Session


def sandbox(
    session: Session,
    *,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65_535, help="The port on 127.0.0.1; 0 takes a free one.")
    ] = 8080,
    customers: Annotated[
        int, typer.Option("--customers", min=0, help="Customers of each shop; about four orders for each follow.")
    ] = 1000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed and size make the same shops.")] = 1,
    shop: Annotated[
        list[str] | None, typer.Option("--shop", metavar="NAME", help="A shop's name; give it again for more. [main]")
    ] = None,
    audience: Annotated[
        list[str] | None,
        typer.Option("--list", metavar="ID", help="A mailing list's id; give it again for more. [newsletter]"),
    ] = None,
    until_eof: Annotated[bool, flag("--until-eof", help="End when standard input ends.")] = False,
    start: Annotated[
        str | None, typer.Option("--start", metavar="INSTANT", help="The hour there at the beginning, ISO 8601.")
    ] = None,
) -> int:
    """Run a simulated shop and mailing list on this machine, until Ctrl-C.

    Prints the settings to put into a syncd.toml. Its world can be changed below /control.
    """
    from syncd.clock import instant_of  # noqa: PLC0415  # heavy
    from syncd.errors import FatalError  # noqa: PLC0415
    from syncd.wiring import sandbox as simulated  # noqa: PLC0415

    services = simulated()
    options = services.options(
        port=port,
        shops=tuple(shop or ("main",)),
        customers=customers,
        seed=seed,
        lists=tuple(audience or ("newsletter",)),
        start=instant_of(start, "--start") if start else None,
    )
    try:
        running = services.start(options)
    except OSError as error:
        raise FatalError(f"port {port} is taken", hint="choose another with --port, or 0 for any free one") from error
    with contextlib.suppress(KeyboardInterrupt, SystemExit), running:
        _tell(session, running.settings())
        _wait(until_eof=until_eof)
    return 0


def _wait(*, until_eof: bool) -> None:
    if until_eof:
        sys.stdin.read()
    else:
        threading.Event().wait()


def _tell(session: Session, settings: dict[str, Any]) -> None:
    if session.json:
        session.screen.document(settings)
    else:
        session.aside.say(f"Answering at {settings['url']} until Ctrl-C. Put this into a syncd.toml:\n")
        session.screen.copyable(snippet(settings).rstrip("\n"))
    session.screen.out.flush()


def snippet(settings: dict[str, Any]) -> str:
    """Return the stores and audiences of a sandbox as TOML. Its keys open nothing else, so they stand there plainly."""
    parts = []
    for section in ("stores", "audiences"):
        for name, table in settings[section].items():
            keys = {key: value for key, value in table.items() if key not in {"client_id", "client_secret"}}
            lines = [f"[{section}.{name}]", *(f'{key} = "{value}"' for key, value in keys.items())]
            parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)
