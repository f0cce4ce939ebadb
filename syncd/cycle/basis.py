"""What the answers of an evaluation depend on beside the mirror's rows: while it stands, only changes are looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import msgspec

from syncd import __version__
from syncd.config import SegmentSettings
from syncd.mirror.membership import Standing
from syncd.segments import Frame

_FIRST, _LAST = 1_262_304_000, 2_145_916_800
"""The years 2010 to 2037, in which rules look at days."""


class Basis(msgspec.Struct, frozen=True):
    """What a segment was, or is to be, evaluated by.

    Attributes:
        settings: A digest of what can only change at once: the settings, the shop's own, and our reading of them.
        visible_from: From when orders were visible; None where all were. It moves as time goes on.
        cuts: A digest of the cut points of the store's buyers; empty for a rule that does not ask for them.
    """

    settings: str
    visible_from: int | None = None
    cuts: str = ""

    @classmethod
    def read(cls, text: str) -> Basis | None:
        """Read what `str` wrote; None where nothing is known."""
        settings, *rest = text.split(":")
        if not settings or len(rest) != 2:
            return None
        return cls(settings, int(rest[0]) if rest[0] else None, rest[1])

    def __str__(self) -> str:
        """Return it as the mirror keeps it."""
        return f"{self.settings}:{'' if self.visible_from is None else self.visible_from}:{self.cuts}"


def basis_of(it: SegmentSettings, frame: Frame, standings: Mapping[str, Standing]) -> Basis:
    """Return what a segment goes by in a frame.

    Args:
        it: The segment.
        frame: With the cut points that its rule needs, where they are to be part of it.
        standings: Of the store, by segment. A segment that is asked for and begins anew logs nobody's entering: who
            asks for it has to look at everybody.
    """
    others = [(name, standings[name].began_run if name in standings else None) for name in sorted(it.rule.segments)]
    parts = (
        __version__,
        it.asks,
        frame.by,
        frame.zone.key,
        _offsets(frame.zone),
        frame.currency,
        frame.week_starts,
        frame.orders_visible_from is None,
        others,
    )
    return Basis(_digest(parts), frame.orders_visible_from, cuts_of(it, frame))


def cuts_of(it: SegmentSettings, frame: Frame) -> str:
    """Return a digest of the cut points that a rule asks for; empty where it asks for none."""
    return _digest([(name, frame.cuts.get(name)) for name in sorted(it.rule.scales)]) if it.rule.scales else ""


@cache
def _offsets(zone: ZoneInfo) -> str:
    """Return a digest of what a zone's days are: a country may decide otherwise, and the machine's tables follow."""
    weeks = range(_FIRST, _LAST, 7 * 86_400)
    return _digest([datetime.fromtimestamp(week, zone).utcoffset() for week in weeks])


def _digest(value: object) -> str:
    return hashlib.blake2b(repr(value).encode(), digest_size=12).hexdigest()
