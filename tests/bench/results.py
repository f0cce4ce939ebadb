"""What a bench run found: figures with the goals they are held against, kept as JSON under `bench/results/`."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import msgspec

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "bench" / "results"


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One thing measured.

    Attributes:
        measure: What, in a phrase.
        size: Of the shop (S, M, L), empty where it has none.
        value: In `unit`; of several samples the median.
        goal: What it is held against; None where it is only told.
        most: Whether the goal is the most it may be, rather than the least.
        samples: Every sample, in the order taken.
        detail: What it was made of: CPU and wall seconds, MiB, instructions.
    """

    measure: str
    value: float
    unit: str = "ratio"
    size: str = ""
    goal: float | None = None
    most: bool = True
    samples: tuple[float, ...] = ()
    detail: dict[str, float] = {}

    @property
    def met(self) -> bool:
        """Whether it is as good as its goal."""
        return self.goal is None or (self.value <= self.goal if self.most else self.value >= self.goal)


class Machine(msgspec.Struct, frozen=True):
    """Where it was measured."""

    processor: str
    cpus: int
    python: str
    sqlite: str


class Results(msgspec.Struct, frozen=True):
    """A bench run."""

    date: str
    machine: Machine
    figures: tuple[Figure, ...]


def over(samples: Sequence[float], measure: str, **more: object) -> Figure:
    """Return a figure that is the median of its samples."""
    return msgspec.convert({"measure": measure, "value": median(samples), "samples": list(samples), **more}, Figure)


def keep(date: str, figures: Sequence[Figure]) -> Path:
    """Write a run's figures; a second run of a day adds what it measured and replaces what it measured again."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{date}.json"
    known = read(path).figures if path.exists() else ()
    merged = {(it.measure, it.size): it for it in (*known, *figures)}
    found = Results(date, machine(), tuple(merged.values()))
    path.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    return path


def read(path: Path) -> Results:
    """Read a run's figures."""
    return msgspec.json.decode(path.read_bytes(), type=Results)


def newest() -> Results:
    """Read the newest run that was kept."""
    return read(max(FOLDER.glob("*.json")))


def machine() -> Machine:
    """Describe the machine."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cpus = len(os.sched_getaffinity(0))
    return Machine(names[0] if names else platform.machine(), cpus, platform.python_version(), sqlite3.sqlite_version)
