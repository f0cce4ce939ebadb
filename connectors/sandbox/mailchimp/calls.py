"""How often each thing was called: reads and writes apart, so that a test can say that nothing was written."""

from __future__ import annotations

from collections import Counter
from typing import Any


class Calls:
    """Counts by method and path template."""

    def __init__(self) -> None:
        """Start at nothing."""
        self._counts: Counter[tuple[str, str]] = Counter()
        self._statuses: Counter[int] = Counter()

    def note(self, method: str, template: str, status: int) -> None:
        """Count one call and how it was answered."""
        self._counts[method, template] += 1
        self._statuses[status] += 1

    def clear(self) -> None:
        """Begin again at nothing."""
        self._counts.clear()
        self._statuses.clear()

    def shown(self) -> dict[str, Any]:
        """Return the counts, sorted."""
        reads = {key: count for key, count in self._counts.items() if key[0] == "GET"}
        writes = {key: count for key, count in self._counts.items() if key[0] != "GET"}
        return {
            "reads": _named(reads),
            "writes": _named(writes),
            "total_reads": sum(reads.values()),
            "total_writes": sum(writes.values()),
            "statuses": {str(status): count for status, count in sorted(self._statuses.items())},
        }


def _named(counts: dict[tuple[str, str], int]) -> dict[str, int]:
    return {f"{method} {template}": count for (method, template), count in sorted(counts.items())}
