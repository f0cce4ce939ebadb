"""Asking a store itself who is in a segment."""

from __future__ import annotations

from syncd.config import SegmentSettings
from syncd.cycle.services import Services
from syncd.errors import FatalError
from syncd.ports import SavedSegments
from syncd.segments import Frame


def segments_of(services: Services, store: str) -> SavedSegments:
    """Return what a store knows of segments.

    Raises:
        FatalError: It knows nothing of them.
    """
    found = services.stores[store].source.segments
    if found is None:
        raise FatalError(
            f"the store {store} cannot be asked who is in a segment",
            hint='leave source = "…" out, or name other stores',
        )
    return found


def asked_members(services: Services, segment: SegmentSettings, frame: Frame) -> set[int]:
    """Return the ids of all customers whom the store finds by a segment's query, as it is written, in a frame's zone.

    Raises:
        SyncdError: The store cannot be asked, or did not tell them all.
    """
    pages = segments_of(services, frame.store).members(segment.query, str(frame.zone))
    return {number for page in pages for number in page.rows}


def try_asking(services: Services, segment: SegmentSettings, frame: Frame) -> None:
    """Ask a store for the first of a segment's members only, to see whether it takes the query.

    Raises:
        SyncdError: The store cannot be asked, or does not take it.
    """
    next(iter(segments_of(services, frame.store).members(segment.query, str(frame.zone))), None)
