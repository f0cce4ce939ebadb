"""`syncd sync`: one cycle, pull to push."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from syncd.cli import words
from syncd.cli.options import Full, OneSegment, OneStore, flag
from syncd.cli.screen import Screen
from syncd.cli.session import Session

if TYPE_CHECKING:
    from syncd.cli.cycling import Cycled


def sync(
    session: Session,
    *,
    plan: Annotated[
        str | None, typer.Option(metavar="CHECKSUM", help="Apply exactly the plan that was reviewed, holds included.")
    ] = None,
    full: Full = False,
    reconcile: Annotated[
        bool, flag("--reconcile", help="Compare everything with what the services list, due or not.")
    ] = False,
    store: OneStore = None,
    segment: OneSegment = None,
    pull_only: Annotated[bool, flag("--pull-only", help="Bring the mirror up to date, no more.")] = False,
    yes: Annotated[bool, flag("--yes", "-y", help="Let first pushes of a tag go ahead.")] = False,
) -> int:
    """Bring tags and audiences up to date.

    Reads what changed, works out who is in which segment, and writes the difference. What is more than the limits
    allow, and the first push of a tag, waits for a person: asked on a terminal, held elsewhere.
    """
    from syncd.cli.cycling import cycle, must_exist  # noqa: PLC0415  # heavy
    from syncd.cycle import Options, Part, exit_code  # noqa: PLC0415

    settings = session.settings()
    must_exist("store", store, settings.stores)
    must_exist("segment", segment, settings.segments)
    upto: Literal["pull", "push"] = "pull" if pull_only else "push"
    options = Options(
        command="sync",
        upto=upto,
        full=full,
        compare="now" if reconcile else "due",
        back_up=True,
        part=Part.of(store=store, segment=segment),
        checksum=plan,
        yes=yes,
    )
    done = cycle(session, settings, options)
    if session.json:
        session.screen.document(done.report)
    else:
        _tell(session, done, pull_only=pull_only)
    return exit_code(done.report)


def _tell(session: Session, done: Cycled, *, pull_only: bool) -> None:
    from syncd.cli.telling import RESULTS, tell_reading, tell_troubles, tell_writing  # noqa: PLC0415

    screen, report = session.screen, done.report
    screen.say(
        f"Run {report.run}: {report.result}, in {words.lasting(report.seconds)}", f"bold {RESULTS[report.result]}"
    )
    tell_reading(screen, report)
    tell_writing(screen, report, done.tallies)
    tell_troubles(screen, report)
    screen.say()
    if not pull_only and report.result == "done" and not done.tallies:
        screen.say("Nothing to write: every tag is where it should be.", "green")
    _next(session, done)


def _next(session: Session, done: Cycled) -> None:
    """Say what to type next."""
    screen, report = session.screen, done.report
    if report.failures:
        screen.step("See what is missing", "syncd check")
    elif report.kept or report.failed or report.unknown:
        screen.step("Try again", "syncd sync")
    if report.held:
        _release(screen, done)
    elif report.moved and report.result == "done":
        screen.step("See who is in a segment", f"syncd members {min(report.moved)}")


def _release(screen: Screen, done: Cycled) -> None:
    held = done.report.held
    if any(it["label"] for it in held):
        screen.step("Look at what is held", "syncd plan")
    if not all(it["label"] for it in held):
        screen.step("See whose consent is doubted", "syncd audit")
    first = {(label.wish.target, label.wish.label) for label in done.plan.labels if label.only_first}
    if all((it["target"], it["label"]) in first for it in held):
        screen.step("Let first pushes go ahead", "syncd sync --yes")
        return
    for run in sorted({it["run"] for it in held}):
        screen.step("Release what is held", f"syncd approve {run} && syncd sync")
