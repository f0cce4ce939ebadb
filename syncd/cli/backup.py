"""`syncd backup`: a copy of the mirror, while it is in use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from syncd.cli import words
from syncd.cli.session import Session


def backup(
    session: Session,
    *,
    to: Annotated[
        Path | None,
        typer.Option(metavar="FILE|FOLDER", help="Where to put it; else into backups/ beside the database."),
    ] = None,
) -> int:
    """Copy the mirror into a file of its own, whole and checked.

    Works while a sync runs. The file holds personal data, as the mirror does, and is readable by its owner only.
    Of those in backups/, the oldest beyond [syncd] keep_backups are deleted.
    """
    from syncd.cli.failing import UsageError  # noqa: PLC0415
    from syncd.cli.looking import existing_mirror  # noqa: PLC0415  # heavy
    from syncd.clock import iso  # noqa: PLC0415
    from syncd.mirror import backups  # noqa: PLC0415

    settings = session.settings(offline=True)
    with existing_mirror(settings) as mirror:
        if mirror is None:
            raise UsageError("there is no mirror to copy yet", hint="the first `syncd sync` makes it")
        made = backups.described(backups.make(mirror, session.clock.now(), to))
    gone = backups.prune(settings.syncd.database, settings.syncd.keep_backups) if to is None else []
    if session.json:
        session.screen.document(
            {
                "backup": str(made.path),
                "bytes": made.size,
                "made_at": iso(made.made_at),
                "pruned": [str(it) for it in gone],
            }
        )
        return 0
    session.screen.say(f"{made.path} ({words.size(made.size)})", "bold")
    if gone:
        session.screen.say(f"Deleted, for newer ones are there: {words.counted(len(gone), 'backup')}", "dim")
    session.screen.step("Go back to it one day", f"syncd restore {made.path}")
    return 0
