"""Keeping the mirror safe while it is at work: a sound file, a clock that can be believed, a backup when one is due."""

from __future__ import annotations

from syncd import log
from syncd.clock import iso
from syncd.cycle.report import Report
from syncd.cycle.services import Services
from syncd.errors import FatalError, SyncdError
from syncd.mirror import backups, runs, soundness
from syncd.mirror.care import SLACK, due
from syncd.mirror.database import Mirror
from syncd.model import Instant


def doubt_clock(mirror: Mirror, now: Instant, report: Report) -> None:
    """Report a clock that went back since the last run: days in segments are counted from it, and so are ages.

    What was read is not concerned: cursors are in the services' own time. It is told once, for the next run compares
    with this one; what a wrong day would change is bounded by the limits.
    """
    at = max((max(it.started_at, it.ended_at or 0) for it in runs.last(mirror, 2) if it.run != report.run), default=0)
    if at > now + SLACK:
        report.fail(
            "check",
            "clock",
            FatalError(
                f"the clock of this machine went back: the last run was at {iso(at)}, and now it is {iso(now)}",
                hint="set it right (timedatectl), and sync again: days in segments are counted from it",
            ),
        )


def back_up(services: Services) -> SyncdError | None:
    """Make a backup where the newest is old enough; return what kept it from that."""
    newest = next((it.made_at for it in backups.listed(services.mirror.path) if not it.why), None)
    if not due(newest, services.settings.syncd.backup_every, services.clock.now()):
        return None
    try:
        make_backup(services)
    except SyncdError as error:
        return error
    return None


def make_backup(services: Services) -> None:
    """Make a backup, and delete those that are too many. It is checked whole, and so tells whether the mirror is.

    Raises:
        FatalError: It cannot be written, or the mirror is damaged: the next run finds that out for itself, and stops.
    """
    mirror, now = services.mirror, services.clock.now()
    try:
        made = backups.make(mirror, now)
    except backups.DamagedError:
        soundness.doubt(mirror)
        raise
    soundness.found_whole(mirror, now)
    backups.prune(services.mirror.path, services.settings.syncd.keep_backups)
    log.get().info("backup_made", bytes=made.stat().st_size)
