"""Single members, read by themselves: what there is to know about one contact, never from a listing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from connectors.mailchimp.judge import NotFoundError
from connectors.mailchimp.paging import everything
from connectors.mailchimp.shapes import MEMBER_FIELDS, PAGE, Member, Tag, Tags, shaped
from connectors.mailchimp.wire import contact_of, hashed
from syncd.model import Contact


class ReadBack:
    """Reads members of one list, one call each, a few at a time."""

    def __init__(self, lists: Any, list_id: str, at_once: int) -> None:
        """Read nothing yet. `lists` is the package's lists API, `at_once` the most calls at a time."""
        self._lists = lists
        self._list = list_id
        self._at_once = at_once

    def read(self, subjects: Collection[str]) -> Iterator[Contact]:
        """Read subjects back: those that exist, archived ones included, with all their labels.

        Raises:
            NotFoundError: The list itself is gone; it answers for its members just as a stranger's address does.
        """
        missing = False
        with ThreadPoolExecutor(self._at_once) as pool:
            for contact in pool.map(self._contact, subjects):
                if contact is not None:
                    yield contact
                missing = missing or contact is None
        if missing:
            self._lists.get_list(self._list, fields=("id",))

    def whole(self, member: Member) -> Contact | None:
        """Return a member as a contact with all its labels, asking for those that a listing left out.

        None for somebody who was deleted meanwhile.
        """
        if member.tags_are_whole:
            return contact_of(member)

        def fetch(offset: int) -> tuple[list[Tag], int]:
            answer = self._lists.get_list_member_tags(self._list, member.id, count=PAGE, offset=offset)
            page = shaped(answer, Tags)
            return page.tags, page.total_items

        try:
            labels = {tag.id: tag.name for tag in everything("tags of a contact", fetch)}
        except NotFoundError:
            return None
        return contact_of(member, tuple(labels.values()))

    def _contact(self, subject: str) -> Contact | None:
        try:
            answer = self._lists.get_list_member(self._list, hashed(subject), fields=MEMBER_FIELDS)
        except NotFoundError:
            return None
        return self.whole(shaped(answer, Member))
