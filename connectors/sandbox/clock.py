"""The sandbox's clock: the machine's, moved by whoever plays with the world."""

from __future__ import annotations

import threading

from syncd.clock import SystemClock


class WorldClock:
    """Real time plus an offset that only grows. Both readings move together, so that waiting can be skipped."""

    def __init__(self, start: int | None = None) -> None:
        """Begin at `start` (seconds since 1970), or at the machine's own hour."""
        self._real = SystemClock()
        self._offset = 0 if start is None else start - self._real.now()
        self._moved = 0
        self._lock = threading.Lock()

    def now(self) -> int:
        """Return the world's hour: whole seconds since 1970."""
        return self._real.now() + self._offset + self._moved

    def monotonic(self) -> float:
        """Return seconds that only grow; `advance` moves them too."""
        return self._real.monotonic() + self._moved

    def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        self._real.sleep(seconds)

    def advance(self, seconds: int) -> None:
        """Move the world's hour forward."""
        with self._lock:
            self._moved += max(0, seconds)
