"""The run: pull, evaluate, plan, push, and the report of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec
import structlog

from syncd.cycle.departing import erase_departed
from syncd.cycle.diary import write_down
from syncd.cycle.doubting import take_stock
from syncd.cycle.evaluate import evaluate
from syncd.cycle.excluding import renew_exclusions
from syncd.cycle.keeping import back_up, doubt_clock
from syncd.cycle.outline import remember
from syncd.cycle.part import ALL, Part
from syncd.cycle.planning import make_plan
from syncd.cycle.pricing import costs
from syncd.cycle.push import push, read_back
from syncd.cycle.reading import Extent, read_again, read_all
from syncd.cycle.report import Report, Throttled
from syncd.cycle.services import Services
from syncd.errors import UnsafePlanError
from syncd.mirror import membership, planned, runs, touched
from syncd.mirror.database import explaining
from syncd.mirror.filling import make_whole
from syncd.mirror.soundness import look_over
from syncd.model import Hold
from syncd.plan import Plan


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is to do.

    Attributes:
        upto: Where to stop: after the pull, after the plan, or not at all.
        full: Read everything again and look at everybody, whatever is known of before.
        compare: When everything is compared with what the services list: where that is `due`, `now`, or `never`.
        back_up: Make a backup at the end where one is due.
        part: What it is about.
        checksum: Apply only if the plan is the one that was reviewed; it is then applied whole, holds included.
        yes: Let first pushes go ahead.
        ask: Asked of each hold where somebody is there to answer; True releases it.
    """

    command: str = "sync"
    upto: Literal["pull", "plan", "push"] = "push"
    full: bool = False
    compare: Literal["due", "now", "never"] = "due"
    back_up: bool = False
    part: Part = ALL
    checksum: str | None = None
    yes: bool = False
    ask: Callable[[Hold], bool] | None = None


def run_cycle(services: Services, options: Options) -> tuple[Report, Plan]:
    """Run one cycle and return what it did, and the plan it made.

    The run is in the mirror from its first moment; an error that ends it is noted there before it goes on up.

    Raises:
        UnsafePlanError: The plan is not the one whose checksum was given; nothing was applied.
    """
    report, plan = recorded(services, options.command, lambda report: _stages(services, options, report))
    _forget_seen(services)
    if options.back_up:
        _back_up(services, report)
    return report, plan


def _forget_seen(services: Services) -> None:
    """Forget which changes everybody has seen: each segment in its evaluation, each label in its plan."""
    mirror = services.mirror
    touched.prune(mirror, [*(it.seen for it in membership.standings(mirror)), *planned.seen(mirror)])


def _back_up(services: Services, report: Report) -> None:
    """Make a backup, where one is due, of a run that has ended; one that fails is part of the run's report."""
    error = back_up(services)
    if error is not None:
        report.fail("backup", "database", error)
        report.conclude()
        runs.end(services.mirror, report.run, services.clock.now(), report.result, report.to_json().decode())


def recorded(services: Services, command: str, stages: Callable[[Report], Plan]) -> tuple[Report, Plan]:
    """Run the stages of a run, with its number, its report and its end in the mirror, however it ends.

    Raises:
        FatalError: The file of the mirror is damaged; nothing was begun.
    """
    clock = services.clock
    look_over(services.mirror, clock.now())
    make_whole(services.mirror)
    report = Report(run=runs.begin(services.mirror, command, clock.now()))
    remember(services.mirror, services.settings)
    started = clock.monotonic()
    with structlog.contextvars.bound_contextvars(run=report.run):
        try:
            with explaining(services.mirror.path):
                doubt_clock(services.mirror, clock.now(), report)
                plan = stages(report)
            report.conclude()
        except BaseException as error:
            report.result = "failed" if isinstance(error, Exception) else "interrupted"
            raise
        finally:
            report.seconds = round(clock.monotonic() - started, 3)
            report.calls = {name: dict(calls) for name, calls in services.calls.items()}
            report.throttled = {
                name: Throttled(it.waits, round(it.waited, 3), it.left) for name, it in services.allowances.items()
            }
            runs.end(services.mirror, report.run, clock.now(), report.result, report.to_json().decode())
        write_down(services, report)
    return report, plan


def _stages(services: Services, options: Options, report: Report) -> Plan:
    if options.upto != "pull":
        renew_exclusions(services, report)
    extent = Extent(full=options.full, compare=options.compare)
    clock = services.clock
    with report.stage("pull", clock):
        readiness = read_all(services, report, extent, options.part)
    if options.upto == "pull":
        report.held = take_stock(services, report.run)
        return Plan()
    with report.stage("evaluate", clock):
        stale = evaluate(services, readiness, report, options.part, full=options.full)
    for name in (*services.stores, *services.audiences):
        if name not in readiness.unwritable:
            why = read_back(services, name, report)
            if why:
                readiness.unwritable[name] = why
    doubted = take_stock(services, report.run)  # after the last look at anybody, before the first decision
    with report.stage("plan", clock):
        plan = make_plan(services, readiness, stale, report, options.part, whole=options.full)
    report.held += doubted
    if options.upto == "plan":
        report.costs = costs(services, plan)
    if options.upto == "push":
        with report.stage("push", clock):
            _push(services, options, report, plan)
        erase_departed(services)
    return plan


def _push(services: Services, options: Options, report: Report, plan: Plan) -> None:
    released = _released(plan, options)
    runs.release(services.mirror, released, services.clock.now())
    report.held = [row for row in report.held if (row["target"], row["label"]) not in released]
    written = push(services, plan, report, released)
    for name in sorted(written & services.stores.keys()):
        read_again(services, name, report)


def _released(plan: Plan, options: Options) -> set[tuple[str, str]]:
    """Say which holds are lifted: approved ones, first pushes with --yes, all of a reviewed plan, what `ask` allows."""
    if options.checksum is not None and options.checksum != plan.checksum:
        raise UnsafePlanError(
            f"the plan is no longer the one you reviewed (it is {plan.checksum} now)",
            hint="look at it again with: syncd plan",
        )
    if options.checksum is not None:
        return {(label.wish.target, label.wish.label) for label in plan.labels}
    released: set[tuple[str, str]] = set()
    for label in plan.labels:
        hold = label.hold
        if hold is not None and (
            hold.approved_at is not None
            or (options.yes and label.only_first)
            or (options.ask is not None and options.ask(hold))
        ):
            released.add((hold.target, hold.label))
    return released
