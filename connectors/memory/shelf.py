"""Records with their past: what is true now, and what a search index that lags shows of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Literal, NamedTuple, TypeAlias, TypeVar

import msgspec

from syncd.model import Instant

R = TypeVar("R")

Now: TypeAlias = Callable[[], Instant]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a subject at a service.

    Attributes:
        by: `syncd` for what came through the port; `hand` for what the merchant, another app or the person did.
        what: What happened; `value` is the label, or the status.
    """

    at: Instant
    by: Literal["syncd", "hand"]
    subject: str
    what: Literal["added", "removed", "created", "status", "forgotten"]
    value: str = ""


class Version(NamedTuple, Generic[R]):
    """A record as it was from a moment on; None once it was deleted."""

    at: Instant
    row: R | None


class Shelf(Generic[R]):
    """Records of one kind by number. Direct reads see what is true; listings see what was true `lag` seconds ago."""

    def __init__(self, now: Now) -> None:
        """Start empty, with no lag."""
        self.lag = 0
        self._now = now
        self._past: dict[int, list[Version[R]]] = {}

    def put(self, number: int, row: R, changed_at: Instant) -> None:
        """Put a record, or the new state of one; listings show it `lag` seconds after its time of change."""
        self._past.setdefault(number, []).append(Version(changed_at, row))

    def drop(self, number: int) -> None:
        """Delete a record; one that is not there stays away."""
        if self.get(number) is not None:
            self._past[number].append(Version(self._now(), None))

    def get(self, number: int) -> R | None:
        """Return a record as it truly is, None where there is none."""
        past = self._past.get(number)
        return past[-1].row if past else None

    def true(self) -> dict[int, R]:
        """Return all records as they truly are, by number."""
        return {number: past[-1].row for number, past in self._past.items() if past[-1].row is not None}

    def listed(self) -> dict[int, R]:
        """Return all records as listings show them, by number."""
        if not self.lag:
            return self.true()
        horizon = self._now() - self.lag
        shown = {number: [version for version in past if version.at <= horizon] for number, past in self._past.items()}
        return {number: past[-1].row for number, past in shown.items() if past and past[-1].row is not None}


class Spelling:
    """How a service spells labels: as the first of them was spelled, whatever letter case comes later."""

    def __init__(self) -> None:
        """Start without any label."""
        self._known: dict[str, str] = {}

    def of(self, labels: tuple[str, ...]) -> tuple[str, ...]:
        """Return labels as the service keeps them: split at commas, trimmed, each once, in its spelling, sorted."""
        parts = (part.strip() for label in labels for part in label.split(","))
        return tuple(sorted({self._known.setdefault(part.casefold(), part) for part in parts if part}))
