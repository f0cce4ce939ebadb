"""What is to be done when: cycles of stores, their midnights, comparisons, backups, tidying up.

Stores that feed one audience are read together, as often as the most impatient of them and of their audiences: an
audience is written to only on the word of all its stores.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec
from apscheduler.triggers.base import BaseTrigger

from syncd.config import AudienceSettings, Settings, StoreSettings
from syncd.daemon.triggers import cron, every, following, midnight
from syncd.model import Instant

_DAY = 86_400


class Work(StrEnum):
    """What a turn does."""

    CYCLE = "cycle"
    RECONCILE = "reconcile"
    BACKUP = "backup"
    TIDY = "tidy"


_READING = frozenset({Work.CYCLE, Work.RECONCILE})


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """Something that comes up again and again.

    Attributes:
        stores: The stores that it is about, by name; none where it is about the mirror.
        why: What brings it up, for the log: `every 300 s`, `midnight in Europe/Berlin`.
        trigger: When.
    """

    work: Work
    stores: frozenset[str] = frozenset()
    why: str
    trigger: BaseTrigger

    @property
    def name(self) -> str:
        """What tells it from the others, and finds it again under new settings."""
        return f"{self.work.value} {'+'.join(sorted(self.stores))} {self.why}"


class Agenda:
    """Turns, and when each comes up next. What was missed is made up for once, however often it was missed."""

    def __init__(self, turns: list[Turn], now: Instant, *, known: dict[str, Instant | None] | None = None) -> None:
        """Plan from now on; a turn whose next moment is `known` keeps it."""
        self.turns = turns
        self.next: dict[str, Instant | None] = {
            turn.name: (known or {}).get(turn.name) or following(turn.trigger, None, now) for turn in turns
        }
        self._coming = self._first()

    def coming(self) -> tuple[Turn, Instant] | None:
        """Return the turn that comes up first, and when; None where nothing ever does."""
        return self._coming

    def postpone(self, turn: Turn, at: Instant) -> None:
        """Let a turn come up at another moment than its own, once."""
        self.next[turn.name] = at
        self._coming = self._first()

    def done(self, turn: Turn, now: Instant) -> None:
        """Plan a turn's next time, past all that went by meanwhile. Whatever read its stores counts for a cycle."""
        for other in self.turns:
            covered = other.work is Work.CYCLE and turn.work in _READING and other.stores <= turn.stores
            if other.name == turn.name or covered:
                self._move_on(other, now)
        self._coming = self._first()

    def _first(self) -> tuple[Turn, Instant] | None:
        waiting = [(at, place) for place, turn in enumerate(self.turns) if (at := self.next[turn.name]) is not None]
        if not waiting:
            return None
        at, place = min(waiting)
        return self.turns[place], at

    def _move_on(self, turn: Turn, now: Instant) -> None:
        at = self.next[turn.name]
        if at is not None and at <= now:
            at = following(turn.trigger, at, now)
        if at is not None and at <= now:  # more than one was missed: they are not walked one by one
            at = following(turn.trigger, None, now + 1)
        self.next[turn.name] = at


def agenda_of(
    settings: Settings, zones: Mapping[str, ZoneInfo], last: Mapping[Work, Instant | None], now: Instant
) -> list[Turn]:
    """Return the turns of some settings.

    Args:
        settings: What is wanted.
        zones: The stores' own, where they are known.
        last: When work that outlives a restart was last done.
        now: From when on.
    """
    turns = [turn for stores in together(settings) for turn in _cycles(settings, stores, zones, now)]
    for work, seconds in (
        (Work.RECONCILE, settings.syncd.reconcile_every),
        (Work.BACKUP, settings.syncd.backup_every),
        (Work.TIDY, _DAY),
    ):
        stores = frozenset(settings.stores) if work is Work.RECONCILE else frozenset[str]()
        first = _first(last.get(work), seconds, now)
        turns.append(Turn(work=work, stores=stores, why=f"every {seconds} s", trigger=every(seconds, first)))
    return turns


def _first(last: Instant | None, seconds: int, now: Instant) -> Instant:
    """Return when work is due that was last done at `last`; at once where that was never, or lies in the future."""
    return now if last is None or last > now else max(now, last + seconds)


def together(settings: Settings) -> list[frozenset[str]]:
    """Return the groups of stores that share an audience, directly or round several."""
    groups = [frozenset({name}) for name in settings.stores]
    for audience in settings.audiences:
        feeding = {store for it in settings.segments.values() if audience in it.audiences for store in it.stores}
        touched = [group for group in groups if group & feeding]
        if touched:
            groups = [group for group in groups if not group & feeding] + [frozenset().union(*touched)]
    return sorted(groups, key=sorted)


def _cycles(settings: Settings, stores: frozenset[str], zones: Mapping[str, ZoneInfo], now: Instant) -> Iterator[Turn]:
    segments = [it for it in settings.segments.values() if it.enabled and stores & set(it.stores)]
    audiences = {name for it in segments for name in it.audiences}
    schedules: list[StoreSettings | AudienceSettings] = [settings.stores[name] for name in sorted(stores)]
    schedules += [settings.audiences[name] for name in sorted(audiences)]
    intervals = [it.every for it in schedules if it.every is not None]
    if intervals:
        least = min(intervals)
        yield Turn(work=Work.CYCLE, stores=stores, why=f"every {least} s", trigger=every(least, now))
    for line in sorted({it.cron for it in schedules if it.cron is not None}):
        for zone in sorted({_zone(settings, name, zones) for name in stores}, key=str):
            yield Turn(work=Work.CYCLE, stores=stores, why=f"cron {line} in {zone}", trigger=cron(line, zone))
    if any(it.rule.depends_on_day or it.rank is not None for it in segments):
        for zone in sorted({_zone(settings, name, zones) for name in stores}, key=str):
            yield Turn(work=Work.CYCLE, stores=stores, why=f"midnight in {zone}", trigger=midnight(zone))


def _zone(settings: Settings, store: str, zones: Mapping[str, ZoneInfo]) -> ZoneInfo:
    return ZoneInfo(settings.syncd.timezone) if settings.syncd.timezone else zones.get(store, ZoneInfo("UTC"))
