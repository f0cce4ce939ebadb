"""`syncd verify`: our members against the store's own answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli import completion, failing, words
from syncd.cli.options import OneStore
from syncd.cli.screen import Cell, Column, Table
from syncd.cli.session import Session

if TYPE_CHECKING:
    from syncd.cycle.verifying import Moved, Verified

_MOST = 5
"""Customers shown by id for each side of a difference; `--json` has them all."""


def verify(
    session: Session,
    *,
    segment: Annotated[
        str | None,
        typer.Argument(
            metavar="[SEGMENT]",
            help="The segment; left out: all of them.",
            show_default=False,
            autocompletion=completion.segments,
        ),
    ] = None,
    store: OneStore = None,
) -> int:
    """Compare our members with the store's own answer to the same query, person by person.

    The mirror is taken as it is: sync before, to compare the present. Segments that the store could not hold are left
    out. Ends with 0 where all agree, with 1 where somebody differs.
    """
    from syncd.cli.bars import Bars  # noqa: PLC0415  # heavy
    from syncd.cli.cycling import must_exist  # noqa: PLC0415
    from syncd.cycle.verifying import moved, verify  # noqa: PLC0415
    from syncd.wiring import opened  # noqa: PLC0415

    settings = session.settings()
    must_exist("segment", segment, settings.segments)
    must_exist("store", store, settings.stores)
    with Bars(session.clock) as progress, opened(settings, session.clock, progress) as services:
        found = list(verify(services, segment=segment, store=store))
        changed = moved(services, found)
    if session.json:
        session.screen.document(_document(found, changed))
    else:
        _tell(session, found, changed)
    return _code(found)


def _code(found: list[Verified]) -> int:
    if any(it.compared and not it.agrees for it in found):
        return failing.PARTLY
    codes = {failing.kind_and_code(it.error)[1] for it in found if it.error is not None}
    return max(codes, default=failing.DONE)


def _document(found: list[Verified], changed: list[Moved]) -> dict[str, Any]:
    return {
        "agree": _code(found) == failing.DONE,
        "segments": [_row(it) for it in found],
        "moved": [{"store": it.store, "kind": it.kind, "here": it.here, "there": it.there} for it in changed],
    }


def _row(it: Verified) -> dict[str, Any]:
    from syncd.clock import iso  # noqa: PLC0415

    row: dict[str, Any] = {"segment": it.segment, "store": it.store, "skipped": it.skipped or None}
    if it.error is not None:
        return row | failing.document(it.error)
    if it.skipped:
        return row
    return row | {
        "agree": it.agrees,
        "as_of": iso(it.as_of),
        "ours": it.ours,
        "theirs": it.theirs,
        "only_ours": list(it.only_ours),
        "only_theirs": list(it.only_theirs),
    }


def _tell(session: Session, found: list[Verified], changed: list[Moved]) -> None:
    columns = (
        Column("segment"),
        Column("store"),
        Column("ours", right=True),
        Column("theirs", right=True),
        Column("as of"),
        Column("result", flexible=True),
    )
    session.screen.table(Table(columns, [_cells(it, session.clock.now()) for it in found]))
    for it in found:
        _tell_people(session, it, "only we say so", it.only_ours)
        _tell_people(session, it, "only the store says so", it.only_theirs)
    session.screen.say()
    for change in changed:
        there = "" if change.there in {None, change.here} else f" ({change.here:,} here, {change.there:,} there)"
        session.screen.say(f"{change.kind} of {change.store} changed there since they were read{there}", "yellow")
    differing = next((it for it in found if it.compared and not it.agrees), None)
    if changed:
        session.screen.step("Read what changed, and compare again", "syncd sync --pull-only && syncd verify")
    if differing is not None:
        person = [*differing.only_ours, *differing.only_theirs][0]
        session.screen.step("See why", f"syncd explain {person} {differing.segment}")
    elif any(it.agrees for it in found):
        agreeing = sum(it.agrees for it in found)
        session.screen.say(
            f"{words.counted(agreeing, 'segment')} compared: the store says the same of everybody", "green"
        )


def _cells(it: Verified, now: int) -> tuple[str | Cell, ...]:
    if it.error is not None:
        return it.segment, it.store, "", "", "", Cell(it.error.message, "red")
    if it.skipped:
        return it.segment, it.store, "", "", "", Cell(f"left out: {it.skipped}", "dim")
    differing = len(it.only_ours) + len(it.only_theirs)
    result = Cell("agrees", "green") if it.agrees else Cell(f"{words.people(differing)} differ", "red")
    age = None if it.as_of is None else now - it.as_of
    return it.segment, it.store, words.number(it.ours), words.number(it.theirs), words.ago(age), result


def _tell_people(session: Session, it: Verified, side: str, people: tuple[int, ...]) -> None:
    if not people:
        return
    shown = ", ".join(str(number) for number in people[:_MOST])
    more = f" and {len(people) - _MOST:,} more" if len(people) > _MOST else ""
    session.screen.say(f"{it.segment} in {it.store}, {side}: {shown}{more}")
