"""The audience's own fields: what a contact must bring, and in which form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.mailchimp import problems
from connectors.sandbox.mailchimp.settings import MergeField

_ADDRESS_PARTS = ("addr1", "city", "state", "zip")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{2}/\d{2}/\d{4}")
_BIRTHDAY = re.compile(r"(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])")
_URL = re.compile(r"https?://\S+\.\S+")


def check(fields: tuple[MergeField, ...], stored: Mapping[str, Any], sent: Mapping[str, Any], *, skip: bool) -> None:
    """Make sure that a contact's fields will be complete and well formed.

    What is stored is looked at as well: a bad address stored earlier refuses an update that does not mention it.

    Args:
        fields: The audience's.
        stored: What the contact has.
        sent: What the request brings, by merge tag; unknown tags are ignored.
        skip: `skip_merge_validation`: nothing need be complete, and only what is sent must be well formed.

    Raises:
        Problem: With one error for every field that is not.
    """
    looked_at = dict(sent) if skip else {**stored, **sent}
    wrong = [(field.tag, _wrong(field, looked_at.get(field.tag), skip=skip)) for field in fields]
    errors = tuple((tag, message) for tag, message in wrong if message)
    if errors:
        raise problems.merge_fields(*errors)


def stored(fields: tuple[MergeField, ...], sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of the request is kept: the fields that the audience has."""
    known = {field.tag for field in fields}
    return {tag: value for tag, value in sent.items() if tag in known}


def _wrong(field: MergeField, value: Any, *, skip: bool) -> str:
    """Return what is wrong with a field's value in the service's words; empty for nothing."""
    if value is None or value == "":
        return "Please enter a value" if field.required and not skip else ""
    form, message = _FORMS.get(field.type, (None, ""))
    if form is not None and not form(value):
        return message
    if field.choices and value not in field.choices:
        return "Please select one of the choices"
    return ""


def _is_address(value: Any) -> bool:
    return isinstance(value, dict) and all(str(value.get(part) or "").strip() for part in _ADDRESS_PARTS)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _like(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


_FORMS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "address": (_is_address, "Please enter a complete address"),
    "number": (_is_number, "Please enter a number"),
    "date": (_like(_DATE), "Please enter the date"),
    "birthday": (_like(_BIRTHDAY), "Please enter a month (01-12) and a day (01-31)"),
    "url": (_like(_URL), "Please enter a valid URL"),
    "imageurl": (_like(_URL), "Please enter a valid URL"),
}
