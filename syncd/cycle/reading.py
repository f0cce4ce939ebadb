"""The pull of every store and audience, each by itself: one that fails leaves the others alone."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal

import msgspec
from structlog.contextvars import bound_contextvars

from syncd import log
from syncd.cycle.identity import refuse_another
from syncd.cycle.part import ALL, Part
from syncd.cycle.pull import OVERLAP, LostRowsError, Pulled, Puller
from syncd.cycle.report import Report
from syncd.cycle.services import Services
from syncd.errors import CredentialsError, FatalError, RetriableError, SyncdError
from syncd.mirror import shapes
from syncd.mirror.care import due
from syncd.mirror.database import of_the_file
from syncd.mirror.drift import measure
from syncd.mirror.shelves import Shelf
from syncd.mirror.stores import KnownStore, describe, known, labels
from syncd.mirror.zones import keep_offsets
from syncd.model import ON_DEMAND, Kind
from syncd.ports import Check, Missing, Source, feed_of

READ_WHOLE = frozenset({*(kind.value for kind in ON_DEMAND), Kind.CUSTOMERS.value, shapes.CONTACTS_FEED})
"""Feeds that are read whole where they are compared: labels are on their rows, or hang on them what changes without
moving the row's time of change (a tag that was taken off in Mailchimp, a metafield). Of the others ids are enough."""


class Readiness(msgspec.Struct, kw_only=True):
    """What is fit to be built upon in this cycle.

    Attributes:
        stores: What each store last said of itself.
        unfit: Why a kind of record cannot be relied on, by store and kind.
        unwritable: Why labels cannot be written, by target.
        untold: What the account lacks, by store and kind (or `tags`); told only once something needs it.
    """

    stores: Mapping[str, KnownStore] = {}
    unfit: dict[tuple[str, str], str] = {}
    unwritable: dict[str, str] = {}
    untold: dict[tuple[str, str], SyncdError] = {}

    def obstacle(self, store: str, kind: str, report: Report) -> str:
        """Say why a kind of record of a store cannot be relied on; empty where it can. What lacks is reported once."""
        self.tell(store, kind, report)
        return self.unfit.get((store, kind), "")

    def tell(self, store: str, kind: str, report: Report) -> None:
        """Report what the account lacks for a kind of record (or for `tags`), the first time that it is needed."""
        error = self.untold.pop((store, kind), None)
        if error is not None:
            report.fail("check", f"store {store}", error)


class Extent(msgspec.Struct, frozen=True, kw_only=True):
    """How much is read.

    Attributes:
        full: Everything again, whatever the cursors say.
        compare: When all is compared with what the services list: where that is `due`, `now`, or `never`.
    """

    full: bool = False
    compare: Literal["due", "now", "never"] = "due"


_NEWS = Extent()


def read_all(services: Services, report: Report, extent: Extent = _NEWS, part: Part = ALL) -> Readiness:
    """Pull the stores of a part and the audiences that they feed, and say what can be relied on."""
    readiness = Readiness(unfit={}, unwritable={}, untold={})
    begun: dict[str, list[Puller[Any]]] = {}
    for name, store in services.stores.items():
        if part.has_store(name):
            with bound_contextvars(store=name):
                begun[name] = _begin_store(services, name, store.source, report, readiness, extent)
        else:  # its word on consent may be old: audiences that it feeds are left alone
            readiness.unfit[name, Kind.CUSTOMERS.value] = "not read in this run"
    for name, pullers in begun.items():
        with bound_contextvars(store=name):
            for puller in pullers:
                why = _pull(services, puller, report, extent)
                if why:
                    readiness.unfit[name, puller.shelf.feed] = why
    for name in services.audiences:
        if part.has_fed_by(services.settings.feeding(name)):
            with bound_contextvars(target=name):
                _read_audience(services, name, report, readiness, extent)
    readiness.stores = known(services.mirror)
    return readiness


def read_again(services: Services, name: str, report: Report) -> None:
    """Read a store's customers once more after their tags were written.

    Our writes move the customers' time of change. Read now, they are known in the next cycle, and what somebody else
    changed between our reading and our writing is not taken for ours.
    """
    shelf = Shelf(services.mirror, name, Kind.CUSTOMERS.value, shapes.CUSTOMERS)
    before = report.pulled.get(name, {}).get(shelf.feed, 0)
    puller = Puller(shelf, services.stores[name].source.customers, services.clock, services.progress)
    _pull(services, puller, report, Extent(compare="never"))
    report.pulled.setdefault(name, {})[shelf.feed] = before


def _begin_store(
    services: Services, name: str, source: Source, report: Report, readiness: Readiness, extent: Extent
) -> list[Puller[Any]]:
    """Ask a store what it is and what the key opens, and let it prepare what is to be read; return who will read it."""
    try:
        refuse_another(services, name)
        check = source.check()
        state = described(name, check, services.clock.now())
    except Exception as odd:  # noqa: BLE001  # one service's odd answer must not end the others' cycle
        error = _understood(odd, f"the check of {name}")
        report.fail("check", f"store {name}", error)
        readiness.unwritable[name] = error.message
        readiness.unfit |= {(name, kind.value): error.message for kind in Kind}
        return []
    describe(services.mirror, state)
    with services.mirror.transaction():
        keep_offsets(services.mirror.raw, name, str(services.settings.syncd.timezone or state.timezone))
    _note_missing(name, check.missing, readiness)
    pullers = []
    for kind in services.settings.kinds_of(name):
        if (name, kind.value) not in readiness.unfit:
            shelf = Shelf[Any](services.mirror, name, kind.value, shapes.OF_KIND[kind])
            partial = kind is Kind.ORDERS and state.orders_visible_from is not None
            puller = Puller(shelf, feed_of(source, kind), services.clock, services.progress, partial=partial)
            with suppress(Exception):  # met again, and told, once this kind is read
                puller.begin(full=extent.full)
            pullers.append(puller)
    return pullers


