"""The first pull: from the bytes of an export to rows in their tables, held against ready tuples and other ways."""

from __future__ import annotations

import itertools
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from connectors.shopify import joining, shapes
from syncd.mirror.database import Mirror
from syncd.mirror.opening import open_mirror
from syncd.mirror.shapes import ORDERS
from syncd.mirror.shelves import Shelf
from syncd.model import Order
from tests.bench import exports, naive, town
from tests.bench.results import ROOT, Figure
from tests.bench.town import SIZES, Size

_CHUNK = 65_536
_MOST = 200_000_000
"""Bytes of an export that ways are compared by."""
_EXPORTED = 100_000
"""Customers from which on every kind of record comes by export."""
_SETTINGS = """
[syncd]
backup_every = "365d"
[stores.main]
kind = "shopify"
shop = "big.myshopify.com"
access_token = "token"
api_url = "{}"
[segments.a]
query = "number_of_orders > 1"
"""


def figures(folder: Path, size: Size, times: int) -> Iterator[Figure]:
    """Compare the ways of storing orders, and pull the whole shop, each in a process of its own.

    A process that is started by a large one counts that one's peak of memory as its own.
    """
    files = folder / f"exports-{size.name}"
    if not (files / "checkouts.json").exists():
        exports.write(files, size)
    if size.customers >= _EXPORTED:
        yield from _pulled(files, size)
    command = [sys.executable, "-m", "tests.bench.storing", str(files / "orders.jsonl"), size.name, str(times)]
    found = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    yield from msgspec.json.decode(found, type=list[Figure])


def _ways(file: Path, size: Size, times: int) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as name:
        trial = _Trial(file, Path(name))
        ways: dict[str, Callable[[], float]] = {
            "ready tuples through executemany": trial.tuples,
            "naive: json.loads and upserts": trial.naive,
            "bytes to stored rows": trial.whole,
        }
        if shutil.which("sqlite3"):
            ways["sqlite3 .import of ready CSV"] = trial.imported
        spent: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(times):
            for way, work in ways.items():
                spent[way].append(work())
        own = spent.pop("bytes to stored rows")
        for way, others in spent.items():
            ratios = tuple(other / mine for other, mine in zip(others, own, strict=True))
            yield Figure(
                measure=f"first pull, rows stored per CPU second ÷ {way}",
                size=size.name,
                value=median(ratios),
                samples=ratios,
                goal=0.5 if way.startswith("ready") else None,
                most=False,
                detail={"rows": trial.rows, "own_cpu": median(own), "other_cpu": median(others)},
            )


