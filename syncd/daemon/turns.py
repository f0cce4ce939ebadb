"""What each kind of turn does."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from syncd import log
from syncd.cycle import Options, Part, Report, Services, run_cycle
from syncd.cycle.keeping import make_backup
from syncd.daemon.agenda import Turn, Work
from syncd.daemon.quiet import is_quiet
from syncd.mirror import backups, care
from syncd.mirror.lock import run_lock
from syncd.mirror.looks import reconciled_at
from syncd.mirror.pruning import prune_history
from syncd.mirror.stores import known
from syncd.model import Instant

PATIENCE = 6 * 3600.0
"""Seconds to wait for a run that somebody started by hand."""


def last_done(services: Services) -> dict[Work, Instant | None]:
    """Return when each kind of work that outlives a restart was last done."""
    newest = next((it.made_at for it in backups.listed(services.mirror.path) if not it.why), None)
    return {
        Work.RECONCILE: reconciled_at(services.mirror),
        Work.BACKUP: newest,
        Work.TIDY: care.when(services.mirror, Work.TIDY.value),
    }


def perform(services: Services, turn: Turn) -> Report | None:
    """Do a turn, once no other run is at work; return what a cycle did.

    Raises:
        SyncdError: What ended it.
    """

    def waiting(holder: str) -> None:
        log.get().info("waiting", process=holder)

    with run_lock(services.mirror.path, services.clock, patience=PATIENCE, waiting=waiting):
        match turn.work:
            case Work.BACKUP:
                make_backup(services)
            case Work.TIDY:
                _tidy(services)
            case _:
                return _cycle(services, turn)
    return None


def _cycle(services: Services, turn: Turn) -> Report:
    everything = turn.stores == services.settings.stores.keys()
    quiet = is_quiet(services.settings.syncd.quiet_hours, services.clock.now(), _zone(services))
    options = Options(
        command="run",
        upto="plan" if quiet else "push",
        compare="due" if turn.work is Work.RECONCILE else "never",
        part=Part(stores=None if everything else turn.stores),
    )
    return run_cycle(services, options)[0]


def _zone(services: Services) -> ZoneInfo:
    """Return the zone whose clock quiet hours are told by: that of the settings, or of the first store."""
    named = services.settings.syncd.timezone
    first = next(iter(known(services.mirror).values()), None)
    return ZoneInfo(named or (first.timezone if first else "UTC"))


def _tidy(services: Services) -> None:
    now = services.clock.now()
    gone = prune_history(services.mirror, now - services.settings.syncd.keep_history)
    care.done(services.mirror, Work.TIDY.value, now)
    log.get().info("tidied", rows=gone)
