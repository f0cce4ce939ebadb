"""In what circumstances rules are read: a store's frame, measured by its own buyers where a rule needs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from graphlib import TopologicalSorter
from zoneinfo import ZoneInfo

import msgspec

from syncd.config import SegmentSettings, Settings
from syncd.mirror.database import Mirror
from syncd.mirror.stores import KnownStore
from syncd.model import Instant
from syncd.segments import Frame, measured
from syncd.segments.days import Unit, day_of, shift, start_of


def _whole_days(visible_from: Instant | None, zone: ZoneInfo) -> Instant | None:
    """Return the first midnight from which orders are visible: so a rule's answer changes by time at midnight alone."""
    if visible_from is None:
        return None
    day = day_of(visible_from - 1, zone)
    return start_of(shift(day, 1, Unit.DAYS), zone)


def frame_of(settings: Settings, store: KnownStore, now: Instant) -> Frame:
    """Return the frame in which a store's rules are read at an instant; `framed` makes it fit for a segment."""
    zone = ZoneInfo(str(settings.syncd.timezone or store.timezone))
    return Frame(
        store=store.store,
        now=now,
        zone=zone,
        currency=store.currency,
        week_starts=settings.syncd.week_starts,
        orders_visible_from=_whole_days(store.orders_visible_from, zone),
    )


def framed(mirror: Mirror, it: SegmentSettings, frame: Frame) -> Frame:
    """Return the frame for a segment: with what a member of it is, and its rule's figures of the store's own buyers."""
    own = msgspec.structs.replace(frame, by=it.by)
    return measured(it.rule, own, mirror.connection.execute) if it.rule.scales else own


def in_order(segments: Mapping[str, SegmentSettings]) -> list[SegmentSettings]:
    """Return the segments so that each comes after those that its rule asks for; the settings hold no cycle."""
    asks = {name: sorted(it.rule.segments & segments.keys()) for name, it in segments.items()}
    return [segments[name] for name in TopologicalSorter(asks).static_order()]


def needed(segments: Mapping[str, SegmentSettings], wanted: Iterable[str]) -> set[str]:
    """Return these segments with all that their rules ask for, however far round."""
    found: set[str] = set()
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(segments[name].rule.segments & segments.keys())
    return found
