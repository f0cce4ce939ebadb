"""`syncd plan`: one cycle up to the plan, which is shown and not applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli import words
from syncd.cli.options import Full, OneSegment, OneStore
from syncd.cli.screen import Cell, Column, Screen, Table
from syncd.cli.session import Session

if TYPE_CHECKING:
    from syncd.cli.cycling import Cycled
    from syncd.cycle import Report
    from syncd.model import Change, Wish
    from syncd.plan import LabelPlan, Plan


def plan(
    session: Session,
    *,
    full: Full = False,
    store: OneStore = None,
    segment: OneSegment = None,
    sample: Annotated[int, typer.Option("--sample", min=0, help="How many people to show of each tag.")] = 5,
) -> int:
    """Show what a sync would change, and why; change nothing.

    Reads the stores and audiences into the mirror as a sync does. The checksum names exactly these changes.
    """
    from syncd.cli.cycling import cycle, must_exist  # noqa: PLC0415  # heavy
    from syncd.cycle import Options, Part, exit_code  # noqa: PLC0415
    from syncd.cycle.report import plan_document  # noqa: PLC0415

    settings = session.settings()
    must_exist("store", store, settings.stores)
    must_exist("segment", segment, settings.segments)
    part = Part.of(store=store, segment=segment)
    done = cycle(session, settings, Options(command="plan", upto="plan", full=full, part=part))
    if session.json:
        session.screen.document(plan_document(done.plan, done.report))
    else:
        _tell(session.screen, done, sample)
    return 0 if done.report.result == "held" else exit_code(done.report)


def _tell(screen: Screen, done: Cycled, sample: int) -> None:
    from syncd.cli.telling import tell_reading, tell_troubles  # noqa: PLC0415

    made = done.plan
    restless = [label for label in made.labels if label.everything]
    tell_reading(screen, done.report)
    screen.table(_summary(restless))
    _effects(screen, made)
    for label in restless if sample else ():
        _people(screen, label, sample)
    tell_troubles(screen, done.report)
    screen.table(_costs(done.report))
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
            words.number(label.ours),
            _signed("+", label.adds),
            _signed("-", label.removes + len(label.ordered)),
            _signed("", label.creates),
            _state(label),
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


def _costs(report: Report) -> Table:
    rows = [
        (
            it.target,
            words.number(it.changes),
            words.number(it.calls),
            "" if it.points is None else words.number(round(it.points)),
            words.lasting(it.seconds),
        )
        for it in report.costs
    ]
    named = (Column(name, right=True) for name in ("changes", "calls", "points", "time"))
    return Table((Column("at"), *named), rows, "What all of it would take, about")


def _state(label: LabelPlan) -> Cell:
    if not _waits(label):
        return Cell("ready", "green")
    urgent = f", save {words.number(len(label.ordered))} on the exclusion list" if label.ordered else ""
    return Cell(f"held{urgent}", "yellow")


def _effects(screen: Screen, made: Plan) -> None:
    """Say who would become a contact and how, and what the tags would set off."""
    from syncd.cycle.report import newcomers  # noqa: PLC0415  # heavy

    for audience, statuses in newcomers(made).items():
        parts = [
            f"{words.number(statuses[status])} as {status} ({meaning})"
            for status, meaning in (("subscribed", "with the store's consent"), ("transactional", "without consent"))
            if statuses[status]
        ]
        screen.say(f"New contacts in {audience}: {words.listed(parts)}")
    for label in made.labels:
        if label.sets_off:
            screen.say(f"{label.wish.label} at {label.wish.target}: {label.warning}", "yellow")


def _people(screen: Screen, label: LabelPlan, sample: int) -> None:
    wish = label.wish
    why = f"in {wish.segment}: {wish.why}"
    rows = [
        (
            Cell("+", "green") if change.action == "add" else Cell("-", "red"),
            change.email or f"customer {change.subject}",
            Cell(change.reason.removeprefix(why).removeprefix("; "), "dim"),
        )
        for change in _sample(label, sample)
    ]
    screen.heading(f"{wish.label} at {wish.target}")
    screen.say(_what_for(wish), "dim")
    screen.table(Table((Column(""), Column(""), Column("", flexible=True)), rows))
    rest = len(label.everything) - len(rows)
    if rest:
        screen.say(f"   … and {words.number(rest)} more")


def _what_for(wish: Wish) -> str:
    if wish.opted_out_of:
        return "noted in the store as the person's own word (write_back_optouts)"
    return f"for {wish.segment}: {wish.why}" if wish.why else f"for {wish.segment}"


def _sample(label: LabelPlan, most: int) -> list[Change]:
    """Return a few changes, of both kinds where there are both."""
    adds = [change for change in label.everything if change.action == "add"]
    removes = [change for change in label.everything if change.action != "add"]
    few = removes[: max(most // 2, most - len(adds))]
    return adds[: most - len(few)] + few


def _waits(label: LabelPlan) -> bool:
    return label.hold is not None and label.hold.approved_at is None


def _signed(sign: str, count: int) -> str:
    return f"{sign}{count:,}" if count else ""
