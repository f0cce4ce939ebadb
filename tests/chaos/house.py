"""One merchant's house: a simulated store and mailing list, a folder with settings, and commands run in it."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path
from typing import Any

from connectors.sandbox import SANDBOX, Options
from connectors.sandbox.exchange import Request, Response
from tests.acceptance.oracle import Truth
from tests.acceptance.place import Place
from tests.chaos.children import child
from tests.support.forked import Ended, Forked


class Trap(Exception):  # noqa: N818  # not an error: the answer that never comes
    """The client is dead: nothing is answered any more."""


class House(Place):
    """A place whose commands can be killed at any request."""

    def __init__(self, folder: Path, seed: int, customers: int) -> None:
        """Build it; the same seed builds the same."""
        self.running = SANDBOX.start(Options(customers=customers, seed=seed, bulk_seconds=0.0))
        super().__init__(folder, self.running)
        self._child: Forked | None = None
        self._deadly = 0
        self._before = False
        self._answer = self.running.app.answer
        self.running.app.answer = self._answered  # type: ignore[method-assign]  # every request passes here

    def close(self) -> None:
        """End it."""
        self.running.stop()

    @property
    def hour(self) -> int:
        """The world's hour."""
        return self.running.app.clock.now()

    def truth(self) -> Truth:
        """Return the shop as it truly is."""
        return Truth(self.dump())

    def call(self, *typed: str) -> Ended:
        """Run a command to its end."""
        return self._begin(typed).ended()

    def killed_at(self, request: int, *typed: str, before: bool) -> Ended:
        """Run a command, and kill it at its n-th request: before it is carried out, or before it is answered."""
        self._deadly, self._before = request, before
        ended = self._begin(typed).ended()
        self._deadly = 0
        return ended

    def stopped_after(self, seconds: float, how: signal.Signals, *typed: str) -> Ended:
        """Run a command, and send it a signal after some real seconds."""
        begun = self._begin(typed)
        if not begun.wait(seconds):
            begun.kill(how)
        return begun.ended()

    def _begin(self, typed: tuple[str, ...]) -> Forked:
        self._child = child(typed, self.folder, f"{self.sandbox.url}/control", self.hour)
        return self._child

    def _answered(self, request: Request) -> Response:
        if request.path.startswith("/control"):
            return self._answer(request)
        self._deadly -= 1
        if self._deadly == 0 and self._before:
            self._kill()
            return Response(status=503)
        response = self._answer(request)
        if self._deadly == 0:
            self._kill()
        return response

    def _kill(self) -> None:
        assert self._child is not None
        self._child.kill(signal.SIGKILL)
        self._child.wait()


def moment(dice: random.Random) -> float:
    """Return a random short time, short ones more often."""
    return dice.random() ** 2 * 0.8


def stopwatch() -> float:
    """Return seconds that only grow."""
    return time.monotonic()


def people(house: House) -> list[dict[str, Any]]:
    """Return everybody of the list who is not forgotten."""
    return [it for it in house.contacts() if it["status"] != "forgotten"]
