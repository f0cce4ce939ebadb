"""Evaluate: who is in which segment now. A segment whose inputs are incomplete keeps its members (law 5)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select

from syncd.config import SegmentSettings
from syncd.cycle.asking import asked_members
from syncd.cycle.choosing import chosen, lacking
from syncd.cycle.framing import frame_of, framed, in_order
from syncd.cycle.part import ALL, Part
from syncd.cycle.reading import Readiness
from syncd.cycle.report import Report
from syncd.cycle.services import Services
from syncd.errors import SyncdError
from syncd.mirror import membership
from syncd.model import Instant
from syncd.segments import Frame


def evaluate(services: Services, readiness: Readiness, report: Report, part: Part = ALL) -> set[tuple[str, str]]:
    """Bring every segment's membership up to date, store by store, those that others ask for first.

    Returns:
        The (segment, store) pairs that could not be evaluated: they keep their members.
    """
    evaluator = _Evaluator(services, readiness, report)
    for it in in_order(services.settings.segments):
        if it.enabled and part.has_segment(it.name):
            for name in it.stores:
                if part.has_store(name):
                    evaluator.evaluate(it, name)
    if part.is_all:
        _end_removed(services, report, evaluator.now)
    return evaluator.kept


class _Evaluator:
    """Evaluates segments at one moment, and remembers which could not be."""

    def __init__(self, services: Services, readiness: Readiness, report: Report) -> None:
        self.now = services.clock.now()
        self.kept: set[tuple[str, str]] = set()
        self.done: set[tuple[str, str]] = set()
        standings = membership.standings(services.mirror)
        self._queries = {(it.segment, it.store): it.query for it in standings if it.as_of is not None}
        self._services = services
        self._readiness = readiness
        self._report = report

    def evaluate(self, it: SegmentSettings, store: str) -> None:
        """Renew a segment's membership in a store, or keep it as it was and say why."""
        known = self._readiness.stores.get(store)
        why = self._obstacle(it, store)
        if known is None:
            why = why or f"the store {store} was never reached"
        elif not why:
            frame = frame_of(self._services.settings, known, self.now)
            why = self._renew_asked(it, frame) if it.asks_store else self._renew_read(it, frame)
        if why:
            membership.keep(self._services.mirror, it.name, store, it.query, why, self.now)
            self._report.kept.append({"segment": it.name, "store": store, "why": why})
            self.kept.add((it.name, store))

    def _renew_read(self, it: SegmentSettings, frame: Frame) -> str:
        """Read the rule over the mirror; return why that cannot be done, or nothing."""
        frame = framed(self._services.mirror, it, frame)
        why = "; ".join(lacking(it, frame))
        if not why:
            self._renew(it, frame.store, chosen(it, frame))
        return why

    def _renew_asked(self, it: SegmentSettings, frame: Frame) -> str:
        """Take over whom the store itself names; return why that failed, or nothing."""
        try:
            found = asked_members(self._services, it, frame)
        except SyncdError as error:
            self._report.fail("evaluate", f"segment {it.name} in {frame.store}", error)
            return error.message
        self._renew(it, frame.store, found)
        return ""

    def _renew(self, it: SegmentSettings, store: str, found: Select[tuple[int]] | Collection[int]) -> None:
        mirror = self._services.mirror
        self.done.add((it.name, store))
        moved = membership.renew(mirror, it.name, store, it.query, found, self._report.run, self.now)
        totals = self._report.moved.setdefault(it.name, {"entered": 0, "left": 0, "size": 0})
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
