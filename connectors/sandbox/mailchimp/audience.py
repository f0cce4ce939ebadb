"""One audience: its contacts, found by hash, by id, by address and by time of change; its tags; who was forgotten.

Sized for 100,000 contacts. The contacts are kept in the order of their last change (a dictionary whose entry moves to
the end), so that what changed lately is read from the end, and only a clock that was set back costs a sort.
"""

from __future__ import annotations

import hashlib
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence

import msgspec

from connectors.sandbox.mailchimp.contacts import Contact, State, StatusChange, Who, member_id
from connectors.sandbox.mailchimp.settings import NewList
from connectors.sandbox.mailchimp.tags import Segment, Segments

STATS_AGE = 300
"""Seconds for which an audience's statistics stay as they were counted."""

_REMEMBERED = 16


class Forgotten(msgspec.Struct, frozen=True):
    """What is left of somebody deleted for good: the hash that keeps them out, and how it went."""

    id: str
    history: tuple[StatusChange, ...]


class Audience:
    """One audience and what is always true of it: every index agrees with the contacts."""

    def __init__(self, new: NewList, number: int, now: int) -> None:
        """Start empty; `number` tells the account's audiences apart where ids are made."""
        self.settings = new
        self.number = number
        self.created_at = now
        self.segments = Segments(number * 1_000_000 + 1)
        self.contacts: dict[str, Contact] = {}
        self.forgotten: dict[str, Forgotten] = {}
        self.counts: Counter[str] = Counter()
        self.version = 0
        self._by_contact_id: dict[str, Contact] = {}
        self._changed: OrderedDict[str, Contact] = OrderedDict()
        self._newest = 0
        self._in_order = True
        self._joined = 0
        self._answers: dict[object, Sequence[Contact]] = {}
        self._answers_of = -1
        self._stats: tuple[int, dict[str, int]] | None = None

    def find(self, key: str) -> Contact | None:
        """Return the contact of a hash, a contact id or an address, where there is one."""
        if "@" in key:
            return self.contacts.get(member_id(key))
        return self.contacts.get(key) or self._by_contact_id.get(key)

    def add(self, email: str, status: State, by: Who, now: int) -> Contact:
        """Take in an address that is not there."""
        self._joined += 1
        key = f"{self.settings.id}:{self._joined}".encode()
        contact = Contact(
            id=member_id(email),
            email=email,
            contact_id=hashlib.md5(key, usedforsecurity=False).hexdigest(),
            web_id=self.number * 100_000_000 + self._joined,
            status=status,
            created_at=now,
            last_changed=now,
            opted_at=now if status == "subscribed" else None,
            history=[StatusChange(now, None, status, by)],
        )
        self.contacts[contact.id] = contact
        self._by_contact_id[contact.contact_id] = contact
        self.forgotten.pop(contact.id, None)
        self.counts[status] += 1
        self.touch(contact, now)
        return contact

    def forget(self, contact: Contact, by: Who, now: int) -> None:
        """Delete a contact for good; its hash stays, and keeps it out."""
        step = StatusChange(now, contact.status, "forgotten", by)
        for tag_id in list(contact.tags):
            self._take_out(contact, tag_id)
        self.counts[contact.status] -= 1
        del self.contacts[contact.id], self._by_contact_id[contact.contact_id], self._changed[contact.id]
        self.forgotten[contact.id] = Forgotten(contact.id, (*contact.history, step))
        self.version += 1

    def readdress(self, contact: Contact, email: str, now: int) -> None:
        """Give a contact another address (that is not there); tags and history go along."""
        tags = dict(contact.tags)
        for tag_id in tags:
            self._take_out(contact, tag_id)
        del self.contacts[contact.id], self._changed[contact.id]
        contact.id, contact.email = member_id(email), email
        self.contacts[contact.id] = contact
        for tag_id, added in tags.items():
            self._put_in(contact, tag_id, added)
        self.touch(contact, now)

    def set_status(self, contact: Contact, status: State, by: Who, now: int) -> None:
        """Note a change of status, whoever may make it."""
        contact.history.append(StatusChange(now, contact.status, status, by))
        for counts in (self.counts, *(self.segments[tag_id].counts for tag_id in contact.tags)):
            counts[contact.status] -= 1
            counts[status] += 1
        contact.status = status
        if status == "subscribed":
            contact.opted_at = now
        self.touch(contact, now)

    def put_tag(self, contact: Contact, tag: Segment, now: int) -> bool:
        """Put a tag on; return whether it was not there."""
        if tag.id in contact.tags:
            return False
        self._put_in(contact, tag.id, now)
        self.version += 1
        return True

    def take_tag(self, contact: Contact, tag: Segment) -> bool:
        """Take a tag off; return whether it was there."""
        if tag.id not in contact.tags:
            return False
        self._take_out(contact, tag.id)
        self.version += 1
        return True

    def delete_segment(self, segment: Segment) -> None:
        """Delete a segment and take it off everybody. Moves nobody's `last_changed`."""
        for contact_id in list(segment.members):
            self._take_out(self.contacts[contact_id], segment.id)
        self.segments.delete(segment)
        self.version += 1

    def touch(self, contact: Contact, now: int) -> None:
        """Note that a contact changed."""
        self._in_order = self._in_order and now >= self._newest
        self._newest = max(self._newest, now)
        contact.last_changed = now
        self._changed[contact.id] = contact
        self._changed.move_to_end(contact.id)
        self.version += 1

    def by_change(self, since: int | None = None) -> list[Contact]:
        """Return the contacts changed after `since` (all, with None), longest unchanged first."""
        if not self._in_order:
            self._changed = OrderedDict(sorted(self._changed.items(), key=lambda item: item[1].last_changed))
            self._in_order = True
        if since is None:
            return list(self._changed.values())
        late = list(self._lately(since))
        late.reverse()
        return late

    def remembered(self, question: object, answer: Callable[[], Sequence[Contact]]) -> Sequence[Contact]:
        """Return `answer()`, worked out once for a question as long as nothing changes: pages cost what they hold."""
        if self._answers_of != self.version or len(self._answers) >= _REMEMBERED:
            self._answers.clear()
            self._answers_of = self.version
        if question not in self._answers:
            self._answers[question] = answer()
        return self._answers[question]

    def stats(self, now: int) -> dict[str, int]:
        """Return the members by status, as counted up to five minutes ago."""
        if self._stats is None or now - self._stats[0] >= STATS_AGE or now < self._stats[0]:
            self._stats = (now, dict(self.counts))
        return self._stats[1]

    def _lately(self, since: int) -> Iterator[Contact]:
        for contact in reversed(self._changed.values()):
            if contact.last_changed <= since:
                return
            yield contact

    def _put_in(self, contact: Contact, tag_id: int, added: int) -> None:
        tag = self.segments[tag_id]
        contact.tags[tag_id] = added
        tag.members[contact.id] = added
        tag.counts[contact.status] += 1

    def _take_out(self, contact: Contact, tag_id: int) -> None:
        tag = self.segments[tag_id]
        del contact.tags[tag_id], tag.members[contact.id]
        tag.counts[contact.status] -= 1
