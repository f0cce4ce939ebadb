"""Where a customer stands among the store's own customers: percentiles, tiers, classes, scores.

The store's buyers are measured once per cycle (`surveys`, `cut_points`); the cut points go into the frame, and a clause
then compares one figure with numbers that anybody can read. A rule with scales has to be looked at as a whole whenever
its cut points move. Who never bought stands nowhere: no clause of these holds for them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, func, select

from syncd.segments.comparisons import Comparison, Missing, Plain, Type, Within, comparison, translated
from syncd.segments.frame import Frame, Person
from syncd.segments.kin import counted_once
from syncd.segments.spans import MOST, Span
from syncd.segments.tree import Op, Test

_PERCENTILES = 99
_QUINTILE = 20


class Scale(msgspec.Struct, frozen=True):
    """A figure by which the store's buyers are put in order; missing for who never bought."""

    name: str
    sql: Callable[[Frame], ColumnElement[Any]]
    value: Callable[[Person, Frame], Plain]


def survey(scale: Scale, frame: Frame) -> Select[tuple[int, int]]:
    """Return each figure among the store's buyers and how many have it, lowest first."""
    measured = select(scale.sql(frame).label("figure")).where(*counted_once(frame)).subquery()
    figure = measured.c.figure
    return select(figure, func.count()).where(figure.is_not(None)).group_by(figure).order_by(figure)


def cut_points(rows: Iterable[Sequence[int]]) -> tuple[int, ...]:
    """Return, from a survey's rows, the lowest figure of each percentile from 1 to 99; nothing where nobody bought.

    Somebody's percentile is how many of a hundred buyers have a lower figure, rounded down.
    """
    counted = [(figure, count) for figure, count in rows]
    buyers = sum(count for _, count in counted)
    cuts: list[int] = []
    below = 0
    for figure, count in counted:
        below += count
        reached = min(_PERCENTILES, 100 * below // buyers)
        cuts.extend([figure + 1] * (reached - len(cuts)))
    return tuple(cuts)


def percentile(figure: int, cuts: Sequence[int]) -> int:
    """Return the percentile of a figure, 0 to 99."""
    return bisect_right(cuts, figure)


def score(figure: int, cuts: Sequence[int]) -> int:
    """Return the score of a figure, 1 to 5: a fifth of the buyers each, where figures differ."""
    return 1 + percentile(figure, cuts) // _QUINTILE


def by_percentile(test: Test, frame: Frame, cuts: Sequence[int]) -> Comparison:
    """Put a test of a percentile as one of the figure itself."""
    return translated(comparison(test, Type.INTEGER, frame), lambda span: _figures(span, cuts))


def by_score(test: Test, frame: Frame, cuts: Sequence[int]) -> Comparison:
    """Put a test of a score as one of the figure itself."""
    return translated(comparison(test, Type.INTEGER, frame), lambda span: _figures(_percentiles(span), cuts))


def by_class(test: Test, classes: Mapping[str, Span]) -> Comparison:
    """Put a test of a class's name as one of the figure itself."""
    if test.op in {Op.NULL, Op.NOT_NULL}:
        return Missing(negated=test.op.negative)
    return Within(tuple(classes[str(name)] for name in test.values), negated=test.op.negative)


def class_of(figure: int, classes: Mapping[str, Span]) -> str:
    """Return the name of the class that a figure is in."""
    return next(name for name, span in classes.items() if span.holds(figure))


def figures(low: int, high: int, cuts: Sequence[int]) -> Span:
    """Return the figures from one percentile to below another."""
    return _figures(Span(low, high), cuts)


def _figures(percentiles: Span, cuts: Sequence[int]) -> Span:
    low = None if percentiles.low is None or percentiles.low <= 0 else _cut(percentiles.low, cuts)
    high = None if percentiles.high is None or percentiles.high > _PERCENTILES else _cut(percentiles.high, cuts)
    return Span(low, high, percentiles.outside)


def _cut(percentile: int, cuts: Sequence[int]) -> int:
    """Return the lowest figure of a percentile: below all figures for the lowest, above all where nobody reaches it."""
    if percentile <= 0:
        return -MOST
    return cuts[percentile - 1] if percentile <= len(cuts) else MOST


def _percentiles(scores: Span) -> Span:
    low = None if scores.low is None else (scores.low - 1) * _QUINTILE
    high = None if scores.high is None else (scores.high - 1) * _QUINTILE
    return Span(low, high, scores.outside)
