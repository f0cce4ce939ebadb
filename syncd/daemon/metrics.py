"""Figures for Prometheus: kept by the daemon's own thread, shown by another that touches nothing else.

What is told are moments, not ages (`time() - x` is the age): an age would stand still where the daemon does.
docs/operations.md explains each; a test holds both equal.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, disable_created_metrics
from prometheus_client.process_collector import ProcessCollector

from syncd import __version__
from syncd.cycle import Report, Services
from syncd.cycle.health import Health
from syncd.daemon.agenda import Turn
from syncd.daemon.daemon import Ended, Observer
from syncd.daemon.following import Following
from syncd.model import Instant

_SECONDS = (0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3600, 10_000)


class Metrics(Observer):
    """All figures.

    Attributes:
        registry: Where they are to be had.
    """

    def __init__(self, following: Following, gone: Collection[str] = ()) -> None:
        """Begin at nothing. `gone` are the services that cannot be reached, kept up to date by somebody else."""
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's own doubling of every series
        self.registry = CollectorRegistry()
        self._following = following
        self._gone = gone
        ProcessCollector(registry=self.registry)
        Info("syncd_build", "The version of syncd.", registry=self.registry).info({"version": __version__})
        self._of_turns()
        self._of_cycles()
        self._of_services()
        self._of_segments()
        self._of_the_mirror()

    def _of_turns(self) -> None:
        self.turns = self._counter("syncd_turns", "Turns that ended, by work and result.", "work", "result")
        self.last_turn = self._gauge("syncd_last_turn_timestamp_seconds", "When work last ended.", "work")
        self.last_success = self._gauge("syncd_last_success_timestamp_seconds", "When work last ended well.", "work")
        self.next_turn = self._gauge("syncd_next_turn_timestamp_seconds", "When the next turn comes up.")
        self.trouble = self._gauge("syncd_settings_refused", "1 where the settings file is wrong, 0 else.")

    def _of_cycles(self) -> None:
        self.duration = self._histogram("syncd_cycle_duration_seconds", "How long cycles take.")
        self.stages = self._histogram("syncd_stage_duration_seconds", "How long their stages take.", "stage")
        self.changes = self._counter("syncd_changes", "Changes of labels, by what came of them.", "outcome")
        self.created = self._counter("syncd_contacts_created", "Contacts that were added to audiences.")
        self.failures = self._counter("syncd_failures", "Parts of cycles that failed.", "stage", "kind")

    def _of_services(self) -> None:
        self.rows = self._counter("syncd_rows_read", "Records read.", "service", "kind")
        self.removed = self._counter("syncd_rows_removed", "Records found deleted.", "service", "kind")
        self.calls = self._counter("syncd_api_calls", "Requests sent.", "service", "kind")
        self.waits = self._counter("syncd_throttle_waits", "Waits that a service asked for.", "service")
        self.waited = self._counter("syncd_throttle_wait_seconds", "Seconds of these waits.", "service")
        self.points = self._gauge("syncd_points_left", "Points left of what a service allows.", "service")
        self.reachable = self._gauge("syncd_service_reachable", "0 while a service is given up for a while.", "service")
        self.service_ok = self._gauge("syncd_service_ok", "1 where all was read, and lately enough.", "service")
        self.service_at = self._gauge("syncd_service_as_of_timestamp_seconds", "When it was last read.", "service")

    def _of_segments(self) -> None:
        self.members = self._gauge("syncd_segment_members", "Members of a segment.", "segment")
        self.segment_ok = self._gauge("syncd_segment_ok", "1 where it was evaluated, and lately enough.", "segment")
        self.segment_at = self._gauge("syncd_segment_as_of_timestamp_seconds", "When it was evaluated.", "segment")
        self.holds = self._gauge("syncd_holds", "Labels and changes of consent that wait for a person.")
        self.refusals = self._gauge("syncd_refusals", "Changes that services refused for good.")
        self.drift = self._gauge("syncd_drift_members", "People from whom others took a label.", "service", "label")

    def _of_the_mirror(self) -> None:
        self.size = self._gauge("syncd_mirror_size_bytes", "Size of the mirror with its log.")
        self.free = self._gauge("syncd_mirror_disk_free_bytes", "Room left on its disk.")
        self.backup_at = self._gauge("syncd_backup_timestamp_seconds", "When the newest backup was made.")

    def ended(self, ended: Ended, services: Services | None) -> None:
        """Take over what a turn came to."""
        work, now = ended.turn.work.value, ended.at + ended.seconds
        result = "failed" if ended.error else ended.report.result if ended.report else "done"
        self.turns.labels(work, result).inc()
        self.last_turn.labels(work).set(now)
        if result in {"done", "held"}:
            self.last_success.labels(work).set(now)
        if ended.report is not None:
            self._take_report(ended.report)
        if ended.health is not None:
            self._take_health(ended.health)
        if services is not None:
            self._take_services(services)
        self._measure()

    def waiting(self, turn: Turn, at: Instant) -> None:  # noqa: ARG002  # the moment is enough
        """Take over when the next turn comes up."""
        self.next_turn.set(at)

    def settings_refused(self, following: Following) -> None:
        """Take over that the settings are wrong."""
        self.trouble.set(following.trouble is not None)

    def settings_taken(self, following: Following) -> None:
        """Take over that the settings are right; what they no longer name is shown no longer."""
        self.settings_refused(following)
        for gauge in (self.members, self.segment_ok, self.segment_at, self.service_ok, self.service_at, self.points):
            gauge.clear()
        self.reachable.clear()

    def _take_report(self, report: Report) -> None:
        self.duration.observe(report.seconds)
        for stage, seconds in report.stages.items():
            self.stages.labels(stage).observe(seconds)
        outcomes = {**report.applied, "refused": report.refused, "unknown": report.unknown, "failed": report.failed}
        for outcome, changes in outcomes.items():
            self.changes.labels(outcome).inc(changes)
        self.created.inc(report.created)
        for failure in report.failures:
            self.failures.labels(failure.stage, failure.kind).inc()
        for counter, counts in ((self.rows, report.pulled), (self.removed, report.removed), (self.calls, report.calls)):
            _add(counter, counts)
        for service, throttled in report.throttled.items():
            self.waits.labels(service).inc(throttled.waits)
            self.waited.labels(service).inc(throttled.waited)
            if throttled.left is not None:
                self.points.labels(service).set(throttled.left)

    def _take_health(self, health: Health) -> None:
        for name, service in {**health.stores, **health.audiences}.items():
            self.service_ok.labels(name).set(service.ok)
            _set_moment(self.service_at.labels(name), service.as_of)
        for name, segment in health.segments.items():
            self.members.labels(name).set(segment.size)
            self.segment_ok.labels(name).set(segment.ok)
            _set_moment(self.segment_at.labels(name), segment.as_of)
        self.holds.set(len(health.holds))
        self.refusals.set(health.refusals)
        self.drift.clear()
        for row in health.drift:
            self.drift.labels(row["target"], row["label"]).set(row["missing"])
        _set_moment(self.backup_at, health.backup)

    def _take_services(self, services: Services) -> None:
        for name in (*services.stores, *services.audiences):
            self.reachable.labels(name).set(name not in self._gone)

    def _measure(self) -> None:
        database = self._following.settings.syncd.database
        try:
            log = database.with_name(f"{database.name}-wal")
            self.size.set(database.stat().st_size + (log.stat().st_size if log.exists() else 0))
            room = os.statvfs(database.parent)
            self.free.set(room.f_bavail * room.f_frsize)
        except OSError:
            return

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(name, meaning, labels, registry=self.registry)

    def _histogram(self, name: str, meaning: str, *labels: str) -> Histogram:
        return Histogram(name, meaning, labels, registry=self.registry, buckets=_SECONDS)


def _add(counter: Counter, counts: Mapping[str, Mapping[str, int]]) -> None:
    for service, by_kind in counts.items():
        for kind, count in by_kind.items():
            counter.labels(service, kind).inc(count)


def _set_moment(gauge: Any, moment: str | None) -> None:
    if moment is not None:
        gauge.set(datetime.fromisoformat(moment).timestamp())
