"""A store and an audience that know only what changed: for cycles over a mirror too large to have a world beside it.

They count what the mirror counts, show the changes they were given, and take every label.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from connectors.memory.audience import LABELS
from connectors.memory.store import TAGS
from syncd.mirror.database import Mirror
from syncd.model import Change, Contact, Instant, Kind, Outcome, OutcomeState
from syncd.ports import Check, Page, Peek, Price, Store, Traits
from tests.bench.town import ZONE


class QuietFeed:
    """A feed of which only the changed rows are shown."""

    def __init__(self, mirror: Mirror, table: str, owner: tuple[str, str], changed: str) -> None:
        column, name = owner
        here = f"SELECT count(*) FROM {table} WHERE {column} = '{name}'"
        self.rows: list[Any] = []
        self._whole = int(mirror.raw.execute(here).fetchone()[0])
        self._in_window = f"{here} AND {changed} >= ?"
        self._mirror = mirror

    def change(self, rows: list[Any], fresh: int) -> None:
        """Show these at the next look; so many of them are new."""
        self.rows = rows
        self._whole += fresh

    def peek(self, since: Instant) -> Peek[Any]:
        """Show what changed: all there is in the window is shown or was known before."""
        if not self.rows:
            return Peek((), int(self._mirror.raw.execute(self._in_window, (since,)).fetchone()[0]), self._whole)
        rows, self.rows = self.rows, []
        return Peek(rows, len(rows), self._whole)

    def pages(self, since: Instant | None, expected: int | None = None, *, go_on: bool = False) -> Iterator[Page[Any]]:
        """Never read: the window is always shown whole."""
        raise AssertionError(f"nothing should be read at length ({since}, {expected}, {go_on})")

    def count(self) -> int:
        """Count as the mirror does."""
        return self._whole

    def ids(self) -> Iterator[Page[Any]]:
        """Never compared."""
        raise AssertionError("nothing should be compared")


class QuietSource:
    """The store's records."""

    name = "main"
    segments = None

    def __init__(self, mirror: Mirror) -> None:
        self.customers = self._feed(mirror, Kind.CUSTOMERS)
        self.orders = self._feed(mirror, Kind.ORDERS)
        self.products = self._feed(mirror, Kind.PRODUCTS)
        self.checkouts = self._feed(mirror, Kind.CHECKOUTS)
        self.metafields = self.companies = self.credit = self.products  # none of the rules looks at them

    def _feed(self, mirror: Mirror, kind: Kind) -> QuietFeed:
        return QuietFeed(mirror, kind.value, ("store", "main"), "updated_at")

    def check(self) -> Check:
        """Describe the shop."""
        return Check(account="big-shop.myshopify.com", timezone=ZONE, currency="EUR")


class Taker:
    """A target that takes everything at once."""

    def __init__(self, name: str, traits: Traits) -> None:
        self.name = name
        self.traits = traits
        self.taken = 0

    def check(self) -> Check:
        """Describe itself."""
        return Check(account=self.name)

    def normalise(self, label: str) -> str:
        """Read labels back as they are."""
        return label

    def read(self, subjects: Collection[str]) -> Iterator[Contact]:
        """Know nobody: nothing is ever in doubt."""
        return iter(())

    def price(self, changes: Sequence[Change]) -> Price:
        """Cost one call."""
        return Price(calls=bool(changes))

    def apply(self, changes: Sequence[Change]) -> Iterator[Outcome]:
        """Take all of it."""
        self.taken += len(changes)
        for change in changes:
            yield Outcome(change=change, state=OutcomeState.APPLIED)


class TakingAudience(Taker):
    """The audience."""

    def __init__(self, mirror: Mirror) -> None:
        super().__init__("news", LABELS)
        self.contacts = QuietFeed(mirror, "contacts", ("target", "news"), "changed_at")


class TakingTags(Taker):
    """The store's tags, described as the store is."""

    def check(self) -> Check:
        """Describe the shop."""
        return Check(account="big-shop.myshopify.com", timezone=ZONE, currency="EUR")


def store(source: QuietSource) -> Store:
    """Return the store whose records are shown by `source`."""
    return Store(source=source, tags=TakingTags("main", TAGS))
