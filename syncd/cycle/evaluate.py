"""Evaluate: who is in which segment now. A segment whose inputs are incomplete keeps its members (law 5)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from syncd.config import SegmentSettings
from syncd.cycle.reading import Readiness
from syncd.cycle.report import Report
from syncd.cycle.services import Services
from syncd.mirror import membership
from syncd.mirror.stores import KnownStore
from syncd.model import Instant
from syncd.segments import Frame, gaps, members


def evaluate(
    services: Services, readiness: Readiness, report: Report, *, store: str | None, segment: str | None
) -> set[str]:
    """Bring every segment's membership up to date, store by store.

    Returns:
        The segments that could not be evaluated somewhere: their labels are left as they are.
    """
    now = services.clock.now()
    stale: set[str] = set()
    for it in services.settings.segments.values():
        if it.enabled and segment in {None, it.name}:
            for name in it.stores:
                if store in {None, name} and not _evaluate_one(services, it, name, readiness, report, now):
                    stale.add(it.name)
    if store is None and segment is None:
        _end_removed(services, report, now)
    return stale


def frame_of(services: Services, store: KnownStore, now: Instant) -> Frame:
    """Return the frame in which a store's rules are read at an instant."""
    zone = services.settings.syncd.timezone or store.timezone
    return Frame(
        store=store.store,
        now=now,
        zone=ZoneInfo(str(zone)),
        currency=store.currency,
        week_starts=services.settings.syncd.week_starts,
        orders_visible_from=store.orders_visible_from,
    )


def _evaluate_one(
    services: Services, it: SegmentSettings, store: str, readiness: Readiness, report: Report, now: Instant
) -> bool:
    known = readiness.stores.get(store)
    why = _obstacle(it, store, readiness, report)
    if known is not None and not why:
        frame = frame_of(services, known, now)
        why = "; ".join(gaps(it.rule, frame))
        if not why:
            found = members(it.rule, frame)
            moved = membership.renew(services.mirror, it.name, store, it.query, found, report.run, now)
            totals = report.moved.setdefault(it.name, {"entered": 0, "left": 0, "size": 0})
            totals["entered"] += moved.entered
            totals["left"] += moved.left
            totals["size"] += moved.size
            return True
    why = why or f"the store {store} was never reached"
    membership.keep(services.mirror, it.name, store, it.query, why, now)
    report.kept.append({"segment": it.name, "store": store, "why": why})
    return False


def _obstacle(it: SegmentSettings, store: str, readiness: Readiness, report: Report) -> str:
    """Say which of the rule's inputs are not to be relied on."""
    found = [(kind.value, readiness.obstacle(store, kind.value, report)) for kind in sorted(it.rule.kinds)]
    return "; ".join(f"{kind} of {store}: {why}" for kind, why in found if why)


def _end_removed(services: Services, report: Report, now: Instant) -> None:
    """End the membership of segments that the settings no longer have; a disabled one only rests."""
    wanted = {(it.name, store) for it in services.settings.segments.values() for store in it.stores}
    for name, _ in membership.drop_all_but(services.mirror, wanted, report.run, now):
        report.moved.setdefault(name, {"entered": 0, "left": 0, "size": 0})
