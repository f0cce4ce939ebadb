"""The control API: changes the account as people and chance do, and shows the truth to tests.

| call | what it does |
|---|---|
| GET / · PATCH / | the account; `{"api_key", "options", "faults": [Fault…], "refuse": [Refusal…]}`, any of them |
| POST /lists | a new list (`NewList`) |
| GET /lists/ID/members | everybody: archived and forgotten too, with history and compliance state |
| POST /lists/ID/members | `Person`, or `{"members": [Person…]}`; bypasses every rule of the API |
| PATCH /lists/ID/members/KEY | `Edit`; KEY is a hash, a contact id or an address |
| DELETE /lists/ID/members/KEY | archived by an admin; forgotten with `?permanent=true` |
| GET /refused | whom a plan of faults has had refused so far, and why |
| GET · DELETE /calls | how often each thing was called; begin again |
| GET · DELETE /mail | what would have been sent (`?by=api`); begin again |
| GET · DELETE /taggings | which tags were put on whom, and which of them as `syncing`; begin again |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, Literal, Protocol
from urllib.parse import unquote

import msgspec

from connectors.sandbox.calls import Calls
from connectors.sandbox.exchange import Request, Response, json_response
from connectors.sandbox.faults.falling import Faults
from connectors.sandbox.faults.plan import Fault
from connectors.sandbox.mailchimp import bodies, consent, problems
from connectors.sandbox.mailchimp.audience import Audience
from connectors.sandbox.mailchimp.contacts import Contact, State, StatusChange, Who, iso
from connectors.sandbox.mailchimp.settings import NewList, Options, Refusal
from connectors.sandbox.mailchimp.world import World


class Person(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Somebody to put into a list. `at` is when it happened, UTC seconds; None for now."""

    email_address: str
    status: State = "subscribed"
    by: Who = "admin"
    at: int | None = None
    tags: list[str] = []
    merge_fields: dict[str, Any] = {}


