"""The leaky bucket that queries are paid from."""

from __future__ import annotations

from typing import Any

from syncd.clock import Clock


class Bucket:
    """Points of one app in one shop; they come back with time."""

    def __init__(self, clock: Clock, *, size: int = 2000, restore: int = 100) -> None:
        """Start full."""
        self._clock = clock
        self.size = size
        self.restore = restore
        self._level = float(size)
        self._at = clock.monotonic()

    def _refill(self) -> None:
        now = self._clock.monotonic()
        self._level = min(float(self.size), self._level + (now - self._at) * self.restore)
        self._at = now

    def take(self, points: int) -> bool:
        """Take points; return False, taking none, where there are too few."""
        self._refill()
        if points > self._level:
            return False
        self._level -= points
        return True

    def give_back(self, points: int) -> None:
        """Return points that were not used."""
        self._level = min(float(self.size), self._level + points)

    def resize(self, *, size: int, restore: int) -> None:
        """Change to another plan's bucket, full."""
        self._refill()
        self.size, self.restore, self._level = size, restore, float(size)

    def status(self, requested: int, actual: int | None) -> dict[str, Any]:
        """Return `extensions.cost`."""
        self._refill()
        return {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": {
                "maximumAvailable": float(self.size),
                "currentlyAvailable": int(self._level),
                "restoreRate": float(self.restore),
            },
        }
