"""Signs of life while long work goes on: told by real progress and by bounded waits, never by a timer.

Progress is a page, a batch, or that SQLite is at work on a statement. A cycle that hangs makes none, and the service
manager's watchdog ends it.
"""

from __future__ import annotations

from collections.abc import Callable

from syncd.clock import Clock
from syncd.cycle.reckoning import Reckoning
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
        """Wait, with a sign of life now and then: at least one, also where there is nothing to wait for."""
        self._alive()
        left = seconds
        while left > 0:
            self._clock.sleep(min(left, _LONGEST))
            self._alive()
            left -= _LONGEST


class Heartbeat:
    """Turns progress into signs of life and a status text with an honest time left."""

    def __init__(self, notifier: Notifier, clock: Clock) -> None:
        """Tell the notifier."""
        self._notifier = notifier
        self._reckoning = Reckoning(clock)

    def __call__(self, progress: Progress) -> None:
        """Tell how far long work is."""
        self._notifier.alive()
        left = self._reckoning.left(progress)
        self._notifier.status(_text(progress, left), at_most_each=_EACH)


def _text(progress: Progress, left: str) -> str:
    if not progress.total:
        return f"{progress.task}: {progress.done:,}"
    share = min(100, 100 * progress.done // progress.total)
    return f"{progress.task}: {share} %{left and f', {left}'}"
