"""How the daemon is, from the file that it keeps beside the mirror."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from syncd.clock import iso
from syncd.mirror.presence import presence


class DaemonPart(msgspec.Struct, frozen=True, kw_only=True):
    """The daemon, where one was ever started on this mirror.

    Attributes:
        why: What is wrong, empty where nothing is: it was killed, or refuses the settings.
        since: Since when it runs, or ran.
        seen_at: When it last gave a sign of life.
        stopped_at: When it was stopped; None while it runs and where it was killed.
        doing: What it does, one line.
        next: The work that comes up next, and when.
        settings: What is wrong with the settings file, where the daemon keeps older settings for it.
    """

    running: bool
    ok: bool
    why: str
    pid: int | None
    since: str | None
    seen_at: str | None
    stopped_at: str | None
    doing: str
    next: dict[str, str | None] | None
    settings: list[dict[str, Any]] = []


def daemon_part(database: Path) -> DaemonPart | None:
    """Say how the daemon of a mirror is; None where none was ever started."""
    found = presence(database)
    if found is None or not found[0].pid:
        return None
    state, lives = found
    killed = not lives and state.stopped_at is None
    trouble = state.trouble if lives else ()
    why = "it was killed, or the machine went down" if killed else "the settings are wrong: it keeps the old ones"
    return DaemonPart(
        running=lives,
        ok=not (killed or trouble),
        why=why if killed or trouble else "",
        pid=state.pid if lives else None,
        since=iso(state.started_at),
        seen_at=iso(state.seen_at),
        stopped_at=iso(state.stopped_at),
        doing=state.doing if lives else "",
        next={"work": state.next_work, "at": iso(state.next_at)} if lives and state.next_at is not None else None,
        settings=[{**msgspec.structs.asdict(it), "since": iso(it.since)} for it in trouble],
    )
