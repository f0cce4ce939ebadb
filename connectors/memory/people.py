"""A mailing list as it truly is: what its owner and the people on it do, and what a test may look at.

Everything here happens at the service. What syncd does comes through `connectors.memory.audience`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

import msgspec

from connectors.memory.faults import Faults
from connectors.memory.shelf import Event, Now, Shelf, Spelling
from syncd.model import Contact, ContactStatus, Instant, NewContact, fold, identity


class Mail(msgspec.Struct, frozen=True):
    """A mail that the service sent by itself.

    Attributes:
        why: `confirmation` to somebody pending; `automation` set off by a label.
    """

    subject: str
    why: Literal["confirmation", "automation"]
    label: str = ""


class MailingList:
    """Contacts by the identity of their address. Addresses may be given in any letter case.

    Attributes:
        faults: What is wrong with the service at present.
        history: Everything that happened to a contact, and by whom.
        mails: What the service sent by itself.
        journeys: Labels (folded) whose arrival sets off a mail.
        fields: The values of the list's own fields, by contact.
        forgotten: Who was deleted for good and cannot be created again.
    """

    def __init__(self, now: Now, *, lag: int = 0) -> None:
        """Start without a contact.

        Args:
            now: The service's own clock.
            lag: Seconds that listings are behind the truth.
        """
        self.now = now
        self.faults = Faults()
        self.history: list[Event] = []
        self.mails: list[Mail] = []
        self.journeys: set[str] = set()
        self.fields: dict[str, Mapping[str, str]] = {}
        self.forgotten: set[str] = set()
        self._numbers: dict[str, int] = {}
        self._spelling = Spelling()
        self._shelf: Shelf[Contact] = Shelf(now)
        self.lag = lag

    @property
    def lag(self) -> int:
        """Seconds that listings are behind the truth."""
        return self._shelf.lag

    @lag.setter
    def lag(self, seconds: int) -> None:
        self._shelf.lag = seconds

    def put_contact(
        self,
        email: str,
        status: ContactStatus = ContactStatus.SUBSCRIBED,
        labels: Collection[str] = (),
        *,
        changed_at: Instant | None = None,
    ) -> Contact:
        """Let somebody come onto the list by hand, or be exactly so from now on."""
        subject = _subject(email)
        self.forgotten.discard(subject)
        old = self.contact(subject)
        contact = Contact(
            subject=subject,
            email=email.strip(),
            status=status,
            changed_at=self.now() if changed_at is None else changed_at,
            labels=self._spelling.of(tuple(labels)),
        )
        self._put(contact)
        if old is None or old.status is not status:
            self._note("hand", subject, "created" if old is None else "status", status)
        self._note_labels("hand", subject, old.labels if old else (), contact.labels)
        return contact

    def set_status(self, email: str, status: ContactStatus) -> None:
        """Let a person or the owner change the status of a contact that is there."""
        contact = self._there(email)
        self.put_contact(contact.email, status, contact.labels)

    def tag_by_hand(self, email: str, *labels: str) -> None:
        """Let the owner, or another app, give a contact labels."""
        contact = self._there(email)
        self.put_contact(contact.email, contact.status, (*contact.labels, *labels))

    def untag_by_hand(self, email: str, *labels: str) -> None:
        """Let the owner, or another app, take labels off a contact."""
        contact = self._there(email)
        gone = {fold(label) for label in labels}
        self.put_contact(contact.email, contact.status, [name for name in contact.labels if fold(name) not in gone])

    def forget(self, email: str) -> None:
        """Let the owner delete a contact for good: it is gone, and may only come back by its own hand."""
        subject = self._there(email).subject
        self._shelf.drop(self._numbers[subject])
        self.forgotten.add(subject)
        self._note("hand", subject, "forgotten")

    def contact(self, email: str) -> Contact | None:
        """Return a contact as it truly is, archived ones included; None where there is none."""
        number = self._numbers.get(identity(email) or "")
        return None if number is None else self._shelf.get(number)

    def status_of(self, email: str) -> ContactStatus | None:
        """Return the status of a contact; None where there is none."""
        found = self.contact(email)
        return None if found is None else found.status

    def labels_of(self, email: str) -> tuple[str, ...]:
        """Return all labels of a contact; none where there is no such contact."""
        found = self.contact(email)
        return () if found is None else found.labels

    def holders(self, label: str) -> set[str]:
        """Return who truly carries a label, in whatever letter case."""
        wanted = fold(label)
        return {contact.subject for contact in self._shelf.true().values() if wanted in map(fold, contact.labels)}

    def contacts(self) -> dict[str, Contact]:
        """Return everybody as they truly are, by the identity of their address."""
        return {contact.subject: contact for contact in self._shelf.true().values()}

    def listed(self) -> dict[int, Contact]:
        """Return everybody as listings show them now, by number."""
        return self._shelf.listed()

    def create(self, email: str, wanted: NewContact) -> Contact:
        """Create a contact on syncd's behalf, without a label yet."""
        subject = _subject(email)
        contact = Contact(subject=subject, email=email.strip(), status=wanted.status, changed_at=self.now())
        self._put(contact)
        self.fields[subject] = dict(wanted.fields)
        self._note("syncd", subject, "created", wanted.status)
        if wanted.status is ContactStatus.PENDING:
            self.mails.append(Mail(subject, "confirmation"))
        return contact

    def write_labels(self, contact: Contact, labels: tuple[str, ...], *, quietly: bool = False) -> Contact:
        """Give a contact exactly these labels on syncd's behalf; nothing moves where nothing changes.

        Nobody is mailed because of a label that comes `quietly`.
        """
        after = self._spelling.of(labels)
        if after == contact.labels:
            return contact
        changed = msgspec.structs.replace(contact, labels=after, changed_at=self.now())
        self._put(changed)
        self._note_labels("syncd", contact.subject, contact.labels, after, quietly=quietly)
        return changed

    def _put(self, contact: Contact) -> None:
        number = self._numbers.setdefault(contact.subject, len(self._numbers) + 1)
        self._shelf.put(number, contact, contact.changed_at)

    def _there(self, email: str) -> Contact:
        found = self.contact(email)
        if found is None:
            raise LookupError("there is no such contact")
        return found

    def _note(
        self,
        by: Literal["syncd", "hand"],
        subject: str,
        what: Literal["added", "removed", "created", "status", "forgotten"],
        value: str = "",
    ) -> None:
        self.history.append(Event(at=self.now(), by=by, subject=subject, what=what, value=value))

    def _note_labels(
        self,
        by: Literal["syncd", "hand"],
        subject: str,
        before: Collection[str],
        after: Collection[str],
        *,
        quietly: bool = False,
    ) -> None:
        for label in sorted(set(before) - set(after)):
            self._note(by, subject, "removed", label)
        for label in sorted(set(after) - set(before)):
            self._note(by, subject, "added", label)
            if fold(label) in self.journeys and not quietly:
                self.mails.append(Mail(subject, "automation", label))


def is_address(email: str) -> bool:
    """Return whether the service takes it for an address: a part, one @, a domain with a dot, and no space."""
    name, at, domain = email.strip().partition("@")
    return bool(name and at) and "." in domain and not set(email.strip()) & set(" \t\n") and "@" not in domain


def _subject(email: str) -> str:
    if not is_address(email):
        raise LookupError("that is no address")
    return email.strip().lower()
