"""How contacts, lists, segments and fields look in an answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from connectors.sandbox.mailchimp.audience import Audience
from connectors.sandbox.mailchimp.contacts import Contact, iso
from connectors.sandbox.mailchimp.settings import MergeField
from connectors.sandbox.mailchimp.tags import Segment

API = "https://us1.api.mailchimp.com/3.0"
"""What links begin with, wherever the simulated account really is."""


def member(
    audience: Audience, contact: Contact, tags_shown: int, wanted: frozenset[str] | None = None
) -> dict[str, Any]:
    """Return a contact; `wanted` names the fields to work out, None for all."""
    forms = _MEMBER.items() if wanted is None else ((name, _MEMBER[name]) for name in _MEMBER if name in wanted)
    return {name: form(audience, contact, tags_shown) for name, form in forms}


def member_tags(audience: Audience, contact: Contact) -> list[dict[str, Any]]:
    """Return all tags of a contact, in the order they were put on."""
    return [
        {"id": tag_id, "name": audience.segments[tag_id].name, "date_added": iso(added)}
        for tag_id, added in contact.tags.items()
    ]


def unique_email_id(contact: Contact) -> str:
    """Return what names an address in all lists."""
    return hashlib.md5(f"unique:{contact.id}".encode(), usedforsecurity=False).hexdigest()[:10]


def segment(audience: Audience, found: Segment, include: frozenset[str]) -> dict[str, Any]:
    """Return a segment; its count holds subscribed contacts, and those of the statuses in `include`."""
    shown: dict[str, Any] = {
        "id": found.id,
        "name": found.name,
        "member_count": found.counts["subscribed"] + sum(found.counts[status] for status in include),
        "type": found.type,
        "created_at": iso(found.created_at),
        "updated_at": iso(found.updated_at),
    }
    if found.options is not None:
        shown["options"] = found.options
    list_id = audience.settings.id
    return shown | {"list_id": list_id, "_links": [_link("self", f"/lists/{list_id}/segments/{found.id}")]}


def audience_list(audience: Audience, now: int) -> dict[str, Any]:
    """Return a list with its statistics, which may be five minutes old."""
    new = audience.settings
    return {
        "id": new.id,
        "web_id": 400_000 + audience.number,
        "subscribe_url_short": f"http://eepurl.com/{new.id}",
        "name": new.name,
        "contact": {"company": new.name, "address1": "", "city": "", "state": "", "zip": "", "country": "US"},
        "permission_reminder": "You signed up for news.",
        "use_archive_bar": False,
        "campaign_defaults": {"from_name": new.name, "from_email": "", "subject": "", "language": "en"},
        "notify_on_subscribe": "",
        "notify_on_unsubscribe": "",
        "date_created": iso(audience.created_at),
        "list_rating": 0,
        "email_type_option": False,
        "visibility": "prv",
        "double_optin": new.double_optin,
        "has_welcome": new.welcome,
        "marketing_permissions": False,
        "modules": [],
        "stats": _stats(audience, now),
        "_links": [_link("self", f"/lists/{new.id}")],
    }


def merge_field(audience: Audience, field: MergeField, number: int) -> dict[str, Any]:
    """Return a merge field."""
    return {
        "merge_id": number,
        "tag": field.tag,
        "name": field.name or field.tag,
        "type": field.type,
        "required": field.required,
        "default_value": "",
        "public": False,
        "display_order": number + 1,
        "options": {"choices": list(field.choices)} if field.choices else {},
        "help_text": "",
        "list_id": audience.settings.id,
        "_links": [_link("self", f"/lists/{audience.settings.id}/merge-fields/{number}")],
    }


def _stats(audience: Audience, now: int) -> dict[str, Any]:
    counts = audience.stats(now)
    return {
        "member_count": counts.get("subscribed", 0),
        "unsubscribe_count": counts.get("unsubscribed", 0),
        "cleaned_count": counts.get("cleaned", 0),
        "campaign_count": 0,
        "merge_field_count": len(audience.settings.merge_fields),
    }


def _merge_fields(audience: Audience, contact: Contact) -> dict[str, Any]:
    return {field.tag: contact.merge.get(field.tag, "") for field in audience.settings.merge_fields}


def _interests(audience: Audience, contact: Contact) -> dict[str, bool]:
    return {interest: contact.interests.get(interest, False) for interest in audience.settings.interests}


def _tags(audience: Audience, contact: Contact, shown: int) -> list[dict[str, Any]]:
    return [{"id": tag_id, "name": audience.segments[tag_id].name} for tag_id in list(contact.tags)[:shown]]


def _full_name(contact: Contact) -> str:
    return " ".join(str(contact.merge[tag]) for tag in ("FNAME", "LNAME") if contact.merge.get(tag))


def _source(contact: Contact) -> str:
    by = contact.history[0].by
    return {"api": "API - Generic", "self": "Hosted Signup Form", "import": "Import"}.get(by, "Admin Add")


def _moment(at: int | None) -> str:
    return "" if at is None else iso(at)


def _member_links(list_id: str, key: str) -> list[dict[str, str]]:
    return [
        _link("self", f"/lists/{list_id}/members/{key}"),
        _link("parent", f"/lists/{list_id}/members"),
        _link("delete_permanent", f"/lists/{list_id}/members/{key}/actions/delete-permanent", "POST"),
    ]


def _link(relation: str, path: str, method: str = "GET") -> dict[str, str]:
    return {"rel": relation, "href": API + path, "method": method}


_PLACE = {"latitude": 0, "longitude": 0, "gmtoff": 0, "dstoff": 0, "country_code": "", "timezone": ""}

Form = Callable[[Audience, Contact, int], Any]

_MEMBER: dict[str, Form] = {
    "id": lambda _, contact, __: contact.id,
    "email_address": lambda _, contact, __: contact.email,
    "unique_email_id": lambda _, contact, __: unique_email_id(contact),
    "contact_id": lambda _, contact, __: contact.contact_id,
    "full_name": lambda _, contact, __: _full_name(contact),
    "web_id": lambda _, contact, __: contact.web_id,
    "email_type": lambda _, contact, __: contact.email_type,
    "status": lambda _, contact, __: contact.status,
    "consents_to_one_to_one_messaging": lambda _, contact, __: contact.status == "subscribed",
    "merge_fields": lambda audience, contact, __: _merge_fields(audience, contact),
    "interests": lambda audience, contact, __: _interests(audience, contact),
    "stats": lambda *_: {"avg_open_rate": 0, "avg_click_rate": 0},
    "ip_signup": lambda *_: "",
    "timestamp_signup": lambda _, contact, __: _moment(contact.signed_up_at),
    "ip_opt": lambda *_: "",
    "timestamp_opt": lambda _, contact, __: _moment(contact.opted_at),
    "member_rating": lambda *_: 2,
    "last_changed": lambda _, contact, __: iso(contact.last_changed),
    "language": lambda _, contact, __: contact.language,
    "vip": lambda _, contact, __: contact.vip,
    "email_client": lambda *_: "",
    "location": lambda *_: dict(_PLACE),
    "source": lambda _, contact, __: _source(contact),
    "tags_count": lambda _, contact, __: len(contact.tags),
    "tags": _tags,
    "list_id": lambda audience, _, __: audience.settings.id,
    "_links": lambda audience, contact, __: _member_links(audience.settings.id, contact.id),
}
