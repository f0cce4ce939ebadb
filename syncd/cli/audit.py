"""`syncd audit`: whose consent is not the same in the stores and in the audiences."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli import completion, words
from syncd.cli.options import flag
from syncd.cli.screen import Cell, Column, Table
from syncd.cli.session import Session

if TYPE_CHECKING:
    from syncd.cycle.auditing import Finding

_STYLES = {"ahead": "red", "behind": "yellow", "doubted": "red"}
_COLUMNS = ("audience", "side", "kind", "address", "status", "stores")


def audit(
    session: Session,
    *,
    audience: Annotated[
        str | None,
        typer.Argument(metavar="[AUDIENCE]", help="Only this audience.", autocompletion=completion.audiences),
    ] = None,
    as_csv: Annotated[bool, flag("--csv", help="Print comma-separated values, with a heading.")] = False,
    sample: Annotated[int, typer.Option(metavar="N", min=0, help="How many people to show of each kind.")] = 5,
) -> int:
    """Show where an audience and the stores that feed it do not agree on consent.

    Who is subscribed in the audience without a store's consent; whom a store has as subscribed and the audience has
    not; and whose consent changed together with so many others' that it is not believed yet. Sends no request.
    """
    from syncd.cli.cycling import must_exist  # noqa: PLC0415  # heavy
    from syncd.cli.looking import existing_mirror  # noqa: PLC0415
    from syncd.cycle.auditing import audit as audited  # noqa: PLC0415

    settings = session.settings(offline=True)
    must_exist("audience", audience, settings.audiences)
    with existing_mirror(settings) as mirror:
        found = audited(settings, mirror, audience) if mirror else iter(())
        if session.json:
            session.screen.document(_document(found))
        elif as_csv:
            rows = csv.writer(session.screen.out, lineterminator="\n")
            rows.writerow(_COLUMNS)
            rows.writerows([getattr(it, name) or "" for name in _COLUMNS] for it in found)
        elif mirror is None:
            session.screen.say("Nothing was read yet.")
            session.screen.step("Read the stores and audiences", "syncd sync --pull-only")
        else:
            _tell(session, found, sample)
    return 0


def _document(found: Iterable[Finding]) -> dict[str, Any]:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    people = []
    for it in found:
        counts[it.audience][it.kind] += 1
        people.append(it)
    return {"counts": counts, "people": people}


def _tell(session: Session, found: Iterable[Finding], sample: int) -> None:
    from syncd.cycle.auditing import KINDS  # noqa: PLC0415  # heavy

    counts: Counter[tuple[str, str]] = Counter()
    shown: defaultdict[tuple[str, str], list[Finding]] = defaultdict(list)
    for it in found:
        key = (it.audience, it.kind)
        counts[key] += 1
        if counts[key] <= sample:
            shown[key].append(it)
    screen = session.screen
    if not counts:
        screen.say("The stores and the audiences agree on everybody's consent.", "green")
    order = list(KINDS)
    for audience, kind in sorted(counts, key=lambda key: (key[0], order.index(key[1]))):
        about = KINDS[kind]
        screen.say()
        screen.say(
            f"{audience}: {words.people(counts[audience, kind])} {about.meaning}",
            _STYLES[about.side] if kind not in {"absent", "stranger"} else "",
        )
        people = shown[audience, kind]
        rows = [(it.address, Cell(it.status or "not there"), it.stores or "no customer") for it in people]
        screen.table(Table((Column("address", flexible=True), Column("there"), Column("stores", flexible=True)), rows))
        if counts[audience, kind] > len(people):
            screen.say(f"and {words.number(counts[audience, kind] - len(people))} more", "dim")
        screen.say(f"  {about.advice}")
    if counts:
        screen.say()
        screen.step("See all of them", "syncd audit --csv")
