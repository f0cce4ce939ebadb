"""`syncd approve`: release what a run held."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd.cli import words
from syncd.cli.session import Session


def approve(session: Session, run: Annotated[int, typer.Argument(metavar="RUN", help="The run that held it.")]) -> int:
    """Release what a run held, or what `syncd undo` keeps undone; the next sync does it.

    The approval is good for exactly the changes that were held then: if other people are concerned by the time of
    the next sync, it holds them again.
    """
    from syncd.cli.failing import UsageError  # noqa: PLC0415
    from syncd.mirror import doubts, runs, undone  # noqa: PLC0415  # heavy
    from syncd.wiring import opened_mirror  # noqa: PLC0415

    settings = session.settings(offline=True)
    with opened_mirror(settings) as mirror:
        released = [hold for hold in runs.holds(mirror) if hold.run == run and hold.approved_at is None]
        runs.approve(mirror, run, session.clock.now())
        believed = doubts.approve(mirror, run)
        freed = undone.release(mirror, run)
        waiting = sorted(
            {hold.run for hold in runs.holds(mirror) if hold.approved_at is None}
            | {doubt.run for doubt in doubts.standing(mirror)}
        )
    if not released and not believed and not freed:
        others = f"these runs hold something: {words.listed([str(it) for it in waiting])}" if waiting else ""
        raise UsageError(f"run {run} holds nothing that waits", hint=others or "nothing waits at all: syncd status")
    if session.json:
        labels = [{"target": hold.target, "label": hold.label, "segment": hold.segment} for hold in released]
        people = [{"target": doubt.owner, "people": doubt.flips} for doubt in believed]
        session.screen.document({"run": run, "approved": labels, "believed": people, "undone": freed})
        return 0
    for hold in released:
        session.screen.say(f"Released: {hold.label} at {hold.target} ({hold.why})")
    for doubt in believed:
        session.screen.say(f"Believed: the consent of {words.people(doubt.flips)} at {doubt.owner}")
    if freed:
        session.screen.say(f"Not undone any more: {words.counted(freed, 'change')}, if still wanted")
    session.screen.step("Do it", "syncd sync")
    return 0
