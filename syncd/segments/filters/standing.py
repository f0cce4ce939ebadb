"""Where a customer stands among the store's own customers. The store's buyers are those with at least one order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import case, func

from syncd.model import decimal_text
from syncd.segments import standing
from syncd.segments.comparisons import Comparison, Type
from syncd.segments.days import day_of
from syncd.segments.filter import Filter, Scalar
from syncd.segments.filters.customer import placed, placed_of, spent, spent_of
from syncd.segments.filters.history import last_order, last_order_of
from syncd.segments.filters.orders import ORDERS
from syncd.segments.frame import Frame
from syncd.segments.spans import Span
from syncd.segments.standing import Scale
from syncd.segments.tree import Test

_ORDERS = Scale(
    name="orders",
    sql=lambda frame: func.nullif(func.max(placed(frame), 0), 0),
    value=lambda person, _: placed_of(person) if placed_of(person) > 0 else None,
)
_SPEND = Scale(
    name="spend",
    sql=lambda frame: case((placed(frame) > 0, spent(frame))),
    value=lambda person, frame: spent_of(person, frame) if placed_of(person) > 0 else None,
)
_RECENCY = Scale(name="recency", sql=last_order, value=last_order_of)
SCALES = {scale.name: scale for scale in (_ORDERS, _SPEND, _RECENCY)}

_Classes = Callable[[Sequence[int]], Mapping[str, Span]]


def _tiers(cuts: Sequence[int]) -> Mapping[str, Span]:
    return {
        "HIGH": standing.figures(80, 100, cuts),
        "MEDIUM": standing.figures(50, 80, cuts),
        "LOW": standing.figures(0, 50, cuts),
    }


def _frequencies(cuts: Sequence[int]) -> Mapping[str, Span]:
    """One order is a class of its own, however few there are who ordered again."""
    regular, frequent = (standing.figures(low, 100, cuts).low or 0 for low in (70, 90))
    return {
        "ONCE": Span(None, 2),
        "FREQUENT": Span(max(2, frequent), None),
        "REGULAR": Span(max(2, regular), max(2, frequent)),
        "OCCASIONAL": Span(2, max(2, regular)),
    }


def _figure(scale: Scale, figure: int, frame: Frame) -> str:
    match scale.name:
        case "spend":
            return decimal_text(figure, frame.currency)
        case "recency":
            return day_of(figure, frame.zone).isoformat()
    return str(figure)


def _graded(
    scale: Scale,
    ready: Callable[[Test, Frame, Sequence[int]], Comparison],
    grade: Callable[[int, Sequence[int]], int],
) -> Scalar:
    def text(figure: int, frame: Frame) -> str:
        return f"{grade(figure, _cuts(scale, frame))} ({_figure(scale, figure, frame)})"

    return Scalar(
        type=Type.INTEGER,
        sql=scale.sql,
        value=scale.value,
        ready=lambda test, frame: ready(test, frame, _cuts(scale, frame)),
        text=text,
        scale=scale,
    )


def _classed(scale: Scale, classes: _Classes, choices: tuple[str, ...]) -> Scalar:
    def text(figure: int, frame: Frame) -> str:
        return f"{standing.class_of(figure, classes(_cuts(scale, frame)))} ({_figure(scale, figure, frame)})"

    return Scalar(
        type=Type.TEXT,
        sql=scale.sql,
        value=scale.value,
        choices=choices,
        ready=lambda test, frame: standing.by_class(test, classes(_cuts(scale, frame))),
        text=text,
        scale=scale,
    )


def _cuts(scale: Scale, frame: Frame) -> Sequence[int]:
    return frame.cuts.get(scale.name, ())


FILTERS = (
    Filter(
        name="orders_percentile",
        meaning="how many of a hundred buyers have placed fewer orders (0 to 99)",
        example="orders_percentile >= 90",
        reading=_graded(_ORDERS, standing.by_percentile, standing.percentile),
        own=True,
        guests=True,
    ),
    Filter(
        name="spend_percentile",
        meaning="how many of a hundred buyers have spent less (0 to 99)",
        example="spend_percentile >= 90",
        reading=_graded(_SPEND, standing.by_percentile, standing.percentile),
        own=True,
        guests=True,
        mistaken=("amount_percentile", "spent_percentile"),
    ),
    Filter(
        name="value_tier",
        meaning="HIGH: the fifth of the buyers who spent most; MEDIUM: the rest of the upper half; LOW: the lower half",
        example="value_tier = 'HIGH'",
        reading=_classed(_SPEND, _tiers, ("HIGH", "MEDIUM", "LOW")),
        own=True,
        guests=True,
        mistaken=("tier", "customer_tier"),
    ),
    Filter(
        name="purchase_frequency",
        meaning=(
            "ONCE: a single order; among the others, by all buyers' number of orders, FREQUENT: the upper tenth,"
            " REGULAR: the upper three tenths, OCCASIONAL: the rest"
        ),
        example="purchase_frequency IN ('REGULAR', 'FREQUENT')",
        reading=_classed(_ORDERS, _frequencies, ("ONCE", "OCCASIONAL", "REGULAR", "FREQUENT")),
        own=True,
        guests=True,
        mistaken=("frequency", "order_frequency"),
    ),
    Filter(
        name="recency_score",
        meaning="1 to 5, a fifth of the buyers each: 5 for the latest last orders",
        example="recency_score >= 4",
        reading=_graded(_RECENCY, standing.by_score, standing.score),
        kinds=ORDERS,
        own=True,
        guests=True,
    ),
    Filter(
        name="frequency_score",
        meaning="1 to 5, a fifth of the buyers each: 5 for the most orders",
        example="frequency_score = 5",
        reading=_graded(_ORDERS, standing.by_score, standing.score),
        own=True,
        guests=True,
    ),
    Filter(
        name="monetary_score",
        meaning="1 to 5, a fifth of the buyers each: 5 for the highest amounts spent",
        example="monetary_score = 5",
        reading=_graded(_SPEND, standing.by_score, standing.score),
        own=True,
        guests=True,
    ),
)
