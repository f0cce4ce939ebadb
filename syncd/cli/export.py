"""`syncd export`: everything that is held about a person, as one JSON document."""

from __future__ import annotations

from syncd.cli import whom
from syncd.cli.options import OneStore
from syncd.cli.session import Session
from syncd.cli.whom import Person


def export(session: Session, *, person: Person, store: OneStore = None) -> int:
    """Print everything that syncd holds about a person, as one JSON document.

    Records with addresses, consent and metafields, orders with their lines, checkouts, segments and since when, tags
    and what was done to them, refusals, contacts of every audience. Sends no request.
    """
    from syncd.cli.cycling import must_exist  # noqa: PLC0415  # heavy
    from syncd.clock import iso  # noqa: PLC0415
    from syncd.errors import FatalError  # noqa: PLC0415
    from syncd.mirror import held  # noqa: PLC0415
    from syncd.wiring import opened_mirror  # noqa: PLC0415

    settings = session.settings(offline=True)
    must_exist("store", store, settings.stores)
    who = whom.sought(person)
    named = whom.named(settings, who, store)
    with opened_mirror(settings) as mirror, mirror.snapshot():
        rows = held.rows(mirror, named)
    if not any(rows.values()):
        raise FatalError(
            "this person was forgotten: nothing is held of them but a hash that keeps them out",
            hint="who signed up again is let in with: syncd remember",
        )
    session.screen.document(
        {
            "person": str(who),
            "exported_at": iso(session.clock.now()),
            "customer_ids": [{"store": name, "id": id_} for name, id_ in sorted(named.customers)],
            "email_addresses": sorted(named.addresses),
            **rows,
        }
    )
    return 0
