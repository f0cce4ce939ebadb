"""Verify: our members of a segment against the store's own answer to the same query, by the same days.

Nothing is pulled first: what is compared is what the mirror says now. Where the store has moved on since the mirror
was read, that is told beside the difference, for it may be the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from syncd.config import SegmentSettings
from syncd.cycle.asking import asked_members
from syncd.cycle.framing import frame_of, framed
from syncd.cycle.services import Services
from syncd.errors import SyncdError
from syncd.mirror import shapes, stores
from syncd.mirror.shelves import Shelf
from syncd.mirror.stores import KnownStore
from syncd.model import Instant, Kind
from syncd.ports import feed_of
from syncd.segments import Frame, members
from syncd.segments.gaps import gaps


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """One segment in one store, compared.

    Attributes:
        skipped: Why it was not compared; empty where it was.
        error: What kept the store from answering.
        as_of: When the records that the rule looks at were last read; None where nothing was compared.
        ours: How many members the mirror says it has.
        theirs: How many the store says.
        only_ours: Customers whom only the mirror says are in it, by id.
        only_theirs: Customers whom only the store says are in it, by id.
    """

    segment: str
    store: str
    skipped: str = ""
    error: SyncdError | None = None
    as_of: Instant | None = None
    ours: int = 0
    theirs: int = 0
    only_ours: tuple[int, ...] = ()
    only_theirs: tuple[int, ...] = ()

    @property
    def compared(self) -> bool:
        """Whether there is something to say of it."""
        return not self.skipped and self.error is None

    @property
    def agrees(self) -> bool:
        """Whether both say the same of everybody."""
        return self.compared and not self.only_ours and not self.only_theirs


class Moved(msgspec.Struct, frozen=True):
    """A kind of record that has changed in the store since the mirror was read."""

    store: str
    kind: str
    here: int
    there: int | None


def verify(services: Services, *, segment: str | None = None, store: str | None = None) -> Iterator[Verified]:
    """Compare each segment with each of its stores, or only the one and the one."""
    now = services.clock.now()
    known = stores.known(services.mirror)
    pulled = {(it.owner, it.feed): it.pulled_at for it in stores.feed_states(services.mirror)}
    for it in services.settings.segments.values():
        for name in it.stores if segment in {None, it.name} else ():
            if store in {None, name}:
                yield _verified(services, it, name, known.get(name), _oldest(it, name, pulled), now)


def moved(services: Services, found: list[Verified]) -> list[Moved]:
    """Say what has changed in the stores since they were read, of all that the compared segments look at.

    One request for each kind of record.
    """
    wanted = sorted(
        {(it.store, kind) for it in found if it.compared for kind in services.settings.segments[it.segment].rule.kinds}
    )
    return [change for store, kind in wanted if (change := _moved(services, store, kind)) is not None]


def _verified(
    services: Services, it: SegmentSettings, store: str, known: KnownStore | None, as_of: Instant | None, now: Instant
) -> Verified:
    skipped = beyond(it)
    if not skipped and services.stores[store].source.segments is None:
        skipped = f"the store {store} cannot be asked who is in a segment"
    if skipped:
        return Verified(segment=it.name, store=store, skipped=skipped)
    if known is None or as_of is None:
        return Verified(segment=it.name, store=store, skipped="what it looks at was never read: type `syncd sync`")
    frame = framed(services.mirror, it, frame_of(services.settings, known, now))
    unanswered = "; ".join(gaps(it.rule, frame))
    if unanswered:
        return Verified(segment=it.name, store=store, skipped=unanswered)
    try:
        theirs = asked_members(services, it, frame)
    except SyncdError as error:
        return Verified(segment=it.name, store=store, error=error)
    ours = _ours(services, it, frame)
    return Verified(
        segment=it.name,
        store=store,
        as_of=as_of,
        ours=len(ours),
        theirs=len(theirs),
        only_ours=tuple(sorted(ours - theirs)),
        only_theirs=tuple(sorted(theirs - ours)),
    )


def beyond(it: SegmentSettings) -> str:
    """Say why a store is not to be compared with: it could not hold the segment, or is its source; else nothing."""
    if it.asks_store:
        return "the store itself says who is in it"
    if it.rank is not None:
        return "the store knows no ranks"
    if it.by == "email":
        return "the store knows customers, not people by address"
    return f"the store could not hold it: {'; '.join(it.rule.notes)}" if it.rule.notes else ""


def _ours(services: Services, it: SegmentSettings, frame: Frame) -> set[int]:
    found: Iterable[Any] = services.mirror.connection.execute(members(it.rule, frame))
    return {number for (number,) in found}


def _oldest(it: SegmentSettings, store: str, pulled: dict[tuple[str, str], Instant | None]) -> Instant | None:
    """Return when the least lately read of a rule's records were read; None where some never were."""
    times = [pulled.get((store, kind.value)) for kind in it.rule.kinds]
    return None if None in times else min(time for time in times if time is not None)


def _moved(services: Services, store: str, kind: Kind) -> Moved | None:
    """Look at the newest page of a kind and at the counts, as a pull would; None where nothing is new."""
    shelf = Shelf[Any](services.mirror, store, kind.value, shapes.OF_KIND[kind])
    cursor = shelf.cursor()
    since = cursor.at if cursor is not None else 0
    peek = feed_of(services.stores[store].source, kind).peek(since)
    here = shelf.count()
    same = peek.window == shelf.count(since) and shelf.knows(peek.rows)
    known = stores.known(services.mirror)[store]
    partial = kind is Kind.ORDERS and known.orders_visible_from is not None
    if same and (partial or peek.whole in {None, here}):
        return None
    return Moved(store, kind.value, here, None if partial else peek.whole)
