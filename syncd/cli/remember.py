"""`syncd remember`: let in again who was forgotten."""

from __future__ import annotations

from typing import Annotated

import typer

from syncd.cli import whom, words
from syncd.cli.options import flag
from syncd.cli.session import Session


def remember(
    session: Session,
    person: Annotated[
        str | None, typer.Argument(metavar="[PERSON]", help="An e-mail address, a customer's id, or - to be asked.")
    ] = None,
    *,
    everybody: Annotated[bool, flag("--all", help="Let everybody in again, also where the key is lost.")] = False,
) -> int:
    """Let in again who was forgotten: the next sync reads them as if they were new.

    For who signed up again, or was forgotten by mistake. What was erased does not come back.
    """
    from syncd.cli.failing import UsageError  # noqa: PLC0415
    from syncd.mirror import forgotten  # noqa: PLC0415
    from syncd.mirror.database import connect, is_there  # noqa: PLC0415
    from syncd.mirror.held import names_of  # noqa: PLC0415  # heavy
    from syncd.mirror.lock import run_lock  # noqa: PLC0415

    if (person is None) is not everybody:
        raise UsageError("name a person, or everybody with --all", hint="like: syncd remember name@example.com")
    settings = session.settings(offline=True)
    who = None if person is None else whom.sought(person)
    if not is_there(settings.syncd.database):
        raise UsageError("nobody was forgotten here", hint="nothing was synced yet")
    with run_lock(settings.syncd.database, session.clock, patience=0, waiting=lambda _: None):
        mirror = connect(settings.syncd.database)  # unlike for all else, the key may be lost
        try:
            count = forgotten.let_in(mirror, names_of(mirror, who) if who else None)
        finally:
            mirror.close()
    if not count:
        raise UsageError("nobody of that name was forgotten", hint="the address or the id must be the one forgotten")
    if session.json:
        session.screen.document({"let_in": count})
        return 0
    session.screen.say(f"Let in again: {words.people(count)}. The next sync reads everything anew.")
    session.screen.step("Do it", "syncd sync")
    return 0
