"""`syncd alerts`: whom the daemon tells, and what stands."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Annotated

from syncd.cli import failing, words
from syncd.cli.options import flag
from syncd.cli.screen import Cell, Column, Table
from syncd.cli.session import Session

if TYPE_CHECKING:
    from syncd.config import Settings
    from syncd.model import Instant


def alerts(
    session: Session,
    *,
    test: Annotated[bool, flag("--test", help="Send a message that says it is a test, by every way.")] = False,
) -> int:
    """Show whom the daemon tells when it is unwell, and what it told.

    Addresses are never shown. Exit code: 0 done, 1 a test message did not get there.
    """
    settings = session.settings(offline=not test)
    sent = _tested(session, settings) if test else {}
    told = _told(settings)
    if session.json:
        session.screen.document({"ways": sorted(_ways(settings)), "sent": sent, "told": told})
    else:
        _tell(session, settings, sent, told)
    return failing.PARTLY if any(sent.values()) else failing.DONE


def _ways(settings: Settings) -> list[str]:
    asked = settings.alerts
    return [name for name in ("webhook", "slack", "email", "ping") if getattr(asked, name) is not None]


def _tested(session: Session, settings: Settings) -> dict[str, str]:
    """Send a test message by every way; return what went wrong with each, nothing where it got there."""
    from syncd.daemon.conditions import Code, Condition  # noqa: PLC0415  # heavy
    from syncd.daemon.letters import Letter  # noqa: PLC0415
    from syncd.daemon.ways import ping, ways  # noqa: PLC0415
    from syncd.errors import RetriableError  # noqa: PLC0415

    test = Condition(code=Code.TEST, about="", what="this is a test, and nothing is wrong", fix="nothing is to be done")
    sender = f"{socket.gethostname()} ({settings.path.name})"
    letter = Letter(sender=sender, at=session.clock.now(), begun=(test,))
    sent: dict[str, str] = {}
    for way in ways(settings.alerts):
        try:
            way.send(letter)
            sent[way.name] = ""
        except RetriableError as error:
            sent[way.name] = error.message
    if settings.alerts.ping is not None:
        try:
            ping(settings.alerts.ping.get_secret_value())
            sent["ping"] = ""
        except RetriableError as error:
            sent["ping"] = error.message
    return sent


def _told(settings: Settings) -> dict[str, dict[str, str | None]]:
    """Return what stands, and when each way last told it."""
    from syncd.clock import iso  # noqa: PLC0415
    from syncd.mirror.presence import presence  # noqa: PLC0415

    found = presence(settings.syncd.database)
    told: dict[str, dict[str, str | None]] = {}
    for way, keys in (found[0].told if found else {}).items():
        at: Instant
        for key, at in keys.items():
            told.setdefault(key, {})[way] = iso(at)
    return told


def _tell(session: Session, settings: Settings, sent: dict[str, str], told: dict[str, dict[str, str | None]]) -> None:
    ways = _ways(settings)
    if not ways:
        session.screen.say("The settings name nobody to tell. See [alerts] in config.example.toml.")
        return
    rows = [
        (way, "" if way not in sent else Cell(sent[way], "red") if sent[way] else Cell("it got there", "green"))
        for way in ways
    ]
    session.screen.table(Table((Column("way"), Column("test", flexible=True)), rows, "Who is told"))
    standing = [
        (key, words.listed([f"{way} at {words.moment_of(at)} UTC" for way, at in by.items()]))
        for key, by in sorted(told.items())
    ]
    if standing:
        session.screen.table(
            Table((Column("what stands"), Column("told by", flexible=True)), standing, "What was told")
        )
    if not sent:
        session.screen.step("See whether messages get there", "syncd alerts --test")
