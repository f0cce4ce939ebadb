"""`syncd plan`: one cycle up to the plan, which is shown and not applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncd.cli import words
from syncd.cli.options import Full, OneSegment, OneStore
from syncd.cli.screen import Cell, Column, Screen, Table
from syncd.cli.session import Session

if TYPE_CHECKING:
    from syncd.cli.cycling import Cycled
    from syncd.model import Change
    from syncd.plan import LabelPlan

SAMPLE = 5
"""People shown of each label."""


def plan(
    session: Session,
    *,
    full: Full = False,
    store: OneStore = None,
    segment: OneSegment = None,
) -> int:
    """Show what a sync would change, and why; change nothing.

    Reads the stores and audiences into the mirror as a sync does. The checksum names exactly these changes.
    """
    from syncd.cli.cycling import cycle, must_exist  # noqa: PLC0415  # heavy
    from syncd.cycle import Options, exit_code  # noqa: PLC0415
    from syncd.cycle.report import plan_document  # noqa: PLC0415

    settings = session.settings()
    must_exist("store", store, settings.stores)
    must_exist("segment", segment, settings.segments)
    done = cycle(session, settings, Options(command="plan", upto="plan", full=full, store=store, segment=segment))
    if session.json:
        session.screen.document(plan_document(done.plan, done.report))
    else:
        _tell(session.screen, done)
    return 0 if done.report.result == "held" else exit_code(done.report)


def _tell(screen: Screen, done: Cycled) -> None:
    from syncd.cli.telling import tell_reading, tell_troubles  # noqa: PLC0415

    made = done.plan
    restless = [label for label in made.labels if label.changes]
    tell_reading(screen, done.report)
    screen.table(_summary(restless))
    for label in restless:
        _people(screen, label)
    tell_troubles(screen, done.report)
    screen.say()
    if not restless:
        _nothing(screen, done)
        return
    screen.say(f"Plan {made.checksum}: {words.counted(len(made.changes), 'change')}, none of them made yet.", "bold")
    screen.step("Make exactly these, what is held included", f"syncd sync --plan {made.checksum}")
    if made.holds:
        screen.step("Be asked about each one that is held", "syncd sync")


def _nothing(screen: Screen, done: Cycled) -> None:
    if done.report.failures or done.report.kept:
        screen.step("Nothing can be planned so far; see what is missing", "syncd check")
    else:
        screen.say("Nothing to change: every tag is where it should be.", "green")


def _summary(labels: list[LabelPlan]) -> Table:
    rows = [
        (
            label.wish.target,
            label.wish.label,
            words.number(label.present),
            _signed("+", label.adds),
            _signed("-", label.removes),
            _signed("", label.creates),
            Cell("held", "yellow") if _waits(label) else Cell("ready", "green"),
        )
        for label in labels
    ]
    columns = (
        Column("at"),
        Column("tag", flexible=True),
        Column("have it", right=True),
        Column("add", right=True),
        Column("remove", right=True),
        Column("new contacts", right=True),
        Column("state"),
    )
    return Table(columns, rows, "Plan")


def _people(screen: Screen, label: LabelPlan) -> None:
    rows = [
        (
            Cell("+" if change.action == "add" else "-", "green" if change.action == "add" else "red"),
            change.email or change.subject,
            Cell(change.reason, "dim"),
        )
        for change in _sample(label)
    ]
    rest = len(label.changes) - len(rows)
    if rest:
        rows.append((Cell(""), f"… and {words.number(rest)} more", Cell("")))
    title = f"{label.wish.label} at {label.wish.target}, for {label.wish.segment}"
    screen.table(Table((Column(""), Column("who"), Column("why", flexible=True)), rows, title))


def _sample(label: LabelPlan) -> list[Change]:
    """Return a few changes, of both kinds where there are both."""
    adds = [change for change in label.changes if change.action == "add"]
    removes = [change for change in label.changes if change.action == "remove"]
    few = removes[: max(2, SAMPLE - len(adds))]
    return adds[: SAMPLE - len(few)] + few


def _waits(label: LabelPlan) -> bool:
    return label.hold is not None and label.hold.approved_at is None


def _signed(sign: str, count: int) -> str:
    return f"{sign}{count:,}" if count else ""
