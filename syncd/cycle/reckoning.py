"""How long something that goes on will take yet: by its pace so far, and not before that means something."""

from __future__ import annotations

from syncd.clock import Clock
from syncd.ports import Progress

EARLIEST = 5.0
"""Seconds of work before which its pace says nothing."""


class Reckoning:
    """Watches one piece of work after another."""

    def __init__(self, clock: Clock) -> None:
        """Wait for the first news."""
        self._clock = clock
        self._task = ""
        self._began = 0.0
        self._from = 0

    def left(self, progress: Progress) -> str:
        """Say in words how long the work will take yet; empty where nobody can tell. To be told of all progress."""
        now = self._clock.monotonic()
        if progress.task != self._task or progress.done < self._from:
            self._task, self._began, self._from = progress.task, now, progress.done
        spent, made = now - self._began, progress.done - self._from
        if not progress.total or progress.done >= progress.total or made <= 0 or spent < EARLIEST:
            return ""
        seconds = spent * (progress.total - progress.done) / made
        return f"about {round(seconds / 60)} min left" if seconds >= 60 else "less than a minute left"
