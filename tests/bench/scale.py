"""The tables of `docs/scale.md`: unit costs that a bench run measured, multiplied up. Nothing here is measured anew."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tests.bench.page import put
from tests.bench.results import ROOT, Figure, Results, newest

PAGE = ROOT / "docs" / "scale.md"
_BEGIN, _END = "<!-- figures: made by tests.bench.scale -->", "<!-- end of figures -->"
_STORES = (10_000, 100_000, 1_000_000, 10_000_000)
_ROWS_A_CUSTOMER = 1 + 1 + 5 + 12.5
_TAGS_A_CUSTOMER = 2
_TAGS_A_SECOND = 40
"""What a file of tag changes is assumed to take until a push has shown better (`connectors/shopify/price.py`)."""
_PEOPLE_A_SECOND = 100
"""Likewise the audience's pace."""
_BYTES_A_ROW = 330
"""Of an export: what `tests.bench.exports` writes, which is as long as the recorded answers of a real store."""
_PLANS = (("Standard", 100, 2_000), ("Advanced", 200, 4_000), ("Plus", 1_000, 20_000))
_LARGEST_READ = 1_000
"""Points that a single read may ask for, whatever the plan."""


class Units(msgspec.Struct, frozen=True):
    """What was measured, a customer, a row, a cycle."""

    rows_a_second: float
    bytes_a_row: float
    evaluation_a_customer: float
    changes: float
    idle: float
    pull_peak: float
    cycle_peak: float
    full_peak: float


def units(found: Results) -> Units:
    """Take the unit costs from a run."""
    pull = _figure(found, "memory at the peak, first pull", "M")
    changes = _figure(found, "cycle with 1,000 changes", "L")
    return Units(
        rows_a_second=pull.detail["rows_per_cpu_second"],
        bytes_a_row=pull.detail["database_mb"] * 1e6 / pull.detail["rows"],
        evaluation_a_customer=changes.detail["full_evaluation_cpu"] / 1_000_000,
        changes=changes.detail["cpu"],
        idle=_figure(found, "cycle with no change ÷", "L").detail["cpu"],
        pull_peak=pull.value,
        cycle_peak=_figure(found, "memory at the peak, cycle (thousand)", "L").value,
        full_peak=_figure(found, "memory at the peak, full evaluation", "L").value,
    )


def write(found: Results) -> None:
    """Put the tables into the page."""
    put(PAGE, (_BEGIN, _END), "\n".join(_lines(units(found))))


def _lines(it: Units) -> Iterator[str]:
    yield (
        "| customers | rows | exports | first pull, CPU | database | full evaluation, CPU | first push of tags "
        "| to an audience |"
    )
    yield "|---:|---:|---:|---:|---:|---:|---:|---:|"
    for customers in _STORES:
        rows = customers * _ROWS_A_CUSTOMER
        tags = customers * _TAGS_A_CUSTOMER / _TAGS_A_SECOND
        yield (
            f"| {customers:,} | {_number(rows)} | {_bytes(rows * _BYTES_A_ROW)} | {_time(rows / it.rows_a_second)} "
            f"| {_bytes(rows * it.bytes_a_row)} | {_time(customers * it.evaluation_a_customer)} "
            f"| {_time(tags)} | {_time(customers / 2 / _PEOPLE_A_SECOND)} |"
        )
    yield ""
    yield f"- rows stored: {it.rows_a_second:,.0f} a CPU second, {it.bytes_a_row:,.0f} bytes each with indexes (M);"
    yield f"- full evaluation of thirty segments: {it.evaluation_a_customer * 1e6:.1f} CPU µs a customer (L);"
    yield f"- a cycle with 1,000 changes: {it.changes:.2f} CPU s; with none: {it.idle * 1e3:.0f} ms (L), at any size;"
    yield f"- memory at the peak: {it.pull_peak:.0f} MiB in a first pull (M), {it.cycle_peak:.0f} in a cycle with 1,000"
    yield f"  changes and {it.full_peak:.0f} in a full evaluation (L), whatever the size."
    yield ""
    yield "| plan | points a second | bucket | tags by call, a second | largest reads, a minute |"
    yield "|---|---:|---:|---:|---:|"
    for name, restored, bucket in _PLANS:
        reads = 60 * restored / _LARGEST_READ
        yield f"| {name} | {restored:,} | {bucket:,} | {restored // 10} | {reads:.0f} |"


def _figure(found: Results, measure: str, size: str) -> Figure:
    return next(it for it in found.figures if it.measure.startswith(measure) and it.size == size)


def _number(number: float) -> str:
    return f"{number / 1e6:,.0f} M" if number >= 1e6 else f"{number:,.0f}"


def _bytes(number: float) -> str:
    return f"{number / 1e9:,.1f} GB" if number >= 1e9 else f"{number / 1e6:,.0f} MB"


def _time(seconds: float) -> str:
    if seconds >= 36_000:
        return f"{seconds / 3600:,.0f} h"
    if seconds >= 3_600:
        return f"{seconds / 3600:.1f} h"
    if seconds >= 120:
        return f"{seconds / 60:,.0f} min"
    return f"{seconds:,.0f} s" if seconds >= 2 else f"{seconds:.1f} s"


if __name__ == "__main__":
    write(newest())
