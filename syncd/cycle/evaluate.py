"""Evaluate: who is in which segment now. A segment whose inputs are incomplete keeps its members (law 5)."""

from __future__ import annotations

from collections.abc import Sequence

from syncd import log
from syncd.config import SegmentSettings
from syncd.cycle.asking import asked_members
from syncd.cycle.choosing import lacking
from syncd.cycle.following import When, follow, touch_moved
from syncd.cycle.framing import Measuring, frame_of, in_levels
from syncd.cycle.part import ALL, Part
from syncd.cycle.reading import Readiness
from syncd.cycle.report import Report
from syncd.cycle.services import Services
from syncd.errors import SyncdError
from syncd.mirror import membership, touched
from syncd.mirror.masks import places
from syncd.mirror.settling import Evaluated, Moved, settle
from syncd.mirror.stores import KnownStore
from syncd.model import Instant


def evaluate(
    services: Services, readiness: Readiness, report: Report, part: Part = ALL, *, full: bool = False
) -> set[tuple[str, str]]:
    """Bring every segment's membership up to date, store by store, those that others ask for first.

    Args:
        services: What the run works with.
        readiness: What can be relied on.
        report: Grows by who moved, what was kept, and whom was looked at.
        part: What of it is to be evaluated.
        full: Look at everybody, whatever is known of changes.

    Returns:
        The (segment, store) pairs that could not be evaluated: they keep their members.
    """
    settings = services.settings
    evaluator = _Evaluator(services, readiness, report, "asked for" if full else "")
    if part.is_all:
        _end_removed(services, report, evaluator.now)
    for store in settings.stores:
        if part.has_store(store):
            for level in in_levels(settings.segments):
                its = [it for it in level if it.enabled and part.has_segment(it.name) and store in it.stores]
                evaluator.evaluate(store, its)
    return evaluator.kept


class _Evaluator:
    """Evaluates segments at one moment, and remembers which could not be."""

    def __init__(self, services: Services, readiness: Readiness, report: Report, why_full: str) -> None:
        self.now = services.clock.now()
        self.kept: set[tuple[str, str]] = set()
        self.done: set[tuple[str, str]] = set()
        standings = membership.standings(services.mirror)
        self._queries = {(it.segment, it.store): it.query for it in standings if it.as_of is not None}
        self._watched = {name for it in services.settings.segments.values() for name in it.rule.segments}
        self._measuring: dict[str, Measuring] = {}
        self._services = services
        self._readiness = readiness
        self._report = report
        self._why_full = why_full

    def evaluate(self, store: str, level: Sequence[SegmentSettings]) -> None:
        """Renew the membership of segments in a store; those that cannot be are kept as they were, and told."""
        ready = [it for it in level if self._is_ready(it, store)]
        read = [it for it in ready if not it.asks_store]
        for it in ready:
            if it.asks_store:
                self._renew_asked(it, store)
        if read:
            self._renew_read(read, store)

    def _is_ready(self, it: SegmentSettings, store: str) -> bool:
        """Tell whether a segment can be evaluated; keep it where it cannot."""
        why = self._obstacle(it, store)
        known = self._readiness.stores.get(store)
        if known is None:
            why = why or f"the store {store} was never reached"
        elif not why and not it.asks_store:
            why = "; ".join(lacking(it, self._frames(known).supposed(it)))
        if why:
            self._keep(it, store, why)
        return not why

    def _frames(self, store: KnownStore) -> Measuring:
        if store.store not in self._measuring:
            frame = frame_of(self._services.settings, store, self.now)
            self._measuring[store.store] = Measuring(self._services.mirror, frame)
        return self._measuring[store.store]

    def _renew_read(self, its: Sequence[SegmentSettings], store: str) -> None:
        """Read rules over the mirror."""
        frames = self._frames(self._readiness.stores[store])
        when = When(self._report.run, self.now)
        found = follow(self._services.mirror, frames, its, self._watched, when, why_full=self._why_full)
        self._report.note_evaluated(store, found.asked, found.in_full)
        log.get().debug("evaluated", store=store, asked=found.asked, in_full=dict(found.in_full))
        for name, moved in found.moved.items():
            self._note(name, store, moved)

    def _renew_asked(self, it: SegmentSettings, store: str) -> None:
        """Take over whom the store itself names; keep the segment where that fails."""
        mirror = self._services.mirror
        try:
            found = asked_members(self._services, it, self._frames(self._readiness.stores[store]).frame)
        except SyncdError as error:
            self._report.fail("evaluate", f"segment {it.name} in {store}", error)
            self._keep(it, store, error.message)
            return
        with mirror.transaction():
            generation = touched.close(mirror)
            membership.answer(mirror, places(mirror, store, [it.name])[it.name], store, found)
            by = {it.name: Evaluated(it.query)}
            moved = settle(mirror, store, by, self._report.run, self.now)[it.name]
            touch_moved(mirror, store, self._watched & {it.name}, generation, self._report.run)
        self._note(it.name, store, moved)

    def _keep(self, it: SegmentSettings, store: str, why: str) -> None:
        membership.keep(self._services.mirror, it.name, store, it.query, why, self.now)
        self._report.kept.append({"segment": it.name, "store": store, "why": why})
        self.kept.add((it.name, store))

    def _note(self, name: str, store: str, moved: Moved) -> None:
        self.done.add((name, store))
        totals = self._report.moved.setdefault(name, {"entered": 0, "left": 0, "size": 0})
        totals["entered"] += moved.entered
        totals["left"] += moved.left
        totals["size"] += moved.size

    def _obstacle(self, it: SegmentSettings, store: str) -> str:
        """Say which of the rule's inputs are not to be relied on."""
        kinds = [(kind, self._readiness.obstacle(store, kind.value, self._report)) for kind in sorted(it.kinds)]
        reasons = [f"{kind.value} of {store}: {why}" for kind, why in kinds if why]
        stale = sorted(name for name in it.rule.segments if not self._current(name, store))
        return "; ".join(reasons + [f"the segment {name}, which it asks for, is not evaluated" for name in stale])

    def _current(self, name: str, store: str) -> bool:
        """Whether a segment's members in a store are those of its present rule: its own or an earlier run's work."""
        if (name, store) in self.kept:
            return False
        asked = self._services.settings.segments.get(name)
        if asked is None or store not in asked.stores or (name, store) in self.done:
            return True
        return self._queries.get((name, store)) == asked.query


def _end_removed(services: Services, report: Report, now: Instant) -> None:
    """End the membership of segments that the settings no longer have; a disabled one only rests."""
    wanted = {(it.name, store) for it in services.settings.segments.values() for store in it.stores}
    for name, _ in membership.drop_all_but(services.mirror, wanted, report.run, now):
        report.moved.setdefault(name, {"entered": 0, "left": 0, "size": 0})
