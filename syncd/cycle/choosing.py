"""What a segment's settings ask of the mirror: whom its query and its rank choose, and what keeps them from it."""

from __future__ import annotations

from sqlalchemy import Select

from syncd.config import SegmentSettings
from syncd.segments import Frame, members, rank_gaps, ranked
from syncd.segments.gaps import gaps


def chosen(it: SegmentSettings, frame: Frame) -> Select[tuple[int]]:
    """Return the ids of the customers of the frame's store who belong in a segment; `framed` makes it its frame."""
    ranking = it.ranking
    return members(it.rule, frame) if ranking is None else ranked(it.rule, ranking, frame)


def lacking(it: SegmentSettings, frame: Frame) -> tuple[str, ...]:
    """Return a sentence for whatever keeps a segment from being evaluated; none, if nothing does."""
    ranking = it.ranking
    return (*gaps(it.rule, frame), *(() if ranking is None else rank_gaps(ranking, frame)))
