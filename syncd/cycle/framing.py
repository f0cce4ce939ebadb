"""In what circumstances rules are read: a store's frame, measured by its own buyers where a rule needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Select

from syncd.config import SegmentSettings, Settings
from syncd.mirror.database import Mirror
from syncd.mirror.stores import KnownStore
from syncd.model import Instant
from syncd.segments import Frame, cut_points, measured, surveys
from syncd.segments.days import Unit, day_of, shift, start_of
from syncd.segments.frame import By


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


class Measuring:
    """The frames of one store at one moment. Its buyers are measured once by each scale, and only where that is asked.

    Attributes:
        frame: The store's frame, from `frame_of`.
    """

    def __init__(self, mirror: Mirror, frame: Frame) -> None:
        """Measure nothing yet."""
        self.frame = frame
        self._ask: Callable[[Select[Any]], Iterable[Sequence[int]]] = mirror.connection.execute
        self._cuts: dict[tuple[By, str], Sequence[int]] = {}

    def plain(self, it: SegmentSettings) -> Frame:
        """Return the frame of a segment without any cut points."""
        return msgspec.structs.replace(self.frame, by=it.by)

    def supposed(self, it: SegmentSettings) -> Frame:
        """Return the frame of a segment as if buyers had been measured: whether they can be, no figure tells."""
        return msgspec.structs.replace(self.plain(it), cuts=dict.fromkeys(it.rule.scales, ()))

    def measured(self, it: SegmentSettings) -> Frame:
        """Return the frame of a segment with the cut points that its rule needs."""
        frame = self.plain(it)
        for scale, query in surveys(it.rule, frame).items():
            if (it.by, scale) not in self._cuts:
                self._cuts[it.by, scale] = cut_points(self._ask(query))
        cuts = {scale: self._cuts[it.by, scale] for scale in it.rule.scales}
        return msgspec.structs.replace(frame, cuts=cuts)


def in_levels(segments: Mapping[str, SegmentSettings]) -> Iterator[list[SegmentSettings]]:
    """Yield the segments in levels: each after those that its rule asks for; the settings hold no cycle."""
    sorter = TopologicalSorter({name: sorted(it.rule.segments & segments.keys()) for name, it in segments.items()})
    sorter.prepare()
    while sorter.is_active():
        ready = sorter.get_ready()
        yield [segments[name] for name in ready]
        sorter.done(*ready)


def in_order(segments: Mapping[str, SegmentSettings]) -> list[SegmentSettings]:
    """Return the segments so that each comes after those that its rule asks for; the settings hold no cycle."""
    return [it for level in in_levels(segments) for it in level]


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
