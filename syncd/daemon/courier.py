"""Carries letters and pings in a thread of its own: whoever does not answer keeps no cycle waiting."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from syncd import log
from syncd.daemon.letters import View, letter, told_now
from syncd.daemon.ways import Way, ping
from syncd.errors import RetriableError
from syncd.mirror.presence import Presence

PAUSES = (30.0, 120.0, 600.0)
"""Seconds before what could not be sent is tried again; later, the next turn does it."""


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be carried.

    Attributes:
        ping: The address to ask, where all is well.
    """

    view: View
    ways: Sequence[Way] = ()
    ping: str | None = None


class Courier:
    """Does errands, the newest only, and notes in the daemon's file what was told."""

    def __init__(
        self,
        presence: Presence,
        start: Callable[[Callable[[], None]], None] | None = None,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        """Wait for errands.

        Args:
            presence: The daemon's file.
            start: Runs something beside everything else: in a thread, unless told otherwise.
            pause: Waits for seconds, or less where a new errand comes.
        """
        self._presence = presence
        self._start = start or _in_a_thread
        self._pause = pause or self._wait
        self._news = threading.Condition()
        self._next: Errand | None = None
        self._at_work = False
        self._failing: set[str] = set()

    def take(self, errand: Errand) -> None:
        """Take over an errand; one that was not begun yet is left for it. A ping that was not sent is not kept."""
        with self._news:
            self._next = errand
            if self._at_work:
                self._news.notify()
                return
            self._at_work = True
        self._start(self._work)

    def carry(self, errand: Errand) -> bool:
        """Do an errand; tell whether everything got there."""
        if errand.ping is not None:
            self._tried("ping", partial(ping, errand.ping))
        arrived = [self._sent(errand.view, way) for way in errand.ways]
        kept = {way.name for way in errand.ways}
        told = self._presence.state.told
        if not told.keys() <= kept:
            self._presence.change(told={name: keys for name, keys in told.items() if name in kept})
        return all(arrived)

    def _sent(self, view: View, way: Way) -> bool:
        told = self._presence.state.told.get(way.name, {})
        written = letter(view, told)
        if not written:
            return True
        if not self._tried(way.name, lambda: way.send(written)):
            return False
        self._presence.change(told={**self._presence.state.told, way.name: told_now(view, told, written)})
        log.get().info("alert_sent", way=way.name, begun=len(written.begun), over=len(written.over))
        return True

    def _tried(self, name: str, act: Callable[[], None]) -> bool:
        """Do something that may fail; log it once when it begins to fail, and once when it is well again."""
        try:
            act()
        except RetriableError as error:
            if name not in self._failing:
                log.get().warning("alert_not_sent", way=name, why=error.message)
            self._failing.add(name)
            return False
        except Exception as odd:  # noqa: BLE001  # nothing that goes wrong with telling may end the telling
            log.get().debug("unforeseen", exc_info=odd)
            if name not in self._failing:
                log.get().warning("alert_not_sent", way=name, why=type(odd).__name__)
            self._failing.add(name)
            return False
        self._failing.discard(name)
        return True

    def _work(self) -> None:
        """Do errands until there are none left, and what failed again after a while."""
        while errand := self._following():
            for seconds in PAUSES:
                if self.carry(errand):
                    break
                errand = msgspec.structs.replace(errand, ping=None)
                self._pause(seconds)
                errand = self._newest(errand)
            else:
                self.carry(errand)

    def _wait(self, seconds: float) -> None:
        with self._news:
            self._news.wait_for(lambda: self._next is not None, timeout=seconds)

    def _newest(self, errand: Errand) -> Errand:
        """Return the errand that came meanwhile, or else this one."""
        with self._news:
            newest, self._next = self._next or errand, None
        return newest

    def _following(self) -> Errand | None:
        with self._news:
            errand, self._next = self._next, None
            self._at_work = errand is not None
        return errand


def _in_a_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="alerts", daemon=True).start()
