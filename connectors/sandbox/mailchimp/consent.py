"""Who may be taken in and who may be subscribed: the service's rules, and what each change of status sets off.

Somebody who left by themselves, whose mail bounced, or who is under review cannot be subscribed by the API. Somebody
unsubscribed by an admin or by the API can, and is greeted like a new subscriber: the service protects nobody there.
"""

from __future__ import annotations

import re

from connectors.sandbox.mailchimp import problems
from connectors.sandbox.mailchimp.audience import Audience
from connectors.sandbox.mailchimp.contacts import Contact, State, Status, Who, member_id
from connectors.sandbox.mailchimp.world import World

_ADDRESS = re.compile(r"([^@\s,;<>()\[\]\"]+)@([^@\s,;<>()\[\]\"]+)")
_DOMAIN = re.compile(r"(?!-)[^.\s]+(\.[^.\s]+)+")
_ADDRESS_MAX = 254

_NOBODYS = frozenset(
    "example.com example.net example.org test.com mailinator.com guerrillamail.com yopmail.com trashmail.com".split()
)
"""Domains whose addresses look fake. `.example` itself is taken: the sandbox's own people live there."""

_ROLES = frozenset("abuse hostmaster mailer-daemon no-reply noreply postmaster root spam webmaster".split())


def check_address(email: str) -> None:
    """Make sure that an address could be somebody's.

    Raises:
        Problem: It is malformed, or looks fake.
    """
    shape = _ADDRESS.fullmatch(email)
    if shape is None or len(email) > _ADDRESS_MAX:
        raise problems.invalid("Please provide a valid email address.")
    domain = shape[2].lower()
    if not _DOMAIN.fullmatch(domain):
        detail = f"The domain portion of the email address is invalid (the portion after the @: {domain})"
        raise problems.invalid(detail)
    if domain in _NOBODYS or shape[1].lower() in _ROLES:
        raise problems.fake(email)


def check_new(world: World, audience: Audience, email: str) -> None:
    """Make sure that an address may be taken in by the API.

    Raises:
        Problem: It is malformed, looks fake, was deleted for good, or is refused.
    """
    check_address(email)
    if member_id(email) in audience.forgotten:
        raise problems.forgotten(email)
    refused = world.refusal("subscribing", email)
    if refused is not None:
        raise refused


def check_status(world: World, contact: Contact, status: Status) -> None:
    """Make sure that the API may give a contact a status.

    Raises:
        Problem: It would subscribe somebody who cannot be, or is refused.
    """
    if status != "subscribed" or contact.status == "subscribed":
        return
    if contact.locked is not None:
        raise problems.compliance(contact.email)
    refused = world.refusal("subscribing", contact.email)
    if refused is not None:
        raise refused


def take_in(world: World, audience: Audience, email: str, status: State, by: Who) -> Contact:
    """Add somebody who is not there, with everything that sets off."""
    contact = audience.add(email, status, by, world.now)
    _follow(world, audience, contact, by)
    return contact


def take_in_at(audience: Audience, email: str, status: State, by: Who, at: int) -> Contact:
    """Add somebody as if it had happened at another time; nothing is sent now."""
    contact = audience.add(email, status, by, at)
    _lock(contact, by)
    return contact


def give_status(world: World, audience: Audience, contact: Contact, status: State, by: Who) -> bool:
    """Change a contact's status, with everything that sets off; return whether it changed."""
    if contact.status == status:
        if status == "pending":
            world.mail_confirmation(audience, contact, by)
        return False
    audience.set_status(contact, status, by, world.now)
    _follow(world, audience, contact, by)
    return True


def _follow(world: World, audience: Audience, contact: Contact, by: Who) -> None:
    _lock(contact, by)
    if by in {"admin", "import"}:
        return  # the web application mails nobody whom its user adds
    if contact.status == "subscribed":
        world.mail_welcome(audience, contact, by)
    elif contact.status == "pending":
        world.mail_confirmation(audience, contact, by)


def _lock(contact: Contact, by: Who) -> None:
    """Keep the compliance state: cleaned locks whoever wrote it; leaving locks only who left by themselves."""
    if contact.status == "cleaned":
        contact.locked = "bounce"
    elif contact.status == "unsubscribed" and by == "self":
        contact.locked = "unsubscribe"
    elif contact.status == "subscribed":
        contact.locked = None
