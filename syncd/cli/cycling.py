"""One cycle from the command line: the lock, the bars, the question about each hold. `plan` and `sync` share it."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager

import msgspec

from syncd.cli.bars import Bars
from syncd.cli.failing import UsageError
from syncd.cli.session import Session
from syncd.config import Settings
from syncd.cycle import Options, Report, Services, run_cycle
from syncd.mirror import runs
from syncd.mirror.lock import run_lock
from syncd.mirror.runs import Tally
from syncd.model import Hold
from syncd.plan import Plan
from syncd.wiring import opened, opened_mirror

PATIENCE = 600.0
"""Seconds to wait for another run to end."""


class Cycled(msgspec.Struct, frozen=True):
    """A cycle that ended: what it did, the plan it made, and what came of its changes."""

    report: Report
    plan: Plan
    tallies: list[Tally]


def cycle(session: Session, settings: Settings, options: Options) -> Cycled:
    """Run one cycle, once no other run is at work.

    Raises:
        SyncdError: As `run_cycle`, `opened` and `run_lock` do.
    """
    with at_work(session, settings) as (services, bars):

        def asked(hold: Hold) -> bool:
            with bars.paused():
                return session.ask(f"{hold.label} at {hold.target}: {hold.why}. Go ahead?")

        if session.attended:
            options = msgspec.structs.replace(options, ask=asked)
        report, plan = run_cycle(services, options)
        return Cycled(report, plan, runs.tally(services.mirror, report.run))


@contextmanager
def at_work(session: Session, settings: Settings) -> Iterator[tuple[Services, Bars]]:
    """Open everything, once no other run is at work, and show how far long work is.

    Raises:
        SyncdError: As `opened` and `run_lock` do.
    """
    bars = Bars(session.clock)
    with (
        bars as progress,
        opened(settings, session.clock, progress) as services,
        _alone(session, settings),
    ):
        yield services, bars


@contextmanager
def at_work_locally(session: Session, settings: Settings) -> Iterator[tuple[Services, Bars]]:
    """Open the mirror alone, once no other run is at work: no store, no audience, no secret is needed.

    Raises:
        SyncdError: As `opened_mirror` and `run_lock` do.
    """
    with opened_mirror(settings) as mirror, _alone(session, settings):
        services = Services(settings=settings, mirror=mirror, clock=session.clock, stores={}, audiences={})
        yield services, Bars(session.clock)


def _alone(session: Session, settings: Settings) -> AbstractContextManager[None]:
    def waiting(holder: str) -> None:
        session.aside.say(f"waiting for another syncd (process {holder}) that is at work on {settings.syncd.database}")

    return run_lock(settings.syncd.database, session.clock, patience=PATIENCE, waiting=waiting)


def must_exist(what: str, name: str | None, known: Collection[str]) -> None:
    """Refuse the name of a store or a segment that the settings do not have.

    Raises:
        UsageError: It is not among the known ones; the likely one is named.
    """
    if name is None or name in known:
        return
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    listed = ", ".join(sorted(known)) or "none"
    raise UsageError(
        f"the settings have no {what} {name!r}", hint=f"did you mean {close[0]}?" if close else f"there are: {listed}"
    )
