"""What a metafield's text stands for, as number and as instant. The mirror stores what these return."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from syncd.model import Instant, Metafield

DAYS = ("date", "date_time")
"""The types whose text begins with a day, `1990-02-28`."""
_NUMBERS = frozenset({"number_integer", "number_decimal"})
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def number_of(it: Metafield) -> float | None:
    """Return the number, None where it is none."""
    return float(it.value) if it.type in _NUMBERS and _NUMBER.fullmatch(it.value) else None


def instant_of(it: Metafield) -> Instant | None:
    """Return the moment that a date with a time means, UTC where it names no zone; None where it is none."""
    if it.type != "date_time":
        return None
    try:
        moment = datetime.fromisoformat(it.value)
    except ValueError:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
