"""Leaving a service alone that does not answer: one long wait a run, not one for every call.

A call that used up its tries without any answer opens the breaker at once. Calls that were answered, but badly (500 and
its kin), open it only when several end so in a row, for one request may be poison while all others are well; so do
writes whose answers were lost, for they have to be read back. While it is open every call fails at once. After a while
a single try is let through; what becomes of it decides.
"""

from __future__ import annotations

import threading

from syncd.errors import RetriableError
from syncd.ports import Host, Reach

STRIKES = 3
"""Calls in a row that used up their tries although something answered, or may have."""


class Breaker:
    """Whether one service is asked at all. Safe to share between threads."""

    def __init__(self, service: str, host: Host, rest: float) -> None:
        """Ask it. `rest` is for how many seconds it is left alone; `service` is how messages call it."""
        self._service = service
        self._host = host
        self._rest = rest
        self._lock = threading.Lock()
        self._strikes = 0
        self._closed_until: float | None = None
        self._told: Reach | None = None
        self._why = ""

    def admit(self) -> bool:
        """Let a call through; return whether it may be tried more than once.

        Raises:
            RetriableError: The service is left alone for now; nothing was sent.
        """
        with self._lock:
            if self._closed_until is None:
                return True
            left = self._closed_until - self._host.clock.monotonic()
            if left > 0:
                raise RetriableError(f"{self._service} was not asked again: {self._why}", retry_after=left)
            self._closed_until += self._rest - left  # one thread tries, the others go on waiting
            return False

    def answered(self) -> None:
        """Note that a call went well."""
        with self._lock:
            self._strikes = 0
            self._closed_until = None
            back = self._told is not Reach.BACK
            self._told = Reach.BACK
        if back:
            self._host.reach(Reach.BACK, f"{self._service} answers")

    def gave_up(self, error: RetriableError, *, silent: bool, asked: float = 0.0) -> None:
        """Note that a call used up its tries.

        Args:
            error: How it ended.
            silent: Whether nothing answered, and nothing has to be read back.
            asked: Seconds for which the service itself wants to be left alone.
        """
        with self._lock:
            self._strikes += 1
            if not (silent or asked or self._strikes >= STRIKES or self._closed_until is not None):
                return
            gone = self._told is not Reach.GONE
            self._told = Reach.GONE
            self._closed_until = self._host.clock.monotonic() + max(self._rest, asked)
            self._why = error.message
        if gone:
            self._host.reach(Reach.GONE, error.message)
