"""`syncd members`: who is in a segment."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli import completion, words
from syncd.cli.options import flag
from syncd.cli.screen import Column, Table
from syncd.cli.session import Session

if TYPE_CHECKING:
    from syncd.mirror.membership import Member


def members(
    session: Session,
    *,
    segment: Annotated[
        str, typer.Argument(metavar="SEGMENT", help="The segment's name.", autocompletion=completion.segments)
    ],
    as_csv: Annotated[bool, flag("--csv", help="Print comma-separated values, with a heading.")] = False,
) -> int:
    """Show who is in a segment, as of its last evaluation."""
    from syncd.cli.cycling import must_exist  # noqa: PLC0415  # heavy
    from syncd.cli.looking import existing_mirror  # noqa: PLC0415
    from syncd.clock import iso  # noqa: PLC0415
    from syncd.mirror import membership  # noqa: PLC0415

    settings = session.settings(offline=True)
    must_exist("segment", segment, settings.segments)
    with existing_mirror(settings) as mirror:
        found = membership.members(mirror, segment) if mirror else iter(())
        as_of = membership.as_of(mirror, segment) if mirror else None
        if as_csv and not session.json:
            _print_csv(session, found)
            return 0
        people = list(found)
    if session.json:
        session.screen.document(
            {
                "segment": segment,
                "as_of": iso(as_of),
                "members": [{"store": it.store, "customer_id": it.customer_id, "email": it.email} for it in people],
            }
        )
        return 0
    _show(session, segment, people, as_of)
    return 0


def _print_csv(session: Session, people: Iterable[Member]) -> None:
    rows = csv.writer(session.screen.out, lineterminator="\n")
    rows.writerow(("store", "customer_id", "email"))
    rows.writerows((it.store, it.customer_id, it.email or "") for it in people)


def _show(session: Session, segment: str, people: list[Member], as_of: int | None) -> None:
    if as_of is None:
        session.screen.say(f"{segment} was never evaluated.")
        session.screen.step("Evaluate it", "syncd plan")
        return
    rows = [(it.store, str(it.customer_id), it.email or "", words.moment(it.since)) for it in people]
    columns = (Column("store"), Column("customer", right=True), Column("email", flexible=True), Column("since (UTC)"))
    session.screen.table(Table(columns, rows))
    session.screen.say(f"{words.people(len(people))} in {segment}, as of {words.moment(as_of)} UTC", "bold")
