"""The keys of everything that a service lists, in a file of their own: a million of them cost no memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from types import TracebackType
from typing import Any


class Listing(Collection[Any]):
    """Keys in a private file that vanishes when it is closed; numbers or texts, each once, in order."""

    def __init__(self) -> None:
        """Start empty."""
        self._raw = sqlite3.connect("", isolation_level=None)
        self._raw.execute("CREATE TABLE keys (key PRIMARY KEY) WITHOUT ROWID")

    def __enter__(self) -> Listing:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the file go."""
        self._raw.close()

    def add(self, keys: Iterable[Any]) -> None:
        """Add keys; one that is there already stays."""
        self._raw.execute("BEGIN")
        self._raw.executemany("INSERT OR IGNORE INTO keys VALUES (?)", ((key,) for key in keys))
        self._raw.execute("COMMIT")

    def __len__(self) -> int:
        """Count the keys."""
        return int(self._raw.execute("SELECT count(*) FROM keys").fetchone()[0])

    def __iter__(self) -> Iterator[Any]:
        """Stream the keys, in order."""
        for (key,) in self._raw.execute("SELECT key FROM keys ORDER BY key"):
            yield key

    def __contains__(self, key: object) -> bool:
        """Whether a key is among them."""
        return self._raw.execute("SELECT 1 FROM keys WHERE key = ?", (key,)).fetchone() is not None

    def lacks(self, ordered: Iterable[Any]) -> Iterator[Any]:
        """Yield those of some keys, in order, that are not among them."""
        there = iter(self)
        present = next(there, None)
        for key in ordered:
            while present is not None and present < key:
                present = next(there, None)
            if present != key:
                yield key
