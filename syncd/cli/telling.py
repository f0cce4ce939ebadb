"""What a run did, in tables: for `sync`, when it ends, and for `runs RUN`, later."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from syncd.cli import words
from syncd.cli.screen import Cell, Column, Screen, Table

if TYPE_CHECKING:
    from syncd.cycle import Report
    from syncd.cycle.left_behind import LeftBehind
    from syncd.mirror.drift import Drift
    from syncd.mirror.runs import Tally

RESULTS = {
    "done": "green",
    "partial": "yellow",
    "held": "yellow",
    "failed": "red",
    "killed": "red",
    "interrupted": "red",
    "running": "cyan",
}
_MOST_ANSWERS = 10
"""Different refusals shown; `syncd runs RUN --json` has them all."""


def tell_reading(screen: Screen, report: Report) -> None:
    """Show what was read, and who entered and left which segment."""
    screen.table(_read(report))
    screen.table(drifted(report.drift))
    moved = _moved(report)
    screen.table(moved)
    same = len(report.moved) - len(moved.rows)
    if same:
        others = f"the other {same} segments" if same > 1 else "the other segment"
        screen.say()
        screen.say(f"Nobody entered or left {others if moved.rows else 'any segment'}.")


def tell_writing(screen: Screen, report: Report, tallies: Sequence[Tally]) -> None:
    """Show what was written, and what the services refused."""
    screen.table(_written(tallies))
    if report.created:
        screen.say(f"New contacts made in the audiences, among those added: {words.number(report.created)}", "dim")
    screen.table(_refused(tallies))


def tell_left_behind(screen: Screen, found: Sequence[LeftBehind]) -> None:
    """Show which tags cannot be taken off any more, for want of their store's or audience's key."""
    for it in found:
        screen.say()
        screen.say(f"{it.why}.", "yellow")
        screen.say(f"  {it.fix}")


def tell_troubles(screen: Screen, report: Report) -> None:
    """Show what was not done and why: people left out, segments kept, what waits, what failed."""
    tell_left_out(screen, report)
    screen.table(_kept(report))
    screen.table(_held(report))
    tell_left_behind(screen, report.left_behind)
    for failure in report.failures:
        screen.say()
        screen.say(f"{failure.stage}, {failure.where}: {failure.message}", "red")
        if failure.hint:
            screen.say(f"  {failure.hint}")


def tell_left_out(screen: Screen, report: Report) -> None:
    """Show who is left as they are, and why."""
    screen.table(_left_out(report))


def _read(report: Report) -> Table:
    rows: list[tuple[str | Cell, ...]] = []
    for owner, kinds in report.pulled.items():
        gone = report.removed.get(owner, {})
        rows.append(
            (
                owner,
                _records(kinds) or Cell("nothing new", "dim"),
                _records(gone),
                words.number(sum(report.calls.get(owner, {}).values())),
            )
        )
    columns = (
        Column("read from"),
        Column("records", flexible=True),
        Column("gone there"),
        Column("requests", right=True),
    )
    return _without_empty_columns(Table(columns, rows, "Read"))


def drifted(drift: Sequence[Drift]) -> Table:
    """Return the labels whose carriers were not those whom we know of."""
    rows = [(it.target, it.label, words.number(it.missing), words.number(it.foreign)) for it in drift]
    columns = (
        Column("at"),
        Column("tag", flexible=True),
        Column("taken away by others", right=True),
        Column("given by others", right=True),
    )
    return Table(columns, rows, "Compared with who really carries the tag")


def _records(kinds: Mapping[str, int]) -> str:
    return ", ".join(words.counted(count, kind.removesuffix("s")) for kind, count in kinds.items() if count)


def _moved(report: Report) -> Table:
    rows = [
        (name, words.number(moved["size"]), _signed(moved["entered"], "+"), _signed(moved["left"], "-"))
        for name, moved in sorted(report.moved.items())
        if moved["entered"] or moved["left"]
    ]
    columns = (
        Column("segment", flexible=True),
        Column("members", right=True),
        Column("entered", right=True),
        Column("left", right=True),
    )
    return Table(columns, rows, "Segments")


def _written(tallies: Sequence[Tally]) -> Table:
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for it in tallies:
        state = f"{it.action} {it.state}" if it.state == "applied" else it.state
        counts[it.target, it.label][state] += it.changes
    states = ("add applied", "remove applied", "opt-out applied", "refused", "failed", "unknown")
    rows = [
        (target, label, *(_signed(ended[state], sign) for state, sign in zip(states, "+-    ", strict=True)))
        for (target, label), ended in counts.items()
    ]
    columns = (
        Column("written to"),
        Column("tag", flexible=True),
        Column("added", right=True),
        Column("removed", right=True),
        Column("unsubscribed", right=True),
        Column("refused", right=True),
        Column("failed", right=True),
        Column("unknown", right=True),
    )
    return _without_empty_columns(Table(columns, rows, "Written"), keep=4)


def _left_out(report: Report) -> Table:
    rows = [(it["target"], it["label"], words.number(it["people"]), _unprefixed(it["why"])) for it in report.left_out]
    columns = (Column("at"), Column("tag"), Column("people", right=True), Column("why", flexible=True))
    return Table(columns, rows, "Left out")


def _refused(tallies: Sequence[Tally]) -> Table:
    answers: Counter[tuple[str, str]] = Counter()
    for it in tallies:
        if it.state == "refused":
            answers[it.target, it.answer] += it.changes
    rows = [(target, words.number(count), answer) for (target, answer), count in answers.most_common(_MOST_ANSWERS)]
    columns = (Column("refused by"), Column("times", right=True), Column("in its own words", flexible=True))
    return Table(columns, rows, "Refused: not tried again until something about the person changes")


def _kept(report: Report) -> Table:
    rows = [(it["segment"], it["store"], it["why"]) for it in report.kept]
    columns = (Column("segment"), Column("store"), Column("why", flexible=True))
    return Table(columns, rows, "Kept as they were, for what they need could not be read")


def _held(report: Report) -> Table:
    rows = [(it["target"], it["label"], Cell(it["why"], "yellow")) for it in report.held]
    columns = (Column("at"), Column("tag"), Column("why it waits", flexible=True))
    return Table(columns, rows, "Held: not done before somebody says so")


def _signed(count: int, sign: str) -> str:
    return f"{sign.strip()}{count:,}" if count else ""


def _unprefixed(why: str) -> str:
    """Take off what the table's title says already."""
    return why.removeprefix("left out: ").removeprefix("left alone: ")


def _without_empty_columns(table: Table, keep: int = 0) -> Table:
    """Leave out columns that no row fills, save the first `keep`."""
    used = [at for at in range(len(table.columns)) if at < keep or any(row[at] for row in table.rows)]
    return Table([table.columns[at] for at in used], [[row[at] for at in used] for row in table.rows], table.title)
