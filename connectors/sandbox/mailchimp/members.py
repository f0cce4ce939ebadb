"""The contacts of a list, one by one and in pages, and their tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

import msgspec
from msgspec import UNSET

from connectors.sandbox.mailchimp import bodies, consent, forms, problems, query, upsert
from connectors.sandbox.mailchimp.audience import Audience
from connectors.sandbox.mailchimp.call import Call
from connectors.sandbox.mailchimp.contacts import Contact, State

_STATES = frozenset(get_args(State))
_FIELDS = frozenset({"timestamp_opt", "timestamp_signup", "last_changed"})
_ANSWERED = frozenset(
    {
        "status", "email_type", "unique_email_id", "vip_only", "since_timestamp_opt", "before_timestamp_opt",
        "since_last_changed", "before_last_changed", "unsubscribed_since", "sort_field", "sort_dir",
    }
)  # fmt: skip
_PAGING = frozenset({"count", "offset", "fields", "exclude_fields"})


def page(call: Call) -> dict[str, Any]:
    """GET /lists/{list_id}/members. Offset only: a list that changes meanwhile skips and repeats rows."""
    audience = call.audience
    count, offset = query.page(call.query)
    found = audience.remembered(_question(call.query), lambda: _matching(audience, call.query))
    projection = call.projection
    wanted, shown = projection.wanted("members"), call.world.options.tags_shown
    return projection.apply(
        {
            "members": [forms.member(audience, each, shown, wanted) for each in found[offset : offset + count]],
            "list_id": audience.settings.id,
            "total_items": len(found),
            "_links": [],
        }
    )


def get(call: Call) -> dict[str, Any]:
    """GET a contact, archived ones too."""
    return _shown(call, call.contact)


def create(call: Call) -> dict[str, Any]:
    """POST a contact that is not there."""
    wanted = bodies.read(bodies.parse(call.body), bodies.Upsert)
    email = upsert.address(wanted)
    if not isinstance(wanted.status, str):
        raise problems.unvalidated(("", "Required fields were not provided: status"))
    present = call.audience.find(email) if "@" in email else None
    if present is not None and not _counts_as_new(call, present):
        raise problems.member_exists(email)
    return _shown(call, _written(call, present, wanted, create_as=wanted.status))


def put(call: Call) -> dict[str, Any]:
    """PUT a contact: changed if there, else taken in."""
    wanted = bodies.read(bodies.parse(call.body), bodies.Upsert)
    upsert.address(wanted)
    present = call.audience.find(call.params["subscriber_hash"])
    return _shown(call, _written(call, present, wanted))


def patch(call: Call) -> dict[str, Any]:
    """PATCH a contact that is there. Tags are no part of this call: they are ignored."""
    contact = call.contact
    wanted = bodies.read(bodies.parse(call.body), bodies.Patch)
    return _shown(call, _written(call, contact, msgspec.structs.replace(wanted, tags=UNSET, status_if_new=UNSET)))


def archive(call: Call) -> None:
    """DELETE a contact: it is hidden, with all it has."""
    contact = call.contact
    if contact.status in {"archived", "pending", "cleaned"}:
        raise problems.unremovable()
    consent.give_status(call.world, call.audience, contact, "archived", "api")


def forget(call: Call) -> None:
    """POST …/actions/delete-permanent: the contact can never be written again, nor is it found."""
    call.audience.forget(call.hashed_contact, "api", call.world.now)


def tags(call: Call) -> dict[str, Any]:
    """GET all tags of a contact."""
    count, offset = query.page(call.query)
    found = forms.member_tags(call.audience, call.contact)
    return call.projection.apply({"tags": found[offset : offset + count], "total_items": len(found), "_links": []})


def mark(call: Call) -> None:
    """POST tags to put on and take off; with `is_syncing` no automation begins."""
    audience, contact = call.audience, call.hashed_contact
    body = bodies.read(bodies.parse(call.body), bodies.TagMarks)
    for each in body.tags:
        audience.segments.check_name(each.name)
    for each in body.tags:
        if each.status == "active":
            upsert.put_tag(call.world, audience, contact, each.name, silently=body.is_syncing)
        else:
            upsert.take_tag(call.world, audience, contact, audience.segments.tag(each.name))


def _written(call: Call, contact: Contact | None, wanted: bodies.Upsert, create_as: Any = None) -> Contact:
    skip = query.flag(call.query, "skip_merge_validation")
    world, audience = call.world, call.audience
    if contact is None:
        status = create_as or upsert.status_of_new(wanted)
        return upsert.create(world, audience, wanted, status, skip_merge=skip)
    status = create_as or upsert.status_of_present(world, contact, wanted)
    upsert.update(world, audience, contact, wanted, status, skip_merge=skip)
    return contact


def _counts_as_new(call: Call, contact: Contact) -> bool:
    return contact.status == "archived" and call.world.options.archived == "new"


def _shown(call: Call, contact: Contact) -> dict[str, Any]:
    projection = call.projection
    shown = forms.member(call.audience, contact, call.world.options.tags_shown, projection.wanted())
    return projection.apply(shown)


def _question(asked: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what decides which contacts are found; refuse what the simulated account cannot answer."""
    unknown = asked.keys() - _ANSWERED - _PAGING
    if unknown:
        detail = f"The simulated account does not know how to answer: {', '.join(sorted(unknown))}."
        raise problems.invalid(detail)
    return tuple(sorted((name, value) for name, value in asked.items() if name in _ANSWERED))


