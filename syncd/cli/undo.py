"""`syncd undo`: labels put back as they were before a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli import words
from syncd.cli.options import flag
from syncd.cli.screen import Column, Screen, Table
from syncd.cli.session import Session

if TYPE_CHECKING:
    from syncd.config import Settings
    from syncd.cycle import Report
    from syncd.mirror.runs import Tally
    from syncd.plan import Plan


def undo(
    session: Session,
    run: Annotated[int, typer.Argument(metavar="RUN", help="The run whose changes are put back.")],
    *,
    plan: Annotated[
        str | None, typer.Option(metavar="CHECKSUM", help="Do exactly what was shown under this checksum.")
    ] = None,
    yes: Annotated[bool, flag("--yes", "-y", help="Do it without asking.")] = False,
) -> int:
    """Put tags back as they were before a run.

    Shows what would be put back and what cannot be, and asks; where nobody is there to answer, nothing is done without
    --yes or --plan. What a later run or somebody's hand has changed since is left alone. It is a run of its own, and
    can be undone too. What was undone is not done again by itself: `syncd approve` of the undoing run releases it.
    """
    from syncd.cli.cycling import at_work  # noqa: PLC0415  # heavy
    from syncd.cycle import Undoing, exit_code  # noqa: PLC0415
    from syncd.cycle import undo as undo_run  # noqa: PLC0415
    from syncd.cycle.report import plan_document  # noqa: PLC0415
    from syncd.mirror import runs  # noqa: PLC0415

    settings = session.settings()
    _refuse_in_vain(settings, run)
    with at_work(session, settings) as (services, bars):

        def asked(made: Plan, report: Report) -> bool:
            with bars.paused():
                _tell_plan(session.aside, made, report)
                return session.ask(f"Put these {words.counted(len(made.changes), 'change')} back?")

        undoing = Undoing(run=run, checksum=plan, yes=yes, ask=asked if session.attended else None)
        report, made = undo_run(services, undoing)
        tallies = runs.tally(services.mirror, report.run)
    if session.json:
        import msgspec  # noqa: PLC0415

        document: dict[str, Any] = plan_document(made, report) | msgspec.to_builtins(report)
        session.screen.document(document)
    else:
        _tell(session, made, report, tallies)
    return exit_code(report)


def _refuse_in_vain(settings: Settings, run: int) -> None:
    """Refuse a run that is not there, that has not ended, or that wrote nothing.

    Raises:
        UsageError: It is one of these.
    """
    from syncd.cli.failing import UsageError  # noqa: PLC0415
    from syncd.cli.looking import existing_mirror  # noqa: PLC0415
    from syncd.cycle.undoing import wrote  # noqa: PLC0415
    from syncd.mirror import runs  # noqa: PLC0415
    from syncd.mirror.lock import at_work  # noqa: PLC0415

    with existing_mirror(settings) as mirror:
        found = runs.one(mirror, run) if mirror else None
        if mirror is None or found is None:
            raise UsageError(f"there is no run {run}", hint="type `syncd runs` for a list of them")
        if found.result == "running" and at_work(settings.syncd.database):
            raise UsageError(f"run {run} is still at work", hint="undo it when it has ended: syncd status")
        if not wrote(mirror, run):
            held = found.result == "held"
            raise UsageError(
                f"run {run} ({found.command}, {found.result}) wrote nothing, so there is nothing to undo",
                hint="what it held was not done" if held else "type `syncd runs` to see which run did what",
            )


def _tell(session: Session, made: Plan, report: Report, tallies: list[Tally]) -> None:
    from syncd.cli.telling import RESULTS, tell_troubles, tell_writing  # noqa: PLC0415

    screen = session.screen
    screen.say(f"Run {report.run}, to undo run {report.undoes}: {report.result}", f"bold {RESULTS[report.result]}")
    if report.held:
        if not session.attended:  # whoever was asked has just seen it
            _tell_plan(screen, made, report)
        screen.say()
        screen.say("Nothing was done: to undo something needs a person's word.", "yellow")
        screen.step("Put exactly these back", f"syncd undo {report.undoes} --plan {made.checksum}")
        return
    tell_writing(screen, report, tallies)
    tell_troubles(screen, report)
    _tell_stays(screen, report)
    screen.say()
    if not made.changes:
        screen.say(f"Nothing is left to undo of run {report.undoes}.", "green")
        return
    if report.failures or report.failed or report.unknown:
        screen.step("Put back the rest", f"syncd undo {report.undoes}")
    screen.say(
        "It is not done again by itself, until the rule changes or the person leaves the segment and comes back."
    )
    screen.step("Let it be done again", f"syncd approve {report.run} && syncd sync")
    screen.step("Undo the undoing", f"syncd undo {report.run}")


def _tell_plan(screen: Screen, made: Plan, report: Report) -> None:
    from syncd.cli.telling import tell_left_out  # noqa: PLC0415

    rows = [
        (
            label.wish.target,
            label.wish.label,
            words.number(label.ours),
            words.number(label.adds) if label.adds else "",
            words.number(label.removes) if label.removes else "",
        )
        for label in made.labels
    ]
    columns = (
        Column("at"),
        Column("tag", flexible=True),
        Column("have it", right=True),
        Column("give back", right=True),
        Column("take off", right=True),
    )
    screen.table(Table(columns, rows, f"To undo run {report.undoes}"))
    tell_left_out(screen, report)
    _tell_stays(screen, report)


def _tell_stays(screen: Screen, report: Report) -> None:
    if report.stays:
        screen.heading("What stays")
        for line in report.stays:
            screen.say(f"  {line}")
