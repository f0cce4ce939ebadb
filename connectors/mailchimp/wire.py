"""What Mailchimp sends and is sent: shapes, times, words. No request is made here.

Answers are checked against the fields that we rely on, so that an answer of another shape is an error and never an
empty list.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from syncd.errors import RetriableError
from syncd.model import Change, Contact, ContactStatus, Instant, fold, identity

T = TypeVar("T")

PAGE = 1000
"""Most rows Mailchimp gives at once; its default is 10."""

MEMBER_FIELDS = ("id", "email_address", "status", "last_changed", "tags", "tags_count")
MEMBERS_FIELDS = (*(f"members.{field}" for field in MEMBER_FIELDS), "total_items")

_LANGUAGES = frozenset(
    "en ar af be bg ca zh hr cs da nl et fa fi fr fr_CA de el he hi hu is id ga it ja km ko lv lt mt ms mk no pl pt "
    "pt_PT ro ru sr sk sl es es_ES sw sv ta th tr uk vi".split()
)
_OTHER_NAMES = {"nb": "no", "nn": "no", "iw": "he"}


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


class Turned(msgspec.Struct, frozen=True):
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
    errors: list[Turned]


class Unlabelled(msgspec.Struct, frozen=True):
    """Some addresses that a batch of labels did not take, and one reason for all of them."""

    email_addresses: list[str]
    error: str


class Labelled(msgspec.Struct, frozen=True):
    """The answer to a batch of labels."""

    members_added: list[Member]
    members_removed: list[Member]
    errors: list[Unlabelled]


class Mailing(msgspec.Struct, frozen=True):
    """A list: an audience."""

    id: str
    name: str
    web_id: int | None = None
    double_optin: bool = False
    has_welcome: bool = False


class Mailings(msgspec.Struct, frozen=True):
    """A page of lists."""

    lists: list[Mailing]


class MergeField(msgspec.Struct, frozen=True):
    """A merge field of a list."""

    tag: str
    required: bool = False


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


def hashed(subject: str) -> str:
    """Return how the paths name a member: the MD5 of the lower-cased address.

    Lower-casing beyond ASCII may differ between Mailchimp and Python; such an address is given as it is, which the
    paths take too.
    """
    if not subject.isascii():
        return subject
    return hashlib.md5(subject.encode(), usedforsecurity=False).hexdigest()


def contact_of(member: Member, labels: tuple[str, ...] | None = None) -> Contact:
    """Return a member as a contact, with its own tags unless `labels` says better."""
    own = tuple(tag.name for tag in member.tags or ())
    return Contact(
        subject=member.subject,
        email=(member.email_address or "").strip(),
        status=_status(member.status),
        changed_at=instant(member.last_changed),
        labels=own if labels is None else labels,
    )


def carries(contact: Contact, label: str) -> bool:
    """Whether a contact has a label, letter case aside."""
    return fold(label) in map(fold, contact.labels)


def instant(text: str) -> Instant:
    """Return a time of Mailchimp's as an instant; 0 for none."""
    return int(datetime.fromisoformat(text).timestamp()) if text else 0


def iso(at: Instant) -> str:
    """Return an instant as Mailchimp reads it: with an offset and without fractions, which it refuses."""
    return datetime.fromtimestamp(max(0, at), UTC).isoformat()


def newcomer(change: Change, merge_fields: Mapping[str, str]) -> dict[str, Any]:
    """Return a contact to be created, as the batch call takes it.

    There is no `status` in it, ever: that key would change people who are there (law 1). `status_if_new` is
    subscribed only where the core says so.
    """
    create = change.create
    subscribed = create is not None and create.status is ContactStatus.SUBSCRIBED
    member: dict[str, Any] = {
        "email_address": change.email.strip() if identity(change.email) == change.subject else change.subject,
        "status_if_new": "subscribed" if subscribed else "transactional",
    }
    fields = create.fields if create else {}
    values = {tag: value for tag, name in merge_fields.items() if (value := fields.get(tag) or fields.get(name))}
    language = language_code(create.language) if create else None
    return member | ({"merge_fields": values} if values else {}) | ({"language": language} if language else {})


def language_code(locale: str | None) -> str | None:
    """Return Mailchimp's code of a language (`fr-CA` is fr_CA, `de-AT` is de); None for one it does not know."""
    if not locale:
        return None
    language, _, region = locale.replace("_", "-").partition("-")
    language = _OTHER_NAMES.get(language.lower(), language.lower())
    precise = f"{language}_{region.upper()}"
    return next((code for code in (precise, language) if code in _LANGUAGES), None)


def discreet(text: str, *addresses: str) -> str:
    """Return a service's words without anybody's address in them."""
    for address in addresses:
        if address:
            text = re.sub(re.escape(address), "the address", text, flags=re.IGNORECASE)
    return re.sub(r"[^\s\"'<>(),;:]+(?:@|%40)[\w-]+(?:\.[\w-]+)*", "the address", text)


def _status(text: str) -> ContactStatus:
    """A status that we do not know yet is treated like the archived: hands off."""
    try:
        return ContactStatus(text)
    except ValueError:
        return ContactStatus.ARCHIVED
