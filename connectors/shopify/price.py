"""What a push of tags takes by either way. Looks at whether the store has worked through a file are not counted."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from syncd.ports import Price

MUTATION = 10
"""Points that a mutation costs."""

_STAGING = 11
_CALL = 0.5
"""Seconds assumed of a call that does little."""
_MUTATION_SECONDS = 0.04
"""Seconds assumed of a mutation in a call, for they run one after the other."""
_LEAST_OF_A_FILE = 2.0
"""Seconds that the store takes at least until it has begun a file, ended it and written its account."""


def by_calls(mutations: int, a_call: int, wait: float) -> Price:
    """Return what mutations take that go some a call; `wait` is how long their points are waited for, in seconds."""
    calls = ceil(mutations / a_call)
    seconds = wait + calls * _CALL + mutations * _MUTATION_SECONDS
    return Price(calls=calls, points=float(MUTATION * mutations), seconds=seconds)


def by_files(lines: Sequence[int], a_second: float) -> Price:
    """Return what files of so many lines take: one call for their places; upload, start and account of each."""
    seconds = sum(_LEAST_OF_A_FILE + each / a_second + 3 * _CALL for each in lines)
    return Price(calls=1 + 3 * len(lines), points=float(_STAGING + MUTATION * len(lines)), seconds=_CALL + seconds)


def together(prices: Sequence[Price]) -> Price:
    """Return what several take, one after the other."""
    return Price(
        calls=sum(it.calls for it in prices),
        points=sum(it.points or 0.0 for it in prices),
        seconds=sum(it.seconds for it in prices),
    )
