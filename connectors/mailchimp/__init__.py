"""Mailchimp: an audience's contacts, and membership written as its tags.

What a caller needs is `CONNECTOR`. The client package costs a quarter of a second and 30 MB, so it is imported only
when an audience is opened.
"""

from __future__ import annotations

from typing import Literal

from connectors.mailchimp.settings import MailchimpSettings
from syncd.ports import Audience, Host

__all__ = ["CONNECTOR", "MailchimpConnector", "MailchimpSettings"]


class MailchimpConnector:
    """Opens audiences of `kind = "mailchimp"`."""

    role: Literal["audience"] = "audience"
    settings = MailchimpSettings

    def open(self, name: str, settings: MailchimpSettings, host: Host) -> Audience:
        """Return the audience; no request is sent yet."""
        from connectors.mailchimp.audience import open_audience  # noqa: PLC0415  # heavy: only where one is opened

        return open_audience(name, settings, host)


CONNECTOR = MailchimpConnector()
