"""How quickly a service takes what it is sent, by what was last seen of it: what a plan's time is reckoned from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from syncd.ports import Host

_ENOUGH = 50
"""Fewer at once say more of the way there and back than of the work."""


class Speed:
    """How many a second a service takes; an assumption until some were sent."""

    def __init__(self, host: Host, key: str, assumed: float) -> None:
        """Measure nothing yet. `key` is where in the connector's memory it is kept."""
        self._memo = host.memo
        self._clock = host.clock
        self._key = key
        self._assumed = assumed

    @property
    def a_second(self) -> float:
        """How many a second: the mean of what was seen, the newest counting half."""
        return float(self._memo.get(self._key, self._assumed))

    @contextmanager
    def measured(self, count: int) -> Iterator[None]:
        """Take the time that it takes to send so many; what fails says nothing."""
        began = self._clock.monotonic()
        yield
        seconds = self._clock.monotonic() - began
        if count >= _ENOUGH and seconds > 0:
            now = count / seconds
            told = f"{(self.a_second + now) / 2 if self._key in self._memo else now:.2g}"
            if self._memo.get(self._key) != told:
                self._memo[self._key] = told