def _read_audience(services: Services, name: str, report: Report, readiness: Readiness, extent: Extent) -> None:
    try:
        refuse_another(services, name)
    except FatalError as error:
        report.fail("check", name, error)
        readiness.unwritable[name] = error.message
        return
    shelf = Shelf(services.mirror, name, shapes.CONTACTS_FEED, shapes.CONTACTS)
    puller = Puller(shelf, services.audiences[name].contacts, services.clock, services.progress)
    why = _pull(services, puller, report, extent)
    if why:
        readiness.unwritable[name] = why


def _pull(services: Services, puller: Puller[Any], report: Report, extent: Extent) -> str:
    """Pull one feed, and compare it where that is due; return why it failed, or nothing."""
    shelf = puller.shelf
    try:
        pulled = puller.pull(full=extent.full)
        if _to_compare(services, shelf, extent):
            pulled = _compare(services, shelf, puller, report, pulled, extent)
    except Exception as odd:  # noqa: BLE001  # one service's odd answer must not end the others' cycle
        return _failed(services, shelf, report, _understood(odd, f"{shelf.feed} of {shelf.owner}"))
    report.pulled.setdefault(shelf.owner, {})[shelf.feed] = pulled.rows
    if pulled.removed:
        report.removed.setdefault(shelf.owner, {})[shelf.feed] = pulled.removed
    return ""


def _compare(
    services: Services, shelf: Shelf[Any], puller: Puller[Any], report: Report, pulled: Pulled, extent: Extent
) -> Pulled:
    """Compare a feed that was pulled; a listing that breaks off is told, and what was pulled is as good as before."""
    try:
        found = puller.compare(whole=shelf.feed in READ_WHOLE and not extent.full, full=extent.full)
    except RetriableError as error:
        report.fail("pull", f"{shelf.feed} of {shelf.owner}", error)
        return pulled
    _note_drift(services, shelf, report)
    return Pulled(found.rows, pulled.removed + found.removed)


def _to_compare(services: Services, shelf: Shelf[Any], extent: Extent) -> bool:
    every = services.settings.syncd.reconcile_every
    return extent.compare == "now" or (
        extent.compare == "due" and due(shelf.last_look().reconciled_at, every, services.clock.now())
    )


def _note_drift(services: Services, shelf: Shelf[Any], report: Report) -> None:
    """Compare the labels in our charge with who was just seen to carry them."""
    audience = shelf.owner in services.audiences
    if not audience and shelf.feed != Kind.CUSTOMERS.value:
        return
    for label in labels(services.mirror).values():
        if label.target == shelf.owner:
            found = measure(services.mirror, label, report.run, services.clock.now(), audience=audience)
            if found.missing or found.foreign:
                report.drift.append(found)


def _understood(error: Exception, what: str) -> SyncdError:
    """Return an error as one that can be told; what a connector should not have raised is logged.

    Raises:
        Exception: The error itself, where it is not the service that answered oddly but our own file.
    """
    if isinstance(error, SyncdError):
        return error
    if of_the_file(error):
        raise error
    log.get().debug("answer_not_understood", what=what, exc_info=error)
    return FatalError(f"{what}: an answer was not understood ({type(error).__name__})")


def _failed(services: Services, shelf: Shelf[Any], report: Report, error: SyncdError) -> str:
    """Note a pull that failed. Rows that stay lost for longer than an index lags are all read again."""
    now = services.clock.now()
    since = shelf.failing_since()
    lost = isinstance(error, LostRowsError) and since is not None and due(since, OVERLAP, now)
    shelf.failed(now, error.message, lost=lost)
    report.fail("pull", f"{shelf.feed} of {shelf.owner}", error)
    log.get().warning("pull_failed", feed=shelf.feed, why=error.message)
    return error.message


def described(name: str, check: Check, now: int) -> KnownStore:
    """Return what a store's check says of it, as the mirror keeps it.

    Raises:
        FatalError: It does not tell its time zone and currency, without which no rule can be read.
    """
    if check.timezone is None or check.currency is None:
        raise FatalError(f"the store {name} does not tell its time zone and currency")
    visible_from = max((it.visible_from for it in check.missing if it.visible_from is not None), default=None)
    return KnownStore(name, check.account, check.timezone, check.currency, visible_from, now)


def _note_missing(name: str, missing: tuple[Missing, ...], readiness: Readiness) -> None:
    for it in missing:
        error = CredentialsError(f"the store {name}: {it.what} is missing: {it.costs}", hint=it.fix)
        for kind in it.kinds:
            readiness.unfit[name, kind.value] = error.message
            readiness.untold[name, kind.value] = error
        if it.blocks_write:
            readiness.unwritable[name] = error.message
            readiness.untold[name, "tags"] = error
