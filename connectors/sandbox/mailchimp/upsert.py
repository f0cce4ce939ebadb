"""Writing one contact, as every call that writes contacts does it: all is checked before anything is changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec import UNSET, UnsetType

from connectors.sandbox.mailchimp import consent, merge, problems
from connectors.sandbox.mailchimp.audience import Audience
from connectors.sandbox.mailchimp.bodies import Upsert
from connectors.sandbox.mailchimp.contacts import Contact, Status, member_id
from connectors.sandbox.mailchimp.tags import Segment
from connectors.sandbox.mailchimp.world import World


def create(world: World, audience: Audience, wanted: Upsert, status: Status, *, skip_merge: bool) -> Contact:
    """Take in somebody who is not there.

    Raises:
        Problem: The address, the person or the fields are refused.
    """
    email = address(wanted)
    consent.check_new(world, audience, email)
    _check_values(audience, {}, wanted, skip_merge=skip_merge)
    contact = consent.take_in(world, audience, email, status, "api")
    _write_values(audience, contact, wanted, world.now)
    add_tags(world, audience, contact, wanted)
    return contact


def update(
    world: World, audience: Audience, contact: Contact, wanted: Upsert, status: Status | None, *, skip_merge: bool
) -> None:
    """Change somebody who is there; with `status` None the subscription stays as it is.

    Raises:
        Problem: The status, the new address or the fields are refused.
    """
    if status is not None:
        consent.check_status(world, contact, status)
    _check_values(audience, contact.merge, wanted, skip_merge=skip_merge)
    _readdress(world, audience, contact, wanted)
    if status is not None:
        consent.give_status(world, audience, contact, status, "api")
    _write_values(audience, contact, wanted, world.now)
    add_tags(world, audience, contact, wanted)


def address(wanted: Upsert) -> str:
    """Return the address that a request names.

    Raises:
        Problem: It names none.
    """
    if wanted.email_address is UNSET or not wanted.email_address:
        raise problems.unvalidated(("email_address", "This value should not be blank."))
    return wanted.email_address


def status_of_new(wanted: Upsert) -> Status:
    """Return what somebody who is not there is taken in as.

    Raises:
        Problem: The request does not say.
    """
    if wanted.status_if_new is not UNSET:
        return wanted.status_if_new
    if wanted.status is not UNSET:
        return wanted.status
    raise problems.unvalidated(("status_if_new", "This value should not be blank."))


def status_of_present(world: World, contact: Contact, wanted: Upsert) -> Status | None:
    """Return what somebody who is there becomes; None to leave the subscription as it is."""
    if contact.status == "archived" and world.options.archived == "new" and wanted.status_if_new is not UNSET:
        return wanted.status_if_new
    return None if wanted.status is UNSET else wanted.status


def add_tags(world: World, audience: Audience, contact: Contact, wanted: Upsert) -> None:
    """Put the request's tags on; none is taken off. Automations begin: these calls know no `is_syncing`."""
    for name in () if wanted.tags is UNSET else wanted.tags:
        put_tag(world, audience, contact, name)


def put_tag(world: World, audience: Audience, contact: Contact, name: str, *, silently: bool = False) -> bool:
    """Put one tag on, made if need be; return whether it was not there."""
    tag = audience.segments.tag_or_create(name, world.now)
    if not audience.put_tag(contact, tag, world.now):
        return False
    moved(world, audience, contact)
    world.begin_automation(audience, contact, "api", tag.name, syncing=silently)
    return True


def take_tag(world: World, audience: Audience, contact: Contact, tag: Segment | None) -> bool:
    """Take one tag off; return whether it was there."""
    if tag is None or not audience.take_tag(contact, tag):
        return False
    moved(world, audience, contact)
    return True


def keep_only_tags(world: World, audience: Audience, contact: Contact, names: list[str]) -> None:
    """Take every tag off that is not named, whoever put it on: what `sync_tags` does."""
    kept = {name.strip().casefold() for name in names}
    for tag in list(audience.segments):
        if tag.id in contact.tags and tag.name.casefold() not in kept:
            take_tag(world, audience, contact, tag)


def moved(world: World, audience: Audience, contact: Contact) -> None:
    """Note that a contact's tags changed, where that counts as a change of the contact."""
    if world.options.tagging_moves_last_changed:
        audience.touch(contact, world.now)


def _readdress(world: World, audience: Audience, contact: Contact, wanted: Upsert) -> None:
    email = wanted.email_address
    if email is UNSET or member_id(email) == contact.id:
        return
    if contact.status != "subscribed":
        raise problems.invalid("Only the email address of a subscribed contact can be changed.")
    consent.check_new(world, audience, email)
    if audience.find(email) is not None:
        raise problems.member_exists(email)
    audience.readdress(contact, email, world.now)


def _check_values(audience: Audience, stored: dict[str, Any], wanted: Upsert, *, skip_merge: bool) -> None:
    sent = {} if wanted.merge_fields is UNSET else wanted.merge_fields
    merge.check(audience.settings.merge_fields, stored, sent, skip=skip_merge)
    for interest in () if wanted.interests is UNSET else wanted.interests:
        if interest not in audience.settings.interests:
            raise problems.invalid(f"Invalid interest ID: '{interest}'.")
    for name in () if wanted.tags is UNSET else wanted.tags:
        audience.segments.check_name(name)
    _moment("timestamp_opt", wanted.timestamp_opt, None)
    _moment("timestamp_signup", wanted.timestamp_signup, None)


def _write_values(audience: Audience, contact: Contact, wanted: Upsert, now: int) -> None:
    before = _values(contact)
    if wanted.merge_fields is not UNSET:
        kept = merge.stored(audience.settings.merge_fields, wanted.merge_fields)
        contact.merge = {**contact.merge, **kept}
    if wanted.interests is not UNSET:
        contact.interests = {**contact.interests, **wanted.interests}
    contact.language = _said(wanted.language, contact.language)
    contact.vip = _said(wanted.vip, contact.vip)
    contact.email_type = _said(wanted.email_type, contact.email_type)
    contact.opted_at = _moment("timestamp_opt", wanted.timestamp_opt, contact.opted_at)
    contact.signed_up_at = _moment("timestamp_signup", wanted.timestamp_signup, contact.signed_up_at)
    if before != _values(contact):
        audience.touch(contact, now)


def _values(contact: Contact) -> tuple[Any, ...]:
    plain = (contact.language, contact.vip, contact.email_type, contact.opted_at, contact.signed_up_at)
    return contact.merge, contact.interests, *plain


def _said(value: Any, present: Any) -> Any:
    return present if value is UNSET else value


def _moment(field: str, text: str | UnsetType, present: int | None) -> int | None:
    if text is UNSET or not text:
        return present
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise problems.unvalidated((field, "This value is not a valid datetime.")) from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
