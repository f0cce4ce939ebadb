"""Which static segment a label is. A tag is a static segment's other face; the id is what calls are made with.

All of a list's tags are listed once, whatever the number of labels: the owner may have renamed or deleted one since the
last push, or made a saved segment of the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from typing import Any

from connectors.mailchimp.judge import RefusedError
from connectors.mailchimp.paging import everything
from connectors.mailchimp.shapes import PAGE, Segment, Segments, Tag, shaped
from syncd.model import fold

LABEL_MAX = 100
"""No document of Mailchimp's names a limit; its own pages stop at 100 characters."""

_LISTED = ("segments.id", "segments.name", "segments.type", "total_items")


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
    """The static segments of one list, by label in any letter case."""

    def __init__(self, lists: Any, list_id: str, memo: MutableMapping[str, str]) -> None:
        """Look up nothing yet. `lists` is the package's lists API."""
        self._lists = lists
        self._list = list_id
        self._memo = memo
        self._there: dict[str, Tag] | None = None

    def find(self, label: str) -> Tag | None:
        """Return the tag that a label is, as the list spells it; None where there is none."""
        if self._there is None:
            self._there = self._listed()
        found = self._there.get(fold(label))
        if found is not None:
            self._remember(found)
        return found

    def was_there(self, label: str) -> bool:
        """Whether a label had its tag when it was last written; asks for nothing."""
        return _memo_key(fold(label)) in self._memo

    def create(self, label: str) -> Tag:
        """Make the tag of a label that was not found, empty.

        Raises:
            RefusedError: Mailchimp will not have such a tag.
        """
        try:
            answer = self._lists.create_segment(self._list, {"name": label, "static_segment": []})
        except RefusedError:
            self._there = None  # somebody else made it between our look and our call
            found = self.find(label)
            if found is None:
                raise
            return found
        made = shaped(answer, Segment)
        tag = Tag(made.id, made.name)
        self.learn(tag)
        return tag

    def learn(self, tag: Tag) -> None:
        """Take over a tag that an answer shows."""
        if self._there is not None:
            self._there[fold(tag.name)] = tag
        self._remember(tag)

    def doubt(self, labels: Iterable[str]) -> None:
        """Have all looked up again where one of some labels was not found and may have come to be since."""
        if self._there is not None and any(fold(label) not in self._there for label in labels):
            self._there = None

    def forget(self, label: str) -> None:
        """Have all looked up again: what was known of a label turned out to be wrong."""
        self._there = None
        self._memo.pop(_memo_key(fold(label)), None)

    def _remember(self, tag: Tag) -> None:
        key = _memo_key(fold(tag.name))
        if self._memo.get(key) != str(tag.id):
            self._memo[key] = str(tag.id)

    def _listed(self) -> dict[str, Tag]:
        def fetch(offset: int) -> tuple[list[Segment], int]:
            answer = self._lists.list_segments(self._list, fields=_LISTED, type="static", count=PAGE, offset=offset)
            page = shaped(answer, Segments)
            return page.segments, page.total_items

        there: dict[str, Tag] = {}
        for it in everything("tags", fetch):
            if it.type == "static":
                there.setdefault(fold(it.name), Tag(it.id, it.name))
        return there


def _memo_key(key: str) -> str:
    return f"tag:{key}"
