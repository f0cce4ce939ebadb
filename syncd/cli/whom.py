"""Whom a command is about: what was typed for a person, and the records that it finds."""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli import words
from syncd.cli.failing import UsageError
from syncd.errors import FatalError

if TYPE_CHECKING:
    from syncd.config import Settings
    from syncd.mirror.database import Mirror
    from syncd.mirror.forgotten import Whom
    from syncd.mirror.people import Record, Sought

Person = Annotated[
    str, typer.Argument(metavar="PERSON", help="An e-mail address, or a customer's id; - reads it from standard input.")
]


def sought(text: str) -> Sought:
    """Read what was typed for a person. `-` reads it from standard input: other users see what is typed (`ps`).

    Raises:
        UsageError: It is neither an address nor an id.
    """
    from syncd.mirror import people  # noqa: PLC0415  # heavy

    try:
        return people.sought(sys.stdin.readline() if text == "-" else text)
    except ValueError as error:
        raise UsageError(str(error), hint="like name@example.com, or 7001234567") from None


def named(settings: Settings, who: Sought, store: str | None) -> Whom:
    """Return a person by every name that the mirror knows of them; one forgotten before is known as well.

    Raises:
        UsageError: Several stores know different people by that id.
        FatalError: Nothing is known of them.
    """
    from syncd.cli.looking import existing_mirror  # noqa: PLC0415
    from syncd.mirror import forgotten, held  # noqa: PLC0415

    with existing_mirror(settings) as mirror:
        stores = [store] if store else list(settings.stores)
        if mirror is None:
            found(settings, mirror, who, stores)
        else:
            try:
                whom = held.names_of(mirror, who, store)
            except held.AmbiguousError as error:
                raise UsageError(
                    f"that id is of different people in the stores {error}", hint="say which one: --store NAME"
                ) from None
            if not held.anything(mirror, whom) and not forgotten.known(mirror, whom):
                found(settings, mirror, who, stores)
            return whom
    raise FatalError("nobody of that name is known here")


def found(settings: Settings, mirror: Mirror | None, who: Sought, stores: Collection[str]) -> list[Record]:
    """Return the person's customer records.

    Raises:
        FatalError: The mirror has none; what else it knows of them is told.
    """
    from syncd.mirror import people  # noqa: PLC0415

    if mirror is None:
        raise FatalError(
            "nothing was synced yet, so nobody is known here", hint="read the stores first: syncd sync --pull-only"
        )
    records = people.records(mirror, who, stores)
    if records:
        return records
    named = "address" if who.address else "id"
    raise FatalError(
        f"no customer of {words.listed(sorted(stores))} has that {named}, as of the last sync",
        hint=_known_otherwise(settings, mirror, who, stores) or "syncd sync reads who is new; look for typing errors",
    )


def _known_otherwise(settings: Settings, mirror: Mirror, who: Sought, stores: Collection[str]) -> str:
    """Say what is known of who is no customer: whether they were forgotten, and where else their address is."""
    from syncd.mirror import forgotten, people, traces  # noqa: PLC0415

    if forgotten.known(mirror, forgotten.whom_sought(who.address, who.customer_id, stores)):
        return "they were forgotten; who signed up again is let in with: syncd remember"
    if who.address is None:
        return ""
    guest = sum(len(people.guest_orders(mirror, store, who.address)) for store in stores)
    contact = [name for name in settings.audiences if traces.status(mirror, name, who.address)]
    known = [words.counted(guest, "guest order")] if guest else []
    known += [f"a contact of {words.listed(contact)}"] if contact else []
    return f"the address is known by {words.listed(known)}, which segments do not look at" if known else ""
