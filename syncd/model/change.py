"""What is planned and what came of it: contacts, changes, outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from syncd.model.records import Instant


class ContactStatus(StrEnum):
    """What an audience says of a contact. Read, never made (law 1)."""

    SUBSCRIBED = "subscribed"
    TRANSACTIONAL = "transactional"
    UNSUBSCRIBED = "unsubscribed"
    CLEANED = "cleaned"
    PENDING = "pending"
    ARCHIVED = "archived"


LABELLED = frozenset({ContactStatus.SUBSCRIBED, ContactStatus.TRANSACTIONAL})
"""The statuses whose contacts may be given a label; the others are left as they are."""


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in an audience, as the audience says.

    Attributes:
        subject: The normalised address.
        labels: All labels that the contact carries, in the audience's own spelling, ours or not.
        changed_at: When the audience last changed the contact.
    """

    subject: str
    email: str
    status: ContactStatus
    changed_at: Instant
    labels: tuple[str, ...] = ()


class NewContact(msgspec.Struct, frozen=True, kw_only=True):
    """How a contact that the audience does not know is to be created.

    Attributes:
        status: SUBSCRIBED only with the store's consent, else TRANSACTIONAL (law 1).
        fields: Values of the audience's own fields, by field name.
        language: The customer's language, where known.
    """

    status: ContactStatus
    fields: Mapping[str, str] = {}
    language: str | None = None


class Action(StrEnum):
    """What a change does: with its label, or, to opt out, with a customer's consent to marketing mail."""

    ADD = "add"
    REMOVE = "remove"
    OPT_OUT = "opt-out"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One label to be added to, or removed from, one subject of one target.

    Attributes:
        target: The store's or audience's name in the settings.
        label: As the target will read it back.
        segment: The segment it is for; of a label withdrawn, the segment that last held it.
        subject: A customer's id as text for a store's tags, the normalised address for an audience.
        email: The person's address, for the reader of a plan; empty where unknown.
        reason: Why, one phrase.
        create: Set where the audience does not know the subject yet.
        quiet: Whether the label's arrival must not set off mail of the merchant's (`Traits.starts_automations`).
        opted_out_at: When the person unsubscribed, where that is what is carried to a store (`Action.OPT_OUT`).
    """

    target: str
    label: str
    segment: str
    subject: str
    action: Action
    email: str = ""
    reason: str = ""
    create: NewContact | None = None
    quiet: bool = False
    opted_out_at: Instant | None = None

    @property
    def creation(self) -> str:
        """The status that a new contact is to get; empty where none is to be made."""
        return self.create.status.value if self.create else ""


class OutcomeState(StrEnum):
    """What a service's answer says of one change.

    APPLIED: named as applied. REFUSED: named as refused, for good until something changes. FAILED: surely not done,
    may be tried again. UNKNOWN: not named, or no answer came; read back before anything else.
    """

    APPLIED = "applied"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one change.

    Attributes:
        answer: The service's own words, without personal data where syncd can tell; empty when applied.
        changed_at: The subject's new time of change, where the answer says so.
        labels: All labels of the subject after the change, where the answer says so.
        contact: The contact as the answer shows it, where it does.
        final: Whether the target will not make the contact however often it is asked: only the person can come back.
    """

    change: Change
    state: OutcomeState
    answer: str = ""
    changed_at: Instant | None = None
    labels: tuple[str, ...] | None = None
    contact: Contact | None = None
    final: bool = False
