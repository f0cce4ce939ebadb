"""In what circumstances rules are read: a store's frame, measured by its own buyers where a rule needs it."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter
from zoneinfo import ZoneInfo

from syncd.config import SegmentSettings, Settings
from syncd.mirror.database import Mirror
from syncd.mirror.stores import KnownStore
from syncd.model import Instant
from syncd.segments import Frame, Rule, measured


def frame_of(settings: Settings, store: KnownStore, now: Instant) -> Frame:
    """Return the frame in which a store's rules are read at an instant, its buyers not measured yet."""
    zone = settings.syncd.timezone or store.timezone
    return Frame(
        store=store.store,
        now=now,
        zone=ZoneInfo(str(zone)),
        currency=store.currency,
        week_starts=settings.syncd.week_starts,
        orders_visible_from=store.orders_visible_from,
    )


def measured_frame(mirror: Mirror, rule: Rule, frame: Frame) -> Frame:
    """Return the frame with the figures of the store's own buyers that the rule compares somebody with."""
    return measured(rule, frame, mirror.connection.execute) if rule.scales else frame


def in_order(segments: Mapping[str, SegmentSettings]) -> list[SegmentSettings]:
    """Return the segments so that each comes after those that its rule asks for; the settings hold no cycle."""
    asks = {name: sorted(it.rule.segments & segments.keys()) for name, it in segments.items()}
    return [segments[name] for name in TopologicalSorter(asks).static_order()]
