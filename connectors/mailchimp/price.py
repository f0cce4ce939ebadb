"""What a push to a list takes: the calls that `push` makes, counted beforehand, and the time by its last speed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from math import ceil

from syncd.model import Action, Change, fold
from syncd.ports import Price

AT_ONCE = 500
"""Changes a call."""

_SHORT_CALL = 0.5
"""Seconds assumed of a call about a single contact, or about none."""


def price(changes: Sequence[Change], was_there: Callable[[str], bool], a_second: float, side_by_side: int) -> Price:
    """Return what changes take, where nothing is refused and every answer names whom it is about.

    Args:
        changes: All of a push.
        was_there: Whether a label had its tag when it was last written.
        a_second: People whom a call for many takes in a second.
        side_by_side: How many calls about single contacts go at a time.
    """
    new = [change for change in changes if change.create is not None]
    quiet = {change.subject for change in changes if _is_quiet(change)}
    loud = [change for change in changes if not _is_quiet(change)]
    labels = Counter(fold(change.label) for change in loud if change.create is None)
    made = {fold(change.label) for change in loud if change.action is Action.ADD and not was_there(change.label)}
    with_newcomers = {fold(change.label) for change in loud if change.create is not None}
    short = bool(loud) + bool(new or quiet) + len(made - with_newcomers)
    long = _batches_of_newcomers(new) + sum(ceil(count / AT_ONCE) for count in labels.values())
    people = len({change.subject for change in new}) + labels.total()
    seconds = people / a_second + short * _SHORT_CALL + len(quiet) * _SHORT_CALL / side_by_side
    return Price(calls=short + long + len(quiet), seconds=seconds)


def _batches_of_newcomers(new: Sequence[Change]) -> int:
    """Return how many calls make newcomers, of whom none is divided between two."""
    batches, room = 0, 0
    for changes in Counter(change.subject for change in new).values():
        if changes > room:
            batches, room = batches + 1, AT_ONCE
        room -= changes
    return batches


def _is_quiet(change: Change) -> bool:
    return change.quiet and change.action is Action.ADD
