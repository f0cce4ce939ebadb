"""What a shop of some size costs: `python -m tests.bench.capacity 20000 100000` prints the table of docs/operations.md.

Each command is a process of its own against the simulated services in another, so that its memory is its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from tests.conftest import ROOT

SEGMENTS = """
[syncd]
backup_every = "365d"

[limits]
first_push = "apply"

[segments.repeat-buyers]
query = "number_of_orders >= 2"
tag = "repeat-buyer"
audiences = ["newsletter"]

[segments.big-spenders]
query = "amount_spent >= 300"
tag = "big-spender"

[segments.lapsed]
query = "last_order_date < -180d"
tag = "lapsed"
"""


class Cost(NamedTuple):
    """What a command took: wall-clock and processor seconds, and its memory at most, in MiB."""

    seconds: float
    processor: float
    memory: float
    report: dict[str, Any]


def measured(folder: Path, *typed: str) -> Cost:
    """Run a command of syncd, and say what it took."""
    began = time.monotonic()
    with (folder / "out.json").open("w+") as out:
        process = subprocess.Popen([sys.executable, "-m", "syncd.cli", *typed, "--json"], cwd=folder, stdout=out)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        out.seek(0)
        return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, json.load(out))


def row(customers: int) -> str:
    """Measure a shop of some size, and return its line of the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        typed = [sys.executable, "-m", "syncd.cli", "sandbox", "--port", "0", "--customers", str(customers)]
        with subprocess.Popen(
            [*typed, "--until-eof", "--json"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder
        ) as sandbox:
            assert sandbox.stdout is not None
            assert sandbox.stdin is not None
            services = _first_document(sandbox.stdout)
            (folder / "syncd.toml").write_text(_settings(services) + SEGMENTS)
            (folder / "syncd.toml").chmod(0o600)
            pull = measured(folder, "sync", "--pull-only")
            push = measured(folder, "sync", "--yes")
            measured(folder, "sync")
            idle = measured(folder, "sync")
            compared = measured(folder, "sync", "--reconcile")
            sandbox.stdin.close()
        disk = (folder / "syncd.db").stat().st_size / 1e6
        rows = sum(sum(kinds.values()) for kinds in pull.report["pulled"].values())
        changes = sum(push.report["applied"].values())
    memory = max(it.memory for it in (pull, push, idle, compared))
    return (
        f"| {customers:,} | {rows:,} | {pull.seconds:.0f} s ({pull.processor:.0f} s) "
        f"| {push.seconds:.0f} s ({push.processor:.0f} s), {changes:,} changes "
        f"| {idle.seconds:.1f} s ({idle.processor:.1f} s), {_calls(idle)} requests "
        f"| {compared.seconds:.0f} s ({compared.processor:.0f} s) | {memory:.0f} MiB | {disk:.0f} MB |"
    )


def _calls(cost: Cost) -> int:
    return sum(sum(kinds.values()) for kinds in cost.report["calls"].values())


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


def _settings(services: dict[str, Any]) -> str:
    lines = []
    for section in ("stores", "audiences"):
        for name, table in services[section].items():
            kept = {key: value for key, value in table.items() if not key.startswith("client_")}
            lines += [f"[{section}.{name}]", *(f"{key} = {json.dumps(value)}" for key, value in kept.items())]
    return "\n".join(lines)


def main() -> None:
    """Print a line for each size that was named."""
    os.environ["PYTHONPATH"] = str(ROOT)
    for size in sys.argv[1:] or ["20000"]:
        print(row(int(size)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
