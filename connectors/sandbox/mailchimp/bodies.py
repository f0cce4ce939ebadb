"""Request bodies: what they may hold, and what a body is told that does not fit."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from connectors.sandbox.mailchimp import problems
from connectors.sandbox.mailchimp.contacts import Status

T = TypeVar("T")

TwoFormatDateTime = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^$|^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$|^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}([+-]\d{2}:?\d{2}|Z)$"
    ),
]
"""The service's own name for it: two forms, neither with fractions of a second, or nothing."""


class Upsert(msgspec.Struct, kw_only=True):
    """A contact as a request writes it; what is UNSET was not said. Other keys are ignored."""

    email_address: str | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    status_if_new: Status | UnsetType = UNSET
    email_type: str | UnsetType = UNSET
    merge_fields: dict[str, Any] | UnsetType = UNSET
    interests: dict[str, bool] | UnsetType = UNSET
    language: str | UnsetType = UNSET
    vip: bool | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    timestamp_opt: TwoFormatDateTime | UnsetType = UNSET
    timestamp_signup: TwoFormatDateTime | UnsetType = UNSET
    ip_opt: str | UnsetType = UNSET
    ip_signup: str | UnsetType = UNSET


class Patch(Upsert, kw_only=True):
    """The same for PATCH, which cannot write `transactional`."""

    status: Literal["subscribed", "unsubscribed", "cleaned", "pending"] | UnsetType = UNSET


class Batch(msgspec.Struct, kw_only=True):
    """Many contacts at once."""

    members: list[Upsert]
    update_existing: bool = False
    sync_tags: bool = False


class NewSegment(msgspec.Struct, kw_only=True):
    """A segment to create, or what to change of one."""

    name: str
    static_segment: list[str] | UnsetType = UNSET
    options: dict[str, Any] | UnsetType = UNSET


class SegmentBatch(msgspec.Struct, kw_only=True):
    """Addresses to put into a static segment and to take out of it."""

    members_to_add: list[str] = []
    members_to_remove: list[str] = []


class SegmentMember(msgspec.Struct, kw_only=True):
    """One address to put into a static segment."""

    email_address: str


class TagMark(msgspec.Struct, kw_only=True):
    """A tag to put on (`active`) or to take off (`inactive`)."""

    name: str
    status: Literal["active", "inactive"]


class TagMarks(msgspec.Struct, kw_only=True):
    """Tags of one contact to put on or take off."""

    tags: list[TagMark]
    is_syncing: bool = False


def parse(body: bytes) -> Any:
    """Return a body as JSON; an empty one is an empty object.

    Raises:
        Problem: It is none.
    """
    try:
        return msgspec.json.decode(body) if body else {}
    except msgspec.DecodeError as error:
        detail = "We encountered an unspecified JSON parsing error. This usually means that your JSON is malformed."
        raise problems.Problem(400, "JSON Parse Error", detail) from error


def read(value: Any, kind: type[T]) -> T:
    """Return a parsed body as what it should be.

    Raises:
        Problem: It does not fit; the first thing that does not is named.
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise problems.unvalidated(_worded(str(error))) from error


def without_nulls(value: Any) -> Any:
    """Return an object without its null members: where the schema allows null, it means not said."""
    return {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else value


_AT = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<where>.*)`)?$", re.DOTALL)
_TYPES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "null": "NULL"}


def _worded(text: str) -> tuple[str, str]:
    """Turn msgspec's sentence into the field and the message that the service would name."""
    found = _AT.fullmatch(text)
    what, where = (found["what"], found["where"] or "") if found else (text, "")
    field = re.sub(r"\[(\d+)\]", r".item:\1", where).lstrip(".")
    if missing := re.match(r"Object missing required field `(\w+)`", what):
        return field, f"Required fields were not provided: {missing[1]}"
    if got := re.match(r"Expected `([^`|]+).*`, got `(\w+)`", what):
        expected, given = (_TYPES.get(word.strip(), word.strip()) for word in got.groups())
        return field, f"Schema describes {expected}, {given} found instead"
    if "enum value" in what:
        return field, "Data presented is not one of the accepted values."
    return field, what
