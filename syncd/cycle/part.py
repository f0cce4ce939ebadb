"""What a run is about: everything, some stores with what they feed, or one segment."""

from __future__ import annotations

from collections.abc import Collection

import msgspec


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the settings.

    Attributes:
        stores: The stores that are read; None for all of them.
        segment: The one segment that is evaluated and pushed; None for all of them.
    """

    stores: frozenset[str] | None = None
    segment: str | None = None

    @classmethod
    def of(cls, *, store: str | None = None, segment: str | None = None) -> Part:
        """Return the part that a command names: one store's, one segment's, or all."""
        return cls(stores=None if store is None else frozenset({store}), segment=segment)

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return self.stores is None and self.segment is None

    def has_store(self, name: str) -> bool:
        """Whether a store belongs to it."""
        return self.stores is None or name in self.stores

    def has_fed_by(self, stores: Collection[str]) -> bool:
        """Whether what these stores feed belongs to it; what no store feeds any more belongs to every part."""
        return self.stores is None or not stores or not self.stores.isdisjoint(stores)

    def has_segment(self, name: str) -> bool:
        """Whether a segment belongs to it."""
        return self.segment in {None, name}


ALL = Part()
