"""The segments of a list: tags by another name, and saved segments, which are kept but not evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from connectors.sandbox.mailchimp import bodies, forms, problems, query, upsert
from connectors.sandbox.mailchimp.audience import Audience
from connectors.sandbox.mailchimp.call import Call
from connectors.sandbox.mailchimp.contacts import Contact
from connectors.sandbox.mailchimp.tags import Segment

BATCH_MAX = 500
"""Addresses to add, and as many to remove, in one call."""

_HIDEABLE = ("cleaned", "transactional", "unsubscribed")


def all_segments(call: Call) -> dict[str, Any]:
    """GET /lists/{list_id}/segments."""
    audience = call.audience
    count, offset = query.page(call.query)
    found = [each for each in audience.segments if _matches(each, call.query)]
    include = _included(call)
    shown = [forms.segment(audience, each, include) for each in found[offset : offset + count]]
    return call.projection.apply(
        {"segments": shown, "list_id": audience.settings.id, "total_items": len(found), "_links": []}
    )


def create(call: Call) -> dict[str, Any]:
    """POST a segment: a tag with `static_segment`, a saved one with `options`."""
    audience = call.audience
    body = bodies.read(bodies.parse(call.body), bodies.NewSegment)
    _refuse_both(body)
    options = body.options if isinstance(body.options, dict) else None
    made = audience.segments.create(body.name, call.world.now, options)
    for contact in _present(audience, body.static_segment if isinstance(body.static_segment, list) else ()):
        _put_in(call, audience, contact, made)
    return forms.segment(audience, made, _included(call))


def get(call: Call) -> dict[str, Any]:
    """GET one segment."""
    return call.projection.apply(forms.segment(call.audience, call.segment, _included(call)))


def patch(call: Call) -> dict[str, Any]:
    """PATCH a segment's name, and who is in it: an empty `static_segment` takes everybody out."""
    audience, found = call.audience, call.segment
    body = bodies.read(bodies.parse(call.body), bodies.NewSegment)
    _refuse_both(body)
    if isinstance(body.static_segment, list):
        _require_static(found)
    audience.segments.rename(found, body.name)
    if isinstance(body.static_segment, list):
        _replace(call, audience, found, body.static_segment)
    if isinstance(body.options, dict) and found.type == "saved":
        found.options = body.options
    found.updated_at = call.world.now
    return forms.segment(audience, found, _included(call))


def delete(call: Call) -> None:
    """DELETE a segment; a tag is taken off everybody."""
    call.audience.delete_segment(call.segment)


def batch(call: Call) -> dict[str, Any]:
    """POST addresses to put in and to take out. Automations begin: this call knows no `is_syncing`."""
    audience, found = call.audience, call.segment
    body = bodies.read(bodies.parse(call.body), bodies.SegmentBatch)
    if max(len(body.members_to_add), len(body.members_to_remove)) > BATCH_MAX:
        raise problems.invalid(
            "Maximum allowed member items exceeded, please provide at most 500 items "
            "in members_to_add field or members_to_remove field"
        )
    _require_static(found)
    work = _Batch(call, audience)
    added = work.go(body.members_to_add, lambda contact: _put_in(call, audience, contact, found), "already in")
    removed = work.go(
        body.members_to_remove, lambda contact: upsert.take_tag(call.world, audience, contact, found), "not in"
    )
    found.updated_at = call.world.now
    return work.answer(added, removed)


def members(call: Call) -> dict[str, Any]:
    """GET the contacts in a segment; unsubscribed, cleaned and transactional ones are hidden unless asked for."""
    audience, found = call.audience, call.segment
    count, offset = query.page(call.query)
    included = _included(call)
    visible = audience.remembered((found.id, included), lambda: _visible(audience, found, included))
    projection = call.projection
    wanted, tags = projection.wanted("members"), call.world.options.tags_shown
    shown = [forms.member(audience, each, tags, wanted) for each in visible[offset : offset + count]]
    return projection.apply({"members": shown, "total_items": len(visible), "_links": []})


def add_member(call: Call) -> dict[str, Any]:
    """POST one address into a static segment."""
    audience, found = call.audience, call.segment
    body = bodies.read(bodies.parse(call.body), bodies.SegmentMember)
    _require_static(found)
    present = _present(audience, [body.email_address])
    if not present:
        raise problems.plain(404)
    _put_in(call, audience, present[0], found)
    return forms.member(audience, present[0], call.world.options.tags_shown)


