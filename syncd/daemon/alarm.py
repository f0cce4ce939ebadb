"""Notices what is wrong after each turn, and has it told: each thing once, not every cycle."""

from __future__ import annotations

import socket
from collections.abc import Iterable

import msgspec

from syncd.clock import Clock
from syncd.cycle import Report, Services
from syncd.daemon.agenda import Turn, Work, together
from syncd.daemon.conditions import Code, Condition, code_of, of_disk, of_health, of_settings, of_work
from syncd.daemon.courier import Courier, Errand
from syncd.daemon.daemon import Ended, Observer
from syncd.daemon.following import Following
from syncd.daemon.letters import View
from syncd.daemon.ways import ways
from syncd.mirror.presence import Failing, Presence

_OF_WORK = frozenset({Code.CYCLE, Code.CREDENTIALS, Code.MIRROR, Code.BACKUP, Code.TIDY})
_OF_HEALTH = frozenset({Code.STALE, Code.HELD, Code.REFUSED, Code.DRIFT})
_READING = frozenset({Work.CYCLE, Work.RECONCILE})


class Alarm(Observer):
    """Keeps what is wrong, and sends the courier."""

    def __init__(self, following: Following, presence: Presence, courier: Courier, clock: Clock) -> None:
        """Go on from what an earlier daemon noted in its file."""
        self._following = following
        self._presence = presence
        self._courier = courier
        self._standing: dict[Code, list[Condition]] = {}
        self._clock = clock

    def ended(self, ended: Ended, services: Services | None) -> None:
        """Look at a turn that ended."""
        settings = self._following.settings
        self._note(ended, services)
        self._see(_OF_WORK, of_work(settings, self._presence.state.failing))
        self._see({Code.DISK}, of_disk(settings.syncd.database))
        self._see({Code.SETTINGS}, of_settings(self._following.trouble))
        if ended.health is not None:
            self._see(_OF_HEALTH, of_health(settings, ended.health))
        self._send(well=_well(ended))

    def settings_refused(self, following: Following) -> None:
        """Look at settings that could not be taken over."""
        self._see({Code.SETTINGS}, of_settings(following.trouble))
        self._send(well=False)

    def settings_taken(self, following: Following) -> None:
        """Look at settings that are in force from now on.

        Stores that are read no more, or together with others from now on, have failed for the last time.
        """
        settings = following.settings
        kept = {_name(Work.CYCLE, stores) for stores in (*together(settings), frozenset(settings.stores))}
        failing = self._presence.state.failing
        gone = {name for name in failing if name.startswith(Work.CYCLE.value) and name not in kept}
        if gone:
            self._presence.change(failing={name: it for name, it in failing.items() if name not in gone})
            self._see(_OF_WORK, of_work(settings, self._presence.state.failing))
        self.settings_refused(following)

    def _see(self, looked: Iterable[Code], found: Iterable[Condition]) -> None:
        """Put what was found in the place of what was known of these codes."""
        conditions = list(found)
        for code in looked:
            self._standing[code] = [it for it in conditions if it.code is code]

    def _note(self, ended: Ended, services: Services | None) -> None:
        """Count turns that fail one after another; across restarts, too."""
        name = name_of(ended.turn)
        failing = dict(self._presence.state.failing)
        before = failing.pop(name, None)
        now = _failing(ended, before, opened=services is not None)
        if now is not None:
            failing[name] = now
        if failing != self._presence.state.failing:
            self._presence.change(failing=failing)

    def _send(self, *, well: bool) -> None:
        settings = self._following.settings
        all_well = well and not any(name.startswith("cycle") for name in self._presence.state.failing)
        view = View(
            sender=f"{socket.gethostname()} ({settings.path.name})",
            at=self._clock.now(),
            conditions=tuple(it for found in self._standing.values() for it in found),
            looked=frozenset(self._standing),
            repeat=settings.alerts.repeat_every,
        )
        address = settings.alerts.ping
        ping = address.get_secret_value() if address is not None and all_well else None
        self._courier.take(Errand(view=view, ways=tuple(ways(settings.alerts)), ping=ping))


def name_of(turn: Turn) -> str:
    """Return what a turn's failures are counted under: its work and its stores. A comparison is a cycle, and more."""
    return _name(Work.CYCLE if turn.work in _READING else turn.work, turn.stores)


def _name(work: Work, stores: Iterable[str]) -> str:
    return " ".join((work.value, *sorted(stores)))


def _well(ended: Ended) -> bool:
    done = ended.report is not None and ended.report.result in {"done", "held"}
    return ended.turn.work in _READING and ended.error is None and done


def _failing(ended: Ended, before: Failing | None, *, opened: bool) -> Failing | None:
    """Return how a turn failed, if it did."""
    turns, since = (before.turns + 1, before.since) if before else (1, ended.at)
    error = ended.error
    if error is not None:
        code = code_of(ended.turn.work, error, opened=opened)
        return Failing(code=code, turns=turns, since=since, why=error.message, fix=error.hint)
    return None if ended.report is None else _partly(ended.report, Failing(code="", turns=turns, since=since, why=""))


def _partly(report: Report, counted: Failing) -> Failing | None:
    """Return how a cycle failed in part or whole, by the worst that happened; none where nothing did."""
    if report.result not in {"partial", "failed"}:
        return None
    worst = min(report.failures, key=lambda it: it.kind != "credentials", default=None)
    if worst is not None:
        code = Code.CREDENTIALS if worst.kind == "credentials" else Code.CYCLE
        return msgspec.structs.replace(counted, code=code, why=f"{worst.stage}: {worst.message}", fix=worst.hint)
    kept = next(iter(report.kept), None)
    if kept is not None:
        why = f"the segment {kept['segment']} is not evaluated in {kept['store']}: {kept['why']}"
        return msgspec.structs.replace(counted, code=Code.CYCLE, why=why, fix="syncd check")
    why = f"{report.unknown:,} changes are not confirmed, and {report.failed:,} failed"
    return msgspec.structs.replace(counted, code=Code.CYCLE, why=why, fix=f"syncd runs {report.run}")
