"""Numbers, ages and moments as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


def number(count: int) -> str:
    """Return a whole number with its thousands apart: `12,345`."""
    return f"{count:,}"


def counted(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 person`, `2,000 people`; `many` is `one` with an s unless given."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def people(count: int) -> str:
    """Return `1 person` or `2,000 people`."""
    return counted(count, "person", "people")


def size(count: int) -> str:
    """Return how large a file is, in its largest unit: `512 B`, `12.0 kB`, `1.4 GB`."""
    amount = float(count)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def lasting(seconds: float) -> str:
    """Return how long something took or is ago, in its largest unit: `0.4 s`, `12 s`, `3 min`, `5 h`, `2 days`."""
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f} min"
    if seconds < _DAY:
        return f"{seconds // _HOUR:.0f} h"
    return counted(int(seconds // _DAY), "day")


def ago(seconds: int | None) -> str:
    """Return an age: `just now`, `3 min ago`, `never`."""
    if seconds is None:
        return "never"
    return "just now" if seconds < 10 else f"{lasting(seconds)} ago"


def moment(instant: int | None) -> str:
    """Return an instant as people read it, in UTC: `2026-11-21 08:00`."""
    return "" if instant is None else f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%d %H:%M}"


def listed(words: Sequence[str]) -> str:
    """Return words as a sentence lists them: `a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def moment_of(text: str | None) -> str:
    """Return an ISO-8601 instant in UTC as people read it: `2026-11-21 08:00`; nothing for nothing."""
    return (text or "")[:16].replace("T", " ")
