"""`syncd show`: one person at a glance."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from typing import TYPE_CHECKING

from syncd.cli import whom, words
from syncd.cli.screen import Cell, Column, Screen, Table
from syncd.cli.session import Session
from syncd.cli.whom import Person

if TYPE_CHECKING:
    from syncd.config import Settings
    from syncd.cycle.profiling import CustomerPart, Profile, Tag
    from syncd.cycle.recounting import Event
    from syncd.mirror.database import Mirror


def show(session: Session, *, person: Person) -> int:
    """Show somebody: orders and totals, segments, tags, consent in stores and audiences, the last changes.

    All customer records of the address are one person, and who ordered with it as a guest.
    """
    from syncd.cli.looking import existing_mirror  # noqa: PLC0415  # heavy
    from syncd.cycle.profiling import profile  # noqa: PLC0415

    settings = session.settings(offline=True)
    who = whom.sought(person)
    with existing_mirror(settings) as mirror:
        with mirror.snapshot() if mirror else nullcontext():
            told = profile(settings, mirror, session.clock.now(), who) if mirror else None
        if mirror is None or told is None:
            whom.found(settings, mirror, who, list(settings.stores))
            return 0
        locale = _locale(settings, mirror)
    if session.json:
        session.screen.document(told)
    else:
        _tell(session.screen, told, locale)
    return 0


def _locale(settings: Settings, mirror: Mirror) -> str:
    """Return in whose way money is written: as in reports over all stores."""
    from syncd.mirror import stores  # noqa: PLC0415  # heavy
    from syncd.reports.locales import locale_of  # noqa: PLC0415

    known = stores.known(mirror)
    return locale_of(str(settings.syncd.timezone or known[it].timezone) for it in settings.stores if it in known)


def _money(amount: str, currency: str, locale: str) -> str:
    from syncd.model import minor_units  # noqa: PLC0415  # heavy
    from syncd.reports.telling import Teller  # noqa: PLC0415

    return Teller(locale, currency).value(minor_units(amount, currency), "money")


def _tell(screen: Screen, told: Profile, locale: str) -> None:
    names = dict.fromkeys(it.name for it in told.customers if it.name)
    screen.say(" · ".join([*names, told.person]), "bold")
    if not told.customers:
        screen.say("No customer of any store: only known as a guest or a contact.")
    screen.table(_totals(told, locale))
    screen.table(_orders(told, locale))
    screen.table(_customers(told.customers))
    screen.table(_contacts(told))
    screen.table(_segments(told))
    screen.table(_changes(told.changes))
    screen.say()
    if told.segments:
        screen.step("See why they are in a segment", f"syncd explain {told.person} {told.segments[0].segment}")
    screen.step("See everything that was done to them", f"syncd history {told.person}")


def _totals(told: Profile, locale: str) -> Table:
    columns = (
        Column("orders", right=True),
        Column("spent", right=True),
        Column("average", right=True),
        Column("first"),
        Column("last"),
    )
    rows = [
        (
            words.number(it.orders),
            _money(it.amount, it.currency, locale),
            _money(it.average, it.currency, locale),
            it.first_order.isoformat(),
            it.last_order.isoformat(),
        )
        for it in told.totals
    ]
    return Table(columns, rows, "Orders")


def _orders(told: Profile, locale: str) -> Table:
    columns = (Column("day"), Column("order"), Column("store"), Column("amount", right=True), Column("payment"))
    rows = [
        (
            it.day.isoformat(),
            (it.name or "") + (" (guest)" if it.guest else ""),
            it.store,
            _money(it.amount, it.currency, locale),
            (it.status or "").lower().replace("_", " "),
        )
        for it in told.orders
    ]
    return Table(columns, rows, "The last of them")


def _customers(customers: Iterable[CustomerPart]) -> Table:
    columns = (
        Column("store"),
        Column("customer", right=True),
        Column("consent"),
        Column("since"),
        Column("tags", flexible=True),
    )
    rows = [
        (it.store, str(it.customer_id), _consent(it.consent), (it.created_at or "")[:10], _tags(it.tags))
        for it in customers
    ]
    return Table(columns, rows, "In the stores (* tags that syncd gave)")


def _contacts(told: Profile) -> Table:
    columns = (Column("audience"), Column("status"), Column("tags", flexible=True))
    rows = [(it.audience, _consent(it.status), _tags(it.labels)) for it in told.contacts]
    return Table(columns, rows, "In the audiences (* tags that syncd gave)")


def _segments(told: Profile) -> Table:
    columns = (Column("segment"), Column("store"), Column("customer", right=True), Column("since (UTC)"))
    rows = [(it.segment, it.store, str(it.customer_id), words.moment_of(it.since)) for it in told.segments]
    return Table(columns, rows, "Segments")


def _changes(events: Iterable[Event]) -> Table:
    columns = (Column("when (UTC)"), Column("run", right=True), Column("what"), Column("where", flexible=True))
    rows = [
        (
            words.moment_of(it.at),
            str(it.run),
            " ".join(part for part in (it.what, it.label or it.segment) if part),
            " ".join(part for part in (it.target or it.store, it.state) if part),
        )
        for it in events
    ]
    return Table(columns, rows, "The last changes")


def _consent(said: str | None) -> Cell:
    styles = {"subscribed": "green", "unsubscribed": "red", "cleaned": "red", "invalid": "red", "redacted": "red"}
    text = (said or "nothing said").lower().replace("_", " ")
    return Cell(text, styles.get(text, ""))


def _tags(tags: Iterable[Tag]) -> str:
    return ", ".join(it.tag + "*" * it.ours for it in tags)
