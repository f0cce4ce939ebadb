"""`syncd segments`: sizes, and what the last run changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from syncd.cli import words
from syncd.cli.screen import Cell, Column, Table
from syncd.cli.session import Session

if TYPE_CHECKING:
    from syncd.config import SegmentSettings
    from syncd.cycle.health import SegmentPart


def segments(session: Session) -> int:
    """List the segments: how many are in each, who came and went in the last run, where it is written."""
    from syncd.cli.looking import existing_mirror  # noqa: PLC0415  # heavy
    from syncd.cycle.health import health  # noqa: PLC0415
    from syncd.mirror import membership, runs  # noqa: PLC0415

    settings = session.settings(offline=True)
    with existing_mirror(settings) as mirror:
        found = health(settings, mirror, session.clock.now())
        newest = next(iter(runs.last(mirror, 1)), None) if mirror else None
        moves = membership.moves_of_run(mirror, newest.run) if mirror and newest else {}
    rows = [_row(name, it, found.segments[name], moves.get(name, (0, 0))) for name, it in settings.segments.items()]
    if session.json:
        session.screen.document({"run": newest and newest.run, "segments": rows})
    else:
        _show(session, rows)
    return 0


def _row(name: str, it: SegmentSettings, part: SegmentPart, moved: tuple[int, int]) -> dict[str, Any]:
    from syncd.cycle.verifying import beyond  # noqa: PLC0415  # heavy

    return {
        "segment": name,
        "title": it.title,
        "query": it.query,
        "size": part.size,
        "entered": moved[0],
        "left": moved[1],
        "stores": list(it.stores),
        "tag": it.tag,
        "audiences": list(it.audiences),
        "audience_tag": (it.audience_tag or it.tag) if it.audiences else None,
        "source": it.source,
        "beyond": None if it.asks_store else beyond(it) or None,
        "enabled": it.enabled,
        "as_of": part.as_of,
        "age_s": part.age_s,
        "ok": part.ok,
        "why": part.why,
    }


def _show(session: Session, rows: list[dict[str, Any]]) -> None:
    screen = session.screen
    columns: tuple[Column, ...] = (
        Column("segment"),
        Column("members", right=True),
        Column("moved", right=True),
        Column("tag", flexible=True),
        Column("audiences", flexible=True),
        Column("evaluated"),
    )
    cells = [_cells(it) for it in rows]
    if screen.wide:
        columns = (*columns, Column("title", flexible=True))
        cells = [(*row, it["title"]) for row, it in zip(cells, rows, strict=True)]
    screen.table(Table(columns, cells))
    if not rows:
        screen.say("The settings have no segments; add a [segments.NAME] table to them.")
        return
    for it in rows:
        if it["enabled"] and not it["ok"]:
            screen.say(f"{it['segment']}: {it['why']}", "red")
    beyond = [it["segment"] for it in rows if it["beyond"]]
    screen.say()
    if beyond:
        screen.say(f"What the store itself could not hold: {words.listed(beyond)}", "dim")
    screen.step("See who is in one", f"syncd members {rows[0]['segment']}")


def _cells(it: dict[str, Any]) -> tuple[str | Cell, ...]:
    moved = [f"+{it['entered']:,}"] * bool(it["entered"]) + [f"-{it['left']:,}"] * bool(it["left"])
    age = words.ago(it["age_s"])
    return (
        it["segment"],
        words.number(it["size"]),
        " ".join(moved),
        it["tag"] or Cell("none", "dim"),
        ", ".join(it["audiences"]),
        Cell(age, "green" if it["ok"] else "red") if it["enabled"] else Cell("resting", "dim"),
    )
