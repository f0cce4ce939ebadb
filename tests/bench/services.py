"""What the services are asked: calls of pulls and pushes against the simulated store and account, and their pace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Any

import msgspec

from tests.bench.results import ROOT, Figure

_TICKS = os.sysconf("SC_CLK_TCK")
_ALL = '[segments.all]\nquery = "number_of_orders >= 0"\n{}\n[limits]\nfirst_push = "apply"\nmin_size = 1_000_000\n'
_TO_STORE = _ALL.format('tag = "everybody"')
_TO_LIST = _ALL.format('audiences = ["newsletter"]\naudience_tag = "everybody"')


class Simulated(msgspec.Struct, frozen=True):
    """The simulated services, in a process of their own, and a folder with settings for them."""

    folder: Path
    url: str
    process: int

    def run(self, *typed: str) -> dict[str, Any]:
        """Run a command of syncd and return its report."""
        command = [sys.executable, "-m", "syncd.cli", *typed, "--json"]
        done = subprocess.run(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def set(self, segments: str) -> None:
        """Write the settings with these segments."""
        accounts = (self.folder / "accounts.toml").read_text()
        (self.folder / "syncd.toml").write_text(accounts + segments)
        (self.folder / "syncd.toml").chmod(0o600)

    def cpu(self) -> float:
        """Return the CPU seconds that the services themselves have taken."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def control(self, path: str, body: object) -> None:
        """Change the simulated world."""
        request = urllib.request.Request(  # noqa: S310  # loopback
            f"{self.url}/control{path}", data=json.dumps(body).encode(), method="POST"
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60):
            pass


@contextmanager
def simulated(customers: int) -> Iterator[Simulated]:
    """Start the services with so many customers, four orders each, and end them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        typed = [sys.executable, "-m", "syncd.cli", "sandbox", "--port", "0", "--customers", str(customers)]
        with subprocess.Popen(
            [*typed, "--until-eof", "--json"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        ) as process:
            told = _first_document(process.stdout)
            (folder / "accounts.toml").write_text(accounts(told))
            url = next(iter(told["stores"].values()))["api_url"].partition("/shops")[0]
            yield Simulated(folder, url, process.pid)
            process.communicate(b"")


def accounts(told: dict[str, Any]) -> str:
    """Return the settings of the services as they describe themselves."""
    lines = []
    for section in ("stores", "audiences"):
        for name, table in told[section].items():
            kept = {key: value for key, value in table.items() if not key.startswith("client_")}
            lines += [f"[{section}.{name}]", *(f"{key} = {json.dumps(value)}" for key, value in kept.items())]
    return "\n".join(lines) + "\n"


def _first_document(stream: Any) -> dict[str, Any]:
    text = b""
    while line := stream.readline():
        text += line
        try:
            found: dict[str, Any] = json.loads(text)
        except ValueError:
            continue
        return found
    raise RuntimeError("the simulated services did not start")


def figures(_: Path) -> Iterator[Figure]:
    """Measure pulls, pushes and idle cycles."""
    yield from _pull()
    yield from _to_audience(4_600)  # of whom not half may be mailed
    yield from _to_store(2_500, 6)
    yield from _to_store(20, 2)


def _pull() -> Iterator[Figure]:
    with simulated(5_000) as house:
        house.set(_TO_STORE)
        before, began = house.cpu(), time.perf_counter()
        report = house.run("sync", "--pull-only")
        wall, theirs = time.perf_counter() - began, house.cpu() - before
        idle = house.run("sync", "--pull-only")
    rows = report["pulled"]["main"]
    what = f"pull of {rows['customers']:,} customers, {rows['orders']:,} orders, {rows['checkouts']:,} checkouts"
    yield Figure(measure=f"{what}: calls", unit="calls", value=_calls(report, "main"), goal=25)
    yield Figure(
        measure=f"{what}: wall beyond the service's own CPU time",
        unit="s",
        value=wall - theirs,
        goal=10,
        detail={"wall": wall, "service_cpu": theirs},
    )
    reads = [number for name, number in idle["calls"]["main"].items() if name != "check"]
    yield Figure(measure="cycle with nothing to do: reads a kind", unit="reads", value=max(reads, default=0), goal=1)
    yield Figure(
        measure="cycle with nothing to do: writes", unit="writes", value=idle["calls"]["main"].get("write", 0), goal=0
    )


def _to_audience(customers: int) -> Iterator[Figure]:
    with simulated(customers) as house:
        house.set(_TO_LIST)
        house.run("sync", "--pull-only")
        report = house.run("sync", "--yes")
    number = report["applied"]["add"]
    yield Figure(
        measure=f"first push of {number:,} people to an audience, people a second (wall)",
        unit="people/s",
        value=number / report["stages"]["push"],
        goal=1_000,
        most=False,
        detail={"push_seconds": report["stages"]["push"]},
    )
    yield Figure(
        measure=f"audience push of {number:,} changes: calls",
        unit="calls",
        value=report["calls"]["newsletter"]["write"],
        goal=ceil(number / 500) + 3,
    )


def _to_store(customers: int, goal: int) -> Iterator[Figure]:
    with simulated(customers) as house:
        house.set(_TO_STORE)
        house.run("sync", "--pull-only")
        report = house.run("sync", "--yes")
    number = report["applied"]["add"]
    yield Figure(
        measure=f"store tags, {number:,} changes: requests, looks at whether it is done aside",
        unit="requests",
        value=_calls(report, "main", lambda name: name.startswith("write")),
        goal=goal,
    )


def _calls(report: dict[str, Any], owner: str, which: Callable[[str], bool] = lambda _: True) -> int:
    return sum(number for name, number in report["calls"][owner].items() if which(name))
