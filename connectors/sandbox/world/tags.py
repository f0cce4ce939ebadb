"""A shop's tags, as the real service treats them (recorded answers).

Input is split at commas and trimmed; a tag that the shop already knows in another letter case takes the known
spelling; a record's tags come sorted, letter case aside.
"""

from __future__ import annotations

from collections.abc import Iterable

MOST = 250
LONGEST = 255


class TagError(ValueError):
    """The service would refuse these tags, with this message."""


def in_order(tags: Iterable[str]) -> tuple[str, ...]:
    """Return tags in the order in which the service shows them."""
    return tuple(sorted(tags, key=lambda tag: (tag.casefold(), tag)))


def split(texts: Iterable[str]) -> list[str]:
    """Return the single tags of the input, trimmed, empty ones left out."""
    return [tag for text in texts for tag in (part.strip() for part in text.split(",")) if tag]


class Spellings:
    """How a shop spells the tags it knows; the first spelling stays."""

    def __init__(self, tags: Iterable[str] = ()) -> None:
        """Know `tags` from the start."""
        self._known: dict[str, str] = {}
        self.learn(tags)

    def learn(self, tags: Iterable[str]) -> None:
        """Remember the spelling of tags that are not known yet."""
        for tag in tags:
            self._known.setdefault(tag.casefold(), tag)

    def of(self, tag: str) -> str:
        """Return the shop's own spelling of a tag."""
        return self._known.get(tag.casefold(), tag)

    def all(self) -> tuple[str, ...]:
        """Return every tag that the shop ever knew."""
        return in_order(self._known.values())

    def added(self, present: tuple[str, ...], texts: Iterable[str]) -> tuple[str, ...]:
        """Return `present` with the tags of `texts`.

        Raises:
            TagError: A tag is too long, or there would be too many.
        """
        tags = split(texts)
        if any(len(tag) > LONGEST for tag in tags):
            raise TagError(f"Tags is too long (maximum is {LONGEST} characters)")
        by_fold = {tag.casefold(): tag for tag in present}
        for tag in tags:
            by_fold.setdefault(tag.casefold(), self.of(tag))
        if len(by_fold) > MOST:
            raise TagError(f"Tags cannot be more than {MOST}")
        return in_order(by_fold.values())


def removed(present: tuple[str, ...], texts: Iterable[str]) -> tuple[str, ...]:
    """Return `present` without the tags of `texts`, whatever their letter case."""
    gone = {tag.casefold() for tag in split(texts)}
    return tuple(tag for tag in present if tag.casefold() not in gone)