class _Trial:
    """The same orders, stored in several ways into new mirrors."""

    def __init__(self, file: Path, folder: Path) -> None:
        with file.open("rb") as opened:
            data = opened.read(_MOST)
        self._lines = data[: data.rindex(b"\n", 0, data.rindex(b'"createdAt"')) + 1]
        self._folder = folder
        self._numbers = itertools.count()
        orders = list(itertools.chain.from_iterable(self._orders()))
        self._tables = _tuples(orders)
        self.rows = len(orders) + sum(len(order.lines) for order in orders)

    def whole(self) -> float:
        """Store the bytes as a first pull does."""

        def work(mirror: Mirror) -> None:
            shelf = Shelf(mirror, town.STORE, "orders", ORDERS)
            with shelf.filling():
                for orders in self._orders():
                    shelf.put(orders, None, town.NOW)

        return self._spent(work)

    def tuples(self) -> float:
        """Store tuples that are ready, into the same tables with their indexes, and nothing else."""

        def work(mirror: Mirror) -> None:
            with mirror.transaction():
                for table, (names, rows) in self._tables.items():
                    places = ", ".join("?" for _ in names)
                    mirror.raw.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", rows)

        return self._spent(work, bare=True)

    def naive(self) -> float:
        """Store the bytes line by line, as one would at first, into the same tables with their indexes."""

        def work(mirror: Mirror) -> None:
            with mirror.transaction():
                naive.store(mirror.raw, self._lines.splitlines())

        return self._spent(work, bare=True)

    def imported(self) -> float:
        """Let SQLite's own shell read the rows from CSV that is ready; keys and indexes as in the mirror."""
        place = Path(tempfile.mkdtemp(dir=self._folder))
        open_mirror(place / "t.db").close()
        script = [".mode csv"]
        with closing(sqlite3.connect(place / "t.db")) as raw:
            _without_triggers(raw)
            for table, (names, rows) in self._tables.items():
                raw.execute(f"CREATE VIEW ready_{table} AS SELECT {', '.join(names)} FROM {table}")
                _write_csv(place / f"{table}.csv", rows)
                types = ", ".join(names)
                script += [f"CREATE TABLE staged_{table} ({types});", f".import {table}.csv staged_{table}"]
                script += [
                    f"INSERT INTO {table} ({types}) SELECT * FROM staged_{table};",
                    f"DROP TABLE staged_{table};",
                ]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(["sqlite3", "t.db"], input="\n".join(script), text=True, cwd=place, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        shutil.rmtree(place)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def _orders(self) -> Iterator[list[Order]]:
        chunks = (self._lines[at : at + _CHUNK] for at in range(0, len(self._lines), _CHUNK))
        joined = joining.Joining("bench", shapes.ORDERS.recipe)
        yield from itertools.chain(joined.values(chunks), joined.rest())

    def _spent(self, work: Callable[[Mirror], None], *, bare: bool = False) -> float:
        path = self._folder / f"{next(self._numbers)}.db"
        mirror = open_mirror(path)
        if bare:
            _without_triggers(mirror.raw)
        began = time.process_time()
        work(mirror)
        spent = time.process_time() - began
        mirror.close()
        path.unlink()
        return spent


def _tuples(orders: Sequence[Order]) -> dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]]:
    own = [(town.STORE, *ORDERS.row(order)) for order in orders]
    tables = {ORDERS.table: (("store", *ORDERS.columns), own)}
    for child in ORDERS.children:
        rows = [(town.STORE, order.id, *row) for order in orders for row in child.rows(order)]
        tables[child.table] = (("store", child.key, *child.columns), rows)
    return tables


def _without_triggers(raw: sqlite3.Connection) -> None:
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f'DROP TRIGGER "{name}"')


def _write_csv(path: Path, rows: Sequence[tuple[Any, ...]]) -> None:
    text = (",".join("" if it is None else str(int(it) if isinstance(it, bool) else it) for it in row) for row in rows)
    path.write_text("\n".join(text) + "\n", encoding="utf-8")


def _pulled(files: Path, size: Size) -> Iterator[Figure]:
    """Pull the whole shop with the command itself, from files that are served beside it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        server = [sys.executable, "-m", "tests.bench.serving", str(files)]
        with subprocess.Popen(server, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=environment) as shop:
            told = json.loads(shop.stdout.readline() if shop.stdout else b"{}")
            (folder / "syncd.toml").write_text(_SETTINGS.format(told["url"]))
            (folder / "syncd.toml").chmod(0o600)
            command = [sys.executable, "-m", "syncd.cli", "sync", "--pull-only", "--json"]
            began = time.perf_counter()
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            wall = time.perf_counter() - began
            shop.communicate(b"")
        rows = sum(int(json.loads(path.read_text())["objectCount"]) for path in files.glob("*.json"))
        disk = (folder / "syncd.db").stat().st_size / 1e6
    if process.returncode:
        raise SystemExit(f"the pull ended with {process.returncode}")
    cpu = used.ru_utime + used.ru_stime
    yield Figure(
        measure="memory at the peak, first pull",
        size=size.name,
        unit="MiB",
        value=used.ru_maxrss / 1024,
        goal=150 if size.name == "M" else None,
        detail={"rows": rows, "cpu": cpu, "wall": wall, "rows_per_cpu_second": rows / cpu, "database_mb": disk},
    )


def main(file: str, size: str, times: str) -> None:
    """Compare the ways, and print what was found."""
    sys.stdout.write(msgspec.json.encode(list(_ways(Path(file), SIZES[size], int(times)))).decode())


if __name__ == "__main__":
    main(*sys.argv[1:])
