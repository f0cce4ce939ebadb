"""One full evaluation of ours and one of DuckDB's, over the same shop; their answers have to be the same."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path

import structlog

from tests.bench import duck, segments
from tests.bench.cycles import Town, full, newest


def main(folder: str) -> None:
    """Measure both, compare, and print the CPU seconds."""
    place = Town(Path(folder), now=newest(Path(folder)))
    own = full(place)["evaluate_cpu"]
    query = "SELECT segment, sum(size), max(as_of) FROM segments GROUP BY 1"
    rows = place.mirror.raw.execute(query).fetchall()
    place.mirror.close()
    tables = Path(folder) / "own.duckdb"
    if not tables.exists():
        duck.load(Path(folder) / "syncd.db", tables)
    found, spent = duck.answer(tables, max(row[2] for row in rows))
    ours = {row[0]: row[1] for row in rows}
    wrong = {name: (ours[name], found[name]) for name in segments.RULES if ours[name] != found[name]}
    if wrong:
        raise SystemExit(f"not the same answers (ours, DuckDB's): {wrong}")
    sys.stdout.write(json.dumps({"own": own, "duck": spent}))


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    main(sys.argv[1])
