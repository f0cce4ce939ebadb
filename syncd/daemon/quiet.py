"""Quiet hours: times of the day at which nothing is written to any service."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from syncd.config import QuietHours
from syncd.model import Instant


def is_quiet(hours: QuietHours | None, now: Instant, zone: tzinfo) -> bool:
    """Say whether an instant lies in quiet hours, by the clock of a zone; hours may reach over midnight."""
    if hours is None:
        return False
    local = datetime.fromtimestamp(now, UTC).astimezone(zone)
    minute = local.hour * 60 + local.minute
    if hours.begin <= hours.end:
        return hours.begin <= minute < hours.end
    return minute >= hours.begin or minute < hours.end
