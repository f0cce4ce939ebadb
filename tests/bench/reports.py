"""Each report over a large mirror, by the real command line, beside the same question in plain SQL."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from tests.bench.shop import NOW, build

_JOINED = "orders AS o LEFT JOIN customers AS c ON c.store = o.store AND c.id = o.customer_id"
_WHO = "coalesce(c.email_key, o.email_key)"
_QUARTER = "o.processed_at >= 1782856800 AND o.processed_at < 1790805600"
_YEAR = "o.processed_at >= 1767222000 AND o.processed_at < 1795000000"
_BEST = f"SELECT {_WHO}, count(*), sum(o.current_total), min(o.processed_at), max(o.processed_at) FROM {_JOINED}"


class Asked(msgspec.Struct, frozen=True):
    """A report as it is typed, and the same question in SQL."""

    typed: str
    sql: str


ASKED = (
    Asked("leaderboard", f"{_BEST} WHERE o.counts = 1 GROUP BY 1 ORDER BY 3 DESC LIMIT 50"),
    Asked(
        "leaderboard --period last_quarter",
        f"{_BEST} WHERE o.counts = 1 AND {_QUARTER} GROUP BY 1 ORDER BY 3 DESC LIMIT 50",
    ),
    Asked(
        "catalogue --vendor 'Vendor 7' --period year_to_date --limit 50",
        f"SELECT {_WHO}, count(DISTINCT o.id), sum(l.current_quantity), sum(l.amount) FROM {_JOINED} "
        "JOIN lines AS l ON l.store = o.store AND l.order_id = o.id "
        f"WHERE o.counts = 1 AND {_YEAR} AND l.vendor = 'Vendor 7' GROUP BY 1 ORDER BY 4 DESC LIMIT 50",
    ),
    Asked(
        "frequency --period year_to_date --min-orders 3 --no-order-since 60 --limit 50",
        f"{_BEST} WHERE o.counts = 1 AND {_YEAR} GROUP BY 1 "
        "HAVING count(*) >= 3 AND max(o.processed_at) < 1789800000 ORDER BY 2 DESC LIMIT 50",
    ),
    Asked(
        "breakdown --by country",
        "SELECT a.country, count(DISTINCT c.email_key) FROM customers AS c "
        "JOIN customer_addresses AS a ON a.store = c.store AND a.customer_id = c.id GROUP BY 1 ORDER BY 2 DESC",
    ),
    Asked(
        "breakdown --by month",
        "SELECT strftime('%Y-%m', at, 'unixepoch'), count(*) FROM "
        "(SELECT min(created_at) AS at FROM customers GROUP BY email_key) GROUP BY 1",
    ),
    Asked(
        "cohorts",
        f"WITH first AS MATERIALIZED (SELECT {_WHO} AS who, min(o.processed_at) AS at FROM {_JOINED} "
        "WHERE o.counts = 1 GROUP BY 1) SELECT strftime('%Y-%m', first.at, 'unixepoch'), "
        "strftime('%Y-%m', o.processed_at, 'unixepoch'), count(DISTINCT first.who) "
        f"FROM {_JOINED} JOIN first ON first.who = {_WHO} WHERE o.counts = 1 GROUP BY 1, 2",
    ),
    Asked(
        "segments --period last_quarter",
        "SELECT m.segment, count(*), sum(o.current_total) FROM members AS m JOIN orders AS o "
        f"ON o.store = m.store AND o.customer_id = m.customer_id WHERE o.counts = 1 AND {_QUARTER} GROUP BY 1",
    ),
    Asked("leaderboard --top 1000000 --csv", f"{_BEST} WHERE o.counts = 1 GROUP BY 1 ORDER BY 3 DESC"),
)


class Spent(msgspec.Struct, frozen=True):
    """What a process took: CPU seconds, and MiB at its peak."""

    cpu: float
    peak: int


def measure(folder: Path) -> Iterator[tuple[Asked, Spent, Spent]]:
    """Ask everything, each in a process of its own: by the command line, and in plain SQL."""
    command = str(Path(sys.executable).with_name("syncd"))
    for asked in ASKED:
        typed = _spent(folder, "sh", "-c", f'exec "{command}" report {asked.typed}')
        script = (
            "import sqlite3, sys\n"
            f"raw = sqlite3.connect('file:{folder}/syncd.db?mode=ro', uri=True)\n"
            "for row in raw.execute(sys.argv[1]): print(row)\n"
        )
        yield asked, typed, _spent(folder, sys.executable, "-I", "-c", script, asked.sql)


def _spent(folder: Path, *command: str) -> Spent:
    now = datetime.fromtimestamp(NOW, UTC).isoformat()
    environment = {"PATH": os.environ["PATH"], "SYNCD_NOW": now, "SYNCD_CONFIG": str(folder / "syncd.toml")}
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return Spent(usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024)


def table(folder: Path, customers: int) -> Table:
    """Return what was measured."""
    drawn = Table("report", "÷ plain SQL", "CPU s", "peak MiB", title=f"reports: {customers:,} customers")
    for asked, typed, plain in measure(folder):
        drawn.add_row(asked.typed, f"{typed.cpu / plain.cpu:.1f}", f"{typed.cpu:.1f}", f"{typed.peak}")
    return drawn


def main(customers: int) -> None:
    """Make a shop, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), customers)
        Console().print(table(Path(folder), customers))


if __name__ == "__main__":
    if Path(sys.argv[1]).is_dir():
        Console().print(table(Path(sys.argv[1]), 200_000))
    else:
        main(int(sys.argv[1]))
