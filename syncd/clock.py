"""Time has one home. Whoever needs the hour or has to wait is handed a `Clock`.

A test passes its own; the daemon passes `SystemClock`. `SYNCD_NOW` (an ISO-8601 instant with its zone) starts the
system clock at another moment, for demonstrations against a simulated store whose days are moved by hand.
"""

from __future__ import annotations

import math
import os
import select
import time
from datetime import UTC, datetime
from typing import Protocol

from syncd.errors import ConfigError, Problem


class Clock(Protocol):
    """The time, and the one way to wait."""

    def now(self) -> int:
        """Return the instant: UTC, whole seconds since 1970."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only grow, for measuring how long something took."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; return early when the process was asked to stop."""
        ...


class SystemClock:
    """The machine's clock, shifted by `offset` seconds (0 unless a demonstration says otherwise)."""

    def __init__(self, offset: int = 0) -> None:
        """Start unshifted unless told."""
        self.offset = offset
        self._woken = False
        # a pipe and no Event: its lock could be held by the very wait that a signal handler ends
        self._bell, self._ring = os.pipe()

    def __del__(self) -> None:
        """Give the pipe back."""
        os.close(self._bell)
        os.close(self._ring)

    def now(self) -> int:
        """Return the instant: UTC, whole seconds since 1970."""
        return int(time.time()) + self.offset  # noqa: TID251  # the one home

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait; return early once `wake` was called."""
        if seconds > 0 and not self._woken:
            waiting = select.poll()
            waiting.register(self._bell, select.POLLIN)
            waiting.poll(math.ceil(seconds * 1000))

    def wake(self) -> None:
        """End the present and every later wait at once, in every thread: the process is stopping. Safe in a handler."""
        self._woken = True
        os.write(self._ring, b".")


def system_clock(environ: dict[str, str] | None = None) -> SystemClock:
    """Return the machine's clock, started at `SYNCD_NOW` where the environment has one.

    Raises:
        ConfigError: `SYNCD_NOW` is not an ISO-8601 instant with a zone.
    """
    text = (os.environ if environ is None else environ).get("SYNCD_NOW", "")
    return SystemClock(instant_of(text, "$SYNCD_NOW") - SystemClock().now()) if text else SystemClock()


def instant_of(text: str, where: str) -> int:
    """Read an ISO-8601 instant with its zone (`2026-11-21T08:00:00Z`); `where` names it in a message.

    Raises:
        ConfigError: It is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        problem = Problem(where, 0, "", f"{text!r} is not an instant", "write it like 2026-11-21T08:00:00Z")
        raise ConfigError([problem])
    return int(moment.timestamp())


def iso(instant: int | None) -> str | None:
    """Return an instant as ISO-8601 text in UTC (`2026-11-21T08:00:00Z`); nothing for nothing."""
    return None if instant is None else datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
