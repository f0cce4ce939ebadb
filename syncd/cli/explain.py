"""`syncd explain`: why somebody is in a segment or not, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli import completion, whom, words
from syncd.cli.clauses import clause_table, mark
from syncd.cli.options import OneStore
from syncd.cli.screen import Cell, Column, Screen, Table
from syncd.cli.session import Session
from syncd.cli.whom import Person

if TYPE_CHECKING:
    from syncd.cycle.explaining import Explanation
    from syncd.cycle.labelled import Labelled
    from syncd.mirror.people import Record, Sought


def explain(
    session: Session,
    *,
    person: Person,
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
    """Show why somebody is in a segment or not, clause by clause, and when time alone will change it.

    Reads the mirror as it is; sends no request.
    """
    from syncd.cli.cycling import must_exist  # noqa: PLC0415
    from syncd.cli.looking import existing_mirror  # noqa: PLC0415
    from syncd.cycle.explaining import explain as explained  # noqa: PLC0415
    from syncd.mirror import exclusions  # noqa: PLC0415

    settings = session.settings(offline=True)
    must_exist("store", store, settings.stores)
    must_exist("segment", segment, settings.segments)
    who = whom.sought(person)
    stores = [store] if store else list(settings.stores)
    with existing_mirror(settings) as mirror:
        records = whom.found(settings, mirror, who, stores)
        told = explained(settings, mirror, session.clock.now(), records, segment) if mirror else []
        excluded = mirror is not None and any(exclusions.covers(mirror, it.address) for it in records)
    if session.json:
        session.screen.document({**_document(who, records, segment, told), "excluded": excluded})
        return 0
    if excluded:
        session.screen.say(f"{who} is on the exclusion list: no tag is given, and no contact made.", "yellow")
    if segment is None:
        _overview(session.screen, who, records, told)
    else:
        _in_full(session.screen, who, segment, told)
    return 0


def _document(who: Sought, records: list[Record], segment: str | None, told: list[Explanation]) -> dict[str, Any]:
    import msgspec  # noqa: PLC0415

    if segment is None:
        return {"person": str(who), "records": records, "segments": told}
    # a person of several records is in the segment if one of them is: that one is told, the others beside it
    ordered = sorted(told, key=lambda it: not it.member)
    first = msgspec.to_builtins(ordered[0]) if ordered else {"segment": segment, "member": False, "clauses": []}
    return {"person": str(who), "changes_at": None, **first, "others": ordered[1:]}


def _overview(screen: Screen, who: Sought, records: list[Record], told: list[Explanation]) -> None:
    customers = [f"customer {it.customer_id} of {it.store}" for it in records]
    screen.say(f"{who}: {words.listed(customers)}", "bold")
    for record, title in zip(records, customers, strict=True):
        its = [it for it in told if (it.store, it.customer_id) == (record.store, record.customer_id)]
        screen.table(_segments(its, title.capitalize() if len(records) > 1 else "Segments"))
    _tell_differing(screen, told)
    screen.say()
    if told:
        chosen = next((it for it in told if it.changes), told[0])
        screen.step("See one clause by clause", f"syncd explain {who} {chosen.segment}")
    screen.step("See what was ever done to them", f"syncd history {who}")


def _segments(told: list[Explanation], title: str) -> Table:
    rows = [(it.segment, _sign(it), Cell(it.why, "yellow" if it.frozen else ""), _briefly(it)) for it in told]
    columns = (Column("segment"), Column("in"), Column("because", flexible=True), Column("by time alone"))
    return Table(columns, rows, title)


def _sign(it: Explanation) -> Cell:
    return Cell(mark(holds=it.member), "green" if it.member else "red")


def _briefly(it: Explanation) -> str | Cell:
    if it.changes_at is None:
        return ""
    return Cell(f"{'leaves' if it.member else 'enters'} {it.changes_at}", "cyan")


def _tell_differing(screen: Screen, told: list[Explanation]) -> None:
    for it in told:
        if it.differs:
            screen.say(f"{it.segment}: {it.differs}", "yellow")


def _in_full(screen: Screen, who: Sought, segment: str, told: list[Explanation]) -> None:
    if not told:
        screen.say(f"{segment} is not about a store that {who} is a customer of.")
    for number, it in enumerate(told):
        if number:
            screen.say()
        _headline(screen, who, it)
        if it.reason is not None:
            screen.table(clause_table(it.reason))
        screen.say()
        _outlook(screen, it)
        screen.table(_labels(it))
        _consents(screen, it)
    screen.say()
    screen.step("See what was ever done to them", f"syncd history {who}")


def _headline(screen: Screen, who: Sought, it: Explanation) -> None:
    standing = f"is in {it.segment}" if it.member else f"is not in {it.segment}"
    since = f" since {words.moment_of(it.since)} UTC" if it.member and it.since else ""
    screen.say(f"{who} {standing}{since}", "bold green" if it.member else "bold red")
    about = f"customer {it.customer_id} of {it.store}"
    screen.say(f"{it.title}; {about}" if it.title else about, "dim")
    screen.say()


def _outlook(screen: Screen, it: Explanation) -> None:
    if it.frozen:
        screen.say(f"Kept as last evaluated: {it.frozen}", "yellow")
    elif it.elsewhere:
        screen.say(f"{it.elsewhere[:1].upper()}{it.elsewhere[1:]}: when it changes cannot be told.")
    elif it.changes:
        screen.say(f"{it.changes[:1].upper()}{it.changes[1:]}.", "cyan")
    else:
        screen.say("Time alone does not change this within three years.")
    if it.differs:
        screen.say(f"{it.differs[:1].upper()}{it.differs[1:]}.", "yellow")
    read = f"Read in the mirror as of {words.moment_of(it.read_at)} UTC" if it.read_at else "Never read whole"
    evaluated = f"evaluated {words.moment_of(it.evaluated_at)} UTC" if it.evaluated_at else "never evaluated"
    screen.say(f"{read}; {evaluated}.", "dim")


def _labels(it: Explanation) -> Table:
    rows = [
        (
            label.target,
            label.label,
            Cell(mark(holds=label.there), "green" if label.there else "red" if label.wanted else "dim"),
            label.status or ("" if label.kind == "store" else Cell("not in it", "dim")),
            _fate(label),
        )
        for label in it.labels
    ]
    columns = (
        Column("at"),
        Column("tag", flexible=True),
        Column("there"),
        Column("contact"),
        Column("", flexible=True),
    )
    return Table(columns, rows, "Tags")


def _fate(label: Labelled) -> str | Cell:
    stopped = label.refusal is not None or label.hold is not None
    return Cell(label.why, "yellow" if stopped or label.next is None else "")


def _counts(record: Record) -> str:
    """Say what counts of a consent, where that is not what it says."""
    if record.counts == "INHERITED":
        return ", given for another address"
    return f", doubted: it counts as {record.counts}" if record.counts else ""


def _consents(screen: Screen, it: Explanation) -> None:
    for label in it.labels:
        if label.records:
            said = ", ".join(
                f"{each.store} {each.customer_id} says {each.consent or 'nothing'}{_counts(each)}"
                for each in label.records
            )
            screen.say(f"Consent for {label.target}: {'yes' if label.consent else 'no'} ({said})", "dim")
