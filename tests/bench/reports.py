"""Each report over a large mirror, by the real command line, beside the same question in plain SQL."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import msgspec

from tests.bench import evaluating, segments
from tests.bench.cycles import newest
from tests.bench.results import Figure
from tests.bench.town import Size

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
    peak: float


def figures(folder: Path, size: Size, times: int) -> Iterator[Figure]:
    """Ask everything, each in a process of its own: by the command line, and in plain SQL."""
    place = evaluating.prepared(folder, size)
    (place / "reports.toml").write_text(segments.settings(segments.REAL), encoding="utf-8")
    for asked in ASKED:
        pairs = [(_typed(place, asked), _plain(place, asked)) for _ in range(times)]
        ratios = tuple(own.cpu / plain.cpu for own, plain in pairs)
        yield Figure(
            measure=f"syncd report {asked.typed} ÷ the same question in plain SQL, CPU",
            size=size.name,
            value=median(ratios),
            samples=ratios,
            detail={"cpu": median(own.cpu for own, _ in pairs), "peak_mib": max(own.peak for own, _ in pairs)},
        )


def _typed(folder: Path, asked: Asked) -> Spent:
    command = str(Path(sys.executable).with_name("syncd"))
    return _spent(folder, "sh", "-c", f'exec "{command}" report {asked.typed}')


def _plain(folder: Path, asked: Asked) -> Spent:
    script = (
        "import sqlite3, sys\n"
        f"raw = sqlite3.connect('file:{folder}/syncd.db?mode=ro', uri=True)\n"
        "for row in raw.execute(sys.argv[1]): print(row)\n"
    )
    return _spent(folder, sys.executable, "-I", "-c", script, asked.sql)


def _spent(folder: Path, *command: str) -> Spent:
    now = datetime.fromtimestamp(newest(folder), UTC).isoformat()
    environment = {"PATH": os.environ["PATH"], "SYNCD_NOW": now, "SYNCD_CONFIG": str(folder / "reports.toml")}
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with {process.returncode}")
    return Spent(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
