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
        "enabled": it.enabled,
        "as_of": part.as_of,
        "age_s": part.age_s,
        "ok": part.ok,
        "why": part.why,
    }


def _show(session: Session, rows: list[dict[str, Any]]) -> None:
    columns = (
        Column("segment"),
        Column("members", right=True),
        Column("entered", right=True),
        Column("left", right=True),
        Column("tag"),
        Column("audiences", flexible=True),
        Column("evaluated"),
        Column("state", flexible=True),
    )
    shown = [
        (
            it["segment"],
            words.number(it["size"]),
            f"+{it['entered']:,}" if it["entered"] else "",
            f"-{it['left']:,}" if it["left"] else "",
            it["tag"] or Cell("none", "dim"),
            ", ".join(it["audiences"]),
            words.ago(it["age_s"]),
            _state(it),
        )
        for it in rows
    ]
    session.screen.table(Table(columns, shown))
    if not rows:
        session.screen.say("The settings have no segments; add a [segments.NAME] table to them.")
        return
    session.screen.say()
    session.screen.step("See who is in one", f"syncd members {rows[0]['segment']}")


def _state(it: dict[str, Any]) -> Cell:
    if not it["enabled"]:
        return Cell("resting", "dim")
    return Cell("ok", "green") if it["ok"] else Cell(it["why"], "red")
