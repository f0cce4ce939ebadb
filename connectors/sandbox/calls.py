"""Requests counted by what they were for, reads and writes apart."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any


class Calls:
    """The count of one service."""

    def __init__(self) -> None:
        """Start at nothing."""
        self._lock = threading.Lock()
        self._reads: Counter[str] = Counter()
        self._writes: Counter[str] = Counter()

    def read(self, what: str) -> None:
        """Count a request that changed nothing."""
        with self._lock:
            self._reads[what] += 1

    def write(self, what: str) -> None:
        """Count a request that may have changed something."""
        with self._lock:
            self._writes[what] += 1

    def forget(self) -> None:
        """Start over."""
        with self._lock:
            self._reads.clear()
            self._writes.clear()

    def told(self) -> dict[str, Any]:
        """Return the counts and their sums."""
        with self._lock:
            sums = {"reads": self._reads.total(), "writes": self._writes.total()}
            return {"reads": dict(self._reads), "writes": dict(self._writes), "total": sums}