class Edit(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What happens to somebody.

    Attributes:
        status: `forgotten` deletes for good. `unsubscribed` by `self` cannot be undone by the API, by `admin` it can;
            `cleaned` is a bounce; `subscribed` by `self` is a form filled in, or a confirmation.
        by: Who does it.
        under_review: Put into, or let out of, compliance review.
        merge_fields: Stored as they are, valid or not.
    """

    status: Literal[State, "forgotten"] | None = None
    by: Who = "admin"
    under_review: bool | None = None
    add_tags: list[str] = []
    remove_tags: list[str] = []
    merge_fields: dict[str, Any] = {}


class Changes(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What of the account to change; None leaves it."""

    api_key: str | None = None
    options: dict[str, Any] | None = None
    faults: list[Fault] | None = None
    refuse: list[Refusal] | None = None


class Keyed(Protocol):
    """What holds the account's key."""

    api_key: str


class Control:
    """Answers the control API. The account lets one call in at a time."""

    def __init__(self, door: Keyed, world: World, calls: Calls, faults: Faults) -> None:
        """Look at these, and change them."""
        self._door = door
        self._world = world
        self._calls = calls
        self._faults = faults
        self._answers: dict[tuple[str, str], Callable[[Request, list[str]], Any]] = {
            ("GET", ""): lambda *_: self._account(),
            ("PATCH", ""): self._change_account,
            ("POST", "lists"): self._open_list,
            ("GET", "lists/*/members"): self._truth,
            ("POST", "lists/*/members"): self._add,
            ("PATCH", "lists/*/members/*"): self._edit,
            ("DELETE", "lists/*/members/*"): self._remove,
            ("GET", "refused"): lambda *_: {"refused": self._world.drawn()},
            ("GET", "calls"): lambda *_: self._calls.told(),
            ("DELETE", "calls"): lambda *_: self._calls.forget(),
            ("GET", "mail"): self._mail,
            ("DELETE", "mail"): lambda *_: self._world.outbox.clear(),
            ("GET", "taggings"): lambda *_: self._taggings(),
            ("DELETE", "taggings"): lambda *_: self._world.taggings.clear(),
        }

    def answer(self, request: Request) -> Response:
        """Answer one call; what is wrong with it is told as a problem document."""
        parts = [unquote(part) for part in request.path.strip("/").split("/")]
        shape = "/".join("*" if number % 2 and parts[0] == "lists" else part for number, part in enumerate(parts))
        try:
            act = self._answers.get((request.method.upper(), shape))
            if act is None:
                raise problems.plain(404)
            value = act(request, parts[1::2])
        except problems.Problem as problem:
            return problem.response("control")
        return Response(status=204) if value is None else json_response(value)

    def _account(self) -> dict[str, Any]:
        return {
            "api_key": self._door.api_key,
            "options": self._world.options,
            "faults_left": self._faults.left,
            "lists": [{"id": each.settings.id, "name": each.settings.name} for each in self._world.audiences.values()],
        }

    def _change_account(self, request: Request, _: list[str]) -> dict[str, Any]:
        changes = bodies.read(bodies.parse(request.body), Changes)
        if changes.options is not None:
            present = msgspec.to_builtins(self._world.options)
            self._world.options = bodies.read(present | changes.options, Options)
        if changes.api_key is not None:
            self._door.api_key = changes.api_key
        if changes.faults is not None:
            self._faults.expect(changes.faults)
        self._world.refuse(changes.refuse or ())
        return self._account()

    def _open_list(self, request: Request, _: list[str]) -> NewList:
        return self._world.open_list(bodies.read(bodies.parse(request.body), NewList)).settings

    def _truth(self, _: Request, keys: list[str]) -> dict[str, Any]:
        audience = self._audience(keys)
        members = [_shown(audience, contact) for contact in audience.contacts.values()]
        members += [_forgotten(each.id, each.history) for each in audience.forgotten.values()]
        return {"members": members, "total_items": len(members)}

    def _add(self, request: Request, keys: list[str]) -> dict[str, Any]:
        audience = self._audience(keys)
        value = bodies.parse(request.body)
        many = value.get("members") if isinstance(value, dict) else None
        people = bodies.read([value] if many is None else many, list[Person])
        for person in people:
            self._take_in(audience, person)
        return {"added": len(people)}

    def _take_in(self, audience: Audience, person: Person) -> None:
        if audience.find(person.email_address) is not None:
            raise problems.member_exists(person.email_address)
        if person.at is None:
            contact = consent.take_in(self._world, audience, person.email_address, person.status, person.by)
        else:
            contact = consent.take_in_at(audience, person.email_address, person.status, person.by, person.at)
        contact.merge = dict(person.merge_fields)
        for name in person.tags:
            at = contact.last_changed
            audience.put_tag(contact, audience.segments.tag_or_create(name, at), at)

    def _edit(self, request: Request, keys: list[str]) -> dict[str, Any] | None:
        audience = self._audience(keys)
        contact = self._contact(audience, keys)
        edit = bodies.read(bodies.parse(request.body), Edit)
        if edit.status == "forgotten":
            audience.forget(contact, edit.by, self._world.now)
            return None
        if edit.status is not None:
            consent.give_status(self._world, audience, contact, edit.status, edit.by)
        if edit.under_review is not None:
            contact.locked = "review" if edit.under_review else None
        self._tag_by_hand(audience, contact, edit)
        if edit.merge_fields:
            contact.merge = {**contact.merge, **edit.merge_fields}
            audience.touch(contact, self._world.now)
        return _shown(audience, contact)

    def _tag_by_hand(self, audience: Audience, contact: Contact, edit: Edit) -> None:
        moved = False
        for name in edit.add_tags:
            tag = audience.segments.tag_or_create(name, self._world.now)
            if audience.put_tag(contact, tag, self._world.now):
                self._world.begin_automation(audience, contact, edit.by, tag.name)
                moved = True
        for name in edit.remove_tags:
            found = audience.segments.tag(name)
            moved = (found is not None and audience.take_tag(contact, found)) or moved
        if moved and self._world.options.tagging_moves_last_changed:
            audience.touch(contact, self._world.now)

    def _remove(self, request: Request, keys: list[str]) -> None:
        audience = self._audience(keys)
        contact = self._contact(audience, keys)
        if request.query.get("permanent") == "true":
            audience.forget(contact, "admin", self._world.now)
        else:
            consent.give_status(self._world, audience, contact, "archived", "admin")

    def _mail(self, request: Request, _: list[str]) -> dict[str, Any]:
        mails = self._world.outbox.caused_by(request.query.get("by"))
        return {"mails": mails, "counts": Counter(mail.kind for mail in mails), "total_items": len(mails)}

    def _taggings(self) -> dict[str, Any]:
        made = self._world.taggings
        counts = Counter("syncing" if each.syncing else "starting" for each in made)
        return {"taggings": made, "counts": counts, "total_items": len(made)}

    def _audience(self, keys: list[str]) -> Audience:
        found = self._world.audiences.get(keys[0])
        if found is None:
            raise problems.plain(404)
        return found

    def _contact(self, audience: Audience, keys: list[str]) -> Contact:
        found = audience.find(keys[1])
        if found is None:
            raise problems.plain(404)
        return found


def _shown(audience: Audience, contact: Contact) -> dict[str, Any]:
    return {
        "id": contact.id,
        "email_address": contact.email,
        "status": contact.status,
        "by": contact.history[-1].by,
        "locked": contact.locked,
        "tags": sorted(audience.segments[tag_id].name for tag_id in contact.tags),
        "merge_fields": contact.merge,
        "last_changed": iso(contact.last_changed),
        "history": [_step(each) for each in contact.history],
    }


def _forgotten(key: str, history: tuple[StatusChange, ...]) -> dict[str, Any]:
    return {
        "id": key,
        "email_address": None,
        "status": "forgotten",
        "by": history[-1].by,
        "locked": None,
        "tags": [],
        "merge_fields": {},
        "last_changed": iso(history[-1].at),
        "history": [_step(each) for each in history],
    }


def _step(change: StatusChange) -> dict[str, Any]:
    return {"at": iso(change.at), "was": change.was, "status": change.status, "by": change.by}
