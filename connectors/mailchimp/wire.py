"""What Mailchimp is sent and says, in its own words: times, hashes, languages, contacts. No request is made here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.mailchimp.shapes import Member
from syncd.model import Change, Contact, ContactStatus, Instant, fold, identity

_LANGUAGES = frozenset(
    "en ar af be bg ca zh hr cs da nl et fa fi fr fr_CA de el he hi hu is id ga it ja km ko lv lt mt ms mk no pl pt "
    "pt_PT ro ru sr sk sl es es_ES sw sv ta th tr uk vi".split()
)
_OTHER_NAMES = {"nb": "no", "nn": "no", "iw": "he"}


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


def newcomer(change: Change, merge_fields: Mapping[str, str], labels: Sequence[str] = ()) -> dict[str, Any]:
    """Return a contact to be created with its first labels, as the batch call takes it.

    There is no `status` in it, ever: that key would change people who are there (law 1). `status_if_new` is
    subscribed only where the core says so. Tags are only ever added by it: `sync_tags` is what would replace them.
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
    more = {"merge_fields": values, "language": language, "tags": list(labels)}
    return member | {name: value for name, value in more.items() if value}


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
    if not text:
        return ""
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
