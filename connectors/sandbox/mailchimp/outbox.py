"""What the account would have sent: so that a test can say that nobody was mailed."""

from __future__ import annotations

from typing import Literal

import msgspec

from connectors.sandbox.mailchimp.contacts import Who

MailKind = Literal["welcome", "confirmation", "automation"]


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """One message, or one automation begun.

    Attributes:
        kind: The `welcome` of a new subscriber, the `confirmation` that `pending` sends at once, or the `automation`
            that a tag begins.
        by: Who caused it.
        tag: The tag that began the automation.
        delivered: False where the contact may not be mailed: the automation begins, its mail is held back.
    """

    at: int
    list_id: str
    email_address: str
    kind: MailKind
    by: Who
    tag: str | None = None
    delivered: bool = True


class Tagging(msgspec.Struct, frozen=True, kw_only=True):
    """A tag that was put on somebody.

    Attributes:
        by: Who did it.
        syncing: Whether it was marked `is_syncing`, so that no automation began.
    """

    at: int
    list_id: str
    email_address: str
    tag: str
    by: Who
    syncing: bool


class Outbox:
    """Everything the account would have sent, in order."""

    def __init__(self) -> None:
        """Start empty."""
        self.mails: list[Mail] = []

    def caused_by(self, by: str | None) -> list[Mail]:
        """Return what `by` caused; everything with None."""
        return [mail for mail in self.mails if by is None or mail.by == by]

    def clear(self) -> None:
        """Forget what was sent so far."""
        self.mails.clear()
