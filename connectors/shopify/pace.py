"""Waiting before the store has to refuse: its bucket of points, as it last described it.

Shopify gives an app a bucket of points for each store, refilled at a steady rate. A call is refused (THROTTLED) unless
the points it *requests* are there. Every answer tells how full the bucket is, so we wait first instead of being sent
away. Rate and size differ by plan and are read, never assumed.
"""

from __future__ import annotations

import threading

import msgspec

from syncd.ports import Host


class Throttle(msgspec.Struct, frozen=True, rename="camel"):
    """The bucket, as an answer describes it: points, and points a second."""

    maximum_available: float
    currently_available: float
    restore_rate: float


class Cost(msgspec.Struct, frozen=True, rename="camel"):
    """What an answer says its call cost."""

    requested_query_cost: float | None = None
    throttle_status: Throttle | None = None


class Pace:
    """How much of a store's bucket is left. Safe to share between threads."""

    def __init__(self, host: Host) -> None:
        """Know nothing until the first answer."""
        self._clock = host.clock
        self._allowance = host.allowance
        self._lock = threading.Lock()
        self._last: Throttle | None = None
        self._at = 0.0
        self._reserved = 0.0
        self._costs: dict[str, float] = {}

    @property
    def available(self) -> float | None:
        """Points to be had now; None before the first answer."""
        with self._lock:
            return None if self._last is None else self._level(self._last)

    def wait_for(self, points: float) -> float:
        """Return the seconds until so many points could have been spent, one call after the other; 0 if unknown."""
        with self._lock:
            if self._last is None:
                return 0.0
            return max(0.0, points - self._level(self._last)) / max(self._last.restore_rate, 0.1)

    def wait(self, document: str, cost: float | None) -> None:
        """Wait until the bucket holds what a call will request.

        Args:
            document: What is asked; its cost is known once it was asked before.
            cost: Points the call requests, where the caller can tell.
        """
        with self._lock:
            points = self._costs.get(document, 0.0) if cost is None else cost
            if self._last is None:
                return
            # a call dearer than the whole bucket will be refused whatever we wait
            missing = min(points, self._last.maximum_available) - self._level(self._last)
            self._reserved += points
            pause = missing / max(self._last.restore_rate, 0.1)
            self._allowance.wait(pause)
        if pause > 0:
            self._clock.sleep(pause)

    def learn(self, document: str, cost: Cost) -> None:
        """Remember how full the bucket is, and what this document requests."""
        with self._lock:
            if cost.requested_query_cost is not None:
                self._costs[document] = cost.requested_query_cost
            if cost.throttle_status is not None:
                self._last = cost.throttle_status
                self._allowance.left = cost.throttle_status.currently_available
                self._at = self._clock.monotonic()
                self._reserved = 0.0

    def _level(self, last: Throttle) -> float:
        restored = (self._clock.monotonic() - self._at) * last.restore_rate
        return min(last.maximum_available, last.currently_available + restored) - self._reserved


def until_affordable(cost: Cost | None) -> float:
    """Return the seconds after which a call that was refused for want of points can be afforded."""
    if cost is None or cost.throttle_status is None or cost.requested_query_cost is None:
        return 1.0
    status = cost.throttle_status
    missing = min(cost.requested_query_cost, status.maximum_available) - status.currently_available
    return max(0.0, missing) / max(status.restore_rate, 0.1)
