"""`syncd history`: everything that was ever done to somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncd.cli import whom, words
from syncd.cli.options import OneStore
from syncd.cli.screen import Cell, Column, Screen, Table
from syncd.cli.session import Session
from syncd.cli.whom import Person

if TYPE_CHECKING:
    from syncd.cycle.recounting import Event, History

_SIGNS = {
    "entered": Cell("→", "green"),
    "left": Cell("←", "red"),
    "add": Cell("+", "green"),
    "remove": Cell("-", "red"),
    "opt-out": Cell("-", "red"),
    "consent": Cell("~", "cyan"),
}
_STATES = {"refused": "yellow", "failed": "red", "unknown": "red"}


def history(session: Session, *, person: Person, store: OneStore = None) -> int:
    """Show every entering and leaving of somebody, every tag that was written to them, and every change of consent.

    By run, the newest last. A customer whom the store has deleted is found by id.
    """
    from syncd.cli.cycling import must_exist  # noqa: PLC0415  # heavy
    from syncd.cli.looking import existing_mirror  # noqa: PLC0415
    from syncd.cycle.recounting import recount  # noqa: PLC0415

    settings = session.settings(offline=True)
    must_exist("store", store, settings.stores)
    who = whom.sought(person)
    with existing_mirror(settings) as mirror:
        told = recount(settings, mirror, who, store) if mirror else None
        if told is None or not (told.records or told.events or told.refusals):
            whom.found(settings, mirror, who, [store] if store else list(settings.stores))
    if told is None:
        return 0
    if session.json:
        session.screen.document(told)
    else:
        _tell(session.screen, told)
    return 0


def _tell(screen: Screen, told: History) -> None:
    customers = [f"customer {it.customer_id} of {it.store}" for it in told.records]
    screen.say(f"{told.person}: {words.listed(customers) or 'no customer of any store any more'}", "bold")
    screen.table(Table(_COLUMNS, [_row(it) for it in told.events], "What was done, and seen of their consent"))
    if not told.events:
        screen.say("Nothing was ever done to them: they entered no segment, and no tag was written.")
    rows = [
        (it.target, it.label, words.moment_of(it.at), str(it.attempts), Cell(it.answer, "yellow"))
        for it in told.refusals
    ]
    columns = (
        Column("at"),
        Column("tag"),
        Column("last (UTC)"),
        Column("times", right=True),
        Column("in its own words", flexible=True),
    )
    screen.table(Table(columns, rows, "Refused: not tried again until something about them changes"))
    screen.say()
    screen.step("See why they are in a segment or not", f"syncd explain {told.person}")
    if told.events:
        screen.step("See the last of these runs", f"syncd runs {told.events[-1].run}")


_COLUMNS = (
    Column("when (UTC)"),
    Column("run", right=True),
    Column(""),
    Column("what", flexible=True),
    Column("what came of it", flexible=True),
)


def _row(it: Event) -> tuple[str | Cell, ...]:
    return words.moment_of(it.at), str(it.run), _SIGNS[it.what], *_what(it)


def _when(it: Event) -> str:
    return f", on {words.moment_of(it.changed_at)}" if it.changed_at else ""


def _what(it: Event) -> tuple[str, str | Cell]:
    if it.what == "consent":
        return f"consent at {it.store or it.target}", f"{it.before or 'nothing'} → {it.after or 'gone'}{_when(it)}"
    if it.target is None:
        return f"{it.segment} ({it.store})", it.what
    state = it.state or ""
    came = f"{state}: {it.answer}" if it.answer else state
    return f"{it.label} at {it.target}", Cell(came, _STATES.get(state, ""))
