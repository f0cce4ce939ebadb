"""Commands whose clock waits by moving the simulated world's hour forward.

So hours of backing off pass in no time, and the world agrees that they passed. Pages are small, so that the small
worlds are exported, too.
"""

from __future__ import annotations

import json
import math
import os
import urllib.request
from pathlib import Path

from connectors.shopify import shapes
from syncd import clock
from syncd.clock import SystemClock
from tests.support import pages
from tests.support.forked import Forked, LeapingClock


def child(typed: tuple[str, ...], folder: Path, control: str, hour: int) -> Forked:
    """Start a command in a folder, at an hour of the world that `control` moves."""
    return Forked(typed, folder, os.environ, (_follow_the_world, (control, hour)))


class WorldsClock(LeapingClock):
    """Waits by moving the world's hour."""

    def __init__(self, control: str, hour: int) -> None:
        """Begin at the world's hour."""
        super().__init__(hour - SystemClock().now())
        self._control = control

    def sleep(self, seconds: float) -> None:
        """Move the world's hour; not at all once the process is stopping."""
        if self._woken:
            return
        whole = math.ceil(seconds)
        body = json.dumps({"seconds": whole}).encode()
        request = urllib.request.Request(f"{self._control}/advance", data=body, method="POST")  # noqa: S310  # loopback
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30).close()
        self.offset += whole
        super().sleep(whole)


def _follow_the_world(control: str, hour: int) -> None:
    for name, shape in pages.small():
        setattr(shapes, name, shape)
    clock.system_clock = lambda *_: WorldsClock(control, hour)  # type: ignore[assignment]