def remove_member(call: Call) -> None:
    """DELETE one contact from a static segment."""
    _require_static(call.segment)
    if not upsert.take_tag(call.world, call.audience, call.hashed_contact, call.segment):
        raise problems.plain(404)


def tag_search(call: Call) -> dict[str, Any]:
    """GET the tags whose name begins with `name`; all of them without."""
    prefix = call.query.get("name", "").casefold()
    tags = [each for each in call.audience.segments if each.type == "static"]
    found = [{"id": each.id, "name": each.name} for each in tags if each.name.casefold().startswith(prefix)]
    return {"tags": found, "total_items": len(found)}


class _Batch:
    """One call that puts many in and takes many out; errors are grouped by their reason, without a code."""

    def __init__(self, call: Call, audience: Audience) -> None:
        self._world = call.world
        self._audience = audience
        self._errors: dict[str, list[str]] = {}

    def go(self, emails: list[str], change: Callable[[Contact], bool], repeated: str) -> list[Contact]:
        """Change each contact named; return those that the answer will name."""
        named = []
        for email in dict.fromkeys(emails):
            contact = self._welcome(email)
            if contact is None:
                continue
            if change(contact) or self._world.options.repeated == "named":
                named.append(contact)
            elif self._world.options.repeated == "errors":
                self._note(email, f"Email address is {repeated} this segment")
        return named

    def answer(self, added: list[Contact], removed: list[Contact]) -> dict[str, Any]:
        """Return what became of each."""
        shown = self._world.options.tags_shown
        errors = [{"email_addresses": emails, "error": reason} for reason, emails in self._errors.items()]
        return {
            "members_added": [forms.member(self._audience, each, shown) for each in added],
            "members_removed": [forms.member(self._audience, each, shown) for each in removed],
            "errors": errors,
            "total_added": len(added),
            "total_removed": len(removed),
            "error_count": len(errors),
            "_links": [],
        }

    def _welcome(self, email: str) -> Contact | None:
        """Return the contact that may be changed; else note why not."""
        refused = self._world.refusal("tagging", email)
        if refused is not None:
            self._note(email, refused.detail)
            return None
        present = _present(self._audience, [email])
        if present:
            return present[0]
        if self._world.options.absent == "errors":
            self._note(email, "Email address is not on this list")
        return None

    def _note(self, email: str, reason: str) -> None:
        self._errors.setdefault(reason, []).append(email)


def _included(call: Call) -> frozenset[str]:
    return frozenset(status for status in _HIDEABLE if query.flag(call.query, f"include_{status}"))


def _visible(audience: Audience, found: Segment, included: frozenset[str]) -> list[Contact]:
    states = {"subscribed", "pending"} | included
    everybody = (audience.contacts[each] for each in found.members)
    return [each for each in everybody if each.status in states]


def _matches(segment: Segment, asked: Any) -> bool:
    kind = asked.get("type")
    bounds = (
        (query.instant(asked, "since_created_at"), segment.created_at, 1),
        (query.instant(asked, "before_created_at"), segment.created_at, -1),
        (query.instant(asked, "since_updated_at"), segment.updated_at, 1),
        (query.instant(asked, "before_updated_at"), segment.updated_at, -1),
    )
    within = all(bound is None or (at - bound) * sign > 0 for bound, at, sign in bounds)
    return within and (not kind or segment.type == kind) and segment.type != asked.get("exclude_type")


def _present(audience: Audience, emails: Iterable[str]) -> list[Contact]:
    """Return the contacts of some addresses: those in the list, archived ones not."""
    found = (audience.find(email) for email in emails if "@" in email)
    return [contact for contact in found if contact is not None and contact.status != "archived"]


def _put_in(call: Call, audience: Audience, contact: Contact, tag: Segment) -> bool:
    return upsert.put_tag(call.world, audience, contact, tag.name)


def _replace(call: Call, audience: Audience, tag: Segment, emails: list[str]) -> None:
    wanted = {contact.id: contact for contact in _present(audience, emails)}
    for key in [key for key in tag.members if key not in wanted]:
        upsert.take_tag(call.world, audience, audience.contacts[key], tag)
    for contact in wanted.values():
        _put_in(call, audience, contact, tag)


def _refuse_both(body: bodies.NewSegment) -> None:
    if isinstance(body.static_segment, list) and isinstance(body.options, dict):
        raise problems.unvalidated(("static_segment", "This field cannot be provided with the options field."))


def _require_static(segment: Segment) -> None:
    if segment.type != "static":
        raise problems.invalid(f"A Static Segment with an id of {segment.id} does not exist for this list.")
