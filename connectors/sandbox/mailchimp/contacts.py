"""One contact of one audience, and how it became what it is."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal

import msgspec

Status = Literal["subscribed", "unsubscribed", "cleaned", "pending", "transactional"]
"""What a write may say."""

State = Literal["subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived"]
"""What a contact can be; `archived` is readable only."""

Who = Literal["api", "self", "admin", "import", "mailchimp"]
"""Who did something: the key's holder, the person, somebody in the web application, an import, the service."""


class StatusChange(msgspec.Struct, frozen=True):
    """One step of a contact's history; `was` is None at its beginning, `status` may be `forgotten` at its end."""

    at: int
    was: str | None
    status: str
    by: Who


class Contact(msgspec.Struct, eq=False, kw_only=True):
    """A contact, as the service keeps it.

    Attributes:
        id: MD5 of the lower-cased address, hexadecimal.
        email: As first written.
        last_changed: UTC seconds.
        opted_at: When it last became subscribed; None if never.
        merge: What was stored, by merge tag. Needs not be valid: fields change after contacts were stored.
        tags: When each tag was put on, by the tag's id.
        locked: Why it cannot be subscribed by the API (its compliance state); None where it can.
    """

    id: str
    email: str
    contact_id: str
    web_id: int
    status: State
    created_at: int
    last_changed: int
    opted_at: int | None = None
    signed_up_at: int | None = None
    email_type: str = "html"
    language: str = ""
    vip: bool = False
    merge: dict[str, Any] = {}
    interests: dict[str, bool] = {}
    tags: dict[int, int] = {}
    locked: Literal["unsubscribe", "bounce", "review"] | None = None
    history: list[StatusChange] = []


def member_id(email: str) -> str:
    """Return how the API addresses a contact: the MD5 of the lower-cased address. Only case is folded."""
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()


@lru_cache(maxsize=65_536)
def iso(instant: int) -> str:
    """Return an instant as the service writes it (`2026-11-21T08:00:00+00:00`)."""
    return datetime.fromtimestamp(instant, UTC).isoformat()
