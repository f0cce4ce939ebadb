"""Whom a segment has to be asked about: everybody, with the reason, or only who changed since it was last evaluated."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from syncd.config import SegmentSettings
from syncd.cycle.basis import Basis
from syncd.mirror.care import SLACK
from syncd.mirror.membership import Standing
from syncd.mirror.touched import ERASED
from syncd.model import Instant

FEW = 1_000
"""So many people are asked one by one, however small the store is."""
_SHARE = 12
"""Asking one in so many costs about as much as reading everybody's rows in their order."""


class Since(msgspec.Struct, frozen=True):
    """A segment of which only changes are looked at.

    Attributes:
        basis: What it was last evaluated by.
        seen: The generation of changes up to which it was.
        at: When.
    """

    basis: Basis
    seen: int
    at: Instant


def since(
    it: SegmentSettings, standing: Standing | None, basis: Basis, touched: Collection[str], now: Instant
) -> Since | str:
    """Return from where on changes are looked at, or why everybody has to be.

    Args:
        it: The segment.
        standing: How its last evaluation in the store ended.
        basis: What it goes by now; cut points are not compared.
        touched: The kinds of record of the store of which more changed than is known one by one.
        now: The hour of this evaluation.
    """
    if standing is None or standing.as_of is None:
        return "evaluated for the first time"
    before = Basis.read(standing.basis)
    if before is None or standing.seen is None:
        return "what changed since the last evaluation is not known"
    if before.settings != basis.settings:
        return "the segment, what its days and amounts mean, or syncd itself changed"
    if standing.as_of > now + SLACK:
        return "the clock went back"
    at_large = sorted(_concerns(it) & set(touched))
    if at_large:
        return _AT_LARGE.get(at_large[0], f"{at_large[0]} changed at large")
    return Since(before, standing.seen, standing.as_of)


def _concerns(it: SegmentSettings) -> set[str]:
    """Return the kinds whose change concerns anybody's answer; an erasure only that of who is compared with others."""
    kinds = {kind.value for kind in it.kinds}
    alone = it.by == "customer" and it.ranking is None and not it.rule.scales
    return kinds if alone else kinds | {ERASED}


def beyond(asked: int, customers: int) -> str:
    """Return why everybody is looked at where so many of all customers changed; nothing where asking them is less."""
    if asked <= FEW or asked * _SHARE <= customers:
        return ""
    return f"{asked:,} customers changed"


_AT_LARGE: Mapping[str, str] = {"products": "products changed", ERASED: "people were erased"}
