"""What was last done to keep the file and its contents sound, and when it is due again."""

from __future__ import annotations

from syncd.mirror.database import Mirror
from syncd.model import Instant

SLACK = 300
"""Seconds that a clock may be set back without a word."""


def due(last: Instant | None, every: int, now: Instant) -> bool:
    """Say whether something that is to be done every so many seconds is due.

    Also where it was last done in the future: the clock went back, and tells nothing of how long ago that was.
    """
    return last is None or not 0 <= now - last < every


def when(mirror: Mirror, what: str) -> Instant | None:
    """Return when something was last done to the file; None for never."""
    found = mirror.raw.execute("SELECT at FROM care WHERE what = ?", (what,)).fetchone()
    return int(found[0]) if found else None


def note(mirror: Mirror, what: str) -> str:
    """Return what was noted when something was last done to the file; empty for nothing."""
    found = mirror.raw.execute("SELECT note FROM care WHERE what = ?", (what,)).fetchone()
    return str(found[0]) if found else ""


def done(mirror: Mirror, what: str, at: Instant, note: str = "") -> None:
    """Note that something was done to the file."""
    with mirror.transaction():
        mirror.raw.execute("INSERT OR REPLACE INTO care (what, at, note) VALUES (?, ?, ?)", (what, at, note))


def forget(mirror: Mirror, what: str) -> None:
    """Let something count as never done to the file."""
    with mirror.transaction():
        mirror.raw.execute("DELETE FROM care WHERE what = ?", (what,))
