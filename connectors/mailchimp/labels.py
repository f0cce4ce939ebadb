"""Which static segment a label is. A tag is a static segment's other face; the id is what calls are made with.

The id is remembered, and looked at once before it is used: the owner may have renamed or deleted the tag, or made a
saved segment of the same name.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from connectors.mailchimp.judge import NotFoundError, RefusedError
from connectors.mailchimp.paging import everything
from connectors.mailchimp.shapes import PAGE, Segment, Segments, shaped
from syncd.model import fold

LABEL_MAX = 100
"""No document of Mailchimp's names a limit; its own pages stop at 100 characters."""

_FIELDS = ("id", "name", "type")
_LISTING_FIELDS = (*(f"segments.{field}" for field in _FIELDS), "total_items")


def normalised(label: str) -> str:
    """Return a label as a tag is read back: without space around it; letter case stays as it is.

    Raises:
        ValueError: A tag cannot be called so.
    """
    text = label.strip()
    if not text:
        raise ValueError("a tag needs at least one character")
    if len(text) > LABEL_MAX:
        raise ValueError(f"a tag has at most {LABEL_MAX} characters, this one has {len(text)}")
    if "," in text:
        raise ValueError("a tag cannot hold a comma, which parts one tag from the next")
    if not text.isprintable():
        raise ValueError("a tag cannot hold a line break or another character that is not printed")
    return text


class Labels:
    """The static segments of one list, by label."""

    def __init__(self, lists: Any, list_id: str, memo: MutableMapping[str, str]) -> None:
        """Look up nothing yet. `lists` is the package's lists API."""
        self._lists = lists
        self._list = list_id
        self._memo = memo
        self._checked: dict[str, int] = {}

    def find(self, label: str) -> int | None:
        """Return the id of the static segment that is a label, in any letter case; None where there is none."""
        key = fold(label)
        if key not in self._checked:
            found = self._remembered(key) or self._listed(key)
            if found is None:
                return None
            self._keep(key, found)
        return self._checked[key]

    def create(self, label: str) -> int:
        """Make the static segment of a label that was not found, empty.

        Raises:
            RefusedError: Mailchimp will not have such a tag.
        """
        key = fold(label)
        try:
            answer = self._lists.create_segment(self._list, {"name": label, "static_segment": []})
        except RefusedError:
            # somebody else made it between our look and our call
            found = self._listed(key)
            if found is None:
                raise
            self._keep(key, found)
            return found
        made = shaped(answer, Segment).id
        self._keep(key, made)
        return made

    def forget(self, label: str) -> None:
        """Drop what was remembered of a label: it turned out to be wrong."""
        key = fold(label)
        self._checked.pop(key, None)
        self._memo.pop(_memo_key(key), None)

    def _keep(self, key: str, segment_id: int) -> None:
        self._checked[key] = segment_id
        self._memo[_memo_key(key)] = str(segment_id)

    def _remembered(self, key: str) -> int | None:
        text = self._memo.get(_memo_key(key))
        if text is None:
            return None
        try:
            answer = self._lists.get_segment(self._list, text, fields=_FIELDS)
        except NotFoundError:
            return None
        segment = shaped(answer, Segment)
        return segment.id if _is(segment, key) else None

    def _listed(self, key: str) -> int | None:
        def fetch(offset: int) -> tuple[list[Segment], int]:
            answer = self._lists.list_segments(
                self._list, fields=_LISTING_FIELDS, type="static", count=PAGE, offset=offset
            )
            page = shaped(answer, Segments)
            return page.segments, page.total_items

        return next((segment.id for segment in everything("tags", fetch) if _is(segment, key)), None)


def _is(segment: Segment, key: str) -> bool:
    return segment.type == "static" and fold(segment.name) == key


def _memo_key(key: str) -> str:
    return f"tag:{key}"
