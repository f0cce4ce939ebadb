"""Ratios measured in one run, side by side: `make bench`. Seconds differ between machines, ratios hardly do.

    make bench                                  # sizes S and M, a quarter of an hour
    make bench ARGS="--sizes M,L --keep DIR"    # the sizes of docs/performance.md; DIR keeps the mirrors for next time
    make bench ARGS="--only cycles,start"

Each figure is the median of several samples, those of a ratio taken in turn. They are written to `bench/results/`, and
docs/performance.md is made from them.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import msgspec
import structlog
from rich.console import Console
from rich.table import Table

from tests.bench import disk, evaluating, page, reports, results, services, starting, storing
from tests.bench.results import Figure
from tests.bench.town import SIZES, Size


class Run(msgspec.Struct, frozen=True):
    """How a bench run goes: over which sizes, how many samples each, and where mirrors are kept."""

    sizes: tuple[Size, ...]
    times: int
    folder: Path


Part: TypeAlias = Callable[[Run], Iterator[Figure]]


def _each(measure: Callable[[Path, Size, int], Iterator[Figure]]) -> Part:
    """Measure at each size."""

    def part(run: Run) -> Iterator[Figure]:
        for size in run.sizes:
            yield from measure(run.folder, size, run.times)

    return part


PARTS: dict[str, Part] = {
    "cycles": lambda run: evaluating.figures(run.folder, run.sizes, run.times),
    "storing": _each(storing.figures),
    "services": lambda run: services.figures(run.folder),
    "disk": lambda run: disk.figures(run.folder),
    "start": lambda run: starting.figures(run.folder, run.times),
    "reports": _each(reports.figures),
}


def main() -> None:
    """Measure, print and keep."""
    asked = argparse.ArgumentParser(prog="make bench")
    asked.add_argument("--sizes", default="S,M", help=f"of {', '.join(SIZES)}")
    asked.add_argument("--times", type=int, default=5, help="samples of each figure")
    asked.add_argument("--only", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    asked.add_argument("--keep", type=Path, help="where to keep the mirrors, for another run")
    typed = asked.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as folder:
        run = Run(tuple(SIZES[it] for it in typed.sizes.split(",")), typed.times, typed.keep or Path(folder))
        run.folder.mkdir(parents=True, exist_ok=True)
        found: list[Figure] = []
        for name in typed.only.split(","):
            measured = list(PARTS[name](run))
            _show(name, measured)
            found += measured
    path = results.keep(datetime.now(UTC).date().isoformat(), found)
    page.write(results.read(path))


def _show(title: str, figures: Sequence[Figure]) -> None:
    table = Table("measured", "size", "value", "goal", "", title=title)
    for it in figures:
        table.add_row(it.measure, it.size, page.shown(it.value, it.unit), page.goal(it), "" if it.met else "missed")
    Console().print(table)


if __name__ == "__main__":
    main()
