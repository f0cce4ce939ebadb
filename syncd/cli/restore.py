"""`syncd restore`: back to a backup."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from syncd.cli import words
from syncd.cli.options import flag
from syncd.cli.screen import Column, Table
from syncd.cli.session import Session

if TYPE_CHECKING:
    from syncd.mirror.backups import Backup, Contents
    from syncd.mirror.restoring import Restored


def restore(
    session: Session,
    *,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The backup; else the newest.", show_default=False)
    ] = None,
    listing: Annotated[bool, flag("--list", help="Show which backups there are, and change nothing.")] = False,
    yes: Annotated[bool, flag("--yes", "-y", help="Do it without asking.")] = False,
) -> int:
    """Put a backup in the place of the mirror; the replaced file is kept beside the backups.

    The backup is checked from end to end before anything is changed. Afterwards everything is read anew by the next
    sync, approvals from back then count no more, and which tags are syncd's own is taken from the replaced file, as
    far as that can still be read.
    """
    from syncd.cli.failing import UsageError  # noqa: PLC0415
    from syncd.mirror import backups  # noqa: PLC0415  # heavy
    from syncd.mirror.lock import run_lock  # noqa: PLC0415
    from syncd.mirror.restoring import restore as put_back  # noqa: PLC0415

    database = session.settings(offline=True).syncd.database
    known = backups.listed(database)
    if listing:
        _list(session, known)
        return 0
    if file is None and not known:
        raise UsageError(f"there is no backup in {backups.home(database)}", hint="name its file: syncd restore FILE")
    chosen = backups.described(file) if file else known[0]
    contents = backups.contents(chosen.path)
    if not session.json:
        _introduce(session, chosen, contents)
    if session.attended and not yes and not session.ask(f"Put it in the place of {database}?"):
        return 1
    with run_lock(database, session.clock, patience=0.0, waiting=lambda _: None):
        done = put_back(database, chosen, session.clock.now())
    if session.json:
        session.screen.document(_document(done))
    else:
        _tell(session, done)
    return 0


def _list(session: Session, known: list[Backup]) -> None:
    from syncd.clock import iso  # noqa: PLC0415

    if session.json:
        told = [{"file": str(it.path), "made_at": iso(it.made_at), "why": it.why, "bytes": it.size} for it in known]
        session.screen.document({"backups": told})
        return
    rows = [(words.moment(it.made_at), words.size(it.size), it.why, str(it.path)) for it in known]
    columns = (Column("made (UTC)"), Column("size", right=True), Column("why"), Column("file", flexible=True))
    session.screen.table(Table(columns, rows))
    if not known:
        session.screen.say("No backup yet.")
        session.screen.step("Make one", "syncd backup")


def _introduce(session: Session, chosen: Backup, contents: Contents) -> None:
    session.screen.say(f"{chosen.path} ({words.size(chosen.size)}), made {words.moment(chosen.made_at)} UTC", "bold")
    stores = words.listed(contents.stores) or "no store"
    run = f"run {contents.run} of {words.moment(contents.run_at)} UTC" if contents.run else "before the first run"
    session.screen.say(f"It holds {stores}, as of {run}.")


def _tell(session: Session, done: Restored) -> None:
    screen = session.screen
    screen.say("Restored.", "green")
    if done.kept is not None:
        screen.say(f"The replaced file is kept as {done.kept}.")
    if not done.labels_known:
        screen.say(
            "The replaced file could not be read any more. Tags that syncd wrote since the backup was made count as "
            "somebody else's now, and stay on whoever leaves a segment. To take them over again: put adopt = true into "
            "the segments, sync once, and take it out.",
            "yellow",
        )
    screen.step("Read everything anew, and see what would change", "syncd plan")


def _document(done: Restored) -> dict[str, Any]:
    from syncd.clock import iso  # noqa: PLC0415

    return {
        "restored": str(done.backup.path),
        "made_at": iso(done.backup.made_at),
        "run": done.contents.run,
        "run_at": iso(done.contents.run_at),
        "stores": list(done.contents.stores),
        "kept": str(done.kept) if done.kept else None,
        "labels_known": done.labels_known,
    }
