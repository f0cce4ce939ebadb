"""`syncd init`: the first settings file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli.options import flag
from syncd.cli.session import Session

Ask = Callable[[str], str]
"""Shows a question and returns the answer."""
SERVICE_SETTINGS = "/etc/syncd/syncd.toml"

if TYPE_CHECKING:
    from syncd.config.template import Account, Place
    from syncd.ports import Connector


def init(
    session: Session,
    *,
    yes: Annotated[bool, flag("--yes", "-y", help="Ask nothing; leave patterns to fill in.")] = False,
    service: Annotated[
        bool, flag("--service", help="For the systemd service: /etc/syncd/syncd.toml, secrets handed over by systemd.")
    ] = False,
) -> int:
    """Write a commented settings file to begin with.

    Asks for what it cannot know when there is somebody to ask. The file goes to --config, else to ./syncd.toml, and is
    readable by you alone; one that is there is left as it is.
    """
    from syncd.cli.installing import installation_of  # noqa: PLC0415
    from syncd.config.template import HERE, Answers, template  # noqa: PLC0415  # heavy
    from syncd.wiring import Connectors  # noqa: PLC0415

    path = Path(session.config or os.environ.get("SYNCD_CONFIG") or (SERVICE_SETTINGS if service else "syncd.toml"))
    installation = installation_of(path) if service else None
    place = installation.place if installation else HERE
    connectors = Connectors()
    ask = session.answer if session.attended and not yes else None
    _refuse_to_overwrite(path)
    store = _account(connectors, "store", "main", ask)
    audience = _account(connectors, "audience", "newsletter", ask)
    if store is None:
        raise typer.Abort
    _write(path, template(Answers(store=store, audience=audience, place=place), connectors))
    if installation:
        installation.let_read(path)
    secrets = _secrets(connectors, [store, *([audience] if audience else [])], place)
    afterwards = installation.start if installation else "syncd check"
    if session.json:
        kind = "credentials" if installation else "variables"
        session.screen.document({"written": str(path), "variables": [], kind: secrets, "next": afterwards})
        return 0
    session.screen.say(f"Written: {path}", "green")
    if ask is None:
        session.screen.say("Fill in what stands there as a pattern.")
    for name in secrets:
        typed = installation.keep(name) if installation else f"export {name}=…"
        session.screen.step("Put the secret where the file says", typed)
    session.screen.step("Then start it" if installation else "Then see whether everything fits", afterwards)
    return 0


def _account(connectors: Mapping[str, Connector], role: str, name: str, ask: Ask | None) -> Account | None:
    """Describe a store or an audience, with the answers of whoever is there; None where they want none."""
    from syncd.config.template import Account, questions  # noqa: PLC0415

    kinds = {kind: questions(kind, each) for kind, each in connectors.items() if each.role == role}
    asked = {kind: found for kind, found in kinds.items() if found}
    if ask is None:
        return Account(next(iter(sorted(asked))), name) if asked else None
    kind = _choose(role, sorted(asked), ask)
    if kind is None:
        return None
    name = _or_usual(ask, f"A name for the {role}", name)
    return Account(kind, name, {it.key: _or_usual(ask, _sentence(it.text), it.example) for it in asked[kind]})


def _choose(role: str, kinds: list[str], ask: Ask) -> str | None:
    """Let somebody choose among several kinds; a store there must be, an audience can be done without."""
    if role == "audience":
        kinds = [*kinds, "none"]
    chosen = kinds[0]
    if len(kinds) > 1:
        question = f"Which kind of {role}: {', '.join(kinds)}"
        chosen = _or_usual(ask, question, kinds[0])
        while chosen not in kinds:
            chosen = _or_usual(ask, question, kinds[0])
    return None if chosen == "none" else chosen


def _or_usual(ask: Ask, question: str, usual: str) -> str:
    from syncd.config.template import PATTERN  # noqa: PLC0415

    return ask(f"{question} [{'fill in later' if usual == PATTERN else usual}]:") or usual


def _sentence(text: str) -> str:
    text = text.rstrip(".")
    return f"{text[:1].upper()}{text[1:]}"


def _refuse_to_overwrite(path: Path) -> None:
    from syncd.cli.failing import UsageError  # noqa: PLC0415

    if path.exists():
        raise UsageError(
            f"{path} is there already, and left as it is",
            hint="look it over with `syncd check`, or name another file with --config",
        )


def _write(path: Path, text: str) -> None:
    from syncd.errors import FatalError  # noqa: PLC0415

    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        reason = (error.strerror or "unknown").lower()
        raise FatalError(f"{path} cannot be written: {reason}", hint="name another file with --config") from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _secrets(connectors: Mapping[str, Connector], accounts: list[Account], place: Place) -> list[str]:
    """Return the names by which the file expects its secrets."""
    from syncd.config.template import starter  # noqa: PLC0415

    found: list[str] = []
    for account in accounts:
        values: dict[str, Any] = {**starter(account.kind, connectors[account.kind], place), **account.values}
        found += [value[place.way] for value in values.values() if isinstance(value, dict) and place.way in value]
    return found
