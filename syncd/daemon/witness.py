"""Writes into the daemon's own file what `syncd status` tells of it."""

from __future__ import annotations

import os

from syncd.clock import Clock
from syncd.daemon.agenda import Turn
from syncd.daemon.daemon import Observer
from syncd.daemon.following import Following
from syncd.mirror.presence import Presence, Trouble
from syncd.model import Instant


class Witness(Observer):
    """Notes that the daemon lives, what it does, what comes next, and what is wrong with the settings."""

    def __init__(self, presence: Presence, clock: Clock) -> None:
        """Note that it lives."""
        self._presence = presence
        self._clock = clock
        now = clock.now()
        presence.change(
            pid=os.getpid(), started_at=now, seen_at=now, stopped_at=None, doing="starting", next_at=None, trouble=()
        )

    def doing(self, text: str) -> None:
        """Note what is being done, one line for people."""
        self._presence.change(doing=text, seen_at=self._clock.now())

    def waiting(self, turn: Turn, at: Instant) -> None:
        """Note what comes up next."""
        self._presence.change(next_work=turn.work.value, next_at=at)

    def settings_refused(self, following: Following) -> None:
        """Note what is wrong with the settings, and since when any are refused. Values are not repeated."""
        before = self._presence.state.trouble
        since = before[0].since if before else self._clock.now()
        problems = following.trouble.problems if following.trouble is not None else []
        self._presence.change(
            trouble=tuple(
                Trouble(
                    file=it.file,
                    line=it.line,
                    key=it.key,
                    message=it.message.partition("\n")[0],
                    fix=it.fix,
                    since=since,
                )
                for it in problems
            )
        )

    def settings_taken(self, following: Following) -> None:  # noqa: ARG002  # they are in force: nothing is wrong
        """Note that nothing is wrong with them."""
        self._presence.change(trouble=())

    def stopped(self, at: Instant) -> None:
        """Note that it ended of its own accord."""
        self._presence.change(stopped_at=at, doing="", next_at=None)