def _matching(audience: Audience, asked: Mapping[str, str]) -> Sequence[Contact]:
    field = query.choice(asked, "sort_field", _FIELDS)
    descending = query.choice(asked, "sort_dir", frozenset({"ASC", "DESC"})) == "DESC"
    return _sorted(_filtered(audience, asked, sort_field=field), field, descending=descending)


def _filtered(audience: Audience, asked: Mapping[str, str], sort_field: str | None) -> list[Contact]:
    """Return the contacts that every filter lets through; without `status`, archived ones are left out."""
    status = query.choice(asked, "status", _STATES)
    since = query.instant(asked, "since_last_changed")
    found = _candidates(audience, since, in_order_of_change=sort_field == "last_changed")
    found = [each for each in found if each.status == status or (status is None and each.status != "archived")]
    for name, attribute, later in _BOUNDS:
        bound = query.instant(asked, name)
        if bound is not None:
            found = [each for each in found if _beyond(getattr(each, attribute), bound, later=later)]
    if query.flag(asked, "vip_only"):
        found = [each for each in found if each.vip]
    if kind := asked.get("email_type"):
        found = [each for each in found if each.email_type == kind]
    if unique := asked.get("unique_email_id"):
        found = [each for each in found if forms.unique_email_id(each) == unique]
    return _left_since(found, asked)


_BOUNDS = (
    ("before_last_changed", "last_changed", False),
    ("since_timestamp_opt", "opted_at", True),
    ("before_timestamp_opt", "opted_at", False),
)


def _candidates(audience: Audience, since: int | None, *, in_order_of_change: bool) -> Iterable[Contact]:
    if since is not None or in_order_of_change:
        return audience.by_change(since)
    return audience.contacts.values()


def _left_since(found: list[Contact], asked: Mapping[str, str]) -> list[Contact]:
    since = query.instant(asked, "unsubscribed_since")
    if since is None:
        return found
    if asked.get("status") != "unsubscribed":
        message = "This filter can only be used with the status unsubscribed."
        raise problems.unvalidated(("unsubscribed_since", message))
    return [each for each in found if each.history[-1].at > since]


def _beyond(value: int | None, bound: int, *, later: bool) -> bool:
    """Compare strictly, as the published words say: changed *after*, *before*."""
    return value is not None and (value > bound if later else value < bound)


def _sorted(found: list[Contact], field: str | None, *, descending: bool) -> list[Contact]:
    if field == "timestamp_opt":
        found.sort(key=lambda each: each.opted_at or 0)
    elif field == "timestamp_signup":
        found.sort(key=lambda each: each.signed_up_at or 0)
    if descending and field is not None:
        found.reverse()
    return found
