"""Numbers as a locale writes them: Babel writes one number of each length, in whose place others of that length come.

A report may have a million of them, and to ask Babel for each takes ten times as long as to read the report.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal


class Figures:
    """Writes whole numbers of units of the last place: 12345 as `123,45 €`."""

    def __init__(self, write: Callable[[Decimal], str], places: int) -> None:
        """Write as `write` does, which shows so many decimals; where it shows others, it is asked each time."""
        self._write = write
        self._places = places
        self._shapes: dict[tuple[bool, int], str] = {}

    def __call__(self, number: int) -> str:
        """Return a number as text."""
        digits = str(abs(number)).rjust(self._places + 1, "0")
        key = number < 0, len(digits)
        shape = self._shapes.get(key)
        if shape is None:
            shape = self._shapes[key] = self._shape(*key)
        return shape % tuple(digits) if shape else self._write(Decimal(number).scaleb(-self._places))

    def _shape(self, below_zero: bool, length: int) -> str:  # noqa: FBT001  # a key
        """Return the text of numbers with `%s` for each digit; empty where not each digit is shown."""
        ones = int("1" * length) * (-1 if below_zero else 1)
        shape = self._write(Decimal(ones).scaleb(-self._places)).replace("%", "%%").replace("1", "%s")
        return shape if shape.count("%s") == length else ""
