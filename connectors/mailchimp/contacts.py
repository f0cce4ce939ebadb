"""Everybody in an audience, as a feed by time of change.

Without a status Mailchimp lists everybody but the archived, so those have a listing of their own. They matter: who
was archived by the list's owner must never come back because syncd took them for new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from connectors.mailchimp.paging import Walk
from connectors.mailchimp.readback import ReadBack
from connectors.mailchimp.shapes import MEMBERS_FIELDS, PAGE, Member, Members, Total, shaped
from connectors.mailchimp.wire import instant, iso
from syncd.model import Contact, ContactStatus, Instant
from syncd.ports import Cursor, Host, Page, Peek, Progress

_ARCHIVED_READ = "archived read up to"
_ARCHIVED = ContactStatus.ARCHIVED

_FRESH = 300.0
"""Seconds for which a look at the archived is good: a push of many batches looks once."""


class Contacts:
    """The feed of one list's contacts, whatever their status, with all their labels."""

    def __init__(  # what it reads, and how
        self, name: str, lists: Any, list_id: str, back: ReadBack, host: Host, page: int = PAGE
    ) -> None:
        """Read nothing yet.

        Args:
            name: The audience's name in the settings.
            lists: The package's lists API.
            list_id: The list.
            back: Completes members whose tags a listing cuts short.
            host: Who is told how far a reading is, and who remembers.
            page: Most rows at once.
        """
        self._name = name
        self._lists = lists
        self._list = list_id
        self._back = back
        self._host = host
        self._page = page
        self._archived: dict[str, Contact] = {}
        self._archived_at: Instant | None = None
        self._looked_at: float | None = None

    def peek(self, since: Instant) -> Peek[Contact]:
        """Return the newest contacts changed at or after `since`, in a single call; the archived are not among them."""
        page = self._fetch(since, 0, newest_first=True)
        rows = [member for member in page.members if instant(member.last_changed) >= since]
        before = len(page.members) - len(rows)
        return Peek(self._rows(rows), window=page.total_items - before)

    def pages(
        self,
        since: Instant | None,
        expected: int | None = None,  # noqa: ARG002
        *,
        go_on: bool = False,  # noqa: ARG002
    ) -> Iterator[Page[Contact]]:
        """Read all contacts changed at or after `since`, the archived ones first.

        The archived pages carry no cursor: were it saved, and the reading broken off, an archived contact older than
        it would never be read again.

        Raises:
            RetriableError: Mailchimp stopped answering, or gave fewer contacts than it counts.
        """
        newest = None
        archived = Walk("archived contacts", lambda at, offset: self._fetch(at, offset, status=_ARCHIVED), since)
        for members in archived.pages():
            newest = instant(members[-1].last_changed)
            yield Page(self._rows(members))
        at = since or 0
        walk = Walk("contacts", self._fetch, since)
        for members in walk.pages():
            at = max(at, instant(members[-1].last_changed))
            yield Page(self._rows(members), Cursor(at))
            self._host.progress(Progress(f"contacts of {self._name}", walk.done, walk.total))
        if not walk.done:
            yield Page((), Cursor(at))
        self._note_archived(since, newest)

    def count(self) -> int:
        """Return how many contacts there are, by Mailchimp's own counts, one a status."""
        # the unfiltered count is said to leave the archived out, which no document promises
        return sum(self._total(status) for status in ContactStatus)

    def ids(self) -> Iterator[Page[str]]:
        """Read the subjects of all contacts, archived ones included."""
        for page in self.pages(None):
            yield Page([contact.subject for contact in page.rows])

    def archived(self, subjects: Collection[str]) -> dict[str, Contact]:
        """Return those of some subjects who were archived since the archived were last read whole.

        Older ones are known from `pages`. Asked before contacts are created: the listing that `peek` looks at does
        not show who was archived.
        """
        now = self._host.clock.monotonic()
        if self._looked_at is None or now - self._looked_at >= _FRESH:
            self._look_at_archived()
            self._looked_at = now
        return {subject: self._archived[subject] for subject in subjects if subject in self._archived}

    def _look_at_archived(self) -> None:
        since = self._archived_at if self._archived_at is not None else self._noted()
        walk = Walk("archived contacts", lambda at, offset: self._fetch(at, offset, status=_ARCHIVED), since)
        for members in walk.pages():
            self._archived |= {contact.subject: contact for contact in self._rows(members)}
            self._archived_at = max(self._archived_at or 0, instant(members[-1].last_changed))

    def _rows(self, members: list[Member]) -> list[Contact]:
        return [contact for member in members if (contact := self._back.whole(member)) is not None]

    def _note_archived(self, since: Instant | None, newest: Instant | None) -> None:
        """Remember up to where the archived are known, once what was read is stored."""
        noted = self._noted()
        if newest is not None and (since is None or (noted is not None and noted >= since)):
            self._host.memo[_ARCHIVED_READ] = str(max(newest, noted or 0))

    def _noted(self) -> Instant | None:
        text = self._host.memo.get(_ARCHIVED_READ)
        return int(text) if text else None

    def _fetch(
        self, since: Instant | None, offset: int, *, status: ContactStatus | None = None, newest_first: bool = False
    ) -> Members:
        options: dict[str, Any] = {} if status is None else {"status": str(status)}
        if since is not None:
            # "changed after": one second earlier makes it "at or after"
            options["since_last_changed"] = iso(since - 1)
        answer = self._lists.get_list_members_info(
            self._list,
            fields=MEMBERS_FIELDS,
            count=self._page,
            offset=offset,
            sort_field="last_changed",
            sort_dir="DESC" if newest_first else "ASC",
            **options,
        )
        return shaped(answer, Members)

    def _total(self, status: ContactStatus) -> int:
        answer = self._lists.get_list_members_info(self._list, fields=("total_items",), count=1, status=str(status))
        return shaped(answer, Total).total_items
