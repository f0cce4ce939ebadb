"""Signs of life while long work goes on: told by real progress, and by waits that are bounded, never by a timer.

A cycle that hangs makes neither, and the service manager's watchdog ends it.
"""

from __future__ import annotations

from collections.abc import Callable

from syncd.clock import Clock
from syncd.daemon.notify import Notifier
from syncd.ports import Progress

_LONGEST = 30.0
"""Seconds of a wait between two signs of life."""
_EACH = 1.0
"""Seconds at least between two status texts."""


class WatchedClock:
    """A clock whose waits are signs of life."""

    def __init__(self, clock: Clock, alive: Callable[[], None]) -> None:
        """Wait on `clock`."""
        self._clock = clock
        self._alive = alive

    def now(self) -> int:
        """Return the instant."""
        return self._clock.now()

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, with a sign of life now and then."""
        left = seconds
        while left > 0:
            self._alive()
            self._clock.sleep(min(left, _LONGEST))
            left -= _LONGEST


class Heartbeat:
    """Turns progress into signs of life and a status text with an honest time left."""

    def __init__(self, notifier: Notifier, clock: Clock) -> None:
        """Tell the notifier."""
        self._notifier = notifier
        self._clock = clock
        self._task = ""
        self._began = 0.0
        self._from = 0

    def __call__(self, progress: Progress) -> None:
        """Tell how far long work is."""
        self._notifier.alive()
        if progress.task != self._task:
            self._task, self._began, self._from = progress.task, self._clock.monotonic(), progress.done
        self._notifier.status(self._text(progress), at_most_each=_EACH)

    def _text(self, progress: Progress) -> str:
        if not progress.total:
            return f"{progress.task}: {progress.done:,}"
        share = min(100, 100 * progress.done // progress.total)
        return f"{progress.task}: {share} %{self._left(progress, progress.total)}"

    def _left(self, progress: Progress, total: int) -> str:
        """Say how long it will take at the pace so far; nothing before that means something."""
        spent = self._clock.monotonic() - self._began
        made = progress.done - self._from
        if spent < 5 or made <= 0 or progress.done >= total:
            return ""
        left = spent * (total - progress.done) / made
        return f", about {max(1, round(left / 60))} min left" if left >= 60 else ", less than a minute left"
