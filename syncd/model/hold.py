"""A part of a plan that waits for a person."""

from __future__ import annotations

import msgspec

from syncd.model.records import Instant


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A label's part of a plan that waits for a person.

    Attributes:
        why: Numbers and limit, one sentence.
        checksum: Of exactly the changes that are held; an approval is good for these only.
        run: The run that first held them.
        approved_at: When a person released them; None while they wait.
    """

    target: str
    label: str
    segment: str
    why: str
    adds: int
    removes: int
    checksum: str
    run: int = 0
    at: Instant = 0
    approved_at: Instant | None = None


class Lately(msgspec.Struct, frozen=True):
    """What happened to a label within the last day.

    Attributes:
        ours: How many had it as ours a day ago, and how many more (or fewer) through what persons released since:
            what shares are of.
        added: How many syncd set out to give it to, unasked.
        removed: How many it set out to take it from, unasked.
    """

    ours: int
    added: int = 0
    removed: int = 0
