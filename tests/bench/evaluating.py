"""Evaluating: in full, with a thousand changes, with none; held against itself, against DuckDB, and between sizes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from tests.bench import duck
from tests.bench.results import ROOT, Figure
from tests.bench.town import Size

_PEAKS = {("full", "L"): 256.0, ("thousand", "L"): 160.0}
_Samples = list[dict[str, float]]


class Measured(msgspec.Struct, frozen=True):
    """What one size showed."""

    size: Size
    full: _Samples
    thousand: _Samples
    idle: _Samples
    day: _Samples
    peaks: dict[str, float]


def figures(folder: Path, sizes: Sequence[Size], times: int) -> Iterator[Figure]:
    """Measure at each size, and compare the sizes."""
    found = []
    for size in sizes:
        place = prepared(folder, size)
        found.append(_measured(place, size, times))
        yield from _of_one(found[-1])
        if duck.available():
            yield _against_duck(place, size, times)
    if len(found) > 1:
        yield _growth(found[-2], found[-1])


def prepared(folder: Path, size: Size) -> Path:
    """Return a folder with the mirror of a size, made where there is none yet."""
    place = folder / size.name
    if not (place / "ready").exists():
        place.mkdir(parents=True, exist_ok=True)
        _child("tests.bench.cycles", str(place), "prepare", size.name)
        (place / "ready").touch()
    return place


def _measured(place: Path, size: Size, times: int) -> Measured:
    """Take the samples in turn in one process, and each kind's peak of memory in one of its own."""
    together = json.loads(_child("tests.bench.cycles", str(place), "full,thousand,idle,day", str(times)))["figures"]
    peaks = {
        name: json.loads(_child("tests.bench.cycles", str(place), name, "1"))["peak_mib"]
        for name in ("full", "thousand", "idle")
    }
    return Measured(size, *(together[name] for name in ("full", "thousand", "idle", "day")), peaks)


def _of_one(found: Measured) -> Iterator[Figure]:
    whole = median(it["evaluate_cpu"] for it in found.full)
    for name, samples, goal in (
        ("1,000 changes", found.thousand, 1.0),
        ("no change", found.idle, 0.2),
        ("no change, a day later", found.day, None),
    ):
        shares = tuple(100 * it["cpu"] / whole for it in samples)
        yield Figure(
            measure=f"cycle with {name} ÷ own full evaluation, CPU",
            size=found.size.name,
            unit="%",
            value=median(shares),
            samples=shares,
            goal=goal if found.size.name == "L" else None,
            detail=_medians(samples) | {"full_evaluation_cpu": whole},
        )
    alone = tuple(100 * it["evaluate_cpu"] / whole for it in found.thousand)
    yield Figure(
        measure="of it, evaluating 1,000 changes ÷ own full evaluation, CPU",
        size=found.size.name,
        unit="%",
        value=median(alone),
        samples=alone,
    )
    for name, peak in found.peaks.items():
        yield Figure(
            measure=f"memory at the peak, {'full evaluation' if name == 'full' else f'cycle ({name})'}",
            size=found.size.name,
            unit="MiB",
            value=peak,
            goal=_PEAKS.get((name, found.size.name)),
        )


def _growth(small: Measured, large: Measured) -> Figure:
    pairs = zip(large.thousand, small.thousand, strict=True)
    ratios = tuple(each["instructions"] / other["instructions"] for each, other in pairs)
    return Figure(
        measure=f"SQLite instructions of a cycle with 1,000 changes, {large.size.name} ÷ {small.size.name}",
        value=median(ratios),
        samples=ratios,
        goal=1.15,
        detail={
            small.size.name: median(it["instructions"] for it in small.thousand),
            large.size.name: median(it["instructions"] for it in large.thousand),
        },
    )


def _against_duck(place: Path, size: Size, times: int) -> Figure:
    """Evaluate in full in both, in turn; every segment has to have the same size in both."""
    (place / "own.duckdb").unlink(missing_ok=True)  # of an earlier run: cycles have changed the shop since
    pairs = [json.loads(_child("tests.bench.against", str(place))) for _ in range(times)]
    ratios = tuple(it["own"] / it["duck"] for it in pairs)
    return Figure(
        measure="full evaluation ÷ DuckDB in one scan over its own tables, CPU",
        size=size.name,
        value=median(ratios),
        samples=ratios,
        goal=3.0,
        detail={name: median(it[name] for it in pairs) for name in ("own", "duck")},
    )


def _medians(samples: _Samples) -> dict[str, float]:
    return {name: median(it[name] for it in samples) for name in samples[0]}


def _child(module: str, *arguments: str) -> str:
    """Run a part in a process of its own, and return what it says."""
    command: list[Any] = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
