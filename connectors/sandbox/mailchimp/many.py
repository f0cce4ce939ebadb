"""The call that writes many contacts at once. Its status is 200 even if every one of them was refused."""

from __future__ import annotations

from typing import Any

from connectors.sandbox.mailchimp import bodies, forms, problems, query, upsert
from connectors.sandbox.mailchimp.audience import Audience
from connectors.sandbox.mailchimp.bodies import Upsert
from connectors.sandbox.mailchimp.call import Call
from connectors.sandbox.mailchimp.contacts import Contact, member_id

BATCH_MAX = 500
"""Contacts in one call."""


def write(call: Call) -> dict[str, Any]:
    """POST /lists/{list_id}: write up to 500 contacts."""
    audience = call.audience
    body = _batch_body(call.body)
    work = _Batch(call, audience, body)
    for member in body.members:
        work.write(member)
    return work.answer()


class _Batch:
    """One such call, contact by contact."""

    def __init__(self, call: Call, audience: Audience, body: bodies.Batch) -> None:
        self._world = call.world
        self._audience = audience
        self._body = body
        self._skip_merge = query.flag(call.query, "skip_merge_validation")
        self._skip_duplicates = query.flag(call.query, "skip_duplicate_check")
        self._seen: set[str] = set()
        self._created: list[Contact] = []
        self._updated: list[Contact] = []
        self._errors: list[dict[str, str]] = []

    def write(self, member: Upsert) -> None:
        """Write one contact, or note why not."""
        email = member.email_address if isinstance(member.email_address, str) else ""
        try:
            if not self._is_repeated(email):
                self._write(member, email)
        except problems.Problem as problem:
            field, message = problem.errors[0] if problem.errors else ("", "")
            self._note(email, problem.detail, field=field, field_message=message)

    def answer(self) -> dict[str, Any]:
        """Return what became of each."""
        shown = self._world.options.tags_shown
        return {
            "new_members": [forms.member(self._audience, contact, shown) for contact in self._created],
            "updated_members": [forms.member(self._audience, contact, shown) for contact in self._updated],
            "errors": self._errors,
            "total_created": len(self._created),
            "total_updated": len(self._updated),
            "error_count": len(self._errors),
            "_links": [],
        }

    def _is_repeated(self, email: str) -> bool:
        """Say whether an address came before in this call; without `skip_duplicate_check` that is an error."""
        key = member_id(email)
        if email and key in self._seen:
            if not self._skip_duplicates:
                self._note(email, f"{email} is in this request more than once; only the first was used.")
            return True
        self._seen.add(key)
        return False

    def _write(self, member: Upsert, email: str) -> None:
        contact = self._audience.find(upsert.address(member)) if "@" in email else None
        if contact is None:
            status = upsert.status_of_new(member)
            self._created.append(
                upsert.create(self._world, self._audience, member, status, skip_merge=self._skip_merge)
            )
        elif not self._body.update_existing:
            self._note(
                email,
                f"{email} is already a list member, do you want to update? "
                "please provide update_existing:true in the request body",
                code="ERROR_CONTACT_EXISTS",
            )
        else:
            self._update(contact, member)

    def _update(self, contact: Contact, member: Upsert) -> None:
        status = upsert.status_of_present(self._world, contact, member)
        upsert.update(self._world, self._audience, contact, member, status, skip_merge=self._skip_merge)
        if self._body.sync_tags and isinstance(member.tags, list):
            upsert.keep_only_tags(self._world, self._audience, contact, member.tags)
        self._updated.append(contact)

    def _note(self, email: str, text: str, code: str = "ERROR_GENERIC", **more: str) -> None:
        self._errors.append(
            {"email_address": email, "error": text, "error_code": code, "field": "", "field_message": ""} | more
        )


def _batch_body(raw: bytes) -> bodies.Batch:
    """Read the body; one that does not fit is refused whole."""
    value = bodies.without_nulls(bodies.parse(raw))
    members = value.get("members") if isinstance(value, dict) else None
    if isinstance(members, list):
        if len(members) > BATCH_MAX:
            message = f"There are too many items; please provide at most {BATCH_MAX}."
            raise problems.unvalidated(("members", message))
        value["members"] = [bodies.without_nulls(member) for member in members]
    body = bodies.read(value, bodies.Batch)
    for number, member in enumerate(body.members):
        if not isinstance(member.status, str) and not isinstance(member.status_if_new, str):
            message = "Data did not match any of the schemas described in anyOf."
            raise problems.unvalidated((f"members.item:{number}", message))
    return body
