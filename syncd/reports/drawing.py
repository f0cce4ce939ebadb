"""What is worth drawing, as inline SVG inside HTML text: the words stay text, at any width.

Widths are shares of the room (`width="83%"`), lines are drawn in a field of 100 by 100 that stretches without making
their strokes wider; so one drawing fits a phone and a desk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from html import escape
from math import sqrt

from syncd.reports.answer import Answer, Column, Kind, Plot, Row
from syncd.reports.telling import Teller

BARS = 30
"""How many rows are compared by bars."""
POINTS = 2_000
"""How many rows a line goes along at most."""
SHADES = 5


def rows_drawn(plot: Plot | None) -> int:
    """Return how many of the first rows a drawing looks at."""
    return {"bars": BARS, "line": POINTS}.get(plot.shape, 0) if plot else 0


def drawn(answer: Answer, rows: Sequence[Row], tell: Teller) -> str:
    """Return a plot of the first rows as HTML; nothing where there is nothing to compare."""
    if answer.plot is None or len(rows) < 2 or answer.plot.shape == "grid":
        return ""
    names = [column.name for column in answer.columns]
    along = names.index(answer.plot.along)
    values = [names.index(name) for name in answer.plot.values]
    kind = answer.columns[along].kind
    labels = [tell.value(row[along], kind) for row in rows]
    columns = [answer.columns[at] for at in values]
    series = [[_height(row[at]) for row in rows] for at in values]
    if answer.plot.shape == "bars":
        parts = _bars(labels, series, columns, tell)
    else:
        parts = _line(_places([row[along] for row in rows]), labels, series, columns, tell)
    legend = _legend(columns, answer.columns[along], cut=len(rows) < answer.size)
    return f"<figure><figcaption>{legend}</figcaption>{''.join(parts)}</figure>\n"


def shade(value: object) -> str:
    """Return the class of a share's cell in a grid; none for nothing. By its root, for most shares are small."""
    if not isinstance(value, int | float) or value <= 0:
        return ""
    return f" s{min(SHADES, 1 + int(sqrt(value) * SHADES))}"


def _height(value: object) -> float:
    return max(0.0, float(value)) if isinstance(value, int | float) else 0.0


def _legend(columns: Sequence[Column], along: Column, *, cut: bool) -> str:
    named = [
        f'<svg class="key" aria-hidden="true"><rect class="c{at % 4}" width="100%" height="100%"/></svg>'
        f"<span>{escape(column.title)}</span>"
        for at, column in enumerate(columns)
    ]
    return f"{''.join(named)} by {escape(along.title)}{', the first of them' if cut else ''}"


def _bars(
    labels: Sequence[str], series: Sequence[Sequence[float]], columns: Sequence[Column], tell: Teller
) -> Iterator[str]:
    tops = _tops(series, columns)
    yield '<ol class="bars">'
    for row, label in enumerate(labels):
        told = " · ".join(_told(values[row], column.kind, tell) for values, column in zip(series, columns, strict=True))
        bars = "".join(
            f'<rect class="c{at % 4}" y="{at * 9}" width="{100 * values[row] / top:.2f}%" height="7" rx="2"/>'
            for at, (values, top) in enumerate(zip(series, tops, strict=True))
        )
        height = 9 * len(series)
        back = f'<rect class="back" width="100%" height="{height - 2}" rx="2"/>'
        yield f"<li><div><span>{escape(label)}</span><span>{escape(told)}</span></div>"
        yield f'<svg height="{height}" aria-hidden="true">{back}{bars}</svg></li>'
    yield "</ol>"


def _places(along: Sequence[object]) -> list[float]:
    """Return how far along each row is, from 0 to 100: days by the calendar, else one step a row."""
    days = [it.toordinal() for it in along if isinstance(it, date)]
    steps = days if len(days) == len(along) else list(range(len(along)))
    return [100 * (step - steps[0]) / (steps[-1] - steps[0] or 1) for step in steps]


def _line(
    places: Sequence[float],
    labels: Sequence[str],
    series: Sequence[Sequence[float]],
    columns: Sequence[Column],
    tell: Teller,
) -> Iterator[str]:
    tops = _tops(series, columns)
    yield '<div class="plot"><div class="y">'
    yield "".join(f"<span>{escape(_told(share * tops[0], columns[0].kind, tell))}</span>" for share in (1, 0.5, 0))
    yield '</div><svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="the figures are below">'
    for at, (values, top, column) in enumerate(zip(series, tops, columns, strict=True)):
        points = [(x, 100 - 100 * value / top) for x, value in zip(places, values, strict=True)]
        path = "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
        yield f'<path class="c{at % 4} run" d="M{path}"/>'
        if len(points) <= 60:
            yield from (
                f'<path class="c{at % 4} dot" d="M{x:.2f} {y:.2f}h0"><title>'
                f"{escape(label)}: {escape(_told(value, column.kind, tell))}</title></path>"
                for (x, y), label, value in zip(points, labels, values, strict=True)
            )
    shown = (labels[0], labels[-1])
    yield f'</svg><div class="x">{"".join(f"<span>{escape(label)}</span>" for label in shown)}</div></div>'


def _tops(series: Sequence[Sequence[float]], columns: Sequence[Column]) -> list[float]:
    """Return the largest value of each series; series of one kind share it, so that they can be compared."""
    of_kind: dict[Kind, float] = {}
    for values, column in zip(series, columns, strict=True):
        of_kind[column.kind] = max(of_kind.get(column.kind, 0.0), *values)
    return [of_kind[column.kind] or 1.0 for column in columns]


def _told(value: float, kind: Kind, tell: Teller) -> str:
    return tell.value(value if kind == "share" else round(value), kind)
