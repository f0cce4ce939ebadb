"""`syncd runs`: the last runs; one run in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli import words
from syncd.cli.screen import Cell, Column, Table
from syncd.cli.session import Session

if TYPE_CHECKING:
    from syncd.config import Settings
    from syncd.mirror.database import Mirror
    from syncd.mirror.runs import Run


def runs(
    session: Session,
    *,
    run: Annotated[
        int | None, typer.Argument(metavar="[RUN]", help="The run to show in full.", show_default=False)
    ] = None,
    last: Annotated[int, typer.Option("--last", min=1, help="How many runs to list.")] = 20,
) -> int:
    """List the last runs, or show one in full: what was read, who moved, every change and its answer."""
    from syncd.cli.failing import UsageError  # noqa: PLC0415
    from syncd.cli.looking import existing_mirror  # noqa: PLC0415  # heavy
    from syncd.mirror import runs as kept  # noqa: PLC0415

    settings = session.settings(offline=True)
    with existing_mirror(settings) as mirror:
        if run is None:
            _list(session, settings, kept.last(mirror, last) if mirror else [])
            return 0
        found = kept.one(mirror, run) if mirror else None
        if mirror is None or found is None:
            raise UsageError(f"there is no run {run}", hint="type `syncd runs` for a list of them")
        _one(session, settings, mirror, found)
    return 0


def _list(session: Session, settings: Settings, found: list[Run]) -> None:
    told = [_told(settings, run) for run in found]
    if session.json:
        session.screen.document({"runs": told})
        return
    if not told:
        session.screen.say("No run yet.")
        session.screen.step("See what a first sync would do", "syncd plan")
        return
    columns = (
        Column("run", right=True),
        Column("begun (UTC)"),
        Column("command"),
        Column("took", right=True),
        Column("added", right=True),
        Column("removed", right=True),
        Column("refused", right=True),
        Column("result"),
    )
    session.screen.table(Table(columns, [_row(run, it) for run, it in zip(found, told, strict=True)]))
    session.screen.say()
    session.screen.step("See one in full", f"syncd runs {found[0].run}")


def _row(run: Run, told: dict[str, Any]) -> tuple[str | Cell, ...]:
    from syncd.cli.telling import RESULTS  # noqa: PLC0415

    report = told["report"] or {}
    applied = report.get("applied", {})
    return (
        str(run.run),
        words.moment(run.started_at),
        run.command,
        words.lasting(report["seconds"]) if report else "",
        words.number(applied.get("add", 0)),
        words.number(applied.get("remove", 0)),
        words.number(report.get("refused", 0)),
        Cell(told["result"], RESULTS.get(told["result"], "")),
    )


def _told(settings: Settings, run: Run) -> dict[str, Any]:
    """Return a run as JSON has it. One that is open although nobody is at work was killed."""
    import msgspec  # noqa: PLC0415

    from syncd.clock import iso  # noqa: PLC0415
    from syncd.mirror.lock import at_work  # noqa: PLC0415

    killed = run.result == "running" and not at_work(settings.syncd.database)
    return {
        "run": run.run,
        "command": run.command,
        "result": "killed" if killed else run.result,
        "started_at": iso(run.started_at),
        "ended_at": iso(run.ended_at),
        "report": msgspec.json.decode(run.report) if run.report else None,
    }


def _one(session: Session, settings: Settings, mirror: Mirror, run: Run) -> None:
    import msgspec  # noqa: PLC0415

    from syncd.cli.telling import RESULTS, tell_reading, tell_troubles, tell_writing  # noqa: PLC0415
    from syncd.cycle import Report  # noqa: PLC0415
    from syncd.mirror import runs as kept  # noqa: PLC0415

    told = _told(settings, run)
    if session.json:
        session.screen.document({**told, "changes": kept.changes(mirror, run.run)})
        return
    screen = session.screen
    screen.say(
        f"Run {run.run} ({run.command}): {told['result']}, begun {told['started_at']}",
        f"bold {RESULTS[told['result']]}",
    )
    tallies = kept.tally(mirror, run.run)
    report = msgspec.json.decode(run.report, type=Report) if run.report else Report()
    if report.undoes is not None:
        screen.say(f"To undo run {report.undoes}.")
    tell_reading(screen, report)
    tell_writing(screen, report, tallies)
    tell_troubles(screen, report)
    if tallies:
        screen.say()
        screen.step("Every change with its reason and its answer", f"syncd runs {run.run} --json")
        screen.step("Put tags back as they were before it", f"syncd undo {run.run}")
