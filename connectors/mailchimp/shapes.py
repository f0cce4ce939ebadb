"""The shapes of Mailchimp's answers, as far as we rely on them.

Answers are checked against these, so that an answer of another shape is an error and never an empty list.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from syncd.errors import RetriableError
from syncd.model import identity

T = TypeVar("T")

PAGE = 1000
"""Most rows Mailchimp gives at once; its default is 10."""

MEMBER_FIELDS = ("id", "email_address", "status", "last_changed", "tags", "tags_count")
MEMBERS_FIELDS = (*(f"members.{field}" for field in MEMBER_FIELDS), "total_items")


class Tag(msgspec.Struct, frozen=True):
    """A tag on a member: the id is the static segment's."""

    id: int
    name: str


class Member(msgspec.Struct, frozen=True):
    """A member of a list. `tags` may be cut short; `tags_count` tells."""

    id: str
    status: str
    email_address: str | None = None
    last_changed: str = ""
    tags: list[Tag] | None = None
    tags_count: int | None = None

    @property
    def subject(self) -> str:
        """What we call the member: the normalised address, or its id where it has none (a phone number only)."""
        return identity(self.email_address) or f"contact:{self.id}"

    @property
    def tags_are_whole(self) -> bool:
        """Whether `tags` holds all of them."""
        return self.tags is not None and (self.tags_count or 0) <= len(self.tags)


class Members(msgspec.Struct, frozen=True):
    """A page of members."""

    members: list[Member]
    total_items: int


class Total(msgspec.Struct, frozen=True):
    """How many rows a listing has."""

    total_items: int


class Tags(msgspec.Struct, frozen=True):
    """A page of one member's tags."""

    tags: list[Tag]
    total_items: int


class Segment(msgspec.Struct, frozen=True):
    """A segment; a tag is one of type `static`."""

    id: int
    name: str
    type: str


class Segments(msgspec.Struct, frozen=True):
    """A page of segments."""

    segments: list[Segment]
    total_items: int


class TurnedAway(msgspec.Struct, frozen=True):
    """One address that a batch of creations did not take. The reason is in the prose."""

    email_address: str | None = None
    error: str | None = None
    error_code: str | None = None
    field: str | None = None
    field_message: str | None = None

    @property
    def words(self) -> str:
        """What Mailchimp says, with the merge field it is about."""
        about = ": ".join(part for part in (self.field, self.field_message) if part)
        said = self.error or "refused without a reason"
        return f"{said} ({about})" if about and about not in said else said


class Created(msgspec.Struct, frozen=True):
    """The answer to a batch of creations; status 200 even where every one of them failed."""

    new_members: list[Member]
    updated_members: list[Member]
    errors: list[TurnedAway]


class Unlabelled(msgspec.Struct, frozen=True):
    """Some addresses that a batch of labels did not take, and one reason for all of them."""

    email_addresses: list[str]
    error: str


class Labelled(msgspec.Struct, frozen=True):
    """The answer to a batch of labels."""

    members_added: list[Member]
    members_removed: list[Member]
    errors: list[Unlabelled]


class MailingList(msgspec.Struct, frozen=True):
    """A list: an audience."""

    id: str
    name: str
    web_id: int | None = None
    double_optin: bool = False
    has_welcome: bool = False


class SignupAddress(msgspec.Struct, frozen=True):
    """Where a list's own sign-up form is."""

    subscribe_url_short: str = ""


class MailingLists(msgspec.Struct, frozen=True):
    """A page of lists."""

    lists: list[MailingList]


class MergeField(msgspec.Struct, frozen=True):
    """A merge field of a list."""

    tag: str
    required: bool = False
    type: str = "text"


class MergeFields(msgspec.Struct, frozen=True):
    """All merge fields of a list, the address itself aside."""

    merge_fields: list[MergeField]


def shaped(value: Any, shape: type[T]) -> T:
    """Return an answer in the shape that we rely on.

    Raises:
        RetriableError: It has another one. What a write did is then not known.
    """
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise RetriableError(
            f"Mailchimp's answer does not look as documented: {error}",
            unknown_fate=True,
            hint="if it stays so, syncd is too old for Mailchimp's present interface",
        ) from error
