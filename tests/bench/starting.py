"""What a command costs before it does anything: CPU of the whole process, held against a bare interpreter's."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.bench import cycles
from tests.bench.results import Figure
from tests.bench.town import SIZES

COMMAND = str(Path(sys.executable).with_name("syncd"))
_GOAL = 12.0


def figures(folder: Path, times: int) -> Iterator[Figure]:
    """Measure `--help`, and `status` over a mirror in which a run has left the outline of these settings."""
    place = folder / "start"
    if not place.exists():
        place.mkdir()
        cycles.prepare(place, SIZES["XS"])
    for typed in (("--help",), ("status",)):
        spent = [_pair(place, typed) for _ in range(max(times, 11))]
        ratios = tuple(own / bare for own, bare in spent)
        yield Figure(
            measure=f"syncd {' '.join(typed)} ÷ bare interpreter, CPU",
            value=median(ratios),
            goal=_GOAL,
            samples=ratios,
            detail={"cpu": median(own for own, _ in spent), "bare_cpu": median(bare for _, bare in spent)},
        )
    shutil.rmtree(place)


def _pair(place: Path, typed: tuple[str, ...]) -> tuple[float, float]:
    return _cpu(place, COMMAND, *typed), _cpu(place, sys.executable, "-I", "-c", "pass")


def _cpu(place: Path, *command: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=place, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
