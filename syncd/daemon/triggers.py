"""From what the settings say of a schedule to the moments it means: APScheduler's triggers, set up as crontab reads."""

from __future__ import annotations

import math
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from syncd.model import Instant

_WEEKDAYS = "sun mon tue wed thu fri sat sun".split()
JITTER_MOST = 20
"""Seconds at most by which something may be late, so that many installations do not all call on the minute."""


def every(seconds: int, first: Instant) -> BaseTrigger:
    """Return the trigger of something done every so many seconds, from a moment on."""
    start = datetime.fromtimestamp(first, UTC)
    return IntervalTrigger(seconds=seconds, start_date=start, timezone=UTC, jitter=min(JITTER_MOST, seconds // 15))


def cron(line: str, zone: tzinfo) -> BaseTrigger:
    """Return the trigger of a crontab line: 0 and 7 are Sunday, and of day and weekday, where both are given, one does.

    APScheduler counts weekdays from Monday and wants both: hence names, and two triggers.
    """
    minute, hour, day, month, weekday = line.split()
    days = _named(weekday)
    if day != "*" and weekday != "*":
        return OrTrigger([_cron(minute, hour, day, month, "*", zone), _cron(minute, hour, "*", month, days, zone)])
    return _cron(minute, hour, day, month, days, zone)


def midnight(zone: ZoneInfo) -> BaseTrigger:
    """Return the trigger of the moment after a zone's midnight."""
    return CronTrigger(hour=0, minute=0, second=5, timezone=zone)


def following(trigger: BaseTrigger, last: Instant | None, now: Instant) -> Instant | None:
    """Return a trigger's first moment after `last` (and, before there was any, from now on); None for never again."""
    before = None if last is None else datetime.fromtimestamp(last, UTC)
    found = trigger.get_next_fire_time(before, datetime.fromtimestamp(now, UTC))
    return None if found is None else math.ceil(found.timestamp())


def _cron(minute: str, hour: str, day: str, month: str, weekday: str, zone: tzinfo) -> BaseTrigger:  # a crontab's five
    return CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=zone)


def _named(weekday: str) -> str:
    """Return a weekday field with names in place of numbers, and no span that APScheduler would read from Monday on."""
    if weekday == "*":
        return "*"
    return ",".join(sorted({name for term in weekday.split(",") for name in _days(term)}))


def _days(term: str) -> list[str]:
    span, _, step = term.partition("/")
    ends = [0, 6] if span == "*" else [_number(end) for end in span.split("-")]
    last = ends[-1] if len(ends) > 1 or not step else 6
    return [_WEEKDAYS[at] for at in range(ends[0], last + 1, int(step or 1))]


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _WEEKDAYS.index(text)
