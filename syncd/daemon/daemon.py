"""The loop: wait for the next turn, do it, tell, and never stop for anything but a signal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from zoneinfo import ZoneInfo

import msgspec
import structlog

from syncd import log
from syncd.clock import Clock, iso
from syncd.config import Settings
from syncd.cycle import Report, Services
from syncd.cycle.checking import check_services
from syncd.cycle.health import Health, health
from syncd.daemon.agenda import Agenda, Turn, Work, agenda_of
from syncd.daemon.conditions import Code, code_of
from syncd.daemon.following import Following
from syncd.daemon.heartbeat import Heartbeat, WatchedClock
from syncd.daemon.notify import Notifier
from syncd.daemon.turns import last_done, perform
from syncd.errors import ConfigError, FatalError, SyncdError
from syncd.mirror.database import explaining
from syncd.mirror.stores import known
from syncd.model import Instant
from syncd.ports import Progress

SLICE = 1.0
"""Seconds between two looks at signals and at the settings file."""
RETRY = 600
"""Seconds after which a comparison, a backup or tidying up that failed is tried again."""
SLACK = 300
"""Seconds that a clock may go back without everything being planned anew."""

Opener = Callable[[Settings, Clock, Callable[[Progress], None]], AbstractContextManager[Services]]
"""Opens everything that a cycle works with."""


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """A turn that ended.

    Attributes:
        report: What a cycle did; None where the turn was none, or did not get that far.
        error: What ended it before its time.
        health: How everything is after it; None where the mirror does not tell.
    """

    turn: Turn
    at: Instant
    seconds: float
    report: Report | None = None
    error: SyncdError | None = None
    health: Health | None = None


class Observer:
    """Is told what happens, and does nothing about what it does not care for.

    It is told in the daemon's own thread: whatever takes long belongs elsewhere.
    """

    def ended(self, ended: Ended, services: Services | None) -> None:
        """Look at a turn that ended; `services` are still open, where they could be opened."""

    def waiting(self, turn: Turn, at: Instant) -> None:
        """Learn what comes up next, and when."""

    def settings_refused(self, following: Following) -> None:
        """Look at settings that could not be taken over."""

    def settings_taken(self, following: Following) -> None:
        """Look at settings that are in force from now on."""

    def stopped(self, at: Instant) -> None:
        """Take note that the daemon ends."""


class Daemon:
    """Does what the agenda says until it is told to stop."""

    def __init__(  # everything that it speaks to
        self,
        following: Following,
        opener: Opener,
        clock: Clock,
        notifier: Notifier,
        observers: Sequence[Observer] = (),
    ) -> None:
        """Be ready to run."""
        self.following = following
        self._open = opener
        self._clock = WatchedClock(clock, notifier.alive)
        self._notifier = notifier
        self._observers = observers
        self._heartbeat = Heartbeat(notifier, self._clock)
        self._reload = False
        self._stop = False
        self._zones: dict[str, ZoneInfo] = {}
        self._last: dict[Work, Instant | None] = {}
        self._said = ""
        self._awaited: tuple[Turn, Instant] | None = None
        self._awaiting = False

    def reload(self) -> None:
        """Read the settings again before the next turn; safe in a signal handler."""
        self._reload = True

    def stop(self) -> None:
        """End after the present turn; safe in a signal handler."""
        self._stop = True

    def run(self, until: Instant | None = None) -> None:
        """Do every turn as it comes up. `until` ends it at an instant: for whoever lets time pass by hand."""
        self._begin()
        self._notifier.ready()
        log.get().info("ready", stores=len(self._settings.stores), segments=len(self._settings.segments))
        try:
            while not self._stop and (until is None or self._clock.now() < until):
                self._follow_settings()
                self._step(until)
        finally:
            log.get().info("stopping")
            self._notifier.stopping()
            for observer in self._observers:
                observer.stopped(self._clock.now())

    def _step(self, until: Instant | None) -> None:
        coming = self.agenda.coming()
        now = self._clock.now()
        if coming is not None and coming[1] <= now:
            self._do(coming[0])
        else:
            self._rest(coming, now, until)

    @property
    def _settings(self) -> Settings:
        return self.following.settings

    def _begin(self) -> None:
        """Ask every account once, whatever it answers, and look into the mirror for what was done when."""
        self._look(self._ask_around, self._learn)
        self._plan_anew()
        self._done_at = self._clock.now()

    def _look(self, *looks: Callable[[Services], None]) -> None:
        """Look at what is there with everything opened once; where it cannot be, that is told."""
        try:
            with self._open(self._settings, self._clock, self._heartbeat) as services:
                for look in looks:
                    look(services)
        except SyncdError as error:
            log.get().error("mirror_not_opened", why=error.message, hint=error.hint)

    def _ask_around(self, services: Services) -> None:
        try:
            for it in check_services(services):
                if it.error is not None:
                    log.get().warning("account_not_ready", where=it.name, why=it.error.message, hint=it.error.hint)
        except Exception as odd:  # noqa: BLE001  # whatever it is, the first cycle will meet it and tell
            log.get().warning("first_look_failed", why=_understood(odd).message)

    def _learn(self, services: Services) -> None:
        self._zones = {name: ZoneInfo(it.timezone) for name, it in known(services.mirror).items()}
        self._last = last_done(services)

    def _plan_anew(self, keep: dict[str, Instant | None] | None = None) -> None:
        now = self._clock.now()
        self.agenda = Agenda(agenda_of(self._settings, self._zones, self._last, now), now, known=keep)

    def _follow_settings(self) -> None:
        if not self._reload and not self.following.changed():
            return
        asked, self._reload = self._reload, False
        refused_before = self.following.trouble is not None
        self._notifier.reloading()
        others = self.following.take_over()
        if self.following.trouble is not None:
            self._refuse(self.following.trouble)
        elif others or refused_before:
            self._take(replan=others)
        elif asked:
            log.get().info("settings_unchanged")
        self._notifier.ready()

    def _take(self, *, replan: bool) -> None:
        """Go on by the settings as they are now: others, or the old ones after wrong ones."""
        log.get().info("settings_taken", segments=len(self._settings.segments))
        if replan:
            self._look(self._learn)
            self._plan_anew(self.agenda.next)
        for observer in self._observers:
            observer.settings_taken(self.following)

    def _refuse(self, trouble: ConfigError) -> None:
        for problem in trouble.problems:
            log.get().error(
                "settings_refused",
                code=Code.SETTINGS.value,
                where=f"{problem.file}:{problem.line}",
                key=problem.key,
                why=problem.message.partition("\n")[0],
            )
        for observer in self._observers:
            observer.settings_refused(self.following)

    def _rest(self, coming: tuple[Turn, Instant] | None, now: Instant, until: Instant | None) -> None:
        if now < self._done_at - SLACK:
            log.get().warning("clock_went_back", seconds=self._done_at - now)
            self._done_at = now
            self._plan_anew()
            return
        if coming is not self._awaited or not self._awaiting:
            self._await(coming)
        ends = [now + SLICE, *([] if coming is None else [coming[1]]), *([] if until is None else [until])]
        self._clock.sleep(max(0.0, min(ends) - now))

    def _await(self, coming: tuple[Turn, Instant] | None) -> None:
        """Tell what comes next."""
        self._awaited, self._awaiting = coming, True
        text = f"next {coming[0].work.value} at {iso(coming[1])}" if coming else "nothing to do"
        self._notifier.status(f"{self._said}{text}")
        if coming is not None:
            for observer in self._observers:
                observer.waiting(*coming)

    def _do(self, turn: Turn) -> None:
        began, at = self._clock.monotonic(), self._clock.now()
        self._awaiting = False
        self._notifier.status(f"{turn.work.value} ({turn.why})")
        report, error = None, None
        with structlog.contextvars.bound_contextvars(work=turn.work.value):
            try:
                with self._open(self._settings, self._clock, self._heartbeat) as services:
                    try:
                        report = perform(services, turn)
                    except Exception as odd:  # noqa: BLE001  # the daemon outlives whatever a turn comes to
                        error = _understood(odd)
                    self._tell(turn, at, began, report, error, services)
            except SyncdError as refused:
                error = refused
                self._tell(turn, at, began, None, error, None)
        self._said = f"last {turn.work.value} at {iso(at)}: {_word(report, error)}; "
        self._done_at = self._clock.now()
        self.agenda.done(turn, self._done_at)
        if error is not None and turn.work is not Work.CYCLE:
            self.agenda.postpone(turn, self._done_at + RETRY)

    def _tell(  # what a turn came to
        self,
        turn: Turn,
        at: Instant,
        began: float,
        report: Report | None,
        error: SyncdError | None,
        services: Services | None,
    ) -> None:
        if error is not None:
            code = code_of(turn.work, error, opened=services is not None)
            log.get().error("turn_failed", code=code.value, why=error.message, hint=error.hint)
        seconds = round(self._clock.monotonic() - began, 3)
        ended = Ended(turn=turn, at=at, seconds=seconds, report=report, error=error, health=self._health(services))
        for observer in self._observers:
            observer.ended(ended, services)

    def _health(self, services: Services | None) -> Health | None:
        if services is None:
            return None
        try:
            with explaining(services.mirror.path):
                return health(services.settings, services.mirror, self._clock.now())
        except SyncdError:
            return None


def _word(report: Report | None, error: SyncdError | None) -> str:
    if error is not None:
        return "failed"
    return "done" if report is None else report.result


def _understood(odd: Exception) -> SyncdError:
    """Return an error as one that can be told without its words, which might name somebody."""
    if isinstance(odd, SyncdError):
        return odd
    log.get().debug("unforeseen", exc_info=odd)
    return FatalError(f"something unforeseen happened ({type(odd).__name__})", hint="try: syncd sync --verbose")
