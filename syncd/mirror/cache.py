"""How much of the file SQLite holds in memory while a piece of work goes on that needs little of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def cache_of(raw: sqlite3.Connection, kib: int) -> Iterator[None]:
    """Let a connection hold at most so many KiB of pages, and afterwards as many as before."""
    before = raw.execute("PRAGMA cache_size").fetchone()[0]
    raw.execute(f"PRAGMA cache_size = -{kib}")
    try:
        yield
    finally:
        raw.execute(f"PRAGMA cache_size = {before}")
