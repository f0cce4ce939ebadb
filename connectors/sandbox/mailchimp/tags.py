"""Tags: static segments under another name. One object, two faces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from connectors.sandbox.mailchimp import problems

NAME_MAX = 100
"""Characters in a tag's name. The figure is the web application's; no API document has one."""


class Segment(msgspec.Struct, eq=False, kw_only=True):
    """A tag (`static`), or a saved segment, which the simulated account keeps without evaluating it.

    Attributes:
        members: When each contact was put in, by contact id; archived ones stay in, hidden.
        counts: The members by status, so that a count needs no look at them.
        options: The conditions of a saved segment.
    """

    id: int
    name: str
    type: Literal["static", "saved"]
    created_at: int
    updated_at: int
    members: dict[str, int] = {}
    counts: Counter[str] = msgspec.field(default_factory=Counter)
    options: dict[str, Any] | None = None


class Segments:
    """The segments of one audience. Names are trimmed; two tags differ in more than letter case."""

    def __init__(self, first_id: int) -> None:
        """Start without any; ids count up from `first_id`."""
        self._next = first_id
        self._by_id: dict[int, Segment] = {}
        self._tags: dict[str, int] = {}

    def __iter__(self) -> Iterator[Segment]:
        """Go through them, oldest first."""
        return iter(self._by_id.values())

    def __getitem__(self, segment_id: int) -> Segment:
        """Return the segment of an id that is known to be there."""
        return self._by_id[segment_id]

    def get(self, segment_id: int) -> Segment | None:
        """Return the segment of an id, where there is one."""
        return self._by_id.get(segment_id)

    def tag(self, name: str) -> Segment | None:
        """Return the tag of a name in any letter case, where there is one."""
        found = self._tags.get(name.strip().casefold())
        return None if found is None else self._by_id[found]

    def create(self, name: str, now: int, options: dict[str, Any] | None = None) -> Segment:
        """Make a tag, or a saved segment where there are `options`.

        A saved segment may share a tag's name.

        Raises:
            Problem: The name is taken by another tag, empty or too long.
        """
        segment = Segment(
            id=self._next,
            name=self._free_name(name, static=options is None),
            type="static" if options is None else "saved",
            created_at=now,
            updated_at=now,
            options=options,
        )
        self._next += 1
        self._by_id[segment.id] = segment
        if options is None:
            self._tags[segment.name.casefold()] = segment.id
        return segment

    def tag_or_create(self, name: str, now: int) -> Segment:
        """Return the tag of a name, made if need be; the spelling of the one that is there wins."""
        return self.tag(name) or self.create(name, now)

    def rename(self, segment: Segment, name: str) -> None:
        """Give a segment another name, or the same in other letters.

        Raises:
            Problem: As for `create`.
        """
        static = segment.type == "static"
        fresh = self._free_name(name, static=static, own=segment.id)
        if static:
            del self._tags[segment.name.casefold()]
            self._tags[fresh.casefold()] = segment.id
        segment.name = fresh

    def delete(self, segment: Segment) -> None:
        """Drop a segment; taking it off its members is the audience's part."""
        del self._by_id[segment.id]
        if segment.type == "static":
            del self._tags[segment.name.casefold()]

    def check_name(self, name: str) -> str:
        """Return a tag's name as it would be kept.

        Raises:
            Problem: It is empty or too long.
        """
        trimmed = name.strip()
        if not trimmed:
            raise problems.unvalidated(("name", "This value should not be blank."))
        if len(trimmed) > NAME_MAX:
            raise problems.unvalidated(("name", f"This value is too long. It should have {NAME_MAX} characters."))
        return trimmed

    def _free_name(self, name: str, *, static: bool, own: int | None = None) -> str:
        trimmed = self.check_name(name)
        if static and self._tags.get(trimmed.casefold(), own) != own:
            raise problems.Problem(400, "Bad Request", "Sorry, that tag already exists.")
        return trimmed
